//! Compounds, pairing by message id, what stands behind ids and handles: the only state.

use super::meaning::OPERATIONS;
use super::wire::{self, FileId, Header};
use super::opening;
use crate::common::ntstatus;
use crate::common::shared_files::Files;
use crate::{Dir, Draft, Input, MAX_PENDING, Output, Pending, Session, Step, Val};
use model::{Outcome, Time, TransferKind};
use ::wire::{Malformed, Read};

/// Clients give up after 45 to 60 s; slow answers are announced by an interim one before.
const REPLY_TIMEOUT_NS: i64 = 60 * Time::SECOND;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Smb2 {
        pending: Pending::new(REPLY_TIMEOUT_NS),
        announced: Pending::new(i64::MAX),
        notes: Vec::new(),
        trees: Vec::new(),
        files: Files::default(),
        body: [None, None],
    })
}

/// What the answer to a request needs to know of it.
#[derive(Clone, Copy, Debug)]
pub struct Note {
    message: u64,
    pub file: FileId,
    pub offset: u64,
}

/// A share a client uses.
#[derive(Debug)]
pub struct Tree {
    pub session: u64,
    pub tree: u32,
    pub name: String,
    pub pipes: bool,
}

/// Data of a long message that is still coming.
#[derive(Clone, Copy, Debug)]
pub struct Body {
    pub file: FileId,
    pub way: TransferKind,
    pub offset: u64,
    pub left: u64,
}

pub struct Smb2 {
    /// Key: message id.
    pending: Pending<u64>,
    /// Announced to be answered late: a watched directory or a pipe may stay silent for days.
    announced: Pending<u64>,
    notes: Vec<Note>,
    pub trees: Vec<Tree>,
    pub files: Files<FileId>,
    pub body: [Option<Body>; 2],
}

/// Most shares used at once in one conversation; the oldest is forgotten, and names then begin with the path.
const MAX_TREES: usize = 64;

/// One message of a compound, and where it lies.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    pub header: Header,
    pub bytes: &'a [u8],
    /// Where it begins in the input.
    pub at: usize,
    /// The end is still to come.
    pub open: bool,
}

/// What messages of one compound know of each other.
#[derive(Default)]
pub struct Chain {
    /// Name and kind of the last file asked for.
    pub asked: Option<(String, crate::common::shared_files::Kind)>,
    /// The last file opened.
    pub opened: Option<FileId>,
}

impl Session for Smb2 {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let whole = Step::Took(input.bytes.len().max(1));
        let [_, left, what, _] = input.carried.facts;
        if what == 1 {
            self.more(input);
            return whole;
        }
        match input.bytes.first() {
            Some(0xfd) => sealed(input, out),
            Some(0xfc) => packed(input, out),
            _ => self.compound(input, left > 0, out),
        }
        whole
    }

    fn gap(&mut self, dir: Dir, out: &mut Output) {
        self.lose(out);
        self.files.lose(dir, out.now());
        if let Some(body) = self.body.get_mut(dir.index()) {
            *body = None;
        }
    }

    fn deadline(&self) -> Option<Time> {
        self.pending.deadline()
    }

    fn expire(&mut self, now: Time, out: &mut Output) {
        self.pending.expire(now, out);
    }

    fn finish(&mut self, out: &mut Output) {
        self.lose(out);
        self.files.finish(out);
    }
}

impl Smb2 {
    fn lose(&mut self, out: &mut Output) {
        self.pending.lose(out);
        self.announced.lose(out);
        self.notes.clear();
    }

    fn compound(&mut self, input: &Input<'_>, open: bool, out: &mut Output) {
        let mut chain = Chain::default();
        let mut at = 0;
        loop {
            let rest = input.bytes.get(at..).unwrap_or_default();
            let header = match wire::header(rest) {
                Ok(header) => header,
                Err(error) if open && error.is_truncated() => return out.limit("smb2_compound"),
                Err(error) => return out.malformed(error, input.dir),
            };
            let end = if header.next == 0 { rest.len() } else { header.next };
            let bytes = match rest.get(..end) {
                Some(bytes) => bytes,
                // what follows lies behind the part of a long message that is looked at
                None if open => rest,
                None => return out.malformed(Malformed::truncated("next command", at), input.dir),
            };
            let message = Message { header, bytes, at, open: open && bytes.len() == rest.len() };
            let read = match header.is_response() {
                true => self.answer(&message, &mut chain, input, out),
                false => self.ask(&message, &mut chain, input, out),
            };
            if let Err(error) = read
                && !(message.open && error.is_truncated())
            {
                out.malformed(error, input.dir);
            }
            if header.next == 0 {
                return;
            }
            if message.open {
                return out.limit("smb2_compound");
            }
            at += header.next;
        }
    }

    fn ask(&mut self, m: &Message<'_>, chain: &mut Chain, input: &Input<'_>, out: &mut Output) -> Read<()> {
        let header = &m.header;
        let draft = out.draft(OPERATIONS, header.command.into(), input.dir).actor(input.dir);
        let (draft, note) = match header.command {
            0x00 => (opening::negotiate(m, draft)?, None),
            0x01 => (opening::session_setup(m, draft)?, None),
            0x03 => (opening::tree_connect(m, draft)?, None),
            0x02 | 0x0d => (draft, None),
            0x04 => (self.with_tree(header, draft), None),
            0x0c => {
                draft.commit();
                return Ok(());
            }
            _ => self.ask_file(m, chain, input, draft)?,
        };
        self.pending.hold(header.message, draft);
        if let Some((file, offset)) = note {
            self.notes.retain(|n| n.message != header.message);
            if self.notes.len() >= MAX_PENDING {
                self.notes.remove(0);
            }
            self.notes.push(Note { message: header.message, file, offset });
        }
        Ok(())
    }

    fn answer(&mut self, m: &Message<'_>, chain: &mut Chain, input: &Input<'_>, out: &mut Output) -> Read<()> {
        let header = &m.header;
        if header.message == wire::UNSOLICITED {
            // a server takes an oplock or lease back, or tells that a session is over
            out.draft(OPERATIONS, header.command.into(), input.dir).actor(input.dir.flip()).commit();
            return Ok(());
        }
        if header.status == ntstatus::PENDING && header.flags & wire::ASYNC != 0 {
            let asked = self.pending.asked(header.message);
            if let Some(draft) = self.pending.settle(header.message, out) {
                self.announced.hold(header.message, draft);
            }
            if let Some(asked) = asked {
                self.announced.asked_at(header.message, asked);
            }
            return Ok(());
        }
        let note = self.notes.iter().position(|n| n.message == header.message).map(|i| self.notes.swap_remove(i));
        let late = self.announced.holds(header.message);
        let found = if late { &mut self.announced } else { &mut self.pending }.settle(header.message, out);
        let draft = match found {
            Some(draft) => draft,
            None => out
                .draft(OPERATIONS, header.command.into(), input.dir)
                .actor(input.dir.flip())
                .outcome(Outcome::ReplyOnly),
        };
        let mut draft = status(header.status, draft);
        let refused = matches!(draft.row().outcome, Outcome::Refused(_));
        let read = match header.command {
            _ if refused => {
                self.refused(header, note, chain);
                Ok(())
            }
            0x00 => opening::negotiated(m, input, &mut draft),
            0x01 => opening::session_set_up(m, &mut draft),
            0x03 => self.tree_connected(m, input, &mut draft),
            0x04 => {
                self.trees.retain(|t| (t.session, t.tree) != (header.session, header.tree));
                Ok(())
            }
            _ => self.answer_file(m, note, chain, input, &mut draft),
        };
        draft.commit();
        if header.command == 6 {
            let file = note.map_or(wire::SAME, |n| n.file);
            let file = if file == wire::SAME { chain.opened } else { Some(file) };
            file.into_iter().for_each(|file| self.files.close(file, out));
        }
        read
    }

    /// A share to the list.
    pub fn add_tree(&mut self, tree: Tree) {
        self.trees.retain(|t| (t.session, t.tree) != (tree.session, tree.tree));
        if self.trees.len() >= MAX_TREES {
            self.trees.remove(0);
        }
        self.trees.push(tree);
    }

    /// The share a message is about.
    pub fn tree(&self, header: &Header) -> Option<&Tree> {
        self.trees.iter().find(|t| (t.session, t.tree) == (header.session, header.tree))
    }

    fn with_tree<'o>(&self, header: &Header, mut draft: Draft<'o>) -> Draft<'o> {
        let Some(tree) = self.tree(header) else { return draft };
        let name = draft.text(tree.name.as_bytes());
        draft.target(crate::Goal::named("share", name))
    }

    fn refused(&mut self, header: &Header, note: Option<Note>, chain: &mut Chain) {
        match header.command {
            5 => chain.opened = None,
            9 => note.into_iter().for_each(|n| self.files.broke(n.file, TransferKind::Download)),
            _ => {}
        }
    }
}

/// Outcome and name of a status.
fn status(status: u32, mut draft: Draft<'_>) -> Draft<'_> {
    let outcome = ntstatus::outcome(status);
    if status != 0
        && let Some(name) = ntstatus::name(status)
    {
        draft.push_extra("status", Val::Name(name));
    }
    match outcome {
        Outcome::Ok => match draft.row().outcome {
            Outcome::ReplyOnly => draft,
            _ => draft.outcome(Outcome::Ok),
        },
        refused => draft.outcome(refused),
    }
}

/// An encrypted message: nothing inside can be read.
fn sealed(input: &Input<'_>, out: &mut Output) {
    match wire::transform(input.bytes) {
        Ok((_, size)) => {
            let draft = out.draft(OPERATIONS, 0xfd, input.dir);
            draft.extra("encrypted_size", Val::Uint(size.into())).commit();
        }
        Err(error) => out.malformed(error, input.dir),
    }
}

/// A compressed message.
fn packed(input: &Input<'_>, out: &mut Output) {
    match wire::compression(input.bytes) {
        Ok((size, algorithm, _, offset)) => {
            let draft = out.draft(OPERATIONS, 0xfc, input.dir);
            draft
                .extra("original_size", Val::Uint(size.into()))
                .extra("algorithm", Val::Uint(algorithm.into()))
                .extra("offset", Val::Uint(offset.into()))
                .commit();
        }
        Err(error) => out.malformed(error, input.dir),
    }
}

