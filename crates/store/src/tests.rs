use crate::codec::{claim, claim_out, statement, statement_out};
use crate::{Error, Kept, KnownFile, Site};
use analysis::Judge;
use analysis::detections::facts;
use analysis::inventory::Statement;
use model::{Claim, Class, Host, Mac, NameKind, Role};
use std::path::PathBuf;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("bourdon-store-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("site.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const FACTS: &str = "\
at 0s evidence s7comm 10.0.0.9 model=\"CPU 315-2 PN/DP\" verified
at 1s evidence arp 10.0.0.9 same_as=00:1b:1b:00:00:01 stated
at 2s 10.0.0.5 -> 10.0.0.9:102 s7comm plc_stop class=mode
at 3s x5 every 1s 10.0.0.5 -> 10.0.0.9:102 s7comm read_var class=read
at 9s transfer s7comm 10.0.0.5 -> 10.0.0.9 download content=block name=OB1 size=10 sha256=aa
at 10s 10.0.0.5:4000 -> 10.0.0.9:9999 flow tcp frames=3/4 bytes=30/40
";

fn kept() -> Kept {
    let mut judge = Judge::default();
    for event in facts::parse(FACTS).unwrap() {
        judge.see(&event);
    }
    judge.finish();
    let file = KnownFile { name: "a.pcap".into(), size: 10, frames: 20 };
    Kept::of(&judge, [("ab".to_string(), file)].into(), 20)
}

fn assert_same(a: &Kept, b: &Kept) {
    assert!(a.inventory.snapshot().eq(b.inventory.snapshot()) && a.inventory.maps().eq(b.inventory.maps()));
    assert_eq!(a.alerts.len(), b.alerts.len());
    assert!(a.alerts.iter().all(|x| b.alerts.contains(x)));
    assert_eq!((&a.transfers, &a.unknown, &a.counts), (&b.transfers, &b.unknown, &b.counts));
    assert_eq!((&a.files, a.frames, a.span), (&b.files, b.frames, b.span));
    let rows = |k: &Kept| k.conversations.iter().map(crate::rows::conversation_out).collect::<Vec<_>>();
    assert_eq!(rows(a), rows(b));
}

#[test]
fn what_is_written_is_read_again() {
    let folder = Folder::new("again");
    let before = kept();
    assert!(!before.alerts.is_empty() && !before.conversations.is_empty() && !before.transfers.is_empty());
    Site::open(&folder.file()).unwrap().save(&before).unwrap();
    assert_same(&before, &Site::open(&folder.file()).unwrap().load().unwrap());
}

#[test]
fn a_run_that_dies_changes_nothing() {
    let folder = Folder::new("dies");
    Site::open(&folder.file()).unwrap().save(&kept()).unwrap();
    let site = Site::open(&folder.file()).unwrap();
    site.write(&Kept::default()).unwrap();
    drop(site);
    assert_same(&kept(), &Site::open(&folder.file()).unwrap().load().unwrap());
}

#[test]
fn a_full_disk_changes_nothing_and_is_said() {
    let folder = Folder::new("full");
    Site::open(&folder.file()).unwrap().save(&kept()).unwrap();
    let site = Site::open(&folder.file()).unwrap();
    let pages: i64 = site.connection().query_row("PRAGMA page_count", [], |r| r.get(0)).unwrap();
    site.connection().query_row(&format!("PRAGMA max_page_count = {pages}"), [], |r| r.get::<_, i64>(0)).unwrap();
    let mut large = kept();
    let transfer = large.transfers[0].clone();
    large.transfers = vec![transfer; 5_000];
    assert!(matches!(site.save(&large), Err(Error::Full)));
    assert_same(&kept(), &Site::open(&folder.file()).unwrap().load().unwrap());
}

#[test]
fn two_runs_at_once_are_told() {
    let folder = Folder::new("locked");
    let _first = Site::open(&folder.file()).unwrap();
    assert!(matches!(Site::open(&folder.file()), Err(Error::Locked)));
}

#[test]
fn newer_damaged_and_foreign_files_are_named() {
    let folder = Folder::new("wrong");
    std::fs::write(folder.file(), "this is no database, and long enough to be looked at as one".repeat(20)).unwrap();
    assert!(matches!(Site::open(&folder.file()), Err(Error::Corrupt(_))));
    std::fs::remove_file(folder.file()).unwrap();
    let other = rusqlite::Connection::open(folder.file()).unwrap();
    other.execute_batch("CREATE TABLE t (a)").unwrap();
    drop(other);
    assert!(matches!(Site::open(&folder.file()), Err(Error::Corrupt(_))));
    std::fs::remove_file(folder.file()).unwrap();
    Site::open(&folder.file()).unwrap().save(&kept()).unwrap();
    let later = rusqlite::Connection::open(folder.file()).unwrap();
    later.execute_batch("PRAGMA user_version = 999").unwrap();
    drop(later);
    assert!(matches!(Site::open(&folder.file()), Err(Error::Newer { found: 999, .. })));
    assert!(matches!(Site::open(&folder.0), Err(Error::Denied(_))));
}

#[test]
fn every_claim_and_statement_survives() {
    let mac = Mac([0, 1, 2, 3, 4, 5]);
    let text = "Ölpumpe \" '".to_string();
    let claims = [
        Claim::Vendor(text.clone()),
        Claim::VendorId { space: "enip", id: 1 },
        Claim::Model(text.clone()),
        Claim::ProductCode { space: "enip", vendor: 1, kind: 14, code: 55 },
        Claim::OrderNumber(text.clone()),
        Claim::Firmware(text.clone()),
        Claim::Software(text.clone()),
        Claim::Hardware(text.clone()),
        Claim::Serial(text.clone()),
        Claim::Os(text.clone()),
        Claim::Role(Role::Hmi),
        Claim::Description(text.clone()),
        Claim::Location(text.clone()),
        Claim::Contact(text.clone()),
        Claim::SameAs(mac.into()),
        Claim::SeenBehind(std::net::IpAddr::from([10, 0, 0, 1]).into()),
        Claim::Vlan(7),
        Claim::Mode(text.clone()),
        Claim::Service { transport: "tcp", port: 502, protocol: "modbus" },
        Claim::Port(text.clone()),
        Claim::Fingerprint { kind: "ja3", text: text.clone() },
        Claim::Protection(text.clone()),
    ];
    let names = NameKind::ALL.iter().map(|kind| Claim::Name(*kind, text.clone()));
    for one in claims.into_iter().chain(names) {
        assert_eq!(claim(&claim_out(&one)).unwrap(), one);
    }
    let host = Host::new(mac);
    let others = [
        Statement::Present,
        Statement::Speaks,
        Statement::Acts { class: Class::Write, on: host },
        Statement::Obeys { class: Class::Program },
        Statement::ReportsAbsent,
        Statement::Broadcast,
        Statement::Ttl { behind: Mac([2, 0, 0, 0, 0, 1]), ttl: 63 },
    ];
    for one in others {
        assert_eq!(statement(&statement_out(&one)).unwrap(), one);
    }
}
