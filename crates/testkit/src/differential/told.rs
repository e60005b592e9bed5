//! Protocols on other ports than their own: we know them by content, tshark mostly by port. Where we tell a message that
//! tshark does not show, it is asked again and told which protocol the port carries. It may then agree or not.

use super::{Agreement, Fact, Message, Oracle};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Our name, tshark's table, its name.
const TABLES: &[(&str, &str, &str)] = &[
    ("dns", "tcp", "dns"),
    ("dns", "udp", "dns"),
    ("http", "tcp", "http"),
    ("ntp", "udp", "ntp"),
    ("snmp", "udp", "snmp"),
    ("tls", "tcp", "tls"),
];
/// Most ports named in one question.
const MAX_PORTS: usize = 64;

/// Whether tshark can be told about a protocol.
pub fn can_be(protocol: &str) -> bool {
    TABLES.iter().any(|(name, ..)| *name == protocol)
}

/// What tshark is to be told: rules for the ports of all messages only we know.
pub fn rules(text: &[u8], oracles: &[&Oracle], rows: &BTreeMap<&'static str, Agreement>) -> Vec<String> {
    let mut rules = BTreeSet::new();
    for (protocol, row) in rows {
        let tables: Vec<_> = TABLES.iter().filter(|(name, ..)| name == protocol).collect();
        let Some(oracle) = oracles.iter().find(|o| o.protocol == *protocol) else { continue };
        if tables.is_empty() || row.added.is_empty() {
            continue;
        }
        let added: BTreeSet<&Message> = row.added.iter().collect();
        for port in ports(text, oracle, &added).into_iter().take(MAX_PORTS) {
            rules.extend(tables.iter().map(|(_, table, theirs)| format!("{table}.port=={port},{theirs}")));
        }
    }
    rules.into_iter().collect()
}

/// Both ports of the rows behind these messages.
fn ports(text: &[u8], oracle: &Oracle, added: &BTreeSet<&Message>) -> BTreeSet<u16> {
    let mut found = BTreeSet::new();
    for line in text.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
        let Ok(fact) = serde_json::from_slice::<Value>(line) else { continue };
        if fact["kind"] != "transaction" || fact["protocol"] != oracle.protocol {
            continue;
        }
        let mut is_added = false;
        (oracle.ours)(&Fact(&fact), &mut |message| is_added |= added.contains(&message));
        if is_added {
            found.extend([&fact["actor"], &fact["subject"]].into_iter().filter_map(port));
        }
    }
    found
}

/// `10.0.0.5:502`, `[fe80::1]:502`: the port.
fn port(endpoint: &Value) -> Option<u16> {
    let text = endpoint.as_str()?;
    let behind = text.rsplit_once("]:").or_else(|| text.rsplit_once(':').filter(|(front, _)| !front.contains(':')));
    behind?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::port;

    #[test]
    fn ports_of_endpoints() {
        let of = |text: &str| port(&text.into());
        assert_eq!(of("10.0.0.5:502"), Some(502));
        assert_eq!(of("[fe80::1]:53"), Some(53));
        assert_eq!(of("fe80::1"), None);
        assert_eq!(of("10.0.0.5"), None);
    }
}
