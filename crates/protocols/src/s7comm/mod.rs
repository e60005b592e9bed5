//! S7 communication: the descriptor. See the page.

mod blocks;
mod identity;
mod jobs;
mod meaning;
mod session;
mod userdata;
mod vars;
mod wire;

use crate::{Hint, Probe, Protocol, Transport, Verdict, field};

/// S7 communication of SIMATIC S7-200, 300, 400, 1200 and 1500 (protocol id 0x32).
pub static PROTOCOL: Protocol = Protocol {
    name: "s7comm",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Inside("cotp")],
    operations: meaning::OPERATIONS,
    fields: &[
        field("argument", "argument of a program invocation service"),
        field("author", "author in the block's header"),
        field("blocks", "number of blocks listed"),
        field("bytes", "user data of a partner message, in bytes"),
        field("checksum", "check sum of the block"),
        field("clock", "date and time of the controller, in its own time zone"),
        field("code_changed", "when the block's code was changed"),
        field("code_size", "size of the block's code, in bytes"),
        field("connection_type", "what the connection is for: pg, op, s7_basic, configured"),
        field("default_credential", "the password is a published default"),
        field("error_code", "error a controller ended a transfer with"),
        field("event_id", "number of an event or message"),
        field("events", "kinds of messages subscribed to, as bits"),
        field("family", "family in the block's header"),
        field("file_system", "passive (load memory), active (work memory) or both"),
        field("header_name", "name in the block's header"),
        field("header_version", "version in the block's header"),
        field("interface_changed", "when the block's interface was changed"),
        field("interval_ms", "interval of cyclic data, in milliseconds"),
        field("items", "number of variables a test job was about"),
        field("items_failed", "how many of them could not be written"),
        field("job", "number of a test or cyclic job"),
        field("job_function", "test function the job is about"),
        field("know_how_protected", "the block's code is protected"),
        field("language", "language the block is written in"),
        field("load_memory_size", "size of the block in load memory, in bytes"),
        field("max_amq_called", "parallel jobs the other side may send"),
        field("max_amq_calling", "parallel jobs this side may send"),
        field("mode_selector", "position of the mode selector: run, run_p, stop, mres"),
        field("password", "masked password"),
        field("pdu_length", "largest message asked for, in bytes"),
        field("pdu_length_agreed", "largest message agreed, in bytes"),
        field("protection_level", "valid protection level, 1 to 3"),
        field("protection_parameter", "protection level by parameter, 0 (no password) to 3"),
        field("protection_switch", "protection level by key switch, 1 to 3"),
        field("push", "sent by the controller without being asked for"),
        field("rack", "rack of the module called"),
        field("records", "number of records in a system status list"),
        field("service", "program invocation service by its name on the wire"),
        field("slot", "slot of the module called"),
        field("szl_id", "id of a system status list"),
        field("szl_name", "name of a system status list"),
        field("upload_id", "number of the upload"),
        field("user", "name a message subscriber gives itself"),
    ],
    spaces: &[
        "I", "Q", "M", "DB", "DI", "L", "V", "C", "T", "P", "SI", "SM", "AI", "AQ", "C200", "T200", "area", "record",
        "symbol", "nck", "drive", "alarm", "r_id", "syntax", "variable", "block", "szl", "pi",
    ],
    carrier: false,
    identify,
    session: session::new,
    notation: vars::notation,
};

/// Protocol id, a known kind, and lengths that add up.
fn identify(probe: &Probe<'_>) -> Verdict {
    if !matches!(probe.transport, Transport::Inside("cotp")) {
        return Verdict::No;
    }
    match wire::pdu(probe.bytes) {
        Ok(pdu) if pdu.trailing == 0 => Verdict::Sure,
        Ok(_) => Verdict::Likely,
        Err(error) if error.is_truncated() && probe.bytes.first() == Some(&0x32) => Verdict::Maybe,
        Err(_) => Verdict::No,
    }
}
