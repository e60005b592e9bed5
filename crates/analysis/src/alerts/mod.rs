//! Alerts: findings folded, kept, ranked and put into words.

mod fold;
mod rank;
mod text;

pub use fold::{Alert, Alerts, MAX_ALERTS, MAX_WORDS, State, WINDOW, Words};
pub use rank::{MAX_RANKED, Ranked, rank};
pub use text::{Line, because, sentence, shown};
