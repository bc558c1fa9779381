//! The newest changeset and the named version of a name, for which the platform
//! has no address of their own. It must not know what is done with them.

use std::fmt;

use progenitor_client::Error;

use super::Client;
use super::enums::NamedVersionState;
use super::types::{Changeset, NamedVersion};
use crate::IModelId;

impl Client {
    /// The newest changeset of an iModel, with everything that the platform has of
    /// it; `None` if it has none, and is as its baseline.
    ///
    /// Operation `Get iModel Changesets`, sorted the other way and asked for one.
    ///
    /// # Errors
    /// What the call says.
    #[inline]
    pub async fn latest_changeset<I>(&self, imodel: I) -> Result<Option<Changeset>, Error>
    where
        I: TryInto<IModelId>,
        I::Error: fmt::Display,
    {
        let list = self.list_changesets().id(imodel).order_by("index desc".to_owned()).top(1);
        let page = list.representation().send().await?.into_inner();
        Ok(page.changesets.into_iter().next())
    }

    /// The newest named version of an iModel that is not hidden; `None` if it has
    /// none.
    ///
    /// Operation `Get iModel Named Versions`.
    ///
    /// # Errors
    /// What the call says.
    #[inline]
    pub async fn latest_named_version<I>(&self, imodel: I) -> Result<Option<NamedVersion>, Error>
    where
        I: TryInto<IModelId>,
        I::Error: fmt::Display,
    {
        let list = self.list_named_versions().id(imodel).order_by("changesetIndex desc".to_owned());
        let mut versions = list.representation().items();
        while let Some(version) = versions.next_item().await {
            let version = version?;
            if version.state != NamedVersionState::Hidden {
                return Ok(Some(version));
            }
        }
        Ok(None)
    }

    /// The named version of exactly this name; `None` if there is none.
    ///
    /// Operation `Get iModel Named Versions`.
    ///
    /// # Errors
    /// What the call says.
    #[inline]
    pub async fn named_version<I>(
        &self,
        imodel: I,
        name: &str,
    ) -> Result<Option<NamedVersion>, Error>
    where
        I: TryInto<IModelId>,
        I::Error: fmt::Display,
    {
        let list = self.list_named_versions().id(imodel).name(name.to_owned());
        let mut versions = list.representation().items();
        while let Some(version) = versions.next_item().await {
            let version = version?;
            if version.name == name {
                return Ok(Some(version));
            }
        }
        Ok(None)
    }
}
