//! HTTP/1: the descriptor. See the page.

mod auth;
mod meaning;
mod session;
mod wire;

use crate::{Hint, Probe, Protocol, Verdict, field, plain_notation};

/// HTTP/1.0 and 1.1 (RFC 9110, RFC 9112); HTTP/2 over clear text is recognised (RFC 9113, 3.4).
pub static PROTOCOL: Protocol = Protocol {
    name: "http",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Tcp(80), Hint::Tcp(8080), Hint::Tcp(8000), Hint::Tcp(8888), Hint::Inside("http")],
    operations: meaning::OPERATIONS,
    fields: &[
        field("agent", "what the client calls itself"),
        field("clear_text", "credentials crossed the network readable"),
        field("content_type", "type of the answer's body"),
        field("default_credential", "user and password are published defaults"),
        field("file", "name under which the answer is to be kept"),
        field("host", "host named in the request"),
        field("length", "length of the answer's body in bytes"),
        field("password", "masked"),
        field("scheme", "how the client signs in: bearer, digest, negotiate, ntlm"),
        field("status", "status of the answer"),
        field("upgrade", "protocol that takes over the connection"),
        field("user", "user name"),
    ],
    spaces: &["path"],
    carrier: true,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// A start line with its version is certain; the front of one needs a hint or the other side.
fn identify(probe: &Probe<'_>) -> Verdict {
    if !probe.transport.is_stream() {
        return Verdict::No;
    }
    match probe.bytes.iter().take(4096).any(|b| *b == b'\n') {
        true if wire::is_start(probe.bytes) && !meaning::is_tail(probe.bytes) => Verdict::Sure,
        true if wire::simple(probe.bytes).is_some() => Verdict::Likely,
        false if wire::begins(probe.bytes) => Verdict::Maybe,
        _ => Verdict::No,
    }
}
