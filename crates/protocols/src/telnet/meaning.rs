//! Commands and options.

use crate::{Operation, op};
use model::Class::{Diagnose, Session};

/// A prompt asks for a name or a password.
pub const PROMPT: u32 = 0x101;
/// A password was typed.
pub const LOGIN: u32 = 0x102;

/// Every operation: commands by their code, and what the text shows.
pub const OPERATIONS: &[Operation] = &[
    op(236, "end_of_file", Session),
    op(237, "suspend_process", Session),
    op(238, "abort_process", Session),
    op(239, "end_of_record", Session),
    op(241, "no_operation", Session),
    op(242, "data_mark", Session),
    op(243, "break", Session),
    op(244, "interrupt_process", Session),
    op(245, "abort_output", Session),
    op(246, "are_you_there", Diagnose),
    op(247, "erase_character", Session),
    op(248, "erase_line", Session),
    op(249, "go_ahead", Session),
    op(250, "subnegotiation", Session),
    op(251, "will", Session),
    op(252, "wont", Session),
    op(253, "do", Session),
    op(254, "dont", Session),
    op(PROMPT, "prompt", Session),
    op(LOGIN, "login", Session),
];

/// Options by their number (IANA registry "Telnet Options").
const OPTIONS: [&str; 50] = [
    "binary_transmission",
    "echo",
    "reconnection",
    "suppress_go_ahead",
    "approximate_message_size",
    "status",
    "timing_mark",
    "remote_controlled_transmission_and_echo",
    "output_line_width",
    "output_page_size",
    "output_carriage_return_disposition",
    "output_horizontal_tab_stops",
    "output_horizontal_tab_disposition",
    "output_form_feed_disposition",
    "output_vertical_tab_stops",
    "output_vertical_tab_disposition",
    "output_line_feed_disposition",
    "extended_ascii",
    "logout",
    "byte_macro",
    "data_entry_terminal",
    "supdup",
    "supdup_output",
    "send_location",
    "terminal_type",
    "end_of_record",
    "tacacs_user_identification",
    "output_marking",
    "terminal_location_number",
    "3270_regime",
    "x3_pad",
    "window_size",
    "terminal_speed",
    "remote_flow_control",
    "linemode",
    "x_display_location",
    "environment",
    "authentication",
    "encryption",
    "new_environment",
    "tn3270e",
    "xauth",
    "charset",
    "remote_serial_port",
    "com_port_control",
    "suppress_local_echo",
    "start_tls",
    "kermit",
    "send_url",
    "forward_x",
];

/// Options with a part in the session.
#[allow(missing_docs)]
pub mod option {
    pub const TERMINAL_TYPE: u8 = 24;
    pub const AUTHENTICATION: u8 = 37;
    pub const ENCRYPTION: u8 = 38;
    pub const NEW_ENVIRONMENT: u8 = 39;
    pub const START_TLS: u8 = 46;
}

/// The name of an option.
pub fn option_name(number: u8) -> Option<&'static str> {
    match number {
        255 => Some("extended_options_list"),
        n => OPTIONS.get(usize::from(n)).copied(),
    }
}
