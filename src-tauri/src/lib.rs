//! The shell: the only code that knows Tauri.
