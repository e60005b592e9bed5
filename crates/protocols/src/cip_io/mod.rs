//! CIP implicit messages: cyclic I/O over UDP.

mod session;

use crate::{Hint, Operation, Probe, Protocol, Transport, Verdict, field, op, plain_notation};
use ::wire::{Malformed, Read, Reader};
use model::Class;

/// CIP transport class 0 and 1 data (CIP Networks Library, Volume 2, 2-6 and 3-3; Volume 1, 3-4).
pub static PROTOCOL: Protocol = Protocol {
    name: "cip_io",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(2222), Hint::Udp(44818)],
    operations: OPERATIONS,
    fields: &[
        field("application", "what the connection is for, where its opening was seen: safety, motion"),
        field("connection", "connection id"),
    ],
    spaces: &["connection", "point"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

const OPERATIONS: &[Operation] = &[op(0, "io_data", Class::Read)];

/// Sequenced address item (Volume 2, 2-6.2.3).
const SEQUENCED_ADDRESS: u16 = 0x8002;
/// Connected data item.
const CONNECTED_DATA: u16 = 0x00b1;

/// One datagram.
#[derive(Clone, Copy, Debug)]
struct Datagram<'a> {
    connection: u32,
    sequence: u32,
    data: &'a [u8],
}

/// Reads a datagram: two items, the address and the data, and nothing behind them.
fn datagram(bytes: &[u8]) -> Read<Datagram<'_>> {
    let mut r = Reader::new(bytes);
    let count = r.le16("item count")?;
    if count != 2 {
        return Err(Malformed::invalid("item count", 0));
    }
    if r.le16("address item type id")? != SEQUENCED_ADDRESS || r.le16("address item length")? != 8 {
        return Err(Malformed::invalid("address item", 2));
    }
    let connection = r.le32("connection id")?;
    let sequence = r.le32("encapsulation sequence number")?;
    if r.le16("data item type id")? != CONNECTED_DATA {
        return Err(Malformed::invalid("data item type id", 14));
    }
    let length = r.le16("data item length")?;
    let data = r.take(length.into(), "data")?;
    Ok(Datagram { connection, sequence, data })
}

/// Six fixed fields: certain. A datagram cut by the capture is certain by its front.
fn identify(probe: &Probe<'_>) -> Verdict {
    if probe.transport != Transport::Udp {
        return Verdict::No;
    }
    match datagram(probe.bytes) {
        Ok(_) => Verdict::Sure,
        Err(error) if error.is_truncated() && error.at >= 18 => Verdict::Likely,
        _ => Verdict::No,
    }
}
