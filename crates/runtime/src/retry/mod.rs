//! When a failed attempt is followed by another.
//!
//! One table decides, by what happened and by whether the operation may be
//! sent twice. The pipeline reads it, the tests walk it row by row, and this
//! page shows it:
//!
//! | what happened | safe to send twice | otherwise | because |
//! |---|---|---|---|
//! | no connection, or the request was not begun with | yes | yes | nothing was done |
//! | certificate, TLS or proxy refused | no | no | it would be refused again |
//! | no credential | no | no | the credential has repeats of its own |
//! | 429 | yes | yes | the service did not take it up |
//! | 503 with `Retry-After` | yes | yes | the service did not take it up |
//! | 503 | yes | no | it may have been carried out |
//! | 408 | yes | no | it may have been carried out |
//! | 502 | yes | no | it may have been carried out |
//! | 504 | yes | no | it may have been carried out |
//! | connection broke | yes | no | it may have been carried out |
//! | time limit of the attempt | yes | no | it may have been carried out |
//! | 500 | if the operation says so | if the operation says so | mostly a fault that stays |
//! | anything else | no | no | the same call fails the same way |
//!
//! Safe to send twice are the operations that the table of operations marks
//! as idempotent, and a `PATCH` that names a state by `If-Match`: if the first
//! one was carried out, the second fails with 412 and does no harm. The error
//! then says how many attempts were made. [`CallOptions::idempotent`] overrules
//! both.
//!
//! Between attempts the client waits as long as the service asks for
//! (`Retry-After`), or a random time below a bound that doubles. A wait that
//! would pass the call's deadline is not begun: the caller gets the error, and
//! [`Error::retry_after`](crate::Error::retry_after), at once. All calls of a
//! client share a [budget](RetryPolicy#the-budget), so that an outage is not
//! answered with a storm.
//!
//! A 401 is apart: the credential is renewed and the call sent again, once.
//!
//! This module must not know HTTP bodies, credentials or platforms.
//!
//! [`CallOptions::idempotent`]: crate::CallOptions::idempotent

mod budget;
mod policy;

use reqwest::StatusCode;

pub(crate) use budget::Budget;
pub use policy::RetryPolicy;

/// What happened to an attempt, as far as repeating it is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    NeverSent,
    TlsRefused,
    NoCredential,
    Throttled,
    UnavailableUntil,
    Unavailable,
    RequestTimeout,
    BadGateway,
    GatewayTimeout,
    Broken,
    TimeLimit,
    Internal,
    Final,
}

/// Whether an attempt is followed by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    Yes,
    No,
    IfOperationSays,
}

/// One row of the table.
pub(crate) struct Rule {
    pub(crate) fault: Fault,
    pub(crate) shown: &'static str,
    pub(crate) idempotent: Repeat,
    pub(crate) otherwise: Repeat,
    pub(crate) because: &'static str,
}

const fn rule(
    fault: Fault,
    shown: &'static str,
    idempotent: Repeat,
    otherwise: Repeat,
    because: &'static str,
) -> Rule {
    Rule { fault, shown, idempotent, otherwise, because }
}

const MAYBE_DONE: &str = "it may have been carried out";
const NOT_TAKEN: &str = "the service did not take it up";

/// The table of the module's page, which a test compares with it.
pub(crate) static RULES: [Rule; 13] = {
    use Fault::*;
    use Repeat::*;
    [
        rule(
            NeverSent,
            "no connection, or the request was not begun with",
            Yes,
            Yes,
            "nothing was done",
        ),
        rule(TlsRefused, "certificate, TLS or proxy refused", No, No, "it would be refused again"),
        rule(NoCredential, "no credential", No, No, "the credential has repeats of its own"),
        rule(Throttled, "429", Yes, Yes, NOT_TAKEN),
        rule(UnavailableUntil, "503 with `Retry-After`", Yes, Yes, NOT_TAKEN),
        rule(Unavailable, "503", Yes, No, MAYBE_DONE),
        rule(RequestTimeout, "408", Yes, No, MAYBE_DONE),
        rule(BadGateway, "502", Yes, No, MAYBE_DONE),
        rule(GatewayTimeout, "504", Yes, No, MAYBE_DONE),
        rule(Broken, "connection broke", Yes, No, MAYBE_DONE),
        rule(TimeLimit, "time limit of the attempt", Yes, No, MAYBE_DONE),
        rule(Internal, "500", IfOperationSays, IfOperationSays, "mostly a fault that stays"),
        rule(Final, "anything else", No, No, "the same call fails the same way"),
    ]
};

impl Fault {
    /// The fault that an error status is.
    pub(crate) fn of_status(status: StatusCode, asks_to_wait: bool) -> Self {
        match status.as_u16() {
            429 => Self::Throttled,
            503 if asks_to_wait => Self::UnavailableUntil,
            503 => Self::Unavailable,
            408 => Self::RequestTimeout,
            502 => Self::BadGateway,
            504 => Self::GatewayTimeout,
            500 => Self::Internal,
            _ => Self::Final,
        }
    }

    /// Whether the request may have been carried out: true of every fault that
    /// is not repeated unless that is safe, and of time limits and breaks.
    pub(crate) fn may_have_been_carried_out(self) -> bool {
        matches!(
            self,
            Self::Unavailable
                | Self::RequestTimeout
                | Self::BadGateway
                | Self::GatewayTimeout
                | Self::Broken
                | Self::TimeLimit
                | Self::Internal
        )
    }
}

/// The rule that allows another attempt, if one does.
pub(crate) fn repeating_rule(
    fault: Fault,
    idempotent: bool,
    repeat_500: bool,
) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.fault == fault).filter(|rule| {
        match if idempotent { rule.idempotent } else { rule.otherwise } {
            Repeat::Yes => true,
            Repeat::No => false,
            Repeat::IfOperationSays => repeat_500,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(repeat: Repeat) -> &'static str {
        match repeat {
            Repeat::Yes => "yes",
            Repeat::No => "no",
            Repeat::IfOperationSays => "if the operation says so",
        }
    }

    #[test]
    fn the_page_shows_the_table() {
        let page: Vec<_> = include_str!("mod.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("//! | "))
            .skip(1)
            .collect();
        let table: Vec<_> = RULES
            .iter()
            .map(|rule| {
                let (yes, no) = (shown(rule.idempotent), shown(rule.otherwise));
                format!("{} | {yes} | {no} | {} |", rule.shown, rule.because)
            })
            .collect();
        assert_eq!(page, table);
    }

    #[test]
    fn what_may_have_been_done_is_repeated_only_where_safe() {
        for rule in &RULES {
            assert_eq!(
                rule.fault.may_have_been_carried_out(),
                rule.because == MAYBE_DONE || rule.fault == Fault::Internal,
                "{}",
                rule.shown
            );
            if rule.fault.may_have_been_carried_out() {
                assert!(repeating_rule(rule.fault, false, false).is_none(), "{}", rule.shown);
            }
        }
        assert!(repeating_rule(Fault::Internal, false, true).is_some());
    }
}
