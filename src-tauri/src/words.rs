//! The words of tray and toasts, from the window's own catalogues.

use std::collections::HashMap;

use tidings_core::settings::Language;

const EN: &str = include_str!("../../ui/i18n/en.json");
const KO: &str = include_str!("../../ui/i18n/ko.json");

/// The words of one language.
#[derive(Debug, Clone)]
pub(crate) struct Catalogue(HashMap<String, String>);

impl Catalogue {
    /// The catalogue of the chosen language, or of the system's.
    pub(crate) fn of(language: Language) -> Self {
        let korean = match language {
            Language::Ko => true,
            Language::En => false,
            Language::System => system_language().starts_with("ko"),
        };
        let text = if korean { KO } else { EN };
        // The catalogues are part of the program and a test reads them.
        Self(serde_json::from_str(text).unwrap_or_default())
    }

    /// The words of a key; the key itself where there are none.
    pub(crate) fn get(&self, key: &str) -> String {
        self.0.get(key).cloned().unwrap_or_else(|| key.to_owned())
    }
}

/// The system's language as a BCP 47 tag, from the usual variables (POSIX, section 8.2).
pub(crate) fn system_language() -> String {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = set("LC_ALL")
        .or_else(|| set("LC_MESSAGES"))
        .or_else(|| set("LANG"));
    let locale = locale.unwrap_or_default();
    let tag = locale
        .split(['.', '@'])
        .next()
        .unwrap_or_default()
        .replace('_', "-");
    if tag.is_empty() || tag == "C" || tag == "POSIX" {
        "en".to_owned()
    } else {
        tag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_catalogues_are_read_and_have_the_words_of_tray_and_toasts() {
        for language in [Language::En, Language::Ko] {
            let words = Catalogue::of(language);
            for key in super::super::tray::KEYS
                .iter()
                .chain(&super::super::app::TOAST_KEYS)
                .chain(&super::super::closing::KEYS)
            {
                assert_ne!(words.get(key), *key);
            }
        }
    }
}
