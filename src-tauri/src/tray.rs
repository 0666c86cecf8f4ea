//! The tray: open, pause toasts, quit. It follows the settings; without a tray host it is simply
//! not seen.

use std::sync::Arc;

use tauri::{
    App, AppHandle, Manager as _, Wry, include_image,
    menu::{CheckMenuItem, Menu, MenuItem, PredefinedMenuItem},
    tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent},
};
use tidings_core::{
    engine::Handle,
    settings::{Language, Settings},
};
use tokio::sync::watch;

use crate::{window, words::Catalogue};

/// What the tray says: open, pause, quit.
pub(crate) const KEYS: [&str; 3] = ["tray.open", "tray.pause", "tray.quit"];

struct Items {
    open: MenuItem<Wry>,
    pause: CheckMenuItem<Wry>,
    quit: MenuItem<Wry>,
}

impl Items {
    fn follow(&self, settings: &Settings, language: &mut Option<Language>) -> tauri::Result<()> {
        let preferences = &settings.preferences;
        if *language != Some(preferences.language) {
            *language = Some(preferences.language);
            let words = Catalogue::of(preferences.language);
            let [open, pause, quit] = KEYS.map(|key| words.get(key));
            self.open.set_text(open)?;
            self.pause.set_text(pause)?;
            self.quit.set_text(quit)?;
        }
        self.pause.set_checked(preferences.toasts_paused)
    }
}

/// Puts the icon into the tray and keeps its menu true.
pub(crate) fn build(app: &App, mut settings: watch::Receiver<Arc<Settings>>) -> tauri::Result<()> {
    let words = Catalogue::of(settings.borrow().preferences.language);
    let [open, pause, quit] = KEYS.map(|key| words.get(key));
    let items = Items {
        open: MenuItem::with_id(app, "open", open, true, None::<&str>)?,
        pause: CheckMenuItem::with_id(
            app,
            "pause",
            pause,
            true,
            settings.borrow().preferences.toasts_paused,
            None::<&str>,
        )?,
        quit: MenuItem::with_id(app, "quit", quit, true, None::<&str>)?,
    };
    let menu = Menu::with_items(
        app,
        &[
            &items.open,
            &items.pause,
            &PredefinedMenuItem::separator(app)?,
            &items.quit,
        ],
    )?;
    TrayIconBuilder::with_id("tray")
        .icon(include_image!("icons/32x32.png"))
        .tooltip("Tidings")
        .menu(&menu)
        .show_menu_on_left_click(false)
        .on_menu_event(|app, event| match event.id().as_ref() {
            "open" => window::show(app),
            "pause" => toggle_pause(app),
            "quit" => app.exit(0),
            _ => {}
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
        let mut language = Some(settings.borrow().preferences.language);
        while settings.changed().await.is_ok() {
            let now = Arc::clone(&settings.borrow_and_update());
            if let Err(error) = items.follow(&now, &mut language) {
                tracing::warn!(%error, "the tray menu could not be changed");
            }
        }
    });
    Ok(())
}

fn toggle_pause(app: &AppHandle) {
    let engine = app.state::<Handle>().inner().clone();
    tauri::async_runtime::spawn(async move {
        let paused = engine.settings.current().preferences.toasts_paused;
        let edited = engine.edit_preferences(|preferences| preferences.toasts_paused = !paused);
        if let Err(error) = edited.await {
            tracing::warn!(%error, "the pause could not be saved");
        }
    });
}
