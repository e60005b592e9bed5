//! The vocabulary's words are static; those read from a site's file are kept for the life of the program, each once.

use crate::Error;
use std::collections::BTreeSet;
use std::sync::Mutex;

/// Distinct words believed: protocols and operations together are some thousands; a broken file must not eat memory.
const MAX_WORDS: usize = 65_536;
/// Bytes of one word.
const MAX_WORD: usize = 256;

static WORDS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// The word as the vocabulary has it.
pub fn keep(word: &str) -> Result<&'static str, Error> {
    let mut words = WORDS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(kept) = words.get(word) {
        return Ok(kept);
    }
    if words.len() >= MAX_WORDS || word.len() > MAX_WORD {
        return Err(Error::Corrupt("too many different words".to_string()));
    }
    let kept: &'static str = Box::leak(word.to_owned().into_boxed_str());
    words.insert(kept);
    Ok(kept)
}
