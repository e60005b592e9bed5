//! The network map: what is shown, where it stands, how it is drawn.

mod draw;
mod fold;
mod layout;
#[cfg(test)]
mod tests;

pub use draw::draw;
pub use fold::gather;

use crate::detections::Severity;

/// Bands from top to bottom; the last holds what has no level.
pub const BANDS: [&str; 9] = ["internet", "5", "4", "3.5", "3", "2", "1", "0", ""];

/// The band of a level.
pub fn band(level: Option<&str>, external: bool) -> usize {
    let level = if external { "internet" } else { level.unwrap_or("") };
    BANDS.iter().position(|b| *b == level).unwrap_or(BANDS.len() - 1)
}

/// What a line stands for; the weightiest wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flow {
    /// Any other protocol, or nothing known of what was done.
    Other,
    /// A control protocol that reads, identifies, diagnoses.
    Reads,
    /// A control protocol that writes, operates, configures, programs.
    Commands,
}

/// A device, or several folded into one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// First line.
    pub label: String,
    /// Second line.
    pub detail: String,
    /// Index into [`BANDS`].
    pub band: usize,
    /// Devices it stands for.
    pub count: usize,
    /// The device's sheet, where it is one.
    pub sheet: Option<String>,
    /// The worst alert about it.
    pub worst: Option<Severity>,
}

/// Conversations between two nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Smaller index.
    pub a: usize,
    /// Larger index.
    pub b: usize,
    /// What it carries.
    pub flow: Flow,
    /// Frames and operations.
    pub weight: u64,
    /// Protocols, in order.
    pub protocols: Vec<&'static str>,
}

/// Everything drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Map {
    /// Devices or groups.
    pub nodes: Vec<Node>,
    /// Lines.
    pub edges: Vec<Edge>,
    /// How it was folded, in words; empty where every device stands alone.
    pub folded: &'static str,
    /// Lines left out because there were too many.
    pub edges_left_out: usize,
}
