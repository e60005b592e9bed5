//! Bytes to message. Stateless.
//!
//! ```text
//! | 0x32 | ROSCTR 1 | redundancy id 2 | PDU reference 2 | parameter length 2 | data length 2 |
//! | ack and ack_data only: error class 1, error code 1 | parameter … | data … |
//! userdata parameter: | 00 01 12 | length 1 | method 1 | type and group 1 | subfunction 1 | sequence number 1 |
//!                     | responses: data unit reference 1, last data unit 1, error code 2 |
//! userdata data:      | return code 1 | transport size 1 | length 2 | payload … |
//! ```

use wire::{Malformed, Read, Reader};

/// Remote operating service control: what kind of message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rosctr {
    Job,
    Ack,
    AckData,
    Userdata,
}

/// One message.
#[derive(Clone, Copy, Debug)]
pub struct Pdu<'a> {
    pub rosctr: Rosctr,
    pub reference: u16,
    /// Error class and code of an acknowledgement; 0 is none.
    pub error: u16,
    pub parameter: &'a [u8],
    pub data: &'a [u8],
    /// Where parameter and data begin in the message.
    pub parameter_at: usize,
    pub data_at: usize,
    /// Bytes behind what the lengths say.
    pub trailing: usize,
}

/// Reads a message.
pub fn pdu(bytes: &[u8]) -> Read<Pdu<'_>> {
    let mut r = Reader::new(bytes);
    if r.u8("protocol id")? != 0x32 {
        return Err(Malformed::invalid("protocol id", 0));
    }
    let rosctr = match r.u8("ROSCTR")? {
        1 => Rosctr::Job,
        2 => Rosctr::Ack,
        3 => Rosctr::AckData,
        7 => Rosctr::Userdata,
        _ => return Err(Malformed::invalid("ROSCTR", 1)),
    };
    r.skip(2, "redundancy identification")?;
    let reference = r.be16("PDU reference")?;
    let parameter_length = r.be16("parameter length")?;
    let data_length = r.be16("data length")?;
    let error = match rosctr {
        Rosctr::Ack | Rosctr::AckData => r.be16("error class and code")?,
        _ => 0,
    };
    let parameter_at = r.offset();
    let parameter = r.take(parameter_length.into(), "parameter")?;
    let data_at = r.offset();
    let data = r.take(data_length.into(), "data")?;
    Ok(Pdu { rosctr, reference, error, parameter, data, parameter_at, data_at, trailing: r.left() })
}

/// What the type of a userdata message says about its direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Sent without being asked for.
    Push,
    Request,
    Response,
}

/// The parameter of a userdata message, and the head of its data.
#[derive(Clone, Copy, Debug)]
pub struct Userdata<'a> {
    pub way: Way,
    pub group: u8,
    pub subfunction: u8,
    pub sequence: u8,
    /// Data unit reference; 0 without.
    pub unit: u8,
    /// More data units of the same answer follow.
    pub more: bool,
    pub error: u16,
    pub return_code: u8,
    pub payload: &'a [u8],
    pub payload_at: usize,
}

/// Reads parameter and data of a userdata message.
pub fn userdata<'a>(pdu: &Pdu<'a>) -> Read<Userdata<'a>> {
    let mut r = Reader::new(pdu.parameter);
    let head = r.be24("parameter head")?;
    let length = r.u8("parameter length")?;
    // mode transitions have a head of their own and end with the sequence number
    let length = match head {
        0x000112 => length,
        0x010010 => 4,
        _ => return Err(Malformed::invalid("parameter head", pdu.parameter_at)),
    };
    r.skip(1, "method")?;
    let kind = r.u8("type and function group")?;
    let way = match kind >> 4 {
        0 | 3 => Way::Push,
        4 | 7 => Way::Request,
        8 | 11 => Way::Response,
        _ => return Err(Malformed::invalid("type", pdu.parameter_at + 5)),
    };
    let subfunction = r.u8("subfunction")?;
    let sequence = r.u8("sequence number")?;
    let (unit, more, error) = match length {
        8.. => (r.u8("data unit reference")?, r.u8("last data unit")? != 0, r.be16("error code")?),
        _ => (0, false, 0),
    };
    let mut d = Reader::new(pdu.data);
    let (mut return_code, mut payload) = (0xff, &[][..]);
    if !d.is_empty() {
        return_code = d.u8("return code")?;
        d.skip(1, "transport size")?;
        let length = d.be16("data length")?;
        payload = d.take(length.into(), "payload")?;
    }
    let payload_at = pdu.data_at + 4;
    Ok(Userdata { way, group: kind & 0x0f, subfunction, sequence, unit, more, error, return_code, payload, payload_at })
}

/// One entry of a data part: return code, transport size, bytes.
#[derive(Clone, Copy, Debug)]
pub struct DataItem<'a> {
    pub return_code: u8,
    pub size: u8,
    pub bytes: &'a [u8],
}

/// Reads one entry of a data part. Lengths of transport sizes 3 to 5 count bits; entries are filled up to an even
/// number of bytes except the last.
pub fn data_item<'a>(r: &mut Reader<'a>) -> Read<DataItem<'a>> {
    let return_code = r.u8("return code")?;
    let size = r.u8("transport size")?;
    let length = usize::from(r.be16("data length")?);
    let length = match return_code {
        0xff | 0x00 if (3..=5).contains(&size) => length.div_ceil(8),
        0xff | 0x00 => length,
        // behind an error stands no data, whatever the length says
        _ => 0,
    };
    let bytes = r.take(length, "item data")?;
    if length % 2 == 1 && !r.is_empty() {
        r.skip(1, "fill byte")?;
    }
    Ok(DataItem { return_code, size, bytes })
}

/// A date and time in binary coded decimals: year of the century, month, day, hour, minute, second, milliseconds and
/// day of the week in the last two bytes. Years below 90 belong to this century (DATE_AND_TIME, IEC 61131-3 of
/// SIMATIC). Nanoseconds since 1970 in the controller's own time zone.
pub fn date_and_time(bytes: &[u8]) -> Option<model::Time> {
    let [year, month, day, hour, minute, second, high, low] = *bytes.first_chunk::<8>()?;
    let bcd = |b: u8| (b >> 4 <= 9 && b & 15 <= 9).then(|| i64::from(b >> 4) * 10 + i64::from(b & 15));
    let year = bcd(year)?;
    let year = if year < 90 { 2000 + year } else { 1900 + year };
    let (month, day) = (bcd(month)?, bcd(day)?);
    let (hour, minute, second) = (bcd(hour)?, bcd(minute)?, bcd(second)?);
    let millisecond = bcd(high)? * 10 + i64::from(low >> 4).min(9);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    Some(model::Time(seconds * model::Time::SECOND + millisecond * model::Time::MILLISECOND))
}

/// Days from 1970-01-01 to a Gregorian date.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// A block's time stamp: milliseconds since midnight and days since 1984-01-01.
pub fn block_time(r: &mut Reader<'_>) -> Read<model::Time> {
    let milliseconds = i64::from(r.be32("milliseconds")?);
    let since = i64::from(r.be16("days")?);
    let seconds = (since + days(1984, 1, 1)) * 86_400;
    Ok(model::Time(seconds * model::Time::SECOND + milliseconds * model::Time::MILLISECOND))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_of_the_controller() {
        let time = date_and_time(&[0x26, 0x11, 0x24, 0x00, 0x15, 0x30, 0x12, 0x34]).map(|t| t.to_string());
        assert_eq!(time.as_deref(), Some("2026-11-24T00:15:30.123000000Z"));
        assert!(date_and_time(&[0x26, 0x13, 0x24, 0, 0, 0, 0, 0]).is_none());
        assert!(date_and_time(&[0x2a; 8]).is_none());
    }

    #[test]
    fn lengths_are_believed_only_inside_the_message() {
        assert!(pdu(&[0x32, 1, 0, 0, 0, 1, 0, 8, 0, 0, 0xf0]).is_err_and(|e| e.is_truncated()));
        assert!(pdu(&[0x32, 9, 0, 0, 0, 1, 0, 0, 0, 0]).is_err_and(|e| !e.is_truncated()));
        let ok = pdu(&[0x32, 2, 0, 0, 6, 0, 0, 0, 0, 0, 0xd2, 0x41]);
        assert!(ok.is_ok_and(|p| p.error == 0xd241 && p.reference == 0x600 && p.trailing == 0));
    }
}
