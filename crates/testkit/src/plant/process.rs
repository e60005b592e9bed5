//! The water: tanks fill and empty, pumps start and stop, chlorine is dosed.

use super::random::Random;

/// One treatment line with its tank.
#[derive(Clone, Debug)]
pub struct Line {
    /// Tank level, m.
    pub level: f32,
    /// Outflow, m³/h.
    pub flow: f32,
    /// Pressure behind the pumps, bar.
    pub pressure: f32,
    /// Free chlorine, mg/l.
    pub chlorine: f32,
    /// Chlorine setpoint, mg/l.
    pub setpoint: f32,
    /// Turbidity, NTU.
    pub turbidity: f32,
    /// Whether the pump runs.
    pub pump: bool,
    /// How often the pump changed.
    pub changes: u32,
}

/// All lines.
#[derive(Clone, Debug)]
pub struct Process {
    /// The lines; remote pump stations use the same model.
    pub lines: Vec<Line>,
}

impl Process {
    /// `n` lines at rest.
    pub fn new(n: usize, random: &mut Random) -> Process {
        let line = |r: &mut Random| Line {
            level: 2.0 + 2.0 * r.unit() as f32,
            flow: 120.0,
            pressure: 3.5,
            chlorine: 0.4,
            setpoint: 0.4,
            turbidity: 0.2,
            pump: r.chance(1, 2),
            changes: 0,
        };
        Process { lines: (0..n).map(|_| line(random)).collect() }
    }

    /// One second passes at `seconds` of the day.
    pub fn step(&mut self, seconds: i64, random: &mut Random) {
        // Demand has a morning and an evening peak.
        let day = seconds as f32 / 86_400.0 * std::f32::consts::TAU;
        let demand = 110.0 + 40.0 * (day - 2.0).sin() + 20.0 * (2.0 * day).sin();
        for line in &mut self.lines {
            let noise = |r: &mut Random, size: f32| (r.unit() as f32 - 0.5) * size;
            line.flow += (demand - line.flow) * 0.02 + noise(random, 1.5);
            let inflow = if line.pump { 260.0 } else { 0.0 };
            // A tank of 50 m² holds a metre in 50 m³.
            line.level = (line.level + (inflow - line.flow) / 3600.0 / 50.0 * 6.0).clamp(0.1, 6.0);
            let pressure = if line.pump { 4.2 } else { 3.1 };
            line.pressure += (pressure - line.pressure) * 0.1 + noise(random, 0.04);
            line.chlorine = (line.chlorine + (line.setpoint - line.chlorine) * 0.01 + noise(random, 0.004)).max(0.0);
            line.turbidity = (line.turbidity + noise(random, 0.004)).clamp(0.05, 0.9);
            let wanted = if line.level < 2.0 {
                true
            } else if line.level > 4.5 {
                false
            } else {
                line.pump
            };
            if wanted != line.pump {
                line.pump = wanted;
                line.changes += 1;
            }
        }
    }
}
