//! What is done, and how it ended.

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident $word:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vmeta])* $variant),* }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// The word used in every output.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }

            /// The value a word stands for.
            pub fn from_word(word: &str) -> Option<$name> {
                match word { $($word => Some($name::$variant),)* _ => None }
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result { f.write_str(self.word()) }
        }
    };
}
pub(crate) use words;

words! {
    /// What an operation does to its subject. Detections, baselines and the console speak in these.
    Class {
        /// Asks or tells who a device is.
        Identify "identify",
        /// Reads process data or configuration values.
        Read "read",
        /// Changes a value: a register, tag, property, parameter.
        Write "write",
        /// Acts on the process: select/operate, breaker commands, forced outputs.
        Operate "operate",
        /// Changes how a device is set up: addresses, names, clocks, routing, object creation.
        Configure "configure",
        /// Moves, starts to move, deletes or activates control program.
        Program "program",
        /// Moves or activates firmware.
        Firmware "firmware",
        /// Starts, stops, restarts a device or changes its mode.
        Mode "mode",
        /// Opens, keeps or closes a session; authentication.
        Session "session",
        /// Counters, status, test and trouble functions.
        Diagnose "diagnose",
        /// Moves, lists or deletes files.
        File "file",
        /// Not known: a private or reserved code.
        Unknown "unknown",
    }
}

/// How an operation ended, as far as the wire tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Answered, or by its nature unanswered (broadcasts, unsolicited data).
    Ok,
    /// Answered with an error; the protocol's own code.
    Refused(u32),
    /// Not answered in time, although the answering side is visible.
    NoReply,
    /// The answer was seen, the request was not.
    ReplyOnly,
    /// Whether it was answered cannot be told: bytes are missing, only one side is visible, or the capture ends.
    Unseen,
}

impl Outcome {
    /// The word used in every output; a refusal's code stands beside it.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Refused(_) => "refused",
            Outcome::NoReply => "no_reply",
            Outcome::ReplyOnly => "reply_only",
            Outcome::Unseen => "unseen",
        }
    }
}
