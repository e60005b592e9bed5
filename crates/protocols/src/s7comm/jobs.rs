//! Jobs and their acknowledgements: what they act on and what they bring.

use super::wire::Pdu;
use super::{blocks, meaning, vars};
use crate::{Carried, Draft, Goal, Val};
use model::Outcome;
use wire::{Read, Reader};

/// Adds what a job acts on. `reader` stands behind the function code.
pub fn job(function: u32, pdu: &Pdu<'_>, carried: &Carried, draft: &mut Draft<'_>) -> Read<()> {
    let mut r = Reader::new(pdu.parameter);
    r.skip(1, "function")?;
    match function {
        meaning::SETUP => {
            setup(&mut r, draft)?;
            partner(carried, draft);
        }
        meaning::READ_VAR => {
            let count = r.u8("item count")?;
            vars::goals(&mut r, count.into(), draft)?;
        }
        meaning::WRITE_VAR => {
            let count = r.u8("item count")?;
            vars::goals(&mut r, count.into(), draft)?;
            vars::values(&mut Reader::new(pdu.data), count.into(), draft)?;
        }
        meaning::REQUEST_DOWNLOAD => {
            blocks::push(file(&mut r)?, draft);
            let (load, code) = lengths(&mut r)?;
            draft.push_extra("load_memory_size", Val::Uint(load));
            draft.push_extra("code_size", Val::Uint(code));
        }
        meaning::DOWNLOAD_BLOCK | meaning::START_UPLOAD => blocks::push(file(&mut r)?, draft),
        meaning::DOWNLOAD_ENDED => {
            let error = error_of_end(pdu);
            blocks::push(file(&mut r)?, draft);
            if error != 0 {
                draft.push_extra("error_code", Val::Uint(error.into()));
            }
        }
        meaning::UPLOAD | meaning::END_UPLOAD => {
            let id = upload_id(pdu)?;
            draft.push_extra("upload_id", Val::Uint(id.into()));
        }
        meaning::PLC_STOP => {
            r.skip(5, "reserved")?;
            let length = r.u8("service name length")?;
            let name = r.take(length.into(), "service name")?;
            let name = draft.text(name);
            draft.push_extra("service", Val::Text(name));
        }
        _ => {}
    }
    Ok(())
}

/// Reads the lengths of a setup: parallel jobs, and the PDU size.
fn setup(r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<()> {
    r.skip(1, "reserved")?;
    let calling = r.be16("max AMQ calling")?;
    let called = r.be16("max AMQ called")?;
    let length = r.be16("PDU length")?;
    draft.push_extra("max_amq_calling", Val::Uint(calling.into()));
    draft.push_extra("max_amq_called", Val::Uint(called.into()));
    draft.push_extra("pdu_length", Val::Uint(length.into()));
    Ok(())
}

/// What the transport selector called says about the connection: who it is for, and which module.
fn partner(carried: &Carried, draft: &mut Draft<'_>) {
    let Some((kind, place)) = crate::common::tsap::two(carried.facts[0]) else { return };
    let kind = match kind {
        1 => "pg",
        2 => "op",
        3 => "s7_basic",
        0x10.. => "configured",
        _ => return,
    };
    draft.push_extra("connection_type", Val::Name(kind));
    draft.push_extra("rack", Val::Uint(u64::from(place >> 5)));
    draft.push_extra("slot", Val::Uint(u64::from(place & 0x1f)));
}

/// The file name of a block function: `_0A00001P`.
pub fn file<'a>(r: &mut Reader<'a>) -> Read<&'a [u8]> {
    r.skip(7, "status and id")?;
    let length = r.u8("file name length")?;
    r.take(length.into(), "file name")
}

/// The file name of a block job, where there is one.
pub fn file_of<'a>(pdu: &Pdu<'a>) -> Option<&'a [u8]> {
    let mut r = Reader::new(pdu.parameter);
    r.skip(1, "function").ok()?;
    file(&mut r).ok()
}

/// The error code a controller ends a transfer with.
pub fn error_of_end(pdu: &Pdu<'_>) -> u16 {
    let mut r = Reader::new(pdu.parameter);
    r.skip(2, "function and status").and_then(|()| r.be16("error code")).unwrap_or_default()
}

/// The id of an upload.
pub fn upload_id(pdu: &Pdu<'_>) -> Read<u32> {
    let mut r = Reader::new(pdu.parameter);
    r.skip(4, "function, status, reserved")?;
    r.be32("upload id")
}

/// Lengths of a download in decimal digits: `1`, six of the load memory, six of the code.
fn lengths(r: &mut Reader<'_>) -> Read<(u64, u64)> {
    let length = r.u8("length of lengths")?;
    let mut part = r.sub(length.into(), "lengths")?;
    part.skip(1, "unknown")?;
    Ok((digits(part.take(6, "load memory length")?), digits(part.take(6, "code length")?)))
}

/// The load memory size a download announces.
pub fn announced(pdu: &Pdu<'_>) -> Option<u64> {
    let mut r = Reader::new(pdu.parameter);
    r.skip(1, "function").ok()?;
    file(&mut r).ok()?;
    lengths(&mut r).ok().map(|(load, _)| load)
}

fn digits(bytes: &[u8]) -> u64 {
    let digit = |n: u64, b: &u8| n.saturating_mul(10).saturating_add(u64::from(b.wrapping_sub(b'0').min(9)));
    bytes.iter().fold(0, digit)
}

/// Upload id and size an accepted upload brings. A size without digits announces nothing.
pub fn upload_begins(pdu: &Pdu<'_>) -> Read<(u32, Option<u64>)> {
    let id = upload_id(pdu)?;
    let mut r = Reader::new(pdu.parameter);
    r.skip(8, "function to upload id")?;
    let length = r.u8("length of block length")?;
    let size = r.take(length.into(), "block length")?;
    Ok((id, (!size.is_empty()).then(|| digits(size))))
}

/// A program invocation service: its name and its argument.
pub fn service<'a>(pdu: &Pdu<'a>) -> Read<(&'a [u8], &'a [u8])> {
    let mut r = Reader::new(pdu.parameter);
    r.skip(8, "function and reserved")?;
    let length = r.be16("parameter block length")?;
    let argument = r.take(length.into(), "parameter block")?;
    let length = r.u8("service name length")?;
    Ok((r.take(length.into(), "service name")?, argument))
}

/// Adds what a service acts on.
pub fn service_targets(code: u32, name: &[u8], argument: &[u8], draft: &mut Draft<'_>) -> Read<()> {
    let text = draft.text(name);
    draft.push_extra("service", Val::Text(text));
    match code {
        meaning::PI_INSERT | meaning::PI_DELETE => {
            let mut r = Reader::new(argument);
            let count = r.u8("number of blocks")?;
            r.skip(1, "reserved")?;
            for _ in 0..usize::from(count).min(vars::MAX_ITEMS) {
                blocks::push(r.take(8, "block name")?, draft);
            }
        }
        code if meaning::is_secret(code) => {
            let secret = draft.out().secret(argument);
            draft.push_extra("password", secret);
        }
        meaning::PI_OTHER => {
            draft.push_item(Goal::named("pi", text), Val::None);
            argument_text(argument, draft);
        }
        _ => argument_text(argument, draft),
    }
    Ok(())
}

fn argument_text(argument: &[u8], draft: &mut Draft<'_>) {
    let text = draft.text(argument);
    if !text.is_empty() {
        draft.push_extra("argument", Val::Text(text));
    }
}

/// Fills in what an acknowledgement brings. Returns the outcome it tells.
pub fn acknowledgement(function: u32, pdu: &Pdu<'_>, draft: &mut Draft<'_>) -> Read<Outcome> {
    if pdu.error != 0 {
        return Ok(Outcome::Refused(pdu.error.into()));
    }
    let mut r = Reader::new(pdu.parameter);
    let mut refused = None;
    match function {
        meaning::SETUP => {
            r.skip(2, "function and reserved")?;
            r.skip(4, "parallel jobs")?;
            let length = r.be16("PDU length")?;
            draft.push_extra("pdu_length_agreed", Val::Uint(length.into()));
        }
        meaning::READ_VAR => {
            r.skip(1, "function")?;
            let count = r.u8("item count")?;
            refused = vars::values(&mut Reader::new(pdu.data), count.into(), draft)?;
        }
        meaning::WRITE_VAR => {
            r.skip(1, "function")?;
            let count = usize::from(r.u8("item count")?);
            let mut data = Reader::new(pdu.data);
            let codes = data.take(count, "return codes")?;
            refused = codes.iter().find(|c| **c != 0xff).copied();
        }
        meaning::START_UPLOAD => {
            let (id, size) = upload_begins(pdu)?;
            draft.push_extra("upload_id", Val::Uint(id.into()));
            if let Some(size) = size {
                draft.push_extra("load_memory_size", Val::Uint(size));
            }
        }
        _ => {}
    }
    Ok(refused.map_or(Outcome::Ok, |code| Outcome::Refused(code.into())))
}
