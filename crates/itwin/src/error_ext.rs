//! Questions that programs ask of this platform's refusals, whatever spelling of
//! the code its APIs use. It must not know how errors are read.

use progenitor_client::{Error, StatusCode};

/// What a refusal of the platform means, beside what every
/// [`Error`] tells.
///
/// ```no_run
/// use twinkit_itwin::ITwinErrorExt as _;
///
/// # async fn f(platform: twinkit_itwin::ITwin) -> Result<(), twinkit_itwin::Error> {
/// match platform.access_control().list_roles().id("an-itwin").send().await {
///     Err(error) if error.is_itwin_not_found() => println!("gone, or not for us"),
///     other => println!("{} roles", other?.roles.len()),
/// }
/// # Ok(())
/// # }
/// ```
pub trait ITwinErrorExt: sealed::Sealed {
    /// There is no such iTwin, or the caller may not see it: `iTwinNotFound` of
    /// most APIs, `ItwinNotFound` of Access Control.
    fn is_itwin_not_found(&self) -> bool;

    /// There is no such iModel, or the caller may not see it.
    fn is_imodel_not_found(&self) -> bool;

    /// There is no such role.
    fn is_role_not_found(&self) -> bool;

    /// There is no such member, or no user of this address: `TeamMemberNotFound`
    /// and `UserNotFound`.
    fn is_member_not_found(&self) -> bool;

    /// Something with this name, number or place is there already: `iTwinExists`,
    /// `OwnerAlreadyExists`, `NamedVersionExists` and their like.
    fn is_already_there(&self) -> bool;

    /// Newer changesets were pushed; their objects are in `imodels::Conflict`.
    fn is_behind(&self) -> bool;

    /// Others hold what was to be locked, or push at this moment:
    /// `ConflictWithAnotherUser`, `LockOwnedByAnotherBriefcase`,
    /// `AnotherUserPushing`.
    fn is_held_by_others(&self) -> bool;

    /// The platform has no such address in the version asked for, which is
    /// something else than an address with nothing behind it.
    fn is_unknown_route(&self) -> bool;

    /// The token is of an application that the platform does not know (401 with
    /// the detail `UnknownClient`). It has been seen to pass, too.
    fn is_unknown_client(&self) -> bool;
}

impl ITwinErrorExt for Error {
    fn is_itwin_not_found(&self) -> bool {
        has_code(self, &["iTwinNotFound"])
    }

    fn is_imodel_not_found(&self) -> bool {
        has_code(self, &["iModelNotFound"])
    }

    fn is_role_not_found(&self) -> bool {
        has_code(self, &["RoleNotFound"])
    }

    fn is_member_not_found(&self) -> bool {
        has_code(self, &["TeamMemberNotFound", "UserNotFound"])
    }

    fn is_already_there(&self) -> bool {
        // With which status most of them come is not documented: the code counts.
        self.code().is_some_and(|code| code.ends_with("Exists"))
    }

    fn is_behind(&self) -> bool {
        has_code(self, &["NewerChangesExist"])
    }

    fn is_held_by_others(&self) -> bool {
        has_code(
            self,
            &["ConflictWithAnotherUser", "LockOwnedByAnotherBriefcase", "AnotherUserPushing"],
        )
    }

    fn is_unknown_route(&self) -> bool {
        has_code(self, &["ResourceNotFound"])
    }

    fn is_unknown_client(&self) -> bool {
        let told = |code: Option<&str>| code == Some("UnknownClient");
        self.status() == Some(StatusCode::UNAUTHORIZED)
            && (told(self.code())
                || self.details().iter().any(|detail| told(detail.code.as_deref())))
    }
}

/// The services do not agree on capital letters.
fn has_code(error: &Error, codes: &[&str]) -> bool {
    error.code().is_some_and(|code| codes.iter().any(|known| known.eq_ignore_ascii_case(code)))
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for progenitor_client::Error {}
}
