//! Names of the standard for numbers (IEEE 1588-2019, tables 6, 52, 59, 109).

use model::Class;

/// Management ids, with what setting or commanding them does; sorted.
const IDS: &[(u16, &str, Class)] = &[
    (0x0000, "null_management", Class::Session),
    (0x0001, "clock_description", Class::Configure),
    (0x0002, "user_description", Class::Configure),
    (0x0003, "save_in_non_volatile_storage", Class::Configure),
    (0x0004, "reset_non_volatile_storage", Class::Configure),
    (0x0005, "initialize", Class::Mode),
    (0x0006, "fault_log", Class::Diagnose),
    (0x0007, "fault_log_reset", Class::Diagnose),
    (0x2000, "default_data_set", Class::Configure),
    (0x2001, "current_data_set", Class::Configure),
    (0x2002, "parent_data_set", Class::Configure),
    (0x2003, "time_properties_data_set", Class::Configure),
    (0x2004, "port_data_set", Class::Configure),
    (0x2005, "priority1", Class::Configure),
    (0x2006, "priority2", Class::Configure),
    (0x2007, "domain", Class::Configure),
    (0x2008, "slave_only", Class::Configure),
    (0x2009, "log_announce_interval", Class::Configure),
    (0x200a, "announce_receipt_timeout", Class::Configure),
    (0x200b, "log_sync_interval", Class::Configure),
    (0x200c, "version_number", Class::Configure),
    (0x200d, "enable_port", Class::Mode),
    (0x200e, "disable_port", Class::Mode),
    (0x200f, "time", Class::Configure),
    (0x2010, "clock_accuracy", Class::Configure),
    (0x2011, "utc_properties", Class::Configure),
    (0x2012, "traceability_properties", Class::Configure),
    (0x2013, "timescale_properties", Class::Configure),
    (0x2014, "unicast_negotiation_enable", Class::Configure),
    (0x2015, "path_trace_list", Class::Configure),
    (0x2016, "path_trace_enable", Class::Configure),
    (0x2017, "grandmaster_cluster_table", Class::Configure),
    (0x2018, "unicast_master_table", Class::Configure),
    (0x2019, "unicast_master_max_table_size", Class::Configure),
    (0x201a, "acceptable_master_table", Class::Configure),
    (0x201b, "acceptable_master_table_enabled", Class::Configure),
    (0x201c, "acceptable_master_max_table_size", Class::Configure),
    (0x201d, "alternate_master", Class::Configure),
    (0x201e, "alternate_time_offset_enable", Class::Configure),
    (0x201f, "alternate_time_offset_name", Class::Configure),
    (0x2020, "alternate_time_offset_max_key", Class::Configure),
    (0x2021, "alternate_time_offset_properties", Class::Configure),
    (0x3000, "external_port_configuration_enabled", Class::Configure),
    (0x3001, "master_only", Class::Configure),
    (0x3002, "holdover_upgrade_enable", Class::Configure),
    (0x3003, "ext_port_config_port_data_set", Class::Configure),
    (0x4000, "transparent_clock_default_data_set", Class::Configure),
    (0x4001, "transparent_clock_port_data_set", Class::Configure),
    (0x4002, "primary_domain", Class::Configure),
    (0x6000, "delay_mechanism", Class::Configure),
    (0x6001, "log_min_pdelay_req_interval", Class::Configure),
];

/// Name of a management id, and what setting it does.
pub fn management(id: u16) -> Option<(&'static str, Class)> {
    let at = IDS.binary_search_by_key(&id, |(n, ..)| *n).ok()?;
    IDS.get(at).map(|(_, name, class)| (*name, *class))
}

/// TLVs of signaling messages.
pub fn tlv(kind: u16) -> &'static str {
    match kind {
        0x0003 | 0x4000 | 0x8000 => "organization_extension",
        0x0004 => "request_unicast_transmission",
        0x0005 => "grant_unicast_transmission",
        0x0006 => "cancel_unicast_transmission",
        0x0007 => "acknowledge_cancel_unicast_transmission",
        0x8001 => "l1_sync",
        0x8002 => "port_communication_availability",
        0x8003 => "protocol_address",
        _ => "tlv",
    }
}

/// Address spaces: what targets can be.
pub const SPACES: &[&str] = &[
    "acceptable_master_max_table_size",
    "acceptable_master_table",
    "acceptable_master_table_enabled",
    "acknowledge_cancel_unicast_transmission",
    "alternate_master",
    "alternate_time_offset_enable",
    "alternate_time_offset_max_key",
    "alternate_time_offset_name",
    "alternate_time_offset_properties",
    "announce_receipt_timeout",
    "cancel_unicast_transmission",
    "clock_accuracy",
    "clock_description",
    "current_data_set",
    "default_data_set",
    "delay_mechanism",
    "disable_port",
    "domain",
    "enable_port",
    "ext_port_config_port_data_set",
    "external_port_configuration_enabled",
    "fault_log",
    "fault_log_reset",
    "grandmaster",
    "grandmaster_cluster_table",
    "grant_unicast_transmission",
    "holdover_upgrade_enable",
    "initialize",
    "l1_sync",
    "log_announce_interval",
    "log_min_pdelay_req_interval",
    "log_sync_interval",
    "management_id",
    "master_only",
    "null_management",
    "organization_extension",
    "parent_data_set",
    "path_trace_enable",
    "path_trace_list",
    "port_communication_availability",
    "port_data_set",
    "primary_domain",
    "priority1",
    "priority2",
    "protocol_address",
    "request_unicast_transmission",
    "reset_non_volatile_storage",
    "save_in_non_volatile_storage",
    "slave_only",
    "time",
    "time_properties_data_set",
    "timescale_properties",
    "tlv",
    "traceability_properties",
    "transparent_clock_default_data_set",
    "transparent_clock_port_data_set",
    "unicast_master_max_table_size",
    "unicast_master_table",
    "unicast_negotiation_enable",
    "user_description",
    "utc_properties",
    "version_number",
];

/// timeSource.
pub fn time_source(code: u8) -> &'static str {
    match code {
        0x10 => "atomic_clock",
        0x20 => "gnss",
        0x30 => "terrestrial_radio",
        0x39 => "serial_time_code",
        0x40 => "ptp",
        0x50 => "ntp",
        0x60 => "hand_set",
        0x90 => "other",
        0xa0 => "internal_oscillator",
        0xf0..=0xfe => "profile_specific",
        _ => "reserved",
    }
}

/// managementErrorId.
pub fn error(code: u16) -> &'static str {
    match code {
        1 => "response_too_big",
        2 => "no_such_id",
        3 => "wrong_length",
        4 => "wrong_value",
        5 => "not_setable",
        6 => "not_supported",
        7 => "unpopulated",
        0xfffe => "general_error",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_sorted_and_every_name_is_a_space() {
        assert!(IDS.is_sorted_by_key(|i| i.0));
        assert!(SPACES.is_sorted());
        assert!(IDS.iter().all(|i| SPACES.contains(&i.1)));
        assert_eq!(management(0x2005), Some(("priority1", Class::Configure)));
        assert_eq!(management(0x1fff), None);
    }
}
