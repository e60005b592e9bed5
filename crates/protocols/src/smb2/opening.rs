//! Negotiation, sign-in, shares: what both sides say of themselves on the way to files.

use super::identity;
use super::meaning;
use super::session::{Message, Smb2, Tree};
use super::wire::{self, Negotiation};
use crate::common::windows::{bits, text_extra, time, words};
use crate::common::{ntlmssp, spnego};
use crate::{About, Draft, Goal, Input, Val};
use ::wire::{Read, Reader};
use model::Role;

/// Preauthentication integrity is always there; these say something.
const ENCRYPTION: u16 = 2;
const COMPRESSION: u16 = 3;
const NETNAME: u16 = 5;
const SIGNING: u16 = 8;

/// A client offers.
pub fn negotiate<'o>(m: &Message<'_>, mut draft: Draft<'o>) -> Read<Draft<'o>> {
    let offer = wire::negotiate_request(m.bytes)?;
    let list = offer.dialects.iter().map(|d| (meaning::dialect(*d), u32::from(*d)));
    let span = words(draft.out(), list);
    draft.push_extra("dialects", Val::Text(span));
    common(&offer, "client_guid", &mut draft);
    for context in offer.contexts.iter().filter(|c| c.kind == NETNAME) {
        // the name the user or program called the server by
        let name = draft.out().text_utf16le(context.data);
        identity::called(draft.out(), name);
    }
    Ok(draft)
}

/// A server chooses.
pub fn negotiated(m: &Message<'_>, input: &Input<'_>, draft: &mut Draft<'_>) -> Read<()> {
    let choice = wire::negotiate_response(m.bytes)?;
    let dialect = choice.dialects.first().copied().unwrap_or_default();
    let span = words(draft.out(), [(meaning::dialect(dialect), u32::from(dialect))].into_iter());
    draft.push_extra("dialect", Val::Text(span));
    common(&choice, "server_guid", draft);
    for (key, steps) in [("server_time", choice.times[0]), ("server_start_time", choice.times[1])] {
        match time(steps) {
            Val::None => {}
            value => draft.push_extra(key, value),
        }
    }
    for context in &choice.contexts {
        let (key, skip) = match context.kind {
            ENCRYPTION => ("encryption", 2),
            COMPRESSION => ("compression", 8),
            SIGNING => ("signing_algorithm", 2),
            _ => continue,
        };
        let mut r = Reader::new(context.data);
        let count = r.le16("count").unwrap_or_default();
        let mut ids = context.data.get(skip..).unwrap_or_default().chunks_exact(2).take(count.into());
        let span = words(
            draft.out(),
            core::iter::from_fn(|| {
                let id = u16::from_le_bytes(ids.next()?.first_chunk().copied()?);
                Some((meaning::algorithm(context.kind, id), u32::from(id)))
            }),
        );
        text_extra(draft, key, span);
    }
    mechanisms(choice.token, draft);
    if choice.security_mode & 2 != 0 {
        draft.out().about(About::Sender).protection(b"smb_signing_required");
    }
    identity::service(input, draft.out());
    Ok(())
}

fn common(n: &Negotiation<'_>, guid: &'static str, draft: &mut Draft<'_>) {
    let span = bits(draft.out(), n.capabilities, meaning::CAPABILITIES);
    text_extra(draft, "capabilities", span);
    draft.push_extra("signing", Val::Name(meaning::signing(n.security_mode)));
    if !n.guid.is_zero() {
        let span = draft.format(format_args!("{}", n.guid));
        draft.push_extra(guid, Val::Text(span));
    }
}

fn mechanisms(token: &[u8], draft: &mut Draft<'_>) {
    let list = spnego::mechanisms(token);
    let span = words(draft.out(), list.into_iter().map(|name| (Some(name), 0)));
    text_extra(draft, "mechanisms", span);
}

/// A leg of a sign-in.
pub fn session_setup<'o>(m: &Message<'_>, mut draft: Draft<'o>) -> Read<Draft<'o>> {
    let (_, mode, token) = wire::session_setup(m.bytes, false)?;
    draft.push_extra("signing", Val::Name(meaning::signing(mode.into())));
    if let Some(message) = ntlmssp::find(token) {
        ntlmssp::say(message, &mut draft, About::Sender)?;
    } else if let Some((realm, names)) = spnego::ticket(token) {
        draft.push_extra("authentication", Val::Name("kerberos"));
        identity::ticket(realm, &names, &mut draft);
    } else {
        mechanisms(token, &mut draft);
    }
    Ok(draft)
}

/// The answer to a leg.
pub fn session_set_up(m: &Message<'_>, draft: &mut Draft<'_>) -> Read<()> {
    let (flags, _, token) = wire::session_setup(m.bytes, true)?;
    let names = [(1, "guest"), (2, "anonymous"), (4, "encryption")];
    let set = names.iter().filter(|(bit, _)| flags & bit != 0).map(|(bit, name)| (Some(*name), u32::from(*bit)));
    let span = words(draft.out(), set);
    text_extra(draft, "session_flags", span);
    if let Some(message) = ntlmssp::find(token) {
        ntlmssp::say(message, draft, About::Sender)?;
    }
    Ok(())
}

/// A share is asked for: `\\server\share`.
pub fn tree_connect<'o>(m: &Message<'_>, mut draft: Draft<'o>) -> Read<Draft<'o>> {
    let path = wire::tree_connect(m.bytes)?;
    let out = draft.out();
    let full = out.text_utf16le(path);
    let text = String::from_utf8_lossy(out.span(full)).into_owned();
    let mut parts = text.trim_start_matches('\\').splitn(2, '\\');
    let (server, share) = (parts.next().unwrap_or_default(), parts.next());
    let name = out.text(share.unwrap_or(server).as_bytes());
    if share.is_some() {
        let server = out.text(server.as_bytes());
        identity::called(out, server);
    }
    Ok(draft.target(Goal::named("share", name)))
}

impl Smb2 {
    /// A share is given.
    pub fn tree_connected(&mut self, m: &Message<'_>, input: &Input<'_>, draft: &mut Draft<'_>) -> Read<()> {
        let (kind, _, _, access) = wire::tree_connected(m.bytes)?;
        if let Some(word) = meaning::share_type(kind) {
            draft.push_extra("share_type", Val::Name(word));
        }
        let span = meaning::access(draft.out(), access);
        text_extra(draft, "access", span);
        let name = draft.items_mut().first().map(|i| i.goal.name).unwrap_or_default();
        let name = String::from_utf8_lossy(draft.out().span(name)).into_owned();
        let role = match name.to_ascii_uppercase().as_str() {
            "SYSVOL" | "NETLOGON" => Some(Role::DomainController),
            // every Windows machine has administrative shares; names that end so are hidden
            share if share.ends_with('$') || share.is_empty() => None,
            _ if kind == 1 => Some(Role::FileServer),
            _ if kind == 3 => Some(Role::Printer),
            _ => None,
        };
        if let Some(role) = role {
            draft.out().about(About::Sender).implied().role(role);
        }
        identity::service(input, draft.out());
        if !name.is_empty() {
            self.add_tree(Tree { session: m.header.session, tree: m.header.tree, name, pipes: kind == 2 });
        }
        Ok(())
    }
}
