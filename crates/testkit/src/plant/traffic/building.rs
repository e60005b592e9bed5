//! Building automation: BACnet/IP with a routed MS/TP network.

use crate::build::bacnet::{self, Remote, Route, Value, object, property};
use crate::plant::sim::{MILLI, MINUTE, SECOND, Sim};

const PORTS: (u16, u16) = (47_808, 47_808);
/// The MS/TP stations behind the router: network, address, device instance.
const REMOTES: [(Remote, u32); 2] =
    [(Remote { network: 2001, station: 4 }, 200_104), (Remote { network: 2001, station: 5 }, 200_105)];
/// Device instance of the controller.
const CONTROLLER: u32 = 200_001;
/// Vendor id of Delta Controls.
const VENDOR: u16 = 8;

fn ask(sim: &mut Sim, delay: i64, server: usize, remote: Option<Remote>, op: &'static str, apdus: (&[u8], &[u8])) {
    let (to, from) = match remote {
        Some(r) => (Route::To(r), Route::From(r)),
        None => (Route::Local, Route::Local),
    };
    let request = bacnet::frame(to, false, true, apdus.0);
    let answer = bacnet::frame(from, false, false, apdus.1);
    let unit = remote.map(|r| u32::from(r.station));
    let station = sim.site.building;
    sim.datagrams_at(delay, (station, server), PORTS, "bacnet", (op, unit), &request, &answer);
}

fn read(sim: &mut Sim, delay: i64, remote: Option<Remote>, invoke: u8, object: (u16, u32), p: u8, value: &Value<'_>) {
    let server = if remote.is_some() { sim.site.bacnet_router } else { sim.site.bacnet };
    let (kind, instance) = object;
    let request = bacnet::read_property(invoke, kind, instance, p);
    let answer = bacnet::property_value(invoke, kind, instance, p, value);
    ask(sim, delay, server, remote, "read_property", (&request, &answer));
}

/// Who-Is, and everyone's I-Am, the router speaking for those behind it.
fn who_is(sim: &mut Sim) {
    let (station, controller, router) = (sim.site.building, sim.site.bacnet, sim.site.bacnet_router);
    let group = sim.everyone(station);
    let asked = bacnet::frame(Route::Everywhere, true, false, &bacnet::who_is());
    sim.cast(station, group, PORTS, "bacnet", "who_is", &asked);
    let told = bacnet::frame(Route::Local, true, false, &bacnet::i_am(CONTROLLER, VENDOR));
    sim.after(40 * MILLI, move |sim| sim.cast(controller, group, PORTS, "bacnet", "i_am", &told));
    for (n, (remote, instance)) in REMOTES.into_iter().enumerate() {
        let told = bacnet::frame(Route::From(remote), true, false, &bacnet::i_am(instance, VENDOR));
        sim.after((200 + 150 * n as i64) * MILLI, move |sim| sim.cast(router, group, PORTS, "bacnet", "i_am", &told));
    }
}

pub(super) fn begin(sim: &mut Sim) {
    let mut invoke = 0u8;
    let mut next = move || {
        invoke = invoke.wrapping_add(1);
        invoke
    };
    sim.every(20 * MINUTE, SECOND, who_is);
    // Trend values of the controller and of the rooms behind the router.
    sim.every(30 * SECOND, SECOND, move |sim| {
        for k in 0..4u32 {
            let value = Value::Real(19.0 + k as f32 + sim.random.unit() as f32);
            let i = next();
            read(sim, i64::from(k) * 60 * MILLI, None, i, (object::ANALOG_INPUT, k), property::PRESENT_VALUE, &value);
        }
        for (n, (remote, _)) in REMOTES.into_iter().enumerate() {
            let value = Value::Real(20.5 + sim.random.unit() as f32);
            let (i, delay) = (next(), (400 + 200 * n as i64) * MILLI);
            read(sim, delay, Some(remote), i, (object::ANALOG_INPUT, 1), property::PRESENT_VALUE, &value);
        }
    });
    // Identities, as a workstation reads them when it refreshes its tree.
    sim.every(60 * MINUTE, MINUTE, |sim| {
        let (controller, router) = (sim.site.bacnet, sim.site.bacnet_router);
        sim.truth.tells(controller, "bacnet", &["vendor", "model", "firmware", "name"]);
        sim.truth.tells(router, "bacnet", &["modules"]);
        for (k, (p, text)) in [
            (property::VENDOR_NAME, 0),
            (property::MODEL_NAME, 1),
            (property::FIRMWARE_REVISION, 2),
            (property::OBJECT_NAME, 3),
        ]
        .into_iter()
        .enumerate()
        {
            let delay = k as i64 * 90 * MILLI;
            let d = sim.devices[sim.site.bacnet].clone();
            let own = [d.vendor, d.model, d.firmware, d.name.as_str()];
            read(sim, delay, None, 200 + k as u8, (object::DEVICE, CONTROLLER), p, &Value::Text(own[text]));
            let modules = sim.devices[sim.site.bacnet_router].modules.clone();
            for (n, (remote, instance)) in REMOTES.into_iter().enumerate() {
                let m = &modules[n];
                let name = format!("room-{}", n + 1);
                let own = [m.vendor, m.model.as_str(), m.firmware.as_str(), name.as_str()];
                let (delay, invoke) = (delay + 500 * MILLI + 300 * n as i64 * MILLI, 210 + 4 * n as u8 + k as u8);
                read(sim, delay, Some(remote), invoke, (object::DEVICE, instance), p, &Value::Text(own[text]));
            }
        }
    });
    // Setpoints by hand, and a subscription to the outdoor temperature.
    sim.every(47 * MINUTE, 5 * MINUTE, |sim| {
        let value = Value::Real(20.0 + sim.random.below(4) as f32 * 0.5);
        let request = bacnet::write_property(240, object::ANALOG_VALUE, 3, property::PRESENT_VALUE, &value, 8);
        let server = sim.site.bacnet;
        ask(sim, 0, server, None, "write_property", (&request, &bacnet::simple_ack(240, 15)));
    });
    sim.every(25 * MINUTE, SECOND, |sim| {
        let server = sim.site.bacnet;
        let request = bacnet::subscribe_cov(241, 7, object::ANALOG_INPUT, 9, 1800);
        ask(sim, 0, server, None, "subscribe_cov", (&request, &bacnet::simple_ack(241, 5)));
    });
    sim.every(90 * SECOND, 30 * SECOND, |sim| {
        let (server, station) = (sim.site.bacnet, sim.site.building);
        let told = bacnet::cov(7, CONTROLLER, object::ANALOG_INPUT, 9, 1200, 11.0 + sim.random.unit() as f32);
        let told = bacnet::frame(Route::Local, false, false, &told);
        // the subscriber acts, the device it subscribed to is the subject
        let talk = sim.truth.talk(station, Some(server), "bacnet");
        sim.datagram(0, server, station, PORTS, &told, (talk, Some(("unconfirmed_cov_notification", None))));
    });
}
