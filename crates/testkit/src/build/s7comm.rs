//! S7 communication of Siemens S7-300/400 and compatible access to S7-1200/1500, over TPKT (RFC 1006) and COTP
//! (ISO 8073). No public specification; layouts as seen in public captures.

use super::Buf;

fn tpkt(body: &[u8]) -> Vec<u8> {
    Buf::new().be16(0x0300).be16(4 + body.len() as u16).put(body).done()
}

fn data(s7: &[u8]) -> Vec<u8> {
    tpkt(&Buf::new().put(&[2, 0xf0, 0x80]).put(s7).0)
}

/// COTP connection request to rack 0, `slot`.
pub fn connect(slot: u8) -> Vec<u8> {
    tpkt(&[17, 0xe0, 0, 0, 0, 1, 0, 0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, slot])
}

/// COTP connection confirm.
pub fn connected(slot: u8) -> Vec<u8> {
    tpkt(&[17, 0xd0, 0, 1, 0, 0x44, 0, 0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, slot])
}

fn job(reference: u16, parameters: &[u8], payload: &[u8]) -> Vec<u8> {
    let b = Buf::new().u8(0x32).u8(1).be16(0).be16(reference).be16(parameters.len() as u16);
    data(&b.be16(payload.len() as u16).put(parameters).put(payload).0)
}

fn done(reference: u16, parameters: &[u8], payload: &[u8]) -> Vec<u8> {
    let b = Buf::new().u8(0x32).u8(3).be16(0).be16(reference).be16(parameters.len() as u16);
    data(&b.be16(payload.len() as u16).be16(0).put(parameters).put(payload).0)
}

/// Setup communication with the PDU size wished for.
pub fn setup(reference: u16, pdu: u16) -> Vec<u8> {
    job(reference, &Buf::new().put(&[0xf0, 0, 0, 1, 0, 1]).be16(pdu).0, &[])
}

/// The controller's answer to [`setup`].
pub fn set_up(reference: u16, pdu: u16) -> Vec<u8> {
    done(reference, &Buf::new().put(&[0xf0, 0, 0, 1, 0, 1]).be16(pdu).0, &[])
}

/// A byte range of a data block.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// Data block number.
    pub block: u16,
    /// First byte.
    pub start: u32,
    /// Bytes.
    pub len: u16,
}

fn item(r: Range) -> Vec<u8> {
    Buf::new().put(&[0x12, 10, 0x10, 2]).be16(r.len).be16(r.block).u8(0x84).be24(r.start * 8).done()
}

/// Read var.
pub fn read(reference: u16, ranges: &[Range]) -> Vec<u8> {
    let items: Vec<u8> = ranges.iter().flat_map(|r| item(*r)).collect();
    job(reference, &Buf::new().u8(4).u8(ranges.len() as u8).put(&items).0, &[])
}

/// The values read, one per range.
pub fn values(reference: u16, values: &[Vec<u8>]) -> Vec<u8> {
    let last = values.len().saturating_sub(1);
    let payload = values.iter().enumerate().fold(Buf::new(), |b, (i, v)| {
        let padding = if i == last { 0 } else { v.len() % 2 };
        b.u8(0xff).u8(4).be16(v.len() as u16 * 8).put(v).zeros(padding)
    });
    done(reference, &[4, values.len() as u8], &payload.0)
}

/// Write var of one range.
pub fn write(reference: u16, block: u16, start: u32, value: &[u8]) -> Vec<u8> {
    let range = Range { block, start, len: value.len() as u16 };
    let payload = Buf::new().u8(0).u8(4).be16(value.len() as u16 * 8).put(value);
    job(reference, &Buf::new().u8(5).u8(1).put(&item(range)).0, &payload.0)
}

/// Written.
pub fn written(reference: u16) -> Vec<u8> {
    done(reference, &[5, 1], &[0xff])
}

/// PLC stop.
pub fn stop(reference: u16) -> Vec<u8> {
    job(reference, &Buf::new().put(&[0x29, 0, 0, 0, 0, 0, 9]).text("P_PROGRAM").0, &[])
}

/// The answer to [`stop`].
pub fn stopped(reference: u16) -> Vec<u8> {
    done(reference, &[0x29], &[])
}

/// PLC start (warm restart).
pub fn start(reference: u16) -> Vec<u8> {
    job(reference, &Buf::new().put(&[0x28, 0, 0, 0, 0, 0, 0, 0xfd, 0, 0, 9]).text("P_PROGRAM").0, &[])
}

/// The answer to [`start`] and [`insert`].
pub fn started(reference: u16) -> Vec<u8> {
    done(reference, &[0x28], &[])
}

fn user(reference: u16, parameters: &[u8], payload: &[u8]) -> Vec<u8> {
    let b = Buf::new().u8(0x32).u8(7).be16(0).be16(reference).be16(parameters.len() as u16);
    data(&b.be16(payload.len() as u16).put(parameters).put(payload).0)
}

/// Reads a system status list, e.g. 0x0011 module identification, 0x001c component identification.
pub fn read_szl(reference: u16, id: u16, index: u16) -> Vec<u8> {
    let payload = Buf::new().u8(0xff).u8(9).be16(4).be16(id).be16(index);
    user(reference, &[0, 1, 0x12, 4, 0x11, 0x44, 1, 0], &payload.0)
}

/// The list read: entries of one length.
pub fn szl(reference: u16, id: u16, index: u16, entries: &[Vec<u8>]) -> Vec<u8> {
    let len = entries.first().map_or(0, Vec::len);
    let list = Buf::new().be16(id).be16(index).be16(len as u16).be16(entries.len() as u16).put(&entries.concat());
    let payload = Buf::new().u8(0xff).u8(9).be16(list.len() as u16).put(&list.0);
    user(reference, &[0, 1, 0x12, 8, 0x12, 0x84, 1, 1, 0, 0, 0, 0], &payload.0)
}

/// Entries of list 0x0011: module and firmware order numbers with version.
pub fn module_identification(order: &str, firmware: [u8; 3]) -> Vec<Vec<u8>> {
    let entry =
        |index: u16, version: &[u8]| Buf::new().be16(index).fixed(order, 20, b' ').be16(0xc0).put(version).done();
    vec![entry(1, &[0, 4, 0, 1]), entry(6, &[0, 4, 0, 1]), entry(7, &[b'V', firmware[0], firmware[1], firmware[2]])]
}

/// Entries of list 0x001c: station, module, serial number and module type names.
pub fn component_identification(station: &str, module: &str, serial: &str, kind: &str) -> Vec<Vec<u8>> {
    let entry = |index: u16, text: &str| Buf::new().be16(index).fixed(text, 32, 0).done();
    vec![
        entry(1, station),
        entry(2, module),
        entry(3, ""),
        entry(4, "Original Siemens Equipment"),
        entry(5, serial),
        entry(7, kind),
    ]
}

/// A block's file name: type (`8` OB, `A` DB, `C` FC, `E` FB), number, passive file system.
pub fn block_name(kind: char, number: u16) -> String {
    format!("_0{kind}{number:05}P")
}

/// Request download of a block: load memory and code length in bytes.
pub fn request_download(reference: u16, name: &str, load: u32, code: u32) -> Vec<u8> {
    let b = Buf::new().put(&[0x1a, 0, 1, 0, 0, 0, 0, 0, name.len() as u8]).text(name);
    job(reference, &b.u8(13).text(&format!("1{load:06}{code:06}")).0, &[])
}

/// An empty acknowledgement of `function`: 0x1a download requested, 0x1c download ended.
pub fn acknowledged(reference: u16, function: u8) -> Vec<u8> {
    done(reference, &[function], &[])
}

/// The controller asks for the next piece (0x1b), or says that it has all (0x1c).
pub fn fetch(reference: u16, function: u8, name: &str) -> Vec<u8> {
    job(reference, &Buf::new().put(&[function, 0, 0, 0, 0, 0, 0, 0, name.len() as u8]).text(name).0, &[])
}

/// The piece asked for; `more` says whether another follows.
pub fn piece(reference: u16, more: bool, bytes: &[u8]) -> Vec<u8> {
    done(reference, &[0x1b, u8::from(more)], &Buf::new().be16(bytes.len() as u16).u8(0).u8(0xfb).put(bytes).0)
}

/// Inserts a downloaded block (program invocation `_INSE`); `name` as from [`block_name`].
pub fn insert(reference: u16, name: &str) -> Vec<u8> {
    let b = Buf::new().put(&[0x28, 0, 0, 0, 0, 0, 0, 0xfd]).be16(10).u8(1).u8(0).text(&name[1..]);
    job(reference, &b.u8(5).text("_INSE").0, &[])
}

/// Load memory image of a block: header with type, language and length, then `code`.
pub fn block(kind: u8, number: u16, code: &[u8]) -> Vec<u8> {
    let total = 36 + code.len() as u32;
    Buf::new()
        .put(&[0x70, 0x70, 1, 1, 1, kind])
        .be16(number)
        .be32(total)
        .be32(0)
        .put(&[2, 0x39, 0x5e, 0xf1, 0x2d, 0x70])
        .put(&[3, 0xa1, 0xe3, 0xd9, 0x21, 0xa7])
        .be16(0)
        .be16(0)
        .be16(0)
        .be16(code.len() as u16)
        .put(code)
        .done()
}
