//! One capture through the whole machine, as `bourdon analyze` does it: engine, judge, default credentials known.

use analysis::Judge;
use analysis::alerts::{Alert, sentence};
use analysis::detections::{Findings, Kind, Observed, Severity, Watch};
use analysis::knowledge::Knowledge;
use engine::{Engine, FrameIn, Settings};
use model::{Event, NetworkId, Stamp, Time};
use protocols::Secrets;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use wire::file::CaptureReader;

/// One alert, as far as the page needs it.
pub struct Said {
    pub detection: &'static str,
    pub severity: Severity,
    pub kind: Kind,
    pub count: u64,
    pub frames: Vec<u64>,
    pub text: String,
}

impl Said {
    fn of(alert: &Alert, judge: &Judge) -> Option<Said> {
        let page = &alert.about()?.page;
        Some(Said {
            detection: alert.detection,
            severity: alert.severity,
            kind: page.kind,
            count: alert.count,
            frames: alert.because.iter().map(|s| s.frame).collect(),
            text: sentence(alert, &judge.world),
        })
    }

    /// Major or Critical: what a person is called for.
    pub fn grave(&self) -> bool {
        self.severity >= Severity::Major
    }
}

/// A finding before it is folded: when, and which frames.
pub struct Moment {
    pub detection: &'static str,
    pub severity: Severity,
    pub key: String,
    pub because: Vec<Stamp>,
    pub last: Time,
}

fn settings() -> Settings {
    let secrets = Secrets::new([7; 16], Knowledge::embedded().default_credentials());
    Settings { secrets: Arc::new(secrets), ..Settings::default() }
}

fn open(path: &Path) -> std::io::Result<Box<dyn Read>> {
    let file = File::open(path)?;
    Ok(match path.extension().and_then(|e| e.to_str()) {
        Some("gz") => Box::new(flate2::read::MultiGzDecoder::new(file)),
        Some("zst") => Box::new(zstd::Decoder::new(file)?),
        _ => Box::new(file),
    })
}

/// The frames of a capture, numbered from 1.
pub fn frames(path: &Path, mut see: impl FnMut(u64, &[u8])) -> std::io::Result<()> {
    let mut reader = CaptureReader::new(open(path)?).map_err(|e| std::io::Error::other(e.to_string()))?;
    let mut number = 0;
    while let Some(record) = reader.next() {
        let Ok(r) = record else { continue };
        number += 1;
        see(number, r.bytes);
    }
    Ok(())
}

/// All facts of a capture, in order. Broken records are counted by the tests of the file reader, not here.
fn facts(path: &Path, mut event: impl FnMut(Event)) -> std::io::Result<()> {
    let mut engine = Engine::new(&settings());
    let mut reader = CaptureReader::new(open(path)?).map_err(|e| std::io::Error::other(e.to_string()))?;
    while let Some(record) = reader.next() {
        let Ok(r) = record else { continue };
        let (time, network) = (Time(r.time), NetworkId(0));
        let frame = FrameIn { time, link: r.link, wire_len: r.wire_len, bytes: r.bytes, network };
        engine.push(&frame, &mut event, &mut |_| {});
    }
    engine.finish(&mut event, &mut |_| {});
    Ok(())
}

/// The alerts of a capture.
pub fn alerts(path: &Path) -> std::io::Result<Vec<Said>> {
    let mut judge = Judge::default();
    facts(path, |event| judge.see(&event))?;
    judge.finish();
    Ok(judge.alerts.list().iter().filter_map(|a| Said::of(a, &judge)).collect())
}

/// The findings of a capture, each for itself.
pub fn moments(path: &Path) -> std::io::Result<Vec<Moment>> {
    let (mut watch, mut world, mut found) = (Watch::default(), Observed::default(), Findings::default());
    let (mut all, mut now) = (Vec::new(), Time(i64::MIN));
    let mut keep = |found: &mut Findings| {
        for (detection, f) in found.list.drain(..) {
            let Some(about) = analysis::detections::by_name(detection) else { continue };
            let severity = f.severity.unwrap_or(about.page.severity);
            all.push(Moment { detection, severity, key: f.key, because: f.because, last: f.last.time });
        }
    };
    facts(path, |event| {
        now = event.at.time;
        world.observe(&event);
        watch.tick(now, &world, &mut found);
        watch.see(&event, &world, &mut found);
        keep(&mut found);
    })?;
    watch.finish(now, &world, &mut found);
    keep(&mut found);
    Ok(all)
}
