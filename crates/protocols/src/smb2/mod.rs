//! SMB 2 and 3: the descriptor. See the page.

mod files;
mod identity;
mod meaning;
mod opening;
mod session;
mod wire;

use crate::{Goal, Hint, Probe, Protocol, Transport, Verdict, field};

/// Server Message Block, versions 2 and 3 ([MS-SMB2]).
pub static PROTOCOL: Protocol = Protocol {
    name: "smb2",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Inside("nbss")],
    operations: meaning::OPERATIONS,
    fields: &[
        field("access", "rights asked for, or the most the share gives"),
        field("action", "what opening did: opened, created, overwritten, superseded"),
        field("algorithm", "compression algorithm, by number"),
        field("authentication", "how the user signs in: kerberos, ntlm_v1, ntlm_v2, lm, anonymous"),
        field("capabilities", "capabilities of the side that chose or offered"),
        field("client_guid", "the client's own identifier"),
        field("compression", "compression algorithms chosen"),
        field("control", "name of a control code"),
        field("control_code", "control code that has no name here"),
        field("delete", "the file is marked to be deleted, or no longer"),
        field("dialect", "version agreed"),
        field("dialects", "versions offered"),
        field("disposition", "what is to happen where the file exists or not"),
        field("domain", "domain of the user"),
        field("encrypted_size", "bytes before encryption"),
        field("encryption", "cipher chosen"),
        field("information", "information class read or set"),
        field("length", "bytes asked for or written"),
        field("mechanisms", "authentication mechanisms offered"),
        field("new_name", "new name of the file"),
        field("offset", "where in the file, or in front of compressed data"),
        field("options", "directory, delete_on_close"),
        field("original_size", "bytes before compression"),
        field("pattern", "names looked for in a directory, or a path asked about"),
        field("realm", "Kerberos realm of the service"),
        field("server_guid", "the server's own identifier"),
        field("server_start_time", "when the server started"),
        field("server_time", "the server's clock"),
        field("service", "service a Kerberos ticket is for"),
        field("session_flags", "guest, anonymous, or encryption demanded"),
        field("share_type", "disk, pipe or printer"),
        field("signing", "enabled or required; of the server in the answer"),
        field("signing_algorithm", "signing algorithm chosen"),
        field("size", "size of the file in bytes"),
        field("status", "status of the answer, unless it is success"),
        field("user", "user that signs in"),
        field("workstation", "name of the user's machine"),
    ],
    spaces: &["share", "file", "directory", "pipe", "path", "handle", "control"],
    carrier: true,
    identify,
    session: session::new,
    notation,
};

fn identify(probe: &Probe<'_>) -> Verdict {
    if !matches!(probe.transport, Transport::Inside("nbss")) {
        return Verdict::No;
    }
    match probe.bytes {
        [0xfe, b'S', b'M', b'B', 64, 0, ..] => Verdict::Sure,
        [0xfd | 0xfc, b'S', b'M', b'B', ..] => Verdict::Sure,
        _ => Verdict::No,
    }
}

/// Paths stand for themselves, share first: `ADMIN$\tools\run.exe`.
fn notation(goal: &Goal, name: &str, text: &mut String) {
    match goal.space {
        "share" | "file" | "directory" | "pipe" | "path" if !goal.name.is_empty() => text.push_str(name),
        _ => crate::plain_notation(goal, name, text),
    }
}
