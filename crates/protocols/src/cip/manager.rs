//! Connection Manager: what `forward_open` sets up (CIP Volume 1, 3-5.5).

use super::path::{Way, way};
use crate::{Dir, Draft, Expect, Output, Val};
use model::{Hop, Path};
use wire::{Read, Reader};

/// Most connections remembered per conversation. A scanner opens one per device and assembly; a controller with more
/// towards one address loses the route of the oldest, nothing else.
pub const MAX_CONNECTIONS: usize = 64;

/// Transport class 3: connected explicit messages.
const EXPLICIT: u8 = 2;

/// A request to open.
#[derive(Clone, Copy, Debug)]
pub struct Open {
    pub serial: u16,
    pub vendor: u16,
    pub originator: u32,
    pub o_t_rpi: u32,
    pub t_o_rpi: u32,
    pub o_t: Parameters,
    pub t_o: Parameters,
    /// Transport class and trigger: low 4 bits the class, bits 4 to 6 the trigger, bit 7 the target is the server.
    pub transport: u8,
    /// Multiplier of the connection time-out: the RPI times 4 for 0, 8 for 1, … 512 for 7.
    pub multiplier: u8,
    pub way: Way,
    /// Motion connections are opened to the Motion Device Axis object.
    pub motion: bool,
}

/// Network connection parameters of one direction.
#[derive(Clone, Copy, Debug)]
pub struct Parameters {
    /// Largest size in bytes.
    pub size: u16,
    /// 0 null, 1 multicast, 2 point to point.
    pub kind: u8,
}

impl Parameters {
    fn small(word: u16) -> Parameters {
        Parameters { size: word & 0x01ff, kind: (word >> 13 & 3) as u8 }
    }

    fn large(word: u32) -> Parameters {
        Parameters { size: word as u16, kind: (word >> 29 & 3) as u8 }
    }

    fn word(self) -> &'static str {
        match self.kind {
            0 => "null",
            1 => "multicast",
            2 => "point_to_point",
            _ => "reserved",
        }
    }
}

/// Reads a `forward_open` or `large_forward_open` request.
pub fn open(data: &[u8], large: bool) -> Read<Open> {
    let mut r = Reader::new(data);
    r.skip(2, "priority, time-out")?;
    r.skip(8, "network connection ids")?;
    let serial = r.le16("connection serial number")?;
    let vendor = r.le16("originator vendor id")?;
    let originator = r.le32("originator serial number")?;
    let multiplier = r.u8("connection timeout multiplier")?;
    r.skip(3, "reserved")?;
    let mut direction = |rpi, parameters| -> Read<(u32, Parameters)> {
        let rpi = r.le32(rpi)?;
        let parameters =
            if large { Parameters::large(r.le32(parameters)?) } else { Parameters::small(r.le16(parameters)?) };
        Ok((rpi, parameters))
    };
    let (o_t_rpi, o_t) = direction("o->t rpi", "o->t connection parameters")?;
    let (t_o_rpi, t_o) = direction("t->o rpi", "t->o connection parameters")?;
    let transport = r.u8("transport type/trigger")?;
    let words = r.u8("connection path size")?;
    let way = way(r.take(usize::from(words) * 2, "connection path")?)?;
    let motion = way.class == Some(0x42);
    Ok(Open { serial, vendor, originator, o_t_rpi, t_o_rpi, o_t, t_o, transport, multiplier, way, motion })
}

/// The connection ids of a positive answer: O->T, T->O.
pub fn opened(data: &[u8]) -> Read<(u32, u32)> {
    let mut r = Reader::new(data);
    Ok((r.le32("o->t connection id")?, r.le32("t->o connection id")?))
}

impl Open {
    /// Adds what was asked for.
    pub fn describe(&self, draft: &mut Draft<'_>) {
        draft.push_extra("transport_class", Val::Uint((self.transport & 0x0f).into()));
        draft.push_extra("connection_serial", Val::Uint(self.serial.into()));
        draft.push_extra("timeout_multiplier", Val::Uint(4 << (self.multiplier & 7)));
        draft.push_extra("originator_vendor", Val::Uint(self.vendor.into()));
        draft.push_extra("originator_serial", Val::Uint(self.originator.into()));
        draft.push_extra("o_t_rpi", Val::Uint(self.o_t_rpi.into()));
        draft.push_extra("t_o_rpi", Val::Uint(self.t_o_rpi.into()));
        draft.push_extra("o_t_size", Val::Uint(self.o_t.size.into()));
        draft.push_extra("t_o_size", Val::Uint(self.t_o.size.into()));
        draft.push_extra("o_t_type", Val::Name(self.o_t.word()));
        draft.push_extra("t_o_type", Val::Name(self.t_o.word()));
        if let Some(word) = self.application() {
            draft.push_extra("application", Val::Name(word));
        }
        if self.way.config > 0 {
            draft.push_extra("configuration_size", Val::Uint(self.way.config as u64));
        }
        if let Some(key) = self.way.key {
            draft.push_extra("key_vendor", Val::Uint(key.vendor.into()));
            draft.push_extra("key_device_type", Val::Uint(key.device_type.into()));
            draft.push_extra("key_product_code", Val::Uint(key.product_code.into()));
        }
    }

    fn application(&self) -> Option<&'static str> {
        match (self.way.safety, self.motion) {
            (true, _) => Some("safety"),
            (_, true) => Some("motion"),
            _ => None,
        }
    }

    /// Announces the cyclic data of classes 0 and 1: connection id to direction, kind, slot and connection point, as the
    /// page of `cip_io` says.
    pub fn expect(&self, o_t: u32, t_o: u32, route: Path, out: &mut Output) {
        if self.transport & 0x0f >= EXPLICIT {
            return;
        }
        let kind: u64 = match self.application() {
            Some("safety") => 1,
            Some(_) => 2,
            None => 0,
        };
        let hop: u64 = match route.hops().next() {
            Some(Hop::Slot { slot, .. }) => 1 << 12 | u64::from(slot & 0x0fff),
            Some(Hop::Link { port, link }) => u64::from(port & 0x0f) << 12 | (link & 0x0fff),
            _ => 0,
        };
        let [consumed, produced] = self.way.points;
        // without connection points the instance itself is meant
        let instance = self.way.instance.unwrap_or_default();
        let class = u64::from(self.transport & 0x0f) << 4;
        for (id, direction, point, parameters) in
            [(o_t, 1u64, consumed, self.o_t), (t_o, 2, produced.or(consumed), self.t_o)]
        {
            if parameters.kind == 0 || id == 0 {
                continue;
            }
            let point = u64::from(point.unwrap_or(instance)) & 0xffff_ffff;
            let tag = direction | class | kind << 8 | hop << 16 | point << 32;
            out.expect(Expect { protocol: "cip_io", port: 0, id: id.into(), tag });
        }
    }
}

/// A connection for explicit messages.
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    /// Id in requests.
    pub o_t: u32,
    /// Id in replies; 0 while unknown.
    pub t_o: u32,
    /// Direction in which the originator sends.
    pub originator: Dir,
    /// The device behind the address, where the opening was seen.
    pub route: Option<Path>,
}

/// The connections of one conversation.
#[derive(Debug, Default)]
pub struct Connections {
    list: Vec<Connection>,
}

impl Connections {
    /// Adds one; an older one with the same ids is replaced.
    pub fn add(&mut self, new: Connection, out: &mut Output) {
        self.list.retain(|c| (c.o_t, c.originator) != (new.o_t, new.originator));
        if self.list.len() >= MAX_CONNECTIONS {
            out.limit("cip_connections");
            self.list.remove(0);
        }
        self.list.push(new);
    }

    /// The connection a request is sent on.
    pub fn request(&self, o_t: u32, dir: Dir) -> Option<&Connection> {
        self.list.iter().find(|c| c.o_t == o_t && c.originator == dir)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_an_opening() {
        let mut data = vec![0x0a, 0x0e, 0, 0, 0, 0, 4, 3, 2, 1, 7, 0, 1, 0, 0x78, 0x56, 0x34, 0x12, 2, 0, 0, 0];
        data.extend_from_slice(&[0x10, 0x27, 0, 0, 0x06, 0x48, 0x20, 0x4e, 0, 0, 0x08, 0x28, 0x01, 4]);
        data.extend_from_slice(&[0x20, 4, 0x24, 1, 0x2c, 100, 0x2c, 101]);
        let open = open(&data, false);
        assert!(open.is_ok_and(|o| o.o_t_rpi == 10_000
            && o.t_o_rpi == 20_000
            && (o.o_t.size, o.o_t.kind, o.t_o.kind) == (6, 2, 1)
            && o.way.points == [Some(100), Some(101)]
            && o.originator == 0x1234_5678));
    }
}
