//! A simulated water works: devices, their traffic for hours or weeks, maintenance, attacks, and the truth about it.
//!
//! - [`device`], [`layout`]: what stands where
//! - [`process`]: the water
//! - [`sim`], [`network`]: time, and ways to put frames on the wire
//! - [`traffic`]: what the plant says every day
//! - [`maintenance`]: people at work
//! - [`attacks`]: three scenarios after public incidents
//! - [`truth`]: what really happened; [`tells`]: what of it the capture shows

pub mod attacks;
pub mod device;
pub mod layout;
pub mod maintenance;
pub mod network;
pub mod process;
pub mod random;
pub mod sim;
pub mod tells;
pub mod traffic;
pub mod truth;

use attacks::Scenario;
use random::Random;
use serde_json::{Value, json};
use sim::Sim;
use std::io;

/// What to simulate. The same values give the same bytes.
#[derive(Clone, Debug)]
pub struct Plant {
    /// Everything random follows from it.
    pub seed: u64,
    /// Treatment lines; 1 is a small works of about forty devices.
    pub size: usize,
    /// When the capture begins, ns since the Unix epoch.
    pub start: i64,
    /// How long it lasts, ns.
    pub duration: i64,
    /// Attacks, spread over the second half of the capture.
    pub scenarios: Vec<Scenario>,
}

/// Addresses of one zone end here: 120 lines need 720 laptops.
pub const MAX_SIZE: usize = 120;

impl Plant {
    /// Runs the plant. `write` gets time and bytes of each frame, in order; the ground truth comes back.
    /// Errors are those of `write`.
    pub fn run(&self, write: impl FnMut(i64, &[u8]) -> io::Result<()>) -> io::Result<Value> {
        let size = self.size.clamp(1, MAX_SIZE);
        let mut random = Random::new(self.seed);
        let (devices, site) = layout::lay_out(size, Random::new(random.bits()));
        // Each pump station has a process of its own after the lines.
        let mut sim = Sim::new(self.start, self.duration, random, devices, site, size * 5);
        let start = self.start;
        for d in &mut sim.devices {
            d.addresses = vec![device::Span { ip: d.ip, mac: d.mac, from: start, until: None }];
        }
        use device::Zone::*;
        let router = &mut sim.devices[sim.site.router];
        for zone in [Control, Safety, Supervision, Building, Office, Remote] {
            router.addresses.push(device::Span { ip: zone.address(0), mac: router.mac, from: start, until: None });
        }
        let wan = &mut sim.devices[sim.site.wan];
        wan.addresses.push(device::Span { ip: Remote.address(1), mac: wan.mac, from: start, until: None });
        traffic::begin(&mut sim);
        maintenance::begin(&mut sim);
        attacks::begin(&mut sim, &self.scenarios);
        sim.run(write)?;
        let words: Vec<&str> = self.scenarios.iter().map(|s| s.word()).collect();
        let settings = json!({
            "seed": self.seed, "size": size, "start": truth::stamp(self.start),
            "end": truth::stamp(sim.end), "scenarios": words,
        });
        Ok(sim.truth.json(settings, &sim.devices, sim.end))
    }
}
