//! One frame, one statement; no state.

use super::wire::{Tlv, Tlvs, id, mac};
use super::{NORMAL, OPERATIONS, SHUTDOWN, identity};
use crate::{Draft, Goal, Input, Output, Session, Span, Step, Val};
use wire::{Malformed, Reader};

/// Organizationally specific TLVs this page reads: IEEE 802.1, IEEE 802.3, PROFINET, TIA LLDP-MED.
pub const IEEE_8021: [u8; 3] = [0x00, 0x80, 0xc2];
pub const IEEE_8023: [u8; 3] = [0x00, 0x12, 0x0f];
pub const PROFINET: [u8; 3] = [0x00, 0x0e, 0xcf];
pub const MED: [u8; 3] = [0x00, 0x12, 0xbb];

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Lldp)
}

struct Lldp;

impl Session for Lldp {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        if !matches!(Tlvs::new(input.bytes).next(), Some(Ok(tlv)) if tlv.kind == 1) {
            out.malformed(Malformed::invalid("chassis ID TLV", 0), input.dir);
            return Step::Resync(0);
        }
        check(input, out);
        let shutdown = Tlvs::new(input.bytes).flatten().any(|t| t.kind == 3 && t.value == [0, 0]);
        let code = if shutdown { SHUTDOWN } else { NORMAL };
        let mut draft = out.draft(OPERATIONS, code, input.dir).actor(input.dir);
        for tlv in Tlvs::new(input.bytes).flatten() {
            describe(&tlv, &mut draft);
        }
        draft.commit();
        if !shutdown {
            identity::prove(input.bytes, out);
        }
        Step::Took(input.bytes.len())
    }
}

/// The rules of 9.1.2 and 8.4: three mandatory TLVs in order, each once, and nothing longer than the frame.
fn check(input: &Input<'_>, out: &mut Output) {
    let mut tlvs = Tlvs::new(input.bytes);
    let mut seen = [false; 9];
    for (place, tlv) in tlvs.by_ref().enumerate() {
        match tlv {
            Ok(tlv) => {
                if place < 3 && usize::from(tlv.kind) != place + 1 {
                    out.anomaly("tlv_order", "mandatory TLVs", tlv.kind.into(), input.dir);
                }
                // a management address may come several times (8.5.9)
                let once = seen.get_mut(usize::from(tlv.kind)).filter(|_| tlv.kind != 8);
                if once.is_some_and(|seen| core::mem::replace(seen, true)) {
                    out.anomaly("duplicate_tlv", "TLV type", tlv.kind.into(), input.dir);
                }
            }
            // a frame the capture cut is not the sender's fault
            Err(error) if input.cut == 0 || !error.is_truncated() => out.malformed(error, input.dir),
            Err(_) => {}
        }
    }
    if tlvs.is_cut() {
        out.limit("lldp_tlvs");
    }
}

fn describe(tlv: &Tlv<'_>, draft: &mut Draft<'_>) {
    let mut r = Reader::new(tlv.value);
    match tlv.kind {
        1 => {
            let Ok((subtype, value)) = id(tlv, "chassis ID") else { return };
            let text = readable(subtype == 4, subtype == 5, value, draft);
            draft.push_extra("chassis_id", Val::Text(text));
            draft.push_extra("chassis_id_subtype", Val::Uint(subtype.into()));
        }
        2 => {
            let Ok((subtype, value)) = id(tlv, "port ID") else { return };
            let text = readable(subtype == 3, subtype == 4, value, draft);
            draft.push_item(Goal::named("port", text), Val::None);
            draft.push_extra("port_id_subtype", Val::Uint(subtype.into()));
        }
        3 => number(draft, "time_to_live", r.be16("TTL").ok()),
        4 => {
            let text = draft.text(tlv.value);
            draft.push_extra("port_description", Val::Text(text));
        }
        7 => number(draft, "capabilities_enabled", r.be32("system capabilities").ok().map(|c| c & 0xffff)),
        127 => organization(&mut r, draft),
        _ => {}
    }
}

fn organization(r: &mut Reader<'_>, draft: &mut Draft<'_>) {
    let (Ok(oui), Ok(subtype)) = (r.array::<3>("organizationally unique identifier"), r.u8("subtype")) else { return };
    match (oui, subtype) {
        (IEEE_8021, 1) => number(draft, "port_vlan_id", r.be16("PVID").ok()),
        (IEEE_8023, 1) => {
            let _ = r.skip(3, "auto-negotiation");
            number(draft, "mau_type", r.be16("operational MAU type").ok());
        }
        (IEEE_8023, 3) => {
            if let Ok(status) = r.u8("aggregation status") {
                draft.push_extra("link_aggregation", Val::Bool(status & 2 != 0));
            }
        }
        (IEEE_8023, 4) => number(draft, "max_frame_size", r.be16("maximum frame size").ok()),
        (PROFINET, 2) => number(draft, "port_status", r.be32("RTClass port status").ok()),
        (PROFINET, 4) => number(draft, "mrp_port_status", r.be16("MRRT port status").ok()),
        (MED, 1) => {
            let _ = r.skip(2, "LLDP-MED capabilities");
            number(draft, "device_class", r.u8("LLDP-MED device type").ok());
        }
        _ => {}
    }
}

fn number<N: Into<u64>>(draft: &mut Draft<'_>, key: &'static str, value: Option<N>) {
    if let Some(value) = value {
        draft.push_extra(key, Val::Uint(value.into()));
    }
}

/// An id as text: a hardware address, a network address, text, or hexadecimal where it is none of them.
fn readable(is_mac: bool, is_address: bool, value: &[u8], draft: &mut Draft<'_>) -> Span {
    if is_mac && let Some(mac) = mac(value) {
        return draft.format(format_args!("{mac}"));
    }
    if is_address
        && let [family, address @ ..] = value
        && let Some(address) = super::wire::address(*family, address)
    {
        return draft.format(format_args!("{address}"));
    }
    if core::str::from_utf8(value).is_ok_and(|t| !t.chars().any(char::is_control)) {
        return draft.text(value);
    }
    match mac(value) {
        Some(mac) => draft.format(format_args!("{mac}")),
        None => draft.format(format_args!("{}", Hex(value))),
    }
}

struct Hex<'a>(&'a [u8]);

impl core::fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}
