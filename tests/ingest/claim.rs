//! What holds of every notification, whatever the frame. Shared with the fuzz target.

use tidings_core::{ingest::ingest, model::Frame};

/// Reads the input as an event type, an LF and data, and checks the notification.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (event, data) = text.split_once('\n').unwrap_or(("message", &text));

    let notification = ingest(&Frame {
        event: event.to_owned(),
        data: data.to_owned(),
        own_id: None,
        last_event_id: "".into(),
        truncated: false,
    });

    let title = &notification.title;
    assert!(title.chars().any(|c| !c.is_whitespace() && !c.is_control()));
    assert!(!title.contains(['\r', '\n']));
    assert!(title.chars().count() <= 300);
    assert!(notification.body.chars().count() <= 4000);
    if let Some(url) = &notification.url {
        assert!(url.starts_with("https://") || url.starts_with("http://"));
    }
}
