use super::layout::{BOX_HEIGHT, BOX_WIDTH, WIDTH, place};
use super::*;

fn map(nodes: usize) -> Map {
    let node = |i: usize| Node {
        label: format!("device {i}"),
        detail: String::new(),
        band: i % BANDS.len(),
        count: 1,
        sheet: None,
        worst: None,
    };
    let edge = |i: usize| Edge {
        a: i,
        b: (i * 7 + 3) % nodes,
        flow: Flow::Reads,
        weight: i as u64,
        protocols: vec!["modbus"],
    };
    Map { nodes: (0..nodes).map(node).collect(), edges: (0..nodes).map(edge).collect(), ..Map::default() }
}

#[test]
fn boxes_do_not_overlap_and_stay_inside() {
    for count in [1, 5, 20, 72, 300] {
        let map = map(count);
        let layout = place(&map);
        for (i, (x, y)) in layout.boxes.iter().enumerate() {
            assert!(*x >= 0 && x + BOX_WIDTH <= WIDTH && y + BOX_HEIGHT <= layout.height, "{count} {i}: {x} {y}");
            let (_, top, height) = layout.bands.iter().find(|b| b.0 == map.nodes[i].band).unwrap();
            assert!(y >= top && y + BOX_HEIGHT <= top + height, "box {i} leaves its band");
            for (ox, oy) in &layout.boxes[..i] {
                assert!((x - ox).abs() >= BOX_WIDTH || (y - oy).abs() >= BOX_HEIGHT, "{count} boxes overlap");
            }
        }
    }
}

#[test]
fn levels_have_bands() {
    assert_eq!(band(Some("5"), false), 1);
    assert_eq!(band(Some("0"), false), 7);
    assert_eq!(band(None, false), 8);
    assert_eq!(band(Some("1"), true), 0);
    assert_eq!(band(Some("nonsense"), false), 8);
}
