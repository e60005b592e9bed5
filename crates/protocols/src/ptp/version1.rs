//! Version 1 (IEEE 1588-2002): recognised, with what its messages say about the grandmaster.

use super::{DELAY_REQ, DELAY_RESP, FOLLOW_UP, MANAGEMENT, OPERATIONS, SYNC};
use crate::{Goal, Input, Output, Val};
use wire::{Malformed, Read, Reader};

/// The header of version 1.
pub struct Header<'a> {
    control: u8,
    subdomain: &'a [u8],
    uuid: [u8; 6],
    port: u16,
    sequence: u16,
    body: Reader<'a>,
}

/// Reads the header: versions 1 and 1, a subdomain of text, a known control field that fits the message type.
pub fn header<'a>(bytes: &'a [u8]) -> Read<Header<'a>> {
    let mut r = Reader::new(bytes);
    if r.be32("versionPTP")? != 0x0001_0001 {
        return Err(Malformed::invalid("versionPTP", 0));
    }
    let subdomain = r.take(16, "subdomain")?;
    let [kind, _technology] = r.array::<2>("messageType")?;
    let uuid = r.array("sourceUuid")?;
    let port = r.be16("sourcePortId")?;
    let sequence = r.be16("sequenceId")?;
    let control = r.u8("control")?;
    r.skip(7, "flags")?;
    let event = match control {
        0 | 1 => 1,
        2..=4 => 2,
        _ => return Err(Malformed::invalid("control", 32)),
    };
    let readable = subdomain.iter().all(|b| *b == 0 || b.is_ascii_graphic());
    if kind != event || !readable {
        return Err(Malformed::invalid("messageType", 20));
    }
    Ok(Header { control, subdomain, uuid, port, sequence, body: r })
}

/// Reads a message and says it.
pub fn read(input: &Input<'_>, out: &mut Output) -> Read<()> {
    let h = header(input.bytes)?;
    let code = match h.control {
        0 => SYNC,
        1 => DELAY_REQ,
        2 => FOLLOW_UP,
        3 => DELAY_RESP,
        _ => MANAGEMENT,
    };
    let mut draft = out.draft(OPERATIONS, code, input.dir);
    if code != DELAY_RESP {
        draft = draft.actor(input.dir);
    }
    let [a, b, c, d, e, f] = h.uuid;
    let clock = draft.format(format_args!("{a:02x}{b:02x}{c:02x}{d:02x}{e:02x}{f:02x}"));
    let subdomain = draft.text(h.subdomain);
    draft.push_item(Goal::named("domain", subdomain), Val::None);
    draft.push_extra("version", Val::Name("1"));
    draft.push_extra("subdomain", Val::Text(subdomain));
    draft.push_extra("clock", Val::Text(clock));
    draft.push_extra("port", Val::Uint(h.port.into()));
    draft.push_extra("sequence", Val::Uint(h.sequence.into()));
    let mut r = h.body;
    if code == SYNC
        && r.skip(14, "originTimestamp").is_ok()
        && let Ok([a, b, c, d, e, f]) = r.array::<6>("grandmasterClockUuid")
    {
        let grandmaster = draft.format(format_args!("{a:02x}{b:02x}{c:02x}{d:02x}{e:02x}{f:02x}"));
        draft.push_extra("grandmaster", Val::Text(grandmaster));
        if r.skip(7, "grandmasterSequenceId").is_ok()
            && let Ok(stratum) = r.u8("grandmasterClockStratum")
            && let Ok(source) = r.take(4, "grandmasterClockIdentifier")
        {
            draft.push_extra("stratum", Val::Uint(stratum.into()));
            let source = draft.text(source);
            draft.push_extra("time_source", Val::Text(source));
        }
    }
    draft.commit();
    Ok(())
}
