//! Starting with the session: hidden, without a window.

use std::path::Path;

use tauri::{AppHandle, Wry, plugin::TauriPlugin};
use tauri_plugin_autostart::ManagerExt as _;
use tidings_core::error::{Code, Error, Result};

/// The plugin, with the arguments the app is started with.
pub(crate) fn plugin(data_dir: Option<&Path>) -> TauriPlugin<Wry> {
    let mut plugin = tauri_plugin_autostart::Builder::new().arg("--hidden");
    if let Some(dir) = data_dir {
        plugin = plugin.arg("--data-dir").arg(dir.to_string_lossy());
    }
    plugin.app_name("Tidings").build()
}

/// Whether it starts with the session.
pub(crate) fn is_on(app: &AppHandle) -> bool {
    app.autolaunch().is_enabled().unwrap_or(false)
}

/// Starts with the session from now on, or no longer.
pub(crate) fn set(app: &AppHandle, on: bool) -> Result<()> {
    let entry = app.autolaunch();
    // The plugin quotes nothing in the entry it writes.
    if on && std::env::args_os().any(|word| word.to_string_lossy().contains([' ', '"', '%'])) {
        return Err(Error::new(
            Code::InvalidOption,
            "a path with spaces cannot start with the session; move the program or its data",
        ));
    }
    let done = if on { entry.enable() } else { entry.disable() };
    done.map_err(|error| {
        Error::new(
            Code::NotSaved,
            "the entry that starts Tidings with the session could not be changed",
        )
        .because(error.to_string())
    })
}
