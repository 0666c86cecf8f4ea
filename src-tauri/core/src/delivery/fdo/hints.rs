//! The hints of a toast.

use std::collections::HashMap;

use notify_rust::{Hint, Notification};
use zbus::zvariant::Value;

/// What the model says beyond text, as it goes over the bus.
pub(super) fn hints(model: &Notification) -> HashMap<&str, Value<'_>> {
    model
        .hints
        .iter()
        .filter_map(|hint| match hint {
            Hint::Urgency(urgency) => Some(("urgency", Value::U8(*urgency as u8))),
            Hint::DesktopEntry(name) => Some(("desktop-entry", Value::from(name.as_str()))),
            Hint::Category(name) => Some(("category", Value::from(name.as_str()))),
            Hint::SoundName(name) => Some(("sound-name", Value::from(name.as_str()))),
            Hint::SuppressSound(on) => Some(("suppress-sound", Value::from(*on))),
            Hint::Resident(on) => Some(("resident", Value::from(*on))),
            Hint::Transient(on) => Some(("transient", Value::from(*on))),
            // The model has no other.
            _ => None,
        })
        .collect()
}
