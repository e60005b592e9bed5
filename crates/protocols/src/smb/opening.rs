//! Negotiation, sign-in, shares: what both sides say of themselves on the way to files.

use super::meaning;
use super::session::{Message, Smb, Tree};
use super::wire::Block;
use crate::common::windows::{Guid, bits, text_extra, time, words};
use crate::common::{ntlmssp, spnego};
use crate::{About, Draft, Goal, Input, Kind, Output, Span, Val};
use ::wire::{Read, Reader};
use model::{NameKind, Outcome, Role};

/// Dialects kept of one offer; the standard has nine.
const MAX_DIALECTS: usize = 32;
/// A response to a challenge of NTLM version 1 or LAN Manager.
const RESPONSE: usize = 24;

impl Smb {
    /// A client offers dialects.
    pub fn negotiate<'o>(&mut self, m: &Message<'_>, mut draft: Draft<'o>) -> Draft<'o> {
        self.dialects.clear();
        let mut at = 0;
        while at < m.block.bytes.len() && self.dialects.len() < MAX_DIALECTS {
            // format byte 2, then text
            let (name, next) = m.block.text_as(at + 1, false);
            self.dialects.push(crate::text::clean(name));
            at = next;
        }
        let span = draft.text(self.dialects.join(",").as_bytes());
        text_extra(&mut draft, "dialects", span);
        draft
    }

    /// A server chooses one by its number.
    pub fn negotiated(&mut self, m: &Message<'_>, input: &Input<'_>, mut draft: Draft<'_>) -> Read<()> {
        /// None of the dialects.
        const NONE: u16 = 0xffff;
        let mut r = m.block.words();
        let index = r.le16("dialect index")?;
        if index == NONE {
            draft.outcome(Outcome::Refused(NONE.into())).commit();
            return Ok(());
        }
        // only this dialect is answered with seventeen words
        let name = match (self.dialects.get(usize::from(index)), m.block.count()) {
            (_, 17) => "NT LM 0.12",
            (Some(name), _) => name,
            (None, _) => "",
        };
        let span = draft.text(name.as_bytes());
        text_extra(&mut draft, "dialect", span);
        let read = if m.block.count() == 17 { self.server(m, &mut draft) } else { Ok(()) };
        service(input, draft.out());
        draft.commit();
        read
    }

    fn server(&mut self, m: &Message<'_>, draft: &mut Draft<'_>) -> Read<()> {
        let mut r = m.block.words();
        r.skip(2, "dialect index")?;
        let mode = r.u8("security mode")?;
        r.skip(16, "sizes and session key")?;
        let capabilities = r.le32("capabilities")?;
        let clock = r.le64("system time")?;
        r.skip(2, "time zone")?;
        let challenge = usize::from(r.u8("challenge length")?);
        self.plain_passwords = mode & 2 == 0;
        let span = bits(draft.out(), capabilities, meaning::CAPABILITIES);
        text_extra(draft, "capabilities", span);
        let signing = match mode & 0x0c {
            0 => "off",
            4 => "enabled",
            _ => "required",
        };
        draft.push_extra("signing", Val::Name(signing));
        if let value @ Val::Time(_) = time(clock) {
            draft.push_extra("server_time", value);
        }
        if capabilities & 0x8000_0000 != 0 {
            let mut r = Reader::new(m.block.bytes);
            let guid = Guid(r.array("server guid")?);
            if !guid.is_zero() {
                let span = draft.format(format_args!("{guid}"));
                draft.push_extra("server_guid", Val::Text(span));
            }
            let list = spnego::mechanisms(r.rest());
            let span = words(draft.out(), list.into_iter().map(|name| (Some(name), 0)));
            text_extra(draft, "mechanisms", span);
            return Ok(());
        }
        // the names are UTF-16 without padding where the server can, whatever the header says
        let rest = m.block.bytes.get(challenge..).unwrap_or_default();
        let unicode = m.block.unicode || capabilities & 4 != 0;
        let block = Block { bytes: rest, bytes_at: 0, unicode, ..m.block };
        let (domain, next) = block.text(0);
        let (server, _) = block.text(next);
        let (domain, server) = (text(&block, domain, draft.out()), text(&block, server, draft.out()));
        text_extra(draft, "domain", domain);
        let out = draft.out();
        for (kind, span) in [(NameKind::Domain, domain), (NameKind::Host, server)] {
            if !span.is_empty() {
                out.about(About::Sender).span(Kind::Name(kind), span);
            }
        }
        Ok(())
    }

    /// A user signs in.
    pub fn session_setup<'o>(&mut self, m: &Message<'_>, mut draft: Draft<'o>) -> Read<Draft<'o>> {
        let b = &m.block;
        let mut r = b.words();
        match b.count() {
            12 => {
                r.skip(14, "AndX and sizes")?;
                let length = usize::from(r.le16("security blob length")?);
                let mut bytes = Reader::new(b.bytes);
                let token = bytes.take(length, "security blob")?;
                blob(token, &mut draft)?;
                systems(b, length, ["native_os", "lan_manager"], &mut draft);
            }
            13 => {
                r.skip(14, "AndX and sizes")?;
                let (lm, nt) = (usize::from(r.le16("password length")?), usize::from(r.le16("password length")?));
                let mut bytes = Reader::new(b.bytes);
                let passwords = (bytes.take(lm, "password")?, bytes.take(nt, "password")?);
                let (user, next) = b.text(lm + nt);
                let (domain, next) = b.text(next);
                let (user, domain) = (text(b, user, draft.out()), text(b, domain, draft.out()));
                self.sign_in(user, domain, passwords, &mut draft);
                systems(b, next, ["native_os", "lan_manager"], &mut draft);
            }
            10 => {
                r.skip(14, "AndX and sizes")?;
                let length = usize::from(r.le16("password length")?);
                let password = Reader::new(b.bytes).take(length, "password")?;
                let (user, next) = b.text_as(length, false);
                let (domain, next) = b.text_as(next, false);
                let (user, domain) = (draft.text(user), draft.text(domain));
                self.sign_in(user, domain, (password, &[]), &mut draft);
                let ascii = Block { unicode: false, ..*b };
                systems(&ascii, next, ["native_os", "lan_manager"], &mut draft);
            }
            _ => {}
        }
        Ok(draft)
    }

    fn sign_in(&self, user: Span, domain: Span, (first, second): (&[u8], &[u8]), draft: &mut Draft<'_>) {
        text_extra(draft, "user", user);
        text_extra(draft, "domain", domain);
        let name = draft.out().span(user).to_vec();
        let kind = match (first.len(), second.len()) {
            (0 | 1, 0 | 1) if name.is_empty() => "anonymous",
            _ if self.plain_passwords => "plain_text",
            (_, RESPONSE) => "ntlm_v1",
            (_, second) if second > RESPONSE => "ntlm_v2",
            (RESPONSE, 0) => "lm",
            _ => "ntlm_v1",
        };
        draft.push_extra("authentication", Val::Name(kind));
        if kind == "plain_text" {
            let password = if second.len() > first.len() { second } else { first };
            let end = password.iter().rposition(|b| *b != 0).map_or(0, |i| i + 1);
            let password: Vec<u8> = password.get(..end).unwrap_or_default().iter().copied().filter(|b| *b != 0).collect();
            let masked = draft.out().secret(&password);
            draft.push_extra("password", masked);
            draft.push_extra("clear_text", Val::Bool(true));
            if draft.out().is_default_credential(&name, &password) {
                draft.push_extra("default_credential", Val::Bool(true));
            }
        }
        if !name.is_empty() && name.last() != Some(&b'$') {
            draft.out().about(About::Sender).span(Kind::Name(NameKind::User), user);
        }
    }

    /// A share is given.
    pub fn tree_connected(&mut self, m: &Message<'_>, input: &Input<'_>, draft: &mut Draft<'_>) -> Read<()> {
        let mut tid = m.header.tid;
        let mut kind: &[u8] = b"";
        if m.command == 0x75 {
            let (service, next) = m.block.text_as(0, false);
            kind = service;
            let (system, _) = m.block.text(next);
            let span = draft.text(service);
            // the answer says it truly; the question may have left it open
            text_extra(draft, "service", span);
            let system = text(&m.block, system, draft.out());
            text_extra(draft, "native_file_system", system);
        } else {
            let mut r = m.block.words();
            r.skip(2, "largest buffer")?;
            tid = r.le16("tree id")?;
        }
        let name = draft.items_mut().first().map(|i| i.goal.name).unwrap_or_default();
        let name = String::from_utf8_lossy(draft.out().span(name)).into_owned();
        let role = match name.to_ascii_uppercase().as_str() {
            "SYSVOL" | "NETLOGON" => Some(Role::DomainController),
            // every Windows machine has administrative shares; names that end so are hidden
            share if share.ends_with('$') || share.is_empty() => None,
            _ if kind == b"A:" => Some(Role::FileServer),
            _ => None,
        };
        if let Some(role) = role {
            draft.out().about(About::Sender).implied().role(role);
        }
        service(input, draft.out());
        if !name.is_empty() {
            let pipes = kind == b"IPC" || name.eq_ignore_ascii_case("IPC$");
            self.add_tree(Tree { tid, name, pipes });
        }
        Ok(())
    }
}

/// Text of the message's own kind.
pub fn text(b: &Block<'_>, bytes: &[u8], out: &mut Output) -> Span {
    if b.unicode { out.text_utf16le(bytes) } else { out.text(bytes) }
}

/// The server answers at this port.
pub fn service(input: &Input<'_>, out: &mut Output) {
    let kind = Kind::Service { transport: "tcp", port: input.src.port, protocol: "smb" };
    out.about(About::Sender).verified().is(kind);
}

/// A token of GSS-API, or NTLM without it.
fn blob(token: &[u8], draft: &mut Draft<'_>) -> Read<()> {
    if let Some(message) = ntlmssp::find(token) {
        return ntlmssp::say(message, draft, About::Sender);
    }
    if let Some((realm, names)) = spnego::ticket(token) {
        draft.push_extra("authentication", Val::Name("kerberos"));
        let span = draft.text(realm);
        draft.push_extra("realm", Val::Text(span));
        let joined = names.join(&b'/');
        let span = draft.text(&joined);
        draft.push_extra("service", Val::Text(span));
        if let [_, host, ..] = names.as_slice() {
            draft.out().about(About::Receiver).implied().name(NameKind::Host, host);
            draft.out().about(About::Receiver).implied().name(NameKind::Domain, realm);
        }
    }
    Ok(())
}

/// Operating system and network software of the sender, in its own words.
fn systems(b: &Block<'_>, at: usize, keys: [&'static str; 2], draft: &mut Draft<'_>) {
    let (os, next) = b.text(at);
    let (manager, _) = b.text(next);
    let (os, manager) = (text(b, os, draft.out()), text(b, manager, draft.out()));
    let [os_key, manager_key] = keys;
    text_extra(draft, os_key, os);
    text_extra(draft, manager_key, manager);
    let out = draft.out();
    if !os.is_empty() {
        out.about(About::Sender).span(Kind::Fingerprint("smb_native_os"), os);
    }
    // Windows puts its own name here again; Samba its version
    if out.span(manager).starts_with(b"Samba ") {
        out.about(About::Sender).span(Kind::Software, manager);
    }
}

/// The answer to a sign-in.
pub fn session_set_up(m: &Message<'_>, draft: &mut Draft<'_>) -> Read<()> {
    let b = &m.block;
    let mut r = b.words();
    r.skip(4, "AndX")?;
    if r.le16("action")? & 1 != 0 {
        draft.push_extra("guest", Val::Bool(true));
    }
    let mut at = 0;
    if b.count() == 4 {
        at = usize::from(r.le16("security blob length")?);
        let token = Reader::new(b.bytes).take(at, "security blob")?;
        blob(token, draft)?;
    }
    systems(b, at, ["server_native_os", "server_lan_manager"], draft);
    Ok(())
}

/// A share is asked for: `\\server\share`.
pub fn tree_connect<'o>(m: &Message<'_>, mut draft: Draft<'o>) -> Read<Draft<'o>> {
    let b = &m.block;
    let (path, unicode) = if m.command == 0x75 {
        let mut r = b.words();
        r.skip(6, "AndX and flags")?;
        (b.text(r.le16("password length")?.into()).0, b.unicode)
    } else {
        // a buffer of text: format byte 4
        (b.text_as(1, false).0, false)
    };
    let out = draft.out();
    let full = if unicode { out.text_utf16le(path) } else { out.text(path) };
    let full = String::from_utf8_lossy(out.span(full)).into_owned();
    let mut parts = full.trim_start_matches('\\').splitn(2, '\\');
    let (server, share) = (parts.next().unwrap_or_default(), parts.next());
    let name = out.text(share.unwrap_or(server).as_bytes());
    let address = server.parse::<std::net::IpAddr>().is_ok() || server.starts_with('*');
    let plain = server.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
    if share.is_some() && !address && plain {
        out.about(About::Receiver).implied().name(NameKind::Host, server.as_bytes());
    }
    Ok(draft.target(Goal::named("share", name)))
}
