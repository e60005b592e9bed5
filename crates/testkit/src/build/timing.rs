//! NTP (RFC 5905) and PTP announce, sync and follow-up (IEEE 1588-2008 over UDP).

use super::{Buf, Ip, Mac};

/// Seconds between the NTP era and the Unix epoch.
const NTP_UNIX: u64 = 2_208_988_800;

fn ntp_stamp(ns: i64) -> u64 {
    let (s, f) = (ns as u64 / 1_000_000_000, ns as u64 % 1_000_000_000);
    ((s + NTP_UNIX) << 32) | ((f << 32) / 1_000_000_000)
}

/// A client's request at `now` (ns since the Unix epoch).
pub fn ntp_request(now: i64) -> Vec<u8> {
    Buf::new().put(&[0x23, 0, 6, 0xec]).zeros(36).be64(ntp_stamp(now)).done()
}

/// A stratum 1 server's answer to a request sent at `asked`.
pub fn ntp_reply(asked: i64, now: i64) -> Vec<u8> {
    Buf::new()
        .put(&[0x24, 1, 6, 0xec])
        .be32(0)
        .be32(0x20)
        .text("GPS\0")
        .be64(ntp_stamp(now - 3_000_000_000))
        .be64(ntp_stamp(asked))
        .be64(ntp_stamp(now))
        .be64(ntp_stamp(now))
        .done()
}

/// Where PTP messages are sent.
pub const PTP_GROUP: Ip = [224, 0, 1, 129];

fn ptp(kind: u8, control: u8, body: &[u8], clock: Mac, sequence: u16, interval: i8) -> Vec<u8> {
    Buf::new()
        .u8(kind)
        .u8(2)
        .be16(34 + body.len() as u16)
        .u8(0)
        .u8(0)
        .be16(if kind == 0 { 0x0200 } else { 0 })
        .zeros(12)
        .put(&clock[..3])
        .put(&[0xff, 0xfe])
        .put(&clock[3..])
        .be16(1)
        .be16(sequence)
        .u8(control)
        .u8(interval as u8)
        .put(body)
        .done()
}

fn ptp_stamp(b: Buf, ns: i64) -> Buf {
    let (s, rest) = (ns as u64 / 1_000_000_000, ns as u64 % 1_000_000_000);
    b.be16((s >> 32) as u16).be32(s as u32).be32(rest as u32)
}

/// The grandmaster announces itself (UDP 320).
pub fn ptp_announce(clock: Mac, sequence: u16, now: i64) -> Vec<u8> {
    let body = ptp_stamp(Buf::new(), now)
        .be16(37)
        .u8(0)
        .u8(128)
        .be32(0x0621_4e5d)
        .u8(128)
        .put(&clock[..3])
        .put(&[0xff, 0xfe])
        .put(&clock[3..])
        .be16(0)
        .u8(0x20)
        .done();
    ptp(0x0b, 5, &body, clock, sequence, 1)
}

/// A two-step sync message (UDP 319).
pub fn ptp_sync(clock: Mac, sequence: u16) -> Vec<u8> {
    ptp(0, 0, &[0; 10], clock, sequence, 0)
}

/// The follow-up with the precise time (UDP 320).
pub fn ptp_follow_up(clock: Mac, sequence: u16, now: i64) -> Vec<u8> {
    ptp(8, 2, &ptp_stamp(Buf::new(), now).0, clock, sequence, 0)
}
