//! The inventory: table, sheets, modules, units.

use super::table::{self, Column};
use super::text::{self, words};
use crate::inventory::{Asset, Attribute, Judgement};
use crate::reports::html::Html;
use crate::reports::{Matter, moment, number};

/// Devices in the table and with a sheet.
const MAX_DEVICES: usize = 5_000;
/// Bytes of sheets; later devices stand in the table only.
const MAX_SHEET_BYTES: usize = 3_500_000;
/// Modules and units listed.
const MAX_PARTS: usize = 4_000;
/// Addresses and services shown per device.
const MAX_NAMED: usize = 8;

fn value(a: &Option<Attribute>) -> &str {
    a.as_ref().map_or("", |a| a.value.as_str())
}

fn judged(j: &Option<Judgement>) -> String {
    j.as_ref().map_or("unknown".to_string(), |j| words(&j.value))
}

fn addresses(asset: &Asset) -> Vec<String> {
    let all = asset.addresses.iter().chain(&asset.macs).map(|u| u.address.to_string());
    all.filter(|a| *a != asset.name).collect()
}

fn some(list: &[String]) -> String {
    let shown = list.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>().join(", ");
    match list.len().saturating_sub(MAX_NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// By address, as people look for a device; those without one after the others, the outside last.
fn in_order(assets: &[Asset]) -> Vec<&Asset> {
    let mut order: Vec<&Asset> = assets.iter().collect();
    order.sort_by_key(|a| {
        let ip = a.addresses.iter().filter_map(|u| u.address.ip()).min();
        let behind = a.subjects.first().map(|s| (s.host, s.path));
        (a.external, ip.is_none() && behind.is_none(), ip.or(behind.and_then(|(h, _)| h.address.ip())), behind, a.id)
    });
    order
}

/// The table of devices, then modules and units.
pub fn inventory(matter: &Matter<'_>, h: &mut Html) {
    h.p(text::DEVICES);
    use Column::{Number, Pick, Text};
    let columns = [
        Text("Device"),
        Pick("Level"),
        Pick("Type"),
        Pick("Vendor"),
        Text("Model"),
        Text("Firmware"),
        Text("Serial"),
        Text("Protocols"),
        Number("Modules"),
        Text("Last seen (UTC)"),
    ];
    table::open(h, "Devices", &columns);
    for asset in in_order(matter.assets).into_iter().take(MAX_DEVICES) {
        h.raw("<tr><td>").el("a", &[("href", &format!("#d-{}", asset.id))], &asset.name);
        let mut under = addresses(asset);
        if asset.external {
            under = vec![format!("{} addresses outside", number(asset.external_addresses))];
        }
        if !under.is_empty() {
            h.el("small", &[], &some(&under));
        }
        h.raw("</td>");
        table::cell(h, asset.level.as_ref().map_or("", |l| l.value.as_str()));
        table::cell(h, &judged(&asset.device_type));
        table::cell(h, value(&asset.vendor));
        match (&asset.model, asset.order_number_beside_model()) {
            (Some(model), Some(order)) => {
                h.raw("<td>").text(&model.value).el("small", &[], &order.value).raw("</td>");
            }
            (Some(_), None) => table::cell(h, value(&asset.model)),
            (None, _) => table::cell(h, value(&asset.order_number)),
        }
        table::cell(h, value(&asset.firmware));
        table::cell(h, value(&asset.serial));
        table::cell(h, &asset.protocols.join(", "));
        match asset.modules.len() {
            0 => h.raw("<td class=\"num\"></td>"),
            n => h.el("td", &[("class", "num")], &n.to_string()),
        };
        table::cell(h, &moment(asset.last.time));
        h.raw("</tr>\n");
    }
    table::close(h, matter.assets.len().saturating_sub(MAX_DEVICES));
    modules(matter, h);
    units(matter, h);
}

fn modules(matter: &Matter<'_>, h: &mut Html) {
    let total: usize = matter.assets.iter().map(|a| a.modules.len()).sum();
    h.raw("<h3>Modules</h3>\n");
    if total == 0 {
        h.p("No device named modules in a rack.");
        return;
    }
    use Column::{Number, Pick, Text};
    let columns = [
        Text("Device"),
        Number("Rack"),
        Number("Slot"),
        Pick("Vendor"),
        Text("Name or model"),
        Text("Order number"),
        Text("Firmware"),
        Text("Serial"),
    ];
    table::open(h, "Modules", &columns);
    let all = in_order(matter.assets).into_iter().flat_map(|a| a.modules.iter().map(move |m| (a, m)));
    for (asset, m) in all.take(MAX_PARTS) {
        h.raw("<tr>");
        table::cell(h, &asset.name);
        table::count(h, m.rack.into());
        table::count(h, m.slot.into());
        table::cell(h, value(&m.vendor));
        let model = if m.model.is_some() { value(&m.model) } else { value(&m.name) };
        for text in [model, value(&m.order_number), value(&m.firmware), value(&m.serial)] {
            table::cell(h, text);
        }
        h.raw("</tr>\n");
    }
    table::close(h, total.saturating_sub(MAX_PARTS));
}

fn units(matter: &Matter<'_>, h: &mut Html) {
    let total: usize = matter.assets.iter().map(|a| a.units.len()).sum();
    h.raw("<h3>Units behind addresses</h3>\n");
    if total == 0 {
        h.p("No units behind gateways were addressed.");
        return;
    }
    use Column::{Number, Text};
    let columns = [Text("Device"), Number("Unit"), Text("Way"), Text("A device of its own"), Text("Why")];
    table::open(h, "Units behind addresses", &columns);
    let all = in_order(matter.assets).into_iter().flat_map(|a| a.units.iter().map(move |u| (a, u)));
    for (asset, unit) in all.take(MAX_PARTS) {
        h.raw("<tr>");
        table::cell(h, &asset.name);
        table::count(h, unit.number.into());
        table::cell(h, &unit.path.to_string());
        match unit.asset.filter(|id| *id != asset.id) {
            Some(id) => h.raw("<td>").el("a", &[("href", &format!("#d-{id}"))], "yes").raw("</td>"),
            None => h.raw("<td>no</td>"),
        };
        table::cell(h, &unit.reason.text());
        h.raw("</tr>\n");
    }
    table::close(h, total.saturating_sub(MAX_PARTS));
}

/// What is known of each device and why.
pub fn sheets(matter: &Matter<'_>, h: &mut Html) {
    h.el("p", &[("class", "paper")], text::SHEETS_ON_PAPER);
    h.raw("<div class=\"screen\">").p(text::SHEETS);
    let begin = h.len();
    let mut shown = 0;
    for asset in in_order(matter.assets).into_iter().take(MAX_DEVICES) {
        if h.len() - begin > MAX_SHEET_BYTES {
            break;
        }
        sheet(asset, h);
        shown += 1;
    }
    if shown < matter.assets.len() {
        let more = number((matter.assets.len() - shown) as u64);
        h.p(&format!("{more} more devices: see the JSON document (bourdon analyze --json)."));
    }
    h.raw("</div>\n");
}

fn sheet(asset: &Asset, h: &mut Html) {
    h.open("details", &[("id", &format!("d-{}", asset.id))]);
    h.raw("<summary>").text(&asset.name);
    h.el("small", &[], &some(&addresses(asset))).raw("</summary><table class=\"facts\"><tbody>\n");
    for use_ in asset.addresses.iter().chain(&asset.macs).take(MAX_NAMED) {
        let shown = format!("{} to {} UTC", moment(use_.first), moment(use_.last));
        row(h, "address", &use_.address.to_string(), &format!("{shown}; {}", use_.reason.text()));
        if !use_.contested_by.is_empty() {
            let others: Vec<String> = use_.contested_by.iter().map(ToString::to_string).collect();
            row(h, "also used by", &others.join(", "), "at the same time");
        }
    }
    for (name, judgement) in [("type", &asset.device_type), ("level", &asset.level)] {
        if let Some(j) = judgement {
            let reasons: Vec<String> = j.reasons.iter().map(|r| r.text()).collect();
            row(h, name, &words(&j.value), &format!("{}: {}", j.strength, reasons.join("; ")));
        }
    }
    for (name, attribute) in attributes(asset) {
        if let Some(a) = attribute {
            row(h, name, &a.value, &why(a));
        }
    }
    for (name, list) in [("user", &asset.users), ("protection", &asset.protection)] {
        for a in list.iter().take(MAX_NAMED) {
            row(h, name, &a.value, &why(a));
        }
    }
    if !asset.vlans.is_empty() {
        let vlans: Vec<String> = asset.vlans.iter().map(ToString::to_string).collect();
        row(h, "VLAN", &some(&vlans), "");
    }
    if !asset.services.is_empty() {
        let services: Vec<String> =
            asset.services.iter().map(|s| format!("{}/{} {}", s.transport, s.port, s.protocol)).collect();
        row(h, "offers", &some(&services), "");
    }
    for remark in &asset.remarks {
        row(h, "remark", &remark.text(), "");
    }
    h.raw("</tbody></table></details>\n");
}

/// What a device may have, in the order of the sheet.
fn attributes(a: &Asset) -> [(&'static str, &Option<Attribute>); 19] {
    [
        ("host name", &a.host_name),
        ("domain", &a.domain),
        ("station name", &a.station_name),
        ("system name", &a.system_name),
        ("project", &a.project),
        ("vendor", &a.vendor),
        ("model", &a.model),
        ("family", &a.family),
        ("order number", &a.order_number),
        ("firmware", &a.firmware),
        ("software", &a.software),
        ("hardware", &a.hardware),
        ("serial", &a.serial),
        ("operating system", &a.os),
        ("description", &a.description),
        ("location", &a.location),
        ("contact", &a.contact),
        ("mode", &a.mode),
        ("switch port", &a.port),
    ]
}

/// A line of a sheet. HTML lets cells and rows end by themselves; thousands of sheets are a third smaller for it.
fn row(h: &mut Html, name: &str, value: &str, why: &str) {
    h.raw("<tr><th scope=row>").text(name).raw("<td>").text(value);
    if !why.is_empty() {
        h.raw("<td>").text(why);
    }
    h.raw("\n");
}

fn why(a: &Attribute) -> String {
    let mut text = a.strength.word().to_string();
    if let Some(source) = a.because.first() {
        text.push_str(&format!(", {}", source.protocol));
        if let Some(by) = source.by {
            text.push_str(&format!(" by {by}"));
        }
        if source.raw != a.value {
            text.push_str(&format!(" “{}”", source.raw));
        }
        text.push_str(&format!(", {}× from frame {}", number(source.count), source.first.frame));
    }
    if a.because.len() > 1 {
        text.push_str(&format!(", {} more sources", a.because.len() - 1));
    }
    if !a.conflicts.is_empty() {
        let others: Vec<&str> = a.conflicts.iter().take(MAX_NAMED).map(|o| o.value.as_str()).collect();
        text.push_str(&format!("; contradicted by {}", others.join(", ")));
    }
    if !a.earlier.is_empty() {
        let others: Vec<&str> = a.earlier.iter().take(MAX_NAMED).map(|o| o.value.as_str()).collect();
        text.push_str(&format!("; earlier {}", others.join(", ")));
    }
    text
}
