//! Oracles of the protocols every network speaks: names, addresses, time, errors, groups.

use super::oracles::one_way;
use super::pdml::{Layer, number};
use super::{Fact, Message, Oracle};

/// In the order of the list of protocols.
pub const NAMES: &[Oracle] = &[
    Oracle { protocol: "dhcp", layers: &["dhcp"], theirs: dhcp_theirs, ours: dhcp },
    Oracle { protocol: "dhcpv6", layers: &["dhcpv6"], theirs: dhcpv6_theirs, ours: by_itself_or_answered },
    Oracle { protocol: "dns", layers: &["dns"], theirs: names_theirs, ours: names },
    Oracle { protocol: "icmp", layers: &["icmp"], theirs: |l, say| first(l, "icmp.type", say), ours: icmp },
    Oracle { protocol: "icmpv6", layers: &["icmpv6"], theirs: |l, say| first(l, "icmpv6.type", say), ours: icmp },
    Oracle { protocol: "igmp", layers: &["igmp", "rgmp"], theirs: igmp_theirs, ours: one_way },
    Oracle { protocol: "llmnr", layers: &["llmnr"], theirs: names_theirs, ours: names },
    Oracle { protocol: "mdns", layers: &["mdns"], theirs: names_theirs, ours: names },
    Oracle { protocol: "nbds", layers: &["nbdgm"], theirs: |_, say| say("datagram".to_string()), ours: datagram },
    Oracle { protocol: "nbns", layers: &["nbns"], theirs: names_theirs, ours: names },
    Oracle { protocol: "ntp", layers: &["ntp"], theirs: |l, say| first(l, "ntp.flags.mode", say), ours: ntp },
    Oracle { protocol: "stp", layers: &["stp"], theirs: |l, say| first(l, "stp.type", say), ours: stp },
    Oracle { protocol: "syslog", layers: &["syslog"], theirs: |l, say| first(l, "syslog.level", say), ours: one_way },
];

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

/// tshark shows RGMP as a protocol of its own.
fn igmp_theirs(layer: &Layer, say: &mut dyn FnMut(String)) {
    first(layer, if layer.name == "rgmp" { "rgmp.type" } else { "igmp.type" }, say);
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
    if matches!(operation, "response" | "goodbye" | "wait_for_acknowledgement") {
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

/// Versions above 2 share a type.
fn stp(fact: &Fact<'_>, say: &mut dyn FnMut(Message)) {
    say((fact.frame(), fact.actor(), (fact.code() & 0xff).to_string()));
}
