//! One owner, many watchers: what a change of the settings promises.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    time::Duration,
};

use proptest::prelude::*;
use serde_json::{Map, Value};
use tidings_core::{
    data_dir::{DataDir, DataLock},
    error::{Code, Error, Result},
    model::Timestamp,
    settings::{
        FileStore, Language, MemoryStore, Preferences, Settings, SettingsFiles, SettingsOwner,
        SettingsStore, Theme,
    },
    source::{EventFilter, Resume, SourceConfig},
};

fn lock(temp: &tempfile::TempDir) -> DataLock {
    DataDir::open(Some(temp.path()))
        .unwrap()
        .lock("a test")
        .unwrap()
}

fn open(lock: &DataLock) -> (SettingsFiles, Settings) {
    let (files, opened) = SettingsFiles::open(lock, Timestamp::UNIX_EPOCH);
    assert_eq!(opened.trouble, None);
    (files, opened.settings)
}

fn owner(lock: &DataLock) -> SettingsOwner {
    let (files, settings) = open(lock);
    SettingsOwner::new(settings, Arc::new(FileStore::new(Arc::new(files))))
}

fn source(name: &str) -> SourceConfig {
    SourceConfig::new(name, "https://example.com/events".parse().unwrap())
}

fn add(name: &str) -> impl FnOnce(&mut Settings) -> Result<()> + use<> {
    let source = source(name);
    move |settings| {
        settings.sources.push(source);
        Ok(())
    }
}

/// Counts what is saved, and refuses on demand.
#[derive(Default)]
struct Counting {
    saves: AtomicUsize,
    full: AtomicBool,
}

impl SettingsStore for Counting {
    fn save(&self, _: &Settings) -> Result<()> {
        self.saves.fetch_add(1, Ordering::SeqCst);
        if self.full.load(Ordering::SeqCst) {
            return Err(Error::new(Code::NotSaved, "the disk is full"));
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_change_is_on_disk_before_anybody_sees_it() {
    let temp = tempfile::tempdir().unwrap();
    let lock = lock(&temp);
    let owner = owner(&lock);
    let mut watcher = owner.subscribe();

    let name = owner
        .update(|settings| {
            settings.sources.push(source("Builds"));
            Ok("Builds")
        })
        .await
        .unwrap();

    watcher.changed().await.unwrap();
    assert_eq!(watcher.borrow().sources[0].name, name);
    assert_eq!(open(&lock).1, *owner.current());
    assert_eq!(owner.current().generation, 1);
}

#[tokio::test]
async fn a_save_that_fails_changes_nothing_for_nobody() {
    let store = Arc::new(Counting::default());
    store.full.store(true, Ordering::SeqCst);
    let owner = SettingsOwner::new(Settings::default(), Arc::<Counting>::clone(&store));
    let watcher = owner.subscribe();

    let error = owner.update(add("Builds")).await.unwrap_err();

    assert_eq!(error.code, Code::NotSaved);
    assert_eq!(*owner.current(), Settings::default());
    assert!(!watcher.has_changed().unwrap());

    store.full.store(false, Ordering::SeqCst);
    owner.update(add("Builds")).await.unwrap();
    assert_eq!(owner.current().generation, 1);
}

#[tokio::test]
async fn an_invalid_change_never_reaches_the_store() {
    let store = Arc::new(Counting::default());
    let owner = SettingsOwner::new(Settings::default(), Arc::<Counting>::clone(&store));
    owner.update(add("Builds")).await.unwrap();

    let twice = owner.update(add("Builds")).await.unwrap_err();
    let refused: Result<()> = owner
        .update(|settings| {
            settings.sources.clear();
            Err(Error::new(Code::NotFound, "no such source"))
        })
        .await;

    assert_eq!(twice.code, Code::DuplicateName);
    assert_eq!(refused.unwrap_err().code, Code::NotFound);
    assert_eq!(store.saves.load(Ordering::SeqCst), 1);
    assert_eq!(owner.current().sources.len(), 1);
}

#[tokio::test]
async fn a_change_that_changes_nothing_is_not_saved() {
    let store = Arc::new(Counting::default());
    let owner = SettingsOwner::new(Settings::default(), Arc::<Counting>::clone(&store));

    owner
        .update(|settings| {
            settings.preferences.toasts_paused = false;
            settings.generation = 99;
            Ok(())
        })
        .await
        .unwrap();

    assert_eq!(store.saves.load(Ordering::SeqCst), 0);
    assert_eq!(owner.current().generation, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_made_at_once_are_all_kept() {
    let temp = tempfile::tempdir().unwrap();
    let lock = lock(&temp);
    let owner = owner(&lock);

    let changes = (0..40).map(|n| {
        let owner = owner.clone();
        async move { owner.update(add(&format!("s{n}"))).await }
    });
    for result in futures_util::future::join_all(changes).await {
        result.unwrap();
    }

    let saved = open(&lock).1;
    assert_eq!((saved.sources.len(), saved.generation), (40, 40));
    assert_eq!(saved, *owner.current());
}

/// A store whose disk is slow: it says when a save begins, and ends it when it is told to.
struct Slow {
    begun: SyncSender<()>,
    go_on: Mutex<Receiver<()>>,
}

impl SettingsStore for Slow {
    fn save(&self, _: &Settings) -> Result<()> {
        self.begun.send(()).unwrap();
        self.go_on.lock().unwrap().recv().unwrap();
        Ok(())
    }
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_disk_and_memory_the_same() {
    let (begun, has_begun) = sync_channel(1);
    let (go_on, may_go_on) = sync_channel(2);
    let store = Slow {
        begun,
        go_on: Mutex::new(may_go_on),
    };
    let owner = SettingsOwner::new(Settings::default(), Arc::new(store));
    let mut watcher = owner.subscribe();

    let gone = tokio::time::timeout(Duration::from_millis(50), owner.update(add("Builds"))).await;
    assert!(gone.is_err());
    has_begun.recv().unwrap();
    go_on.send(()).unwrap();

    watcher.changed().await.unwrap();
    assert_eq!(owner.current().sources.len(), 1);
}

#[tokio::test]
async fn a_session_without_a_directory_still_takes_changes() {
    let owner = SettingsOwner::new(Settings::default(), Arc::new(MemoryStore));

    owner.update(add("Builds")).await.unwrap();

    assert_eq!(owner.current().sources.len(), 1);
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        proptest::num::f64::NORMAL.prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("\\PC{0,6}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Members a newer version may add; no name of ours begins like this.
fn unknown() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map("x_\\PC{0,6}", json(), 0..3)
        .prop_map(|members| members.into_iter().collect())
}

prop_compose! {
    fn any_source()(
        name in "[a-z\u{ac00}-\u{ac10}]([ -~]{0,20}[!-~])?",
        path in "[a-z/?=&%0-9]{0,30}",
        enabled: bool,
        events in prop_oneof![
            Just(EventFilter::All),
            prop::collection::vec("\\PC{0,8}", 0..3).prop_map(EventFilter::Only),
            prop::collection::vec("\\PC{0,8}", 0..3).prop_map(EventFilter::Not),
        ],
        body in prop::option::of("(\\PC|[\\x00-\\x1f]){0,20}"),
        query in prop::option::of("[a-z]{1,8}"),
        idle in prop::option::of(0.1..=86_400.0),
        unknown in unknown(),
    ) -> SourceConfig {
        let mut source = SourceConfig::new(name, format!("https://h/{path}").parse().unwrap());
        source.enabled = enabled;
        source.events = events;
        if body.is_some() {
            "POST".clone_into(&mut source.method);
        }
        source.body = body;
        source.resume = query.map_or(Resume::Header, Resume::Query);
        source.idle_timeout_s = idle;
        source.unknown = unknown;
        source
    }
}

prop_compose! {
    fn any_settings()(
        generation in 1..u64::MAX,
        mut sources in prop::collection::vec(any_source(), 0..4),
        toasts_paused: bool,
        close_explained: bool,
        korean: bool,
        dark: bool,
        in_preferences in unknown(),
        unknown in unknown(),
    ) -> Settings {
        for (number, source) in sources.iter_mut().enumerate() {
            source.name.push_str(&number.to_string());
        }
        Settings {
            generation,
            sources,
            preferences: Preferences {
                language: if korean { Language::Ko } else { Language::System },
                theme: if dark { Theme::Dark } else { Theme::Light },
                toasts_paused,
                close_explained,
                unknown: in_preferences,
                ..Preferences::default()
            },
            unknown,
            ..Settings::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn t10_what_is_saved_is_what_is_loaded(settings in any_settings()) {
        let temp = tempfile::tempdir().unwrap();
        let lock = lock(&temp);
        let (files, _) = open(&lock);

        FileStore::new(Arc::new(files)).save(&settings).unwrap();

        prop_assert_eq!(open(&lock).1, settings);
    }
}
