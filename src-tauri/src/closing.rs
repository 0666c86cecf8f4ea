//! What closing the window does: it goes and the engine stays, in the tray. Where nobody shows a
//! tray icon, the window is minimised instead, so that there is a way back. Said once, in a toast.

use std::time::Duration;

use tauri::{AppHandle, Manager as _};
use tidings_core::engine::Handle;

use crate::{window, words::Catalogue};

/// What the toast says: with a tray, and without one.
pub(crate) const KEYS: [&str; 3] = ["toast.closed", "toast.closed_tray", "toast.closed_no_tray"];

/// How long the tray is asked for; the window waits for it.
const PATIENCE: Duration = Duration::from_millis(500);

/// Closes the window in the way this desktop allows.
pub(crate) fn close(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let tray = tokio::time::timeout(PATIENCE, has_tray()).await;
        let tray = tray.unwrap_or(false);
        let here = app.clone();
        let _ = app.run_on_main_thread(move || {
            let Some(window) = here.get_webview_window(window::LABEL) else {
                return;
            };
            // A window that cannot be minimised must still close.
            if tray || window.minimize().is_err() {
                let _ = window.destroy();
            }
        });
        explain(&app, tray).await;
    });
}

async fn explain(app: &AppHandle, tray: bool) {
    let engine = app.state::<Handle>();
    let preferences = engine.settings.current().preferences.clone();
    if preferences.close_explained {
        return;
    }
    let words = Catalogue::of(preferences.language);
    let [title, in_tray, minimised] = KEYS.map(|key| words.get(key));
    let body = if tray { in_tray } else { minimised };
    // Without a notification service it is said the next time there is one.
    if let Err(error) = engine.say(title, body).await {
        tracing::warn!(%error, "closing could not be explained");
        return;
    }
    let told = engine.edit_preferences(|preferences| preferences.close_explained = true);
    if let Err(error) = told.await {
        tracing::warn!(%error, "closing will be explained again");
    }
}

/// Whether anybody shows tray icons.
#[cfg(target_os = "linux")]
pub(crate) async fn has_tray() -> bool {
    async fn ask() -> zbus::Result<bool> {
        let bus = zbus::Connection::session().await?;
        let watcher = zbus::Proxy::new(
            &bus,
            "org.kde.StatusNotifierWatcher",
            "/StatusNotifierWatcher",
            "org.kde.StatusNotifierWatcher",
        )
        .await?;
        watcher.get_property("IsStatusNotifierHostRegistered").await
    }
    ask().await.unwrap_or(false)
}

/// These systems always have one.
#[cfg(not(target_os = "linux"))]
pub(crate) async fn has_tray() -> bool {
    true
}
