//! The engine on real threads: reader and dispatcher, shards, and stage 2 in the caller's thread. Queues are bounded;
//! a file waits, nothing is dropped. With one thread everything runs in the caller's.

use crate::feed::Feed;
use crossbeam_channel::{Receiver, Sender, bounded};
use engine::pipeline::front_health;
use engine::{Batch, Dispatched, Dispatcher, FrameIn, Merge, Seen, Shard, ShardSettings, Write};
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
    /// Makes a writer per shard, where every transaction is to be written.
    pub writer: Option<fn() -> Box<dyn Write>>,
}

/// Where the results go.
pub trait Results {
    /// The next fact, in order.
    fn event(&mut self, event: Event);
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
    }
    shard
}

fn alone(mut feed: Feed, plan: &Plan, results: &mut dyn Results) -> Feed {
    let mut dispatcher = Dispatcher::new(1).starting_after(plan.after);
    let mut shard = shard(plan);
    let mut merge = Merge::default();
    let mut batches = [Batch::default()];
    let mut release = |shard: &mut Shard, results: &mut dyn Results| {
        let [batch] = &mut batches;
        core::mem::swap(batch, shard.batch());
        merge.write(&mut batches, |text| results.text(text));
        merge.release(&mut batches, |event| results.event(event));
    };
    while let Some(run) = feed.next_run() {
        for work in split(&mut dispatcher, &run.block, run.records.clone(), 1) {
            stage_one(&mut shard, &work);
        }
        release(&mut shard, results);
        results.progress(dispatcher.counters.frames, Some(&feed));
    }
    shard.finish(dispatcher.now());
    release(&mut shard, results);
    for event in front_health(&dispatcher) {
        results.event(event);
    }
    feed
}

/// One packet of a run, for a shard.
struct Item {
    seen: Seen,
    record: u32,
    /// Index into `assembled`, where the payload was put together from fragments.
    assembled: Option<u32>,
}

/// A run's packets for one shard. Every shard gets one for every run, so that marks advance together.
struct Work {
    block: Arc<Block>,
    items: Vec<Item>,
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
                    if out.send(core::mem::take(shard.batch())).is_err() {
                        return;
                    }
                }
            });
        }
        let front = scope.spawn(move || {
            let mut feed = feed;
            while let Some(run) = feed.next_run() {
                let works = split(&mut dispatcher, &run.block, run.records.clone(), shards);
                for (send, work) in inputs.iter().zip(works) {
                    if send.send(work).is_err() {
                        return (feed, dispatcher);
                    }
                }
                if tell.send(dispatcher.counters.frames).is_err() {
                    return (feed, dispatcher);
                }
            }
            for send in &inputs {
                let now = dispatcher.now();
                let steps = dispatcher.steps().to_vec();
                let end = Work { block: Arc::default(), items: vec![], assembled: vec![], now, steps, last: true };
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
            merge.release(&mut batches, |event| results.event(event));
            if let Ok(frames) = told.try_recv() {
                results.progress(frames, None);
            }
        }
        let (feed, dispatcher) = match front.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        for event in front_health(&dispatcher) {
            results.event(event);
        }
        feed
    })
}

fn split(
    dispatcher: &mut Dispatcher,
    block: &Arc<Block>,
    records: core::ops::Range<usize>,
    shards: usize,
) -> Vec<Work> {
    let room = records.len() / shards + 64;
    let mut works: Vec<Work> = (0..shards)
        .map(|_| Work {
            block: block.clone(),
            items: Vec::with_capacity(room),
            assembled: Vec::new(),
            now: Time(0),
            steps: Vec::new(),
            last: false,
        })
        .collect();
    for index in records {
        let Some(meta) = block.records.get(index) else { continue };
        let bytes = block.frame(meta);
        let frame =
            FrameIn { time: Time(meta.time), link: meta.link, wire_len: meta.wire_len, bytes, network: NetworkId(0) };
        if let Dispatched::Packet { seen, shard } = dispatcher.frame(&frame)
            && let Some(work) = works.get_mut(shard)
        {
            let assembled = seen.packet.assembled.then(|| {
                work.assembled.push(dispatcher.assembled().to_vec());
                work.assembled.len() as u32 - 1
            });
            work.items.push(Item { seen, record: index as u32, assembled });
        }
    }
    for work in &mut works {
        work.now = dispatcher.now();
        work.steps = dispatcher.steps().to_vec();
    }
    works
}

fn stage_one(shard: &mut Shard, work: &Work) {
    shard.set_steps(&work.steps);
    shard.packets(work.items.iter().map(|item| {
        let bytes = work.block.records.get(item.record as usize).map(|m| work.block.frame(m)).unwrap_or_default();
        let assembled = item.assembled.and_then(|i| work.assembled.get(i as usize)).map_or(&[][..], Vec::as_slice);
        (item.seen, item.seen.packet.payload(bytes, assembled))
    }));
    if work.last {
        shard.finish(work.now);
    } else {
        shard.advance(work.now);
    }
}
