//! Which facts about a device the capture shows, and by which protocol. A monitor can only be asked for these.

use std::collections::{BTreeMap, BTreeSet};

/// Attribute to the protocols that show it.
pub type Shown = BTreeMap<&'static str, BTreeSet<&'static str>>;

/// Whose facts an operation shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Actor,
    Subject,
}

use Whose::{Actor, Subject};

/// Protocol, operation, whose facts, attributes as they are named in the ground truth.
const TELLS: &[(&str, &str, Whose, &[&str])] = &[
    ("modbus", "read_device_identification", Subject, &["vendor", "model", "firmware"]),
    ("umas", "read_id", Subject, &["vendor", "model", "firmware"]),
    ("s7comm", "read_szl", Subject, &["vendor", "model", "order_number", "firmware", "serial", "name"]),
    ("enip", "list_identity", Subject, &["vendor", "model", "firmware", "serial"]),
    ("enip", "get_attributes_all", Subject, &["modules"]),
    ("tristation", "get_module_versions", Subject, &["modules", "serial"]),
    ("profinet_dcp", "identify_response", Actor, &["vendor", "model", "name"]),
    ("snmp", "get_request", Subject, &["vendor", "model", "firmware", "name"]),
    ("lldp", "announce", Actor, &["vendor", "model", "firmware", "name"]),
    ("dhcp", "discover", Actor, &["name"]),
    ("dhcp", "request", Actor, &["name"]),
    ("smb2", "session_setup", Actor, &["name"]),
    ("smb2", "session_setup", Subject, &["name"]),
    ("rdp", "tls_handshake", Subject, &["name"]),
    ("nbns", "registration", Actor, &["name"]),
    ("mdns", "response", Actor, &["vendor", "model", "name"]),
    ("ssdp", "notify_alive", Actor, &["vendor", "firmware"]),
    ("telnet", "prompt", Subject, &["model", "firmware"]),
];

/// Notes what one operation of `actor` on `subject` shows.
pub fn note(
    shown: &mut BTreeMap<usize, Shown>,
    (actor, subject): (usize, Option<usize>),
    protocol: &'static str,
    operation: &str,
) {
    for (p, o, whose, attributes) in TELLS {
        let device = if *whose == Actor { Some(actor) } else { subject };
        if let Some(device) = device.filter(|_| (*p, *o) == (protocol, operation)) {
            add(shown, device, protocol, attributes);
        }
    }
}

/// Notes that `protocol` shows attributes of a device.
pub fn add(shown: &mut BTreeMap<usize, Shown>, device: usize, protocol: &'static str, attributes: &[&'static str]) {
    let of = shown.entry(device).or_default();
    for attribute in attributes {
        of.entry(attribute).or_default().insert(protocol);
    }
}
