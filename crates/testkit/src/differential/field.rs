//! Oracles of the plant's own protocols beside those of the first list: PROFINET, clocks, implicit I/O, and what is
//! carried inside other protocols.

use super::oracles::one_way;
use super::pdml::{Layer, number};
use super::{Fact, Message, Oracle};

/// In the order of the list of protocols. S7comm-plus and TriStation are unknown to tshark 4.0; serial Modbus over
/// TCP is shown only on ports that are named to it.
pub const FIELD: &[Oracle] = &[
    Oracle { protocol: "cip_io", layers: &["cipio"], theirs: |_, say| say("data".to_string()), ours: io_data },
    Oracle { protocol: "cotp", layers: &["cotp"], theirs: cotp_theirs, ours: cotp },
    Oracle { protocol: "pccc", layers: &["cippccc"], theirs: pccc_theirs, ours: pccc },
    Oracle { protocol: "profinet_dcp", layers: &["pn_dcp"], theirs: dcp_theirs, ours: dcp },
    Oracle { protocol: "profinet_rt", layers: &["pn_rt"], theirs: rt_theirs, ours: rt },
    Oracle { protocol: "ptp", layers: &["ptp"], theirs: ptp_theirs, ours: ptp },
    Oracle { protocol: "umas", layers: &["modbus"], theirs: umas_theirs, ours: umas },
];

fn io_data(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    say((fact.frame(), fact.actor(), "data".to_string()));
}

/// Connection request 0x0e, confirmation 0x0d and refusal 0x08, the only TPDUs that are rows.
fn cotp_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    for kind in layer.all("cotp.type").filter_map(number) {
        match kind {
            0x0e => say("request".to_string()),
            0x0d => say("answer".to_string()),
            // a disconnect request answers a request where no connection is there yet: the caller's number is its own
            0x08 if layer.number("cotp.srcref") == Some(0) => say("answer".to_string()),
            _ => {}
        }
    }
}

fn cotp(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    if fact.code() == 0xe0 {
        fact.exchange(Some("request".to_string()), Some("answer".to_string()), say);
    }
}

/// Command above function. An answer has no function: it is its command's.
fn pccc_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    if let Some(command) = layer.number("cip.pccc.cmd.code") {
        let function = layer.fields.iter().find(|(name, _)| name.starts_with("cip.pccc.fnc.code"));
        let function = function.and_then(|(_, value)| number(value)).unwrap_or_default();
        say((command << 8 | function).to_string());
    } else if let Some(command) = layer.number("cip.pccc.resp.code") {
        say(format!("answer {}", command & 0x0f));
    }
}

fn pccc(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    let answer = format!("answer {}", fact.code() >> 8 & 0x0f);
    fact.exchange(Some(fact.code().to_string()), Some(answer), say);
}

/// Service ids; answers have a service type of their own.
fn dcp_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    let Some(service) = layer.number("pn_dcp.service_id") else { return };
    let answer = layer.number("pn_dcp.service_type").is_some_and(|kind| kind != 0);
    say(if answer { format!("answer {service}") } else { service.to_string() });
}

/// Searches go to everybody; their answers are rows of their own.
fn dcp(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    let service = fact.code() & 0xff;
    let answer = format!("answer {service}");
    match fact.code() {
        code if code > 0xff => say((fact.frame(), fact.actor(), answer)),
        code @ (3 | 4) => fact.exchange(Some(code.to_string()), Some(answer), say),
        code => say((fact.frame(), fact.actor(), code.to_string())),
    }
}

/// Frame ids of DCP: rows of that protocol.
const DCP: std::ops::RangeInclusive<u64> = 0xfefc..=0xfeff;
/// Frame ids of alarms of high and low priority.
const ALARMS: [u64; 2] = [0xfc01, 0xfe01];

/// The frame id; of alarms that they are some.
fn rt_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    match layer.number("pn_rt.frame_id") {
        Some(id) if ALARMS.contains(&id) => say("alarm".to_string()),
        Some(id) if !DCP.contains(&id) => say(format!("{id:#06x}")),
        _ => {}
    }
}

/// Alarm PDUs and blocks stand above their kind, with the place in the station as target.
fn rt(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    let target = fact.0["targets"][0]["target"].as_str().unwrap_or_default();
    let alarm = fact.code() > 0xffff || ALARMS.contains(&fact.code());
    let id = if alarm { "alarm" } else { target.trim_start_matches("frame_id:") };
    say((fact.frame(), fact.actor(), id.to_string()));
}

/// Types of version 2; version 1 has them in its control field.
fn ptp_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    let version_1 = || match layer.number("ptp.controlfield")? {
        0 => Some(0x00),
        1 => Some(0x01),
        2 => Some(0x08),
        3 => Some(0x09),
        _ => Some(0x0d),
    };
    if let Some(kind) = layer.number("ptp.v2.messagetype").or_else(version_1) {
        say(kind.to_string());
    }
}

/// Management has its action above the type.
fn ptp(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    let kind = (fact.code() & 0xff).to_string();
    match fact.code() & 0xff {
        0x0d => fact.exchange(Some(kind.clone()), Some(kind), say),
        _ => say((fact.frame(), fact.actor(), kind)),
    }
}

/// Function 90 of Modbus is bytes to tshark: the number of the reservation, then the function or how it ended.
fn umas_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    if layer.number("modbus.func_code") != Some(90) {
        return;
    }
    let Some(data) = layer.text("modbus.data") else { return };
    match data.split(':').nth(1).and_then(|byte| u64::from_str_radix(byte, 16).ok()) {
        Some(0xfd | 0xfe) => say("answer".to_string()),
        Some(function) => say(function.to_string()),
        None => {}
    }
}

fn umas(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    match fact.operation() {
        "response_ok" | "response_error" => say((fact.frame(), fact.actor(), "answer".to_string())),
        _ if fact.asked().is_none() && fact.outcome() == "ok" => one_way(fact, say),
        _ => fact.exchange(Some(fact.code().to_string()), Some("answer".to_string()), say),
    }
}
