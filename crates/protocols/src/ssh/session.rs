//! Identification, offers, key exchange: read until new keys are taken; who is the client shows late, and is waited for.

use super::meaning;
use super::wire::{self as w, Offer, Packet, list, message};
use crate::common::banner;
use crate::{About, Dir, Draft, Goal, Input, Moment, Output, Pending, Session, Step, Val};
use model::{Outcome, Time};
use wire::{Malformed, Reader};

/// Small devices compute a key exchange for many seconds.
const REPLY_TIMEOUT_NS: i64 = 60 * Time::SECOND;
/// How long it is waited for signs of who the client is.
const ROLES_TIMEOUT_NS: i64 = 60 * Time::SECOND;
/// Longest list of algorithms kept, in bytes; the longest seen in the field are about a third of it.
const MAX_LIST: usize = 2048;
/// Lines of text before an identification that are passed over.
const MAX_TEXT_LINES: u8 = 32;

/// Pieces of another protocol in front that are passed over: the opening of a proxy takes two or three.
const MAX_STRANGE: u8 = 4;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Ssh::fresh())
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Side {
    /// An identification line comes next; so many lines of text came before it.
    #[default]
    Line,
    /// Packets in the clear.
    Packets,
    /// Bytes were lost: packets are believed at the front of segments only.
    Lost,
    /// Everything is protected from here on.
    Sealed,
}

#[derive(Debug, Default)]
struct Way {
    side: Side,
    text_lines: u8,
    /// Its identification has been seen, with this version and software.
    greeting: Option<(Vec<u8>, Vec<u8>)>,
    /// Its offer: the first eight lists.
    offer: Option<Box<[Vec<u8>; 8]>>,
}

#[derive(Debug, Default)]
struct Told {
    identification: bool,
    offers: bool,
}

struct Ssh {
    /// Direction in which the client sends.
    client: Option<Dir>,
    ways: [Way; 2],
    /// The key exchange.
    pending: Pending<()>,
    /// Since when something waits to be told until roles are known.
    waiting: Option<(Moment, Dir)>,
    told: Told,
    /// The key exchange agreed on asks for a group first.
    group_exchange: bool,
    group_bits: Option<u64>,
    read: bool,
    /// Pieces that were nothing of this, before the first line.
    strange: u8,
}

impl Session for Ssh {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        // a new identification at the front of a segment, or where no packet could begin like it, begins anew
        let side = self.side(input.dir);
        if side != Side::Line && (input.boundary || side == Side::Packets) {
            if w::identification(input.bytes).is_some() {
                self.begin_anew(input.dir, out);
            } else if w::begins_to_identify(input.bytes) {
                return Step::NeedMore;
            }
        }
        match self.side(input.dir) {
            Side::Line => self.line(input, out),
            Side::Packets => match w::packet(input.bytes) {
                Ok(packet) => {
                    self.packet(packet, input, out);
                    Step::Took(packet.size)
                }
                Err(error) if error.is_truncated() => Step::NeedMore,
                Err(error) => self.lost(error, input, out),
            },
            Side::Lost => match w::packet(input.bytes) {
                Ok(packet) if input.boundary => {
                    self.way(input.dir).side = Side::Packets;
                    self.packet(packet, input, out);
                    Step::Took(packet.size)
                }
                // what begins like a packet may be cut anywhere; sealed bytes hardly ever begin like one
                Err(error) if input.boundary && error.is_truncated() => Step::NeedMore,
                _ => Step::Took(input.bytes.len()),
            },
            Side::Sealed => Step::Took(input.bytes.len()),
        }
    }

    fn gap(&mut self, dir: Dir, out: &mut Output) {
        self.pending.lose(out);
        let way = self.way(dir);
        if way.side != Side::Sealed {
            way.side = Side::Lost;
        }
    }

    fn deadline(&self) -> Option<Time> {
        let roles = self.waiting.map(|(since, _)| since.time.plus(ROLES_TIMEOUT_NS));
        match (self.pending.deadline(), roles) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    fn expire(&mut self, now: Time, out: &mut Output) {
        self.pending.expire(now, out);
        if self.waiting.is_some_and(|(since, _)| since.time.plus(ROLES_TIMEOUT_NS) <= now) {
            self.tell(None, true, out);
        }
    }

    fn finish(&mut self, out: &mut Output) {
        self.tell(None, true, out);
        self.pending.lose(out);
    }
}

impl Ssh {
    fn fresh() -> Ssh {
        Ssh {
            client: None,
            ways: [Way::default(), Way::default()],
            pending: Pending::new(REPLY_TIMEOUT_NS),
            waiting: None,
            told: Told::default(),
            group_exchange: false,
            group_bits: None,
            read: false,
            strange: 0,
        }
    }

    fn way(&mut self, dir: Dir) -> &mut Way {
        let [a, b] = &mut self.ways;
        if dir == Dir::AtoB { a } else { b }
    }

    fn see(&self, dir: Dir) -> &Way {
        let [a, b] = &self.ways;
        if dir == Dir::AtoB { a } else { b }
    }

    fn side(&self, dir: Dir) -> Side {
        self.see(dir).side
    }

    /// A connection over the same ports: what waits of the old one is told. The other side may have begun already.
    fn begin_anew(&mut self, dir: Dir, out: &mut Output) {
        let over = self.see(dir).greeting.is_some();
        if over {
            self.tell(None, true, out);
            self.pending.lose(out);
            *self = Ssh::fresh();
            self.read = true;
            self.way(dir.flip()).side = Side::Lost;
        }
        self.way(dir).side = Side::Line;
    }

    /// Before anything was read bytes may be another protocol's that opened the way (SOCKS), or all of it is.
    fn strange(&mut self) -> Step {
        self.strange += 1;
        if self.strange > MAX_STRANGE { Step::NotMine } else { Step::Resync(0) }
    }

    fn lost(&mut self, error: Malformed, input: &Input<'_>, out: &mut Output) -> Step {
        if !self.read {
            return self.strange();
        }
        if !input.trial {
            out.malformed(error, input.dir);
        }
        self.way(input.dir).side = Side::Lost;
        Step::Resync(0)
    }

    fn line(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        if let Some(line) = w::identification(input.bytes) {
            self.read = true;
            let old = !line.version.starts_with(b"2") && line.version != b"1.99";
            let way = self.way(input.dir);
            // packets of the first version have another form
            way.side = if old { Side::Sealed } else { Side::Packets };
            way.greeting = Some((line.version.to_vec(), line.software.to_vec()));
            self.waiting.get_or_insert((input.at, input.dir));
            identify(&line, out);
            self.tell(Some(input.dir), false, out);
            return Step::Took(line.size);
        }
        let line = input.bytes.iter().take(w::MAX_TEXT_LINE).position(|b| *b == b'\n');
        let text = |bytes: &[u8]| bytes.iter().all(|b| matches!(b, 9 | 13 | 32..=126 | 128..));
        match line {
            None if w::may_identify(input.bytes) && input.bytes.len() < w::MAX_LINE => Step::NeedMore,
            None if self.read && input.bytes.len() < w::MAX_TEXT_LINE && text(input.bytes) => Step::NeedMore,
            // a server may send lines of text first (RFC 4253, 4.2)
            Some(end) if self.read && text(input.bytes.get(..end).unwrap_or_default()) => {
                let way = self.way(input.dir);
                way.text_lines = way.text_lines.saturating_add(1);
                if way.text_lines > MAX_TEXT_LINES {
                    return self.lost(Malformed::invalid("identification", 0), input, out);
                }
                Step::Took(end + 1)
            }
            _ => self.lost(Malformed::invalid("identification", 0), input, out),
        }
    }

    fn packet(&mut self, packet: Packet<'_>, input: &Input<'_>, out: &mut Output) {
        self.read = true;
        match packet.kind {
            message::KEY_EXCHANGE_INIT => match w::offer(packet.body) {
                Ok(offer) => self.offer(&offer, input, out),
                Err(error) => out.malformed(error, input.dir),
            },
            message::NEW_KEYS => self.way(input.dir).side = Side::Sealed,
            message::DISCONNECT => match w::disconnect(packet.body) {
                Ok((code, text)) => {
                    let mut draft = out.draft(meaning::OPERATIONS, meaning::DISCONNECT, input.dir).actor(input.dir);
                    draft.push_extra("reason", meaning::reason(code).map_or(Val::Uint(code.into()), Val::Name));
                    say(&mut draft, "description", text);
                    draft.commit();
                }
                Err(error) => out.malformed(error, input.dir),
            },
            30..=49 => self.key_exchange(packet, input, out),
            _ => {}
        }
    }

    fn offer(&mut self, offer: &Offer<'_>, input: &Input<'_>, out: &mut Output) {
        let kept = |at: usize| {
            let list = offer.lists.get(at).copied().unwrap_or_default();
            list.get(..MAX_LIST.min(list.len())).unwrap_or(list).to_vec()
        };
        let lists = Box::new([kept(0), kept(1), kept(2), kept(3), kept(4), kept(5), kept(6), kept(7)]);
        if offer.lists.iter().any(|list| list.len() > MAX_LIST) {
            out.limit("ssh_algorithm_list");
        }
        self.way(input.dir).offer = Some(lists);
        self.waiting.get_or_insert((input.at, input.dir));
        if let Some(is_client) = meaning::is_client(offer) {
            self.client = Some(if is_client { input.dir } else { input.dir.flip() });
        }
        self.tell(Some(input.dir), false, out);
    }

    /// The client asks first, whatever the method: 30 to 32 and 34 are its numbers, 31 and 33 the server's.
    fn key_exchange(&mut self, packet: Packet<'_>, input: &Input<'_>, out: &mut Output) {
        let Packet { kind, body, .. } = packet;
        let by_client = match kind {
            30 | 32 | 34 => true,
            31 | 33 => false,
            _ => return,
        };
        self.client = Some(if by_client { input.dir } else { input.dir.flip() });
        self.tell(Some(input.dir), true, out);
        if by_client {
            // of a group exchange this is the second question: the first row goes on
            if self.pending.is_empty() {
                let draft = out.draft(meaning::OPERATIONS, meaning::KEY_EXCHANGE, input.dir).actor(input.dir);
                self.pending.hold((), draft);
            }
            return;
        }
        let mut r = Reader::new(body);
        let Ok(first) = w::string(&mut r) else {
            return out.malformed(Malformed::truncated("host key", 0), input.dir);
        };
        if kind == 31 && self.group_exchange {
            let digits = first.iter().skip_while(|b| **b == 0);
            let top = digits.clone().next().map_or(0, |b| u64::from(b.leading_zeros()));
            self.group_bits = Some((8 * digits.count() as u64).saturating_sub(top));
            return;
        }
        // the key's own kind stands in front of it; other methods carry other things here
        let mut inside = Reader::new(first);
        let Some(kind) = w::string(&mut inside).ok().filter(|k| is_key_kind(k)) else { return };
        let mut draft = match self.pending.settle((), out) {
            Some(draft) => draft,
            None => {
                let draft = out.draft(meaning::OPERATIONS, meaning::KEY_EXCHANGE, input.dir).actor(input.dir.flip());
                draft.outcome(Outcome::ReplyOnly)
            }
        };
        let hash = meaning::key_hash(first);
        let name = draft.text(hash.as_bytes());
        draft.push_item(Goal::named("host_key", name), Val::None);
        say(&mut draft, "host_key_kind", kind);
        if let Some(bits) = self.group_bits.take() {
            draft.push_extra("group_bits", Val::Uint(bits));
        }
        draft.commit();
        out.about(About::Sender).fingerprint("ssh_host_key", hash.as_bytes());
    }

    /// Tells what waits where roles are known and both sides were heard, or when nothing better will come: in the
    /// middle of the key exchange, at the end (`now` is `None` then).
    fn tell(&mut self, now: Option<Dir>, last: bool, out: &mut Output) {
        let Some((_, first)) = self.waiting else { return };
        if self.client.is_none() && now.is_some() {
            return;
        }
        let sent = self.client.unwrap_or(first);
        let heard = |a: bool, b: bool| (a && b) || (last && (a || b));
        let (one, other) = (self.see(sent), self.see(sent.flip()));
        let greet = !self.told.identification && heard(one.greeting.is_some(), other.greeting.is_some());
        let offers = !self.told.offers && heard(one.offer.is_some(), other.offer.is_some());
        if greet {
            self.tell_identification(sent, out);
        }
        if offers {
            self.group_exchange = self.tell_offers(sent, out);
            if let (Some(client), Some(now)) = (self.client, now) {
                self.tell_hassh(client, now, out);
            }
        }
        self.told.identification |= greet;
        self.told.offers |= offers;
        if last || (self.told.identification && self.told.offers) {
            self.waiting = None;
        }
    }

    fn draft<'o>(&self, code: u32, sent: Dir, whole: bool, out: &'o mut Output) -> Draft<'o> {
        let mut draft = out.draft(meaning::OPERATIONS, code, sent);
        if let Some(client) = self.client {
            draft = draft.actor(client);
        }
        if whole { draft } else { draft.outcome(Outcome::Unseen) }
    }

    fn tell_identification(&self, sent: Dir, out: &mut Output) {
        let (one, other) = (&self.see(sent).greeting, &self.see(sent.flip()).greeting);
        let mut draft = self.draft(meaning::IDENTIFICATION, sent, one.is_some() && other.is_some(), out);
        for (key, greeting) in [("client", one), ("server", other)] {
            if let (Some((_, software)), Some(_)) = (greeting, self.client) {
                say(&mut draft, key, software);
            }
        }
        // the older of the two is spoken; 1.99 speaks both
        let versions = [one, other].map(|g| g.as_ref().map_or(&[][..], |(version, _)| version));
        let old = |version: &&&[u8]| version.starts_with(b"1.") && **version != b"1.99";
        if let Some(version) = versions.iter().find(old) {
            say(&mut draft, "version", version);
        } else if one.is_some() && other.is_some() {
            say(&mut draft, "version", b"2.0");
        }
        draft.commit();
    }

    /// Returns whether the key exchange asks for a group first.
    fn tell_offers(&self, sent: Dir, out: &mut Output) -> bool {
        let (one, other) = (&self.see(sent).offer, &self.see(sent.flip()).offer);
        let mut draft = self.draft(meaning::KEY_EXCHANGE_INIT, sent, one.is_some() && other.is_some(), out);
        let mut group_exchange = false;
        if let (Some(client), Some(server), Some(_)) = (one, other, self.client) {
            agree(&mut draft, client, server);
            let kex = agreed(client, server, list::KEX);
            group_exchange = kex.windows(14).any(|part| part == b"group-exchange");
        }
        draft.commit();
        group_exchange
    }

    fn tell_hassh(&self, client: Dir, now: Dir, out: &mut Output) {
        for (dir, kind) in [(client, "hassh"), (client.flip(), "hassh_server")] {
            if let Some(lists) = &self.see(dir).offer {
                let hassh = meaning::hassh(lists, dir != client);
                let about = if dir == now { About::Sender } else { About::Receiver };
                out.about(about).fingerprint(kind, hassh.as_bytes());
            }
        }
    }
}

/// Writes what the two sides agree on.
fn agree(draft: &mut Draft<'_>, client: &[Vec<u8>; 8], server: &[Vec<u8>; 8]) {
    let cipher = agreed(client, server, list::CIPHER);
    let back = agreed(client, server, list::CIPHER_BACK);
    say(draft, "key_exchange", agreed(client, server, list::KEX));
    say(draft, "host_key_kind", agreed(client, server, list::HOST_KEY));
    say(draft, "cipher", cipher);
    if back != cipher {
        say(draft, "cipher_back", back);
    }
    // ciphers that protect integrity themselves leave the list of codes unused
    let mac = if meaning::seals(cipher) { &[] } else { agreed(client, server, list::MAC) };
    let mac_back = if meaning::seals(back) { &[] } else { agreed(client, server, list::MAC_BACK) };
    say(draft, "mac", mac);
    if mac_back != mac {
        say(draft, "mac_back", mac_back);
    }
    let compression = agreed(client, server, list::COMPRESSION);
    if compression != b"none" {
        say(draft, "compression", compression);
    }
}

fn agreed<'a>(client: &'a [Vec<u8>; 8], server: &[Vec<u8>; 8], at: usize) -> &'a [u8] {
    let (client, server) = (client.get(at), server.get(at));
    client.zip(server).and_then(|(client, server)| w::agreed(client, server)).unwrap_or_default()
}

fn say(draft: &mut Draft<'_>, key: &'static str, text: &[u8]) {
    if !text.is_empty() {
        let span = draft.text(text);
        draft.push_extra(key, Val::Text(span));
    }
}

/// The kinds of keys: `ssh-rsa`, `ecdsa-sha2-nistp256`, `sk-…`, certificates of them.
fn is_key_kind(kind: &[u8]) -> bool {
    let known = [&b"ssh-"[..], b"ecdsa-", b"rsa-", b"sk-", b"x509v3-"];
    kind.len() <= 64 && known.iter().any(|start| kind.starts_with(start))
}

/// What an identification says about its sender.
fn identify(line: &w::Identification<'_>, out: &mut Output) {
    let mut speaker = out.about(About::Sender).fingerprint("ssh_banner", line.line);
    let program = line.software.split(|b| *b == b' ').next().unwrap_or_default();
    speaker = speaker.software(program);
    if line.version != b"2.0" {
        speaker = speaker.protection(b"ssh1");
    }
    if line.version.starts_with(b"2") || line.version == b"1.99" {
        speaker = speaker.protection(b"ssh2");
    }
    banner::say(speaker, &String::from_utf8_lossy(line.software));
}
