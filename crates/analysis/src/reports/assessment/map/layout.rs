//! Where the boxes stand: one band per level, neighbours near each other. Whole numbers, no randomness.

use super::{BANDS, Map};

/// Width of the drawing.
pub const WIDTH: i32 = 1180;
/// Room for the level's name.
pub const MARGIN: i32 = 112;
/// Width of a box.
pub const BOX_WIDTH: i32 = 140;
/// Height of a box.
pub const BOX_HEIGHT: i32 = 38;
const GAP: i32 = 12;
const BAND_PADDING: i32 = 18;
/// Boxes per row.
const COLUMNS: usize = ((WIDTH - MARGIN) / (BOX_WIDTH + GAP)) as usize;
/// Rounds of moving boxes towards their neighbours; more change nothing that can be seen.
const ROUNDS: usize = 6;

/// Top left corner of each box, the bands drawn (band, top, height), and the height of it all.
pub struct Layout {
    /// By node.
    pub boxes: Vec<(i32, i32)>,
    /// Band, top, height.
    pub bands: Vec<(usize, i32, i32)>,
    /// Of the drawing.
    pub height: i32,
}

/// Places every node.
pub fn place(map: &Map) -> Layout {
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); BANDS.len()];
    for (i, node) in map.nodes.iter().enumerate() {
        if let Some(band) = members.get_mut(node.band) {
            band.push(i);
        }
    }
    let mut neighbours: Vec<Vec<usize>> = vec![Vec::new(); map.nodes.len()];
    for edge in &map.edges {
        for (a, b) in [(edge.a, edge.b), (edge.b, edge.a)] {
            if let Some(list) = neighbours.get_mut(a) {
                list.push(b);
            }
        }
    }
    let mut x = vec![0i32; map.nodes.len()];
    for band in &members {
        spread(band, &mut x);
    }
    for _ in 0..ROUNDS {
        for band in &mut members {
            let wish = |i: &usize| {
                let list = neighbours.get(*i).map(Vec::as_slice).unwrap_or_default();
                let sum: i64 = list.iter().filter_map(|n| x.get(*n)).map(|x| i64::from(*x)).sum();
                // who talks to nobody goes to the right
                if list.is_empty() { i64::from(WIDTH) * 16 } else { sum * 16 / list.len() as i64 }
            };
            band.sort_by_key(|i| (wish(i), *i));
            spread(band, &mut x);
        }
    }
    let mut boxes = vec![(0, 0); map.nodes.len()];
    let (mut top, mut bands) = (4, Vec::new());
    for (level, band) in members.iter().enumerate().filter(|(_, b)| !b.is_empty()) {
        let rows = band.len().div_ceil(COLUMNS);
        for (k, i) in band.iter().enumerate() {
            let y = top + BAND_PADDING + (k % rows) as i32 * (BOX_HEIGHT + GAP);
            if let (Some(place), Some(x)) = (boxes.get_mut(*i), x.get(*i)) {
                *place = (*x, y);
            }
        }
        let height = rows as i32 * (BOX_HEIGHT + GAP) - GAP + 2 * BAND_PADDING;
        bands.push((level, top, height));
        top += height + GAP;
    }
    Layout { boxes, bands, height: top }
}

/// Columns from left to right, each filled from top to bottom, spread over the width.
fn spread(band: &[usize], x: &mut [i32]) {
    let rows = band.len().div_ceil(COLUMNS).max(1);
    let columns = band.len().div_ceil(rows).max(1) as i32;
    let step = (WIDTH - MARGIN) / columns;
    for (k, i) in band.iter().enumerate() {
        if let Some(x) = x.get_mut(*i) {
            *x = MARGIN + (k / rows) as i32 * step + (step - BOX_WIDTH) / 2;
        }
    }
}
