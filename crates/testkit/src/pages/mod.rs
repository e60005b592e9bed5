//! A protocol page's cases: bytes in, facts out. The page is the test.

mod frames;
mod lines;
mod parse;
mod run;

pub use frames::{Conversation, Talk};
pub use lines::{CaseLines, tokens};
pub use parse::{Case, Step, parse};
pub use run::{Options, check, frames, kind_of, run, run_frames, say};
