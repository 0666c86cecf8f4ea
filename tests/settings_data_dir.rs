//! Who may write a data directory, and what a bad one says.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tidings_core::{data_dir::DataDir, error::Code};

const DIR: &str = "TIDINGS_TEST_HOLD";
const OPEN_OWN: &str = "TIDINGS_TEST_OPEN_OWN";

/// Not a test of its own: a process that holds the lock until it is killed.
#[test]
fn child_holds_the_lock() {
    let Ok(dir) = env::var(DIR) else { return };
    let _lock = DataDir::open(Some(Path::new(&dir)))
        .unwrap()
        .lock("the desktop app")
        .unwrap();
    println!("held");
    loop {
        std::thread::park();
    }
}

/// Not a test of its own: a process that opens the app's own directory and says how that went.
#[test]
fn child_opens_its_own_directory() {
    if env::var(OPEN_OWN).is_err() {
        return;
    }
    match DataDir::open(None) {
        Ok(dir) => println!("\nopened {}", dir.path().display()),
        Err(error) => println!("\nrefused {:?} {error}", error.code),
    }
}

fn own_directory_of(home: &Path) -> String {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "child_opens_its_own_directory", "--nocapture"])
        .env(OPEN_OWN, "1")
        .env("HOME", home)
        .env_remove("XDG_DATA_HOME")
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text
        .lines()
        .find(|l| l.starts_with("opened ") || l.starts_with("refused "));
    line.unwrap().to_owned()
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn t5_a_second_process_learns_who_holds_the_directory() {
    let temp = tempfile::tempdir().unwrap();
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "child_holds_the_lock", "--nocapture"])
        .env(DIR, temp.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().ends_with("held")));
    let dir = DataDir::open(Some(temp.path())).unwrap();

    let error = dir.lock("the command line").unwrap_err();

    assert_eq!(error.code, Code::Locked);
    let holder = format!("the desktop app (pid {}) holds", child.id());
    assert!(error.message.starts_with(&holder), "{error}");

    child.kill().unwrap();
    child.wait().unwrap();
    assert!(dir.lock("the command line").is_ok());
}

#[test]
fn the_lock_lasts_as_long_as_its_last_clone() {
    let temp = tempfile::tempdir().unwrap();
    let dir = DataDir::open(Some(temp.path())).unwrap();
    let first = dir.lock("a test").unwrap();
    let second = first.clone();

    drop(first);
    assert_eq!(dir.lock("a test").unwrap_err().code, Code::Locked);

    drop(second);
    assert!(dir.lock("a test").is_ok());
}

#[test]
fn a_lock_file_full_of_anything_still_locks() {
    for bytes in [
        b"".as_slice(),
        b"\xff\xfe\x00",
        &[b'9'; 5000],
        b"no pid at all\n",
    ] {
        let temp = tempfile::tempdir().unwrap();
        fs::write(temp.path().join("tidings.lock"), bytes).unwrap();
        let dir = DataDir::open(Some(temp.path())).unwrap();

        let lock = dir.lock("a test").unwrap();

        let file = fs::read_to_string(temp.path().join("tidings.lock")).unwrap();
        assert_eq!(file, format!("{} a test\n", std::process::id()));
        fs::write(temp.path().join("tidings.lock"), bytes).unwrap();
        let error = dir.lock("a test").unwrap_err();
        assert!(
            error.message.starts_with("another process holds"),
            "{error}"
        );
        drop(lock);
    }
}

#[test]
fn a_missing_directory_is_made_for_its_owner_alone() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("a/b");

    let dir = DataDir::open(Some(&path)).unwrap();

    assert_eq!(dir.path(), path);
    #[cfg(unix)]
    assert_eq!(mode(&path), 0o700);
}

#[test]
fn a_relative_directory_becomes_an_absolute_one() {
    let dir = DataDir::open(Some(Path::new("."))).unwrap();

    assert!(dir.path().is_absolute());
}

#[test]
fn a_place_where_nothing_can_be_made_is_an_error_in_words() {
    let temp = tempfile::tempdir().unwrap();
    let file = temp.path().join("file");
    fs::write(&file, "").unwrap();
    let places: [PathBuf; 4] = [
        "/proc/tidings".into(),
        file.clone(),
        file.join("below"),
        PathBuf::new(),
    ];
    for place in places {
        let error = DataDir::open(Some(&place)).unwrap_err();

        assert_eq!(error.code, Code::ReadOnly);
        assert!(error.message.contains("--data-dir"), "{error}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_takes_no_lock_file_is_read_only() {
    let dir = DataDir::open(Some(Path::new("/proc/self"))).unwrap();

    assert_eq!(dir.lock("a test").unwrap_err().code, Code::ReadOnly);
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_usable_home_the_answer_is_an_error_and_no_panic() {
    let temp = tempfile::tempdir().unwrap();
    fs::create_dir_all(temp.path().join(".local/share/dev.tidings.desktop")).unwrap();

    let good = own_directory_of(temp.path());
    let bad = own_directory_of(Path::new("/proc/nonexistent"));

    assert!(
        good.starts_with("opened ") && good.ends_with("dev.tidings.desktop"),
        "{good}"
    );
    assert!(bad.starts_with("refused ReadOnly"), "{bad}");
    let made = temp.path().join(".local/share/dev.tidings.desktop");
    assert_eq!(mode(&made), 0o700);
}

#[cfg(unix)]
#[test]
fn a_link_of_ones_own_is_followed_and_one_of_another_user_is_not() {
    use std::os::unix::fs::{MetadataExt as _, lchown, symlink};
    let temp = tempfile::tempdir().unwrap();
    let target = temp.path().join("target");
    fs::create_dir(&target).unwrap();
    let link = temp.path().join("link");
    symlink(&target, &link).unwrap();

    assert!(DataDir::open(Some(&link)).is_ok());

    // Only root may give files away; for anybody else the half above is all that can be shown.
    if fs::metadata(&target).unwrap().uid() != 0 {
        return;
    }
    for given_away in [&link, &target] {
        lchown(given_away, Some(12_345), None).unwrap();
        let error = DataDir::open(Some(&link)).unwrap_err();
        assert_eq!(error.code, Code::ReadOnly);
        assert!(error.message.contains("another user"), "{error}");
        lchown(given_away, Some(0), None).unwrap();
    }
}

#[test]
fn who_asks_whether_a_directory_is_held_keeps_nobody_from_holding_it() {
    let temp = tempfile::tempdir().unwrap();
    let dir = DataDir::open(Some(temp.path())).unwrap();
    assert!(!dir.is_held(), "nobody ever held it");
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let asks = || {
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                dir.is_held();
                std::thread::sleep(std::time::Duration::from_micros(200));
            }
        };
        scope.spawn(asks);
        scope.spawn(asks);
        let held = (0..300).map(|_| dir.lock("tidings-cli").map(|_lock| dir.is_held()));
        let held: Vec<_> = held.collect();
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(held.iter().all(|held| matches!(held, Ok(true))), "{held:?}");
    });
    assert!(!dir.is_held());
}
