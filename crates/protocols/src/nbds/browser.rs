//! Announcements of the browser service ([MS-BRWS] 2.2): a machine says what it is.

use crate::common::dns::NetbiosName;
use crate::{About, Kind, Output};
use model::{NameKind, Role};
use wire::Reader;

/// Bits of a server type ([MS-BRWS] 2.2.1, SV_TYPE_…) that tell a role or a system.
const SQL_SERVER: u32 = 0x4;
const DOMAIN_CONTROLLER: u32 = 0x8;
const BACKUP_DOMAIN_CONTROLLER: u32 = 0x10;
const TIME_SOURCE: u32 = 0x20;
const UNIX: u32 = 0x800;
const NT: u32 = 0x1000;
const WINDOWS_95: u32 = 0x40_0000;
const SERVER_NT: u32 = 0x8000;
const DOMAIN_ENUM: u32 = 0x8000_0000;

/// An announcement of a host, a local master or a domain.
#[derive(Clone, Copy, Debug)]
pub struct Announcement<'a> {
    /// Command.
    pub command: u8,
    /// Name of the machine (of the domain, in a domain announcement).
    pub name: &'a [u8],
    /// Version of the operating system.
    pub version: (u8, u8),
    /// What the machine is.
    pub kind: u32,
    /// Its description (the master, in a domain announcement).
    pub comment: &'a [u8],
}

/// Reads an announcement; `None` for other commands.
pub fn announcement(data: &[u8]) -> Option<Announcement<'_>> {
    let mut r = Reader::new(data);
    let command = r.u8("command").ok()?;
    if !matches!(command, 1 | 12 | 15) {
        return None;
    }
    r.skip(5, "update count and periodicity").ok()?;
    let name = r.take(16, "server name").ok()?.split(|b| *b == 0).next()?;
    let version = (r.u8("major version").ok()?, r.u8("minor version").ok()?);
    let kind = r.le32("server type").ok()?;
    let _ = r.skip(4, "browser version and signature");
    let comment = r.peek().split(|b| *b == 0).next().unwrap_or_default();
    Some(Announcement { command, name, version, kind, comment })
}

/// What it proves about its sender. `to` is whom it was sent to: a host announces itself to the master of its domain.
pub fn prove(told: &Announcement<'_>, to: NetbiosName, out: &mut Output) {
    if told.command == 12 || told.kind & DOMAIN_ENUM != 0 {
        // about the domain; the sender is its master on this link
        out.about(About::Sender).name(NameKind::Domain, told.name);
        return;
    }
    let (major, minor) = told.version;
    let mut about = out.about(About::Sender).name(NameKind::Host, told.name).description(told.comment);
    // Samba says which Windows it stands in for
    if told.kind & (NT | WINDOWS_95) != 0 && told.kind & UNIX == 0 {
        let edition = match told.kind {
            // only a server edition can be a controller
            kind if kind & (SERVER_NT | DOMAIN_CONTROLLER | BACKUP_DOMAIN_CONTROLLER) != 0 => " server",
            kind if kind & NT != 0 => "",
            _ => " 95",
        };
        about = about
            .implied()
            .formatted(Kind::Fingerprint("windows_version"), format_args!("{major}.{minor}{edition}"));
    }
    about = about.strength(model::Strength::Stated);
    let is = |bits: u32| told.kind & bits != 0;
    if is(DOMAIN_CONTROLLER | BACKUP_DOMAIN_CONTROLLER) {
        about = about.role(Role::DomainController);
    }
    if is(SQL_SERVER) {
        about = about.role(Role::Database);
    }
    if is(TIME_SOURCE) {
        about = about.role(Role::TimeServer);
    }
    if is(SERVER_NT) {
        about = about.role(Role::Server);
    } else if is(NT) && !is(UNIX) {
        about = about.role(Role::Workstation);
    }
    if matches!(to.suffix, 0x1d | 0x1e) {
        about.implied().name(NameKind::Domain, to.text());
    }
}
