//! The office: names, web, files, printers and cameras making themselves known.

use super::services;
use crate::build::tcp::From;
use crate::build::{dns, http, smb, tls};
use crate::plant::sim::{HOUR, MILLI, MINUTE, SECOND, Sim};

const SITES: [&str; 8] = [
    "www.waterboard.example",
    "mail.waterworks.example",
    "intranet.waterworks.example",
    "news.example",
    "weather.example",
    "update.vendor.example",
    "maps.example",
    "supplier.example",
];

/// A question to the domain controller, and its answer.
pub fn name(sim: &mut Sim, asker: usize, asked: &str) {
    let (id, server) = (sim.random.bits() as u16, sim.site.domain);
    let answer = if sim.random.chance(1, 30) { None } else { Some([203, 0, 113, sim.random.below(250) as u8]) };
    let ports = (sim.port(), 53);
    sim.datagrams(
        (asker, server),
        ports,
        "dns",
        "query",
        &dns::query(id, asked, true),
        &dns::answer(id, asked, answer),
    );
}

/// A TLS session of `records` answers between a client and a server that presents `certificate`.
pub fn sealed(sim: &mut Sim, client: usize, server: usize, port: u16, host: &str, records: usize) {
    let id = sim.open(client, server, port, "tls");
    let fill = sim.devices[server].serial.clone().into_bytes();
    let certificate = tls::certificate(host, "Water Works Issuing CA", 4711, "240101000000Z", "290101000000Z", &fill);
    let (a, b) = (sim.random.bytes(), sim.random.bytes());
    sim.ask(id, "handshake", &tls::client_hello(a, host), &tls::server_flight(b, &certificate));
    let secret = sim.random.blob(256);
    sim.ask(id, "key_exchange", &tls::client_finish(&secret), &tls::server_finish(&secret[40..]));
    for _ in 0..records {
        let (up, down) = (sim.random.between(60, 500) as usize, sim.random.between(200, 9000) as usize);
        let (up, down) = (tls::application(&sim.random.blob(up)), tls::application(&sim.random.blob(down)));
        let pause = sim.random.between(5, 400) as i64 * MILLI;
        sim.pause(id, pause);
        sim.ask(id, "application_data", &up, &down);
    }
    sim.close(id);
}

/// A file server session: negotiation, NTLM, a few echoes.
pub fn files(sim: &mut Sim, client: usize, user: &str) {
    let server = sim.site.files;
    let id = sim.open(client, server, 445, "smb2");
    let (guid, other, challenge, response) =
        (sim.random.bytes(), sim.random.bytes(), sim.random.bytes(), sim.random.bytes());
    let (now, session) = (sim.now, sim.random.bits() >> 8);
    let host = sim.devices[client].name.to_uppercase();
    let serving = sim.devices[server].name.to_uppercase();
    sim.ask(id, "negotiate", &smb::negotiate(guid), &smb::negotiated(other, now));
    let told = smb::ntlm_challenge(session, challenge, "WATER", &serving, 17_763, now);
    sim.ask(id, "session_setup", &smb::ntlm_negotiate(19_045), &told);
    let last = smb::ntlm_authenticate(session, "WATER", user, &host, 19_045, response);
    sim.ask(id, "session_setup", &last, &smb::authenticated(session));
    for n in 3..6 {
        sim.pause(id, 2 * SECOND);
        sim.ask(id, "echo", &smb::echo(false, n, session), &smb::echo(true, n, session));
    }
    sim.close(id);
}

/// Whether people are at their desks.
fn working(sim: &Sim) -> bool {
    let (day, hour) = ((sim.now / (24 * HOUR) + 3) % 7, sim.now / HOUR % 24);
    day < 5 && (6..18).contains(&hour)
}

fn laptop(sim: &mut Sim, laptop: usize, n: usize) {
    sim.every(40 * SECOND, 20 * SECOND, move |sim| {
        // At night a laptop in its dock still asks now and then.
        if !working(sim) && sim.random.chance(19, 20) {
            return;
        }
        let site = SITES[sim.random.below(SITES.len() as u64) as usize];
        name(sim, laptop, site);
        let proxy = sim.site.proxy;
        match sim.random.below(10) {
            0..=5 => {
                let records = sim.random.between(1, 6) as usize;
                sealed(sim, laptop, proxy, 443, site, records);
            }
            6..=7 => {
                let id = sim.open(laptop, proxy, 8080, "http");
                for page in 0..sim.random.between(1, 4) {
                    let path = format!("http://{site}/page{page}.html");
                    let len = sim.random.between(300, 12_000) as usize;
                    let get = http::get(site, &path, "Mozilla/5.0 (Windows NT 10.0; Win64; x64)");
                    sim.ask(id, "get", &get, &http::response("200 OK", "squid/4.13", "text/html", len));
                }
                sim.close(id);
            }
            8 => files(sim, laptop, &format!("user{n}")),
            _ => {
                let host = format!("files-{}", sim.random.between(1, 3));
                let id = sim.random.bits() as u16;
                let port = sim.port();
                sim.cast(laptop, [224, 0, 0, 252], (port, 5355), "llmnr", "query", &dns::query(id, &host, false));
                let group = sim.everyone(laptop);
                let asked = dns::nbns_query(id, &host);
                sim.cast(laptop, group, (137, 137), "nbns", "query", &asked);
            }
        }
    });
    sim.every(12 * MINUTE, 2 * MINUTE, move |sim| {
        let port = sim.port();
        let search = http::ssdp_search("urn:schemas-upnp-org:device:InternetGatewayDevice:1");
        sim.cast(laptop, [239, 255, 255, 250], (port, 1900), "ssdp", "m_search", &search);
        sim.cast(laptop, [224, 0, 0, 251], (5353, 5353), "mdns", "query", &dns::mdns_query("_ipp._tcp.local"));
    });
    sim.every(4 * HOUR, 30 * MINUTE, move |sim| services::lease(sim, laptop, false));
}

pub(super) fn begin(sim: &mut Sim) {
    let site = sim.site.clone();
    for (n, &device) in site.laptops.iter().enumerate() {
        laptop(sim, device, n + 1);
    }
    let printer = site.printer;
    sim.every(10 * MINUTE, MINUTE, move |sim| {
        let d = sim.devices[printer].clone();
        let text = ["txtvers=1", "ty=HP LaserJet M507", "product=(HP LaserJet M507)", "pdl=application/PDF"];
        let told = dns::mdns_announce("_ipp._tcp.local", "HP LaserJet M507", "printer-1.local", 631, d.ip, &text);
        sim.cast(printer, [224, 0, 0, 251], (5353, 5353), "mdns", "response", &told);
        let group = sim.everyone(printer);
        let told = dns::nbns_register(sim.random.bits() as u16, &d.name, d.ip);
        sim.cast(printer, group, (137, 137), "nbns", "registration", &told);
    });
    for camera in site.cameras {
        sim.every(15 * MINUTE, MINUTE, move |sim| {
            let ip = sim.devices[camera].ip.map(|b| b.to_string()).join(".");
            let server = "Linux/4.9 UPnP/1.0 AXIS/10.12.114";
            let place = format!("http://{ip}:49152/rootdesc1.xml");
            let kind = "urn:axis-com:device:Basic:1";
            let told = http::ssdp_notify(&place, kind, server, "Upnp-BasicDevice-1_0-ACCC8E000001");
            sim.cast(camera, [239, 255, 255, 250], (49_152, 1900), "ssdp", "notify_alive", &told);
        });
    }
    // The historian collects from the leading server, sealed.
    let historian = site.historian;
    sim.every(20 * SECOND, SECOND, move |sim| {
        let server = sim.leader;
        sealed(sim, historian, server, 5450, "scada.waterworks.example", 1);
    });
    // Once in a while someone looks at a gateway's status page in clear text.
    let (engineer, gateways) = (site.engineering, site.gateways);
    sim.every(50 * MINUTE, 20 * MINUTE, move |sim| {
        let gateway = gateways[sim.random.below(gateways.len() as u64) as usize];
        let id = sim.open(engineer, gateway, 80, "http");
        let host = sim.devices[gateway].ip.map(|b| b.to_string()).join(".");
        let get = http::get(&host, "/status.htm", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)");
        sim.ask(id, "get", &get, &http::response("200 OK", "MoxaHttp/1.0", "text/html", 2400));
        sim.pause(id, SECOND);
        sim.reset(id, From::Client);
    });
}
