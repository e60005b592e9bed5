//! A request, and the conversation in which its file moves: on another port of the server, told by an expectation.

use super::OPERATIONS;
use super::wire::{self as w, ERRORS, Packet};
use crate::{Dir, Draft, Expect, Goal, Input, Moment, Moving, Output, Pending, Session, Step, Val, text};
use model::{Outcome, Path, Time, TransferKind};

/// A request that was not answered on its own ports after this long is answered elsewhere or not at all: servers
/// repeat after a second or two.
const REPLY_TIMEOUT_NS: i64 = 10 * Time::SECOND;
/// A transfer of which nothing more comes for this long is told as far as it was seen: senders give up after ten
/// repeats at most.
const IDLE_NS: i64 = 60 * Time::SECOND;
/// Size of a block without options, in bytes (RFC 1350).
const BLOCK: u64 = 512;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Tftp { pending: Pending::new(REPLY_TIMEOUT_NS), transfer: None })
}

struct Tftp {
    /// Requests that wait for an answer on the same ports.
    pending: Pending<Dir>,
    transfer: Option<Transfer>,
}

struct Transfer {
    write: bool,
    /// Direction in which the client sends.
    client: Dir,
    name: String,
    /// Size of a block; `None` where another one was asked for and the answer was not seen.
    block: Option<u64>,
    /// The next block.
    next: u16,
    started: bool,
    last: Time,
    moving: Moving,
}

/// What a request tells the conversation to come.
#[derive(Clone, Copy)]
struct Tag {
    write: bool,
    /// A block size was asked for.
    sized: bool,
}

impl Session for Tftp {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let size = input.bytes.len().max(1);
        let packet = match w::packet(input.bytes) {
            Ok(packet) => packet,
            Err(_) if self.transfer.is_none() && self.pending.is_empty() => return Step::NotMine,
            Err(error) => {
                if input.cut == 0 {
                    out.malformed(error, input.dir);
                }
                return Step::Took(size);
            }
        };
        match packet {
            Packet::Request { write, file, mode, options } => self.request(write, file, mode, options, input, out),
            Packet::Data { block, bytes } => {
                self.answered(input, None, out);
                self.data(block, bytes, input, out);
            }
            Packet::Acknowledgment => {
                self.answered(input, None, out);
                self.expected(input, out.now());
            }
            Packet::Options(options) => {
                self.answered(input, None, out);
                self.options(options, input, out);
            }
            Packet::Error { code, message } => self.error(code, message, input, out),
        }
        Step::Took(size)
    }

    fn deadline(&self) -> Option<Time> {
        let idle = self.transfer.as_ref().filter(|t| t.started).map(|t| t.last.plus(IDLE_NS));
        [self.pending.deadline(), idle].into_iter().flatten().min()
    }

    fn expire(&mut self, now: Time, out: &mut Output) {
        self.pending.expire(now, out);
        if self.transfer.as_ref().is_some_and(|t| t.started && t.last.plus(IDLE_NS) <= now) {
            self.cut_off(out);
        }
    }

    fn finish(&mut self, out: &mut Output) {
        self.pending.lose(out);
        self.cut_off(out);
    }
}

impl Tftp {
    fn request(
        &mut self,
        write: bool,
        file: &[u8],
        mode: &[u8],
        options: &[u8],
        input: &Input<'_>,
        out: &mut Output,
    ) {
        // a repeat of the same request is one request
        let name = text::clean(file);
        let again = self.transfer.as_ref().is_some_and(|t| !t.started && t.write == write && t.name == name);
        if again && self.pending.holds(input.dir) {
            return;
        }
        self.cut_off(out);
        let mut draft = out.draft(OPERATIONS, if write { 2 } else { 1 }, input.dir).actor(input.dir);
        let span = draft.text(file);
        draft.push_item(Goal::named("file", span), Val::None);
        let span = draft.text(mode);
        draft.push_extra("mode", Val::Text(span));
        let sized = push_options(options, &mut draft, input);
        self.pending.hold(input.dir, draft);
        let tag = Tag { write, sized };
        self.transfer = Some(Transfer::new(tag, name, input.dir, out.now()));
        let tag = u64::from(write) | u64::from(sized) << 1;
        out.expect_named(Expect { protocol: "tftp", port: input.src.port, id: 0, tag }, file);
    }

    /// An answer to a request of the same ports.
    fn answered(&mut self, input: &Input<'_>, refused: Option<u16>, out: &mut Output) -> bool {
        let Some(mut draft) = self.pending.settle(input.dir.flip(), out) else { return false };
        if let Some(code) = refused {
            push_error(code, &mut draft);
            draft = draft.outcome(Outcome::Refused(code.into()));
        }
        draft.commit();
        true
    }

    /// The transfer this conversation carries: of its own request, or of the one that expected it.
    fn expected(&mut self, input: &Input<'_>, at: Moment) -> Option<&mut Transfer> {
        if self.transfer.is_none() {
            let ports = [(input.src.port, input.dir), (input.dst.port, input.dir.flip())];
            let found = ports.into_iter().find_map(|(port, side)| Some((input.expects.port(port)?, side)));
            let (expect, client) = found.filter(|(expect, _)| expect.protocol == "tftp")?;
            let tag = Tag { write: expect.tag & 1 != 0, sized: expect.tag & 2 != 0 };
            let name = text::clean(input.expects.name(expect.port));
            self.transfer = Some(Transfer::new(tag, name, client, at));
        }
        self.transfer.as_mut()
    }

    fn options(&mut self, options: &[u8], input: &Input<'_>, out: &mut Output) {
        let at = out.now();
        let Some(transfer) = self.expected(input, at) else { return };
        transfer.block = Some(BLOCK);
        for (name, value) in w::options(options).flatten() {
            match w::number(value) {
                Some(n) if name.eq_ignore_ascii_case(b"blksize") => transfer.block = Some(n),
                Some(n) if name.eq_ignore_ascii_case(b"tsize") => transfer.moving.announced = Some(n),
                _ => {}
            }
        }
    }

    fn data(&mut self, block: u16, bytes: &[u8], input: &Input<'_>, out: &mut Output) {
        let at = out.now();
        let Some(transfer) = self.expected(input, at) else { return };
        // a file sent by the wrong side would be another transfer
        let from_client = input.dir == transfer.client;
        if from_client != transfer.write {
            return;
        }
        transfer.last = at.time;
        if !transfer.started {
            transfer.started = true;
            transfer.moving.first = at;
        }
        // behind 65535 some senders go on with 0, some with 1
        let rolls = transfer.next == 0 && block == 1 && transfer.moving.size > BLOCK;
        if block != transfer.next && !rolls {
            let ahead = block.wrapping_sub(transfer.next);
            if ahead >= 0x8000 {
                return;
            }
            transfer.moving.broken = true;
        }
        transfer.moving.broken |= input.cut > 0;
        transfer.moving.piece(bytes);
        transfer.next = block.wrapping_add(1);
        let whole = (bytes.len() as u64).saturating_add(u64::from(input.cut));
        if transfer.block.is_some_and(|size| whole < size) {
            self.end(out);
        }
    }

    fn error(&mut self, code: u16, message: &[u8], input: &Input<'_>, out: &mut Output) {
        if self.answered(input, Some(code), out) {
            self.transfer = None;
            return;
        }
        let at = out.now();
        let from = self.expected(input, at).map(|t| (t.client, t.name.clone()));
        let (client, name) = from.unzip();
        let mut draft = out.draft(OPERATIONS, 5, input.dir);
        if let Some(client) = client {
            draft = draft.actor(client);
        }
        if let Some(name) = name.filter(|n| !n.is_empty()) {
            let span = draft.text(name.as_bytes());
            draft.push_item(Goal::named("file", span), Val::None);
        }
        push_error(code, &mut draft);
        let span = draft.text(message);
        draft.push_extra("message", Val::Text(span));
        draft.outcome(Outcome::Refused(code.into())).commit();
        self.cut_off(out);
    }

    /// The last block was seen.
    fn end(&mut self, out: &mut Output) {
        if let Some(transfer) = self.transfer.take() {
            out.transfer(transfer.moving, transfer.client, Path::HOST);
        }
    }

    /// Nothing more comes of what was under way.
    fn cut_off(&mut self, out: &mut Output) {
        if let Some(transfer) = self.transfer.as_mut().filter(|t| t.started) {
            transfer.moving.broken = true;
            self.end(out);
        }
    }
}

impl Transfer {
    fn new(tag: Tag, name: String, client: Dir, at: Moment) -> Transfer {
        let kind = if tag.write { TransferKind::Download } else { TransferKind::Upload };
        let moving = Moving::new(kind, "file", name.clone(), at);
        let block = if tag.sized { None } else { Some(BLOCK) };
        Transfer { write: tag.write, client, name, block, next: 1, started: false, last: at.time, moving }
    }
}

fn push_error(code: u16, draft: &mut Draft<'_>) {
    let word = ERRORS.get(usize::from(code));
    draft.push_extra("error", word.map_or(Val::Uint(code.into()), |word| Val::Name(word)));
}

/// Says the options of a request. Returns whether a block size is among them.
fn push_options(options: &[u8], draft: &mut Draft<'_>, input: &Input<'_>) -> bool {
    let mut sized = false;
    for option in w::options(options) {
        let Ok((name, value)) = option else {
            draft.out().anomaly("truncated", "option", options.len() as u64, input.dir);
            break;
        };
        let keys = [
            (&b"blksize"[..], "block_size"),
            (b"tsize", "size"),
            (b"timeout", "timeout_s"),
            (b"windowsize", "window_size"),
        ];
        let known = keys.iter().find(|(word, _)| name.eq_ignore_ascii_case(word));
        if let (Some((_, key)), Some(n)) = (known, w::number(value)) {
            draft.push_extra(key, Val::Uint(n));
            sized |= *key == "block_size";
        }
    }
    sized
}
