//! How large the window draws what it shows. It lasts as long as the app, so that a window that
//! is closed and built anew is as large as before.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserialize;
use tauri::WebviewWindow;

/// In percent. Beyond the last one the smallest window has no room left.
const STEPS: [u16; 8] = [80, 90, 100, 110, 125, 150, 175, 200];
/// The place of 100 %.
const WHOLE: usize = 2;

/// What a person can ask for.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    In,
    Out,
    Reset,
}

/// The step there is now.
#[derive(Debug)]
pub(crate) struct Zoom(AtomicUsize);

impl Default for Zoom {
    fn default() -> Self {
        Self(AtomicUsize::new(WHOLE))
    }
}

impl Zoom {
    /// One step on, as far as there is one.
    pub(crate) fn go(&self, step: Step) {
        let at = self.0.load(Ordering::Relaxed);
        let next = match step {
            Step::In => (at + 1).min(STEPS.len() - 1),
            Step::Out => at.saturating_sub(1),
            Step::Reset => WHOLE,
        };
        self.0.store(next, Ordering::Relaxed);
    }

    fn factor(&self) -> f64 {
        let at = self.0.load(Ordering::Relaxed);
        f64::from(STEPS.get(at).copied().unwrap_or(100)) / 100.0
    }

    /// Draws a window as large as that.
    pub(crate) fn apply(&self, window: &WebviewWindow) {
        if let Err(error) = window.set_zoom(self.factor()) {
            tracing::warn!(%error, "the window cannot be zoomed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_lead_to_twice_the_size_and_no_further_and_back() {
        let zoom = Zoom::default();
        let factor = || zoom.factor().to_string();
        assert_eq!(factor(), "1");
        for _ in 0..9 {
            zoom.go(Step::In);
        }
        assert_eq!(factor(), "2");
        zoom.go(Step::Out);
        assert_eq!(factor(), "1.75");
        for _ in 0..9 {
            zoom.go(Step::Out);
        }
        assert_eq!(factor(), "0.8");
        zoom.go(Step::Reset);
        assert_eq!(factor(), "1");
    }
}
