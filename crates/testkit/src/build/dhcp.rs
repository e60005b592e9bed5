//! DHCP (RFC 2131, options RFC 2132).

use super::{Buf, Ip, Mac};

/// Message types (option 53).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A client looks for servers.
    Discover = 1,
    /// A server offers an address.
    Offer = 2,
    /// A client takes an offer, or renews.
    Request = 3,
    /// A server confirms.
    Ack = 5,
}

/// What a client tells about itself, and the lease.
#[derive(Clone, Debug)]
pub struct Lease<'a> {
    /// Transaction id.
    pub xid: u32,
    /// Hardware address of the client.
    pub mac: Mac,
    /// Host name (option 12).
    pub host: &'a str,
    /// Vendor class (option 60).
    pub class: &'a str,
    /// The address asked for or given.
    pub ip: Ip,
    /// The server.
    pub server: Ip,
    /// The router given to the client.
    pub router: Ip,
}

/// One message. Requests carry host name, vendor class and the parameter list; answers carry the lease.
pub fn message(kind: Kind, l: &Lease<'_>) -> Vec<u8> {
    let reply = matches!(kind, Kind::Offer | Kind::Ack);
    let zero = [0; 4];
    let mut b = Buf::new()
        .u8(if reply { 2 } else { 1 })
        .u8(1)
        .u8(6)
        .u8(0)
        .be32(l.xid)
        .be16(0)
        .be16(0)
        .put(&zero)
        .put(if reply { &l.ip } else { &zero })
        .put(if reply { &l.server } else { &zero })
        .put(&zero)
        .put(&l.mac)
        .zeros(10 + 64 + 128)
        .be32(0x6382_5363)
        .put(&[53, 1, kind as u8]);
    if reply {
        b = b.put(&[54, 4]).put(&l.server).put(&[51, 4]).be32(28_800);
        b = b.put(&[1, 4, 255, 255, 0, 0]).put(&[3, 4]).put(&l.router).put(&[6, 4]).put(&l.server);
    } else {
        b = b.put(&[61, 7, 1]).put(&l.mac).put(&[50, 4]).put(&l.ip);
        if kind == Kind::Request {
            b = b.put(&[54, 4]).put(&l.server);
        }
        b = b.put(&[12, l.host.len() as u8]).text(l.host).put(&[60, l.class.len() as u8]).text(l.class);
        b = b.put(&[55, 14, 1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252]);
    }
    let b = b.u8(255);
    let short = 300usize.saturating_sub(b.len());
    b.zeros(short).done()
}
