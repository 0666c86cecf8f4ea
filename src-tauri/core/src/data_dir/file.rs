//! Files that are replaced whole or not at all, read with a limit, and set aside when they are
//! bad. Blocking.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use crate::model::Timestamp;

/// No settings or secrets file is larger, written or read. Bytes.
pub(crate) const FILE_MAX: usize = 8 * 1024 * 1024;

/// So many bad copies of one file are kept.
const COPIES_MAX: usize = 5;

/// What lies at a path.
#[derive(Debug)]
pub(crate) enum Content {
    /// A regular file of at most [`FILE_MAX`] bytes.
    Bytes(Vec<u8>),
    /// Something that cannot be a file of ours, and why.
    Bad(&'static str),
    /// Nothing.
    Missing,
}

/// Reads a file. Never blocks on a pipe and never reads beyond the limit.
pub(crate) fn read(path: &Path) -> io::Result<Content> {
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(match fs::symlink_metadata(path) {
                Ok(_) => Content::Bad("a link that leads nowhere"),
                Err(_) => Content::Missing,
            });
        }
        Err(error) => return Err(error),
    };
    if !found.is_file() {
        return Ok(Content::Bad("not a regular file"));
    }
    let mut bytes = Vec::new();
    let limit = FILE_MAX as u64 + 1;
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    if bytes.len() > FILE_MAX {
        return Ok(Content::Bad("too large"));
    }
    Ok(Content::Bytes(bytes))
}

/// Replaces a file so that after a crash at any moment there is the old one or the new one, whole.
/// Mode 0600. On an error the old one is untouched.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary(path);
    let written = write_new(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written?;
    sync_dir(path);
    Ok(())
}

/// Replaces a file that means nothing after a crash: whole for whoever reads it, and no wait for
/// the disk.
pub(crate) fn renew(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary(path);
    create(&temporary, bytes)?;
    fs::rename(&temporary, path)
}

/// Removes what a crash in the middle of [`replace`] may have left.
pub(crate) fn sweep(path: &Path) {
    let _ = fs::remove_file(temporary(path));
}

fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".tmp");
    name.into()
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Without it a power cut after the rename can leave a file of full length and zeros.
    create(path, bytes)?.sync_all()
}

fn create(path: &Path, bytes: &[u8]) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    private(&mut options);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    Ok(file)
}

/// Makes the rename outlast a power cut. A file system that cannot do it (some network ones) at
/// worst brings the old file back, whole; that is no reason to refuse the save.
fn sync_dir(path: &Path) {
    #[cfg(unix)]
    if let Some(dir) = path.parent()
        && let Err(error) = File::open(dir).and_then(|dir| dir.sync_all())
    {
        tracing::warn!(%error, dir = %dir.display(), "the directory could not be synced");
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// A new file is its owner's alone.
pub(crate) fn private(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

/// Sets bad files aside as `<stem>.corrupt-<utc>.json` and says where they are now. Older copies
/// go, so that five remain.
///
/// # Errors
/// Where one cannot be moved; it is still in its place then.
pub(crate) fn set_aside(
    dir: &Path,
    stem: &str,
    bad: &[PathBuf],
    now: Timestamp,
) -> io::Result<Vec<PathBuf>> {
    let prefix = format!("{stem}.corrupt-");
    // Before anything is moved: a clock set back must not make the newest copy the first to go.
    prune(dir, &prefix, COPIES_MAX.saturating_sub(bad.len()));
    let stamp = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut copies = Vec::new();
    for path in bad {
        let copy = (1..100)
            .map(|number| match number {
                1 => dir.join(format!("{prefix}{stamp}.json")),
                _ => dir.join(format!("{prefix}{stamp}-{number}.json")),
            })
            .find(|copy| fs::symlink_metadata(copy).is_err())
            .unwrap_or_else(|| dir.join(format!("{prefix}{stamp}-last.json")));
        fs::rename(path, &copy)?;
        copies.push(copy);
    }
    sync_dir(&dir.join(stem));
    Ok(copies)
}

fn prune(dir: &Path, prefix: &str, keep: usize) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    let mut copies: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path())
        .collect();
    // The time is in the name, so the oldest come first.
    copies.sort();
    for old in copies.iter().take(copies.len().saturating_sub(keep)) {
        // A directory somebody put in place of a file is not ours to delete.
        let _ = fs::remove_file(old);
    }
}

/// An I/O error in words a person can act on.
pub(crate) fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        io::ErrorKind::QuotaExceeded => "the disk quota is used up".to_owned(),
        io::ErrorKind::PermissionDenied => "this user may not write or read there".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "a file is in the place of a directory".to_owned()
        }
        _ => error.to_string(),
    }
}
