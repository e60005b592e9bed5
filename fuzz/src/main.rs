//! libFuzzer around one target of `testkit::fuzz`, which `BOURDON_FUZZ` names. All logic is in testkit; here are the
//! entry points, the memory bound and the mutator that works on the parts of an input.
#![no_main]

use cap::Cap;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use std::alloc::System;
use std::sync::LazyLock;
use testkit::fuzz::{Target, memory, mutate, seeds};
use testkit::laws::Random;

/// No input may take more, whatever it announces: an allocation beyond it fails, which is a finding.
const MOST: usize = 1 << 30;

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, MOST);

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    memory::measure_with(|| MEMORY.allocated());
    let name = std::env::var("BOURDON_FUZZ").unwrap_or_default();
    Target::named(&name).unwrap_or_else(|| {
        eprintln!("BOURDON_FUZZ={name:?} names no target; `./dev fuzz --list` does");
        std::process::exit(2)
    })
});

static MATERIAL: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| seeds::material(*TARGET));

fuzz_target!(|bytes: &[u8]| {
    if let Err(law) = TARGET.run(bytes) {
        panic!("{}: {law}", TARGET.name());
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max: usize, seed: u32| {
    let mut random = Random::new(seed.into());
    let mut inner = |bytes: &[u8], most: usize| {
        let mut room = bytes.to_vec();
        room.truncate(most);
        let len = room.len();
        room.resize((len * 2 + 64).min(most.max(len)), 0);
        let most = room.len();
        let len = fuzzer_mutate(&mut room, len, most);
        room.truncate(len);
        room
    };
    let out = mutate::mutate(*TARGET, &data[..size], max, &mut random, &MATERIAL, &mut inner);
    let len = out.len().min(max);
    data[..len].copy_from_slice(&out[..len]);
    len
});
