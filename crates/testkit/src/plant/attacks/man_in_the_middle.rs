//! A new host tells a panel and its controller that it is the other one, passes their frames on and changes values.

use super::{newcomer, step};
use crate::build::link::{ARP, arp_reply, ethernet};
use crate::build::tcp::From;
use crate::plant::device::Zone;
use crate::plant::device::catalogue::INTRUDER;
use crate::plant::sim::{Diversion, MILLI, SECOND, Sim};

/// How often the false answers are repeated.
const REPEATED: i64 = 2 * SECOND;

/// Where the tank level stands in the controller's answer: TPKT 4, COTP 3, S7 header 12, parameters 2, item 4.
const LEVEL: std::ops::Range<usize> = 25..29;

/// The panel sees a tank that is neither full nor empty; a pump command reaches the controller reversed.
fn tamper(data: &mut [u8], from: From) {
    match (from, data.get(17), data.get(19)) {
        (From::Server, _, Some(4)) => {
            if let Some(level) = data.get_mut(LEVEL) {
                level.copy_from_slice(&3.0f32.to_be_bytes());
            }
        }
        (From::Client, Some(5), _) => {
            if let Some(last) = data.last_mut() {
                *last ^= 1;
            }
        }
        _ => {}
    }
}

fn tell(sim: &mut Sim, intruder: usize, mac: [u8; 6], ip: [u8; 4], to: usize) {
    let (to_mac, to_ip) = (sim.devices[to].mac, sim.devices[to].ip);
    let own = sim.devices[intruder].mac;
    let frame = ethernet(to_mac, own, Some(Zone::Control.vlan()), ARP, &arp_reply((mac, ip), (to_mac, to_ip)));
    let talk = sim.truth.talk(intruder, Some(to), "arp");
    let now = sim.now;
    sim.put(now, frame, talk, Some(("reply", None)));
}

pub(super) fn run(sim: &mut Sim, pace: i64) {
    let expected = &["new_device", "arp_poisoning", "address_conflict", "value_manipulation"];
    let attack = sim.truth.attack("man_in_the_middle", expected);
    let intruder = newcomer(sim, &INTRUDER, "intruder", Zone::Control);
    let (panel, plc) = (sim.site.panels[0], sim.site.s7_300[0]);
    let (panel_ip, plc_ip) = (sim.devices[panel].ip, sim.devices[plc].ip);
    let mac = sim.devices[intruder].mac;
    let begins = sim.now + SECOND;
    let until = begins + 10 * pace;
    sim.after(SECOND, move |sim| {
        sim.note(attack, "false ARP answers to panel and controller", intruder, &[panel, plc]);
        sim.task(
            0,
            Box::new(move |sim| {
                if sim.now >= until {
                    return None;
                }
                sim.attacking(attack, |sim| {
                    tell(sim, intruder, mac, plc_ip, panel);
                    tell(sim, intruder, mac, panel_ip, plc);
                });
                Some(REPEATED)
            }),
        );
    });
    step(sim, SECOND + 100 * MILLI, attack, move |sim| {
        sim.note(
            attack,
            "frames between panel and controller pass the intruder, values changed",
            intruder,
            &[panel, plc],
        );
        sim.divert(Some(Diversion { client: panel, server: plc, via: mac, tamper, attack }));
    });
    // In the end the true addresses are told again, as careful tools do.
    sim.after(until - sim.now, move |sim| {
        sim.divert(None);
        sim.attacking(attack, |sim| {
            sim.note(attack, "the true addresses are told again", intruder, &[panel, plc]);
            let (panel_mac, plc_mac) = (sim.devices[panel].mac, sim.devices[plc].mac);
            tell(sim, intruder, plc_mac, plc_ip, panel);
            tell(sim, intruder, panel_mac, panel_ip, plc);
        });
    });
}
