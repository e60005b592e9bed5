//! Alarms: the RTA-PDU and the alarm blocks inside (IEC 61158-6-10, 4.7 and 5.2.8).

use super::OPERATIONS;
use super::wire::ALARM_HIGH;
use crate::{Goal, Input, Output, Val};
use wire::{Malformed, Read, Reader};

/// PDU types that carry no block, beside the frame ids.
pub const NACK: u32 = 0x1_0002;
pub const ACK: u32 = 0x1_0003;
pub const ERR: u32 = 0x1_0004;
/// Block types.
pub const NOTIFICATION_HIGH: u32 = 0x2_0001;
pub const NOTIFICATION_LOW: u32 = 0x2_0002;
pub const ACK_HIGH: u32 = 0x2_8001;
pub const ACK_LOW: u32 = 0x2_8002;

/// Reads an alarm behind its frame id and says it.
pub fn read(code: u32, mut r: Reader<'_>, input: &Input<'_>, out: &mut Output) -> Read<()> {
    r.skip(4, "alarm end points")?;
    let at = r.offset();
    let kind = r.u8("PDUType")? & 0xf;
    r.skip(1, "AddFlags")?;
    r.skip(4, "SendSeqNum, AckSeqNum")?;
    let length = r.be16("VarPartLen")?;
    let mut part = r.sub(length.into(), "RTA-SDU")?;
    let frame = Goal::range("frame_id", if code == ALARM_HIGH { 0xfc01 } else { 0xfe01 }, 1);
    match kind {
        1 => block(code, part, frame, input, out),
        2 | 3 => {
            out.draft(OPERATIONS, 0x1_0000 | u32::from(kind), input.dir).target(frame).commit();
            Ok(())
        }
        4 => {
            let status = part.be32("PNIOStatus")?;
            let draft = out.draft(OPERATIONS, ERR, input.dir).target(frame);
            draft.extra("status", Val::Uint(status.into())).commit();
            Ok(())
        }
        _ => Err(Malformed::invalid("PDUType", at)),
    }
}

fn block(code: u32, mut r: Reader<'_>, frame: Goal, input: &Input<'_>, out: &mut Output) -> Read<()> {
    let at = r.offset();
    let block = 0x2_0000 | u32::from(r.be16("BlockType")?);
    let length = r.be16("BlockLength")?;
    let mut r = r.sub(length.into(), "alarm block")?;
    r.skip(2, "BlockVersion")?;
    if !matches!(block, NOTIFICATION_HIGH | NOTIFICATION_LOW | ACK_HIGH | ACK_LOW) {
        return Err(Malformed::invalid("BlockType", at));
    }
    let alarm = r.be16("AlarmType")?;
    let _api = r.be32("API")?;
    let (slot, subslot) = (r.be16("SlotNumber")?, r.be16("SubslotNumber")?);
    let acknowledges = matches!(block, ACK_HIGH | ACK_LOW);
    let idents = match acknowledges {
        true => None,
        false => Some((r.be32("ModuleIdentNumber")?, r.be32("SubmoduleIdentNumber")?)),
    };
    let specifier = r.be16("AlarmSpecifier")?;
    let status = if acknowledges { Some(r.be32("PNIOStatus")?) } else { None };
    if (code == ALARM_HIGH) != matches!(block, NOTIFICATION_HIGH | ACK_HIGH) {
        out.anomaly("priority_mismatch", "BlockType", block.into(), input.dir);
    }
    // an alarm is news, whatever its class
    let mut draft = out.draft(OPERATIONS, block, input.dir).actor(input.dir).single();
    let place = Goal { space: "subslot", first: slot.into(), count: 1, ..frame }.with_sub(subslot.into());
    let value = match name(alarm) {
        Some(name) => Val::Name(name),
        None => Val::Uint(alarm.into()),
    };
    draft.push_item(place, value);
    draft.push_extra("alarm_specifier", Val::Uint(specifier.into()));
    if let Some((module, submodule)) = idents {
        draft.push_extra("module_ident", Val::Uint(module.into()));
        draft.push_extra("submodule_ident", Val::Uint(submodule.into()));
    }
    if let Some(status) = status {
        draft.push_extra("status", Val::Uint(status.into()));
    }
    draft.commit();
    Ok(())
}

/// AlarmType (5.2.8.4).
fn name(kind: u16) -> Option<&'static str> {
    const NAMES: [&str; 0x1f] = [
        "diagnosis",
        "process",
        "pull",
        "plug",
        "status",
        "update",
        "media_redundancy",
        "controlled_by_supervisor",
        "released",
        "plug_wrong_submodule",
        "return_of_submodule",
        "diagnosis_disappears",
        "multicast_communication_mismatch",
        "port_data_change",
        "sync_data_changed",
        "isochronous_mode_problem",
        "network_component_problem",
        "time_data_changed",
        "dynamic_frame_packing_problem",
        "mrpd_problem",
        "",
        "multiple_interface_mismatch",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "upload_and_retrieval",
        "pull_module",
    ];
    let at = usize::from(kind).checked_sub(1)?;
    NAMES.get(at).copied().filter(|name| !name.is_empty())
}
