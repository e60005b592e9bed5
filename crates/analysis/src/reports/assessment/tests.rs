use super::*;
use crate::Judge;
use crate::detections::facts;
use crate::knowledge::Knowledge;
use crate::reports::InputFile;
use model::{Event, What};

fn render_of(events: &[Event], site: &str, files: &[InputFile]) -> (String, usize) {
    let knowledge = Knowledge::embedded();
    let mut judge = Judge::default();
    for event in events {
        judge.see(event);
    }
    judge.finish();
    let assets = judge.assets(&knowledge, &[]);
    let matter =
        Matter { site, program: "bourdon test", judge: &judge, assets: &assets, knowledge: &knowledge, files };
    (render(&matter), assets.len())
}

/// What no text from outside may produce.
fn assert_harmless(page: &str) {
    let lower = page.to_lowercase();
    assert_eq!(lower.matches("<script").count(), 1, "a script of its own");
    assert_eq!(lower.matches("<style").count(), 1);
    for markup in ["<img", "<iframe", "<object", "<embed", "<link", "<base", "<form", "javascript:", "http://", "https://"] {
        assert!(!lower.contains(markup), "{markup}");
    }
    assert!(!page.contains('\u{202e}') && !page.contains('\u{1b}'));
}

#[test]
fn hostile_names_stay_text() {
    const NASTY: &str = "\"><script>alert(1)</script><img src=x onerror=alert(1)>\u{202e}gnp.exe\u{1b}[2J'";
    let text = "\
at 0s evidence s7comm 10.0.0.9 model=MODEL stated
at 0s evidence s7comm 10.0.0.9 station_name=NAME stated
at 0s evidence s7comm 10.0.0.9 serial=SERIAL stated
at 1s 10.0.0.5 -> 10.0.0.9 s7comm plc_stop class=mode
at 2s transfer s7comm 10.0.0.5 -> 10.0.0.9 download content=program name=NAME size=10 sha256=00
at 3s health limit_reached what=WHAT count=3
at 4s 10.0.0.5 -> 10.0.0.9 flow tcp
";
    let mut events = facts::parse(text).unwrap();
    for event in &mut events {
        match &mut event.what {
            What::Evidence(e) => match &mut e.claim {
                model::Claim::Model(s) | model::Claim::Name(_, s) | model::Claim::Serial(s) => *s = NASTY.to_string(),
                _ => {}
            },
            What::Transfer(t) => t.name = NASTY.to_string(),
            What::Health(h) => h.what = NASTY.to_string(),
            _ => {}
        }
    }
    let file = InputFile { name: NASTY.to_string(), problems: vec![NASTY.to_string()], ..InputFile::default() };
    let (page, devices) = render_of(&events, NASTY, &[file]);
    assert_eq!(devices, 2);
    assert_harmless(&page);
    assert!(page.matches("&lt;script&gt;alert(1)&lt;/script&gt;").count() >= 8);
    let body = page.split("</style>").nth(1).unwrap().split("<script>").next().unwrap();
    assert!(!body.contains("onerror=alert(1)>"));
}

#[test]
fn an_empty_capture_says_so() {
    let (page, _) = render_of(&[], "", &[]);
    for part in ["No traffic was seen", "None of the always-on detections fired", "No device was seen"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(page.contains(&csp::policy(STYLE, SCRIPT).replace('\'', "&#39;")));
}

#[test]
fn two_thousand_devices_stay_small_and_fold() {
    let mut text = String::new();
    for n in 0..2_000u32 {
        let (net, host) = (n / 200, n % 200 + 10);
        let plc = format!("10.1.{net}.{host}");
        let line = format!(
            "at {n}s evidence arp {plc} same_as=00:1b:1b:00:{:02x}:{:02x} stated\n\
             at {n}s evidence s7comm {plc} model=\"CPU 315-2 PN/DP\" verified\n\
             at {n}s evidence s7comm {plc} order_number=\"6ES7 315-2EH14-0AB0\" verified\n\
             at {n}s evidence s7comm {plc} firmware=\"V3.2.{}\" verified\n\
             at {n}s evidence s7comm {plc} serial=\"S C-{n:012}\" verified\n\
             at {n}s evidence s7comm {plc} station_name=\"line {net} station {host}\" stated\n\
             at {n}s 10.1.{net}.5 -> {plc}:102 s7comm read_var class=read\n\
             at {n}s 10.1.{net}.5 -> {plc}:102 s7comm write_var class=write\n\
             at {n}s 10.1.{net}.5:4{net}000 -> {plc}:102 flow tcp protocol=s7comm frames=10/10 bytes=900/900\n",
            n >> 8,
            n & 0xff,
            n % 7
        );
        text.push_str(&line);
    }
    let events = facts::parse(&text).unwrap();
    let (page, devices) = render_of(&events, "Large plant", &[]);
    assert!(devices >= 2_000, "{devices}");
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    assert!(page.contains("too many to draw one by one"));
    assert_eq!(page.matches("<details id=").count(), devices);
    assert!(page.split("<svg").nth(1).unwrap().matches("data-i=").count() <= 72);
    assert_eq!(page, render_of(&events, "Large plant", &[]).0, "the same input gives the same bytes");
    println!("{} bytes for {devices} devices", page.len());
}
