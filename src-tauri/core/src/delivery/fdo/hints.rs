//! The hints of a toast.

use std::collections::HashMap;

use notify_rust::{Hint, Notification};
use zbus::Variant;

/// What the model says beyond text, as it goes over the bus.
pub(super) fn hints(model: &Notification) -> HashMap<&str, Variant<'_>> {
    model
        .hints
        .iter()
        .filter_map(|hint| match hint {
            Hint::Urgency(urgency) => Some(("urgency", Variant::U8(*urgency as u8))),
            Hint::DesktopEntry(name) => Some(("desktop-entry", Variant::from(name.as_str()))),
            Hint::Category(name) => Some(("category", Variant::from(name.as_str()))),
            Hint::SoundName(name) => Some(("sound-name", Variant::from(name.as_str()))),
            Hint::SuppressSound(on) => Some(("suppress-sound", Variant::from(*on))),
            Hint::Resident(on) => Some(("resident", Variant::from(*on))),
            Hint::Transient(on) => Some(("transient", Variant::from(*on))),
            // The model has no other.
            _ => None,
        })
        .collect()
}
