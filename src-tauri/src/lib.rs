//! The shell: the only code that knows Tauri. Thin: it starts the core, shows the window and the
//! tray, and passes words between them.
//!
//! * `options`: what the command line may say.
//! * `app`: start, events, ordered end.
//! * `instance`: what a second start does.
//! * `plugin_store`: the settings over tauri-plugin-store.
//! * `refusal`: why there is no app.
//! * `window`: the window, built on demand and destroyed on close.
//! * `feed`: what the window is told.
//! * `closing`: what closing the window does.
//! * `tray`: how things stand; open, pause, quit.
//! * `autostart`: starting with the session.
//! * `commands`: what the window may ask.
//! * `words`: the words of tray and toasts in each language.

mod app;
mod autostart;
mod closing;
mod commands;
mod feed;
mod instance;
mod options;
mod plugin_store;
mod refusal;
mod tray;
mod window;
mod words;
mod zoom;

pub use app::main;
