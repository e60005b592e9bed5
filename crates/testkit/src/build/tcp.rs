//! A TCP conversation seen from the wire: both sides' sequence numbers in one place.

use super::ip::{Header, Segment, flag, tcp};
use super::link::{IPV4, ethernet};
use super::{Ip, Mac};

/// The largest payload of a segment on Ethernet without options.
pub const MSS: usize = 1460;

/// Which side speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// The side that opened the connection.
    Client,
    /// The side that listens.
    Server,
}

impl From {
    /// The other side.
    pub fn other(self) -> From {
        match self {
            From::Client => From::Server,
            From::Server => From::Client,
        }
    }
}

/// One side of a conversation as the capture point sees it.
#[derive(Clone, Debug)]
pub struct Side {
    /// Hardware address its frames carry as source (its own, or the router's in front of it).
    pub mac: Mac,
    /// Hardware address its frames are sent to.
    pub next: Mac,
    /// VLAN its frames are seen on.
    pub vlan: Option<u16>,
    /// Its address.
    pub ip: Ip,
    /// Its port.
    pub port: u16,
    /// Time to live at the capture point.
    pub ttl: u8,
    /// Receive window it announces.
    pub window: u16,
    /// Next IPv4 identification.
    pub id: u16,
    /// Next sequence number.
    pub seq: u32,
}

/// A frame on its way: who sent it, and the bytes.
pub type Sent = (From, Vec<u8>);

/// Both sides. Methods return frames in wire order; the caller gives them times.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// Who opened.
    pub client: Side,
    /// Who listens.
    pub server: Side,
    /// A host both sides' frames are led through (after ARP poisoning): each frame is then seen twice.
    pub via: Option<Mac>,
}

/// Changes a payload on its way; the length must stay.
pub type Tamper = fn(&mut [u8], From);

impl Conversation {
    fn sides(&mut self, from: From) -> (&mut Side, &mut Side) {
        match from {
            From::Client => (&mut self.client, &mut self.server),
            From::Server => (&mut self.server, &mut self.client),
        }
    }

    fn segment(&mut self, from: From, flags: u8, seq: u32, data: &[u8], tamper: Option<Tamper>) -> Vec<Vec<u8>> {
        let via = self.via;
        let (me, peer) = self.sides(from);
        let h = Header { src: me.ip, dst: peer.ip, id: me.id, ttl: me.ttl };
        me.id = me.id.wrapping_add(1);
        let ack = if flags & flag::ACK != 0 { peer.seq } else { 0 };
        let mut s =
            Segment { sport: me.port, dport: peer.port, seq, ack, flags, window: me.window, data: data.to_vec() };
        let Some(via) = via else {
            return vec![ethernet(me.next, me.mac, me.vlan, IPV4, &tcp(h, &s))];
        };
        let first = ethernet(via, me.mac, me.vlan, IPV4, &tcp(h, &s));
        if let Some(tamper) = tamper {
            tamper(&mut s.data, from);
        }
        vec![first, ethernet(me.next, via, me.vlan, IPV4, &tcp(h, &s))]
    }

    fn plain(&mut self, from: From, flags: u8) -> Vec<Sent> {
        let seq = self.sides(from).0.seq;
        self.segment(from, flags, seq, &[], None).into_iter().map(|f| (from, f)).collect()
    }

    /// SYN, SYN+ACK, ACK.
    pub fn open(&mut self) -> Vec<Sent> {
        let mut out = self.plain(From::Client, flag::SYN);
        self.client.seq = self.client.seq.wrapping_add(1);
        out.extend(self.plain(From::Server, flag::SYN | flag::ACK));
        self.server.seq = self.server.seq.wrapping_add(1);
        out.extend(self.plain(From::Client, flag::ACK));
        out
    }

    /// SYN, answered by RST: nobody listens.
    pub fn refused(&mut self) -> Vec<Sent> {
        let mut out = self.plain(From::Client, flag::SYN);
        self.client.seq = self.client.seq.wrapping_add(1);
        self.server.seq = 0;
        out.extend(self.plain(From::Server, flag::RST | flag::ACK));
        out
    }

    /// Payload, cut into segments.
    pub fn send(&mut self, from: From, data: &[u8], tamper: Option<Tamper>) -> Vec<Sent> {
        let mut out = Vec::new();
        let last = data.len().div_ceil(MSS).saturating_sub(1);
        for (n, part) in data.chunks(MSS).enumerate() {
            let flags = flag::ACK | if n == last { flag::PSH } else { 0 };
            let seq = self.sides(from).0.seq;
            out.extend(self.segment(from, flags, seq, part, tamper).into_iter().map(|f| (from, f)));
            let me = self.sides(from).0;
            me.seq = me.seq.wrapping_add(part.len() as u32);
        }
        out
    }

    /// The last `data.len()` bytes again, as after a lost acknowledgement; at most one segment.
    pub fn again(&mut self, from: From, data: &[u8]) -> Vec<Sent> {
        let part = &data[..data.len().min(MSS)];
        let seq = self.sides(from).0.seq.wrapping_sub(data.len() as u32);
        let flags = flag::ACK | flag::PSH;
        self.segment(from, flags, seq, part, None).into_iter().map(|f| (from, f)).collect()
    }

    /// A bare acknowledgement of everything so far.
    pub fn ack(&mut self, from: From) -> Vec<Sent> {
        self.plain(from, flag::ACK)
    }

    /// FIN from `from`, FIN from the other side, and the last acknowledgement.
    pub fn close(&mut self, from: From) -> Vec<Sent> {
        let mut out = self.plain(from, flag::FIN | flag::ACK);
        self.sides(from).0.seq = self.sides(from).0.seq.wrapping_add(1);
        out.extend(self.plain(from.other(), flag::FIN | flag::ACK));
        self.sides(from.other()).0.seq = self.sides(from.other()).0.seq.wrapping_add(1);
        out.extend(self.plain(from, flag::ACK));
        out
    }

    /// RST from `from`.
    pub fn reset(&mut self, from: From) -> Vec<Sent> {
        self.plain(from, flag::RST | flag::ACK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(n: u8) -> Side {
        let (mac, next) = ([n; 6], [3 - n; 6]);
        let ip = [10, 0, 0, n];
        let seq = u32::MAX - 5;
        Side { mac, next, vlan: None, ip, port: 1000 + u16::from(n), ttl: 64, window: 4096, id: 0, seq }
    }

    fn numbers(frame: &[u8]) -> (u32, u32, u8) {
        let at = |n: usize| u32::from_be_bytes([frame[n], frame[n + 1], frame[n + 2], frame[n + 3]]);
        (at(38), at(42), frame[47])
    }

    #[test]
    fn sequence_numbers_follow_the_bytes_across_the_wrap() {
        let mut c = Conversation { client: side(1), server: side(2), via: None };
        let opened = c.open();
        assert_eq!(numbers(&opened[0].1), (u32::MAX - 5, 0, flag::SYN));
        assert_eq!(numbers(&opened[1].1), (u32::MAX - 5, u32::MAX - 4, flag::SYN | flag::ACK));
        let sent = c.send(From::Client, &[7; 3000], None);
        assert_eq!(sent.len(), 3);
        assert_eq!(numbers(&sent[1].1).0, (u32::MAX - 4).wrapping_add(1460));
        assert_eq!(numbers(&sent[2].1).2, flag::ACK | flag::PSH);
        let again = c.again(From::Client, &[7; 80]);
        assert_eq!(numbers(&again[0].1).0, (u32::MAX - 4).wrapping_add(2920));
        let acked = c.ack(From::Server);
        assert_eq!(numbers(&acked[0].1).1, (u32::MAX - 4).wrapping_add(3000));
    }

    #[test]
    fn a_diverted_segment_is_seen_twice_and_changed_once() {
        let mut c = Conversation { client: side(1), server: side(2), via: Some([9; 6]) };
        let sent = c.send(From::Client, &[1; 8], Some(|data, _| data[0] = 5));
        assert_eq!(sent.len(), 2);
        assert_eq!((&sent[0].1[..6], &sent[1].1[6..12]), (&[9; 6][..], &[9; 6][..]));
        assert_eq!((sent[0].1[54], sent[1].1[54]), (1, 5));
    }
}
