//! The report in a real browser, where one is installed.

use crate::{Folder, MONDAY};
use std::path::Path;
use std::process::{Command, Output};
use testkit::plant::attacks::Scenario;

const PLACES: &[&str] = &["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

fn browse(browser: &str, folder: &Folder, arguments: &[&str]) -> Output {
    let profile = folder.path().join("profile");
    let _ = std::fs::remove_dir_all(&profile);
    Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .arg("--enable-logging=stderr")
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .unwrap()
}

#[test]
fn the_report_opens_offline_and_agrees_with_the_document() {
    let Some(browser) = PLACES.iter().find(|p| Path::new(p).exists()) else {
        eprintln!("skipped: no Chromium in {PLACES:?}");
        return;
    };
    let folder = Folder::new("browser");
    folder.plant("water.pcapng", MONDAY, 4, &Scenario::ALL);
    let document = folder.json(&["water.pcapng", "--report", "report.html"]);
    let report = format!("file://{}", folder.path().join("report.html").display());
    let net = format!("--log-net-log={}", folder.path().join("net.json").display());
    let out = browse(browser, &folder, &[&net, "--dump-dom", &report]);
    let (dom, said) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(dom.contains("</html>"), "the browser gave nothing: {said}");
    for trouble in ["CONSOLE", "Content Security Policy", "Uncaught"] {
        assert!(!said.contains(trouble), "{said}");
    }
    let log = std::fs::read_to_string(folder.path().join("net.json")).unwrap_or_default();
    assert!(log.contains("report.html") || !log.contains("\"url\""), "the log shows what was loaded");
    for line in log.lines().filter(|l| l.contains("\"url\":\"http")) {
        // the browser's own errands are none of the report's
        assert!(line.contains("google") || line.contains("gstatic"), "{line}");
    }
    // the script ran: headings became buttons, filters appeared
    assert!(dom.contains("type=\"search\"") && dom.contains("Sort by this column"));
    let rows = |caption: &str| {
        let table = dom.split(&format!("<caption>{caption}</caption>")).nth(1).unwrap();
        let body = table.split("<tbody>").nth(1).unwrap().split("</tbody>").next().unwrap();
        body.matches("<tr").count()
    };
    let many = |list: &str| document[list].as_array().unwrap().len();
    assert_eq!(rows("Devices"), many("assets"));
    assert_eq!(rows("All alerts"), many("alerts"));
    assert_eq!(rows("Conversations"), many("conversations"));
    assert_eq!(rows("Program transfers"), many("transfers"));
    let modules: usize =
        document["assets"].as_array().unwrap().iter().map(|a| a["modules"].as_array().unwrap().len()).sum();
    assert_eq!(rows("Modules"), modules);
    assert_eq!(dom.matches("<details id=\"d-").count(), many("assets"));

    browse(browser, &folder, &["--print-to-pdf=report.pdf", &report]);
    let pdf = std::fs::read(folder.path().join("report.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF") && pdf.len() > 20_000);
}
