//! Framing, pairing, roles: the only state.

use super::files::{Files, Which};
use super::meaning::{self, ABORT, OPERATIONS, REJECT, property, service};
use super::parts::{Pen, errors};
use super::scene::{Key, Scene};
use super::segments::{Assembly, Put, Segments};
use super::wire::{self as w, Apdu, Segment, Station, TYPE_IP, TYPE_IPV6};
use super::{names, network, services, unconfirmed};
use crate::{About, Draft, Input, Kind, Output, Pending, Session, Step, Transport, Val};
use model::{Outcome, Path, Time};
use std::net::{Ipv4Addr, Ipv6Addr};
use wire::{Malformed, Read, Reader};

/// An answer that is not here after this long is not coming: clients wait 3 to 10 s, and routers to slow serial
/// networks hold a request for as long again.
const REPLY_TIMEOUT_NS: i64 = 20 * Time::SECOND;

/// A conversation.
pub struct State {
    /// Questions without answer.
    pub pending: Pending<Key>,
    segments: Segments,
    files: Files,
    /// Something was understood.
    known: bool,
    /// The service was told, by direction of the server.
    served: [bool; 2],
}

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(State {
        pending: Pending::new(REPLY_TIMEOUT_NS),
        segments: Segments::default(),
        files: Files::default(),
        known: false,
        served: [false, false],
    })
}

impl Session for State {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let mut r = Reader::new(input.bytes);
        let first = r.peek_u8().unwrap_or_default();
        let group = input.dst.host.address.is_group() || input.macs.is_some_and(|(_, dst)| dst.is_group());
        let port = if input.transport == Transport::Udp { input.src.port } else { 0 };
        let nobody = (None, None, None);
        let (originator, to, from) = nobody;
        let mut scene = Scene { dir: input.dir, group, distribute: false, originator, to, from, port };
        let read = match (input.transport, first) {
            (Transport::Link(_), _) => self.npdu(&mut scene, &mut r, out),
            (_, TYPE_IP | TYPE_IPV6) => self.bvlc(first, &mut scene, &mut r, input, out),
            _ if !self.known => return Step::NotMine,
            _ => Err(Malformed::invalid("BVLC type", 0)),
        };
        match read {
            Ok(()) => self.known = true,
            // the capture cut the packet: nobody broke a rule, not even where a closing tag is missing
            Err(_) if input.cut > 0 => {}
            Err(error) => out.malformed(error, input.dir),
        }
        Step::Took(input.bytes.len().max(1))
    }

    fn deadline(&self) -> Option<Time> {
        let files = self.files.deadline();
        let segments = self.segments.deadline(REPLY_TIMEOUT_NS);
        [self.pending.deadline(), segments, files].into_iter().flatten().min()
    }

    fn expire(&mut self, now: Time, out: &mut Output) {
        while let Some(part) = self.segments.overdue(now, REPLY_TIMEOUT_NS) {
            self.lost(&part, out);
        }
        self.pending.expire(now, out);
        self.files.expire(now, out);
    }

    fn finish(&mut self, out: &mut Output) {
        while let Some(part) = self.segments.overdue(Time(i64::MAX), 0) {
            self.lost(&part, out);
        }
        self.pending.lose(out);
        self.files.finish(out);
    }
}

impl State {
    /// The virtual link layer of IP.
    fn bvlc(&mut self, kind: u8, scene: &mut Scene, r: &mut Reader<'_>, input: &Input<'_>, out: &mut Output) -> Read<()> {
        r.skip(1, "BVLC type")?;
        let function = r.u8("BVLC function")?;
        let length = usize::from(r.be16("BVLC length")?);
        let size = input.bytes.len();
        if length < 4 {
            return Err(Malformed::invalid("BVLC length", 2));
        }
        // a wrong length is a fact; the datagram says as well where the message ends
        let longer = length > size && input.cut == 0;
        if longer || length < size {
            out.anomaly("invalid_length", "BVLC length", length as u64, input.dir);
        }
        let mut body = *r;
        if kind == TYPE_IP {
            match function {
                4 => {
                    let ip: [u8; 4] = body.array("originating address")?;
                    body.skip(2, "originating port")?;
                    scene.originator = Some(Ipv4Addr::from(ip).into());
                }
                9 => scene.distribute = true,
                10 | 11 => {}
                0..=3 | 5..=8 | 12 => return network::bvlc(self, scene, function, &mut body, out),
                _ => return Err(Malformed::invalid("BVLC function", 1)),
            }
        } else {
            body.skip(3, "source virtual address")?;
            match function {
                1 => body.skip(3, "destination virtual address")?,
                2 => {}
                8 => {
                    let ip: [u8; 16] = body.array("original source address")?;
                    body.skip(2, "original source port")?;
                    scene.originator = Some(Ipv6Addr::from(ip).into());
                }
                12 => scene.distribute = true,
                0 | 3..=7 | 9..=11 => return network::bvlc6(self, scene, function, &mut body, out),
                _ => return Err(Malformed::invalid("BVLC function", 1)),
            }
        }
        self.npdu(scene, &mut body, out)
    }

    /// The network layer.
    fn npdu(&mut self, scene: &mut Scene, r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
        let npdu = w::npdu(r)?;
        scene.to = npdu.to;
        scene.from = npdu.from;
        if npdu.network_message {
            return network::message(self, scene, r, out);
        }
        match w::apdu(r)? {
            Apdu::Unconfirmed { service } => unconfirmed::request(scene, service, r, out),
            Apdu::Confirmed { invoke, service, segment } => {
                let key = self.key(scene, invoke, false);
                match segment {
                    None => self.request(scene, key, service, 0, r, out),
                    Some(segment) => self.segment(scene, key, service, segment, true, r, out),
                }
            }
            Apdu::Complex { invoke, service, segment } => {
                let key = self.key(scene, invoke, true);
                match segment {
                    None => self.answer(scene, key, service, 0, r, out),
                    Some(segment) => self.segment(scene, key, service, segment, false, r, out),
                }
            }
            Apdu::Simple { invoke, service } => {
                let key = self.key(scene, invoke, true);
                self.answer(scene, key, service, 0, r, out)
            }
            Apdu::Error { invoke, service } => {
                let key = self.key(scene, invoke, true);
                let (class, code) = errors(r)?;
                self.refused(scene, key, service, class, code, out);
                Ok(())
            }
            Apdu::Reject { invoke, reason } => {
                let key = self.key(scene, invoke, true);
                self.ended(scene, key, REJECT, reason, out);
                Ok(())
            }
            Apdu::Abort { invoke, reason, server } => {
                let key = self.key(scene, invoke, server);
                self.ended(scene, key, ABORT, reason, out);
                Ok(())
            }
            // flow control of a message whose parts are counted with it
            Apdu::SegmentAck => Ok(()),
        }
    }

    fn key(&self, scene: &Scene, invoke: u8, answer: bool) -> Key {
        match answer {
            true => Key::Service { dir: scene.dir.flip(), invoke, server: scene.from, client: scene.to },
            false => Key::Service { dir: scene.dir, invoke, server: scene.to, client: scene.from },
        }
    }

    /// One segment of a long message.
    #[allow(clippy::too_many_arguments)]
    fn segment(
        &mut self,
        scene: &Scene,
        key: Key,
        service: u8,
        segment: Segment,
        request: bool,
        r: &mut Reader<'_>,
        out: &mut Output,
    ) -> Read<()> {
        let mut first = Assembly::new(key, request, service, out.now());
        if !request && let Some(draft) = self.pending.settle(key, out) {
            // the answer is on its way: the clock starts again, the moment of asking stays
            first.asked = draft.row().asked;
            self.pending.hold(key, draft);
        }
        match self.segments.put(first, segment, r.rest(), out) {
            Put::Waits => Ok(()),
            Put::Lost if request => {
                let draft = request_draft(scene, service, out);
                draft.outcome(Outcome::Unseen).commit();
                Ok(())
            }
            Put::Lost => {
                self.unseen(key, out);
                Ok(())
            }
            Put::Whole(whole) => {
                let mut body = Reader::new(&whole.bytes);
                match request {
                    true => self.request(scene, key, service, whole.count, &mut body, out),
                    false => {
                        if let Some(asked) = whole.asked {
                            self.pending.asked_at(key, asked);
                        }
                        self.answer(scene, key, service, whole.count, &mut body, out)
                    }
                }
            }
        }
    }

    /// A segmented message did not become whole.
    fn lost(&mut self, part: &Assembly, out: &mut Output) {
        if !part.request {
            return self.unseen(part.key, out);
        }
        let Key::Service { dir, server, .. } = part.key else { return };
        let path = server.map_or(Path::HOST, Station::path);
        let draft = out.draft(OPERATIONS, part.service.into(), dir).actor(dir).path(path);
        draft.outcome(Outcome::Unseen).commit();
    }

    /// What was answered cannot be told.
    fn unseen(&mut self, key: Key, out: &mut Output) {
        if let Some(mut draft) = self.pending.settle(key, out) {
            draft.forget_latency();
            draft.outcome(Outcome::Unseen).commit();
        }
    }

    /// A confirmed request.
    fn request(
        &mut self,
        scene: &Scene,
        key: Key,
        choice: u8,
        segments: u32,
        r: &mut Reader<'_>,
        out: &mut Output,
    ) -> Read<()> {
        let mut draft = request_draft(scene, choice, out);
        if segments > 0 {
            draft.push_extra("segments", Val::Uint(segments.into()));
        }
        let path = draft.row().path;
        let read = match choice {
            service::ATOMIC_READ_FILE | service::ATOMIC_WRITE_FILE => {
                let write = choice == service::ATOMIC_WRITE_FILE;
                self.files.request(write, scene.dir, path, r, &mut draft)
            }
            _ => {
                let mut pen = Pen::new(About::Receiver, path, false);
                let read = pen.read(r, services::request(choice), &mut draft);
                pen.finish(&mut draft);
                self.weigh(choice, &pen, &mut draft);
                read
            }
        };
        self.pending.hold(key, draft);
        read
    }

    /// What the parameters make of a service.
    fn weigh(&mut self, choice: u8, pen: &Pen, draft: &mut Draft<'_>) {
        let class = match (choice, pen.written) {
            (service::WRITE_PROPERTY | service::WRITE_PROPERTY_MULTIPLE, Some((object, written, value))) => {
                if let (property::FILE_SIZE, Some(size)) = (written, value) {
                    self.files.sized(object, size);
                }
                meaning::class_of_write(object, written, value)
            }
            (service::REINITIALIZE_DEVICE, _) => {
                let state = pen.state.unwrap_or_default();
                match state {
                    2 | 4 => self.files.configuration = true,
                    3 | 5 | 6 => self.files.configuration = false,
                    _ => {}
                }
                Some(meaning::class_of_reinitialize(state))
            }
            _ => None,
        };
        if let Some(class) = class {
            draft.set_class(class);
        }
    }

    /// A simple or complex acknowledgement.
    fn answer(
        &mut self,
        scene: &Scene,
        key: Key,
        choice: u8,
        segments: u32,
        r: &mut Reader<'_>,
        out: &mut Output,
    ) -> Read<()> {
        self.segments.end(key);
        let file = self.file(key);
        let paired = self.pending.request(key).is_some_and(|row| row.code == u32::from(choice));
        let settled = if paired { self.pending.settle(key, out) } else { None };
        let (mut draft, outcome) = match settled {
            Some(draft) => (draft, Outcome::Ok),
            None => (answer_draft(scene, choice, out), Outcome::ReplyOnly),
        };
        if segments > 0 {
            draft.push_extra("segments", Val::Uint(segments.into()));
        }
        let read = match (choice, services::answer(choice)) {
            (service::ATOMIC_READ_FILE, _) if !r.is_empty() => self.files.read(file, r, &mut draft),
            (_, Some(parts)) if !r.is_empty() => {
                draft.clear_items();
                let mut pen = Pen::new(scene.about(), scene.sender_path(), true);
                let read = pen.read(r, parts, &mut draft);
                pen.finish(&mut draft);
                read
            }
            _ => Ok(()),
        };
        draft.outcome(outcome).commit();
        if !is_notification(choice) {
            self.serves(scene, out);
        }
        read
    }

    /// The file a held request names.
    fn file(&self, key: Key) -> Option<Which> {
        let row = self.pending.request(key)?;
        if row.code != u32::from(service::ATOMIC_READ_FILE) {
            return None;
        }
        let object = self.pending.request_item(key)?.goal.first as u32;
        Some(Which { object, client: row.actor?, path: row.path, write: false })
    }

    /// Whoever acknowledges serves.
    fn serves(&mut self, scene: &Scene, out: &mut Output) {
        let Some(told) = self.served.get_mut(scene.dir.index()) else { return };
        if !*told && scene.port != 0 {
            *told = true;
            out.about(About::Sender).is(Kind::Service { transport: "udp", port: scene.port, protocol: "bacnet" });
        }
    }

    /// An error answers.
    fn refused(&mut self, scene: &Scene, key: Key, choice: u8, class: u64, code: u64, out: &mut Output) {
        self.segments.end(key);
        if choice == service::ATOMIC_WRITE_FILE
            && let Some(entry) = self.pending.request_item(key)
        {
            self.files.refused(entry.goal.first as u32);
        }
        let paired = self.pending.request(key).is_some_and(|row| row.code == u32::from(choice));
        let settled = if paired { self.pending.settle(key, out) } else { None };
        let mut draft = match settled {
            Some(draft) => draft,
            None => answer_draft(scene, choice, out),
        };
        for (key, words, number) in
            [("error_class", &names::ERROR_CLASSES[..], class), ("error_code", &names::ERROR_CODES[..], code)]
        {
            draft.push_extra(key, names::name(words, number).map_or(Val::Uint(number), Val::Name));
        }
        draft.outcome(Outcome::Refused(u32::try_from(code).unwrap_or(u32::MAX))).commit();
    }

    /// A reject or an abort ends a transaction.
    fn ended(&mut self, scene: &Scene, key: Key, code: u32, reason: u8, out: &mut Output) {
        self.segments.end(key);
        let Key::Service { dir, server, .. } = key else { return };
        let mut draft = match self.pending.settle(key, out) {
            Some(draft) => draft,
            None => {
                let path = server.filter(|s| s.len > 0).map_or(Path::HOST, Station::path);
                out.draft(OPERATIONS, code, scene.dir).actor(dir).path(path)
            }
        };
        let (extra, words, base) = match code {
            REJECT => ("reject_reason", &names::REJECT_REASONS[..], 0x1_0000),
            _ => ("abort_reason", &names::ABORT_REASONS[..], 0x2_0000),
        };
        let word = names::name(words, reason.into());
        draft.push_extra(extra, word.map_or(Val::Uint(reason.into()), Val::Name));
        draft.outcome(Outcome::Refused(base | u32::from(reason))).commit();
    }
}

/// Services by which a device tells its subscribers something: the device stays the subject.
fn is_notification(choice: u8) -> bool {
    use service::{CONFIRMED_AUDIT, CONFIRMED_COV, CONFIRMED_COV_MULTIPLE, CONFIRMED_EVENT};
    matches!(choice, CONFIRMED_COV | CONFIRMED_EVENT | CONFIRMED_COV_MULTIPLE | CONFIRMED_AUDIT)
}

fn request_draft<'o>(scene: &Scene, choice: u8, out: &'o mut Output) -> Draft<'o> {
    let draft = out.draft(OPERATIONS, choice.into(), scene.dir);
    let tells = is_notification(choice);
    let mut draft = match tells {
        true => draft.actor(scene.dir.flip()).path(scene.sender_path()),
        false => draft.actor(scene.dir).path(scene.receiver_path()),
    };
    scene.extras(!tells, &mut draft);
    draft
}

fn answer_draft<'o>(scene: &Scene, choice: u8, out: &'o mut Output) -> Draft<'o> {
    let draft = out.draft(OPERATIONS, choice.into(), scene.dir);
    match is_notification(choice) {
        true => draft.actor(scene.dir).path(scene.receiver_path()),
        false => draft.actor(scene.dir.flip()).path(scene.sender_path()),
    }
}

