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

/// The system's language as a BCP 47 tag; English where it says nothing.
pub(crate) fn system_language() -> String {
    #[cfg(not(target_os = "linux"))]
    let spoken = sys_locale::get_locale();
    #[cfg(target_os = "linux")]
    let spoken = spoken(|name| std::env::var(name).ok());
    spoken.unwrap_or_else(|| "en".to_owned())
}

/// What the usual variables say (POSIX, section 8.2). The list of languages goes first, as gettext
/// has it, unless there is no locale.
#[cfg(any(test, target_os = "linux"))]
fn spoken(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let tag = |locale: &str| {
        let name = locale.split(['.', '@']).next()?;
        let named = !["", "C", "POSIX"].contains(&name);
        named.then(|| name.replace('_', "-"))
    };
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(set)?;
    let own = tag(&locale)?;
    let listed = set("LANGUAGE").and_then(|list| list.split(':').find_map(tag));
    Some(listed.unwrap_or(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_first_the_session_lists() {
        for (variables, language) in [
            (&[][..], None),
            (&[("LANG", "ko_KR.UTF-8")], Some("ko-KR")),
            (
                &[("LANG", "de_AT@euro"), ("LC_MESSAGES", "ko_KR")],
                Some("ko-KR"),
            ),
            (&[("LC_ALL", "C.UTF-8"), ("LANG", "ko_KR")], None),
            (&[("LC_ALL", ""), ("LANG", "ko_KR")], Some("ko-KR")),
            (
                &[("LANG", "en_US.UTF-8"), ("LANGUAGE", "ko:en")],
                Some("ko"),
            ),
            (&[("LANG", "en_US.UTF-8"), ("LANGUAGE", "")], Some("en-US")),
            (&[("LANG", "C.UTF-8"), ("LANGUAGE", "ko")], None),
        ] {
            let variable = |name: &str| {
                let set = variables.iter().find(|(known, _)| *known == name);
                set.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(spoken(variable).as_deref(), language, "{variables:?}");
        }
    }

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
