//! Bytes to TPDU. Stateless.
//!
//! ```text
//! | LI 1 | code and credit 1 | fixed part | parameters (code 1, length 1, value) … | user data |     (ISO 8073, 13.2)
//!   └ counts the header without itself
//! CR, CC: dst-ref 2, src-ref 2, class and options 1       DR: dst-ref 2, src-ref 2, reason 1
//! DT (class 0, 1): end mark and number 1                  ER: dst-ref 2, cause 1
//! ```

use wire::{Malformed, Read, Reader};

/// Which TPDU it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    ConnectionRequest,
    ConnectionConfirm,
    DisconnectRequest,
    DisconnectConfirm,
    Data,
    ExpeditedData,
    /// Acknowledgements and rejects of the higher classes.
    Acknowledgement,
    Error,
    /// Not a TPDU code of the standard.
    Other,
}

/// One TPDU.
#[derive(Clone, Copy, Debug)]
pub struct Tpdu<'a> {
    pub kind: Kind,
    /// Code without the credit bits.
    pub code: u8,
    /// Class and options of CR and CC, reason of DR, cause of ER.
    pub detail: u8,
    /// Source reference of CR, CC and DR; 0 in the refusal of a connection.
    pub source: u16,
    /// The last data TPDU of its TSDU.
    pub end: bool,
    pub calling: &'a [u8],
    pub called: &'a [u8],
    /// Largest TPDU in bytes; 0 where not said.
    pub size: u32,
    /// User data, and for CR and CC also a variable part that is no parameter list.
    pub user: &'a [u8],
    /// Where `user` begins.
    pub user_at: usize,
}

/// Reads a TPDU.
pub fn tpdu(bytes: &[u8]) -> Read<Tpdu<'_>> {
    let mut r = Reader::new(bytes);
    let indicator = r.u8("length indicator")?;
    if indicator == 255 || indicator == 0 {
        return Err(Malformed::invalid("length indicator", 0));
    }
    let mut head = r.sub(indicator.into(), "header")?;
    let first = head.u8("TPDU code")?;
    let kind = match first >> 4 {
        0xe => Kind::ConnectionRequest,
        0xd => Kind::ConnectionConfirm,
        0x8 if first == 0x80 => Kind::DisconnectRequest,
        0xc if first == 0xc0 => Kind::DisconnectConfirm,
        0xf if first & 0x0e == 0 => Kind::Data,
        0x1 if first == 0x10 => Kind::ExpeditedData,
        0x2 | 0x5 | 0x6 => Kind::Acknowledgement,
        0x7 if first == 0x70 => Kind::Error,
        _ => Kind::Other,
    };
    let mut tpdu = Tpdu {
        kind,
        code: first & 0xf0,
        detail: 0,
        source: 0,
        end: true,
        calling: &[],
        called: &[],
        size: 0,
        user: &[],
        user_at: r.offset(),
    };
    tpdu.user = r.peek();
    match kind {
        Kind::ConnectionRequest | Kind::ConnectionConfirm | Kind::DisconnectRequest => {
            head.skip(2, "destination reference")?;
            tpdu.source = head.be16("source reference")?;
            tpdu.detail = head.u8("class or reason")?;
            // parameter codes are 0x85 and above; Remote Desktop puts text or its own structure here
            if kind != Kind::DisconnectRequest && head.peek_u8().is_some_and(|code| code < 0x80) {
                tpdu.user_at = head.offset();
                tpdu.user = bytes.get(tpdu.user_at..).unwrap_or_default();
            } else {
                parameters(&mut head, &mut tpdu)?;
            }
        }
        Kind::Data | Kind::ExpeditedData => {
            // the higher classes name the connection first
            if indicator >= 4 {
                head.skip(2, "destination reference")?;
            }
            tpdu.end = head.u8("end mark")? & 0x80 != 0;
        }
        Kind::Error => {
            head.skip(2, "destination reference")?;
            tpdu.detail = head.u8("reject cause")?;
        }
        Kind::DisconnectConfirm | Kind::Acknowledgement | Kind::Other => {}
    }
    Ok(tpdu)
}

fn parameters<'a>(head: &mut Reader<'a>, tpdu: &mut Tpdu<'a>) -> Read<()> {
    while !head.is_empty() {
        let code = head.u8("parameter code")?;
        let length = head.u8("parameter length")?;
        let value = head.take(length.into(), "parameter value")?;
        match code {
            0xc0 => tpdu.size = value.first().filter(|n| **n < 32).map_or(0, |n| 1 << n),
            0xc1 => tpdu.calling = value,
            0xc2 => tpdu.called = value,
            // preferred maximum TPDU size, in units of 128 bytes
            0xf0 if value.len() <= 3 => {
                let units = value.iter().fold(0u32, |n, b| n << 8 | u32::from(*b));
                tpdu.size = units.saturating_mul(128);
            }
            _ => {}
        }
    }
    Ok(())
}
