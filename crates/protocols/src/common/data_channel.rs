//! What the FTP control connection tells its data connection, in the tag of an expectation.

use crate::{Dir, Expect, Input};

/// What will move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The port was told, the command not yet.
    Announced,
    /// A file out of the server.
    Retrieve,
    /// A file into the server.
    Store,
    /// A list of files.
    List,
    /// The transfer on this port is over.
    Over,
}

const KINDS: [What; 5] = [What::Announced, What::Retrieve, What::Store, What::List, What::Over];

/// An expected data connection.
#[derive(Clone, Copy, Debug)]
pub struct Channel {
    /// What.
    pub what: What,
    /// The port is the client's (active mode).
    pub active: bool,
    /// Size, where it was told.
    pub size: Option<u64>,
}

impl Channel {
    /// The expectation of this channel on a port.
    pub fn expect(self, port: u16) -> Expect {
        let kind = KINDS.iter().position(|k| *k == self.what).unwrap_or(0) as u64;
        let size = self.size.map_or(0, |n| (n + 1).min(u64::MAX >> 16)) << 16;
        Expect { protocol: "ftp_data", port, id: 0, tag: kind | u64::from(self.active) << 8 | size }
    }

    /// The channel that was expected here, the direction in which the client sends, and the file's name.
    pub fn of<'a>(input: &Input<'a>) -> Option<(Channel, Dir, &'a [u8])> {
        let ports = [(input.src.port, input.dir), (input.dst.port, input.dir.flip())];
        let (expect, side) = ports.into_iter().find_map(|(port, side)| Some((input.expects.port(port)?, side)))?;
        if expect.protocol != "ftp_data" {
            return None;
        }
        let what = KINDS.get((expect.tag & 0xff) as usize).copied()?;
        let size = (expect.tag >> 16).checked_sub(1);
        let active = expect.tag & 0x100 != 0;
        let client = if active { side } else { side.flip() };
        Some((Channel { what, active, size }, client, input.expects.name(expect.port)))
    }
}
