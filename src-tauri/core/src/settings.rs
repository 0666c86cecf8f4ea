//! The settings document and how it survives anything. No secret is ever in it, and no words for
//! the window.

pub mod document;
pub mod files;
mod migrations;
pub mod owner;
pub mod transfer;

pub use document::{Language, Preferences, Retention, Settings, Theme};
pub use files::{FileStore, Mode, Opened, SettingsFiles};
pub use owner::{MemoryStore, SettingsOwner, SettingsStore};
