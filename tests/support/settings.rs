//! A data directory with settings in it, as a test finds and ruins it.

use std::{fs, path::PathBuf, sync::Arc};

use serde_json::json;
use tempfile::TempDir;
use tidings_core::{
    data_dir::{DataDir, DataLock},
    error::Code,
    model::Timestamp,
    settings::{
        FileStore, Opened, Settings, SettingsFiles, SettingsStore as _,
        files::{COPY_FILE, MAIN_FILE},
    },
    source::{EventFilter, SourceConfig},
};

pub(crate) const ROLES: [&str; 2] = [MAIN_FILE, COPY_FILE];

pub(crate) struct Place {
    pub(crate) temp: TempDir,
    pub(crate) lock: DataLock,
}

impl Place {
    pub(crate) fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let lock = DataDir::open(Some(temp.path()))
            .unwrap()
            .lock("a test")
            .unwrap();
        Self { temp, lock }
    }

    pub(crate) fn with(document: &Settings) -> Self {
        let place = Self::new();
        let (files, _) = place.start();
        FileStore::new(Arc::new(files)).save(document).unwrap();
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn start(&self) -> (SettingsFiles, Opened) {
        SettingsFiles::open(
            &self.lock,
            "2026-03-04T05:06:07Z".parse::<Timestamp>().unwrap(),
        )
    }
}

/// Three sources as people have them; fixed ids, so that the bytes are the same in every run.
pub(crate) fn document() -> Settings {
    let mut demo = SourceConfig::new("Demo", "tidings:demo".parse().unwrap());
    demo.id = "6f1c2ad0-9a53-4d6e-8f0e-000000000001".parse().unwrap();
    let mut builds = SourceConfig::new("Builds", "https://ci.example.com/events".parse().unwrap());
    builds.id = "6f1c2ad0-9a53-4d6e-8f0e-000000000002".parse().unwrap();
    builds.events = EventFilter::Only(vec!["failed".to_owned()]);
    builds.idle_timeout_s = Some(0.1);
    builds.unknown.insert("colour".to_owned(), json!("#c0ffee"));
    let mut shop = SourceConfig::new(
        "\u{c8fc}\u{bb38}",
        "http://127.0.0.1:3000/orders?since=0".parse().unwrap(),
    );
    shop.id = "6f1c2ad0-9a53-4d6e-8f0e-000000000003".parse().unwrap();
    shop.enabled = false;
    let mut settings = Settings {
        generation: 7,
        sources: vec![demo, builds, shop],
        ..Settings::default()
    };
    settings
        .unknown
        .insert("recipes".to_owned(), json!([{"a": 1}]));
    settings
}

pub(crate) fn newer(document: &Settings) -> Settings {
    let mut newer = document.clone();
    newer.generation += 1;
    newer.preferences.toasts_paused = true;
    newer
}

pub(crate) fn saves(files: &SettingsFiles, document: &Settings) -> Result<(), Code> {
    files.commit(document).map(|_| ()).map_err(|e| e.code)
}
