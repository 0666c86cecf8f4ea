//! A defect that one event meets costs that event its interpretation, never the pipeline.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Once,
};

use crate::model::{Frame, Notification};

/// Longest event type that stands in for a title, in characters.
const TITLE_MAX: usize = 300;

/// Does pure work on one event; none when it panicked. Said once: every event may meet it.
pub(super) fn isolated<T>(work: impl FnOnce() -> T) -> Option<T> {
    static SAID: Once = Once::new();
    // Nothing that the work could have left half done outlives it.
    let done = catch_unwind(AssertUnwindSafe(work)).ok();
    if done.is_none() {
        SAID.call_once(|| {
            tracing::error!("a defect in Tidings: events that meet it are kept as they came");
        });
    }
    done
}

/// An event as it came, with nothing understood.
pub(super) fn as_it_came(frame: &Frame) -> Notification {
    Notification {
        title: frame.event.chars().take(TITLE_MAX).collect(),
        body: frame.data.clone(),
        ..Notification::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_that_meets_a_defect_is_kept_as_it_came_and_the_next_one_is_understood() {
        let frame = Frame {
            event: "deploy".to_owned(),
            data: "{\"title\":\"t\"}".to_owned(),
            own_id: None,
            last_event_id: "".into(),
            truncated: false,
        };

        let kept = isolated(|| panic!("a defect on purpose"));
        let kept = kept.unwrap_or_else(|| as_it_came(&frame));

        assert_eq!((kept.title, kept.body), ("deploy".into(), frame.data));
        assert_eq!(isolated(|| 1), Some(1));
    }
}
