//! One oracle per protocol: which of tshark's layers and fields say what our rows say.

use super::pdml::{Layer, number};
use super::{Fact, Message};

/// How one protocol is compared.
pub struct Oracle {
    /// Our name.
    pub protocol: &'static str,
    /// tshark's layers, as named in PDML.
    pub layers: &'static [&'static str],
    /// The messages of one layer.
    pub theirs: fn(&Layer, &mut dyn FnMut(String)),
    /// The messages of one of our rows.
    pub ours: fn(&Fact<'_>, &mut dyn FnMut(Message)),
}

/// All oracles, in the order of the list of protocols.
pub const ORACLES: &[Oracle] = &[
    Oracle { protocol: "arp", layers: &["arp"], theirs: |l, say| each(l, "arp.opcode", say), ours: one_way },
    Oracle { protocol: "bacnet", layers: &["bacapp"], theirs: bacnet_theirs, ours: bacnet },
    Oracle { protocol: "cip", layers: &["cip", "cipcm"], theirs: cip_theirs, ours: cip },
    Oracle { protocol: "dnp3", layers: &["dnp3"], theirs: |l, say| each(l, "dnp3.al.func", say), ours: dnp3 },
    Oracle { protocol: "enip", layers: &["enip"], theirs: enip_theirs, ours: same_code },
    Oracle { protocol: "goose", layers: &["goose"], theirs: goose_theirs, ours: goose },
    Oracle { protocol: "http", layers: &["http"], theirs: http_theirs, ours: http },
    Oracle { protocol: "iec104", layers: &["iec60870_asdu"], theirs: iec104_theirs, ours: iec104 },
    Oracle { protocol: "lldp", layers: &["lldp"], theirs: |_, say| say("announce".to_string()), ours: announcement },
    Oracle { protocol: "modbus", layers: &["modbus"], theirs: modbus_theirs, ours: modbus },
    Oracle { protocol: "s7comm", layers: &["s7comm"], theirs: s7comm_theirs, ours: s7comm },
    Oracle { protocol: "snmp", layers: &["snmp"], theirs: |l, say| each(l, "snmp.data", say), ours: snmp },
    Oracle { protocol: "tls", layers: &["tls"], theirs: tls_theirs, ours: tls },
];

/// Every value of one field is a message.
fn each(layer: &Layer, field: &str, say: &mut dyn FnMut(String)) {
    layer.all(field).filter_map(number).for_each(|n| say(n.to_string()));
}

/// The two hellos.
fn tls_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    layer.all("tls.handshake.type").filter(|kind| matches!(*kind, "1" | "2")).for_each(|kind| say(kind.to_string()));
}

/// Alerts and certificates are rows of their own; an alert that refuses a hello is no hello.
fn tls(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    if fact.operation() == "handshake" {
        let answer = Some("2".to_string()).filter(|_| fact.outcome() != "refused");
        fact.exchange(Some("1".to_string()), answer, say);
    }
}

/// A row is one message of its actor.
pub fn one_way(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    say((fact.frame(), fact.actor(), fact.code().to_string()));
}

/// A row is one message of its actor, of the only kind there is.
fn announcement(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    say((fact.frame(), fact.actor(), "announce".to_string()));
}

/// Request and reply carry the same code.
fn same_code(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    let code = fact.code().to_string();
    fact.exchange(Some(code.clone()), Some(code), say);
}

fn modbus_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    let Some(function) = layer.number("modbus.func_code") else { return };
    say((function & 0x7f).to_string());
}

/// Functions with a sub-function stand at `function << 8 | sub-function`.
fn modbus(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    let code = if fact.code() > 255 { fact.code() >> 8 } else { fact.code() }.to_string();
    fact.exchange(Some(code.clone()), Some(code), say);
}

/// Answers of the outstation are function 129, whatever was asked; it also sends 130 unasked. Link functions stand
/// above 255.
fn dnp3(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    match fact.code() {
        code @ (129..=131) => say((fact.frame(), fact.subject(), code.to_string())),
        code @ 32 => fact.exchange(Some(code.to_string()), Some("131".to_string()), say),
        code if code < 0x100 => fact.exchange(Some(code.to_string()), Some("129".to_string()), say),
        _ => {}
    }
}

/// What envelopes carry counts, not the envelope: multiple service packet 0x0a, unconnected send 0x52 of the Connection
/// Manager 0x06, execute PCCC 0x4b of the PCCC object 0x67. The class of an envelope stands behind its service. What an
/// unconnected send carries is a layer of its own inside that of the Connection Manager.
fn cip_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    if layer.name != "cip" {
        return;
    }
    for (at, (name, value)) in layer.fields.iter().enumerate() {
        let Some(service) = number(value).filter(|_| name == "cip.sc") else { continue };
        let rest = layer.fields.iter().skip(at + 1);
        let own = rest.take_while(|(n, _)| n != "cip.sc").find(|(n, _)| n == "cip.class");
        let class = own.and_then(|(_, v)| number(v));
        let envelope = matches!((service, class), (0x0a, _) | (0x52, Some(0x06)) | (0x4b, Some(0x67)));
        if !envelope {
            say(service.to_string());
        }
    }
}

/// Services of an object class stand at `class << 8 | service`.
fn cip(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    let code = (fact.code() & 0xff).to_string();
    fact.exchange(Some(code.clone()), Some(code), say);
}

/// The two envelopes are rows only when they are refused; what is inside is compared under `cip`.
fn enip_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    match layer.number("enip.command") {
        Some(0x6f | 0x70) | None => {}
        Some(command) => say(command.to_string()),
    }
}

/// Requests by method, answers by status. Informational answers are no rows of ours.
fn http_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    if let Some(method) = layer.text("http.request.method") {
        say(method.to_lowercase().replace('-', "_"));
    }
    if let Some(status) = layer.number("http.response.code").filter(|s| *s == 101 || *s >= 200) {
        say(status.to_string());
    }
}

/// Sign-ins are rows beside the request that carries them.
fn http(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    if fact.code() <= 0xff {
        let status = fact.number("status").map(|s| s.to_string());
        fact.exchange(Some(fact.operation().to_string()), status, say);
    }
}

fn iec104_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    each(layer, "iec60870_asdu.typeid", say);
}

/// Monitored data comes from the subject; a command and its confirmation carry the same type.
fn iec104(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    let code = fact.code();
    let text = code.to_string();
    let cause = fact.0["fields"]["cause"].as_str().unwrap_or_default();
    match code {
        0..=44 | 70 => say((fact.frame(), fact.subject(), text)),
        102 => fact.exchange(Some(text), None, say),
        _ if code > 255 => {}
        _ if fact.asked().is_none() && fact.outcome() != "reply_only" && from_station(cause) => {
            say((fact.frame(), fact.subject(), text));
        }
        _ => fact.exchange(Some(text.clone()), Some(text), say),
    }
}

fn from_station(cause: &str) -> bool {
    cause.contains("confirmation") || cause.contains("termination") || cause.starts_with("unknown")
}

/// Jobs and their acknowledgements by function; userdata by group and subfunction.
fn s7comm_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    match layer.number("s7comm.header.rosctr") {
        Some(7) => {
            // a long answer comes in pieces that are asked for one by one: one message of ours
            let more = layer.number("s7comm.param.userdata.lastdataunit").is_some_and(|n| n != 0);
            let request = layer.number("s7comm.param.userdata.type") == Some(4);
            if more || request && layer.number("s7comm.param.userdata.seq_num").is_some_and(|n| n != 0) {
                return;
            }
            let group = layer.number("s7comm.param.userdata.funcgroup").unwrap_or_default();
            let sub = layer.number("s7comm.param.userdata.subfunc").unwrap_or_default();
            let sub = if group == 6 { 0 } else { sub };
            say((0x7000 | group << 8 | sub).to_string());
        }
        _ => each(layer, "s7comm.param.func", say),
    }
}

/// While a block is loaded the controller asks for the pieces, although the engineering station acts.
fn s7comm(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    let code = fact.code().to_string();
    let turned = matches!(fact.code(), 0x1b | 0x1c) || fact.has("push");
    if !turned {
        return fact.exchange(Some(code.clone()), Some(code), say);
    }
    let mut turn = |(frame, sender, code): Message| {
        let other = if sender == fact.actor() { fact.subject() } else { fact.actor() };
        say((frame, other, code));
    };
    fact.exchange(Some(code.clone()), Some(code), &mut turn);
}

/// Unconfirmed services stand behind this number in our codes.
const UNCONFIRMED: u64 = 0x100;

/// Confirmed services by choice (`12`), unconfirmed ones behind [`UNCONFIRMED`]. Rejects, aborts and segment
/// acknowledgements carry no service.
fn bacnet_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    each(layer, "bacapp.confirmed_service", say);
    let unconfirmed = layer.number("bacapp.unconfirmed_service");
    unconfirmed.into_iter().for_each(|n| say((UNCONFIRMED + n).to_string()));
}

/// A notification to one receiver is sent by the subject, to its subscriber.
fn bacnet(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    let (code, text) = (fact.code(), fact.code().to_string());
    if code > 0x1ff {
        return;
    }
    let without_service = fact.0["refused"].as_u64().is_some_and(|n| n >= 0x10000);
    let reply = (!without_service).then(|| text.clone());
    let notifies = matches!(code, 1 | 2 | 31 | 32)
        || matches!(code - (code & UNCONFIRMED), 2 | 3 | 11 | 12) && code >= UNCONFIRMED;
    if !notifies || fact.subject().ends_with(".255") {
        return fact.exchange(Some(text), reply, say);
    }
    let mut turn = |(frame, sender, code): Message| {
        let other = if sender == fact.actor() { fact.subject() } else { fact.actor() };
        say((frame, other, code));
    };
    fact.exchange(Some(text), reply, &mut turn);
}

fn goose_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    if layer.has("goose.stNum") {
        say("publish".to_string());
    }
}

/// A state change is told beside the publication that brought it.
fn goose(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    if fact.operation() == "publish" {
        say((fact.frame(), fact.actor(), "publish".to_string()));
    }
}

/// The answer is PDU 2, whatever was asked, or a report, PDU 8.
fn snmp(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    let reply = if fact.has("report") || fact.code() == 8 { "8" } else { "2" };
    match fact.code() {
        2 => say((fact.frame(), fact.subject(), "2".to_string())),
        code if code <= 8 => fact.exchange(Some(code.to_string()), Some(reply.to_string()), say),
        _ => {}
    }
}
