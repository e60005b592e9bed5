//! Object identifiers, as they are encoded: names by prefix, text, single numbers.

use core::fmt;

/// Most octets of one number: five hold 32 bits.
const MAX_ARC: usize = 5;

macro_rules! names {
    ($($name:ident $bytes:literal $text:literal;)*) => {
        $(pub const $name: &[u8] = $bytes;)*

        /// Objects that have a name here, by their prefix.
        const NAMES: &[(&[u8], &str)] = &[$(($name, $text)),*];
    };
}

// 1.3.6.1 is 2b 06 01; numbers above 127 take two octets
names! {
    SYSTEM b"\x2b\x06\x01\x02\x01\x01" "system";
    SYS_DESCR b"\x2b\x06\x01\x02\x01\x01\x01" "sysDescr";
    SYS_OBJECT_ID b"\x2b\x06\x01\x02\x01\x01\x02" "sysObjectID";
    SYS_UP_TIME b"\x2b\x06\x01\x02\x01\x01\x03" "sysUpTime";
    SYS_CONTACT b"\x2b\x06\x01\x02\x01\x01\x04" "sysContact";
    SYS_NAME b"\x2b\x06\x01\x02\x01\x01\x05" "sysName";
    SYS_LOCATION b"\x2b\x06\x01\x02\x01\x01\x06" "sysLocation";
    SYS_SERVICES b"\x2b\x06\x01\x02\x01\x01\x07" "sysServices";
    IF_NUMBER b"\x2b\x06\x01\x02\x01\x02\x01" "ifNumber";
    IF_DESCR b"\x2b\x06\x01\x02\x01\x02\x02\x01\x02" "ifDescr";
    IF_TYPE b"\x2b\x06\x01\x02\x01\x02\x02\x01\x03" "ifType";
    IF_PHYS_ADDRESS b"\x2b\x06\x01\x02\x01\x02\x02\x01\x06" "ifPhysAddress";
    IF_ADMIN_STATUS b"\x2b\x06\x01\x02\x01\x02\x02\x01\x07" "ifAdminStatus";
    IF_OPER_STATUS b"\x2b\x06\x01\x02\x01\x02\x02\x01\x08" "ifOperStatus";
    IF_IN_OCTETS b"\x2b\x06\x01\x02\x01\x02\x02\x01\x0a" "ifInOctets";
    IF_OUT_OCTETS b"\x2b\x06\x01\x02\x01\x02\x02\x01\x10" "ifOutOctets";
    IP_NET_TO_MEDIA b"\x2b\x06\x01\x02\x01\x04\x16" "ipNetToMediaTable";
    IP_ROUTE b"\x2b\x06\x01\x02\x01\x04\x15" "ipRouteTable";
    UPS_MANUFACTURER b"\x2b\x06\x01\x02\x01\x21\x01\x01\x01" "upsIdentManufacturer";
    UPS_MODEL b"\x2b\x06\x01\x02\x01\x21\x01\x01\x02" "upsIdentModel";
    UPS_SOFTWARE b"\x2b\x06\x01\x02\x01\x21\x01\x01\x03" "upsIdentUPSSoftwareVersion";
    PRINTER_SERIAL b"\x2b\x06\x01\x02\x01\x2b\x05\x01\x01\x11" "prtGeneralSerialNumber";
    BRIDGE_ADDRESS b"\x2b\x06\x01\x02\x01\x11\x01\x01" "dot1dBaseBridgeAddress";
    FORWARDING b"\x2b\x06\x01\x02\x01\x11\x04\x03" "dot1dTpFdbTable";
    ENT_CLASS b"\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x05" "entPhysicalClass";
    ENT_HARDWARE b"\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x08" "entPhysicalHardwareRev";
    ENT_FIRMWARE b"\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x09" "entPhysicalFirmwareRev";
    ENT_SOFTWARE b"\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x0a" "entPhysicalSoftwareRev";
    ENT_SERIAL b"\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x0b" "entPhysicalSerialNum";
    ENT_MAKER b"\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x0c" "entPhysicalMfgName";
    ENT_MODEL b"\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x0d" "entPhysicalModelName";
    SNMP_TRAP_OID b"\x2b\x06\x01\x06\x03\x01\x01\x04\x01" "snmpTrapOID";
    // keys of users and communities: never shown
    USM b"\x2b\x06\x01\x06\x03\x0f" "snmpUsmMIB";
    COMMUNITIES b"\x2b\x06\x01\x06\x03\x12" "snmpCommunityMIB";
}

/// The traps every agent knows stand behind this (RFC 3418).
pub const SNMP_TRAPS: &[u8] = b"\x2b\x06\x01\x06\x03\x01\x01\x05";
/// Counters of why a message of version 3 was not processed (RFC 3414), with a number behind.
pub const USM_STATS: &[u8] = b"\x2b\x06\x01\x06\x03\x0f\x01\x01";
/// Makers stand behind this.
pub const ENTERPRISES: &[u8] = b"\x2b\x06\x01\x04\x01";

/// Every number is whole and has at most 32 bits.
pub fn is_sound(oid: &[u8]) -> bool {
    let ends = oid.last().is_some_and(|b| b & 0x80 == 0);
    ends && oid.split_inclusive(|b| b & 0x80 == 0).all(|arc| {
        arc.len() < MAX_ARC || (arc.len() == MAX_ARC && arc.first().is_some_and(|b| b & 0x7f < 0x10))
    })
}

/// The numbers; the first octet stands for two.
fn arcs(oid: &[u8]) -> impl Iterator<Item = u32> + '_ {
    oid.split_inclusive(|b| b & 0x80 == 0).map(|arc| arc.iter().fold(0u32, |n, b| n << 7 | u32::from(b & 0x7f)))
}

/// What follows a prefix.
pub fn behind<'a>(oid: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    oid.strip_prefix(prefix)
}

/// The only number behind a prefix.
pub fn index(oid: &[u8], prefix: &[u8]) -> Option<u32> {
    let mut rest = arcs(behind(oid, prefix)?);
    let first = rest.next()?;
    rest.next().is_none().then_some(first)
}

/// The first number behind a prefix.
pub fn first(oid: &[u8], prefix: &[u8]) -> Option<u32> {
    arcs(behind(oid, prefix)?).next()
}

/// The first `count` octet groups: the subtree of an object.
pub fn cut(oid: &[u8], count: usize) -> &[u8] {
    let len = oid.split_inclusive(|b| b & 0x80 == 0).take(count).map(<[u8]>::len).sum();
    oid.get(..len).unwrap_or(oid)
}

/// An object identifier for people: the name of the longest known prefix and the numbers behind it.
pub struct Shown<'a>(pub &'a [u8]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = NAMES.iter().filter(|(prefix, _)| self.0.starts_with(prefix)).max_by_key(|(prefix, _)| prefix.len());
        if let Some((prefix, name)) = named {
            f.write_str(name)?;
            return arcs(behind(self.0, prefix).unwrap_or_default()).try_for_each(|arc| write!(f, ".{arc}"));
        }
        Numbers(self.0).fmt(f)
    }
}

/// An object identifier as numbers alone.
pub struct Numbers<'a>(pub &'a [u8]);

impl fmt::Display for Numbers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut arcs = arcs(self.0);
        let Some(first) = arcs.next() else { return Ok(()) };
        let top = (first / 40).min(2);
        write!(f, "{top}.{}", first - top * 40)?;
        arcs.try_for_each(|arc| write!(f, ".{arc}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_numbers() {
        assert_eq!(Shown(b"\x2b\x06\x01\x02\x01\x01\x05\x00").to_string(), "sysName.0");
        assert_eq!(Shown(b"\x2b\x06\x01\x04\x01\x81\x78\x0e").to_string(), "1.3.6.1.4.1.248.14");
        assert_eq!(Numbers(b"\x86\x8d\x1f").to_string(), "2.99919");
        assert_eq!(first(b"\x2b\x06\x01\x04\x01\x81\x78\x0e", ENTERPRISES), Some(248));
        assert_eq!(index(b"\x2b\x06\x01\x02\x01\x01\x05\x00", SYS_NAME), Some(0));
        assert_eq!(cut(b"\x2b\x06\x01\x04\x01\x81\x78\x0e", 6), b"\x2b\x06\x01\x04\x01\x81\x78");
        assert!(is_sound(b"\x2b\x8f\xff\xff\xff\x7f"));
        assert!(!is_sound(b"\x2b\x90\x80\x80\x80\x00") && !is_sound(b"\x2b\x81") && !is_sound(b""));
    }
}
