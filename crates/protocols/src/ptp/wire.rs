//! Bytes to a message of version 2 (IEEE 1588-2019, clause 13).

use model::Time;
use wire::{Malformed, Read, Reader};

/// Port identity: clock and port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    pub clock: [u8; 8],
    pub number: u16,
}

/// The header of every message.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    pub kind: u8,
    /// 12 bits: major (transport specific) and minor.
    pub sdo_id: u16,
    pub minor_version: u8,
    pub domain: u8,
    pub source: Port,
    pub sequence: u16,
    pub control: u8,
    pub length: usize,
    /// What follows, up to the announced length.
    pub body: Reader<'a>,
}

const HEADER: usize = 34;

/// Reads the header.
pub fn header<'a>(bytes: &'a [u8]) -> Read<Header<'a>> {
    let mut r = Reader::new(bytes);
    let [first, version] = r.array::<2>("messageType")?;
    if version & 0xf != 2 {
        return Err(Malformed::invalid("versionPTP", 1));
    }
    let kind = first & 0xf;
    let Some(least) = least(kind) else { return Err(Malformed::invalid("messageType", 0)) };
    let length = usize::from(r.be16("messageLength")?);
    if length < least {
        return Err(Malformed::invalid("messageLength", 2));
    }
    let domain = r.u8("domainNumber")?;
    let minor = r.u8("minorSdoId")?;
    r.skip(14, "flagField")?;
    let source = port(&mut r)?;
    let sequence = r.be16("sequenceId")?;
    let control = r.u8("controlField")?;
    r.skip(1, "logMessageInterval")?;
    let body = r.sub(length - HEADER, "message")?;
    let sdo_id = u16::from(first >> 4) << 8 | u16::from(minor);
    Ok(Header { kind, sdo_id, minor_version: version >> 4, domain, source, sequence, control, length, body })
}

/// Shortest message of a type; `None` for reserved types.
fn least(kind: u8) -> Option<usize> {
    match kind {
        0x0 | 0x1 | 0x8 | 0xc => Some(44),
        0x2 | 0x3 | 0x9 | 0xa => Some(54),
        0xb => Some(64),
        0xd => Some(48),
        _ => None,
    }
}

impl Header<'_> {
    /// The control field is that of the type (or 0, as later editions allow), nothing but padding follows.
    pub fn is_consistent(&self, captured: usize) -> bool {
        let control = match self.kind {
            0x0 => 0,
            0x1 => 1,
            0x8 => 2,
            0x9 => 3,
            0xd => 4,
            _ => 5,
        };
        (self.control == control || self.control == 0) && captured <= self.length.max(46) + 8
    }
}

/// Reads a port identity.
pub fn port(r: &mut Reader<'_>) -> Read<Port> {
    Ok(Port { clock: r.array("clockIdentity")?, number: r.be16("portNumber")? })
}

/// Reads a timestamp: 48 bits of seconds, 32 of nanoseconds. `None` for 0 and for what no calendar holds.
pub fn timestamp(r: &mut Reader<'_>) -> Read<Option<Time>> {
    let seconds = r.be_uint(6, "secondsField")? as i64;
    let nanoseconds = i64::from(r.be32("nanosecondsField")?);
    let plausible = seconds > 0 && seconds < 1 << 33 && nanoseconds < Time::SECOND;
    Ok(plausible.then(|| Time(seconds * Time::SECOND + nanoseconds)))
}

/// What an announce message says about the grandmaster.
#[derive(Clone, Copy, Debug)]
pub struct Announce {
    pub time: Option<Time>,
    pub utc_offset: i16,
    pub priority1: u8,
    pub class: u8,
    pub accuracy: u8,
    pub variance: u16,
    pub priority2: u8,
    pub grandmaster: [u8; 8],
    pub steps_removed: u16,
    pub time_source: u8,
}

/// Reads an announce message.
pub fn announce(r: &mut Reader<'_>) -> Read<Announce> {
    let time = timestamp(r)?;
    let utc_offset = r.be_i16("currentUtcOffset")?;
    r.skip(1, "reserved")?;
    Ok(Announce {
        time,
        utc_offset,
        priority1: r.u8("grandmasterPriority1")?,
        class: r.u8("clockClass")?,
        accuracy: r.u8("clockAccuracy")?,
        variance: r.be16("offsetScaledLogVariance")?,
        priority2: r.u8("grandmasterPriority2")?,
        grandmaster: r.array("grandmasterIdentity")?,
        steps_removed: r.be16("stepsRemoved")?,
        time_source: r.u8("timeSource")?,
    })
}

/// Most TLVs read from one message. Profiles add two or three; a hostile one could hold hundreds of empty ones.
pub const MAX_TLVS: usize = 32;

/// One TLV.
#[derive(Clone, Copy, Debug)]
pub struct Tlv<'a> {
    pub kind: u16,
    pub value: Reader<'a>,
}

/// Reads the next TLV.
pub fn tlv<'a>(r: &mut Reader<'a>) -> Read<Tlv<'a>> {
    let kind = r.be16("tlvType")?;
    let length = r.be16("lengthField")?;
    Ok(Tlv { kind, value: r.sub(length.into(), "TLV")? })
}

/// Reads a PTPText.
pub fn text<'a>(r: &mut Reader<'a>, what: &'static str) -> Read<&'a [u8]> {
    let length = r.u8(what)?;
    r.take(length.into(), what)
}
