//! What unknown traffic looks like: sizes, period, leading bytes, entropy. Shown as unknown, never guessed.

use model::{Shape, Time};
use protocols::Dir;

/// Leading bytes kept per direction.
const LEADING: usize = 16;
/// Intervals kept for the median.
const INTERVALS: usize = 15;
/// Bytes looked at for the entropy.
const SAMPLE: u32 = 512;

/// Gathers a [`Shape`].
#[derive(Default)]
pub struct Shaping {
    leading: [Vec<u8>; 2],
    sizes: [Option<[u32; 2]>; 2],
    last: [Option<Time>; 2],
    intervals: Vec<i64>,
    counts: Vec<u16>,
    sampled: u32,
}

impl Shaping {
    /// One payload.
    pub fn see(&mut self, dir: Dir, bytes: &[u8], now: Time) {
        let i = dir.index();
        let len = bytes.len() as u32;
        if let Some(leading) = self.leading.get_mut(i)
            && leading.is_empty()
        {
            leading.extend(bytes.iter().take(LEADING));
        }
        if let Some(sizes) = self.sizes.get_mut(i) {
            *sizes = Some(sizes.map_or([len; 2], |[min, max]| [min.min(len), max.max(len)]));
        }
        if let Some(last) = self.last.get_mut(i)
            && let Some(before) = last.replace(now)
            && self.intervals.len() < INTERVALS
        {
            self.intervals.push(now.since(before));
        }
        if self.sampled < SAMPLE {
            self.counts.resize(256, 0);
            for byte in bytes.iter().take((SAMPLE - self.sampled) as usize) {
                if let Some(count) = self.counts.get_mut(usize::from(*byte)) {
                    *count += 1;
                }
                self.sampled += 1;
            }
        }
    }

    /// The shape so far; `None` before any payload.
    pub fn shape(&self) -> Option<Shape> {
        if self.sizes.iter().all(Option::is_none) {
            return None;
        }
        let mut sorted = self.intervals.clone();
        sorted.sort_unstable();
        let period = (sorted.len() >= 2).then(|| sorted.get(sorted.len() / 2).copied()).flatten();
        let total = f64::from(self.sampled.max(1));
        let entropy: f64 = self
            .counts
            .iter()
            .filter(|c| **c > 0)
            .map(|c| {
                let p = f64::from(*c) / total;
                -p * p.log2()
            })
            .sum();
        let [a, b] = self.sizes;
        Some(Shape {
            leading: self.leading.clone(),
            sizes: [a.unwrap_or_default(), b.unwrap_or_default()],
            period,
            entropy: (entropy * 100.0).round() as u16,
        })
    }
}
