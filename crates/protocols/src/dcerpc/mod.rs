//! DCE/RPC: the descriptor. See the page.

mod interfaces;
mod session;
mod wire;

use crate::{Hint, Probe, Protocol, Transport, Verdict, field, plain_notation};

/// DCE 1.1 remote procedure call (C706) with Microsoft's extensions, DCOM on top of it, and PROFINET's own use.
pub static PROTOCOL: Protocol = Protocol {
    name: "dcerpc",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[
        Hint::Tcp(135),
        Hint::Udp(135),
        Hint::Udp(34964),
        Hint::Inside("smb"),
        Hint::Inside("smb2"),
    ],
    operations: interfaces::OPERATIONS,
    fields: &[
        field("auth", "authentication of the connection: ntlmssp, spnego, kerberos, netlogon"),
        field("authentication", "how the user signs in: kerberos, ntlm_v1, ntlm_v2, lm, anonymous"),
        field("domain", "domain of the user"),
        field("fault", "why the call failed"),
        field("interfaces", "further interfaces bound"),
        field("object", "name of the service asked for or created"),
        field("opnum", "number of the method, where it has no name here"),
        field("ports", "ports the end point mapper names"),
        field("reason", "why a context or the bind was rejected"),
        field("rejected", "contexts that were rejected"),
        field("user", "user that signs in"),
        field("workstation", "name of the user's machine"),
    ],
    spaces: &["interface"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

fn identify(probe: &Probe<'_>) -> Verdict {
    match probe.transport {
        Transport::Udp => datagram(probe),
        t if t.is_stream() => {
            let [5, 0 | 1, kind, _, order, ..] = probe.bytes else { return Verdict::No };
            match wire::pdu(probe.bytes) {
                // zeros are common, the mark of little-endian text is not
                Ok(Some(_)) if *order == 0x10 => Verdict::Sure,
                Ok(None) if *order == 0x10 && probe.bytes.len() >= wire::HEADER => Verdict::Sure,
                Ok(Some(pdu)) if *kind == 11 && wire::contexts(&pdu).is_ok() => Verdict::Sure,
                Ok(_) => Verdict::Maybe,
                Err(_) => Verdict::No,
            }
        }
        _ => Verdict::No,
    }
}

fn datagram(probe: &Probe<'_>) -> Verdict {
    let Ok(datagram) = wire::datagram(probe.bytes) else { return Verdict::No };
    let known = interfaces::number(&datagram.interface) != 0;
    match datagram.fits {
        // both orders of bytes, at its own port: left to a protocol that knows more, where there is one
        true if known => Verdict::Likely,
        true if datagram.little && !datagram.interface.is_zero() => Verdict::Likely,
        _ => Verdict::No,
    }
}
