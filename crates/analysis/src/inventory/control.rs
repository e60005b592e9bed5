//! Protocols by what they are for, where the inventory has to know.

/// Control protocols: name and the type of what obeys. Anything else says nothing about control.
const CONTROL: &[(&str, &str)] = &[
    ("ads", "plc"),
    ("bacnet", "building_controller"),
    ("bsap", "rtu"),
    ("cip", "plc"),
    ("codesys", "plc"),
    ("cclink", "plc"),
    ("dlms", "meter"),
    ("dnp3", "rtu"),
    ("enip", "plc"),
    ("fins", "plc"),
    ("genisys", "rtu"),
    ("goose", "ied"),
    ("hart_ip", "io_module"),
    ("iec104", "rtu"),
    ("melsec", "plc"),
    ("mms", "ied"),
    ("modbus", "plc"),
    ("modbus_rtu", "plc"),
    ("omron_fins", "plc"),
    ("pccc", "plc"),
    ("profinet_rt", "io_module"),
    ("s7comm", "plc"),
    ("s7comm_plus", "plc"),
    ("sel_fast_message", "ied"),
    ("slmp", "plc"),
    ("srtp", "plc"),
    ("sv", "ied"),
    ("synchrophasor", "ied"),
    ("tristation", "safety_controller"),
    ("umas", "plc"),
];

/// The type of what obeys over a control protocol; `None` for every other protocol.
pub fn controls(protocol: &str) -> Option<&'static str> {
    CONTROL.iter().find(|(name, _)| *name == protocol).map(|(_, kind)| *kind)
}

/// Protocols by which redundant routers agree who is in charge.
pub fn is_redundancy(protocol: &str) -> bool {
    matches!(protocol, "vrrp" | "hsrp" | "carp" | "glbp")
}

/// Protocols whose statement "this address is mine" comes from the holder on the link.
pub fn states_holding(protocol: &str) -> bool {
    matches!(
        protocol,
        "arp"
            | "rarp"
            | "dhcp"
            | "bootp"
            | "dhcpv6"
            | "icmpv6"
            | "nd"
            | "ndp"
            | "profinet_dcp"
            | "pn_dcp"
            | "dcp"
            | "hsrp"
            | "vrrp"
    )
}

/// Protocols whose word that two addresses are one device outweighs different hardware addresses: the device describes
/// itself to its neighbours or managers. Elsewhere an address in a message may be an inner one, behind translation.
pub fn describes_itself(protocol: &str) -> bool {
    matches!(protocol, "lldp" | "cdp" | "snmp" | "stp" | "profinet_dcp" | "dcp" | "pn_dcp")
}
