//! One fast keyed hash for the engine's tables. The seed comes from the settings; nothing in any output depends on it.

/// Mixes 64 bits into a state (one widening multiplication, as in wyhash).
#[inline]
pub fn mix(state: u64, value: u64) -> u64 {
    let wide = u128::from(state ^ value ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xa076_1d64_78bd_642f);
    (wide as u64) ^ ((wide >> 64) as u64)
}

/// Hashes bytes.
#[inline]
pub fn bytes(mut state: u64, bytes: &[u8]) -> u64 {
    let (chunks, rest) = bytes.as_chunks::<8>();
    for chunk in chunks {
        state = mix(state, u64::from_le_bytes(*chunk));
    }
    mix(mix(state, tail(rest)), bytes.len() as u64)
}

/// At most seven bytes as a number; reads that overlap instead of a loop.
#[inline]
fn tail(rest: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
    }
    match *rest {
        [a] => a.into(),
        [a, b] => u64::from(a) | u64::from(b) << 8,
        [a, b, c] => u64::from(a) | u64::from(b) << 8 | u64::from(c) << 16,
        _ => 0,
    }
}

/// Hashes a static word by its text (not its address, which may differ between builds of the same word).
#[inline]
pub fn word(state: u64, word: &str) -> u64 {
    bytes(state, word.as_bytes())
}
