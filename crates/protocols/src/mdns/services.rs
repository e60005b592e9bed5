//! Service types (RFC 6763, 7; names as IANA registers them) and what offering one says.

use model::Role;

/// What a service type stands for: the protocol spoken there, and a role where it tells one.
pub struct Service {
    pub name: &'static [u8],
    pub protocol: &'static str,
    pub role: Option<Role>,
}

const fn service(name: &'static [u8], protocol: &'static str, role: Option<Role>) -> Service {
    Service { name, protocol, role }
}

const SERVICES: &[Service] = &[
    service(b"_adisk", "afp", None),
    service(b"_afpovertcp", "afp", Some(Role::FileServer)),
    service(b"_airplay", "airplay", None),
    service(b"_axis-video", "http", Some(Role::Camera)),
    service(b"_bacnet", "bacnet", Some(Role::Building)),
    service(b"_coap", "coap", None),
    service(b"_device-info", "", None),
    service(b"_ftp", "ftp", None),
    service(b"_googlecast", "tls", None),
    service(b"_hap", "http", None),
    service(b"_http", "http", None),
    service(b"_https", "tls", None),
    service(b"_ipp", "ipp", Some(Role::Printer)),
    service(b"_ipps", "tls", Some(Role::Printer)),
    service(b"_mqtt", "mqtt", None),
    service(b"_nfs", "nfs", Some(Role::FileServer)),
    service(b"_ntp", "ntp", Some(Role::TimeServer)),
    service(b"_onvif", "http", Some(Role::Camera)),
    service(b"_opcua-tcp", "opcua", None),
    service(b"_pdl-datastream", "jetdirect", Some(Role::Printer)),
    service(b"_printer", "lpd", Some(Role::Printer)),
    service(b"_rdp", "rdp", None),
    service(b"_rfb", "vnc", None),
    service(b"_rtsp", "rtsp", None),
    service(b"_scanner", "scanner", None),
    service(b"_sftp-ssh", "ssh", None),
    service(b"_sip", "sip", None),
    service(b"_smb", "smb2", Some(Role::FileServer)),
    service(b"_ssh", "ssh", None),
    service(b"_telnet", "telnet", None),
    service(b"_uscan", "http", None),
    service(b"_workstation", "", Some(Role::Workstation)),
];

/// The service type's entry.
pub fn of(name: &[u8]) -> Option<&'static Service> {
    SERVICES.iter().find(|s| s.name.eq_ignore_ascii_case(name))
}

/// What a key of a TXT record says about the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    Model,
    Vendor,
    Serial,
    Firmware,
    Location,
    Mac,
}

/// Keys in use for that: printers (Bonjour Printing 1.2.1), casting devices, cameras, device information.
pub fn meaning(key: &[u8]) -> Option<Meaning> {
    const KEYS: &[(&str, Meaning)] = &[
        ("firmware", Meaning::Firmware),
        ("fw", Meaning::Firmware),
        ("fwversion", Meaning::Firmware),
        ("mac", Meaning::Mac),
        ("macaddress", Meaning::Mac),
        ("manufacturer", Meaning::Vendor),
        ("md", Meaning::Model),
        ("mfg", Meaning::Vendor),
        ("model", Meaning::Model),
        ("note", Meaning::Location),
        ("serial", Meaning::Serial),
        ("serialnumber", Meaning::Serial),
        ("sn", Meaning::Serial),
        ("ty", Meaning::Model),
        ("usb_mfg", Meaning::Vendor),
        ("vendor", Meaning::Vendor),
    ];
    KEYS.iter().find(|(word, _)| word.as_bytes().eq_ignore_ascii_case(key)).map(|(_, meaning)| *meaning)
}
