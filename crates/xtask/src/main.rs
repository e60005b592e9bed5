//! Chores of the project that are no part of the product. `cargo run -p xtask -- <chore> …`

mod knowledge;
mod tidy;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let chore = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let done = match chore.as_str() {
        "knowledge" => knowledge::run(&rest),
        "tidy" => tidy::run(),
        _ => Err(format!("unknown chore {chore:?}; known: knowledge, tidy")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}
