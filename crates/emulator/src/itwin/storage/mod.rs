//! Storage v1: folders and files of an iTwin.
//!
//! Our choices:
//! - An iTwin that the caller may not see is 422 in the two lists that ask for one,
//!   for which the platform documents no 404. Who sees it and lacks the permission
//!   is 403. The old name `projectId` is taken, too.
//! - The root folder has the name of its iTwin and an empty path. It can be neither
//!   changed nor moved nor deleted: 422.
//! - A name has no control characters and none of `\ / : * ? " < > |`. It is unique
//!   in its folder, in any case of letters. Which endings are those of programs is
//!   ours, too.
//! - Lists have folders first, each kind in the order in which the items were made.
//!   A search looks below the folder at any depth; `*` stands for any text, `?` for
//!   one character, letters match in any case.
//! - To complete a file whose content was not put anywhere is 422, and so is it when
//!   another one has got the name meanwhile; to complete it again is 200.
//! - A locked file is changed only by who locked it; for others that is 422.
//!   Unlocking is for that user, for owners and for administrators. What is done to
//!   a folder does not ask for the locks below it.
//! - What is restored goes to the root folder if its own one is not there any more;
//!   422 if its name is taken there.

mod bin;
mod drives;
mod files;
mod folders;
mod ids;
mod lists;
mod locks;
mod names;
mod show;

pub(crate) use drives::Drives;

use drives::{Item, Nature};

use super::{
    ApiError,
    access::Standing,
    errors::Detail,
    routes::{Answer, Call, spelled},
    state::{ITwin, State},
};

/// Code of most 422s.
const INVALID: &str = "InvalidStorageRequest";
/// Container of the contents in storage.
const CONTENTS: &str = "itwin-files";

const LITERALS: [&str; 12] = [
    "folders",
    "files",
    "list",
    "search",
    "move",
    "lock",
    "unlock",
    "updatecontent",
    "complete",
    "download",
    "recyclebin",
    "restore",
];

pub(super) fn answer(call: &Call, words: &[&str]) -> Result<Answer, ApiError> {
    let path = spelled(words, &LITERALS);
    match (call.method(), path.as_slice()) {
        ("GET", []) => lists::top_level(call),
        ("GET", ["folders", id, "list"]) => lists::items(call, id),
        ("GET", ["folders", id, "folders"]) => lists::folders(call, id),
        ("GET", ["folders", id, "files"]) => lists::files(call, id),
        ("GET", ["folders", id, "search"]) => lists::search(call, id),
        ("POST", ["folders", id, "folders"]) => folders::create(call, id),
        ("POST", ["folders", id, "files"]) => files::create(call, id),
        ("POST", ["folders", id, "move"]) => folders::relocate(call, id),
        ("POST", ["folders", id, "lock"]) => locks::lock(call, id),
        ("POST", ["folders", id, "unlock"]) => locks::unlock(call, id),
        ("GET", ["folders", id]) => folders::get(call, id),
        ("PATCH", ["folders", id]) => folders::update(call, id),
        ("DELETE", ["folders", id]) => folders::delete(call, id),
        ("POST", ["files", id, "updatecontent"]) => files::update_content(call, id),
        ("POST", ["files", id, "complete"]) => files::complete(call, id),
        ("GET", ["files", id, "download"]) => files::download(call, id),
        ("POST", ["files", id, "move"]) => files::relocate(call, id),
        ("GET", ["files", id]) => files::get(call, id),
        ("PATCH", ["files", id]) => files::update(call, id),
        ("DELETE", ["files", id]) => files::delete(call, id),
        ("GET", ["recyclebin"]) => bin::list(call),
        ("POST", ["recyclebin", "folders", id, "restore"]) => {
            bin::restore(call, id, Nature::Folder)
        }
        ("POST", ["recyclebin", "files", id, "restore"]) => bin::restore(call, id, Nature::File),
        ("DELETE", ["recyclebin", "folders", id]) => bin::purge(call, id, Nature::Folder),
        ("DELETE", ["recyclebin", "files", id]) => bin::purge(call, id, Nature::File),
        _ => Err(ApiError::no_route()),
    }
}

impl Nature {
    fn missing(self) -> ApiError {
        match self {
            Self::Folder => ApiError::not_found("FolderNotFound", "folder"),
            Self::File => ApiError::not_found("FileNotFound", "file"),
        }
    }
}

/// The iTwin that an id says it is of, and what the caller is to it; 404 if the
/// caller may not see it, 403 without this permission.
fn place<'s>(
    call: &Call,
    state: &'s State,
    id: &str,
    nature: Nature,
    permission: &str,
) -> Result<(&'s ITwin, Standing<'s>), ApiError> {
    let itwin_id = ids::itwin_of(id).ok_or_else(|| nature.missing())?;
    let (itwin, standing) =
        state.visible(&call.caller, &itwin_id, "").map_err(|_| nature.missing())?;
    standing.require(permission)?;
    Ok((itwin, standing))
}

/// The iTwin of a folder that is there, the root folder among them.
fn folder<'s>(
    call: &Call,
    state: &'s State,
    id: &str,
    permission: &str,
) -> Result<&'s ITwin, ApiError> {
    let (itwin, _) = place(call, state, id, Nature::Folder, permission)?;
    if id == ids::root(&itwin.id) || state.drives.shown(id, Nature::Folder).is_some() {
        return Ok(itwin);
    }
    Err(Nature::Folder.missing())
}

/// A folder that somebody made; 422 for a root folder.
fn made_folder<'s>(
    call: &Call,
    state: &'s State,
    id: &str,
    permission: &str,
) -> Result<&'s Item, ApiError> {
    folder(call, state, id, permission)?;
    state.drives.shown(id, Nature::Folder).ok_or_else(|| {
        let detail = Detail::invalid_value("folderId", "It is the root folder.");
        ApiError::invalid(INVALID, vec![detail])
    })
}

/// A file that is there and complete.
fn file<'s>(
    call: &Call,
    state: &'s State,
    id: &str,
    permission: &str,
) -> Result<&'s Item, ApiError> {
    place(call, state, id, Nature::File, permission)?;
    state.drives.shown(id, Nature::File).ok_or_else(|| Nature::File.missing())
}
