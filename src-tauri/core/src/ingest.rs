//! A frame becomes a notification; never fails, degrades.
