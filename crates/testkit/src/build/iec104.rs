//! IEC 60870-5-104: frames of types I, S and U, and application data units of two-byte cause and address.

use super::Buf;

/// U-frames.
pub mod control {
    #![allow(missing_docs)]
    pub const STARTDT_ACT: u8 = 0x07;
    pub const STARTDT_CON: u8 = 0x0b;
    pub const TESTFR_ACT: u8 = 0x43;
    pub const TESTFR_CON: u8 = 0x83;
}

/// Type identifications.
pub mod kind {
    #![allow(missing_docs)]
    pub const SINGLE_POINT: u8 = 1;
    pub const MEASURED_FLOAT: u8 = 13;
    pub const SINGLE_COMMAND: u8 = 45;
    pub const SETPOINT_FLOAT: u8 = 50;
    pub const INTERROGATION: u8 = 100;
    pub const CLOCK_SYNC: u8 = 103;
    pub const RESET_PROCESS: u8 = 105;
}

/// Causes of transmission.
pub mod cause {
    #![allow(missing_docs)]
    pub const SPONTANEOUS: u8 = 3;
    pub const ACTIVATION: u8 = 6;
    pub const CONFIRMATION: u8 = 7;
    pub const TERMINATION: u8 = 10;
    pub const INTERROGATED: u8 = 20;
}

/// A U-frame.
pub fn u_frame(code: u8) -> Vec<u8> {
    vec![0x68, 4, code, 0, 0, 0]
}

/// An S-frame acknowledging everything before `received`.
pub fn s_frame(received: u16) -> Vec<u8> {
    Buf::new().put(&[0x68, 4, 1, 0]).le16(received << 1).done()
}

/// An I-frame with send and receive counters (15 bits each).
pub fn i_frame(sent: u16, received: u16, asdu: &[u8]) -> Vec<u8> {
    Buf::new().u8(0x68).u8(4 + asdu.len() as u8).le16(sent << 1).le16(received << 1).put(asdu).done()
}

/// An application data unit whose objects each carry their own address.
pub fn asdu(kind: u8, cause: u8, station: u16, objects: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let b = Buf::new().u8(kind).u8(objects.len() as u8).u8(cause).u8(0).le16(station);
    objects.iter().fold(b, |b, (address, value)| b.put(&address.to_le_bytes()[..3]).put(value)).done()
}

/// A measured float with good quality.
pub fn measured(value: f32) -> Vec<u8> {
    Buf::new().le_f32(value).u8(0).done()
}

/// A float setpoint, execute.
pub fn setpoint(value: f32) -> Vec<u8> {
    Buf::new().le_f32(value).u8(0).done()
}

/// A single command; `select` asks first, execute follows.
pub fn command(on: bool, select: bool) -> Vec<u8> {
    vec![u8::from(on) | if select { 0x80 } else { 0 }]
}

/// Seven bytes of date and time (CP56Time2a) from ns since the Unix epoch.
pub fn time(ns: i64) -> Vec<u8> {
    let ms = ns / 1_000_000;
    let (days, in_day) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    let (year, month, day) = civil(days);
    let (hour, minute, rest) = (in_day / 3_600_000, in_day / 60_000 % 60, in_day % 60_000);
    let weekday = ((days + 3).rem_euclid(7) + 1) as u8;
    Buf::new()
        .le16(rest as u16)
        .u8(minute as u8)
        .u8(hour as u8)
        .u8(weekday << 5 | day)
        .u8(month)
        .u8((year % 100) as u8)
        .done()
}

/// Year, month and day of a day number since 1970-01-01.
pub fn civil(days: i64) -> (i64, u8, u8) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month as u8, (doy - (153 * mp + 2) / 5 + 1) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(civil(20_514), (2026, 3, 2));
    }

    #[test]
    fn time_is_in_the_standards_fields() {
        // Monday 2 March 2026, 06:07:08.009
        let t = time((20_514 * 86_400 + 6 * 3600 + 7 * 60 + 8) * 1_000_000_000 + 9_000_000);
        assert_eq!(t, [0x49, 0x1f, 7, 6, 1 << 5 | 2, 3, 26]);
    }
}
