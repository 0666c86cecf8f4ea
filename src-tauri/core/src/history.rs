//! The history: SQLite, one writer thread, readers on their own connections, pages.
