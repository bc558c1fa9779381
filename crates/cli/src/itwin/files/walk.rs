//! Where something is in Storage: by its path, of which the platform knows nothing,
//! or by its id. It must not know what is done there.

use std::str::FromStr;

use anyhow::{Result, anyhow, bail};
use twinkit::itwin::storage::kinds::Item;
use twinkit::itwin::{FileId, FolderId, ITwin};

/// Most items of a page, so that large folders take few calls.
pub(super) const PAGE: i64 = 1000;

/// A place in the Storage of an iTwin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// The names on the way to it; none: the root folder.
    Path(Vec<String>),
    Id(String),
}

impl Spot {
    pub(super) fn root() -> Self {
        Self::Path(Vec::new())
    }

    /// As it is written.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Path(names) => format!("/{}", names.join("/")),
            Self::Id(id) => format!("id:{id}"),
        }
    }
}

impl FromStr for Spot {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(id) = text.strip_prefix("id:") {
            FileId::new(id).map_err(|error| error.to_string())?;
            return Ok(Self::Id(id.to_owned()));
        }
        let names: Vec<String> =
            text.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        if names.iter().any(|name| name == "." || name == "..") {
            return Err("a path begins at the root folder and has no . or .. in it".to_owned());
        }
        Ok(Self::Path(names))
    }
}

/// Something in Storage.
#[derive(Clone, Debug)]
pub(super) enum Thing {
    Folder { id: String, name: String },
    File { id: String, name: String, size: Option<i64> },
}

impl Thing {
    /// None of a kind that is not known here.
    pub(super) fn of(item: &Item) -> Option<Self> {
        match item {
            Item::Folder(folder) => {
                Some(Self::Folder { id: folder.id.clone(), name: folder.display_name.clone() })
            }
            Item::File(file) => Some(Self::File {
                id: file.id.clone(),
                name: file.display_name.clone(),
                size: file.size,
            }),
            _ => None,
        }
    }

    pub(super) fn id(&self) -> &str {
        match self {
            Self::Folder { id, .. } | Self::File { id, .. } => id,
        }
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Folder { name, .. } | Self::File { name, .. } => name,
        }
    }

    pub(super) fn is_folder(&self) -> bool {
        matches!(self, Self::Folder { .. })
    }
}

/// What is at a place that is not the root folder.
pub(super) async fn find(client: &ITwin, itwin: &str, spot: &Spot) -> Result<Thing> {
    let names = match spot {
        Spot::Id(id) => return by_id(client, id).await,
        Spot::Path(names) => names,
    };
    let Some((last, way)) = names.split_last() else {
        bail!("this is the root folder, to which that cannot be done");
    };
    let folder = walk(client, itwin, way).await?;
    let found = child(client, &folder, last).await?;
    found.ok_or_else(|| anyhow!("there is no {}", spot.text()))
}

/// The id of a folder.
pub(super) async fn folder(client: &ITwin, itwin: &str, spot: &Spot) -> Result<FolderId> {
    match spot {
        Spot::Path(names) => walk(client, itwin, names).await,
        Spot::Id(id) => {
            let folder = client.storage().get_folder().folder_id(id.as_str()).send().await?;
            Ok(FolderId::new(folder.into_inner().folder.id)?)
        }
    }
}

/// Down from the root folder.
async fn walk(client: &ITwin, itwin: &str, names: &[String]) -> Result<FolderId> {
    let mut folder = client.storage().root_folder(itwin).await?;
    for (index, name) in names.iter().enumerate() {
        let path = || Spot::Path(names.iter().take(index + 1).cloned().collect()).text();
        folder = match child(client, &folder, name).await? {
            Some(Thing::Folder { id, .. }) => FolderId::new(id)?,
            Some(Thing::File { .. }) => bail!("{} is a file, not a folder", path()),
            None => bail!("there is no {}", path()),
        };
    }
    Ok(folder)
}

/// What has this name in a folder. The same name in other letters will do, as no
/// two in a folder differ in nothing else.
pub(super) async fn child(client: &ITwin, folder: &FolderId, name: &str) -> Result<Option<Thing>> {
    let list = client.storage().list_folder_items().folder_id(folder).top(PAGE);
    let mut items = list.items();
    let lowered = name.to_lowercase();
    while let Some(item) = items.next_item().await {
        let thing = Thing::of(&item?).filter(|thing| thing.name().to_lowercase() == lowered);
        if thing.is_some() {
            return Ok(thing);
        }
    }
    Ok(None)
}

async fn by_id(client: &ITwin, id: &str) -> Result<Thing> {
    let storage = client.storage();
    match storage.get_file().file_id(id).send().await {
        Ok(file) => {
            let file = file.into_inner().file;
            return Ok(Thing::File { id: file.id, name: file.display_name, size: file.size });
        }
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(error.into()),
    }
    let folder = storage.get_folder().folder_id(id).send().await?.into_inner().folder;
    Ok(Thing::Folder { id: folder.id, name: folder.display_name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_paths_or_ids() {
        let path = |names: &[&str]| Spot::Path(names.iter().map(ToString::to_string).collect());
        for (text, spot) in [
            ("/", path(&[])),
            ("", path(&[])),
            ("/a/b c/", path(&["a", "b c"])),
            ("a//b", path(&["a", "b"])),
            ("id:x_1", Spot::Id("x_1".to_owned())),
        ] {
            assert_eq!(text.parse(), Ok(spot), "{text}");
        }
        for odd in ["id:", "/a/../b", "./a"] {
            assert!(odd.parse::<Spot>().is_err(), "{odd}");
        }
        assert_eq!(path(&["a", "b"]).text(), "/a/b");
    }
}
