//! The settings document: what is saved, with its defaults and its one validation.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    error::{Code, Error, OptionField, Result},
    model::Timestamp,
    quiet::{QuietHours, Wishes},
    rules::{self, Rule},
    secrets::SecretsNote,
    source::SourceConfig,
};

/// The schema this version writes.
pub const SCHEMA: u32 = 1;
/// Most sources there may be.
pub const SOURCES_MAX: usize = 500;

/// Everything a person has set. Unknown fields are kept as they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Version of the layout.
    pub schema: u32,
    /// Rises by one with every save; the higher of two valid files is the newer.
    pub generation: u64,
    /// Sources in the order they are shown.
    #[serde(default)]
    pub sources: Vec<SourceConfig>,
    /// Rules in their order: the first that matches decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// What concerns the whole app.
    #[serde(default)]
    pub preferences: Preferences,
    /// Where header values are kept; never what they are.
    #[serde(default, skip_serializing_if = "SecretsNote::is_empty")]
    pub secrets: SecretsNote,
    /// What a newer version wrote here; kept as it is.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            schema: SCHEMA,
            generation: 0,
            sources: Vec::new(),
            rules: Vec::new(),
            preferences: Preferences::default(),
            secrets: SecretsNote::default(),
            unknown: Map::new(),
        }
    }
}

impl Settings {
    /// Refuses what must never be saved. Window, command line and import all pass through here.
    ///
    /// # Errors
    /// `TooMany`, `DuplicateName`, `InvalidOption` for an id used twice, `InvalidUrl` for a URL
    /// with a password in it, and what [`SourceConfig::validate`] and [`rules::check`] find.
    pub fn validate(&self) -> Result<()> {
        if self.sources.len() > SOURCES_MAX {
            return Err(Error::new(
                Code::TooMany,
                format!("there can be at most {SOURCES_MAX} sources; remove one first"),
            ));
        }
        self.preferences.quiet_hours.validate()?;
        self.preferences.retention.validate()?;
        let mut ids = HashSet::new();
        let mut names = HashSet::new();
        for source in &self.sources {
            source.validate()?;
            if !source.url.username().is_empty() || source.url.password().is_some() {
                return Err(Error::new(
                    Code::InvalidUrl,
                    format!(
                        "the URL of {} has a user or password in it, which would be saved in the \
                         clear; send it as a header instead",
                        source.name
                    ),
                ));
            }
            if !ids.insert(source.id) {
                return Err(Error::new(
                    Code::InvalidOption,
                    format!("two sources have the id {}; leave one out", source.id),
                ));
            }
            if !names.insert(source.name.to_lowercase()) {
                return Err(Error::new(
                    Code::DuplicateName,
                    format!(
                        "there is already a source named {}; choose another name",
                        source.name
                    ),
                ));
            }
        }
        rules::check(&self.rules)
    }
}

/// What concerns the whole app.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches that have nothing to do with each other"
)]
pub struct Preferences {
    /// Language of window, tray and toasts.
    #[serde(default)]
    pub language: Language,
    /// Light or dark.
    #[serde(default)]
    pub theme: Theme,
    /// Whether toasts are paused; connections never are.
    #[serde(default)]
    pub toasts_paused: bool,
    /// When toasts wait every week.
    #[serde(default)]
    pub quiet_hours: QuietHours,
    /// Until when toasts are put off; over if it lies behind.
    #[serde(default)]
    #[cfg_attr(feature = "bindings", ts(type = "string | null"))]
    pub snoozed_until: Option<Timestamp>,
    /// Until when quiet hours do not count, because the person ended them early; over if it lies
    /// behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional, type = "string"))]
    pub hours_off_until: Option<Timestamp>,
    /// Whether the person was told that closing the window keeps the app running.
    #[serde(default)]
    pub close_explained: bool,
    /// Whether the rows of the list are low: one line each.
    #[serde(default)]
    pub compact: bool,
    /// Whether shortcuts of a single key are switched off (WCAG 2.1.4).
    #[serde(default)]
    pub single_keys_off: bool,
    /// Width of the sidebar as a person set it. Pixels.
    #[serde(default)]
    pub side_width: Option<u32>,
    /// Width of the list as a person set it. Pixels.
    #[serde(default)]
    pub list_width: Option<u32>,
    /// How much history is kept.
    #[serde(default)]
    pub retention: Retention,
    /// What a newer version wrote here; kept as it is.
    #[serde(flatten)]
    #[cfg_attr(feature = "bindings", ts(skip))]
    pub unknown: Map<String, Value>,
}

impl Preferences {
    /// When toasts are to wait.
    pub fn wishes(&self) -> Wishes {
        Wishes {
            paused: self.toasts_paused,
            snoozed_until: self.snoozed_until,
            hours: self.quiet_hours.clone(),
            hours_off_until: self.hours_off_until,
        }
    }
}

/// How much history is kept; pinned events stay whatever it says. Nothing is limited that is not
/// named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(default)]
pub struct Retention {
    /// Events older than this go.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub days: Option<u32>,
    /// The oldest beyond this number go.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional, type = "number"))]
    pub events: Option<u64>,
    /// The oldest go while they take more than this on disk. Megabytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(optional))]
    pub megabytes: Option<u32>,
}

impl Retention {
    /// Whether everything is kept.
    pub fn is_unlimited(&self) -> bool {
        *self == Self::default()
    }

    /// Refuses to keep nothing at all, which nobody means.
    ///
    /// # Errors
    /// `InvalidOption` at the field `Retention`.
    pub fn validate(&self) -> Result<()> {
        if self.days == Some(0) || self.events == Some(0) || self.megabytes == Some(0) {
            return Err(Error::option(
                OptionField::Retention,
                "the history keeps at least 1 day, 1 event or 1 megabyte; leave a limit out to \
                 keep everything",
            ));
        }
        Ok(())
    }
}

/// Language of window, tray and toasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// The system's, where there are words for it; else English.
    #[default]
    System,
    /// English.
    En,
    /// Korean.
    Ko,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// The system's.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(sources: Vec<SourceConfig>) -> Settings {
        Settings {
            sources,
            ..Settings::default()
        }
    }

    fn source(name: &str, url: &str) -> SourceConfig {
        SourceConfig::new(name, url.parse().unwrap())
    }

    #[test]
    fn two_sources_never_share_a_name_or_an_id() {
        let one = source("Builds", "https://example.com/a");
        let same_name = source("builds", "https://example.com/b");
        let same_id = SourceConfig {
            name: "Other".to_owned(),
            ..one.clone()
        };

        let names = with(vec![one.clone(), same_name]).validate().unwrap_err();
        let ids = with(vec![one.clone(), same_id]).validate().unwrap_err();

        assert_eq!(names.code, Code::DuplicateName);
        assert_eq!(ids.code, Code::InvalidOption);
        assert!(with(vec![one]).validate().is_ok());
    }

    #[test]
    fn b64_the_five_hundred_first_source_is_one_too_many() {
        let all = |count: usize| {
            with(
                (0..count)
                    .map(|n| source(&format!("s{n}"), "https://example.com/"))
                    .collect(),
            )
        };

        assert!(all(SOURCES_MAX).validate().is_ok());
        assert_eq!(
            all(SOURCES_MAX + 1).validate().unwrap_err().code,
            Code::TooMany
        );
    }

    #[test]
    fn a_password_in_a_url_is_never_saved() {
        let bad = with(vec![source("a", "https://user:hunter2@example.com/")]);

        let error = bad.validate().unwrap_err();

        assert_eq!(error.code, Code::InvalidUrl);
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn a_limit_that_keeps_nothing_is_refused() {
        let nothing = [
            r#"{"days":0}"#,
            r#"{"events":0}"#,
            r#"{"megabytes":0,"days":3}"#,
        ];
        for limit in nothing {
            let retention: Retention = serde_json::from_str(limit).unwrap();
            let mut everything = Settings::default();
            everything.preferences.retention = retention;
            let mut one = source("a", "https://example.com/");
            one.retention = retention;

            for refused in [everything, with(vec![one])] {
                let error = refused.validate().unwrap_err();
                assert_eq!(error.field, Some(OptionField::Retention), "{limit}");
            }
        }
    }

    #[test]
    fn b64_an_id_is_a_uuid_and_nothing_else() {
        let mut value = serde_json::to_value(source("a", "https://example.com/")).unwrap();
        value["id"] = "../../x".into();

        assert!(serde_json::from_value::<SourceConfig>(value).is_err());
    }
}
