//! Every builder's messages, also those no plant sends, are understood as what they are meant to be.

use super::tshark;
use testkit::build::capture::Format;
use testkit::build::ip::{Header, udp};
use testkit::build::link::{IPV4, ethernet};
use testkit::build::tcp::{Conversation, From, Side};
use testkit::build::{bacnet, cip, dnp3, enip, iec104, modbus, profinet, s7comm};

fn side(n: u8, port: u16) -> Side {
    let (mac, next) = ([2, 0, 0, 0, 0, n], [2, 0, 0, 0, 0, 3 - n]);
    Side { mac, next, vlan: None, ip: [192, 0, 2, n], port, ttl: 64, window: 8192, id: 1, seq: 1000 * u32::from(n) }
}

/// Frames of requests and answers on one connection to `port`.
fn talk(port: u16, messages: &[(From, Vec<u8>)]) -> Vec<Vec<u8>> {
    let mut c = Conversation { client: side(1, 50_000 + port % 1000), server: side(2, port), via: None };
    let mut out = c.open();
    for (from, data) in messages {
        out.extend(c.send(*from, data, None));
    }
    out.extend(c.close(From::Client));
    out.into_iter().map(|(_, f)| f).collect()
}

fn datagram(port: u16, data: &[u8]) -> Vec<u8> {
    let h = Header { src: [192, 0, 2, 1], dst: [192, 0, 2, 2], id: 7, ttl: 64 };
    ethernet([2, 0, 0, 0, 0, 2], [2, 0, 0, 0, 0, 1], Some(9), IPV4, &udp(h, port, port, data))
}

#[test]
fn dissectors_agree_on_every_message() {
    if !tshark::installed() {
        return;
    }
    use From::{Client, Server};
    let m = |from, n, pdu: &[u8]| (from, modbus::frame(n, 1, pdu));
    let mut frames = talk(
        502,
        &[
            m(Client, 1, &modbus::read(3, 0, 2)),
            m(Server, 1, &modbus::exception(3, 2)),
            m(Client, 2, &modbus::write_registers(4, &[1, 2, 3])),
            m(Server, 2, &modbus::written(4, 3)),
            m(Client, 3, &modbus::identify()),
            m(Server, 3, &modbus::identity("Maker", "Product", "1.0")),
        ],
    );
    let name = s7comm::block_name('E', 12);
    frames.extend(talk(
        102,
        &[
            (Client, s7comm::connect(2)),
            (Server, s7comm::connected(2)),
            (Client, s7comm::setup(1, 480)),
            (Server, s7comm::set_up(1, 240)),
            (Client, s7comm::request_download(2, &name, 100, 64)),
            (Server, s7comm::acknowledged(2, 0x1a)),
            (Server, s7comm::fetch(3, 0x1b, &name)),
            (Client, s7comm::piece(3, false, &[0; 100])),
            (Client, s7comm::start(4)),
            (Server, s7comm::started(4)),
        ],
    ));
    let a = dnp3::Link { master: 1, outstation: 2 };
    frames.extend(talk(
        20_000,
        &[
            (Client, dnp3::request(a, 1, dnp3::function::COLD_RESTART, &[])),
            (Server, dnp3::response(a, 1, 0, &dnp3::delay(500))),
            (Client, dnp3::request(a, 2, dnp3::function::WRITE, &dnp3::time(1_700_000_000_000))),
            (Server, dnp3::response(a, 2, 0x8000, &[])),
        ],
    ));
    let command = iec104::asdu(iec104::kind::RESET_PROCESS, iec104::cause::ACTIVATION, 1, &[(0, vec![1])]);
    frames.extend(talk(2404, &[(Client, iec104::i_frame(0, 0, &command)), (Server, iec104::s_frame(1))]));
    let reset = cip::request(5, &cip::instance(1, 1), &[0]);
    frames.extend(talk(
        44_818,
        &[
            (Client, enip::register_session(0)),
            (Server, enip::register_session(7)),
            (Client, enip::unconnected(7, 1, &reset)),
            (Server, enip::unconnected(7, 1, &cip::response(5, 8, &[]))),
        ],
    ));
    frames.push(datagram(47_808, &bacnet::frame(bacnet::Route::Local, false, true, &bacnet::reinitialize(3, 1))));
    let station = [2, 0, 0, 0, 0, 2];
    let dcp = profinet::factory_reset(5);
    frames.push(ethernet(station, [2, 0, 0, 0, 0, 1], None, profinet::ETHERTYPE, &dcp));

    let capture = tshark::Capture::new("builders", Format::PcapNg, |write| {
        for (n, frame) in (0i64..).zip(&frames) {
            write(n * 1_000_000, frame).expect("writing");
        }
    });
    assert_eq!(capture.lines(&[]).len(), frames.len());
    let odd = capture.lines(&["-Y", "_ws.malformed || _ws.expert.severity == error"]);
    assert!(odd.is_empty(), "{odd:#?}");
    for (filter, count) in [
        ("modbus.exception_code == 2", 1),
        ("modbus.func_code == 16", 2),
        ("modbus.object_str_value == \"Product\"", 1),
        ("s7comm.param.func == 0x1a", 2),
        ("s7comm.param.func == 0x1b", 2),
        ("s7comm.param.func == 0x28", 2),
        ("dnp3.al.func == 13", 1),
        ("iec60870_asdu.typeid == 105", 1),
        ("cip.service == 0x05", 1),
        ("cip.service == 0x85", 1),
        ("bacapp.confirmed_service == 20", 1),
        ("pn_dcp.option == 5", 1),
    ] {
        assert_eq!(capture.lines(&["-Y", filter]).len(), count, "{filter}");
    }
}
