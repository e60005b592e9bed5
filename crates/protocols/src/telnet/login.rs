//! The text of a terminal, watched for one thing: who signs in. Everything is decided byte by byte, so that it does
//! not matter how the stream was cut. What is typed elsewhere is not kept: it may be a secret.

use crate::text;

/// Longest line kept of the server, in bytes: greetings and prompts are shorter.
const MAX_LINE: usize = 160;
/// Lines of a greeting kept: what a device says of itself stands in the first ones.
const MAX_LINES: usize = 8;
/// Longest name or password kept while it is typed, in bytes.
const MAX_TYPED: usize = 128;

/// How prompts end, in lower case, without spaces.
const USER_PROMPTS: [&str; 7] = ["login:", "username:", "user:", "logon:", "userid:", "loginname:", "account:"];
const PASSWORD_PROMPTS: [&str; 4] = ["password:", "passwd:", "passcode:", "passwort:"];
/// Lines about earlier sessions end like prompts.
const NO_PROMPTS: [&str; 4] = ["lastlogin:", "unsuccessfullogin:", "failedlogin:", "lastlogon:"];
/// Words of a refused sign-in, in lower case, without spaces.
const REFUSALS: [&str; 15] = [
    "incorrect",
    "invalid",
    "loginfailed",
    "authenticationfailed",
    "failure",
    "denied",
    "badpassword",
    "wrong",
    "unauthorized",
    "notauthorized",
    "rejected",
    "refused",
    "locked",
    "unknownuser",
    "tryagain",
];

/// What a prompt asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// A name.
    User,
    /// A password.
    Password,
}

/// What a byte of a server's text completes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Nothing.
    Nothing,
    /// A prompt.
    Prompt(Asks),
    /// A line with words; `true` where they refuse.
    Line(bool),
}

/// The text of one direction.
#[derive(Debug)]
pub struct Screen {
    line: Vec<u8>,
    /// The line was seen from its beginning.
    whole: bool,
    /// Nothing is missing since the conversation began.
    from_start: bool,
    lines: Vec<Vec<u8>>,
    escape: bool,
}

impl Screen {
    /// An empty one. `from_start`: its first byte is the conversation's first.
    pub fn new() -> Screen {
        Screen { line: Vec::new(), whole: true, from_start: true, lines: Vec::new(), escape: false }
    }

    /// Bytes are missing here.
    pub fn gap(&mut self) {
        self.line.clear();
        self.whole = false;
        self.from_start = false;
        self.escape = false;
    }

    /// The lines of the greeting, and whether they are all there are.
    pub fn take_lines(&mut self) -> (Vec<Vec<u8>>, bool) {
        (core::mem::take(&mut self.lines), self.from_start)
    }

    /// What stands in the line is dealt with.
    pub fn clear_line(&mut self) {
        self.line.clear();
    }

    /// The line being written, where its beginning was seen.
    pub fn line(&self) -> &[u8] {
        if self.whole { &self.line } else { &[] }
    }

    /// The next byte.
    pub fn feed(&mut self, byte: u8) -> Seen {
        // terminal control sequences (ESC [ … letter) are no text
        if byte == 0x1b {
            self.escape = true;
            return Seen::Nothing;
        }
        if self.escape {
            self.escape = !byte.is_ascii_alphabetic();
            return Seen::Nothing;
        }
        match byte {
            b'\r' | b'\n' => {
                let words = self.line.iter().any(u8::is_ascii_alphanumeric);
                let seen = if words { Seen::Line(refuses(&squeeze(&self.line))) } else { Seen::Nothing };
                if words && self.whole && self.lines.len() < MAX_LINES {
                    self.lines.push(self.line.clone());
                }
                self.line.clear();
                self.whole = true;
                seen
            }
            0x08 | 0x7f => {
                self.line.pop();
                Seen::Nothing
            }
            byte if byte >= 0x20 && self.line.len() < MAX_LINE => {
                self.line.push(byte);
                if byte == b':' { self.prompt() } else { Seen::Nothing }
            }
            _ => Seen::Nothing,
        }
    }

    fn prompt(&self) -> Seen {
        let line = squeeze(&self.line);
        let ends = |list: &[&str]| list.iter().any(|word| line.ends_with(word));
        if ends(&PASSWORD_PROMPTS) {
            Seen::Prompt(Asks::Password)
        } else if ends(&USER_PROMPTS) && !ends(&NO_PROMPTS) {
            Seen::Prompt(Asks::User)
        } else {
            Seen::Nothing
        }
    }
}

/// The name of the host in a prompt of the form `host login:`.
pub fn host_of(prompt: &[u8]) -> Option<String> {
    let clean = text::clean(prompt);
    let mut words = clean.split_whitespace();
    let (host, word) = (words.next()?, words.next()?);
    let plain = host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    let is_form = words.next().is_none() && word == "login:" && plain;
    is_form.then(|| host.to_string())
}

/// What a line before the login says in the form that the BSD systems write unasked, `OpenBSD/i386 (host) (ttyp2)`: system
/// and host name.
pub fn system_of(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split_whitespace();
    let (system, _) = words.next()?.split_once('/')?;
    let host = words.next()?.strip_prefix('(')?.strip_suffix(')')?;
    let terminal = words.next()?.strip_prefix("(tty")?.strip_suffix(')')?;
    let plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    (plain(system) && plain(host) && plain(terminal) && words.next().is_none()).then_some((system, host))
}

fn squeeze(line: &[u8]) -> String {
    line.iter().filter(|b| b.is_ascii_graphic()).map(|b| char::from(b.to_ascii_lowercase())).collect()
}

fn refuses(line: &str) -> bool {
    REFUSALS.iter().any(|word| line.contains(word))
}

/// What is being typed: a name or a password.
#[derive(Debug, Default)]
pub struct Typed {
    bytes: Vec<u8>,
    /// The line end came as CR; a LF or NUL behind it belongs to it.
    after_cr: bool,
}

impl Typed {
    /// Nothing was typed yet.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// The next byte; the line when it is complete.
    pub fn feed(&mut self, byte: u8) -> Option<Vec<u8>> {
        let after_cr = core::mem::replace(&mut self.after_cr, byte == b'\r');
        match byte {
            b'\n' | 0 if after_cr => None,
            b'\r' | b'\n' => Some(core::mem::take(&mut self.bytes)),
            0x08 | 0x7f => {
                self.bytes.pop();
                None
            }
            byte if byte >= 0x20 && self.bytes.len() < MAX_TYPED => {
                self.bytes.push(byte);
                None
            }
            _ => None,
        }
    }
}
