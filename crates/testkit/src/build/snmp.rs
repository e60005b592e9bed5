//! SNMP version 2c (RFC 3416) in BER; the BER helper serves the other ASN.1 builders too.

use super::Buf;

/// One BER element: tag, length, content.
pub fn ber(tag: u8, content: &[u8]) -> Vec<u8> {
    let b = Buf(Vec::with_capacity(content.len() + 4)).u8(tag);
    let b = match content.len() {
        n @ 0..=127 => b.u8(n as u8),
        n @ 128..=255 => b.u8(0x81).u8(n as u8),
        n => b.u8(0x82).be16(n as u16),
    };
    b.put(content).done()
}

/// A constructed element around `parts`.
pub fn ber_of(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    ber(tag, &parts.concat())
}

/// A non-negative integer under `tag`, shortest form.
pub fn ber_unsigned(tag: u8, v: u32) -> Vec<u8> {
    let bytes = Buf::new().u8(0).be32(v).done();
    let start = (0..4).find(|&i| bytes[i] != 0 || bytes[i + 1] & 0x80 != 0).unwrap_or(4);
    ber(tag, &bytes[start..])
}

/// An object identifier.
pub fn ber_oid(arcs: &[u32]) -> Vec<u8> {
    let mut out = vec![(arcs[0] * 40 + arcs[1]) as u8];
    for &arc in &arcs[2..] {
        let groups = (0..5).rev().map(|i| (arc >> (7 * i) & 0x7f) as u8).skip_while(|&g| g == 0);
        let mut groups: Vec<u8> = groups.collect();
        if groups.is_empty() {
            groups.push(0);
        }
        let last = groups.len() - 1;
        out.extend(groups.iter().enumerate().map(|(i, g)| if i == last { *g } else { g | 0x80 }));
    }
    ber(6, &out)
}

/// A variable's value.
#[derive(Clone, Debug)]
pub enum Value {
    /// Not given: what a request carries.
    Null,
    /// An octet string.
    Text(String),
    /// An object identifier.
    Oid(Vec<u32>),
    /// Counter32.
    Counter(u32),
    /// TimeTicks, in hundredths of a second.
    Ticks(u32),
}

/// system group: description, object id, up time, name.
pub const SYS_DESCR: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 1, 0];
/// sysObjectID.0
pub const SYS_OBJECT_ID: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 2, 0];
/// sysUpTime.0
pub const SYS_UP_TIME: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 3, 0];
/// sysName.0
pub const SYS_NAME: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 5, 0];
/// ifInOctets.1
pub const IF_IN_OCTETS: &[u32] = &[1, 3, 6, 1, 2, 1, 2, 2, 1, 10, 1];

/// A message: a get request, or its response.
pub fn message(response: bool, community: &str, request: u32, variables: &[(&[u32], Value)]) -> Vec<u8> {
    let list: Vec<Vec<u8>> = variables
        .iter()
        .map(|(oid, value)| {
            let value = match value {
                Value::Null => ber(5, &[]),
                Value::Text(s) => ber(4, s.as_bytes()),
                Value::Oid(arcs) => ber_oid(arcs),
                Value::Counter(v) => ber_unsigned(0x41, *v),
                Value::Ticks(v) => ber_unsigned(0x43, *v),
            };
            ber_of(0x30, &[ber_oid(oid), value])
        })
        .collect();
    let pdu = ber_of(
        if response { 0xa2 } else { 0xa0 },
        &[ber_unsigned(2, request), ber_unsigned(2, 0), ber_unsigned(2, 0), ber_of(0x30, &list)],
    );
    ber_of(0x30, &[ber_unsigned(2, 1), ber(4, community.as_bytes()), pdu])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_their_shortest_form() {
        assert_eq!(ber_unsigned(2, 0), [2, 1, 0]);
        assert_eq!(ber_unsigned(2, 127), [2, 1, 127]);
        assert_eq!(ber_unsigned(2, 128), [2, 2, 0, 128]);
        assert_eq!(ber_unsigned(2, u32::MAX), [2, 5, 0, 255, 255, 255, 255]);
    }

    #[test]
    fn long_arcs_take_several_groups() {
        assert_eq!(ber_oid(&[1, 2, 840, 113_549]), [6, 6, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d]);
    }

    #[test]
    fn long_contents_say_their_length_in_more_bytes() {
        assert_eq!(ber(4, &[0; 200])[..3], [4, 0x81, 200]);
        assert_eq!(ber(4, &[0; 300])[..4], [4, 0x82, 1, 44]);
    }
}
