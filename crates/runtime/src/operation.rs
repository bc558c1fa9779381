//! The rows of the operation table: what the specification says about an
//! operation and generated code does not carry. Generated beside each client;
//! read by the pipeline, the traces and the tests. It must not know any
//! platform and holds no behaviour beyond look-up.

/// One operation of an API, as its specification describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Name of the client's method, such as `get_twin`.
    pub id: &'static str,
    /// The vendor's operation id, such as `DigitalTwins_GetById`.
    pub vendor_id: &'static str,
    /// HTTP method in upper case.
    pub method: &'static str,
    /// Path template, such as `/digitaltwins/{id}`.
    pub path: &'static str,
    /// Value of the `api-version` query parameter, where the API has one.
    pub api_version: Option<&'static str>,
    /// Media type to ask for.
    pub accept: Option<&'static str>,
    /// Where the answer says which version it is of, if it does.
    pub served: Option<Served>,
    /// Media type of the request body.
    pub content_type: Option<&'static str>,
    /// Statuses declared as success. A redirect is one where nothing else is:
    /// the caller wants the address.
    pub success: &'static [u16],
    /// Whether a redirect leads to the answer, and is followed on this origin.
    pub redirects: bool,
    /// Whether sending it twice has the effect of sending it once.
    pub idempotent: bool,
    /// Whether a 500 is known to be worth a repeat.
    pub retry_500: bool,
    /// How many seconds the service may take to answer, where that is long.
    pub answer_seconds: Option<u32>,
    /// Scopes a token needs, as the platform names them.
    pub scopes: &'static [&'static str],
    /// How a list continues.
    pub paging: Option<Paging>,
    /// How to follow the long operation that this one starts.
    pub wait: Option<Wait>,
    /// The part of the API it belongs to.
    pub group: &'static str,
}

/// The header with which a service tells which version of the API answered, and
/// the version that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Served {
    /// The header, in lower case.
    pub header: &'static str,
    /// Its value where the right version answers; case does not matter.
    pub value: &'static str,
}

/// Where a page keeps its items and the way to the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    /// How the next page is asked for.
    pub kind: PagingKind,
    /// Field of the items.
    pub items: &'static str,
    /// Field of the link or the token.
    pub next: &'static str,
}

/// How the next page of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PagingKind {
    /// By an absolute link in the page.
    NextLink,
    /// By a token from the page, sent in the body of the same operation.
    BodyToken,
    /// By `_links.next.href`.
    LinksNext,
    /// By counting, with `$skip` and `$top`.
    SkipTop,
}

/// How to follow a long operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The operation that reports the state.
    pub status_operation: &'static str,
    /// Field of the state in its answer.
    pub status_field: &'static str,
    /// States that end it well.
    pub succeeded: &'static [&'static str],
    /// States that end it badly.
    pub failed: &'static [&'static str],
}

impl Wait {
    /// What a state means. Case does not matter; a state that the table does
    /// not list is taken as one on the way, so that a new one ends no wait.
    #[must_use]
    pub fn progress(&self, state: &str) -> crate::Progress {
        let among = |states: &[&str]| states.iter().any(|known| known.eq_ignore_ascii_case(state));
        if among(self.succeeded) {
            crate::Progress::Succeeded
        } else if among(self.failed) {
            crate::Progress::Failed
        } else {
            crate::Progress::Running
        }
    }
}

/// Finds a row of a table that is sorted by `id`.
pub(crate) fn find(operations: &'static [Operation], id: &str) -> Option<&'static Operation> {
    let position = operations.binary_search_by(|row| row.id.cmp(id)).ok()?;
    operations.get(position)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::Progress;

    pub(crate) const GET: Operation = Operation {
        id: "get_twin",
        vendor_id: "DigitalTwins_GetById",
        method: "GET",
        path: "/digitaltwins/{id}",
        api_version: Some("2023-10-31"),
        accept: Some("application/json"),
        served: None,
        content_type: None,
        success: &[200],
        redirects: false,
        idempotent: true,
        retry_500: false,
        answer_seconds: None,
        scopes: &[],
        paging: None,
        wait: None,
        group: "twins",
    };

    #[test]
    fn rows_are_found_by_id() {
        static TABLE: &[Operation] =
            &[Operation { id: "a", ..GET }, Operation { id: "b", ..GET }, GET];
        assert_eq!(find(TABLE, "b").map(|row| row.id), Some("b"));
        assert_eq!(find(TABLE, "get_twin"), Some(&GET));
        assert_eq!(find(TABLE, "c"), None);
        assert_eq!(find(&[], "a"), None);
    }

    #[test]
    fn unknown_states_are_on_the_way() {
        let wait = Wait {
            status_operation: "get_job",
            status_field: "status",
            succeeded: &["succeeded"],
            failed: &["failed", "cancelled"],
        };
        assert_eq!(wait.progress("Succeeded"), Progress::Succeeded);
        assert_eq!(wait.progress("cancelled"), Progress::Failed);
        assert_eq!(wait.progress("brand-new"), Progress::Running);
    }
}
