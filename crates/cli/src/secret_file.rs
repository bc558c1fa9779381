//! Where a text goes that must not be seen: to stdout alone, or into a new file
//! that only its owner may read. It must not know what the text opens.
//!
//! The file is made beside its place, with owner-only rights, before there is
//! anything to keep: a folder that cannot be written is told before a secret is
//! made that nobody could read again. It then takes its place in one step, which
//! follows no link.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

use crate::usage::wrong;

#[derive(clap::Args)]
pub(crate) struct SecretArgs {
    /// Write the secret to this new file, readable by its owner only, instead of
    /// to stdout, which is `-`.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the file if it is there. A symbolic link is never followed.
    #[arg(long, requires = "out")]
    force: bool,
}

/// A place for a secret that does not exist yet.
pub(crate) struct SecretPlace {
    file: Option<(NamedTempFile, PathBuf)>,
    force: bool,
}

impl SecretArgs {
    /// Gets the place ready, so that what can fail fails now.
    pub(crate) fn prepare(self) -> Result<SecretPlace> {
        let Self { out, force } = self;
        let out = out.filter(|path| path.as_os_str() != "-");
        let file = out.map(|path| prepare(path, force)).transpose()?;
        Ok(SecretPlace { file, force })
    }
}

impl SecretPlace {
    /// Whether it is a file, so that stdout is free for something else.
    pub(crate) fn is_file(&self) -> bool {
        self.file.is_some()
    }

    /// Puts the lines there.
    pub(crate) fn put(self, lines: &str) -> Result<()> {
        let Some((mut file, path)) = self.file else {
            let mut out = io::stdout().lock();
            writeln!(out, "{lines}")?;
            return Ok(out.flush()?);
        };
        let wrote = writeln!(file, "{lines}").and_then(|()| file.as_file().sync_all());
        wrote.with_context(|| format!("{} cannot be written", path.display()))?;
        let kept = match self.force {
            true => file.persist(&path),
            false => file.persist_noclobber(&path),
        };
        kept.map_err(|error| error.error)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(())
    }
}

fn prepare(path: PathBuf, force: bool) -> Result<(NamedTempFile, PathBuf)> {
    let shown = path.display();
    let fault = match fs::symlink_metadata(&path) {
        Ok(there) if there.is_symlink() => Some(format!("{shown} is a symbolic link")),
        Ok(there) if !there.is_file() => Some(format!("{shown} is no file")),
        Ok(_) if !force => Some(format!("{shown} is there already; --force replaces it")),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Some(format!("{shown} cannot be written: {error}"))
        }
        _ => None,
    };
    if let Some(fault) = fault {
        return Err(wrong(fault));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    // Made with rights for its owner only.
    let file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))
        .map_err(|error| wrong(format!("{} cannot be written: {error}", path.display())))?;
    Ok((file, path))
}
