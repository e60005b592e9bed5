//! Any bytes through a part of the product, with laws as oracles. The fuzzer (`fuzz/`, run by `./dev fuzz`) is a thin
//! driver around [`Target::run`]; the test `fuzz` replays all seeds and all past findings through the same.
//!
//! | Target | Its input is read as | Laws |
//! |---|---|---|
//! | [`file`] | a capture file, compressed or not | the same however it is read; nothing outside the file; written again it reads the same |
//! | [`frame`] | frames of any link type, one after the other | the same again; nothing outside the frame; a cut frame says nothing new; fragments bounded |
//! | [`session`] | what two ends say in one protocol | the same however it is cut and whichever end is called A; one side never proves silence; only declared fields; output and memory bounded |
//! | [`engine`] | conversations and what a network does to them | the same for any number of shards and any seed; JSON that reads; stage 2 takes it; memory bounded |
//!
//! All: no panic (overflow checks are on), no lack of progress.

pub mod engine;
pub mod file;
pub mod frame;
mod input;
pub mod memory;
pub mod mutate;
pub mod ops;
pub mod seeds;
pub mod session;

use protocols::PROTOCOLS;

/// What is fuzzed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Capture file readers.
    File,
    /// Frame decoding.
    Frame,
    /// A protocol's session, by the protocol's name.
    Session(&'static str),
    /// The whole machine.
    Engine,
}

impl Target {
    /// Every target, the protocols' sessions one by one.
    pub fn all() -> Vec<Target> {
        let sessions = PROTOCOLS.iter().map(|p| Target::Session(p.name));
        [Target::File, Target::Frame, Target::Engine].into_iter().chain(sessions).collect()
    }

    /// `file`, `frame`, `engine`, or a protocol's name.
    pub fn named(name: &str) -> Option<Target> {
        Target::all().into_iter().find(|t| t.name() == name)
    }

    /// Its name, as [`Target::named`] takes it.
    pub fn name(self) -> &'static str {
        match self {
            Target::File => "file",
            Target::Frame => "frame",
            Target::Engine => "engine",
            Target::Session(protocol) => protocol,
        }
    }

    /// Runs one input under the target's laws. `Err` tells the broken law; a panic is a finding as well.
    pub fn run(self, bytes: &[u8]) -> Result<(), String> {
        match self {
            Target::File => file::run(bytes),
            Target::Frame => frame::run(bytes),
            Target::Session(protocol) => session::run(protocol, bytes),
            Target::Engine => engine::run(bytes),
        }
    }
}

/// The first line that differs, for messages.
fn differ(how: &str, one: &[String], other: &[String]) -> String {
    let first = one.iter().zip(other).position(|(a, b)| a != b).unwrap_or(one.len().min(other.len()));
    let (a, b) = (one.get(first), other.get(first));
    format!("{how}: {} lines and {}, first difference at {first}:\n  {a:?}\n  {b:?}", one.len(), other.len())
}

fn lines(text: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(text).lines().map(str::to_string).collect()
}
