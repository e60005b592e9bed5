//! The parameters of each service (clauses 13 to 17), as tables for [`super::parts`].

use super::meaning::{UNCONFIRMED, service};
use super::names::{
    COMMUNICATION_STATES, EVENT_STATES, EVENT_TYPES, LIFE_SAFETY_OPERATIONS, NOTIFY_TYPES, REINITIALIZED_STATES,
};
use super::parts::Part::{
    self, Flag, Index, Inner, Instance, NoValue, Object, Password, Priority, Property, Range, Real, Text, Uint, Value,
    Word,
};

type Parts = &'static [(u8, Part)];

const NONE: Parts = &[];
const REFERENCE: Parts = &[(0, Property), (1, Index)];
const REFERENCES: Parts = &[(0, Object), (1, Inner(REFERENCE))];
const READ: Parts = &[(0, Object), (1, Property), (2, Index)];
const VALUE: Parts = &[(0, Object), (1, Property), (2, Index), (3, Value), (4, Priority)];
const VALUES: Parts = &[(0, Property), (1, Index), (2, Value), (3, Priority)];
const WRITES: Parts = &[(0, Object), (1, Inner(VALUES))];
const RESULT: Parts = &[(2, Property), (3, Index), (4, Value), (5, NoValue)];
const RESULTS: Parts = &[(0, Object), (1, Inner(RESULT))];
const COV: Parts = &[
    (0, Uint("process_id")),
    (1, Instance("device")),
    (2, Object),
    (3, Uint("time_remaining_s")),
    (4, Inner(VALUES)),
];
const COV_MULTIPLE: Parts =
    &[(0, Uint("process_id")), (1, Instance("device")), (2, Uint("time_remaining_s")), (4, Inner(WRITES))];
const EVENT: Parts = &[
    (0, Uint("process_id")),
    (1, Instance("device")),
    (2, Object),
    (4, Uint("notification_class")),
    (5, Priority),
    (6, Word("event_type", &EVENT_TYPES)),
    (7, Text("message")),
    (8, Word("notify_type", &NOTIFY_TYPES)),
    (9, Flag("ack_required")),
    (10, Word("from_state", &EVENT_STATES)),
    (11, Word("to_state", &EVENT_STATES)),
];
const SUBSCRIBE: Parts = &[
    (0, Uint("process_id")),
    (1, Object),
    (2, Flag("confirmed")),
    (3, Uint("lifetime_s")),
    (4, Inner(REFERENCE)),
    (5, Real("increment")),
];
const SUBSCRIBE_MULTIPLE: Parts = &[
    (0, Uint("process_id")),
    (1, Flag("confirmed")),
    (2, Uint("lifetime_s")),
    (4, Inner(&[(0, Object), (1, Inner(&[(0, Inner(REFERENCE))]))])),
];
const ACKNOWLEDGE: Parts =
    &[(0, Uint("process_id")), (1, Object), (2, Word("to_state", &EVENT_STATES)), (4, Text("name"))];
const CREATE: Parts = &[(0, Inner(&[(0, Uint("object_type")), (1, Object)])), (1, Inner(VALUES))];
const PRIVATE: Parts = &[(0, Uint("vendor_id")), (1, Uint("service_number"))];
const MESSAGE: Parts = &[(0, Instance("device")), (3, Text("message"))];
const READ_RANGE: Parts = &[
    (0, Object),
    (1, Property),
    (2, Index),
    (3, Range("by_position")),
    (6, Range("by_sequence_number")),
    (7, Range("by_time")),
];
const RANGE_RESULT: Parts =
    &[(0, Object), (1, Property), (2, Index), (4, Uint("count")), (5, Value), (6, Uint("first_sequence_number"))];
const LIFE_SAFETY: Parts =
    &[(0, Uint("process_id")), (1, Text("name")), (2, Word("state", &LIFE_SAFETY_OPERATIONS)), (3, Object)];
const COMMUNICATION: Parts =
    &[(0, Uint("duration_minutes")), (1, Word("state", &COMMUNICATION_STATES)), (2, Password)];
const REINITIALIZE: Parts = &[(0, Word("state", &REINITIALIZED_STATES)), (1, Password)];
const EVENT_SUMMARIES: Parts = &[(0, Inner(&[(0, Object)]))];

/// Parameters of a confirmed request.
pub fn request(choice: u8) -> Parts {
    match choice {
        0 => ACKNOWLEDGE,
        service::CONFIRMED_COV => COV,
        service::CONFIRMED_EVENT => EVENT,
        5 | 28 => SUBSCRIBE,
        8 | 9 | service::WRITE_PROPERTY => VALUE,
        service::CREATE_OBJECT => CREATE,
        service::READ_PROPERTY => READ,
        service::READ_PROPERTY_MULTIPLE => REFERENCES,
        service::WRITE_PROPERTY_MULTIPLE => WRITES,
        service::DEVICE_COMMUNICATION_CONTROL => COMMUNICATION,
        service::PRIVATE_TRANSFER => PRIVATE,
        19 => MESSAGE,
        service::REINITIALIZE_DEVICE => REINITIALIZE,
        service::READ_RANGE => READ_RANGE,
        27 => LIFE_SAFETY,
        30 => SUBSCRIBE_MULTIPLE,
        service::CONFIRMED_COV_MULTIPLE => COV_MULTIPLE,
        _ => NONE,
    }
}

/// Parameters of a complex acknowledgement that names its targets itself; `None` for others.
pub fn answer(choice: u8) -> Option<Parts> {
    Some(match choice {
        service::READ_PROPERTY => VALUE,
        service::READ_PROPERTY_MULTIPLE => RESULTS,
        service::READ_RANGE => RANGE_RESULT,
        // lists of objects as application tags
        3 | 4 | service::CREATE_OBJECT => NONE,
        29 => EVENT_SUMMARIES,
        _ => return None,
    })
}

/// Parameters of an unconfirmed request; those made of application tags are read elsewhere.
pub fn unconfirmed(choice: u8) -> Parts {
    match u32::from(choice) | UNCONFIRMED {
        0x102 => COV,
        0x103 => EVENT,
        0x104 => PRIVATE,
        0x105 => MESSAGE,
        0x107 => &[(0, Uint("low_limit")), (1, Uint("high_limit")), (2, Object), (3, Text("name"))],
        0x108 => &[(0, Uint("low_limit")), (1, Uint("high_limit"))],
        0x10a => &[(0, Uint("group_number")), (1, Priority)],
        0x10b => COV_MULTIPLE,
        _ => NONE,
    }
}
