//! Three incidents, after public ones. Nothing marks an attacker but what it does.

mod man_in_the_middle;
mod rogue_master;
mod triton;

use super::device::{Product, Zone};
use super::sim::{MINUTE, SECOND, Sim};
use super::{layout, maintenance};
pub use triton::TriStation;

/// A scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// The safety controller is reprogrammed through its own engineering station.
    Triton,
    /// A new host looks around, then commands controllers.
    RogueMaster,
    /// A new host stands between a panel and its controller and changes values.
    ManInTheMiddle,
}

impl Scenario {
    /// Every scenario.
    pub const ALL: [Scenario; 3] = [Scenario::Triton, Scenario::RogueMaster, Scenario::ManInTheMiddle];

    /// The word on the command line and in the ground truth.
    pub fn word(self) -> &'static str {
        match self {
            Scenario::Triton => "triton",
            Scenario::RogueMaster => "rogue_master",
            Scenario::ManInTheMiddle => "man_in_the_middle",
        }
    }

    /// The scenario a word stands for.
    pub fn from_word(word: &str) -> Option<Scenario> {
        Scenario::ALL.into_iter().find(|s| s.word() == word)
    }
}

/// Spreads the scenarios over the second half of the capture.
pub(super) fn begin(sim: &mut Sim, scenarios: &[Scenario]) {
    let (half, n) = (sim.duration() / 2, scenarios.len().max(1) as i64);
    let slot = half * 9 / 10 / n;
    // Pauses between the steps of an incident: minutes when there is time, less in a short capture.
    let pace = (slot / 16).clamp(SECOND, 5 * MINUTE);
    for (i, scenario) in scenarios.iter().enumerate() {
        let scenario = *scenario;
        let moved = sim.random.below((slot / 8).max(1) as u64) as i64;
        sim.after(half + slot * i as i64 + moved, move |sim| match scenario {
            Scenario::Triton => triton::run(sim, pace),
            Scenario::RogueMaster => rogue_master::run(sim, pace),
            Scenario::ManInTheMiddle => man_in_the_middle::run(sim, pace),
        });
    }
}

/// A host that was not there before.
fn newcomer(sim: &mut Sim, product: &Product, name: &str, zone: Zone) -> usize {
    let ip = maintenance::free_address(sim, zone);
    let mut random = sim.random.clone();
    let device = layout::device(product, name.to_string(), zone, 2, ip, &mut random);
    sim.random = random;
    sim.add(device)
}

/// A step of an incident, `delay` ns from now.
fn step(sim: &mut Sim, delay: i64, attack: usize, what: impl FnOnce(&mut Sim) + 'static) {
    sim.after(delay, move |sim| sim.attacking(attack, what));
}
