//! Equal terms: messages that one of the two deliberately tells differently are left out on both sides, each for a
//! stated reason, and counted.

use super::claims::Conversations;
use super::pdml::Layer;
use super::{Agreement, Message};
use crate::corpus;
use engine::{Dispatcher, FrameIn, Seen};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use wire::decode::LinkType;

/// Why a message is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The engine removes mirror copies and copies of redundant networks; tshark shows each. Only where another frame
    /// shortly before carries the same packet, which is checked here by its bytes.
    Copy,
    /// The message stands in the packet that an ICMP error quotes. Nobody sent it at that moment.
    Quoted,
    /// tshark takes the frame for a TCP retransmission.
    Again,
    /// tshark itself calls the message malformed.
    Broken,
    /// The message is carried by a protocol that is not on the list of protocols, see [`NOT_READ`].
    NotRead,
    /// tshark shows one command or reply of a segment, see [`FIRST_OF_FRAME`].
    Further,
    /// tshark shows nothing of the protocol in the whole conversation, which is counted as such:
    /// [`super::Comparison::unshared`].
    NotShown,
    /// The bind of a call's interface is not in the capture: nobody knows what was called.
    Unbound,
    /// A header of another length than 64 bytes is no message of SMB 2.
    HeaderLength,
    /// Mail slots are datagrams, rows of `nbds`.
    MailSlot,
    /// The handshake of TLS inside QUIC is part of the rows of `quic`.
    InsideQuic,
}

impl Reason {
    /// For people.
    pub fn text(self) -> &'static str {
        match self {
            Reason::Copy => "in mirror copies",
            Reason::Quoted => "quoted by ICMP errors",
            Reason::Again => "in retransmissions",
            Reason::Broken => "that it calls malformed",
            Reason::NotRead => "inside protocols that are not read here",
            Reason::Further => "behind another command of the same segment",
            Reason::NotShown => "in conversations in which it does not show the protocol",
            Reason::Unbound => "that answer calls whose bind is not in the capture",
            Reason::HeaderLength => "with a header of another length than 64 bytes",
            Reason::MailSlot => "in mail slots, rows of nbds",
            Reason::InsideQuic => "inside QUIC, rows of quic",
        }
    }
}

/// tshark's names of protocols that carry others and that are not read here: what they carry is out of reach, and
/// docs/limits.md says so.
const NOT_READ: &[&str] = &["eap", "lwapp", "netbios", "openvpn", "radius", "sflow", "tds"];

/// Protocols of which tshark shows only the first command or reply of a segment: ours behind it have nothing to be
/// compared with.
const FIRST_OF_FRAME: &[&str] = &["ftp"];

/// Why a message an oracle doubts may be no row here.
fn own_reason(protocol: &str) -> Option<Reason> {
    match protocol {
        "dcerpc" => Some(Reason::Unbound),
        "smb2" => Some(Reason::HeaderLength),
        "smb" => Some(Reason::MailSlot),
        _ => None,
    }
}

/// What cannot be compared in one capture.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    copies: BTreeSet<u64>,
    again: BTreeSet<u64>,
    broken: BTreeSet<(&'static str, u64)>,
    left_out: BTreeMap<(&'static str, Reason), [u64; 2]>,
    doubts: BTreeMap<(&'static str, Message), Reason>,
}

impl Terms {
    /// Finds the copies of a capture.
    ///
    /// # Errors
    /// When the capture cannot be opened.
    pub fn of(path: &Path) -> std::io::Result<Terms> {
        Ok(Terms { copies: copies(path)?, ..Terms::default() })
    }

    /// Takes note of frames that tshark takes for retransmissions.
    pub fn sent_again(&mut self, frames: BTreeSet<u64>) {
        self.again.extend(frames);
    }

    /// Takes note of what a layer says about its frame. All layers first, then the questions.
    pub fn note(&mut self, protocol: &'static str, layer: &Layer) {
        if layer.again {
            self.again.insert(layer.frame);
        }
        if layer.broken {
            self.broken.insert((protocol, layer.frame));
        }
    }

    /// Whether tshark's messages of this layer are left out.
    pub fn leaves_out_theirs(&mut self, protocol: &'static str, layer: &Layer) -> bool {
        let quoted = layer.under.iter().any(|name| name == "icmp" || name == "icmpv6");
        let reason = if quoted {
            Reason::Quoted
        } else if layer.again {
            Reason::Again
        } else if self.broken.contains(&(protocol, layer.frame)) {
            Reason::Broken
        } else if layer.under.iter().any(|name| NOT_READ.contains(&name.as_str())) {
            Reason::NotRead
        } else if protocol == "tls" && layer.under.iter().any(|name| name == "quic") {
            Reason::InsideQuic
        } else if self.copies.contains(&layer.frame) {
            Reason::Copy
        } else {
            return false;
        };
        let [theirs, _] = self.left_out.entry((protocol, reason)).or_default();
        *theirs += 1;
        true
    }

    /// Whether our message in this frame is left out. Asked after all of tshark's.
    pub fn leaves_out_ours(&mut self, protocol: &'static str, frame: u64) -> bool {
        let reason = if self.again.contains(&frame) {
            Reason::Again
        } else if self.broken.contains(&(protocol, frame)) {
            Reason::Broken
        } else {
            return false;
        };
        let [_, ours] = self.left_out.entry((protocol, reason)).or_default();
        *ours += 1;
        true
    }

    /// Whether our message is left out because it is not the first of its frame and sender.
    pub fn leaves_out_further(&mut self, protocol: &'static str, further: bool) -> bool {
        let out = further && FIRST_OF_FRAME.contains(&protocol);
        if out {
            let [_, ours] = self.left_out.entry((protocol, Reason::Further)).or_default();
            *ours += 1;
        }
        out
    }

    /// Takes note of a message of tshark's that may be missing here.
    pub fn doubt(&mut self, protocol: &'static str, message: &Message) {
        if let Some(reason) = own_reason(protocol) {
            self.doubts.insert((protocol, message.clone()), reason);
        }
    }

    /// Leaves out of the differences what was doubted and is missing, and what is counted as a conversation.
    pub fn settle(&self, protocol: &'static str, row: &mut Agreement, conversations: &Conversations) {
        let Agreement { missed, added, left_out, .. } = row;
        missed.retain(|message| match self.doubts.get(&(protocol, message.clone())) {
            Some(reason) => {
                let [theirs, _] = left_out.entry(*reason).or_default();
                *theirs += 1;
                false
            }
            None => true,
        });
        added.retain(|message| {
            let counted = conversations.stand_for(message.0, protocol);
            if counted {
                let [_, ours] = left_out.entry(Reason::NotShown).or_default();
                *ours += 1;
            }
            !counted
        });
    }

    /// Whether something of the protocol was left out.
    pub fn knows(&self, protocol: &str) -> bool {
        self.left_out.keys().any(|(p, _)| *p == protocol)
    }

    /// What was left out of a protocol.
    pub fn left_out(&self, protocol: &str) -> BTreeMap<Reason, [u64; 2]> {
        self.left_out.iter().filter(|((p, _), _)| *p == protocol).map(|((_, r), n)| (*r, *n)).collect()
    }
}

/// A copy follows its original within this time (ns); the engine's longest, that of redundant networks.
const WINDOW: i64 = 400_000_000;

/// Frames the engine removes as copies, as far as another frame shortly before carries the same packet.
fn copies(path: &Path) -> std::io::Result<BTreeSet<u64>> {
    let mut found = BTreeSet::new();
    let mut dispatcher = Dispatcher::new(1);
    let mut before: VecDeque<(i64, Vec<u8>)> = VecDeque::new();
    let mut seen = Seen::EMPTY;
    corpus::frames(path, |frame| {
        let removed = dispatcher.counters().duplicates_removed;
        dispatcher.frame(frame, &mut seen);
        let packet = bare(frame);
        let is_old = |(time, _): &(i64, Vec<u8>)| frame.time.0.abs_diff(*time) > WINDOW.unsigned_abs();
        while before.front().is_some_and(is_old) {
            before.pop_front();
        }
        let is_copy = || before.iter().rev().any(|(_, other)| *other == packet);
        if dispatcher.counters().duplicates_removed > removed && is_copy() {
            found.insert(dispatcher.number());
        }
        before.push_back((frame.time.0, packet));
    })?;
    Ok(found)
}

/// The packet without what a mirror or a router changes: link header and tags; time to live and checksum of IPv4, hop
/// limit of IPv6. Packets that are not IP keep their hardware addresses and lose the trailer of a redundant network.
fn bare(frame: &FrameIn<'_>) -> Vec<u8> {
    let mut at = match frame.link {
        LinkType::Ethernet => 12,
        LinkType::LinuxSll => 14,
        _ => return frame.bytes.to_vec(),
    };
    let rest = |at: usize| frame.bytes.get(at..).unwrap_or_default();
    // IEEE 802.1Q and 802.1ad, HSR
    loop {
        at += match rest(at) {
            [0x81, 0x00, ..] | [0x88, 0xa8, ..] | [0x91, 0x00, ..] => 4,
            [0x89, 0x2f, ..] => 6,
            _ => break,
        }
    }
    let mut packet = rest(at + 2).to_vec();
    match (rest(at), &mut packet[..]) {
        ([0x08, 0x00, ..], [_, _, high, low, _, _, _, _, ttl, _, sum0, sum1, ..]) => {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            (*ttl, *sum0, *sum1) = (0, 0, 0);
            packet.truncate(length);
        }
        ([0x86, 0xdd, ..], [_, _, _, _, high, low, _, hops, ..]) => {
            let length = 40 + usize::from(u16::from_be_bytes([*high, *low]));
            *hops = 0;
            packet.truncate(length);
        }
        _ => {
            if packet.ends_with(&[0x88, 0xfb]) {
                packet.truncate(packet.len() - 6);
            }
            packet.extend_from_slice(frame.bytes.get(..12).unwrap_or_default());
        }
    }
    packet
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{NetworkId, Time};

    fn bare_of(link: LinkType, bytes: &[u8]) -> Vec<u8> {
        bare(&FrameIn { time: Time(0), link, wire_len: bytes.len() as u32, bytes, network: NetworkId(0) })
    }

    /// The same packet on another VLAN and one hop further is the same; with another last byte it is not.
    #[test]
    fn copies_are_told_by_the_packet() {
        let packet = |ttl: u8, last: u8| {
            let head = [0x45, 0, 0, 22, 1, 2, 0, 0, ttl, 17, ttl, 9, 10, 0, 0, 1, 10, 0, 0, 2];
            [&head[..], &[7, last]].concat()
        };
        let plain = [&[1; 12][..], &[8, 0], &packet(64, 1), &[0; 20]].concat();
        let tagged = [&[2; 12][..], &[0x81, 0, 0, 5, 8, 0], &packet(63, 1)].concat();
        let other = [&[1; 12][..], &[8, 0], &packet(64, 2)].concat();
        let cooked = [&[3; 14][..], &[8, 0], &packet(64, 1)].concat();
        assert_eq!(bare_of(LinkType::Ethernet, &plain), bare_of(LinkType::Ethernet, &tagged));
        assert_eq!(bare_of(LinkType::Ethernet, &plain), bare_of(LinkType::LinuxSll, &cooked));
        assert_ne!(bare_of(LinkType::Ethernet, &plain), bare_of(LinkType::Ethernet, &other));
    }

    /// Packets that are not IP are the same only from the same sender to the same receiver.
    #[test]
    fn other_packets_keep_their_addresses() {
        let frame = |mac: u8| [&[mac; 12][..], &[0x88, 0xcc], b"text"].concat();
        assert_eq!(bare_of(LinkType::Ethernet, &frame(1)), bare_of(LinkType::Ethernet, &frame(1)));
        assert_ne!(bare_of(LinkType::Ethernet, &frame(1)), bare_of(LinkType::Ethernet, &frame(2)));
    }
}
