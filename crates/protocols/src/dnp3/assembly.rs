//! Transport segments to application fragments (IEEE 1815, clause 8).

use crate::Dir;

/// Most conversations put together at the same time: a terminal server may carry several outstations over one
/// connection, and each sends one fragment at a time.
const MAX_SLOTS: usize = 8;
/// Longest application fragment: the standard recommends at most 2,048 bytes; update keys of secure authentication
/// and vendors with larger buffers stay below this.
const MAX_FRAGMENT: usize = 8192;

/// Fragments under way, by direction and addresses.
#[derive(Debug, Default)]
pub struct Assembly {
    slots: Vec<Slot>,
    /// Where the next new conversation goes when all slots are taken.
    turn: usize,
}

#[derive(Debug)]
struct Slot {
    key: (Dir, u16, u16),
    /// A first segment was seen and nothing has been missed since.
    active: bool,
    /// The last segment's sequence number, where one is known.
    last: Option<u8>,
    bytes: Vec<u8>,
}

/// What a segment did.
#[derive(Debug, PartialEq, Eq)]
pub enum Placed<'a> {
    /// This fragment is complete (one segment alone).
    Whole(&'a [u8]),
    /// The fragment is complete; take it with [`Assembly::take`].
    Complete,
    /// More segments follow.
    Waiting,
    /// The segment before, sent again.
    Repeated,
    /// A middle segment without its beginning, where the beginning was not seen.
    Joined,
    /// The sequence number is not the next one: what was put together is dropped.
    OutOfOrder,
    /// The fragment is longer than the bound; dropped.
    TooLong,
}

impl Assembly {
    /// Places one segment: the octet with FIN, FIR and sequence number, and the data behind it.
    pub fn place<'a>(&mut self, key: (Dir, u16, u16), head: u8, data: &'a [u8]) -> Placed<'a> {
        let (last, first, sequence) = (head & 0x80 != 0, head & 0x40 != 0, head & 0x3f);
        if first && last {
            if let Some(slot) = self.slots.iter_mut().find(|s| s.key == key) {
                slot.active = false;
                slot.last = Some(sequence);
            }
            return Placed::Whole(data);
        }
        let Some(slot) = self.slot(key) else { return Placed::Joined };
        if first {
            slot.bytes.clear();
            slot.active = true;
        } else if !slot.active {
            slot.last = Some(sequence);
            return Placed::Joined;
        } else if slot.last == Some(sequence) {
            return Placed::Repeated;
        } else if slot.last.map(|n| n.wrapping_add(1) & 0x3f) != Some(sequence) {
            slot.active = false;
            return Placed::OutOfOrder;
        }
        slot.last = Some(sequence);
        if slot.bytes.len().saturating_add(data.len()) > MAX_FRAGMENT {
            slot.active = false;
            return Placed::TooLong;
        }
        slot.bytes.extend_from_slice(data);
        if last { Placed::Complete } else { Placed::Waiting }
    }

    /// The complete fragment; hand its buffer back with [`Assembly::give_back`].
    pub fn take(&mut self, key: (Dir, u16, u16)) -> Vec<u8> {
        match self.slots.iter_mut().find(|s| s.key == key) {
            Some(slot) => {
                slot.active = false;
                core::mem::take(&mut slot.bytes)
            }
            None => Vec::new(),
        }
    }

    /// Keeps the buffer for the next fragment.
    pub fn give_back(&mut self, key: (Dir, u16, u16), bytes: Vec<u8>) {
        if let Some(slot) = self.slots.iter_mut().find(|s| s.key == key) {
            slot.bytes = bytes;
        }
    }

    /// Bytes of this direction are missing.
    pub fn lose(&mut self, dir: Dir) {
        self.slots.iter_mut().filter(|s| s.key.0 == dir).for_each(|s| s.active = false);
    }

    fn slot(&mut self, key: (Dir, u16, u16)) -> Option<&mut Slot> {
        let at = match self.slots.iter().position(|s| s.key == key) {
            Some(at) => at,
            None if self.slots.len() < MAX_SLOTS => {
                self.slots.push(Slot { key, active: false, last: None, bytes: Vec::new() });
                self.slots.len() - 1
            }
            None => {
                self.turn = (self.turn + 1) % MAX_SLOTS;
                let slot = self.slots.get_mut(self.turn)?;
                slot.key = key;
                slot.active = false;
                slot.last = None;
                self.turn
            }
        };
        self.slots.get_mut(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_in_order_repeated_and_missing() {
        let mut assembly = Assembly::default();
        let key = (Dir::AtoB, 1, 2);
        assert_eq!(assembly.place(key, 0x05, &[9]), Placed::Joined);
        assert_eq!(assembly.place(key, 0xc1, &[9]), Placed::Whole(&[9]));
        assert_eq!(assembly.place(key, 0x7f, &[1]), Placed::Waiting);
        assert_eq!(assembly.place(key, 0x00, &[2]), Placed::Waiting);
        assert_eq!(assembly.place(key, 0x00, &[2]), Placed::Repeated);
        assert_eq!(assembly.place((Dir::AtoB, 1, 3), 0x40, &[7]), Placed::Waiting);
        assert_eq!(assembly.place(key, 0x81, &[3]), Placed::Complete);
        let bytes = assembly.take(key);
        assert_eq!(bytes, [1, 2, 3]);
        assembly.give_back(key, bytes);
        assert_eq!(assembly.place(key, 0x40, &[1]), Placed::Waiting);
        assert_eq!(assembly.place(key, 0x82, &[1]), Placed::OutOfOrder);
        assert_eq!(assembly.place(key, 0x83, &[1]), Placed::Joined);
        assert_eq!(assembly.place(key, 0x40, &[0; 8000]), Placed::Waiting);
        assert_eq!(assembly.place(key, 0x81, &[0; 250]), Placed::TooLong);
    }
}
