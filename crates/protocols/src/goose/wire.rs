//! Bytes to a message (IEC 61850-8-1, annexes A and C; IEC 61850-90-5 for the routed form).

use crate::common::ber;
use crate::common::mms_data::{UtcTime, utc_time};
use wire::{Malformed, Read, Reader};

/// The header behind the EtherType.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    pub appid: u16,
    /// Simulation bit (edition 2).
    pub simulation: bool,
    /// Bytes the length field announces for the PDU.
    pub length: usize,
    /// The PDU, as far as the frame holds it.
    pub pdu: Reader<'a>,
}

impl Header<'_> {
    /// The frame holds everything the length field announces.
    pub fn is_whole(&self) -> bool {
        self.pdu.left() == self.length
    }

    /// The outermost tag.
    pub fn pdu_tag(&self) -> Option<u8> {
        self.pdu.peek_u8()
    }
}

/// Reads the header. What follows the announced length is the frame's padding (or a security extension).
pub fn header<'a>(bytes: &'a [u8]) -> Read<Header<'a>> {
    let mut r = Reader::new(bytes);
    let appid = r.be16("APPID")?;
    let at = r.offset();
    let length = usize::from(r.be16("Length")?);
    let reserved = r.be32("Reserved")?;
    // the header counts itself: APPID, length, two reserved words
    let length = length.checked_sub(8).ok_or(Malformed::invalid("Length", at))?;
    let pdu = r.sub(length.min(r.left()), "APDU")?;
    Ok(Header { appid, simulation: reserved & 0x8000_0000 != 0, length, pdu })
}

/// A routed message: session header of IEC 61850-90-5 around one or more payloads.
#[derive(Clone, Copy, Debug)]
pub struct Routed<'a> {
    pub key_id: u32,
    pub encrypted: bool,
    /// The payloads: type, simulation flag, APPID, length, PDU; cipher text where encrypted.
    pub payloads: Reader<'a>,
}

/// Reads a datagram: CLTP unit data, session header with identifier 0xa1 (GOOSE), security, payloads. Some
/// implementations leave the two bytes that name the algorithms out: what fits is believed.
pub fn routed<'a>(bytes: &'a [u8]) -> Read<Routed<'a>> {
    let mut r = Reader::new(bytes);
    if r.array::<2>("CLTP")? != [0x01, 0x40] {
        return Err(Malformed::invalid("CLTP", 0));
    }
    let identifiers = r.array::<3>("SPDU")?;
    let [0xa1, session, 0x80] = identifiers else { return Err(Malformed::invalid("SI", 2)) };
    let at = r.offset();
    let common = r.u8("common session header length")?;
    // SPDU length and number, version, key times, key id
    if session < common || common < 20 {
        return Err(Malformed::invalid("common session header length", at));
    }
    let spdu = r.be32("SPDU length")? as usize;
    if spdu < 14 || spdu > bytes.len() {
        return Err(Malformed::invalid("SPDU length", at));
    }
    r.skip(4, "SPDU number")?;
    r.skip(2, "version")?;
    r.skip(6, "time of current key, time to next key")?;
    secured(r, true).or_else(|error| secured(r, false).or(Err(error)))
}

fn secured(mut r: Reader<'_>, algorithms: bool) -> Read<Routed<'_>> {
    let [encryption, _signature] = if algorithms { r.array::<2>("security algorithms")? } else { [0, 0] };
    let key_id = r.be32("key id")?;
    let initial = r.u8("initialisation vector length")?;
    r.skip(initial.into(), "initialisation vector")?;
    let at = r.offset();
    let length = r.be32("payload length")? as usize;
    // the smallest payload is its own header
    if length > r.left() || length < 6 || encryption > 3 {
        return Err(Malformed::invalid("payload length", at));
    }
    let payloads = r.sub(length, "payload")?;
    if encryption == 0 && !matches!(payloads.peek_u8(), Some(0x81 | 0x82)) {
        return Err(Malformed::invalid("payload type", at));
    }
    Ok(Routed { key_id, encrypted: encryption != 0, payloads })
}

/// Reads the next payload of a routed message.
pub fn payload<'a>(r: &mut Reader<'a>) -> Read<(u8, Header<'a>)> {
    let kind = r.u8("payload type")?;
    let simulation = r.u8("simulation")? != 0;
    let appid = r.be16("APPID")?;
    let length = usize::from(r.be16("APDU length")?);
    let pdu = r.sub(length, "APDU")?;
    Ok((kind, Header { appid, simulation, length, pdu }))
}

/// The fields of a goosePdu, each as far as it was there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pdu<'a> {
    pub gocb_ref: Option<&'a [u8]>,
    pub time_allowed_to_live: Option<u64>,
    pub dat_set: Option<&'a [u8]>,
    pub go_id: Option<&'a [u8]>,
    pub t: Option<UtcTime>,
    pub st_num: Option<u64>,
    pub sq_num: Option<u64>,
    pub test: bool,
    pub conf_rev: Option<u64>,
    pub nds_com: bool,
    pub entries: Option<u64>,
    pub data: Option<Reader<'a>>,
}

impl Pdu<'_> {
    /// A mandatory field that is not there.
    pub fn missing(&self) -> Option<&'static str> {
        let fields = [
            ("gocbRef", self.gocb_ref.is_some()),
            ("timeAllowedtoLive", self.time_allowed_to_live.is_some()),
            ("datSet", self.dat_set.is_some()),
            ("t", self.t.is_some()),
            ("stNum", self.st_num.is_some()),
            ("sqNum", self.sq_num.is_some()),
            ("confRev", self.conf_rev.is_some()),
            ("numDatSetEntries", self.entries.is_some()),
            ("allData", self.data.is_some()),
        ];
        fields.iter().find(|(_, there)| !there).map(|(name, _)| *name)
    }
}

/// Most fields read from one PDU. The standard has thirteen; a hostile one could hold hundreds of empty ones.
const MAX_FIELDS: usize = 32;

/// Reads the fields of a goosePdu into `pdu`, so that what stands before a broken field is kept.
pub fn goose_pdu<'a>(mut r: Reader<'a>, pdu: &mut Pdu<'a>) -> Read<()> {
    for _ in 0..MAX_FIELDS {
        if r.is_empty() {
            break;
        }
        let e = ber::element(&mut r, "goosePdu")?;
        let invalid = |what| move || Malformed::invalid(what, e.at);
        let number = |what| ber::unsigned(e.bytes()).ok_or_else(invalid(what)).map(Some);
        let flag = |what| ber::boolean(e.bytes()).ok_or_else(invalid(what));
        match e.tag {
            0x80 => pdu.gocb_ref = Some(e.bytes()),
            0x81 => pdu.time_allowed_to_live = number("timeAllowedtoLive")?,
            0x82 => pdu.dat_set = Some(e.bytes()),
            0x83 => pdu.go_id = Some(e.bytes()),
            0x84 => pdu.t = Some(utc_time(e.bytes()).ok_or_else(invalid("t"))?),
            0x85 => pdu.st_num = number("stNum")?,
            0x86 => pdu.sq_num = number("sqNum")?,
            0x87 => pdu.test = flag("simulation")?,
            0x88 => pdu.conf_rev = number("confRev")?,
            0x89 => pdu.nds_com = flag("ndsCom")?,
            0x8a => pdu.entries = number("numDatSetEntries")?,
            0xab => pdu.data = Some(e.content),
            // a security field and whatever a later edition adds
            _ => {}
        }
    }
    Ok(())
}
