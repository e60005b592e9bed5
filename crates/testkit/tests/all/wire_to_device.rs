//! From the wire to the device: what the engine decides about messages (when, about whom) must reach what is claimed about devices.

use engine::{Engine, FrameIn, Settings};
use model::{Event, NetworkId, Outcome, Time, What};
use testkit::build::tcp::{Conversation, From, Side};
use testkit::build::{http, modbus, tls};
use wire::decode::LinkType;

const MILLI: i64 = 1_000_000;
const START: i64 = 1_700_000_000_000 * MILLI;

/// Facts of these frames, ten milliseconds apart.
fn facts(frames: &[Vec<u8>]) -> Vec<Event> {
    let mut engine = Engine::new(&Settings::default());
    let mut events = Vec::new();
    let mut no_text = |_: &[u8]| {};
    for (n, bytes) in frames.iter().enumerate() {
        let (time, wire_len) = (Time(START + 10 * MILLI * n as i64), bytes.len() as u32);
        let frame = FrameIn { time, link: LinkType::Ethernet, wire_len, bytes, network: NetworkId(0) };
        engine.push(&frame, &mut |event| events.push(event), &mut no_text);
    }
    engine.finish(&mut |event| events.push(event), &mut no_text);
    events
}

fn side(n: u8, port: u16) -> Side {
    let (mac, next) = ([2, 0, 0, 0, 0, n], [2, 0, 0, 0, 0, 3 - n]);
    let (ip, ttl, window, seq) = ([10, 0, 0, n], 64, 8192, u32::from(n) << 20);
    Side { mac, next, vlan: None, ip, port, ttl, window, id: 1, seq }
}

fn talk(port: u16) -> Conversation {
    Conversation { client: side(1, 50_000), server: side(2, port), via: None }
}

fn said(talk: &mut Conversation, from: From, data: &[u8]) -> Vec<Vec<u8>> {
    talk.send(from, data, None).into_iter().map(|(_, frame)| frame).collect()
}

/// A request is lost; the two behind it wait for it and are believed when the server has answered. Each is stamped
/// with the frame that brought it.
#[test]
fn messages_behind_a_hole_keep_their_own_stamps() {
    let mut talk = talk(502);
    let mut frames: Vec<_> = talk.open().into_iter().map(|(_, frame)| frame).collect();
    let ask = |t: u16| modbus::frame(t, 1, &modbus::read(3, t, 1));
    let answer = |t: u16| modbus::frame(t, 1, &modbus::registers(3, &[t]));
    for t in [1, 2] {
        frames.extend(said(&mut talk, From::Client, &ask(t)));
        frames.extend(said(&mut talk, From::Server, &answer(t)));
    }
    let _lost = said(&mut talk, From::Client, &ask(3));
    let waiting = frames.len() as u64 + 1;
    frames.extend(said(&mut talk, From::Client, &ask(4)));
    frames.extend(said(&mut talk, From::Client, &ask(5)));
    frames.extend(said(&mut talk, From::Server, &answer(4)));
    frames.extend(said(&mut talk, From::Server, &answer(5)));
    let asked: Vec<_> = facts(&frames)
        .into_iter()
        .filter_map(|event| match event.what {
            What::Transaction(t) if t.outcome == Outcome::Ok => {
                let first = t.items.first().map(|i| i.target.first)?;
                Some((first, t.asked?.frame, t.latency?))
            }
            _ => None,
        })
        .filter(|(first, ..)| *first >= 4)
        .collect();
    assert_eq!(asked, [(4, waiting, 20 * MILLI), (5, waiting + 1, 20 * MILLI)]);
}

/// What a proxy passes on is not about the proxy: neither a certificate in its tunnel nor the banner of a page fetched
/// through it.
#[test]
fn a_proxy_is_not_the_server_behind_it() {
    let certificate = tls::certificate("www.example.org", "Example", 1, "250101000000Z", "300101000000Z", &[3, 5, 7]);
    let names = |through_proxy: bool| {
        let mut talk = talk(if through_proxy { 3128 } else { 443 });
        let mut frames: Vec<_> = talk.open().into_iter().map(|(_, frame)| frame).collect();
        if through_proxy {
            let ask = b"CONNECT www.example.org:443 HTTP/1.1\r\nHost: www.example.org:443\r\n\r\n";
            frames.extend(said(&mut talk, From::Client, ask));
            frames.extend(said(&mut talk, From::Server, b"HTTP/1.1 200 Connection established\r\n\r\n"));
        }
        frames.extend(said(&mut talk, From::Client, &tls::client_hello([7; 32], "www.example.org")));
        frames.extend(said(&mut talk, From::Server, &tls::server_flight([9; 32], &certificate)));
        about_server(&frames)
    };
    assert!(names(false).contains("www.example.org"), "the server's own certificate: {}", names(false));
    assert!(!names(true).contains("example.org"), "{}", names(true));

    let banner = |ask: &str| {
        let mut talk = talk(8080);
        let mut frames: Vec<_> = talk.open().into_iter().map(|(_, frame)| frame).collect();
        let ask = format!("GET {ask} HTTP/1.1\r\nHost: www.example.org\r\n\r\n");
        frames.extend(said(&mut talk, From::Client, ask.as_bytes()));
        frames.extend(said(&mut talk, From::Server, &http::response("200 OK", "Boa/0.94", "text/html", 10)));
        about_server(&frames)
    };
    assert!(!banner("http://www.example.org/").contains("Boa"), "{}", banner("http://www.example.org/"));
    for own in ["/", "http://10.0.0.2/", "http://10.0.0.2:8080/"] {
        assert!(banner(own).contains("Boa"), "{own}: {}", banner(own));
    }
}

/// Everything claimed about 10.0.0.2.
fn about_server(frames: &[Vec<u8>]) -> String {
    let events = facts(frames);
    let host = |h: &model::Host| h.address.to_string() == "10.0.0.2";
    let claims = events.iter().filter_map(|e| match &e.what {
        What::Evidence(e) if host(&e.about.host) => Some(format!("{}\n", e.claim)),
        _ => None,
    });
    claims.collect()
}
