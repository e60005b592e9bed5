//! Operation codes, and what the type asked for makes of a query.

use crate::common::dns::{AXFR, IXFR};
use crate::{Operation, op};
use model::Class;

/// Query, and what it turns out to be; the codes above 0xffff are ours.
pub const QUERY: u32 = 0;
pub const NOTIFY: u32 = 4;
pub const UPDATE: u32 = 5;
const INCREMENTAL_ZONE_TRANSFER: u32 = 0x1_00fb;
const ZONE_TRANSFER: u32 = 0x1_00fc;

/// Operation codes as IANA assigns them.
pub const OPERATIONS: &[Operation] = &[
    op(QUERY, "query", Class::Identify),
    op(1, "inverse_query", Class::Identify),
    op(2, "status", Class::Diagnose),
    op(NOTIFY, "notify", Class::Session),
    op(UPDATE, "update", Class::Configure),
    op(6, "stateful_operation", Class::Session),
    op(INCREMENTAL_ZONE_TRANSFER, "incremental_zone_transfer", Class::Read),
    op(ZONE_TRANSFER, "zone_transfer", Class::Read),
];

/// The code an operation is told under.
pub fn code_of(opcode: u8, kind: u16) -> u32 {
    match (opcode, kind) {
        (0, AXFR) => ZONE_TRANSFER,
        (0, IXFR) => INCREMENTAL_ZONE_TRANSFER,
        (opcode, _) => opcode.into(),
    }
}
