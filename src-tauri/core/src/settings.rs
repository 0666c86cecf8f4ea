//! The settings document and how it survives anything. No secret is ever in it.

pub mod document;

pub use document::{Language, Preferences, Settings, Theme};
