//! The chaos run: five seeds pass, and one fails when the clients do not repeat or get no
//! new tokens.

use std::process::{Command, Output};

use crate::program::succeeded;

fn chaos(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chaos")).args(args).output().unwrap()
}

/// How often each kind came about, as a line tells of its seed.
fn counts(line: &str, seed: usize) -> Vec<(&str, u64)> {
    assert!(line.starts_with(&format!("seed {seed}: ")), "{line}");
    let counts = line.split_once("; ").unwrap().1.split(", ");
    let pairs = counts.map(|count| count.rsplit_once(' ').unwrap());
    pairs.map(|(kind, times)| (kind, times.parse().unwrap())).collect()
}

#[test]
fn five_seeds_pass_and_everything_went_wrong_in_each() {
    let text = succeeded(&chaos(&["--seeds", "5"]));
    assert_eq!(text.lines().count(), 5, "{text}");
    for (line, seed) in text.lines().zip(1..) {
        let counts = counts(line, seed);
        assert_eq!(counts.len(), 11, "{line}");
        assert!(counts.iter().all(|(_, times)| *times > 0), "{line}");
    }
}

#[test]
fn without_repeats_or_new_tokens_a_seed_fails_and_says_how_to_see_it_again() {
    for (without, reasons) in
        [("retry", ["429", "500", "503", "connection"].as_slice()), ("refresh", &["401"])]
    {
        let output = chaos(&["--seed", "3", "--twins", "300", "--without", without]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!output.status.success(), "{without}: {text}");
        assert_eq!(counts(text.lines().next().unwrap(), 3).len(), 11, "{without}: {text}");
        assert!(text.contains("seed 3 FAILED"), "{without}: {text}");
        assert!(reasons.iter().any(|reason| text.contains(reason)), "{without}: {text}");
        let again = format!("cargo xtask chaos --seed 3 --twins 300 --without {without}");
        assert!(text.contains(&again), "{without}: {text}");
    }
}
