//! The tray: open, pause and snooze toasts, quit. It follows the engine; without a tray host it is
//! simply not seen.

use std::future::Future;

use tauri::{
    App, AppHandle, Manager as _, Wry, include_image,
    menu::{CheckMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu},
    tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent},
};
use tidings_core::{
    engine::Handle,
    error::Result,
    quiet::{QuietReason, Snooze},
    settings::Language,
};

use crate::{window, words::Catalogue};

/// What the tray says, in the order of its items.
pub(crate) const KEYS: [&str; 8] = [
    "tray.open",
    "tray.pause",
    "tray.snooze",
    "tray.snooze_half",
    "tray.snooze_hour",
    "tray.snooze_tomorrow",
    "tray.snooze_off",
    "tray.quit",
];

/// The choices of the snooze menu: their ids and what they do.
const SNOOZES: [(&str, Snooze); 4] = [
    ("snooze_half", Snooze::Minutes { minutes: 30 }),
    ("snooze_hour", Snooze::Minutes { minutes: 60 }),
    ("snooze_tomorrow", Snooze::Tomorrow),
    ("snooze_off", Snooze::Off),
];

struct Items {
    open: MenuItem<Wry>,
    pause: CheckMenuItem<Wry>,
    snooze: Submenu<Wry>,
    snoozes: Vec<MenuItem<Wry>>,
    quit: MenuItem<Wry>,
    language: Option<Language>,
}

impl Items {
    fn new(app: &App) -> tauri::Result<Self> {
        let item = |id| MenuItem::with_id(app, id, "", true, None::<&str>);
        let snoozes = SNOOZES.map(|(id, _)| item(id));
        let snoozes = snoozes.into_iter().collect::<tauri::Result<Vec<_>>>()?;
        let snooze = Submenu::with_id(app, "snooze", "", true)?;
        for item in &snoozes {
            snooze.append(item)?;
        }
        Ok(Self {
            open: item("open")?,
            pause: CheckMenuItem::with_id(app, "pause", "", true, false, None::<&str>)?,
            snooze,
            snoozes,
            quit: item("quit")?,
            language: None,
        })
    }

    fn menu(&self, app: &App) -> tauri::Result<Menu<Wry>> {
        let line = PredefinedMenuItem::separator(app)?;
        Menu::with_items(
            app,
            &[&self.open, &self.pause, &self.snooze, &line, &self.quit],
        )
    }

    fn follow(&mut self, engine: &Handle) -> tauri::Result<()> {
        let language = engine.settings.current().preferences.language;
        if self.language != Some(language) {
            self.language = Some(language);
            let words = Catalogue::of(language);
            let [open, pause, snooze, half, hour, tomorrow, off, quit] =
                KEYS.map(|key| words.get(key));
            self.open.set_text(open)?;
            self.pause.set_text(pause)?;
            self.snooze.set_text(snooze)?;
            for (item, text) in self.snoozes.iter().zip([half, hour, tomorrow, off]) {
                item.set_text(text)?;
            }
            self.quit.set_text(quit)?;
        }
        let reason = engine.quiet().reason;
        self.pause
            .set_checked(reason == Some(QuietReason::Paused))?;
        if let Some(off) = self.snoozes.last() {
            off.set_enabled(reason == Some(QuietReason::Snoozed))?;
        }
        Ok(())
    }
}

/// Puts the icon into the tray and keeps its menu true.
pub(crate) fn build(app: &App, engine: Handle) -> tauri::Result<()> {
    let mut items = Items::new(app)?;
    items.follow(&engine)?;
    let menu = items.menu(app)?;
    TrayIconBuilder::with_id("tray")
        .icon(include_image!("icons/32x32.png"))
        .tooltip("Tidings")
        .menu(&menu)
        .show_menu_on_left_click(false)
        .on_menu_event(|app, event| match event.id().as_ref() {
            "open" => window::show(app),
            "pause" => toggle_pause(app),
            "quit" => app.exit(0),
            id => {
                if let Some((_, choice)) = SNOOZES.into_iter().find(|(known, _)| *known == id) {
                    snooze(app, choice);
                }
            }
        })
        .on_tray_icon_event(|tray, event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                window::show(tray.app_handle());
            }
        })
        .build(app)?;
    tauri::async_runtime::spawn(async move {
        let mut settings = engine.settings.subscribe();
        let mut quiet = engine.quiet_changes();
        loop {
            let changed = tokio::select! {
                changed = settings.changed() => changed,
                changed = quiet.changed() => changed,
            };
            if changed.is_err() {
                return;
            }
            if let Err(error) = items.follow(&engine) {
                tracing::warn!(%error, "the tray menu could not be changed");
            }
        }
    });
    Ok(())
}

fn toggle_pause(app: &AppHandle) {
    let engine = app.state::<Handle>().inner().clone();
    keep(async move {
        let paused = engine.settings.current().preferences.toasts_paused;
        let edited = engine.edit_preferences(|preferences| preferences.toasts_paused = !paused);
        edited.await.map(|_| ())
    });
}

fn snooze(app: &AppHandle, snooze: Snooze) {
    let engine = app.state::<Handle>().inner().clone();
    keep(async move { engine.snooze(snooze).await.map(|_| ()) });
}

fn keep(change: impl Future<Output = Result<()>> + Send + 'static) {
    tauri::async_runtime::spawn(async move {
        if let Err(error) = change.await {
            tracing::warn!(%error, "a choice in the tray could not be saved");
        }
    });
}
