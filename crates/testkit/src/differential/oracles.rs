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
    Oracle { protocol: "dhcp", layers: &["dhcp"], theirs: dhcp_theirs, ours: dhcp },
    Oracle { protocol: "dhcpv6", layers: &["dhcpv6"], theirs: dhcpv6_theirs, ours: by_itself_or_answered },
    Oracle { protocol: "dnp3", layers: &["dnp3"], theirs: |l, say| each(l, "dnp3.al.func", say), ours: dnp3 },
    Oracle { protocol: "dns", layers: &["dns"], theirs: names_theirs, ours: names },
    Oracle { protocol: "enip", layers: &["enip"], theirs: enip_theirs, ours: same_code },
    Oracle { protocol: "http", layers: &["http"], theirs: http_theirs, ours: http },
    Oracle { protocol: "icmp", layers: &["icmp"], theirs: |l, say| first(l, "icmp.type", say), ours: icmp },
    Oracle { protocol: "icmpv6", layers: &["icmpv6"], theirs: |l, say| first(l, "icmpv6.type", say), ours: icmp },
    Oracle { protocol: "iec104", layers: &["iec60870_asdu"], theirs: iec104_theirs, ours: iec104 },
    Oracle { protocol: "igmp", layers: &["igmp"], theirs: |l, say| first(l, "igmp.type", say), ours: one_way },
    Oracle { protocol: "llmnr", layers: &["llmnr"], theirs: names_theirs, ours: names },
    Oracle { protocol: "lldp", layers: &["lldp"], theirs: |_, say| say("announce".to_string()), ours: announcement },
    Oracle { protocol: "mdns", layers: &["mdns"], theirs: names_theirs, ours: names },
    Oracle { protocol: "modbus", layers: &["modbus"], theirs: modbus_theirs, ours: modbus },
    Oracle { protocol: "nbds", layers: &["nbdgm"], theirs: |_, say| say("datagram".to_string()), ours: datagram },
    Oracle { protocol: "nbns", layers: &["nbns"], theirs: names_theirs, ours: names },
    Oracle { protocol: "ntp", layers: &["ntp"], theirs: |l, say| first(l, "ntp.flags.mode", say), ours: ntp },
    Oracle { protocol: "s7comm", layers: &["s7comm"], theirs: s7comm_theirs, ours: s7comm },
    Oracle {
        protocol: "ssdp",
        layers: &["ssdp"],
        theirs: ssdp_theirs,
        ours: |f, say| say((f.frame(), f.actor(), ssdp(f))),
    },
    Oracle { protocol: "stp", layers: &["stp"], theirs: |l, say| first(l, "stp.type", say), ours: stp },
    Oracle { protocol: "syslog", layers: &["syslog"], theirs: |l, say| first(l, "syslog.level", say), ours: one_way },
];

/// Every value of one field is a message.
fn each(layer: &Layer, field: &str, say: &mut dyn FnMut(String)) {
    layer.all(field).filter_map(number).for_each(|n| say(n.to_string()));
}

/// A row is one message of its actor.
fn one_way(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
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

/// The first value of a field: quoted packets have the others.
fn first(layer: &Layer, field: &str, say: &mut dyn FnMut(String)) {
    if let Some(n) = layer.number(field) {
        say(n.to_string());
    }
}

/// Types stand above codes; an answer's type follows from its question's.
fn icmp(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    let kind = fact.code() >> 8 & 0xff;
    let reply = match kind {
        8 => 0,
        128 | 160 => kind + 1,
        13 | 15 | 17 | 37 | 42 => kind + 1,
        _ => return say((fact.frame(), fact.actor(), kind.to_string())),
    };
    fact.exchange(Some(kind.to_string()), Some(reply.to_string()), say);
}

fn dhcp_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    let reply = layer.number("dhcp.type") == Some(2);
    say(if reply { "reply" } else { "request" }.to_string());
}

/// Most messages are rows of their own.
fn dhcp(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    let reply = matches!(fact.code(), 2 | 5 | 6 | 9 | 11..=13 | 0x101);
    match (reply, fact.asked().is_some() || fact.outcome() == "reply_only") {
        (true, false) => say((fact.frame(), fact.actor(), "reply".to_string())),
        _ => fact.exchange(Some("request".to_string()), Some("reply".to_string()), say),
    }
}

/// The message inside relay agents' envelopes, as request or reply.
fn dhcpv6_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    let inner = layer.all("dhcpv6.msgtype").filter_map(number).last().unwrap_or_default();
    say(if matches!(inner, 2 | 7 | 10 | 13) { "reply" } else { "request" }.to_string());
}

fn by_itself_or_answered(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    let reply = matches!(fact.code(), 2 | 7 | 10);
    match (reply, fact.asked().is_some() || fact.outcome() == "reply_only") {
        (true, false) => say((fact.frame(), fact.actor(), "reply".to_string())),
        _ => fact.exchange(Some("request".to_string()), Some("reply".to_string()), say),
    }
}

fn names_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    let response = ["dns.flags.response", "nbns.flags.response"].iter().find_map(|f| layer.text(f));
    if let Some(response) = response {
        say(if matches!(response, "1" | "True") { "response" } else { "query" }.to_string());
    }
}

/// Answers to broadcast questions are rows of their own.
fn names(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    let operation = fact.operation();
    let own = operation.ends_with("response") || matches!(operation, "goodbye" | "name_conflict_demand");
    if own || operation == "wait_for_acknowledgement" {
        return say((fact.frame(), fact.actor(), "response".to_string()));
    }
    fact.exchange(Some("query".to_string()), Some("response".to_string()), say);
}

fn datagram(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    say((fact.frame(), fact.actor(), "datagram".to_string()));
}

/// Modes; control and private messages are their own answers'.
fn ntp(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    let (mode, reply) = match fact.code() {
        3 => (3, 4),
        code @ 0x600.. => (if code < 0x700 { 6 } else { 7 }, if code < 0x700 { 6 } else { 7 }),
        mode => (mode, mode),
    };
    fact.exchange(Some(mode.to_string()), Some(reply.to_string()), say);
}

fn ssdp_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    match layer.text("http.request.method") {
        Some(method) => say(method.to_string()),
        None => say("response".to_string()),
    }
}

fn ssdp(fact: &Fact<'_>) -> String {
    match fact.code() {
        1 => "M-SEARCH",
        2 => "response",
        _ => "NOTIFY",
    }
    .to_string()
}

/// Versions above 2 share a type.
fn stp(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    say((fact.frame(), fact.actor(), (fact.code() & 0xff).to_string()));
}
