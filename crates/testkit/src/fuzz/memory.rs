//! How much memory is held. Only the program knows its allocator: the fuzz driver and the test hand their gauge in;
//! without one the memory laws say nothing.

use std::sync::OnceLock;

/// Bytes held now.
static GAUGE: OnceLock<fn() -> usize> = OnceLock::new();

/// Tells where to ask. Only the first call counts.
pub fn measure_with(gauge: fn() -> usize) {
    let _ = GAUGE.set(gauge);
}

/// Bytes allocated and not freed; `None` without a gauge.
pub fn held() -> Option<usize> {
    GAUGE.get().map(|gauge| gauge())
}

/// Fails where more than `bound` bytes are held beyond `before`.
pub fn check(what: &str, before: Option<usize>, bound: usize) -> Result<(), String> {
    let (Some(before), Some(now)) = (before, held()) else { return Ok(()) };
    let more = now.saturating_sub(before);
    match more > bound {
        true => Err(format!("{what}: {more} bytes are held, the bound is {bound}")),
        false => Ok(()),
    }
}
