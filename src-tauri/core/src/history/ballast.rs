//! A file that holds some space back: on a full disk SQLite cannot even delete, for deleting is
//! written, too. It is given up so that deleting can run, and taken again when there is space.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
};

const FILE: &str = "history.ballast";
/// Enough for the log of many small deletions. Bytes.
const SIZE: u64 = 4 * 1024 * 1024;

/// Space held back beside the history.
#[derive(Debug)]
pub(super) struct Ballast {
    path: PathBuf,
}

impl Ballast {
    pub(super) fn new(dir: &Path) -> Self {
        Self {
            path: dir.join(FILE),
        }
    }

    /// Takes the space if it is not taken. On a nearly full disk that has to wait.
    pub(super) fn take(&self) {
        if fs::metadata(&self.path).is_ok_and(|file| file.len() == SIZE) {
            return;
        }
        if self.write().is_err() {
            self.give_up();
        }
    }

    fn write(&self) -> std::io::Result<()> {
        let mut file = File::create(&self.path)?;
        let zeros = vec![0; 64 * 1024];
        let mut left = SIZE;
        while left > 0 {
            // Written, not only declared: a hole takes no space.
            file.write_all(&zeros)?;
            left = left.saturating_sub(zeros.len() as u64);
        }
        file.sync_all()
    }

    /// Gives the space up; whether there was any.
    pub(super) fn give_up(&self) -> bool {
        fs::remove_file(&self.path).is_ok()
    }
}
