//! TLS: the descriptor. See the page.

mod meaning;
mod old;
mod session;
mod wire;

use self::wire::Kind;
use crate::{Hint, Probe, Protocol, Verdict, field, plain_notation};

/// SSL 2 (its opening), SSL 3, TLS 1.0 to 1.3 (RFC 6101, 2246, 4346, 5246, 8446).
pub static PROTOCOL: Protocol = Protocol {
    name: "tls",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[
        Hint::Tcp(443),
        Hint::Tcp(465),
        Hint::Tcp(636),
        Hint::Tcp(853),
        Hint::Tcp(989),
        Hint::Tcp(990),
        Hint::Tcp(992),
        Hint::Tcp(993),
        Hint::Tcp(995),
        Hint::Tcp(2221),
        Hint::Tcp(4843),
        Hint::Tcp(5061),
        Hint::Tcp(8443),
        Hint::Tcp(8883),
        Hint::Tcp(19998),
        Hint::Inside("ftp"),
        Hint::Inside("http"),
        Hint::Inside("tpkt"),
    ],
    operations: meaning::OPERATIONS,
    fields: &[
        field("alert", "alert that refused the handshake"),
        field("asks_again", "the server wants another hello"),
        field("chain", "certificates sent"),
        field("cipher", "cipher suite chosen"),
        field("encrypted_hello", "the true hello is encrypted inside"),
        field("form", "form of the hello, where it is that of SSL 2"),
        field("group", "group for key exchange"),
        field("issuer", "who issued the certificate"),
        field("key", "kind and size of the certificate's key in bits"),
        field("level", "level of an alert: warning or fatal"),
        field("names", "names the certificate is also for"),
        field("not_after", "end of the certificate's validity"),
        field("not_before", "beginning of the certificate's validity"),
        field("offered_protocols", "application protocols the client offers"),
        field("offered_version", "highest version the client offers"),
        field("protocol", "application protocol chosen"),
        field("resumed", "an earlier session is taken up again"),
        field("self_issued", "subject and issuer are the same"),
        field("serial", "serial number of the certificate, hexadecimal"),
        field("signature", "algorithm of the certificate's signature"),
        field("subject", "whom the certificate names"),
        field("version", "version chosen"),
    ],
    spaces: &["alert", "certificate", "server_name"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// A hello is TLS anywhere, and so are records that end exactly with the bytes; one record that goes on needs a hint.
fn identify(probe: &Probe<'_>) -> Verdict {
    if !probe.transport.is_stream() {
        return Verdict::No;
    }
    let mut bytes = probe.bytes;
    if let Some(read) = wire::old_hello(bytes) {
        return if read.is_ok() { Verdict::Sure } else { Verdict::Maybe };
    }
    let mut whole = 0;
    while !bytes.is_empty() {
        let Ok(record) = wire::record(bytes) else {
            return if wire::may_begin(bytes) && whole > 0 { Verdict::Likely } else { Verdict::No };
        };
        let content = bytes.get(wire::HEADER..).unwrap_or_default();
        if record.kind == Kind::Handshake && wire::begin_long_message(content) && content.first() != Some(&11) {
            return Verdict::Sure;
        }
        match content.get(record.length..) {
            Some(rest) => bytes = rest,
            None if whole == 0 && record.kind != Kind::Application && record.kind != Kind::Handshake => return Verdict::No,
            None => return Verdict::Likely,
        }
        whole += 1;
    }
    // an empty record, or one of a byte or two, says little
    if probe.bytes.len() >= 20 || whole >= 2 { Verdict::Sure } else { Verdict::Likely }
}
