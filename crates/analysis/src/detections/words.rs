//! Every word of a protocol that a detection knows, in one place, so that a test can compare it with the protocols'
//! own operation tables. Where a class is enough, no word stands here.

use model::{Class, Event, Time, Transaction, Value};

/// Protocol and operation.
pub type Word = (&'static str, &'static str);

/// Protocols that command or program controllers and field devices.
pub const CONTROL: &[&str] = &[
    "ads",
    "bacnet",
    "cip",
    "codesys",
    "dnp3",
    "enip",
    "ethercat",
    "fins",
    "ge_srtp",
    "goose",
    "iec104",
    "melsec",
    "mms",
    "modbus",
    "modbus_rtu",
    "opcua",
    "pccc",
    "profinet_cm",
    "profinet_dcp",
    "profinet_rt",
    "s7comm",
    "s7comm_plus",
    "tristation",
    "umas",
];

/// Protocols that open an interactive session on another machine.
pub const REMOTE: &[&str] = &["radmin", "rdp", "ssh", "teamviewer", "telnet", "vnc", "winrm"];

/// Remote access and file transfer without encryption.
pub const INSECURE: &[&str] = &["ftp", "rlogin", "rsh", "telnet", "tftp"];

/// Classes only a device of the process answers.
pub const PROCESS: &[Class] =
    &[Class::Read, Class::Write, Class::Operate, Class::Program, Class::Mode, Class::Firmware];

/// Stops a controller's program.
pub const STOP: &[Word] = &[
    ("cip", "stop"),
    ("dnp3", "stop_appl"),
    ("fins", "stop"),
    ("ge_srtp", "stop"),
    ("melsec", "remote_stop"),
    ("pccc", "shutdown"),
    ("s7comm", "plc_stop"),
    ("s7comm_plus", "plc_stop"),
    ("tristation", "halt_program"),
    ("umas", "stop_plc"),
];

/// Starts a controller's program.
pub const START: &[Word] = &[
    ("cip", "start"),
    ("dnp3", "start_appl"),
    ("fins", "run"),
    ("ge_srtp", "run"),
    ("melsec", "remote_run"),
    ("s7comm", "plc_cold_start"),
    ("s7comm", "plc_start"),
    ("s7comm_plus", "plc_start"),
    ("tristation", "run_program"),
    ("umas", "start_plc"),
];

/// Restarts a device.
pub const RESTART: &[Word] = &[
    ("bacnet", "reinitialize_device"),
    ("cip", "reset"),
    ("dnp3", "cold_restart"),
    ("dnp3", "reset_user_process"),
    ("dnp3", "warm_restart"),
    ("iec104", "reset_process_command"),
    ("melsec", "remote_reset"),
    ("modbus", "diagnostics_restart_communications_option"),
    ("modbus_rtu", "diagnostics_restart_communications_option"),
    ("pccc", "restart_request"),
];

/// Makes a device silent.
pub const SILENCE: &[Word] = &[
    ("bacnet", "device_communication_control"),
    ("modbus", "diagnostics_force_listen_only_mode"),
    ("modbus_rtu", "diagnostics_force_listen_only_mode"),
];

/// DNP3 functions that the standard marks obsolete (IEEE 1815).
pub const OBSOLETE: &[Word] = &[("dnp3", "initialize_data"), ("dnp3", "save_config")];

/// Sets the clock of a controller. Services that keep clocks on time (DNP3, IEC 60870, BACnet) are routine.
pub const CLOCK: &[Word] = &[("s7comm", "set_clock"), ("s7comm", "set_clock_following")];

/// Moves nothing although the class says program: sessions around a transfer, compression, choosing what is
/// loaded. Logix tools set attributes of program objects while they read a program out, too.
pub const PROGRAM_AROUND: &[Word] = &[
    ("cip", "set_attribute_list"),
    ("cip", "set_attribute_single"),
    ("pccc", "execute_multiple_commands"),
    ("pccc", "exit_download_upload_mode"),
    ("s7comm", "activate"),
    ("s7comm", "compress_memory"),
    ("s7comm", "copy_ram_to_rom"),
    ("s7comm", "deactivate"),
    ("s7comm", "nc_select_program"),
    ("umas", "release_plc_reservation"),
    ("umas", "take_plc_reservation"),
];

/// All tables that name operations, for the cross-check.
pub const TABLES: &[(&str, &[Word])] = &[
    ("STOP", STOP),
    ("START", START),
    ("RESTART", RESTART),
    ("SILENCE", SILENCE),
    ("OBSOLETE", OBSOLETE),
    ("CLOCK", CLOCK),
    ("PROGRAM_AROUND", PROGRAM_AROUND),
];

/// Whether the operation stands in the table.
pub fn is(t: &Transaction, table: &[Word]) -> bool {
    table.iter().any(|(p, o)| *p == t.protocol && *o == t.operation)
}

/// Whether the protocol commands or programs devices.
pub fn is_control(protocol: &str) -> bool {
    CONTROL.binary_search(&protocol).is_ok()
}

/// Which part a program operation plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into the device.
    Download,
    /// Out of the device.
    Upload,
    /// Removed from the device.
    Delete,
    /// Nothing moves.
    Around,
}

/// The part of an operation of class program, from the standard's own word.
pub fn step(t: &Transaction) -> Step {
    let has = |parts: &[&str]| parts.iter().any(|p| t.operation.contains(p));
    if is(t, PROGRAM_AROUND) {
        Step::Around
    } else if has(&["delete", "erase", "memory_reset", "initialize_memory"]) {
        Step::Delete
    } else if has(&["upload", "read", "get_", "list_", "compare"]) {
        Step::Upload
    } else {
        Step::Download
    }
}

/// The text of a value that is text.
pub fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        Value::Name(name) => Some(name),
        _ => None,
    }
}

/// A sum of operations that were told before: its time is when it was drawn up, its fields are the first one's.
pub fn is_sum(t: &Transaction) -> bool {
    t.field("last_seen").is_some()
}

/// When the last of the operations was that this record stands for.
pub fn last(t: &Transaction, event: &Event) -> Time {
    match t.field("last_seen") {
        Some(Value::Time(last)) => *last,
        _ => event.at.time,
    }
}

/// The text of a field.
pub fn field<'a>(t: &'a Transaction, key: &str) -> Option<&'a str> {
    t.field(key).and_then(text)
}

/// A field that is true.
pub fn flag(t: &Transaction, key: &str) -> bool {
    matches!(t.field(key), Some(Value::Bool(true)) | Some(Value::Uint(1)) | Some(Value::Int(1)))
}

/// The number of a field.
pub fn number(t: &Transaction, key: &str) -> Option<u64> {
    match t.field(key) {
        Some(Value::Uint(n)) => Some(*n),
        Some(Value::Int(n)) => u64::try_from(*n).ok(),
        _ => None,
    }
}

/// A value as one word, for keys and facts.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Name(name) => (*name).to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Uint(n) => n.to_string(),
        Value::Float(n) => n.to_string(),
        Value::Mac(mac) => mac.to_string(),
        Value::Ip(ip) => ip.to_string(),
        Value::Time(time) => time.to_string(),
        Value::Bytes(bytes) => bytes.iter().take(16).map(|b| format!("{b:02x}")).collect(),
        Value::Secret { len, .. } => format!("({len} bytes, hidden)"),
        Value::None | Value::Bits(_) | Value::Words(_) => String::new(),
    }
}

/// Whether a field's comma-separated list has this word.
pub fn lists(t: &Transaction, key: &str, word: &str) -> bool {
    field(t, key).is_some_and(|list| list.split(',').any(|w| w.trim() == word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_program_operations() {
        let step_of = |word: &str| {
            let text = format!("at 0s 10.0.0.5 -> 10.0.0.9 {word} class=program");
            let facts = super::super::facts::parse(&text).unwrap();
            let model::What::Transaction(t) = &facts[0].what else { panic!() };
            step(t)
        };
        for (word, expected) in [
            ("s7comm request_download", Step::Download),
            ("s7comm copy_ram_to_rom", Step::Around),
            ("s7comm memory_reset", Step::Delete),
            ("pccc physical_read", Step::Upload),
            ("pccc physical_write", Step::Download),
            ("pccc exit_download_upload_mode", Step::Around),
            ("cip set_attribute_list", Step::Around),
            ("cip upload", Step::Upload),
        ] {
            assert_eq!(step_of(word), expected, "{word}");
        }
    }

    #[test]
    fn tables_are_sorted_and_name_control_protocols() {
        assert!(CONTROL.is_sorted());
        for (name, table) in TABLES {
            assert!(table.is_sorted(), "{name}");
            for (protocol, operation) in *table {
                assert!(is_control(protocol), "{name}: {protocol} {operation}");
            }
        }
    }
}
