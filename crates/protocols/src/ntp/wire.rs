//! Bytes to message (RFC 5905, 7.3; RFC 9327, 2; private messages as ntpd defines them).

use model::Time;
use wire::{Read, Reader};

/// Seconds from 1900 to 1970.
const UNIX: i64 = 2_208_988_800;
/// Seconds in an era: after 2036 the count begins again.
const ERA: i64 = 1 << 32;

/// One message.
#[derive(Clone, Copy, Debug)]
pub enum Message<'a> {
    /// Modes 1 to 5, and mode 0 of version 1.
    Time(Packet),
    /// Mode 6.
    Control(Control<'a>),
    /// Mode 7.
    Private(Private),
}

/// Clocks compared.
#[derive(Clone, Copy, Debug)]
pub struct Packet {
    pub leap: u8,
    pub version: u8,
    pub mode: u8,
    pub stratum: u8,
    pub reference: [u8; 4],
    pub reference_time: u64,
    /// The receiver's own transmit time, sent back.
    pub origin: u64,
    pub transmit: u64,
    /// What follows: extensions and a digest.
    pub trailer: usize,
}

/// Variables and status of an association (0: of the system).
#[derive(Clone, Copy, Debug)]
pub struct Control<'a> {
    pub version: u8,
    pub response: bool,
    pub error: bool,
    pub more: bool,
    pub opcode: u8,
    pub sequence: u16,
    pub status: u16,
    pub association: u16,
    pub data: &'a [u8],
}

/// A request or response of ntpdc.
#[derive(Clone, Copy, Debug)]
pub struct Private {
    pub version: u8,
    pub response: bool,
    pub more: bool,
    pub implementation: u8,
    pub request: u8,
    pub error: u8,
    pub items: u16,
}

/// Reads a message.
pub fn message(bytes: &[u8]) -> Read<Message<'_>> {
    let mut r = Reader::new(bytes);
    let first = r.u8("mode")?;
    let version = first >> 3 & 7;
    match first & 7 {
        6 => control(version, &mut r).map(Message::Control),
        7 => private(first, version, &mut r).map(Message::Private),
        mode => packet(first, version, mode, &mut r).map(Message::Time),
    }
}

fn packet(first: u8, version: u8, mode: u8, r: &mut Reader<'_>) -> Read<Packet> {
    let stratum = r.u8("stratum")?;
    r.skip(2, "poll and precision")?;
    r.skip(4, "root delay")?;
    r.skip(4, "root dispersion")?;
    let reference = r.array::<4>("reference ID")?;
    let reference_time = r.be64("reference timestamp")?;
    let origin = r.be64("origin timestamp")?;
    r.skip(8, "receive timestamp")?;
    let transmit = r.be64("transmit timestamp")?;
    let (leap, trailer) = (first >> 6, r.left());
    Ok(Packet { leap, version, mode, stratum, reference, reference_time, origin, transmit, trailer })
}

fn control<'a>(version: u8, r: &mut Reader<'a>) -> Read<Control<'a>> {
    let bits = r.u8("operation code")?;
    let sequence = r.be16("sequence")?;
    let status = r.be16("status")?;
    let association = r.be16("association ID")?;
    r.skip(2, "offset")?;
    let count = r.be16("count")?;
    Ok(Control {
        version,
        response: bits & 0x80 != 0,
        error: bits & 0x40 != 0,
        more: bits & 0x20 != 0,
        opcode: bits & 0x1f,
        sequence,
        status,
        association,
        data: r.take(count.into(), "data")?,
    })
}

fn private(first: u8, version: u8, r: &mut Reader<'_>) -> Read<Private> {
    r.skip(1, "sequence")?;
    let implementation = r.u8("implementation")?;
    let request = r.u8("request code")?;
    let (error, items) = match r.be16("number of items") {
        Ok(bits) => ((bits >> 12) as u8, bits & 0xfff),
        // a bare request has four bytes
        Err(_) => (0, 0),
    };
    Ok(Private {
        version,
        response: first & 0x80 != 0,
        more: first & 0x40 != 0,
        implementation,
        request,
        error,
        items,
    })
}

impl Message<'_> {
    /// A time message whose version and mode are in use, whatever else it says.
    pub fn is_time(&self) -> bool {
        matches!(self, Message::Time(p) if (1..=4).contains(&p.version) && (1..=5).contains(&p.mode))
    }

    /// Fields within what the standard allows, for identification.
    pub fn is_plausible(&self) -> bool {
        match self {
            // mode 0 was a client's and a server's before version 2
            Message::Time(p) => {
                let modes = if p.version <= 1 { 0..=5 } else { 1..=5 };
                // the time of a server or broadcaster is set
                let timed = !matches!(p.mode, 4 | 5) || p.transmit != 0;
                (1..=4).contains(&p.version)
                    && modes.contains(&p.mode)
                    && p.stratum <= 16
                    && timed
                    && (p.trailer == 0 || p.trailer >= 12 && p.trailer % 4 == 0 || p.trailer == 4)
            }
            Message::Control(c) => (1..=4).contains(&c.version) && (c.opcode <= 12 || c.opcode == 31),
            Message::Private(p) => (1..=4).contains(&p.version) && p.implementation <= 3 && p.request <= 45,
        }
    }
}

/// A timestamp as a moment; `None` for 0 (not set). Times before 1968 are taken for the era after 2036.
pub fn time(stamp: u64) -> Option<Time> {
    if stamp == 0 {
        return None;
    }
    let seconds = (stamp >> 32) as i64;
    let seconds = if seconds < ERA / 2 { seconds + ERA } else { seconds } - UNIX;
    let fraction = ((stamp & 0xffff_ffff) * 1_000_000_000) >> 32;
    Some(Time(seconds.checked_mul(Time::SECOND)?.checked_add(fraction as i64)?))
}
