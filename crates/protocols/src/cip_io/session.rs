//! Cyclic data: every datagram stands alone.

use super::{OPERATIONS, datagram};
use crate::{Goal, Input, Output, Session, Step, Val};
use model::{Class, Hop};

/// Largest data of a standard connection (Volume 1, 3-5.5.1.1: 511 bytes, with sequence count); a large connection's
/// data is kept up to here.
const MAX_DATA: usize = 512;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(CipIo)
}

/// Nothing is kept: lost, repeated and reordered datagrams are what the transport allows.
#[derive(Debug)]
struct CipIo;

/// What the opening of the connection said; see the page for the layout.
#[derive(Clone, Copy, Debug)]
struct Tag(u64);

impl Tag {
    fn o_t(self) -> bool {
        self.0 & 0xf == 1
    }

    /// Transport class 1 puts a sequence count in front of the data.
    fn counted(self) -> bool {
        self.0 >> 4 & 0xf == 1
    }

    fn application(self) -> Option<&'static str> {
        match self.0 >> 8 & 0xff {
            1 => Some("safety"),
            2 => Some("motion"),
            _ => None,
        }
    }

    fn hop(self) -> Option<Hop> {
        let hop = (self.0 >> 16 & 0xffff) as u16;
        match (hop >> 12, hop & 0x0fff) {
            (0, _) => None,
            (1, slot) => Some(Hop::Slot { rack: 0, slot }),
            (port, link) => Some(Hop::Link { port, link: link.into() }),
        }
    }

    fn point(self) -> u64 {
        self.0 >> 32
    }
}

impl Session for CipIo {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let took = Step::Took(input.bytes.len().max(1));
        let read = match datagram(input.bytes) {
            Ok(read) => read,
            Err(error) if error.is_truncated() && input.cut > 0 => return took,
            Err(error) => {
                if !input.trial {
                    out.malformed(error, input.dir);
                }
                return took;
            }
        };
        let tag = input.expects.id("cip_io", read.connection.into()).map(Tag);
        let mut draft = out.draft(OPERATIONS, 0, input.dir);
        draft.push_extra("connection", Val::Uint(read.connection.into()));
        let mut data = read.data;
        let goal = match tag {
            Some(tag) => {
                let (actor, class) = match tag.o_t() {
                    true => (input.dir, Class::Write),
                    false => (input.dir.flip(), Class::Read),
                };
                draft = draft.actor(actor).class(class);
                if let Some(hop) = tag.hop() {
                    draft = draft.hop(hop);
                }
                if let Some(word) = tag.application() {
                    draft.push_extra("application", Val::Name(word));
                }
                if tag.counted() {
                    data = data.get(2..).unwrap_or_default();
                }
                Goal::range("point", tag.point(), 1)
            }
            None => {
                draft = draft.class(Class::Unknown);
                Goal::range("connection", read.connection.into(), 1)
            }
        };
        if data.len() > MAX_DATA {
            draft.out().limit("cip_io_data");
        }
        let value = draft.bytes(data.get(..MAX_DATA).unwrap_or(data));
        draft.push_item(goal, Val::Bytes(value));
        draft.commit();
        if read.sequence == 0 && read.connection == 0 {
            out.anomaly("invalid_connection", "connection id", 0, input.dir);
        }
        took
    }
}
