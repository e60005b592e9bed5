//! NTLM messages ([MS-NLMP] 2.2.1), as SMB, DCE/RPC, HTTP and Remote Desktop carry them: names and versions of both
//! sides. Challenges and responses never leave this file.
//!
//! ```text
//! | "NTLMSSP\0" 8 | message type 4 | …             fields: length 2, room 2, offset 4 (from the signature on)
//! 1 NEGOTIATE:    flags 4 | domain | workstation | version 8
//! 2 CHALLENGE:    target name | flags 4 | challenge 8 | reserved 8 | target information | version 8
//! 3 AUTHENTICATE: LM response | NT response | domain | user | workstation | session key | flags 4 | version 8
//! ```

use crate::{About, Draft, Kind, Output, Span, Val};
use model::NameKind;
use wire::{Malformed, Read, Reader};

const SIGNATURE: &[u8; 8] = b"NTLMSSP\0";
/// Text is UTF-16.
const UNICODE: u32 = 0x0000_0001;
/// The version field is filled.
const VERSION: u32 = 0x0200_0000;
/// Longest NT response of NTLM version 1; version 2 appends a structure to its proof.
const NT_RESPONSE_V1: usize = 24;
/// Attribute pairs looked at in one challenge; the standard names ten.
const MAX_PAIRS: usize = 32;

/// Major, minor, build.
type Version = (u8, u8, u16);

/// One message.
#[derive(Clone, Copy, Debug)]
pub enum Message<'a> {
    /// The client begins.
    Negotiate { workstation: &'a [u8], version: Option<Version> },
    /// The server tells who it is.
    Challenge { target: &'a [u8], info: &'a [u8], unicode: bool, version: Option<Version> },
    /// The client tells who the user is.
    Authenticate(Authenticate<'a>),
}

/// Who signs in.
#[derive(Clone, Copy, Debug)]
pub struct Authenticate<'a> {
    pub domain: &'a [u8],
    pub user: &'a [u8],
    pub workstation: &'a [u8],
    unicode: bool,
    nt_response: usize,
    lm_response: usize,
    version: Option<Version>,
}

impl Authenticate<'_> {
    /// Nobody: no user, no response.
    pub fn is_anonymous(&self) -> bool {
        self.user.is_empty() && self.nt_response == 0
    }

    /// Which kind of response proves the password.
    pub fn kind(&self) -> &'static str {
        match self.nt_response {
            _ if self.is_anonymous() => "anonymous",
            0 if self.lm_response > 0 => "lm",
            0..=NT_RESPONSE_V1 => "ntlm_v1",
            _ => "ntlm_v2",
        }
    }
}

/// Finds a message at the front or inside of a token.
pub fn find(token: &[u8]) -> Option<&[u8]> {
    let at = token.windows(SIGNATURE.len()).position(|w| w == SIGNATURE)?;
    token.get(at..)
}

/// Reads a message.
pub fn read(bytes: &[u8]) -> Read<Message<'_>> {
    let mut r = Reader::new(bytes);
    if &r.array::<8>("NTLM signature")? != SIGNATURE {
        return Err(Malformed::invalid("NTLM signature", 0));
    }
    match r.le32("NTLM message type")? {
        1 => {
            let flags = r.le32("negotiate flags")?;
            // the fields may be left out altogether
            let _ = field(bytes, &mut r, "domain");
            let workstation = field(bytes, &mut r, "workstation").unwrap_or_default();
            Ok(Message::Negotiate { workstation, version: version(&mut r, flags) })
        }
        2 => {
            let target = field(bytes, &mut r, "target name")?;
            let flags = r.le32("negotiate flags")?;
            r.skip(16, "server challenge")?;
            let info = field(bytes, &mut r, "target information").unwrap_or_default();
            let version = version(&mut r, flags);
            Ok(Message::Challenge { target, info, unicode: flags & UNICODE != 0, version })
        }
        3 => {
            let lm = field(bytes, &mut r, "LM response")?;
            let nt = field(bytes, &mut r, "NT response")?;
            let domain = field(bytes, &mut r, "domain")?;
            let user = field(bytes, &mut r, "user")?;
            let workstation = field(bytes, &mut r, "workstation")?;
            // version 1 clients of old end here
            let _ = field(bytes, &mut r, "session key");
            let flags = r.le32("negotiate flags").unwrap_or(UNICODE);
            Ok(Message::Authenticate(Authenticate {
                domain,
                user,
                workstation,
                unicode: flags & UNICODE != 0,
                nt_response: nt.len(),
                lm_response: lm.len(),
                version: version(&mut r, flags),
            }))
        }
        _ => Err(Malformed::invalid("NTLM message type", 8)),
    }
}

fn field<'a>(all: &'a [u8], r: &mut Reader<'a>, what: &'static str) -> Read<&'a [u8]> {
    let length = usize::from(r.le16(what)?);
    r.skip(2, what)?;
    let at = r.le32(what)? as usize;
    if length == 0 {
        return Ok(&[]);
    }
    all.get(at..at.saturating_add(length)).ok_or(Malformed::truncated(what, at))
}

fn version(r: &mut Reader<'_>, flags: u32) -> Option<Version> {
    if flags & VERSION == 0 {
        return None;
    }
    let (major, minor, build) = (r.u8("major").ok()?, r.u8("minor").ok()?, r.le16("build").ok()?);
    // some clients set the flag and leave the version empty
    (major != 0).then_some((major, minor, build))
}

fn text(out: &mut Output, bytes: &[u8], unicode: bool) -> Span {
    if unicode { out.text_utf16le(bytes) } else { out.text(bytes) }
}

/// Says what a message proves about its sender, and adds `user`, `domain`, `workstation` and `authentication` of a
/// sign-in to the draft.
pub fn say(token: &[u8], draft: &mut Draft<'_>, sender: About) -> Read<()> {
    match read(token)? {
        Message::Authenticate(a) => sign_in(&a, draft, sender),
        message => evidence(&message, draft.out(), sender),
    }
    Ok(())
}

fn sign_in(a: &Authenticate<'_>, draft: &mut Draft<'_>, sender: About) {
    for (key, bytes) in [("user", a.user), ("domain", a.domain), ("workstation", a.workstation)] {
        let span = text(draft.out(), bytes, a.unicode);
        super::windows::text_extra(draft, key, span);
    }
    draft.push_extra("authentication", Val::Name(a.kind()));
    let out = draft.out();
    if !a.is_anonymous() {
        let user = text(out, a.user, a.unicode);
        // accounts of machines end in a dollar sign: nobody works there
        if !user.is_empty() && out.span(user).last() != Some(&b'$') {
            out.about(sender).span(Kind::Name(NameKind::User), user);
        }
    }
    host(out, sender, a.workstation, a.unicode);
    operating_system(out, sender, a.version);
}

/// Says what a message proves about its sender.
pub fn evidence(message: &Message<'_>, out: &mut Output, sender: About) {
    match *message {
        Message::Negotiate { workstation, version } => {
            // always in the machine's own 8-bit code page
            host(out, sender, workstation, false);
            operating_system(out, sender, version);
        }
        Message::Challenge { target, info, unicode, version } => {
            challenge(out, sender, (target, unicode), info);
            operating_system(out, sender, version);
        }
        Message::Authenticate(a) => {
            host(out, sender, a.workstation, a.unicode);
            operating_system(out, sender, a.version);
        }
    }
}

/// The pairs of a target information, in order: id and UTF-16 text.
fn pairs(info: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut r = Reader::new(info);
    core::iter::from_fn(move || {
        let id = r.le16("attribute id").ok()?;
        let length = r.le16("attribute length").ok()?;
        let value = r.take(length.into(), "attribute").ok()?;
        (id != 0).then_some((id, value))
    })
    .take(MAX_PAIRS)
}

fn challenge(out: &mut Output, sender: About, target: (&[u8], bool), info: &[u8]) {
    let mut computer = Span::EMPTY;
    let mut domains = [Span::EMPTY; 2];
    for (id, value) in pairs(info) {
        match id {
            1 => {
                computer = out.text_utf16le(value);
                name(out, sender, NameKind::Host, computer);
            }
            3 => {
                let full = out.text_utf16le(value);
                name(out, sender, NameKind::Host, full);
            }
            2 => domains[0] = out.text_utf16le(value),
            4 => domains[1] = out.text_utf16le(value),
            _ => {}
        }
    }
    if info.is_empty() {
        domains[0] = text(out, target.0, target.1);
    }
    // a machine of no domain names itself as its domain
    let own = |out: &Output, domain: Span| {
        let (domain, computer) = (out.span(domain), out.span(computer));
        let first = domain.split(|b| *b == b'.').next().unwrap_or_default();
        first.eq_ignore_ascii_case(computer) && domain.len() == first.len()
    };
    let [short, full] = domains;
    let domain = if full.is_empty() || own(out, full) { short } else { full };
    if !domain.is_empty() && !own(out, domain) {
        name(out, sender, NameKind::Domain, domain);
    }
}

fn name(out: &mut Output, about: About, kind: NameKind, span: Span) {
    if !span.is_empty() {
        out.about(about).span(Kind::Name(kind), span);
    }
}

fn host(out: &mut Output, about: About, bytes: &[u8], unicode: bool) {
    let span = text(out, bytes, unicode);
    // some clients put an address or a path here
    let plain = out.span(span).iter().all(|b| !matches!(b, b'\\' | b'/' | b' '));
    if plain {
        name(out, about, NameKind::Host, span);
    }
}

fn operating_system(out: &mut Output, about: About, version: Option<Version>) {
    if let Some((major, minor, build)) = version {
        out.about(about).formatted(Kind::Fingerprint("ntlm"), format_args!("{major}.{minor}.{build}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_signs_in() {
        let mut message = b"NTLMSSP\0\x03\0\0\0".to_vec();
        for (length, at) in [(24u16, 64u32), (24, 64), (0, 0), (2, 88), (2, 90), (0, 0)] {
            message.extend(length.to_le_bytes());
            message.extend(length.to_le_bytes());
            message.extend(at.to_le_bytes());
        }
        message.extend([1, 0, 0, 0]);
        message.extend([0xaa; 24]);
        message.extend(*b"u\0p\0");
        let Ok(Message::Authenticate(a)) = read(&message) else { panic!() };
        assert_eq!((a.user, a.workstation, a.kind()), (&b"u\0"[..], &b"p\0"[..], "ntlm_v1"));
        assert!(read(message.get(..30).unwrap_or_default()).is_err());
    }
}
