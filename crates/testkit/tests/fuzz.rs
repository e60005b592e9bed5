//! Everything fuzzing starts from and every past finding, through the laws of its target. A finding's file is named
//! in the message; `BOURDON_FUZZ=TARGET` limits the test to one target.

use cap::Cap;
use std::alloc::System;
use std::panic::catch_unwind;
use testkit::fuzz::{Target, memory, seeds};

/// No input may take more, whatever it announces.
const MOST: usize = 1 << 30;

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, MOST);

#[test]
fn seeds_and_past_findings_keep_the_laws() {
    memory::measure_with(|| MEMORY.allocated());
    let only = std::env::var("BOURDON_FUZZ").ok();
    let mut trouble = Vec::new();
    let mut count = 0;
    for target in Target::all().into_iter().filter(|t| only.as_deref().is_none_or(|o| o == t.name())) {
        let inputs = seeds::inputs(target).into_iter().enumerate().map(|(i, bytes)| (format!("seed {i}"), bytes));
        let stored = seeds::stored(target).into_iter().map(|(path, bytes)| (path.display().to_string(), bytes));
        for (name, bytes) in inputs.chain(stored) {
            count += 1;
            match catch_unwind(|| target.run(&bytes)) {
                Ok(Ok(())) => {}
                Ok(Err(law)) => trouble.push(format!("{}, {name}: {law}", target.name())),
                Err(_) => trouble.push(format!("{}, {name}: panic", target.name())),
            }
        }
    }
    assert!(count > 0, "no target is called {only:?}");
    eprintln!("{count} inputs");
    assert!(trouble.is_empty(), "{} of {count}:\n{}", trouble.len(), trouble.join("\n"));
}
