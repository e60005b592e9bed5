//! The engine on real threads: reader and dispatcher, shards, and stage 2 in the caller's thread. Queues are bounded;
//! a file waits, nothing is dropped. With one thread everything runs in the caller's.

use crate::feed::Feed;
use crossbeam_channel::{Receiver, Sender, bounded};
use engine::pipeline::front_health;
use engine::{Batch, Dispatcher, FrameIn, Merge, Seen, Shard, ShardSettings, Write};
use model::{Event, NetworkId, Time};
use std::sync::Arc;
use wire::file::Block;

/// Work queued per shard: enough to keep a shard busy while the dispatcher reads, small enough to bound memory to a
/// few blocks.
const QUEUE: usize = 4;

/// How the machine is built.
pub struct Plan {
    /// Threads to use; 1 runs everything in the caller's thread.
    pub threads: usize,
    /// Seed and secrets for the shards.
    pub shard: ShardSettings,
    /// Number of the last frame before this run; 0 but for sites with earlier captures.
    pub after: u64,
    /// Makes a writer per shard, where every transaction is to be written; facts are not handed over then.
    pub writer: Option<fn() -> Box<dyn Write>>,
}

/// Where the results go.
pub trait Results {
    /// The next fact, in order.
    fn event(&mut self, event: &Event);
    /// Written lines, in order.
    fn text(&mut self, text: &[u8]);
    /// Called after each block: frames so far.
    fn progress(&mut self, frames: u64, feed: Option<&Feed>);
}

/// Runs the feed through the machine to its end. The feed comes back with what became of each input.
pub fn run(feed: Feed, plan: &Plan, results: &mut dyn Results) -> Feed {
    if plan.threads <= 1 { alone(feed, plan, results) } else { together(feed, plan, results) }
}

fn shard(plan: &Plan) -> Shard {
    let mut shard = Shard::new(plan.shard.clone());
    if let Some(writer) = plan.writer {
        shard.write_with(writer());
        shard.only_written();
    }
    shard
}

/// Records taken at once in one thread: what was decoded is still in the cache when it is handled.
const PORTION: usize = 128;

fn alone(mut feed: Feed, plan: &Plan, results: &mut dyn Results) -> Feed {
    let mut dispatcher = Dispatcher::new(1).starting_after(plan.after);
    let mut shard = shard(plan);
    let mut merge = Merge::default();
    let mut release = |batch: &mut Batch, results: &mut dyn Results| {
        merge.write(core::slice::from_mut(batch), |text| results.text(text));
        merge.show(batch, |event| results.event(event));
    };
    let mut work = Work::default();
    while let Some(run) = feed.next_run() {
        work.block = run.block.clone();
        let mut from = run.records.start;
        while from < run.records.end {
            let to = run.records.end.min(from + PORTION);
            split(&mut dispatcher, &run.block, from..to, core::slice::from_mut(&mut work));
            stage_one(&mut shard, &work);
            from = to;
        }
        // nobody holds the block any more: it can be filled again
        work.block = Arc::default();
        shard.advance(dispatcher.now());
        release(shard.batch(), results);
        results.progress(dispatcher.counters().frames, Some(&feed));
    }
    shard.finish(dispatcher.now(), |batch| release(batch, results));
    release(shard.batch(), results);
    for event in front_health(&dispatcher) {
        results.event(&event);
    }
    // the process ends soon; giving back every pair and habit one by one would only take time
    core::mem::forget(shard);
    feed
}

/// Where a packet's bytes are.
#[derive(Clone, Copy)]
struct Place {
    record: u32,
    /// Index into `assembled` plus one, where the payload was put together from fragments; else 0.
    assembled: u32,
}

/// A run's packets for one shard. Every shard gets one for every run, so that marks advance together.
#[derive(Default)]
struct Work {
    block: Arc<Block>,
    seen: Vec<Seen>,
    places: Vec<Place>,
    assembled: Vec<Vec<u8>>,
    now: Time,
    steps: Vec<(Time, i64)>,
    last: bool,
}

fn together(feed: Feed, plan: &Plan, results: &mut dyn Results) -> Feed {
    let shards = plan.threads;
    let mut inputs: Vec<Sender<Work>> = Vec::new();
    let mut outputs: Vec<Receiver<Batch>> = Vec::new();
    let mut dispatcher = Dispatcher::new(shards).starting_after(plan.after);
    let (tell, told) = bounded::<u64>(QUEUE * 2);
    std::thread::scope(|scope| {
        for _ in 0..shards {
            let (send, receive) = bounded::<Work>(QUEUE);
            let (out, batches) = bounded::<Batch>(QUEUE);
            inputs.push(send);
            outputs.push(batches);
            let mut shard = shard(plan);
            scope.spawn(move || {
                while let Ok(work) = receive.recv() {
                    stage_one(&mut shard, &work);
                    match work.last {
                        true => shard.finish(work.now, |_| {}),
                        false => shard.advance(work.now),
                    }
                    if out.send(core::mem::take(shard.batch())).is_err() {
                        return;
                    }
                }
            });
        }
        let front = scope.spawn(move || {
            let mut feed = feed;
            while let Some(run) = feed.next_run() {
                let room = run.records.len() / shards + 64;
                let new = || Work {
                    block: run.block.clone(),
                    seen: Vec::with_capacity(room),
                    places: Vec::with_capacity(room),
                    ..Work::default()
                };
                let mut works: Vec<Work> = (0..shards).map(|_| new()).collect();
                split(&mut dispatcher, &run.block, run.records.clone(), &mut works);
                for (send, work) in inputs.iter().zip(works) {
                    if send.send(work).is_err() {
                        return (feed, dispatcher);
                    }
                }
                if tell.send(dispatcher.counters().frames).is_err() {
                    return (feed, dispatcher);
                }
            }
            for send in &inputs {
                let now = dispatcher.now();
                let steps = dispatcher.steps().to_vec();
                let end = Work { now, steps, last: true, ..Work::default() };
                if send.send(end).is_err() {
                    break;
                }
            }
            (feed, dispatcher)
        });
        let mut merge = Merge::default();
        loop {
            let mut batches: Vec<Batch> = outputs.iter().filter_map(|o| o.recv().ok()).collect();
            if batches.len() < shards {
                break;
            }
            merge.write(&mut batches, |text| results.text(text));
            merge.release(&mut batches, |event| results.event(&event));
            if let Ok(frames) = told.try_recv() {
                results.progress(frames, None);
            }
        }
        let (feed, dispatcher) = match front.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        for event in front_health(&dispatcher) {
            results.event(&event);
        }
        feed
    })
}

/// Decodes records and gives each packet to its shard's work.
fn split(dispatcher: &mut Dispatcher, block: &Block, records: core::ops::Range<usize>, works: &mut [Work]) {
    for work in works.iter_mut() {
        work.seen.clear();
        work.places.clear();
        work.assembled.clear();
    }
    let from = records.start;
    let alone = works.len() == 1;
    let mut apart = Seen::EMPTY;
    for (index, meta) in block.records.get(records).unwrap_or_default().iter().enumerate() {
        let bytes = block.frame(meta);
        let (time, network) = (Time(meta.time), NetworkId(0));
        let frame = FrameIn { time, link: meta.link, wire_len: meta.wire_len, bytes, network };
        // with one shard the packet is decoded where it stays
        let place = match works {
            [only] if alone => {
                only.seen.push(Seen::EMPTY);
                only.seen.last_mut()
            }
            _ => None,
        };
        let shard = dispatcher.frame(&frame, place.unwrap_or(&mut apart));
        let Some(work) = works.get_mut(shard.unwrap_or(0)) else { continue };
        if shard.is_none() {
            if alone {
                work.seen.pop();
            }
            continue;
        }
        if !alone {
            work.seen.push(apart);
        }
        let mut assembled = 0;
        if work.seen.last().is_some_and(|seen| seen.packet.assembled) {
            work.assembled.push(dispatcher.assembled().to_vec());
            assembled = work.assembled.len() as u32;
        }
        work.places.push(Place { record: (from + index) as u32, assembled });
    }
    for work in works {
        work.now = dispatcher.now();
        if work.steps != dispatcher.steps() {
            work.steps = dispatcher.steps().to_vec();
        }
    }
}

fn stage_one(shard: &mut Shard, work: &Work) {
    shard.set_steps(&work.steps);
    shard.packets(&work.seen, |i| {
        let (Some(place), Some(seen)) = (work.places.get(i), work.seen.get(i)) else { return &[] };
        let bytes = work.block.records.get(place.record as usize).map(|m| work.block.frame(m)).unwrap_or_default();
        let assembled = work.assembled.get((place.assembled as usize).wrapping_sub(1)).map_or(&[][..], Vec::as_slice);
        seen.packet.payload(bytes, assembled)
    });
}
