//! Queries and answers by identifier, where a host asks another; what is asked of everybody, and the answers to it, are
//! told by themselves.

use super::{CONFLICT, NBSTAT, NODE_STATUS, OPERATIONS, RESPONSE, is_ours};
use crate::common::dns::{self, MAX_RECORDS, Message, Record, Section};
use crate::common::netbios::Name;
use crate::{About, Dir, Draft, Goal, Input, Output, Pending, Session, Span, Step, Val};
use model::{Address, Mac, Outcome, Role, Time};
use std::net::{IpAddr, Ipv4Addr};
use wire::{Malformed, Reader};

/// Windows asks three times, 1.5 s apart.
const TIMEOUT_NS: i64 = 5 * Time::SECOND;
/// Addresses told of one name; a domain's list of controllers may be long.
const MAX_ADDRESSES: usize = 16;
/// Names read from one node status; the count is one byte, machines have under twenty.
const MAX_NAMES: u8 = 64;
/// The top bit of a name's flags: the name belongs to a group.
const GROUP: u16 = 0x8000;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Nbns { pending: Pending::new(TIMEOUT_NS) })
}

struct Nbns {
    pending: Pending<u16>,
}

impl Session for Nbns {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        match self.message(input, out) {
            Ok(()) => Step::Took(input.bytes.len()),
            Err(error) => {
                if input.cut == 0 || !error.is_truncated() {
                    out.malformed(error, input.dir);
                }
                Step::Resync(0)
            }
        }
    }

    fn gap(&mut self, _: Dir, out: &mut Output) {
        self.pending.lose(out);
    }

    fn deadline(&self) -> Option<Time> {
        self.pending.deadline()
    }

    fn expire(&mut self, now: Time, out: &mut Output) {
        self.pending.expire(now, out);
    }

    fn finish(&mut self, out: &mut Output) {
        self.pending.lose(out);
    }
}

impl Nbns {
    fn message(&mut self, input: &Input<'_>, out: &mut Output) -> Result<(), Malformed> {
        let message = dns::message(input.bytes)?;
        let Some(first) = message.records().next() else { return Err(Malformed::invalid("no name", 4)) };
        let first = first?;
        let Some(name) = first.name.first().and_then(Name::decode).filter(|_| is_ours(&first)) else {
            return Err(Malformed::invalid("name", 12));
        };
        if message.is_response() {
            self.response(&message, &first, name, input, out)?;
        } else {
            self.request(&message, &first, name, input, out);
        }
        message.records().take(MAX_RECORDS).try_for_each(|record| record.map(|_| ()))
    }

    fn request(&mut self, message: &Message<'_>, first: &Record<'_>, name: Name, input: &Input<'_>, out: &mut Output) {
        let data = message.section(Section::Additional).find_map(|r| entries(r.data).next());
        let mut draft = asked(message, first, name, input.dir, out);
        if let Some((flags, address)) = data {
            draft.push_extra("group", Val::Bool(flags & GROUP != 0));
            if let Some(item) = draft.items_mut().first_mut() {
                item.value = Val::Ip(address);
            }
        }
        // the third bit from below: everybody is asked
        let broadcast = message.has(0x0010) || input.dst.host.address.is_group();
        if broadcast {
            draft.commit();
        } else {
            self.pending.hold(message.id, draft);
        }
        // a device enters its own name
        if let (5 | 8 | 9 | 15, Some((flags, address))) = (message.opcode(), data)
            && input.src.host.address.ip() == Some(address)
        {
            name.prove(flags & GROUP != 0, out.about(About::Sender));
        }
    }

    fn response(
        &mut self,
        message: &Message<'_>,
        first: &Record<'_>,
        name: Name,
        input: &Input<'_>,
        out: &mut Output,
    ) -> Result<(), Malformed> {
        let code = message.rcode();
        let status = first.kind == NBSTAT;
        let settled = self.pending.settle(message.id, out);
        let known = settled.is_some();
        let mut draft = match settled {
            Some(draft) => draft.outcome(if code == 0 { Outcome::Ok } else { Outcome::Refused(code.into()) }),
            // a list of names, and what a name server says, are asked for by one host alone
            None if status || message.has(0x0080) && message.opcode() == 0 => {
                let draft = asked(message, first, name, input.dir.flip(), out);
                draft.outcome(if code == 0 { Outcome::ReplyOnly } else { Outcome::Refused(code.into()) })
            }
            None => {
                let by_itself = match (message.opcode(), code) {
                    (5, 7) => CONFLICT,
                    (7, _) => 7,
                    (opcode, _) => RESPONSE | u32::from(opcode),
                };
                let draft = named(name, by_itself, input.dir, out);
                draft.extra("id", Val::Uint(message.id.into()))
            }
        };
        if status {
            let list = node_status(first.data, &mut draft);
            draft.commit();
            let list = list?;
            prove_status(first.data, list, out);
            return Ok(());
        }
        push_addresses(first.data, &mut draft);
        draft.commit();
        if code == 0 && message.opcode() == 0 {
            prove_answer(message, first, name, known, input, out);
        }
        Ok(())
    }
}

fn asked<'o>(message: &Message<'_>, first: &Record<'_>, name: Name, asker: Dir, out: &'o mut Output) -> Draft<'o> {
    let code = if first.kind == NBSTAT { NODE_STATUS } else { message.opcode().into() };
    named(name, code, asker, out).extra("id", Val::Uint(message.id.into()))
}

fn named(name: Name, code: u32, actor: Dir, out: &mut Output) -> Draft<'_> {
    let mut draft = out.draft(OPERATIONS, code, actor).actor(actor);
    let text = draft.format(format_args!("{name}"));
    draft.push_item(Goal::named("name", text), Val::None);
    draft
}

/// Flags and address of each owner of a name.
fn entries(data: &[u8]) -> impl Iterator<Item = (u16, IpAddr)> + '_ {
    data.as_chunks::<6>().0.iter().map(|[a, b, c, d, e, f]| {
        (u16::from_be_bytes([*a, *b]), IpAddr::V4(Ipv4Addr::new(*c, *d, *e, *f)))
    })
}

fn push_addresses(data: &[u8], draft: &mut Draft<'_>) {
    let Some((flags, first)) = entries(data).next() else { return };
    let at = draft.out.arena.len();
    for (i, (_, address)) in entries(data).take(MAX_ADDRESSES).enumerate() {
        let comma = if i > 0 { "," } else { "" };
        draft.format(format_args!("{comma}{address}"));
    }
    let list = Span { at: at as u32, len: (draft.out.arena.len() - at) as u32 };
    draft.push_extra("addresses", Val::Text(list));
    if !draft.out.extras_of(&draft.row).iter().any(|x| x.key == "group") {
        draft.push_extra("group", Val::Bool(flags & GROUP != 0));
    }
    if let Some(item) = draft.items_mut().first_mut() {
        item.value = Val::Ip(first);
    }
}

/// The names of a node status, each with its flags, and the hardware address behind them.
#[derive(Clone, Copy, Debug, Default)]
struct Status {
    count: u8,
    mac: Option<Mac>,
}

fn names(data: &[u8], count: u8) -> impl Iterator<Item = (Name, bool)> + '_ {
    let list = data.get(1..).unwrap_or_default().as_chunks::<18>().0.iter();
    list.take(count.into()).map(|entry| {
        let [name @ .., high, low] = *entry;
        (Name::plain(name), u16::from_be_bytes([high, low]) & GROUP != 0)
    })
}

fn node_status(data: &[u8], draft: &mut Draft<'_>) -> Result<Status, Malformed> {
    let mut r = Reader::new(data);
    let count = r.u8("number of names")?;
    let told = count.min(MAX_NAMES);
    if told < count {
        draft.out().limit("nbns_names");
    }
    let at = draft.out.arena.len();
    for (i, (name, _)) in names(data, told).enumerate() {
        let comma = if i > 0 { "," } else { "" };
        draft.format(format_args!("{comma}{name}"));
    }
    let list = Span { at: at as u32, len: (draft.out.arena.len() - at) as u32 };
    if !list.is_empty() {
        draft.push_extra("names", Val::Text(list));
    }
    r.skip(usize::from(count) * 18, "names")?;
    let mac = r.array::<6>("unit ID").ok().map(Mac).filter(|mac| !mac.is_zero() && !mac.is_group());
    if let Some(mac) = mac {
        draft.push_extra("mac", Val::Mac(mac));
    }
    Ok(Status { count: told, mac })
}

/// The device's own list of its names.
fn prove_status(data: &[u8], status: Status, out: &mut Output) {
    for (name, group) in names(data, status.count) {
        name.prove(group, out.about(About::Sender).verified());
    }
    if let Some(mac) = status.mac {
        out.about(About::Sender).verified().same_as(mac);
    }
}

/// Who answers for a name with its own address goes by it; tools that answer to every name do so, too. Who answers for
/// others is a name server.
fn prove_answer(
    message: &Message<'_>,
    first: &Record<'_>,
    name: Name,
    asked_alone: bool,
    input: &Input<'_>,
    out: &mut Output,
) {
    let sender = input.src.host.address.ip();
    let own = entries(first.data).any(|(_, address)| Some(address) == sender);
    for (flags, address) in entries(first.data).take(MAX_ADDRESSES) {
        if Some(address) == sender {
            name.prove(flags & GROUP != 0, out.about(About::Sender).implied());
        } else if !own && message.has(0x0080) && !address.is_unspecified() && flags & GROUP == 0 {
            name.prove(false, out.about(About::Address(Address::Ip(address))).guessed());
        }
    }
    if asked_alone && !own && message.has(0x0080) {
        out.about(About::Sender).role(Role::NameServer);
    }
}
