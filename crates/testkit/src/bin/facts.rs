//! One JSON line per transaction, evidence and anomaly of a capture file: the engine alone, for protocol authors.

use engine::{Engine, FrameIn, JsonLines, Settings};
use model::{NetworkId, Time};
use std::io::Write;
use wire::file::CaptureReader;

fn main() {
    let mut out = std::io::BufWriter::new(std::io::stdout());
    for path in std::env::args().skip(1) {
        let file = match std::fs::File::open(&path) {
            Ok(file) => file,
            Err(e) => {
                eprintln!("{path}: {e}");
                continue;
            }
        };
        let mut reader = match CaptureReader::new(file) {
            Ok(reader) => reader,
            Err(e) => {
                eprintln!("{path}: {e}");
                continue;
            }
        };
        let mut engine = Engine::new(&Settings::default());
        engine.write_with(|| Box::new(JsonLines::new()));
        let mut write = |bytes: &[u8]| {
            let _ = out.write_all(bytes);
        };
        while let Some(record) = reader.next() {
            match record {
                Ok(r) => {
                    let frame = FrameIn {
                        time: Time(r.time),
                        link: r.link,
                        wire_len: r.wire_len,
                        bytes: r.bytes,
                        network: NetworkId(0),
                    };
                    engine.push(&frame, &mut |_| {}, &mut write);
                }
                Err(e) => eprintln!("{path}: {e}"),
            }
        }
        engine.finish(&mut |_| {}, &mut write);
    }
}
