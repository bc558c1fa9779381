//! Whether the caller owns an iTwin: owners see what members do not. It must not
//! change anything.

use std::fmt;

use progenitor_client::Error;

use super::id;
use crate::ITwin;
use crate::ITwinId;
use crate::access_control::types::OwnerMember;

impl ITwin {
    /// Whether the caller is an owner of an iTwin. Only owners see all of its
    /// invitations, whatever a member is permitted to do.
    ///
    /// Operations `Get iTwin owner members` and `Get me`.
    ///
    /// # Errors
    /// An id that cannot be one; what the two calls say.
    #[inline]
    pub async fn is_owner_of<I>(&self, itwin: I) -> Result<bool, Error>
    where
        I: TryInto<ITwinId>,
        I::Error: fmt::Display,
    {
        let itwin = id(itwin)?;
        Box::pin(owns(self, &itwin)).await
    }
}

#[inline]
pub(super) async fn owns(platform: &ITwin, itwin: &ITwinId) -> Result<bool, Error> {
    let owners = platform.access_control().list_owners().id(itwin).items().into_vec().await?;
    is_among(platform, &owners).await
}

/// Whether the caller is one of these.
#[inline]
pub(super) async fn is_among(platform: &ITwin, owners: &[OwnerMember]) -> Result<bool, Error> {
    let me = platform.users().get_me().send().await?.into_inner().user;
    Ok(owners.iter().any(|owner| {
        let by_email = owner.email.as_deref().is_some_and(|is| is.eq_ignore_ascii_case(&me.email));
        by_email || owner.id.eq_ignore_ascii_case(&me.id)
    }))
}
