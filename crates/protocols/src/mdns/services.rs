//! What service types (RFC 6763, 7; registry of IANA) say about who offers them.

use model::Role;

/// A type of service: its name, the protocol behind it where this product has a word for it, what its host is.
pub struct ServiceType {
    name: &'static str,
    pub protocol: &'static str,
    pub role: Option<Role>,
}

const fn service(name: &'static str, protocol: &'static str, role: Option<Role>) -> ServiceType {
    ServiceType { name, protocol, role }
}

/// Sorted by name.
const TYPES: &[ServiceType] = &[
    service("_afpovertcp", "afp", None),
    service("_airplay", "airplay", None),
    service("_axis-video", "http", Some(Role::Camera)),
    service("_ftp", "ftp", None),
    service("_googlecast", "googlecast", None),
    service("_hap", "hap", None),
    service("_http", "http", None),
    service("_https", "https", None),
    service("_ipp", "ipp", Some(Role::Printer)),
    service("_ipps", "ipp", Some(Role::Printer)),
    service("_mqtt", "mqtt", None),
    service("_nfs", "nfs", None),
    service("_opcua-tcp", "opcua", None),
    service("_pdl-datastream", "jetdirect", Some(Role::Printer)),
    service("_printer", "lpd", Some(Role::Printer)),
    service("_raop", "raop", None),
    service("_rdp", "rdp", None),
    service("_rfb", "vnc", None),
    service("_rtsp", "rtsp", None),
    service("_sftp-ssh", "ssh", None),
    service("_sip", "sip", None),
    service("_smb", "smb", None),
    service("_snmp", "snmp", None),
    service("_ssh", "ssh", None),
    service("_telnet", "telnet", None),
    service("_tftp", "tftp", None),
];

/// The type of this name.
pub fn of(label: &[u8]) -> Option<&'static ServiceType> {
    TYPES.iter().find(|t| t.name.as_bytes().eq_ignore_ascii_case(label))
}

/// What a key of a text record states about the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    Vendor,
    Model,
    Firmware,
    Serial,
    Location,
    Mac,
}

/// Keys of text records: type of the service (empty for any), key in small letters, what it states.
const KEYS: &[(&str, &str, Fact)] = &[
    ("", "firmware", Fact::Firmware),
    ("", "macaddress", Fact::Mac),
    ("", "manufacturer", Fact::Vendor),
    ("", "mdl", Fact::Model),
    ("", "mfg", Fact::Vendor),
    ("", "model", Fact::Model),
    ("", "serial", Fact::Serial),
    ("", "serialnumber", Fact::Serial),
    ("", "ty", Fact::Model),
    ("", "usb_mdl", Fact::Model),
    ("", "usb_mfg", Fact::Vendor),
    ("", "vendor", Fact::Vendor),
    ("_airplay", "fv", Fact::Firmware),
    ("_googlecast", "md", Fact::Model),
    ("_hap", "md", Fact::Model),
    ("_ipp", "note", Fact::Location),
    ("_ipps", "note", Fact::Location),
    ("_printer", "note", Fact::Location),
    ("_raop", "am", Fact::Model),
    ("_raop", "fv", Fact::Firmware),
];

/// What a key states in a service of this type.
pub fn fact(service: &[u8], key: &[u8]) -> Option<Fact> {
    let fits = |(s, k, _): &&(&str, &str, Fact)| {
        (s.is_empty() || s.as_bytes().eq_ignore_ascii_case(service)) && k.as_bytes().eq_ignore_ascii_case(key)
    };
    KEYS.iter().find(fits).map(|(.., fact)| *fact)
}
