//! The chaos run in small: it passes, is the same for a seed, and notices when the
//! clients do not repeat or get no new tokens.

use std::process::{Command, Output};

use crate::program::succeeded;

fn chaos(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chaos"));
    command.args(["--twins", "300"]).args(args).output().unwrap()
}

#[test]
fn a_seed_passes_and_tells_what_went_wrong_meanwhile() {
    let text = succeeded(&chaos(&["--seeds", "2"]));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    for (line, seed) in lines.iter().zip(1..) {
        assert!(line.starts_with(&format!("seed {seed}: ")), "{line}");
        let counts: Vec<&str> = line.split_once("; ").unwrap().1.split(", ").collect();
        assert_eq!(counts.len(), 10, "{line}");
        for count in counts {
            let times: u64 = count.rsplit_once(' ').unwrap().1.parse().unwrap();
            assert!(times > 0, "{line}");
        }
    }
}

#[test]
fn without_repeats_or_new_tokens_a_seed_fails_and_says_how_to_see_it_again() {
    for (without, reason) in [("retry", ["429", "503", "connect"]), ("refresh", ["401"; 3])] {
        let output = chaos(&["--seed", "3", "--without", without]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!output.status.success(), "{without}: {text}");
        assert!(text.contains("seed 3 FAILED"), "{without}: {text}");
        assert!(reason.iter().any(|reason| text.contains(reason)), "{without}: {text}");
        assert!(text.contains("cargo xtask chaos --seed 3"), "{without}: {text}");
    }
}
