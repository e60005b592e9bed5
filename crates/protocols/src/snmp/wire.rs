//! Bytes to messages. Stateless.
//!
//! ```text
//! 1, 2c  SEQUENCE { version, community, PDU }
//! 3      SEQUENCE { 3, SEQUENCE { id, size, flags, model }, OCTET STRING { security }, scoped PDU or OCTET STRING }
//! PDU    [0..8] { request id, error status, error index, SEQUENCE OF SEQUENCE { object, value } }
//! trap   [4] { enterprise, agent, generic, specific, time, variables }        (version 1)
//! ```

use crate::common::ber::{self, Element};
use wire::{Malformed, Read, Reader};

const SEQUENCE: u32 = 0x30;
const INTEGER: u32 = 0x02;
const OCTETS: u32 = 0x04;
const OID: u32 = 0x06;

/// Numbers of the PDUs, from their tags.
pub const GET: u8 = 0;
pub const GET_NEXT: u8 = 1;
pub const RESPONSE: u8 = 2;
pub const SET: u8 = 3;
pub const TRAP: u8 = 4;
pub const GET_BULK: u8 = 5;
pub const INFORM: u8 = 6;
pub const TRAP_2: u8 = 7;
pub const REPORT: u8 = 8;

/// A message.
#[derive(Clone, Copy, Debug)]
pub enum Message<'a> {
    /// Versions 1 (0) and 2c (1).
    Community { version: u8, community: &'a [u8], pdu: Pdu<'a> },
    /// Version 3.
    User(User<'a>),
}

/// A message of version 3.
#[derive(Clone, Copy, Debug)]
pub struct User<'a> {
    /// Message id: an answer repeats it.
    pub id: u32,
    /// Bit 0: authenticated, bit 1: encrypted, bit 2: an answer or report is wanted.
    pub flags: u8,
    /// The engine that keeps the time, and the user; empty in other security models.
    pub engine: &'a [u8],
    /// User name.
    pub user: &'a [u8],
    /// `None` where it is encrypted.
    pub pdu: Option<Pdu<'a>>,
}

/// A protocol data unit.
#[derive(Clone, Copy, Debug)]
pub struct Pdu<'a> {
    /// Which one.
    pub kind: u8,
    /// Request id; 0 in a version 1 trap.
    pub id: u32,
    /// Error status; in a bulk request the non-repeaters.
    pub status: u32,
    /// Error index; in a bulk request the repetitions.
    pub index: u32,
    /// Head of a version 1 trap.
    pub trap: Option<Trap<'a>>,
    /// The variables.
    pub variables: Reader<'a>,
}

/// The head of a version 1 trap.
#[derive(Clone, Copy, Debug)]
pub struct Trap<'a> {
    /// Kind of device, an object identifier.
    pub enterprise: &'a [u8],
    /// Where it comes from.
    pub agent: Option<[u8; 4]>,
    /// Generic trap.
    pub generic: u32,
    /// Specific trap.
    pub specific: u32,
    /// Up time in hundredths of a second.
    pub time: u32,
}

/// A variable and its value.
#[derive(Clone, Copy, Debug)]
pub struct Variable<'a> {
    /// Object identifier.
    pub object: &'a [u8],
    /// Value.
    pub value: Element<'a>,
}

fn expect<'a>(r: &mut Reader<'a>, tag: u32, what: &'static str) -> Read<Element<'a>> {
    let element = ber::element(r, what)?;
    if element.tag == tag { Ok(element) } else { Err(Malformed::invalid(what, element.at)) }
}

/// An integer of 32 bits; negative ones keep their bits.
fn number(r: &mut Reader<'_>, what: &'static str) -> Read<u32> {
    let element = expect(r, INTEGER, what)?;
    let n = ber::signed(element.bytes()).ok_or(Malformed::invalid(what, element.at))?;
    if i64::from(n as i32) == n || i64::from(n as u32) == n {
        return Ok(n as u32);
    }
    Err(Malformed::invalid(what, element.at))
}

/// Whether this begins as a message does, whatever follows.
pub fn begins(bytes: &[u8]) -> bool {
    // the length may be longer than what is here: only identifiers and the version are looked at
    let mut r = Reader::new(bytes);
    if r.u8("message").ok() != Some(SEQUENCE as u8) {
        return false;
    }
    let long = r.u8("length").unwrap_or(0x80);
    let skip = if long < 0x80 { 0 } else { usize::from(long & 0x7f) };
    if skip > 4 || long == 0x80 || r.skip(skip, "length").is_err() {
        return false;
    }
    let Ok(version) = number(&mut r, "version") else { return false };
    let next = r.peek_u8();
    match version {
        0 | 1 => next == Some(OCTETS as u8),
        3 => next == Some(SEQUENCE as u8),
        _ => false,
    }
}

/// Reads a message. Nothing may follow it.
pub fn message(bytes: &[u8]) -> Read<Message<'_>> {
    let mut r = Reader::new(bytes);
    let mut all = expect(&mut r, SEQUENCE, "message")?.content;
    if !r.is_empty() {
        return Err(Malformed::invalid("length", r.offset()));
    }
    match number(&mut all, "version")? {
        version @ (0 | 1) => {
            let community = expect(&mut all, OCTETS, "community")?.bytes();
            Ok(Message::Community { version: version as u8, community, pdu: pdu(&mut all)? })
        }
        3 => user(&mut all).map(Message::User),
        _ => Err(Malformed::invalid("version", 2)),
    }
}

fn user<'a>(r: &mut Reader<'a>) -> Read<User<'a>> {
    let mut head = expect(r, SEQUENCE, "header")?.content;
    let id = number(&mut head, "message id")?;
    number(&mut head, "largest message")?;
    let flags = expect(&mut head, OCTETS, "flags")?.bytes().first().copied().unwrap_or_default();
    let model = number(&mut head, "security model")?;
    let mut security = expect(r, OCTETS, "security parameters")?.content;
    let (mut engine, mut user): (&[u8], &[u8]) = (&[], &[]);
    // 3 is the user-based model (RFC 3414)
    if model == 3 {
        let mut parts = expect(&mut security, SEQUENCE, "security parameters")?.content;
        engine = expect(&mut parts, OCTETS, "engine id")?.bytes();
        number(&mut parts, "engine boots")?;
        number(&mut parts, "engine time")?;
        user = expect(&mut parts, OCTETS, "user name")?.bytes();
    }
    let data = ber::element(r, "data")?;
    let pdu = match data.tag {
        OCTETS => None,
        SEQUENCE => {
            let mut scoped = data.content;
            expect(&mut scoped, OCTETS, "context engine id")?;
            expect(&mut scoped, OCTETS, "context name")?;
            Some(pdu(&mut scoped)?)
        }
        _ => return Err(Malformed::invalid("data", data.at)),
    };
    Ok(User { id, flags, engine, user, pdu })
}

fn pdu<'a>(r: &mut Reader<'a>) -> Read<Pdu<'a>> {
    let element = ber::element(r, "PDU")?;
    let kind = match element.tag {
        tag @ 0xa0..=0xa8 => (tag - 0xa0) as u8,
        _ => return Err(Malformed::invalid("PDU", element.at)),
    };
    let mut r = element.content;
    if kind == TRAP {
        let enterprise = expect(&mut r, OID, "enterprise")?.bytes();
        let agent = ber::element(&mut r, "agent address")?.bytes().first_chunk::<4>().copied();
        let generic = number(&mut r, "generic trap")?;
        let specific = number(&mut r, "specific trap")?;
        let time = ber::unsigned(ber::element(&mut r, "time")?.bytes()).unwrap_or_default() as u32;
        let trap = Some(Trap { enterprise, agent, generic, specific, time });
        let variables = expect(&mut r, SEQUENCE, "variables")?.content;
        return Ok(Pdu { kind, id: 0, status: 0, index: 0, trap, variables });
    }
    let id = number(&mut r, "request id")?;
    let status = number(&mut r, "error status")?;
    let index = number(&mut r, "error index")?;
    let variables = expect(&mut r, SEQUENCE, "variables")?.content;
    Ok(Pdu { kind, id, status, index, trap: None, variables })
}

/// The next variable.
pub fn variable<'a>(r: &mut Reader<'a>) -> Read<Variable<'a>> {
    let mut pair = expect(r, SEQUENCE, "variable")?.content;
    let object = expect(&mut pair, OID, "object")?;
    if !super::oid::is_sound(object.bytes()) {
        return Err(Malformed::invalid("object", object.at));
    }
    let value = ber::element(&mut pair, "value")?;
    Ok(Variable { object: object.bytes(), value })
}
