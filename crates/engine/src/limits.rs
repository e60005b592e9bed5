//! Every bound of the engine, in one place, each with its reason. Reaching one is a `Health` fact of kind
//! `limit_reached` with the bound's name, once per flow or pair.

use model::Time;

/// Live flows per shard. At under 1 KiB each this is under 1 GiB; a flood beyond it evicts the flow that has been
/// quiet longest.
pub const MAX_FLOWS: usize = 1_000_000;
/// Host pairs per shard; as above.
pub const MAX_PAIRS: usize = 500_000;
/// Bytes waiting for a hole before them, per direction. Two full windows of an ordinary control connection.
pub const MAX_WAITING_BYTES: usize = 256 * 1024;
/// Segments waiting for a hole before them, per direction.
pub const MAX_WAITING_SEGMENTS: usize = 128;
/// A hole in a stream whose bytes the receiver has acknowledged will not be filled by a retransmission; only
/// reordering between two taps can still bring it. This many further segments are waited for.
pub const ACKNOWLEDGED_HOLE_SEGMENTS: usize = 3;
/// A hole is given up after this long in any case: retransmission timers start at 200 ms to 1 s.
pub const HOLE_TIMEOUT_NS: i64 = 2 * Time::SECOND;
/// Longest message a session may ask the engine to put together. Longer ones are skipped with `Took`.
pub const MAX_MESSAGE: usize = 256 * 1024;
/// Payloads per direction tried for identification at once, before it becomes rare.
pub const IDENTIFY_TRIES: u8 = 4;
/// After that, every n-th payload: a conversation joined in the middle may become clear later.
pub const IDENTIFY_EVERY: u32 = 64;
/// Bytes held back per conversation while identification waits for the other direction.
pub const MAX_HELD_BYTES: usize = 4096;
/// Inner conversations per flow (COTP references, CIP connections); the one quiet longest goes first.
pub const MAX_CHANNELS: usize = 64;
/// Carriers inside carriers.
pub const MAX_DEPTH: usize = 5;
/// An idle TCP conversation is forgotten after this long: control connections poll at least every few minutes.
pub const TCP_IDLE_NS: i64 = 3600 * Time::SECOND;
/// An idle TCP conversation that was never answered, or is closed.
pub const TCP_CLOSED_NS: i64 = 10 * Time::SECOND;
/// An idle UDP or layer-2 conversation.
pub const DATAGRAM_IDLE_NS: i64 = 300 * Time::SECOND;
/// Different operations remembered per host pair. A sweep over all Modbus addresses of one device fits.
pub const MAX_PROFILE: usize = 8192;
/// Pieces of evidence remembered per host pair, so that repeats are dropped.
pub const MAX_EVIDENCE: usize = 2048;
/// A value that comes back after another one is told again up to this many times per claim and summary; a flip at every
/// message would be a flood.
pub const RETOLD: u8 = 8;
/// Routine is summed up this often (and when a pair goes quiet).
pub const SUMMARY_NS: i64 = 900 * Time::SECOND;
/// Operations that are not routine are told one by one up to this many per key and summary.
pub const SINGLES: u32 = 16;
/// Operations that their session calls news are told one by one up to this many per key and summary: a sign of life
/// every ten seconds (90) and as many changes again. A flood of changes beyond it is counted.
pub const NEWS: u32 = 192;
/// A forward or backward jump of the capture's clock of more than this needs further frames that agree.
pub const TIME_STEP_NS: i64 = 3600 * Time::SECOND;
/// How many.
pub const TIME_STEP_FRAMES: u32 = 16;
/// Anomalies of one kind told one by one per pair and summary; then they are only counted.
pub const SINGLE_ANOMALIES: u64 = 8;
