//! Secrets are kept, stay where they belong, and are never lost in silence.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{fs, path::Path, process::Command, sync::Arc};

use tidings_core::{
    data_dir::{DataDir, DataLock},
    error::Code,
    ipc::Trouble,
    model::{SourceId, Timestamp},
    secrets::{
        FileSecrets, HEADERS_MAX, Headers, SECRETS_FILE, Secret, SecretStore, SessionSecrets,
        redact_panics, take_secrets,
    },
    settings::{FileStore, SettingsFiles, SettingsOwner},
    source::SourceConfig,
};

const TOKEN: &str = "tok-5f2b-hunter2";

fn lock(dir: &Path) -> DataLock {
    DataDir::open(Some(dir)).unwrap().lock("a test").unwrap()
}

fn open(lock: &DataLock) -> (FileSecrets, Option<Trouble>) {
    FileSecrets::open(lock, Timestamp::UNIX_EPOCH)
}

fn header(name: &str, value: &str) -> (String, Secret) {
    (name.to_owned(), Secret::new(value.to_owned()))
}

fn headers() -> Headers {
    vec![
        header("X-Second", "b"),
        header("Authorization", &format!("Bearer {TOKEN}")),
        header("Cookie", "\u{c548}\u{b155}=1"),
    ]
}

#[test]
fn headers_come_back_in_their_order_after_a_restart() {
    let temp = tempfile::tempdir().unwrap();
    let lock = lock(temp.path());
    let (one, other) = (SourceId::random(), SourceId::random());
    {
        let (store, trouble) = open(&lock);
        assert_eq!(trouble, None);
        store.set(one, headers()).unwrap();
        store.set(other, vec![header("X-Key", "k")]).unwrap();
    }

    let (store, trouble) = open(&lock);

    assert_eq!(trouble, None);
    assert_eq!(store.get(one).unwrap(), headers());
    assert_eq!(
        store.header_names(one).unwrap(),
        ["X-Second", "Authorization", "Cookie"]
    );
    assert_eq!(store.header_names(other).unwrap(), ["X-Key"]);
    assert_eq!(store.get(SourceId::random()).unwrap(), []);
}

#[test]
fn a_removed_secret_is_gone_from_the_disk() {
    let temp = tempfile::tempdir().unwrap();
    let lock = lock(temp.path());
    let source = SourceId::random();
    let (store, _) = open(&lock);
    store.set(source, headers()).unwrap();
    assert_eq!(files_with(temp.path(), TOKEN), [SECRETS_FILE]);

    store.remove(source).unwrap();

    assert_eq!(store.get(source).unwrap(), []);
    assert!(files_with(temp.path(), TOKEN).is_empty());
}

#[test]
fn every_store_refuses_headers_that_cannot_be_sent() {
    let temp = tempfile::tempdir().unwrap();
    let stores: [&dyn SecretStore; 2] = [&open(&lock(temp.path())).0, &SessionSecrets::default()];
    let source = SourceId::random();
    for store in stores {
        store.set(source, headers()).unwrap();
        let many = (0..=HEADERS_MAX)
            .map(|n| header(&format!("X-{n}"), "v"))
            .collect();
        for (bad, code) in [
            (vec![header("Host", "h")], Code::InvalidHeader),
            (vec![header("X-A", "a\r\nX-B: b")], Code::InvalidHeader),
            (
                vec![header("X-A", "1"), header("x-a", "2")],
                Code::InvalidHeader,
            ),
            (many, Code::TooMany),
        ] {
            assert_eq!(store.set(source, bad).unwrap_err().code, code);
        }
        assert_eq!(store.get(source).unwrap(), headers());
        store.remove(source).unwrap();
        assert_eq!(store.get(source).unwrap(), []);
    }
}

#[test]
fn a_bad_file_is_kept_aside_and_reported() {
    let temp = tempfile::tempdir().unwrap();
    let lock = lock(temp.path());
    let path = temp.path().join(SECRETS_FILE);
    open(&lock).0.set(SourceId::random(), headers()).unwrap();
    let whole = fs::read(&path).unwrap();

    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();

        let (store, trouble) = open(&lock);

        let Some(Trouble::SettingsLost { copies }) = trouble else {
            panic!("cut to {length}: no trouble");
        };
        assert_eq!(fs::read(&copies[0]).unwrap(), &whole[..length]);
        assert!(!path.exists());
        assert!(store.set(SourceId::random(), headers()).is_ok());
    }
}

#[test]
fn a_file_that_cannot_be_understood_now_refuses_every_read() {
    let unreadable = |path: &Path| {
        #[cfg(unix)]
        std::os::unix::fs::symlink(SECRETS_FILE, path).unwrap();
        #[cfg(not(unix))]
        fs::write(path, include_bytes!("fixtures/settings/newer.json")).unwrap();
    };
    let newer = |path: &Path| {
        // Intact, and not what this version writes.
        fs::write(path, include_bytes!("fixtures/settings/newer.json")).unwrap();
    };
    for put in [unreadable as fn(&Path), newer] {
        let temp = tempfile::tempdir().unwrap();
        put(&temp.path().join(SECRETS_FILE));
        let source = SourceId::random();

        let (store, trouble) = open(&lock(temp.path()));

        assert_eq!(trouble, Some(Trouble::SettingsReadOnly));
        assert_eq!(store.get(source).unwrap_err().code, Code::ReadOnly);
        assert_eq!(
            store.set(source, headers()).unwrap_err().code,
            Code::ReadOnly
        );
    }
}

#[test]
fn a_failed_write_keeps_the_old_secrets() {
    let temp = tempfile::tempdir().unwrap();
    let lock = lock(temp.path());
    let source = SourceId::random();
    let (store, _) = open(&lock);
    store.set(source, headers()).unwrap();
    fs::create_dir(temp.path().join("secrets.json.tmp")).unwrap();

    let error = store.remove(source).unwrap_err();

    assert_eq!(error.code, Code::NotSaved);
    assert_eq!(store.get(source).unwrap(), headers());
    assert_eq!(open(&lock).0.get(source).unwrap(), headers());
}

#[test]
fn a_reader_beside_the_writer_sees_secrets_and_touches_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let lock = lock(temp.path());
    let source = SourceId::random();
    open(&lock).0.set(source, headers()).unwrap();

    let beside = FileSecrets::read(lock.dir());

    assert_eq!(beside.get(source).unwrap(), headers());
    assert_eq!(
        beside.set(source, headers()).unwrap_err().code,
        Code::ReadOnly
    );
    let path = temp.path().join(SECRETS_FILE);
    fs::write(&path, "torn").unwrap();
    assert!(FileSecrets::read(lock.dir()).get(source).is_err());
    assert_eq!(fs::read_to_string(path).unwrap(), "torn");
}

#[test]
fn a_secret_never_shows_itself() {
    let secret = Secret::new(TOKEN.to_owned());
    let session = SessionSecrets::default();
    session.set(SourceId::random(), headers()).unwrap();

    assert_eq!(format!("{secret:?}"), "Secret(redacted)");
    assert!(!format!("{session:?} {:?}", headers()).contains(TOKEN));
    assert_eq!(secret.expose(), TOKEN);
}

#[test]
fn b72_a_panic_tells_no_secret() {
    const PANICS: &str = "TIDINGS_TEST_PANICS";
    if std::env::var_os(PANICS).is_some() {
        redact_panics();
        panic!("bad answer to Authorization: Bearer {TOKEN}\nhttps://me:{TOKEN}@h/?token={TOKEN}");
    }

    let panicked = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "b72_a_panic_tells_no_secret", "--nocapture"])
        .env(PANICS, "1")
        .output()
        .unwrap();

    let said = String::from_utf8(panicked.stderr).unwrap();
    assert!(!panicked.status.success());
    assert!(said.contains("panicked at") && said.contains("bad answer to Authorization"));
    assert!(!said.contains(TOKEN), "{said}");
}

#[tokio::test]
async fn t9_a_token_is_in_no_file_but_the_secrets() {
    let temp = tempfile::tempdir().unwrap();
    let lock = lock(temp.path());
    let (secrets, _) = open(&lock);
    let (files, opened) = SettingsFiles::open(&lock, Timestamp::UNIX_EPOCH);
    let store = FileStore::new(Arc::new(files));
    let owner = SettingsOwner::new(opened.settings, Arc::new(store));
    let mut url = format!("https://me:{TOKEN}@example.com/events?token={TOKEN}")
        .parse()
        .unwrap();
    let with_password = SourceConfig::new("Refused", url);
    let pushed = with_password.clone();
    let refused = owner.update(move |s| {
        s.sources.push(pushed);
        Ok(())
    });
    assert!(!format!("{:?}", refused.await.unwrap_err()).contains(TOKEN));

    url = with_password.url;
    let mut secret = take_secrets(&mut url);
    secret.push(header("X-Token", TOKEN));
    let source = SourceConfig::new("Builds", url);
    secrets.set(source.id, secret).unwrap();
    for paused in [true, false] {
        let source = source.clone();
        let edit = owner.update(move |settings| {
            settings.sources = vec![source];
            settings.preferences.toasts_paused = paused;
            Ok(())
        });
        edit.await.unwrap();
    }
    fs::write(temp.path().join("settings.json"), "torn").unwrap();
    let _ = SettingsFiles::open(&lock, Timestamp::UNIX_EPOCH);

    assert_eq!(files_with(temp.path(), TOKEN), [SECRETS_FILE]);
    assert!(fs::read_dir(temp.path()).unwrap().count() >= 5);
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone_whatever_was_there() {
    use std::os::unix::fs::PermissionsExt as _;
    let temp = tempfile::tempdir().unwrap();
    let lock = lock(temp.path());
    let (store, _) = open(&lock);
    let left = temp.path().join("secrets.json.tmp");
    fs::write(&left, "left by a crash").unwrap();
    fs::set_permissions(&left, fs::Permissions::from_mode(0o666)).unwrap();

    store.set(SourceId::random(), headers()).unwrap();

    let mode = fs::metadata(temp.path().join(SECRETS_FILE))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(!left.exists());
}

/// Names of the files of a directory in which the text occurs.
fn files_with(dir: &Path, text: &str) -> Vec<String> {
    fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| {
            let bytes = fs::read(entry.path()).unwrap();
            bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        })
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect()
}
