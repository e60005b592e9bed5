//! Modbus/TCP (MODBUS Messaging on TCP/IP 1.0b, Application Protocol 1.1b3).

use super::Buf;

/// A protocol data unit in its TCP frame.
pub fn frame(transaction: u16, unit: u8, pdu: &[u8]) -> Vec<u8> {
    Buf::new().be16(transaction).be16(0).be16(pdu.len() as u16 + 1).u8(unit).put(pdu).done()
}

/// Reads of coils (1), discrete inputs (2), holding (3) or input registers (4).
pub fn read(function: u8, address: u16, count: u16) -> Vec<u8> {
    Buf::new().u8(function).be16(address).be16(count).done()
}

/// The answer of functions 3 and 4.
pub fn registers(function: u8, values: &[u16]) -> Vec<u8> {
    values.iter().fold(Buf::new().u8(function).u8(2 * values.len() as u8), |b, v| b.be16(*v)).done()
}

/// The answer of functions 1 and 2: one bit per value, lowest first.
pub fn bits(function: u8, values: &[bool]) -> Vec<u8> {
    let bytes: Vec<u8> =
        values.chunks(8).map(|c| c.iter().enumerate().fold(0, |b, (i, v)| b | u8::from(*v) << i)).collect();
    Buf::new().u8(function).u8(bytes.len() as u8).put(&bytes).done()
}

/// Write single coil (5); the answer is the same.
pub fn write_coil(address: u16, on: bool) -> Vec<u8> {
    Buf::new().u8(5).be16(address).be16(if on { 0xff00 } else { 0 }).done()
}

/// Write single register (6); the answer is the same.
pub fn write_register(address: u16, value: u16) -> Vec<u8> {
    Buf::new().u8(6).be16(address).be16(value).done()
}

/// Write multiple registers (16).
pub fn write_registers(address: u16, values: &[u16]) -> Vec<u8> {
    let n = values.len();
    let b = Buf::new().u8(16).be16(address).be16(n as u16).u8(2 * n as u8);
    values.iter().fold(b, |b, v| b.be16(*v)).done()
}

/// The answer to [`write_registers`].
pub fn written(address: u16, count: u16) -> Vec<u8> {
    Buf::new().u8(16).be16(address).be16(count).done()
}

/// An exception response.
pub fn exception(function: u8, code: u8) -> Vec<u8> {
    vec![function | 0x80, code]
}

/// Read device identification, basic stream (43/14).
pub fn identify() -> Vec<u8> {
    vec![0x2b, 0x0e, 1, 0]
}

/// Vendor name, product code and revision in answer to [`identify`].
pub fn identity(vendor: &str, product: &str, revision: &str) -> Vec<u8> {
    let objects = [vendor, product, revision];
    let b = Buf::new().put(&[0x2b, 0x0e, 1, 1, 0, 0, 3]);
    objects.iter().enumerate().fold(b, |b, (i, s)| b.u8(i as u8).u8(s.len() as u8).text(s)).done()
}
