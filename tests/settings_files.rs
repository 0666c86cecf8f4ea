//! What a start makes of the settings files, whatever became of them.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "support/settings.rs"]
mod place;

use std::{
    fs,
    path::{Path, PathBuf},
};

use place::{Place, ROLES, document, newer, saves};
use tidings_core::{
    error::Code,
    ipc::Trouble,
    model::Timestamp,
    settings::{
        Mode, Settings, SettingsFiles,
        files::{COPY_FILE, MAIN_FILE},
    },
};

fn copies(place: &Place) -> Vec<PathBuf> {
    let mut copies: Vec<PathBuf> = fs::read_dir(place.temp.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains("settings.corrupt-"))
        .collect();
    copies.sort();
    copies
}

#[test]
fn f20_b74_a_file_cut_short_at_any_byte_never_costs_a_source() {
    let document = document();
    let place = Place::with(&document);
    let whole = place.read(MAIN_FILE);

    for role in ROLES {
        for length in 0..whole.len() {
            fs::write(place.path(role), &whole[..length]).unwrap();

            let (files, opened) = place.start();

            assert_eq!(opened.settings, document, "{role} cut to {length}");
            assert_eq!((opened.trouble, files.mode()), (None, Mode::ReadWrite));
            assert_eq!(place.read(role), whole);
        }
    }
}

#[test]
fn f20_b74_zeros_from_any_byte_on_never_cost_a_source() {
    let document = document();
    let place = Place::with(&document);
    let whole = place.read(MAIN_FILE);

    for role in ROLES {
        for start in (0..whole.len()).step_by(7) {
            let mut zeroed = whole.clone();
            zeroed[start..].fill(0);
            fs::write(place.path(role), &zeroed).unwrap();

            assert_eq!(place.start().1.settings, document, "{role} from {start}");
        }
    }
}

#[test]
fn f20_b74_one_flipped_bit_never_costs_a_source() {
    let document = document();
    let place = Place::with(&document);
    let whole = place.read(MAIN_FILE);

    for role in ROLES {
        for bit in (0..whole.len() * 8).step_by(37) {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            fs::write(place.path(role), &flipped).unwrap();

            assert_eq!(place.start().1.settings, document, "{role} bit {bit}");
        }
    }
}

/// Everything else a file can become, by name.
fn ruins(whole: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let text = String::from_utf8(whole.to_vec()).unwrap();
    let utf16 = text.encode_utf16().flat_map(u16::to_le_bytes);
    vec![
        ("empty", Vec::new()),
        ("empty object", b"{}".to_vec()),
        ("null", b"null".to_vec()),
        ("list", b"[]".to_vec()),
        ("garbage", b"\xff\xfe\x00garbage\n".to_vec()),
        ("too large", vec![b'x'; 10 * 1024 * 1024]),
        ("BOM", [b"\xef\xbb\xbf", whole].concat()),
        ("UTF-16", [0xff, 0xfe].into_iter().chain(utf16).collect()),
        ("twice", [whole, whole].concat()),
        ("CRLF", text.replace('\n', "\r\n").into_bytes()),
        (
            "no checksum",
            text.replace("checksum", "checksun").into_bytes(),
        ),
        (
            "newer by one digit",
            text.replace("\"schema\": 1", "\"schema\": 3").into_bytes(),
        ),
    ]
}

#[test]
fn f20_b74_a_ruined_file_is_kept_aside_and_costs_nothing() {
    let document = document();
    let place = Place::with(&document);
    let whole = place.read(MAIN_FILE);

    for role in ROLES {
        for (name, bytes) in ruins(&whole) {
            fs::write(place.path(role), &bytes).unwrap();

            let (_, opened) = place.start();

            assert_eq!(opened.settings, document, "{role}: {name}");
            assert_eq!(opened.trouble, None);
            assert_eq!(place.read(role), whole, "{role}: {name}");
            assert_eq!(fs::read(&copies(&place)[0]).unwrap(), bytes);
            fs::remove_file(&copies(&place)[0]).unwrap();
        }
    }
}

#[test]
fn two_ruined_files_start_fresh_and_say_where_the_copies_are() {
    let whole = {
        let place = Place::with(&document());
        place.read(MAIN_FILE)
    };
    for (name, bytes) in ruins(&whole) {
        let place = Place::with(&document());
        for role in ROLES {
            fs::write(place.path(role), &bytes).unwrap();
        }

        let (files, opened) = place.start();

        assert_eq!(opened.settings, Settings::default(), "{name}");
        let Some(Trouble::SettingsLost { copies }) = opened.trouble else {
            panic!("{name}: no trouble");
        };
        assert_eq!(copies.len(), 2);
        for copy in copies {
            assert_eq!(fs::read(copy).unwrap(), bytes);
        }
        assert_eq!(saves(&files, &newer(&Settings::default())), Ok(()));
    }
}

#[cfg(unix)]
#[test]
fn f20_b74_what_is_no_regular_file_is_moved_out_of_the_way() {
    let document = document();
    for role in ROLES {
        for put in [
            (|path: &Path| fs::create_dir(path).unwrap()) as fn(&Path),
            |path| std::os::unix::fs::symlink("nowhere/at/all", path).unwrap(),
            |path| {
                let made = std::process::Command::new("mkfifo").arg(path).status();
                assert!(made.unwrap().success());
            },
        ] {
            let place = Place::with(&document);
            fs::remove_file(place.path(role)).unwrap();
            put(&place.path(role));

            let (_, opened) = place.start();

            assert_eq!((opened.settings, opened.trouble), (document.clone(), None));
            assert!(place.path(role).symlink_metadata().unwrap().is_file());
            assert_eq!(copies(&place).len(), 1);
        }
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_is_left_alone_and_nothing_is_written() {
    let document = document();
    for role in ROLES {
        let place = Place::with(&document);
        fs::remove_file(place.path(role)).unwrap();
        // A link to itself cannot be read by anybody, root included.
        std::os::unix::fs::symlink(role, place.path(role)).unwrap();

        let (files, opened) = place.start();

        assert_eq!(opened.settings, document);
        assert_eq!(opened.trouble, Some(Trouble::SettingsReadOnly));
        assert_eq!(saves(&files, &newer(&document)), Err(Code::ReadOnly));
        assert!(place.path(role).is_symlink());
        assert!(copies(&place).is_empty());
    }
}

#[test]
fn a_missing_file_comes_back_from_the_other() {
    let document = document();
    for role in ROLES {
        let place = Place::with(&document);
        let whole = place.read(role);
        fs::remove_file(place.path(role)).unwrap();

        let (_, opened) = place.start();

        assert_eq!((opened.settings, opened.trouble), (document.clone(), None));
        assert_eq!(place.read(role), whole);
    }
}

#[test]
fn a_first_start_has_the_defaults_and_writes_nothing() {
    let place = Place::new();

    let (files, opened) = place.start();

    assert_eq!(
        (opened.settings, opened.trouble),
        (Settings::default(), None)
    );
    assert_eq!(files.mode(), Mode::ReadWrite);
    assert!(ROLES.iter().all(|role| !place.path(role).exists()));
}

#[test]
fn the_newer_of_two_intact_files_wins() {
    let old = document();
    let new = newer(&old);
    let bytes = |document| fs::read(Place::with(document).path(MAIN_FILE)).unwrap();
    for role in ROLES {
        let place = Place::with(&old);
        fs::write(place.path(role), bytes(&new)).unwrap();

        assert_eq!(place.start().1.settings, new);
        for role in ROLES {
            assert_eq!(place.read(role), bytes(&new));
        }
    }
}

#[test]
fn no_more_than_five_bad_copies_are_kept_and_the_newest_is_one_of_them() {
    let place = Place::with(&document());
    for round in 0..9 {
        fs::write(place.path(MAIN_FILE), format!("bad {round}")).unwrap();
        // The clock is set back in the middle.
        let seconds = if round == 6 { 0 } else { 1_700_000_000 + round };
        let now = Timestamp::from_second(seconds).unwrap();
        let _ = SettingsFiles::open(&place.lock, now);
        let newest = format!("bad {round}");
        assert!(copies(&place).len() <= 5);
        assert!(
            copies(&place)
                .iter()
                .any(|copy| fs::read_to_string(copy).unwrap() == newest)
        );
    }
}

#[test]
fn t8_every_schema_ever_written_opens_as_the_same_document() {
    let golden = include_bytes!("fixtures/settings/v1.json");
    let place = Place::new();
    fs::write(place.path(MAIN_FILE), golden).unwrap();

    let (_, opened) = place.start();

    assert_eq!((opened.settings, opened.trouble), (document(), None));
    assert_eq!(place.read(COPY_FILE), golden);
}
