//! Start, events and ordered end of the desktop app.

use std::{
    ffi::OsString,
    io::{IsTerminal as _, Write as _},
    path::Path,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use tauri::{App, AppHandle, Manager as _, RunEvent, WindowEvent, Wry};
use tempfile::TempDir;
use tidings_core::{
    data_dir::{DataDir, DataLock},
    delivery::{self, Words},
    engine::{Engine, Parts},
    error::{Code, Error, Result},
    history::History,
    ipc::Trouble,
    model::Timestamp,
    secrets::{Fallback, SecretStore, Secrets, SessionSecrets, redact_panics},
    settings::{Language, MemoryStore, Mode, Opened, SettingsFiles, SettingsOwner, SettingsStore},
    source::suspend::asleep,
    update::Wanted,
};
use tokio::sync::watch;
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::{
    autostart, closing, commands,
    feed::Window,
    instance,
    options::{self, Asked, Options},
    plugin_store::PluginStore,
    refusal::{refuse, say},
    tray, window,
    words::Catalogue,
    zoom::Zoom,
};

/// How a process that wants the directory names this one.
const PROGRAM: &str = "the desktop app";

/// What toasts say beyond the events, in the order of [`toast_words`].
pub(crate) const TOAST_KEYS: [&str; 17] = [
    "toast.more",
    "toast.away",
    "toast.backlog",
    "toast.missed",
    "toast.silent",
    "toast.seconds",
    "toast.minutes",
    "toast.hours",
    "toast.days",
    "toast.held",
    "toast.private",
    "toast.open",
    "toast.open_link",
    "toast.snooze",
    "toast.read",
    "toast.test_summary",
    "toast.test_body",
];

/// Where the data are; none where they are in memory only.
pub(crate) struct Directory(pub(crate) Option<DataDir>);

/// The engine, until it is stopped, and the directory that goes when it is.
struct Running(Mutex<Option<(Engine, Option<TempDir>)>>);

/// Runs the desktop app to its end.
pub fn main() -> ExitCode {
    redact_panics();
    let options = match options::read(std::env::args_os().skip(1)) {
        Asked::Run(options) => options,
        Asked::Print(text) => {
            let _ = writeln!(std::io::stdout(), "{text}");
            return ExitCode::SUCCESS;
        }
        Asked::Refuse(why) => {
            say(&format!("{why}\n\n{}", options::USAGE));
            return ExitCode::from(2);
        }
    };
    log();
    // GTK takes it for its own.
    let token = ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok());
    #[cfg(target_os = "linux")]
    if gtk::init().is_err() {
        say(
            "there is no screen to show the window on; to receive without one run: \
             tidings-cli run",
        );
        return ExitCode::FAILURE;
    }
    match run(&options, token) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse(&error.to_string(), options.hidden),
    }
}

fn run(options: &Options, token: Option<String>) -> Result<()> {
    let internal = |what: &'static str| {
        move |error: Box<dyn std::error::Error + Send + Sync>| {
            Error::new(Code::Internal, format!("{what} ({error})"))
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| internal("no threads can be started")(error.into()))?;
    tauri::async_runtime::set(runtime.handle().clone());

    // A demo leaves nothing behind: its directory goes when this does.
    let throw_away = options.demo.then(demo_directory).transpose();
    let throw_away =
        throw_away.map_err(|error| internal("no directory for the demo")(error.into()))?;
    let given = throw_away
        .as_ref()
        .map(TempDir::path)
        .or(options.data_dir.as_deref());
    let storage = match Storage::open(given) {
        Ok(storage) => storage,
        Err(error) if error.code == Code::Locked => {
            let dir = DataDir::existing(given)?;
            let shown = runtime.block_on(instance::show_first(dir.path(), token));
            return if shown { Ok(()) } else { Err(error) };
        }
        Err(error) => return Err(error),
    };

    let hidden = options.hidden;
    let demo = options.demo;
    let app = autostart::prepare(builder(given), given, demo)
        .plugin(tauri_plugin_store::Builder::default().build())
        .manage(Window::default())
        .manage(Zoom::default())
        .manage(commands::settings::Chosen::default())
        .invoke_handler(tauri::generate_handler![
            commands::attach,
            commands::history_page,
            commands::history_get,
            commands::history_mark_read,
            commands::history_pin,
            commands::history_delete,
            commands::history_undo,
            commands::history_clear,
            commands::history_figures,
            commands::history_export,
            commands::history_export_cancel,
            commands::source_add,
            commands::source_edit,
            commands::source_remove,
            commands::source_enable,
            commands::source_retry,
            commands::source_probe,
            commands::source_probe_end,
            commands::source_pulses,
            commands::source_activity,
            commands::source_diagnosis,
            commands::source_curl,
            commands::curl_read,
            commands::report,
            commands::demo_start,
            commands::preferences_set,
            commands::quiet_hours_set,
            commands::snooze,
            commands::link_open,
            commands::address_open,
            commands::toast_test,
            commands::pulse,
            commands::zoom,
            commands::autostart_get,
            commands::autostart_set,
            commands::secrets_keep_in_file,
            commands::keychain_give_up,
            commands::settings::about,
            commands::settings::data_delete,
            commands::settings::history_check,
            commands::settings::path_choose,
            commands::settings::settings_export,
            commands::settings::settings_import,
            commands::rules::rules_get,
            commands::rules::rules_set,
            commands::rules::rules_preview,
            commands::rules::rule_draft,
            commands::rules::mapping_preview,
            commands::rules::rule_hits,
            commands::rules::event_types,
            commands::rules::fields_seen,
        ])
        .setup(move |app| {
            if let Err(error) = start(app, storage, throw_away, hidden, demo) {
                // Given back, it would be a panic.
                refuse(&error.to_string(), hidden);
                std::process::exit(1);
            }
            Ok(())
        })
        .build(tauri::generate_context!())
        .map_err(|error| Error::new(Code::Internal, error.to_string()))?;
    app.run(on_event);
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    Ok(())
}

fn demo_directory() -> std::io::Result<TempDir> {
    tempfile::Builder::new().prefix("tidings-demo-").tempdir()
}

fn builder(dir: Option<&Path>) -> tauri::Builder<Wry> {
    let builder = tauri::Builder::default();
    #[cfg(not(target_os = "linux"))]
    let builder = builder.plugin(instance::plugin());
    match dir {
        Some(_) => builder,
        // Its file is the app's own: not for a directory somebody named.
        None => builder.plugin(tauri_plugin_window_state::Builder::default().build()),
    }
}

/// What is open on disk, or in memory where the disk cannot be used.
struct Storage {
    files: Arc<SettingsFiles>,
    opened: Opened,
    secrets: Arc<dyn SecretStore>,
    history: History,
    troubles: Vec<Trouble>,
    dir: Option<DataDir>,
}

impl Storage {
    fn open(given: Option<&Path>) -> Result<Self> {
        let dir = DataDir::open(given);
        match dir.and_then(|dir| dir.lock(PROGRAM)) {
            Ok(lock) => Self::on_disk(&lock),
            Err(error) if error.code == Code::ReadOnly => Self::in_memory(given, &error),
            Err(error) => Err(error),
        }
    }

    fn on_disk(lock: &DataLock) -> Result<Self> {
        let (files, opened) = SettingsFiles::open(lock, now());
        let remembered = &opened.settings.secrets;
        let (secrets, lost) = Secrets::open(lock, remembered, None, Fallback::Session, now);
        let mut troubles: Vec<Trouble> = opened.trouble.clone().into_iter().chain(lost).collect();
        let started = History::start(lock.path(), now())?;
        troubles.extend(started.troubles);
        Ok(Self {
            files: Arc::new(files),
            opened,
            secrets: Arc::new(secrets),
            history: started.history,
            troubles,
            dir: Some(lock.dir().clone()),
        })
    }

    fn in_memory(given: Option<&Path>, error: &Error) -> Result<Self> {
        let dir = DataDir::existing(given).ok();
        let (files, opened) = SettingsFiles::in_memory(dir.as_ref());
        let mut started = History::start_in_memory(&error.message)?;
        started.troubles.push(Trouble::SettingsReadOnly);
        Ok(Self {
            files: Arc::new(files),
            opened,
            secrets: Arc::new(SessionSecrets::default()),
            history: started.history,
            troubles: started.troubles,
            dir: None,
        })
    }
}

fn start(
    app: &mut App,
    storage: Storage,
    throw_away: Option<TempDir>,
    hidden: bool,
    demo: bool,
) -> Result<()> {
    let store: Arc<dyn SettingsStore> = match storage.files.mode() {
        Mode::ReadWrite | Mode::Newer => {
            Arc::new(PluginStore::open(app.handle(), Arc::clone(&storage.files))?)
        }
        Mode::Memory => Arc::new(MemoryStore),
    };
    let settings = SettingsOwner::new(storage.opened.settings, store);
    let engine = tauri::async_runtime::block_on(Engine::start(Parts {
        settings,
        secrets: storage.secrets,
        history: storage.history,
        toasts: delivery::Options::default(),
        words: toast_words,
        clock: now,
        asleep,
        troubles: storage.troubles,
    }))?;
    let handle = engine.handle();
    if demo {
        tauri::async_runtime::block_on(handle.add_demo())?;
    }
    outlive_the_bus();
    // A missing tray host is no reason not to start.
    if let Err(error) = tray::build(app, &handle) {
        tracing::warn!(%error, "there is no tray here");
    }
    if hidden {
        tauri::async_runtime::spawn(async {
            if !closing::has_tray().await {
                tracing::warn!("nobody shows tray icons here: start tidings again for its window");
            }
        });
    }
    if let Some(dir) = storage.dir.clone() {
        tauri::async_runtime::spawn(instance::listen(app.handle().clone(), dir));
    }
    app.manage(handle.clone());
    if let Some(dir) = storage.dir.clone() {
        tauri::async_runtime::spawn(handle.clone().write_states(dir));
    }
    app.manage(Directory(storage.dir));
    app.manage(Running(Mutex::new(Some((engine, throw_away)))));
    let wanted = handle.wanted.subscribe();
    tauri::async_runtime::spawn(show_wanted(app.handle().clone(), wanted));
    tauri::async_runtime::spawn(end_with_signal(app.handle().clone()));
    if !hidden {
        window::show(app.handle());
    }
    Ok(())
}

/// GTK connects to the session bus through `GLib`, which ends the process with the bus unless it is
/// told not to: streams and history need none.
fn outlive_the_bus() {
    #[cfg(target_os = "linux")]
    {
        use gtk::gio::{BusType, Cancellable, bus_get_sync};
        if let Ok(bus) = bus_get_sync(BusType::Session, Cancellable::NONE) {
            bus.set_exit_on_close(false);
        }
    }
}

/// A click on a toast shows its event.
async fn show_wanted(app: AppHandle, mut wanted: watch::Receiver<Wanted>) {
    while wanted.changed().await.is_ok() {
        let Wanted { row, link, token } = wanted.borrow_and_update().clone();
        if let Some(row) = row {
            app.state::<Window>().open(row, link);
        }
        let shown = app.clone();
        let _ = app.run_on_main_thread(move || window::show_with(&shown, token.as_deref()));
    }
}

/// A logout or a kill stores what was received, then ends with success.
async fn end_with_signal(app: AppHandle) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminated.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            app.exit(0);
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_ok() {
        app.exit(0);
    }
}

fn on_event(app: &AppHandle, event: RunEvent) {
    match event {
        // Closing the window is not the end: only Quit, or a signal, has a code.
        RunEvent::ExitRequested {
            code: None, api, ..
        } => api.prevent_exit(),
        RunEvent::WindowEvent {
            label,
            event: WindowEvent::CloseRequested { api, .. },
            ..
        } if label == window::LABEL => {
            api.prevent_close();
            closing::close(app);
        }
        RunEvent::WindowEvent {
            label,
            event: WindowEvent::Destroyed,
            ..
        } if label == window::LABEL => {
            app.state::<Window>().stop();
        }
        RunEvent::Exit => {
            app.state::<Window>().stop();
            let running = app.state::<Running>();
            let running = running
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            if let Some((engine, passing)) = running {
                tauri::async_runtime::block_on(engine.stop());
                // The process ends here without going back to main: nothing else would drop them.
                drop(passing);
            }
        }
        _ => {}
    }
}

/// What toasts say beyond the events, in the language of the app.
fn toast_words(language: Language) -> Words {
    let words = Catalogue::of(language);
    let [
        more,
        away,
        backlog,
        missed,
        silent,
        seconds,
        minutes,
        hours,
        days,
        held,
        private,
        open,
        open_link,
        snooze,
        read,
        test_summary,
        test_body,
    ] = TOAST_KEYS.map(|key| words.get(key));
    Words {
        more,
        away,
        backlog,
        missed,
        silent,
        seconds,
        minutes,
        hours,
        days,
        held,
        private,
        open,
        open_link,
        snooze,
        read,
        test_summary,
        test_body,
    }
}

/// The wall clock: read here and nowhere below.
#[expect(
    clippy::disallowed_methods,
    reason = "the program's edge: below, time is a parameter"
)]
fn now() -> Timestamp {
    Timestamp::now()
}

fn log() {
    let level = std::env::var_os("TIDINGS_LOG").and_then(|level| OsString::into_string(level).ok());
    let level = level.filter(|level| ["error", "warn", "info", "debug"].contains(&level.as_str()));
    let level = level.and_then(|level| level.parse().ok());
    let filter = Targets::new()
        .with_default(level.unwrap_or(LevelFilter::WARN))
        .with_targets(["reqwest", "hyper_util", "zbus"].map(|crate_| (crate_, LevelFilter::WARN)))
        // It logs headers and payloads: it stays off whatever is asked for.
        .with_target("eventsource_client", LevelFilter::OFF);
    let _ = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::DEBUG)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .finish()
        .with(filter)
        .try_init();
}
