//! A number that tells payloads apart: copies of packets, retransmissions with other content. Made once per packet.

/// 32 bytes at a time on two chains that do not wait for each other; the length is part of it. Not keyed: it tells
/// accidents apart, and who wants two payloads with one digest finds them.
#[inline]
pub fn digest(bytes: &[u8]) -> u64 {
    let (blocks, rest) = bytes.as_chunks::<32>();
    let mut a = A ^ bytes.len() as u64;
    let mut b = B;
    for block in blocks {
        let [one, two] = halves(block);
        a = pair(a, one);
        b = pair(b, two);
    }
    if let (Some(first), Some(last)) = (rest.first_chunk::<16>(), rest.last_chunk::<16>()) {
        a = pair(a, first);
        b = pair(b, last);
    } else if let (Some(first), Some(last)) = (rest.first_chunk::<8>(), rest.last_chunk::<8>()) {
        a = mix(a ^ u64::from_le_bytes(*first), b ^ u64::from_le_bytes(*last));
    } else {
        a = mix(a ^ short(rest), b);
    }
    mix(a ^ C, b)
}

const A: u64 = 0x9e37_79b9_7f4a_7c15;
const B: u64 = 0xd6e8_feb8_6659_fd93;
const C: u64 = 0xa076_1d64_78bd_642f;

#[inline]
fn halves(block: &[u8; 32]) -> [&[u8; 16]; 2] {
    let (halves, _) = block.as_chunks::<16>();
    match halves {
        [one, two] => [one, two],
        _ => [&[0; 16]; 2],
    }
}

/// Sixteen bytes into a chain.
#[inline]
fn pair(chain: u64, bytes: &[u8; 16]) -> u64 {
    let both = u128::from_le_bytes(*bytes);
    mix(chain ^ both as u64, (both >> 64) as u64 ^ C)
}

#[inline]
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a).wrapping_mul(u128::from(b));
    (product as u64) ^ (product >> 64) as u64 ^ a.rotate_left(32)
}

/// At most seven bytes as a number.
#[inline]
fn short(rest: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
    }
    rest.iter().fold(0, |n, byte| n << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::digest;
    use std::collections::BTreeSet;

    #[test]
    fn every_byte_and_the_length_count() {
        let bytes: Vec<u8> = (0..200u8).map(|n| n.wrapping_mul(37)).collect();
        let mut seen = BTreeSet::new();
        for len in 0..bytes.len() {
            assert!(seen.insert(digest(&bytes[..len])), "length {len}");
            for at in 0..len {
                let mut other = bytes[..len].to_vec();
                other[at] ^= 0x40;
                assert!(seen.insert(digest(&other)), "byte {at} of {len}");
            }
        }
        let zeros: BTreeSet<u64> = (0..100).map(|len| digest(&vec![0; len])).collect();
        assert_eq!(zeros.len(), 100, "zeros of any length");
    }
}
