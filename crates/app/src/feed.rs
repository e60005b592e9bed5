//! Several captures as one stream of frames: overlapping files are merged by time, disjoint ones run in order.

use crate::sources::{self, Input, Meter};
use std::collections::BTreeMap;
use std::io::Read;
use std::ops::Range;
use std::sync::Arc;
use wire::file::{About, Block, BlockReader};

/// What became of one input.
#[derive(Debug)]
pub struct Source {
    /// How it is shown.
    pub name: String,
    /// Outside view: size, bytes read, hash.
    pub meter: Arc<Meter>,
    /// What the file says about itself.
    pub about: About,
    /// Frames read.
    pub frames: u64,
    /// First and last frame time, nanoseconds.
    pub times: Option<(i64, i64)>,
    /// Why it was not read to its end, with the offset.
    pub problems: Vec<String>,
    /// The same bytes as this other input, which was read instead.
    pub same_as: Option<String>,
}

/// A run of records of one block, all before the next record of any other file.
pub struct Run {
    /// The block.
    pub block: Arc<Block>,
    /// Records of this run.
    pub records: Range<usize>,
    /// Index of the source.
    pub source: usize,
}

struct Open {
    source: usize,
    reader: BlockReader<Box<dyn Read + Send>>,
    block: Arc<Block>,
    at: usize,
}

/// Reads all inputs as one.
pub struct Feed {
    /// One entry per input, in the order they were named (sorted).
    pub sources: Vec<Source>,
    open: Vec<Open>,
    /// Blocks handed out; one nobody holds any more is filled again.
    pool: Vec<Arc<Block>>,
}

/// Blocks remembered for use again: as many as may be under way between threads.
const POOL: usize = 16;

impl Feed {
    /// Opens all inputs and looks at their first block. Inputs that cannot be opened become problems, not errors.
    pub fn new(inputs: &[Input], hashed: bool) -> Feed {
        let mut feed = Feed { sources: Vec::new(), open: Vec::new(), pool: Vec::new() };
        let copies = copies(inputs);
        for (source, input) in inputs.iter().enumerate() {
            let mut entry = Source {
                name: input.name(),
                meter: Arc::default(),
                about: About::default(),
                frames: 0,
                times: None,
                problems: Vec::new(),
                same_as: copies.get(input).map(Input::name),
            };
            if entry.same_as.is_none() {
                match sources::open(input, hashed) {
                    Err(e) => entry.problems.push(format!("{e:#}")),
                    Ok((read, meter)) => {
                        entry.meter = meter;
                        match BlockReader::new(read) {
                            Err(e) => entry.problems.push(format!("{}: {e}", entry.name)),
                            Ok(reader) => {
                                let block = Arc::default();
                                feed.open.push(Open { source, reader, block, at: 0 });
                            }
                        }
                    }
                }
            }
            feed.sources.push(entry);
        }
        let mut i = 0;
        while i < feed.open.len() {
            if feed.refill(i) {
                i += 1;
            }
        }
        feed
    }

    /// Time of the earliest record at the head of any input; exact before the first run is taken.
    pub fn first_time(&self) -> Option<i64> {
        self.open.iter().filter_map(|o| o.block.records.get(o.at)).map(|r| r.time).min()
    }

    /// The next run of records, in time order over all files.
    pub fn next_run(&mut self) -> Option<Run> {
        let head = |o: &Open| o.block.records.get(o.at).map(|r| (r.time, o.source));
        let first = (0..self.open.len()).min_by_key(|i| self.open.get(*i).and_then(head))?;
        let limit = (0..self.open.len()).filter(|i| *i != first).filter_map(|i| head(self.open.get(i)?)).min();
        let open = self.open.get_mut(first)?;
        let records = open.block.records.get(open.at..).unwrap_or_default();
        let count = match limit {
            None => records.len(),
            Some((time, _)) => records.iter().position(|r| r.time > time).unwrap_or(records.len()).max(1),
        };
        let run = Run { block: open.block.clone(), records: open.at..open.at + count, source: open.source };
        open.at += count;
        if let Some(source) = self.sources.get_mut(run.source) {
            source.frames += count as u64;
            for record in records.get(..count).unwrap_or_default() {
                let (from, to) = source.times.unwrap_or((record.time, record.time));
                source.times = Some((from.min(record.time), to.max(record.time)));
            }
        }
        if open.at >= open.block.records.len() {
            self.refill(first);
        }
        Some(run)
    }

    /// Reads on in file `i`; `false` when it is at its end and was closed.
    fn refill(&mut self, i: usize) -> bool {
        loop {
            let free = self.pool.iter().position(|block| Arc::strong_count(block) == 1);
            let free = free.and_then(|at| Arc::try_unwrap(self.pool.swap_remove(at)).ok());
            let Some(open) = self.open.get_mut(i) else { return false };
            let Some(source) = self.sources.get_mut(open.source) else { return false };
            match open.reader.next_block(free.unwrap_or_default()) {
                Some(Ok(block)) if block.records.is_empty() => {}
                Some(Ok(block)) => {
                    let spent = core::mem::replace(&mut open.block, Arc::new(block));
                    open.at = 0;
                    if self.pool.len() < POOL {
                        self.pool.push(spent);
                    }
                    return true;
                }
                Some(Err(e)) => {
                    // a file of broken blocks names the first ones; the count stands in `about`
                    if source.problems.len() < 5 {
                        source.problems.push(format!("{}: {e}", source.name));
                    }
                }
                None => {
                    source.about = open.reader.about().clone();
                    self.open.remove(i);
                    return false;
                }
            }
        }
    }
}

/// Inputs whose bytes are those of an earlier input: only files of equal size are compared.
fn copies(inputs: &[Input]) -> BTreeMap<Input, Input> {
    let mut by_size: BTreeMap<u64, Vec<&Input>> = BTreeMap::new();
    for input in inputs {
        if let Input::File(path) = input
            && let Ok(meta) = path.metadata()
            && meta.len() > 0
        {
            by_size.entry(meta.len()).or_default().push(input);
        }
    }
    let mut found = BTreeMap::new();
    for group in by_size.into_values().filter(|g| g.len() > 1) {
        let mut first: BTreeMap<String, &Input> = BTreeMap::new();
        for input in group {
            let Some(hash) = hash_of(input) else { continue };
            match first.get(&hash) {
                Some(earlier) => {
                    found.insert(input.clone(), (*earlier).clone());
                }
                None => {
                    first.insert(hash, input);
                }
            }
        }
    }
    found
}

/// SHA-256 of a file as it lies on disk, lower-case hex.
pub fn hash_of(input: &Input) -> Option<String> {
    use sha2::{Digest, Sha256};
    let Input::File(path) = input else { return None };
    let mut file = std::fs::File::open(path).ok()?;
    let mut hash = Sha256::new();
    std::io::copy(&mut file, &mut hash).ok()?;
    Some(hash.finalize().iter().map(|b| format!("{b:02x}")).collect())
}
