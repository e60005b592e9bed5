//! Function codes to operations, targets and values (MODBUS Application Protocol V1.1b3, section 6).

use super::Pdu;
use crate::{Draft, Goal, Operation, Val, op};
use model::Class::*;
use wire::{Malformed, Read, Reader};

/// Codes above 0xff are `function << 8 | sub-function`: diagnostics (8) and encapsulated interface (43).
pub const OPERATIONS: &[Operation] = &[
    op(1, "read_coils", Read),
    op(2, "read_discrete_inputs", Read),
    op(3, "read_holding_registers", Read),
    op(4, "read_input_registers", Read),
    op(5, "write_single_coil", Write),
    op(6, "write_single_register", Write),
    op(7, "read_exception_status", Diagnose),
    op(8, "diagnostics", Diagnose),
    op(11, "get_comm_event_counter", Diagnose),
    op(12, "get_comm_event_log", Diagnose),
    op(15, "write_multiple_coils", Write),
    op(16, "write_multiple_registers", Write),
    op(17, "report_server_id", Identify),
    op(20, "read_file_record", Read),
    op(21, "write_file_record", Write),
    op(22, "mask_write_register", Write),
    op(23, "read_write_multiple_registers", Write),
    op(24, "read_fifo_queue", Read),
    op(43, "encapsulated_interface_transport", Unknown),
    op(90, "umas", Session),
    op(0x0800, "diagnostics_return_query_data", Diagnose),
    op(0x0801, "diagnostics_restart_communications_option", Mode),
    op(0x0802, "diagnostics_return_diagnostic_register", Diagnose),
    op(0x0803, "diagnostics_change_ascii_input_delimiter", Configure),
    op(0x0804, "diagnostics_force_listen_only_mode", Mode),
    op(0x080a, "diagnostics_clear_counters_and_diagnostic_register", Diagnose),
    op(0x080b, "diagnostics_return_bus_message_count", Diagnose),
    op(0x080c, "diagnostics_return_bus_communication_error_count", Diagnose),
    op(0x080d, "diagnostics_return_bus_exception_error_count", Diagnose),
    op(0x080e, "diagnostics_return_server_message_count", Diagnose),
    op(0x080f, "diagnostics_return_server_no_response_count", Diagnose),
    op(0x0810, "diagnostics_return_server_nak_count", Diagnose),
    op(0x0811, "diagnostics_return_server_busy_count", Diagnose),
    op(0x0812, "diagnostics_return_bus_character_overrun_count", Diagnose),
    op(0x0814, "diagnostics_clear_overrun_counter_and_flag", Diagnose),
    op(0x2b0d, "canopen_general_reference", Unknown),
    op(0x2b0e, "read_device_identification", Identify),
];

/// Whether the standard names this function.
pub fn is_named(function: u8) -> bool {
    OPERATIONS.binary_search_by_key(&u32::from(function & 0x7f), |o| o.code).is_ok()
}

/// The code in [`OPERATIONS`]: diagnostics and encapsulated interface are told apart by their sub-code.
pub fn code(pdu: &Pdu<'_>) -> u32 {
    let function = u32::from(pdu.function);
    let sub = match pdu.function {
        8 => Reader::new(pdu.data).be16("sub-function").ok().filter(|s| *s <= 0xff).map(u32::from),
        43 => pdu.data.first().copied().map(u32::from),
        _ => None,
    };
    match sub {
        Some(sub) if OPERATIONS.binary_search_by_key(&(function << 8 | sub), |o| o.code).is_ok() => function << 8 | sub,
        _ => function,
    }
}

/// Coils are numbered from 1, holding registers from 40001 in most manuals; the wire counts from 0, and the protocol
/// address is what is shown, because the manuals' offsets differ between makers.
fn range(space: &'static str, r: &mut Reader<'_>) -> Read<Goal> {
    let first = r.be16("starting address")?;
    let count = r.be16("quantity")?;
    Ok(Goal::range(space, first.into(), count.into()))
}

/// Adds what a request acts on.
pub fn request(pdu: &Pdu<'_>, draft: &mut Draft<'_>) -> Read<()> {
    let mut r = Reader::new(pdu.data);
    match pdu.function {
        1 => draft.push_item(range("coil", &mut r)?, Val::None),
        2 => draft.push_item(range("discrete", &mut r)?, Val::None),
        3 => draft.push_item(range("holding", &mut r)?, Val::None),
        4 => draft.push_item(range("input", &mut r)?, Val::None),
        5 => {
            let goal = Goal::range("coil", r.be16("output address")?.into(), 1);
            let value = match r.be16("output value")? {
                0 => Val::Bool(false),
                0xff00 => Val::Bool(true),
                other => Val::Uint(other.into()),
            };
            draft.push_item(goal, value);
        }
        6 => {
            let goal = Goal::range("holding", r.be16("register address")?.into(), 1);
            draft.push_item(goal, Val::Uint(r.be16("register value")?.into()));
        }
        15 => {
            let goal = range("coil", &mut r)?;
            let bytes = r.u8("byte count")?;
            let packed = draft.bytes(r.take(bytes.into(), "outputs value")?);
            draft.push_item(goal, Val::Bits { packed, count: goal.count as u16 });
        }
        16 => {
            let goal = range("holding", &mut r)?;
            words(goal, &mut r, draft)?;
        }
        20 => {
            let mut groups = counted(&mut r)?;
            while !groups.is_empty() {
                let goal = file_goal(&mut groups)?;
                draft.push_item(goal, Val::None);
            }
        }
        21 => {
            let mut groups = counted(&mut r)?;
            while !groups.is_empty() {
                let goal = file_goal(&mut groups)?;
                let data = groups.take(goal.count as usize * 2, "record data")?;
                let data = draft.bytes(data);
                draft.push_item(goal, Val::Words(data));
            }
        }
        22 => {
            let goal = Goal::range("holding", r.be16("reference address")?.into(), 1);
            let (and, or) = (r.be16("and mask")?, r.be16("or mask")?);
            draft.push_item(goal, Val::Uint(u64::from(and) << 16 | u64::from(or)));
        }
        23 => {
            draft.push_item(range("holding", &mut r)?, Val::None);
            let goal = range("holding", &mut r)?;
            words(goal, &mut r, draft)?;
        }
        24 => draft.push_item(Goal::range("fifo", r.be16("fifo pointer address")?.into(), 1), Val::None),
        8 => {
            let sub = r.be16("sub-function")?;
            draft.push_extra("sub_function", Val::Uint(sub.into()));
        }
        43 => {
            let mei = r.u8("mei type")?;
            draft.push_extra("sub_function", Val::Uint(mei.into()));
            if mei == 14 {
                draft.push_extra("read_device_id", Val::Uint(r.u8("read device id code")?.into()));
                draft.push_item(Goal::range("object", r.u8("object id")?.into(), 1), Val::None);
            }
        }
        7 | 11 | 12 | 17 | 90 => {}
        _ => {
            let data = draft.bytes(r.rest());
            draft.push_extra("data", Val::Bytes(data));
        }
    }
    Ok(())
}

/// Fills the values of a response into the request's targets; a response alone brings its own, without address.
pub fn response(pdu: &Pdu<'_>, draft: &mut Draft<'_>) -> Read<()> {
    let mut r = Reader::new(pdu.data);
    match pdu.function {
        1 | 2 => {
            let data = {
                let n = r.u8("byte count")?;
                r.take(n.into(), "status")?
            };
            let packed = draft.bytes(data);
            let space = if pdu.function == 1 { "coil" } else { "discrete" };
            let most = (data.len() * 8).min(2000) as u32;
            let count = asked(draft).unwrap_or(most);
            if count > most {
                return Err(Malformed::invalid("byte count", 8));
            }
            fill(draft, space, Val::Bits { packed, count: count as u16 });
        }
        3 | 4 | 23 => {
            let data = {
                let n = r.u8("byte count")?;
                r.take(n.into(), "registers value")?
            };
            let span = draft.bytes(data);
            let space = if pdu.function == 4 { "input" } else { "holding" };
            if asked(draft).is_some_and(|count| count as usize * 2 != data.len()) {
                return Err(Malformed::invalid("byte count", 8));
            }
            fill(draft, space, Val::Words(span));
        }
        7 => {
            let status = r.u8("output data")?;
            draft.push_item(Goal::space("exception_status"), Val::Uint(status.into()));
        }
        24 => {
            let bytes = r.be16("byte count")?;
            let mut body = r.sub(bytes.into(), "fifo")?;
            let count = body.be16("fifo count")?;
            let values = body.take(usize::from(count) * 2, "fifo value register")?;
            let values = draft.bytes(values);
            fill(draft, "fifo", Val::Words(values));
        }
        _ => {}
    }
    Ok(())
}

/// Puts a value on the first target; a response whose request was not seen gets a target without address.
fn fill(draft: &mut Draft<'_>, space: &'static str, value: Val) {
    match draft.items_mut() {
        [entry, ..] => entry.value = value,
        [] => draft.push_item(Goal::space(space), value),
    }
}

/// How many addresses the request asked for; `None` where it was not seen.
fn asked(draft: &mut Draft<'_>) -> Option<u32> {
    draft.items_mut().first().map(|e| e.goal.count)
}

fn words(goal: Goal, r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<()> {
    let bytes = r.u8("byte count")?;
    if u32::from(bytes) != goal.count * 2 {
        return Err(Malformed::invalid("byte count", r.offset()));
    }
    let data = draft.bytes(r.take(bytes.into(), "registers value")?);
    draft.push_item(goal, Val::Words(data));
    Ok(())
}

fn counted<'a>(r: &mut Reader<'a>) -> Read<Reader<'a>> {
    let bytes = r.u8("byte count")?;
    r.sub(bytes.into(), "sub-requests")
}

/// One sub-request: reference type 6, file number, record number, record length in words (V1.1b3, 6.14).
fn file_goal(r: &mut Reader<'_>) -> Read<Goal> {
    if r.u8("reference type")? != 6 {
        return Err(Malformed::invalid("reference type", r.offset()));
    }
    let file = r.be16("file number")?;
    let record = r.be16("record number")?;
    let length = r.be16("record length")?;
    Ok(Goal::range("file", record.into(), length.into()).with_sub(file.into()))
}
