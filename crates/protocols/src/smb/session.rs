//! Chains, pairing by process and multiplex id, what stands behind ids and handles: the only state.

use super::meaning::{self, OPERATIONS};
use super::wire::{self, Block, Header};
use super::{opening, transact};
use crate::common::ntstatus;
use crate::common::shared_files::Files;
use crate::{Dir, Draft, Input, MAX_PENDING, Output, Pending, Session, Step, Val};
use ::wire::{Malformed, Read};
use model::{Outcome, Time, TransferKind};

/// Clients give up after 45 s or so.
const REPLY_TIMEOUT_NS: i64 = 60 * Time::SECOND;
/// Most shares used at once in one conversation; the oldest is forgotten, and names then begin with the path.
const MAX_TREES: usize = 64;
/// Multiplex id of what a server asks unasked: an oplock is taken back.
const UNSOLICITED: u16 = 0xffff;
/// Commands in one chain; the standard's longest has four.
const MAX_CHAIN: usize = 8;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Smb {
        pending: Pending::new(REPLY_TIMEOUT_NS),
        // directories are watched and pipes read without limit
        waiting: Pending::new(i64::MAX),
        notes: Vec::new(),
        trees: Vec::new(),
        files: Files::default(),
        dialects: Vec::new(),
        plain_passwords: false,
        body: [None, None],
    })
}

/// What the answer to a request needs to know of it.
#[derive(Clone, Copy, Debug)]
pub struct Note {
    id: u32,
    pub command: u8,
    pub file: u16,
    pub offset: u64,
}

/// A share a client uses.
#[derive(Debug)]
pub struct Tree {
    pub tid: u16,
    pub name: String,
    pub pipes: bool,
}

/// Data of a long message that is still coming.
#[derive(Clone, Copy, Debug)]
pub struct Body {
    pub file: u16,
    pub way: TransferKind,
    pub offset: u64,
    pub left: u64,
}

pub struct Smb {
    /// Key: process and multiplex id, command.
    pending: Pending<(u32, u8)>,
    waiting: Pending<(u32, u8)>,
    notes: Vec<Note>,
    pub trees: Vec<Tree>,
    pub files: Files<u16>,
    /// Dialects of the last negotiation, in order: the answer is a number.
    pub dialects: Vec<String>,
    /// The server asked for passwords as they are.
    pub plain_passwords: bool,
    pub body: [Option<Body>; 2],
}

/// One command of a chain.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    pub header: Header,
    pub command: u8,
    pub block: Block<'a>,
    /// The end is still to come.
    pub open: bool,
}

impl Session for Smb {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let whole = Step::Took(input.bytes.len().max(1));
        let [_, left, what, _] = input.carried.facts;
        match what {
            1 => self.more(input),
            2 => self.newer(input, out),
            _ => {
                if let Err(error) = self.chain(input, left > 0, out)
                    && !(left > 0 && error.is_truncated())
                {
                    out.malformed(error, input.dir);
                }
            }
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

impl Smb {
    fn lose(&mut self, out: &mut Output) {
        self.pending.lose(out);
        self.waiting.lose(out);
        self.notes.clear();
    }

    /// The conversation goes on in SMB 2: where the other side said so, that is the answer to a negotiation.
    fn newer(&mut self, input: &Input<'_>, out: &mut Output) {
        let asked = self.notes.iter().rposition(|n| n.command == 0x72 && n.offset == input.dir.flip().index() as u64);
        if let Some(note) = asked.map(|i| self.notes.swap_remove(i))
            && let Some(draft) = self.pending.settle((note.id, 0x72), out)
        {
            draft.extra("dialect", Val::Name("SMB 2")).outcome(Outcome::Ok).commit();
        }
        self.lose(out);
    }

    fn chain(&mut self, input: &Input<'_>, open: bool, out: &mut Output) -> Read<()> {
        let header = wire::header(input.bytes)?;
        let (mut command, mut at) = (header.command, wire::HEADER);
        for _ in 0..MAX_CHAIN {
            let block = wire::block(input.bytes, at, header.unicode, open)?;
            if block.short {
                // what is there may still be read
                out.anomaly("truncated", "bytes", block.bytes_at as u64, input.dir);
            }
            let message = Message { header, command, block, open };
            match header.reply {
                true => self.answer(&message, input, out)?,
                false => self.ask(&message, input, out)?,
            }
            if !wire::is_andx(command) || block.count() < 2 {
                break;
            }
            let (next, offset) = block.next()?;
            if next == wire::NO_ANDX {
                break;
            }
            if offset <= at {
                return Err(Malformed::invalid("AndX offset", at + 3));
            }
            (command, at) = (next, offset);
        }
        if header.reply && matches!(outcome_of(&header), Outcome::Refused(_)) {
            self.rest_of_chain(&header, out);
        }
        Ok(())
    }

    /// An answer that refuses ends the chain: what stood behind was not done.
    fn rest_of_chain(&mut self, header: &Header, out: &mut Output) {
        let id = header.id();
        while let Some(i) = self.notes.iter().position(|n| n.id == id) {
            let note = self.notes.swap_remove(i);
            let Some(draft) = self.pending.settle((id, note.command), out) else { continue };
            draft.outcome(outcome_of(header)).commit();
        }
    }

    fn ask(&mut self, m: &Message<'_>, input: &Input<'_>, out: &mut Output) -> Read<()> {
        let header = &m.header;
        let mut draft = out.draft(OPERATIONS, m.command.into(), input.dir);
        if header.mid == UNSOLICITED && m.command == 0x24 {
            draft.actor(input.dir.flip()).commit();
            return Ok(());
        }
        draft = draft.actor(input.dir);
        if header.reserved != 0 {
            draft.push_extra("reserved", Val::Uint(header.reserved.into()));
        }
        let mut note = Note { id: header.id(), command: m.command, file: 0, offset: 0 };
        let mut for_ever = false;
        let draft = match m.command {
            0x72 => {
                // which side asks: the other one may answer in a newer version
                note.offset = input.dir.index() as u64;
                self.negotiate(m, draft)
            }
            0x73 => self.session_setup(m, draft)?,
            0x70 | 0x75 => opening::tree_connect(m, draft)?,
            0x25 | 0x32 | 0xa0 => {
                let (draft, t) = self.transact(m, &mut note, input, draft)?;
                for_ever = t;
                draft
            }
            // parts of a transaction, a cancellation: not answered by themselves
            0x26 | 0x33 | 0xa1 | 0xa4 => {
                transact::secondary(m, draft)?.commit();
                return Ok(());
            }
            0x2b | 0x74 => draft,
            0x71 => self.with_tree(m, draft),
            _ => self.ask_file(m, &mut note, input, draft)?,
        };
        let key = (note.id, note.command);
        if for_ever { &mut self.waiting } else { &mut self.pending }.hold(key, draft);
        self.notes.retain(|n| (n.id, n.command) != key);
        if self.notes.len() >= MAX_PENDING {
            self.notes.remove(0);
        }
        self.notes.push(note);
        Ok(())
    }

    fn answer(&mut self, m: &Message<'_>, input: &Input<'_>, out: &mut Output) -> Read<()> {
        let header = &m.header;
        let key = (header.id(), m.command);
        // the server asks for the rest of a transaction
        let interim = matches!(m.command, 0x25 | 0x32 | 0xa0) && m.block.count() == 0 && header.status == 0;
        if interim && (self.pending.holds(key) || self.waiting.holds(key)) {
            return Ok(());
        }
        let note = self.notes.iter().position(|n| (n.id, n.command) == key).map(|i| self.notes.swap_remove(i));
        let waits = self.waiting.holds(key);
        let found = if waits { &mut self.waiting } else { &mut self.pending }.settle(key, out);
        if found.is_none() && transact::is_continued(m) {
            return Ok(());
        }
        let draft = match found {
            Some(draft) => draft,
            None => {
                let draft = out.draft(OPERATIONS, m.command.into(), input.dir).actor(input.dir.flip());
                let draft = draft.outcome(Outcome::ReplyOnly);
                match m.command {
                    0x25 | 0x32 | 0xa0 => draft.extra("mid", Val::Uint(header.mid.into())),
                    _ => draft,
                }
            }
        };
        let mut draft = status(header, draft);
        let refused = matches!(draft.row().outcome, Outcome::Refused(_));
        let read = match m.command {
            _ if refused => {
                if matches!(m.command, 0x0b | 0x2c | 0x2f) {
                    note.iter().for_each(|n| self.files.broke(n.file, TransferKind::Download));
                }
                Ok(())
            }
            0x72 => return self.negotiated(m, input, draft),
            0x73 => opening::session_set_up(m, &mut draft),
            0x70 | 0x75 => self.tree_connected(m, input, &mut draft),
            0x71 => {
                self.trees.retain(|t| t.tid != header.tid);
                Ok(())
            }
            0x25 => self.transacted(m, note, input, &mut draft),
            _ => self.answer_file(m, note, input, &mut draft),
        };
        draft.commit();
        if matches!(m.command, 0x04 | 0x2c | 0x31)
            && let Some(note) = note
        {
            self.files.close(note.file, out);
        }
        read
    }

    /// A share to the list.
    pub fn add_tree(&mut self, tree: Tree) {
        self.trees.retain(|t| t.tid != tree.tid);
        if self.trees.len() >= MAX_TREES {
            self.trees.remove(0);
        }
        self.trees.push(tree);
    }

    /// The share a message is about.
    pub fn tree(&self, m: &Message<'_>) -> Option<&Tree> {
        self.trees.iter().find(|t| t.tid == m.header.tid)
    }

    fn with_tree<'o>(&self, m: &Message<'_>, mut draft: Draft<'o>) -> Draft<'o> {
        let Some(tree) = self.tree(m) else { return draft };
        let name = draft.text(tree.name.as_bytes());
        draft.target(crate::Goal::named("share", name))
    }
}

/// Class and code of DOS, the class in the upper half.
fn dos(header: &Header) -> (u8, u16) {
    (header.status as u8, (header.status >> 16) as u16)
}

fn outcome_of(header: &Header) -> Outcome {
    match (header.nt_status, header.status) {
        (_, 0) => Outcome::Ok,
        // the end of a listing, or more than fits: refuses nothing
        (false, _) if matches!(dos(header), (1, 18 | 234)) => Outcome::Ok,
        (false, _) => {
            let (class, code) = dos(header);
            Outcome::Refused(u32::from(class) << 16 | u32::from(code))
        }
        (true, status) => ntstatus::outcome(status),
    }
}

/// Outcome and name of a status.
fn status<'o>(header: &Header, mut draft: Draft<'o>) -> Draft<'o> {
    let name = match (header.nt_status, header.status) {
        (_, 0) => None,
        (true, status) => ntstatus::name(status),
        (false, _) => {
            let (class, code) = dos(header);
            meaning::dos_error(class, code)
        }
    };
    if let Some(name) = name {
        draft.push_extra("status", Val::Name(name));
    }
    match (outcome_of(header), draft.row().outcome) {
        (Outcome::Ok, Outcome::ReplyOnly) => draft,
        (outcome, _) => draft.outcome(outcome),
    }
}
