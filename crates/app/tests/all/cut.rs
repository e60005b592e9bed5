//! `bourdon cut`: the packets behind a judgement.

use crate::{Folder, MONDAY};
use testkit::plant::attacks::Scenario;
use wire::file::CaptureReader;

/// Frame times and comments of a file, and the section's comment.
fn read(folder: &Folder, name: &str) -> (Vec<(i64, String)>, String) {
    let file = std::fs::File::open(folder.path().join(name)).unwrap();
    let mut reader = CaptureReader::new(file).unwrap();
    let mut times = Vec::new();
    while let Some(record) = reader.next() {
        times.push(record.unwrap().time);
    }
    let about = reader.about();
    let comments = about.comments.iter().map(|(_, text)| text.clone());
    (times.into_iter().zip(comments).collect(), about.sections[0].comments.join("\n"))
}

#[test]
fn an_alert_is_the_same_in_the_cut() {
    let folder = Folder::new("cut");
    folder.plant("a.pcapng", MONDAY, 8, &Scenario::ALL);
    let whole = folder.json(&["a.pcapng"]);
    let alerts = whole["alerts"].as_array().unwrap();
    assert!(!alerts.is_empty());
    let hash = whole["summary"]["files"][0]["sha256"].as_str().unwrap();
    for alert in alerts {
        let id = alert["id"].as_str().unwrap();
        let out = folder.run(&["cut", "a.pcapng", "--alert", id, "-o", "cut.pcapng", "--quiet"]);
        assert!(out.status.success(), "{id}: {}", String::from_utf8_lossy(&out.stderr));
        let (frames, about) = read(&folder, "cut.pcapng");
        assert!(about.contains(hash) && about.contains(id), "{about}");
        let evidence = frames.iter().filter(|(_, why)| why.starts_with(&format!("evidence of alert {id}"))).count();
        let mut wanted: Vec<u64> = alert["frames"].as_array().unwrap().iter().filter_map(|f| f.as_u64()).collect();
        wanted.dedup();
        assert_eq!(evidence, wanted.len(), "{id}");
    }
    // a message with a name of its own is found again in what was cut
    if let Some(stop) = alerts.iter().find(|a| a["detection"] == "plc_stop") {
        let id = stop["id"].as_str().unwrap();
        folder.run(&["cut", "a.pcapng", "--alert", id, "-o", "stop.pcapng", "--quiet"]);
        let again = folder.json(&["stop.pcapng"]);
        assert!(again["alerts"].as_array().unwrap().iter().any(|a| a["id"] == id));
    }
}

#[test]
fn devices_conversations_and_frames() {
    let folder = Folder::new("cut-more");
    folder.plant("a.pcapng", MONDAY, 2, &[]);
    let whole = folder.json(&["a.pcapng"]);
    let row = whole["conversations"].as_array().unwrap().iter().find(|c| c["protocol"] == "s7comm").unwrap();
    let (actor, subject) = (row["actor"].as_str().unwrap(), row["subject"].as_str().unwrap());
    let pair = format!("{actor},{subject}");
    let asset = whole["assets"].as_array().unwrap().iter().find(|a| a["addresses"][0] == subject).unwrap();
    for (what, value) in [
        ("--conversation", pair.as_str()),
        ("--conversation", &format!("{pair},s7comm")),
        ("--asset", subject),
        ("--asset", asset["id"].as_str().unwrap()),
        ("--frames", "1,5-9"),
    ] {
        let out = folder.run(&["cut", "a.pcapng", what, value, "-o", "b.pcapng", "--quiet"]);
        assert!(out.status.success(), "{what} {value}: {}", String::from_utf8_lossy(&out.stderr));
        let (frames, _) = read(&folder, "b.pcapng");
        assert!(if what == "--frames" { frames.len() == 6 } else { frames.len() > 10 }, "{what}: {}", frames.len());
        assert!(frames.is_sorted_by_key(|f| f.0), "time stamps are kept");
    }
    for wrong in [["--frames", "0"], ["--alert", "xyz"], ["--conversation", "a,b"], ["--asset", "10.99.99.99"]] {
        let out = folder.run(&["cut", "a.pcapng", wrong[0], wrong[1], "-o", "no.pcapng"]);
        assert_eq!(out.status.code(), Some(1), "{wrong:?}");
        assert!(!folder.path().join("no.pcapng").exists(), "nothing is left behind");
    }
}
