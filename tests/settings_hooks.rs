//! What may be written over the settings, and by whom: the plugin's hooks, readers, older versions.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "support/settings.rs"]
mod place;

use std::{collections::HashMap, fs, path::PathBuf};

use place::{Place, ROLES, document, newer, saves};
use serde_json::{Value, json};
use tidings_core::{
    data_dir::DataDir,
    error::Code,
    ipc::Trouble,
    settings::{
        Mode, Settings, SettingsFiles,
        files::{COPY_FILE, MAIN_FILE},
    },
};

fn entries(place: &Place) -> Vec<PathBuf> {
    let entries = fs::read_dir(place.temp.path()).unwrap();
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

#[test]
fn t8_files_of_a_newer_version_are_shown_as_read_only_and_stay_byte_for_byte() {
    let newer_version = include_bytes!("fixtures/settings/newer.json");
    for role in ROLES {
        let place = Place::with(&document());
        let before: Vec<Vec<u8>> = ROLES.map(|role| place.read(role)).to_vec();
        fs::write(place.path(role), newer_version).unwrap();

        let (files, opened) = place.start();

        assert_eq!(opened.trouble, Some(Trouble::SettingsReadOnly));
        assert_eq!(opened.settings, document());
        assert_eq!(files.mode(), Mode::Newer);
        assert_eq!(saves(&files, &newer(&document())), Err(Code::ReadOnly));
        assert!(files.serialize(&files.members()).is_err());
        for (other, before) in ROLES.iter().zip(&before) {
            let after = place.read(other);
            let expected = if *other == role {
                newer_version.as_slice()
            } else {
                before
            };
            assert_eq!(after, expected);
        }
    }
}

#[test]
fn a_cleared_or_stale_cache_is_not_written() {
    let place = Place::with(&document());
    let (files, opened) = place.start();
    let before = ROLES.map(|role| place.read(role));
    let good = files.members();
    let with = |key: &str, value: Value| {
        let mut cache = good.clone();
        cache.insert(key.to_owned(), value);
        cache
    };
    let mut twins = opened.settings.sources.clone();
    twins.push(twins[0].clone());
    let mut half = good.clone();
    half.remove("sources");

    for (name, cache) in [
        ("cleared", HashMap::new()),
        ("half cleared", half),
        ("older", with("generation", json!(6))),
        (
            "changed behind the owner's back",
            with("sources", json!([])),
        ),
        ("no sources", with("sources", Value::Null)),
        ("other schema", with("schema", json!(2))),
        ("invalid", {
            let mut cache = with("sources", serde_json::to_value(&twins).unwrap());
            cache.insert("generation".to_owned(), json!(8));
            cache
        }),
    ] {
        assert!(files.serialize(&cache).is_err(), "{name}");
        assert_eq!(before, ROLES.map(|role| place.read(role)));
    }

    assert_eq!(files.serialize(&good).unwrap(), before[0]);
}

#[test]
fn the_hooks_carry_a_document_to_disk_and_back() {
    let place = Place::with(&document());
    let (files, _) = place.start();
    let next = newer(&document());
    let cache = |document: &Settings| {
        let Value::Object(members) = serde_json::to_value(document).unwrap() else {
            panic!("no object");
        };
        members.into_iter().collect()
    };

    let bytes = files.serialize(&cache(&next)).unwrap();

    assert_eq!(place.read(COPY_FILE), bytes);
    assert!(files.holds(&next) && !files.holds(&document()));
    assert_eq!(files.deserialize(&bytes).unwrap(), cache(&next));
    for torn in [&bytes[..bytes.len() / 2], b"", &place.read(MAIN_FILE)] {
        assert_eq!(files.deserialize(torn).unwrap(), cache(&next));
    }
}

#[test]
fn a_copy_that_cannot_be_written_is_an_error_and_changes_nothing() {
    let place = Place::with(&document());
    let (files, _) = place.start();
    // A directory in the place of the temporary file stops even root.
    fs::create_dir(place.path("settings.bak.json.tmp")).unwrap();

    let error = files.commit(&newer(&document())).unwrap_err();

    assert_eq!(error.code, Code::NotSaved);
    assert!(!files.holds(&newer(&document())));
    assert_eq!(place.start().1.settings, document());
    fs::remove_dir(place.path("settings.bak.json.tmp")).unwrap();
    assert_eq!(saves(&files, &newer(&document())), Ok(()));
}

#[test]
fn a_reader_beside_the_writer_touches_nothing() {
    let place = Place::with(&document());
    fs::write(place.path(MAIN_FILE), "torn").unwrap();
    let before = entries(&place);
    let dir = DataDir::open(Some(place.temp.path())).unwrap();

    let beside = SettingsFiles::read(&dir);

    assert_eq!((beside.settings, beside.trouble), (document(), None));
    assert_eq!(fs::read_to_string(place.path(MAIN_FILE)).unwrap(), "torn");
    let (files, unwritable) = SettingsFiles::in_memory(Some(&dir));
    assert_eq!(unwritable.settings, document());
    assert_eq!(unwritable.trouble, Some(Trouble::SettingsReadOnly));
    assert_eq!(saves(&files, &newer(&document())), Err(Code::ReadOnly));
    assert_eq!(entries(&place), before);
}

#[test]
fn without_any_directory_there_are_still_settings() {
    let (files, opened) = SettingsFiles::in_memory(None);

    assert_eq!(opened.settings, Settings::default());
    assert_eq!(opened.trouble, Some(Trouble::SettingsReadOnly));
    assert!(files.serialize(&files.members()).is_err());
}

#[cfg(unix)]
#[test]
fn the_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let (files, _) = place.start();
    files.serialize(&files.members()).unwrap();

    for name in [MAIN_FILE, COPY_FILE, "tidings.lock"] {
        let mode = fs::metadata(place.path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
