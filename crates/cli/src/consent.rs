//! Leave to change something: the plan is shown, and a person agrees to it or
//! has agreed beforehand. It must not know what is changed.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;

use crate::exit::INTERRUPTED;
use crate::identity::claims::printable;
use crate::input::apart;
use crate::output::Output;
use crate::stop::Stop;
use crate::usage::wrong;

#[derive(Clone, Copy, clap::Args)]
pub(crate) struct Consent {
    /// Show what would be done, and do nothing.
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Do it without asking.
    #[arg(long, short)]
    yes: bool,
}

/// What comes of a plan.
pub(crate) enum Decision {
    /// It is carried out.
    Go,
    /// It is not, and this is the exit code.
    Stop(ExitCode),
}

impl Consent {
    /// Refuses where nobody has agreed and nobody can be asked, before anything
    /// is sent.
    pub(crate) fn check(self) -> Result<()> {
        let can_ask = io::stdin().is_terminal() && io::stderr().is_terminal();
        if self.dry_run || self.yes || can_ask {
            return Ok(());
        }
        Err(wrong(
            "there is no terminal on which to ask: give --yes to do it without being asked, or \
             --dry-run to see what would be done",
        ))
    }

    /// Shows the plan and has it agreed to. An idle plan changes nothing, so that
    /// nobody is asked.
    pub(crate) async fn decide(
        self,
        output: Output,
        steps: &[impl Display],
        document: &impl Serialize,
        idle: bool,
    ) -> Result<Decision> {
        let mut text = "Plan:".to_owned();
        for step in steps {
            text.push_str("\n  - ");
            text.push_str(&printable(&step.to_string()));
        }
        self.decide_on(output, &text, document, idle).await
    }

    /// The same for a plan that is a text, whose parts are fit for a terminal.
    pub(crate) async fn decide_on(
        self,
        output: Output,
        text: &str,
        document: &impl Serialize,
        idle: bool,
    ) -> Result<Decision> {
        if self.dry_run {
            output.either(document, text)?;
            return Ok(Decision::Stop(ExitCode::SUCCESS));
        }
        tell!("{text}");
        if self.yes || idle {
            return Ok(Decision::Go);
        }
        // Before the question: an interruption may follow it at once.
        let mut stop = Stop::listen()?;
        write!(io::stderr(), "Proceed? [y/N] ")?;
        io::stderr().flush()?;
        let answer = tokio::select! {
            answer = apart(answer) => answer?,
            () = stop.asked() => {
                tell!("\nInterrupted. Nothing was changed.");
                return Ok(Decision::Stop(ExitCode::from(INTERRUPTED)));
            }
        };
        if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
            return Ok(Decision::Go);
        }
        tell!("Nothing was changed.");
        Ok(Decision::Stop(ExitCode::FAILURE))
    }
}

/// A line from the terminal.
fn answer() -> io::Result<String> {
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line)
}
