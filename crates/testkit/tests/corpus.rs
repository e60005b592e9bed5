//! Every capture beside the project: read to its end, no panic, the same output for any number of shards and any seed.

use engine::Settings;
use model::What;
use testkit::corpus;

#[test]
fn every_capture_is_read_to_its_end_and_shards_agree() {
    let mut trouble = Vec::new();
    for path in corpus::captures(None) {
        let name = path.display();
        let mut broken = Vec::new();
        let mut look = |event: model::Event| {
            if let What::Health(h) = event.what
                && (h.kind == "session_panic" || h.kind == "no_progress")
            {
                broken.push(format!("{} {}", h.kind, h.what));
            }
        };
        let one = match corpus::run(&path, &Settings::default(), &mut look) {
            Ok(one) => one,
            Err(e) => {
                trouble.push(format!("{name}: {e}"));
                continue;
            }
        };
        if !broken.is_empty() {
            trouble.push(format!("{name}: {}", broken.join(", ")));
        }
        for (shards, seed) in [(3, 1), (7, 99)] {
            let settings = Settings { shards, seed, ..Settings::default() };
            let many = corpus::run(&path, &settings, |_| {}).unwrap_or_default();
            if many != one {
                trouble.push(format!("{name}: {shards} shards say something else than one"));
            }
        }
    }
    assert!(trouble.is_empty(), "{}", trouble.join("\n"));
}
