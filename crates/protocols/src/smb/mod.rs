//! SMB 1: the descriptor. See the page.

mod files;
mod meaning;
mod opening;
mod session;
mod transact;
mod wire;

use crate::{Goal, Hint, Probe, Protocol, Transport, Verdict, field};

/// Server Message Block, version 1: CIFS ([MS-CIFS], [MS-SMB]).
pub static PROTOCOL: Protocol = Protocol {
    name: "smb",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Inside("nbss")],
    operations: meaning::OPERATIONS,
    fields: &[
        field("action", "what opening did: opened, created, overwritten, superseded"),
        field("authentication", "how the user signs in: kerberos, ntlm_v1, ntlm_v2, lm, anonymous, plain_text"),
        field("capabilities", "capabilities of the server"),
        field("clear_text", "the password is sent without any protection"),
        field("default_credential", "user and password are published defaults"),
        field("delete", "the file is marked to be deleted, or no longer"),
        field("dialect", "dialect agreed"),
        field("dialects", "dialects offered"),
        field("disposition", "what is to happen where the file exists or not"),
        field("domain", "domain of the user, or of the server in its answer to a negotiation"),
        field("guest", "the user was let in as a guest"),
        field("information_level", "information level read or set, by number"),
        field("lan_manager", "the client's software for networks, in its words"),
        field("length", "bytes asked for or written"),
        field("mechanisms", "authentication mechanisms the server offers"),
        field("mid", "multiplex id of a transaction or of an answer without its request"),
        field("native_file_system", "file system of the share"),
        field("native_os", "the client's operating system, in its words"),
        field("new_name", "new name of the file"),
        field("offset", "where in the file"),
        field("password", "masked password, where it is sent without protection"),
        field("realm", "Kerberos realm of the service"),
        field("reserved", "reserved fields, or'ed, where they are not 0"),
        field("server_guid", "the server's own identifier"),
        field("server_lan_manager", "the server's software for networks, in its words"),
        field("server_native_os", "the server's operating system, in its words"),
        field("server_time", "the server's clock"),
        field("service", "kind of share asked for or given, or service a Kerberos ticket is for"),
        field("signing", "off, enabled or required, by the server"),
        field("size", "size of the file in bytes"),
        field("status", "status of the answer, unless it is success"),
        field("timeout_ms", "timeout of a transaction, in milliseconds"),
        field("total_data", "data bytes a transaction announces"),
        field("total_parameters", "parameter bytes a transaction announces"),
        field("user", "user that signs in"),
        field("workstation", "name of the user's machine"),
    ],
    spaces: &["share", "file", "directory", "pipe", "path", "handle"],
    carrier: true,
    identify,
    session: session::new,
    notation,
};

fn identify(probe: &Probe<'_>) -> Verdict {
    match probe.transport {
        Transport::Inside("nbss") if probe.bytes.starts_with(&[0xff, b'S', b'M', b'B']) => Verdict::Sure,
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
