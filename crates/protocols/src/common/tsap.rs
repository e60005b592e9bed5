//! Transport selectors as one number, so that a carrier can tell the protocols inside it who was called.

/// Packs a transport selector (ISO 8073 TSAP) into a number. 0: none was seen. Up to 7 bytes: the length in the top
/// byte and the bytes big-endian below it. Longer ones: FNV-1a over all bytes, with `0xff` in the top byte.
pub const fn pack(selector: &[u8]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut value: u64 = 0;
    let mut rest = selector;
    while let [byte, tail @ ..] = rest {
        hash = (hash ^ *byte as u64).wrapping_mul(0x0100_0000_01b3);
        value = value << 8 | *byte as u64;
        rest = tail;
    }
    match selector.len() {
        0..=7 => (selector.len() as u64) << 56 | value & 0x00ff_ffff_ffff_ffff,
        _ => hash | 0xff << 56,
    }
}

/// The two bytes of a selector packed by [`pack`], where it has two.
pub const fn two(packed: u64) -> Option<(u8, u8)> {
    if packed >> 16 == 2 << 40 { Some(((packed >> 8) as u8, packed as u8)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_selectors_are_readable_and_long_ones_differ() {
        assert_eq!(pack(&[]), 0);
        assert_eq!(two(pack(&[1, 2])), Some((1, 2)));
        assert_eq!(two(pack(&[0, 1, 2])), None);
        assert_ne!(pack(b"SIMATIC-ROOT-ES"), pack(b"SIMATIC-ROOT-HMI"));
        assert_eq!(pack(b"SIMATIC-ROOT-ES") >> 56, 0xff);
    }
}
