//! Detections: one folder each, one word in `list.rs`. A detection judges facts; it never sees bytes.
//!
//! A folder holds the page (`README.md`: front matter, sections, cases that run as tests) and the detector (`mod.rs`).
//! The front matter is the only source of title, severity, engine and techniques; it is read once at start-up.

pub mod count;
pub mod facts;
mod finding;
mod interest;
pub mod page;
mod shapes;
#[cfg(test)]
mod tests;
mod watch;
pub mod words;
mod world;

pub use finding::{Finding, Findings, MAX_BECAUSE};
pub use interest::{Fact, Interest};
pub use page::{Engine, Kind, Page, Severity};
pub use watch::Watch;
pub use world::{Observed, World};

use model::{Event, Time};
use std::sync::LazyLock;

/// What a folder gives: its name, its page, what it wants to see, and how a detector is made.
pub struct Descriptor {
    /// The folder's name; in every output.
    pub name: &'static str,
    /// The page, `README.md`.
    pub about: &'static str,
    /// Which facts are shown to the detector.
    pub wants: Interest,
    /// Makes a detector without any state.
    pub detector: fn() -> Box<dyn Detector>,
}

/// A descriptor with its page read.
pub struct Detection {
    /// The folder's part.
    pub descriptor: &'static Descriptor,
    /// The page's part.
    pub page: Page,
}

impl Detection {
    /// The folder's name; in every output.
    pub fn name(&self) -> &'static str {
        self.descriptor.name
    }
}

/// State and judgement. One detector sees the facts of one site, in order.
pub trait Detector: Send {
    /// One fact that the descriptor's interest covers.
    fn see(&mut self, event: &Event, world: &dyn World, found: &mut Findings);

    /// Time went on to `now` (never decreasing).
    fn tick(&mut self, _now: Time, _world: &dyn World, _found: &mut Findings) {}

    /// How often a bound made this detector forget something.
    fn forgotten(&self) -> u64 {
        0
    }
}

/// The list: each word is a folder, a module and a detection.
macro_rules! detections {
    ($($name:ident),* $(,)?) => {
        $(pub mod $name;)*

        /// Every detection, in the order of the list (alphabetical, tested).
        pub static DESCRIPTORS: &[&Descriptor] = &[$(&Descriptor {
            name: stringify!($name),
            about: include_str!(concat!(stringify!($name), "/README.md")),
            wants: $name::WANTS,
            detector: $name::detector,
        }),*];
    };
}

include!("list.rs");

/// Every detection with its page read. A page that cannot be read is refused by the tests, so none is missing here.
pub static DETECTIONS: LazyLock<Vec<Detection>> = LazyLock::new(|| {
    let read = |d: &&'static Descriptor| Page::parse(d.about).ok().map(|page| Detection { descriptor: d, page });
    DESCRIPTORS.iter().filter_map(read).collect()
});

/// The detection of this name.
pub fn by_name(name: &str) -> Option<&'static Detection> {
    let all: &'static [Detection] = &DETECTIONS;
    all.binary_search_by(|d| d.name().cmp(name)).ok().and_then(|i| all.get(i))
}
