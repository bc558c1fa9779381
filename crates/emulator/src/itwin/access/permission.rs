//! The permissions that roles are made of, as far as they are known.

/// Name of a permission.
pub(in crate::itwin) struct Permission;

impl Permission {
    pub(in crate::itwin) const INVITE_MEMBER: &str = "administration_invite_member";
    pub(in crate::itwin) const REMOVE_MEMBER: &str = "administration_remove_member";
    pub(in crate::itwin) const MANAGE_ROLES: &str = "administration_manage_roles";
    pub(in crate::itwin) const MANAGE_GROUPS: &str = "administration_manage_groups";
    pub(in crate::itwin) const ITWINS_CREATE: &str = "itwins_create";
    pub(in crate::itwin) const ITWINS_MODIFY: &str = "itwins_modify";
    pub(in crate::itwin) const IMODELS_WEBVIEW: &str = "imodels_webview";
    pub(in crate::itwin) const IMODELS_READ: &str = "imodels_read";
    pub(in crate::itwin) const IMODELS_WRITE: &str = "imodels_write";
    pub(in crate::itwin) const IMODELS_MANAGE: &str = "imodels_manage";
    pub(in crate::itwin) const IMODELS_DELETE: &str = "imodels_delete";
    pub(in crate::itwin) const STORAGE_READ: &str = "storage_read";
    pub(in crate::itwin) const STORAGE_WRITE: &str = "storage_write";
    pub(in crate::itwin) const STORAGE_DELETE: &str = "storage_delete";
    pub(in crate::itwin) const REALITYDATA_USE: &str = "realitydata_use";
    pub(in crate::itwin) const REALITYDATA_MANAGE: &str = "realitydata_manage";
    pub(in crate::itwin) const REALITYDATA_CREATE: &str = "realitydata_create";
    pub(in crate::itwin) const REALITYDATA_ASSIGN: &str = "realitydata_assign";
    pub(in crate::itwin) const WEBHOOKS_MAINTAINER: &str = "webhooks_maintainer";

    /// All of them, in the order in which they are listed.
    pub(in crate::itwin) const ALL: [&str; 19] = [
        Self::INVITE_MEMBER,
        Self::REMOVE_MEMBER,
        Self::MANAGE_ROLES,
        Self::MANAGE_GROUPS,
        Self::ITWINS_CREATE,
        Self::ITWINS_MODIFY,
        Self::IMODELS_WEBVIEW,
        Self::IMODELS_READ,
        Self::IMODELS_WRITE,
        Self::IMODELS_MANAGE,
        Self::IMODELS_DELETE,
        Self::STORAGE_READ,
        Self::STORAGE_WRITE,
        Self::STORAGE_DELETE,
        Self::REALITYDATA_USE,
        Self::REALITYDATA_MANAGE,
        Self::REALITYDATA_CREATE,
        Self::REALITYDATA_ASSIGN,
        Self::WEBHOOKS_MAINTAINER,
    ];

    /// What a share key of the contract `Default` permits.
    pub(in crate::itwin) const SHARED: [&str; 3] =
        [Self::IMODELS_WEBVIEW, Self::IMODELS_READ, Self::REALITYDATA_USE];
}
