//! Settings as a file to carry elsewhere: export, and import in two steps, a plan and its
//! application. No secret leaves and none comes in; what comes in is disabled until a person
//! enables it, because a file from somebody else says where this machine connects to.

use std::{collections::HashSet, net::IpAddr};

use serde_json::{Map, Value};
use url::{Host, Url};

use crate::{
    data_dir::file::FILE_MAX,
    error::{Code, Error, Result},
    ipc::{ImportPlan, ImportedSource, Reach},
    model::SourceId,
    rules::rule::{Rule, RuleId, rename_sources},
    secrets::sounds_secret,
    settings::{
        Settings,
        document::SOURCES_MAX,
        migrations::{Lifted, lift},
    },
    source::{SourceConfig, config::is_loopback},
};

/// Marks the file; nothing else in it is ours alone.
const KIND: &str = "tidings";
/// Members of the document that concern this machine only.
const LOCAL: [&str; 5] = [KIND, "schema", "generation", "checksum", "secrets"];

/// The settings as text for a file, without secrets, and how many values were left out of URLs.
///
/// # Errors
/// `Internal` where they are no JSON.
pub fn export(settings: &Settings) -> Result<(String, usize)> {
    let mut left_out = 0;
    let mut settings = settings.clone();
    settings.sources.retain(|source| !source.is_demo());
    for source in &mut settings.sources {
        left_out += blank_secrets(&mut source.url);
    }
    let Ok(Value::Object(members)) = serde_json::to_value(&settings) else {
        return Err(Error::new(Code::Internal, "the settings are no JSON"));
    };
    let mut document = Map::new();
    document.insert(KIND.to_owned(), "settings".into());
    document.insert("schema".to_owned(), settings.schema.into());
    document.extend(members.into_iter().filter(|(key, _)| !is_local(key)));
    let text = serde_json::to_string_pretty(&document)
        .map_err(|error| Error::new(Code::Internal, "the settings are no JSON").because(error))?;
    Ok((text + "\n", left_out))
}

/// What an import would do, for a person to confirm, and the settings after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// For the person.
    pub plan: ImportPlan,
    after: Settings,
}

impl Import {
    /// Reads an exported file (or a `settings.json`) against the settings in force. Changes
    /// nothing.
    ///
    /// # Errors
    /// `TooMany` for a file beyond 8 MiB or more sources than there may be, `ReadOnly` for one of
    /// a newer version, `InvalidOption` for anything else that is no settings file.
    pub fn plan(bytes: &[u8], current: &Settings) -> Result<Self> {
        let mut members = read(bytes)?;
        let incoming = match members.remove("sources") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(sources)) => sources,
            Some(_) => return Err(no_settings()),
        };
        if incoming.len() + current.sources.len() > SOURCES_MAX {
            return Err(Error::new(
                Code::TooMany,
                format!(
                    "with the {} sources of this file there would be more than {SOURCES_MAX}; \
                     leave some out",
                    incoming.len()
                ),
            ));
        }
        let mut import = Self {
            plan: ImportPlan::default(),
            after: current.clone(),
        };
        import.plan.secrets_dropped += u32::from(members.contains_key("secrets"));
        let mut renamed = Renamed::default();
        for value in incoming {
            import.add_source(value, &mut renamed);
        }
        if let Some(mut rules) = members.remove("rules").filter(|rules| !rules.is_null()) {
            rename(&mut rules, &renamed.ids);
            import.add_rules(rules, &renamed.names)?;
        }
        import.take_rest(members, &renamed.ids)?;
        import.after.validate()?;
        Ok(import)
    }

    /// Puts it in force: to be called in [`SettingsOwner::update`](super::SettingsOwner::update)
    /// on the settings it was planned against.
    ///
    /// # Errors
    /// `InvalidOption` where they have changed meanwhile.
    pub fn apply(self, settings: &mut Settings, planned_against: &Settings) -> Result<()> {
        if settings.generation != planned_against.generation {
            return Err(Error::new(
                Code::InvalidOption,
                "the settings have changed meanwhile; look at the file again",
            ));
        }
        *settings = self.after;
        Ok(())
    }

    fn add_source(&mut self, value: Value, renamed: &mut Renamed) {
        let name = value.get("name").and_then(Value::as_str).unwrap_or("?");
        let name: String = name.chars().take(80).collect();
        let mut source: SourceConfig = match serde_json::from_value(value) {
            Ok(source) => source,
            Err(error) => return self.refuse(name, &error.to_string()),
        };
        self.drop_secrets(&mut source);
        if let Err(error) = source.validate() {
            return self.refuse(name, &error.message);
        }
        let known = |one: &&SourceConfig| one.id == source.id || one.name == source.name;
        let mut ours = self.after.sources.iter().filter(known);
        if let Some(ours) = ours.find(|one| one.url == source.url) {
            renamed.names.push((source.name, ours.name.clone()));
            return self.plan.sources.push(ImportedSource {
                reach: reach(&source.url),
                url: source.url.into(),
                name,
                already_there: true,
                renamed_to: None,
                refused: None,
            });
        }
        if self.after.sources.iter().any(|one| one.id == source.id) {
            let fresh = SourceId::random();
            renamed.ids.push((source.id.to_string(), fresh.to_string()));
            source.id = fresh;
        }
        source.enabled = false;
        // Consent is given on the machine it concerns.
        source.allow_cleartext_secrets = false;
        let free = self.free_name(&source.name);
        let renamed_to = (free != source.name).then(|| free.clone());
        renamed.names.push((source.name, free.clone()));
        source.name = free;
        self.plan.sources.push(ImportedSource {
            reach: reach(&source.url),
            url: source.url.to_string(),
            name,
            already_there: false,
            renamed_to,
            refused: None,
        });
        self.after.sources.push(source);
    }

    fn refuse(&mut self, name: String, why: &str) {
        self.plan.sources.push(ImportedSource {
            name,
            url: String::new(),
            reach: Reach::Public,
            already_there: false,
            renamed_to: None,
            refused: Some(why.to_owned()),
        });
    }

    /// Whatever of a secret a hand-written file brings is dropped, and counted.
    fn drop_secrets(&mut self, source: &mut SourceConfig) {
        let mut dropped = blank_secrets(&mut source.url);
        if !source.url.username().is_empty() || source.url.password().is_some() {
            dropped += 1;
            // Both fail only for a URL without a host, and such a one has no userinfo.
            let _ = source.url.set_username("");
            let _ = source.url.set_password(None);
        }
        let before = source.unknown.len();
        source
            .unknown
            .retain(|key, _| !sounds_secret(key) && !key.to_ascii_lowercase().contains("header"));
        dropped += before - source.unknown.len();
        self.plan.secrets_dropped += u32::try_from(dropped).unwrap_or(u32::MAX);
    }

    /// Rules come after ours, and go on being about the sources they came with.
    fn add_rules(&mut self, rules: Value, names: &[(String, String)]) -> Result<()> {
        let mut rules: Vec<Rule> = serde_json::from_value(rules).map_err(|why| unclear(&why))?;
        rename_sources(&mut rules, names);
        for mut rule in rules {
            let ours = &self.after.rules;
            let same = |one: &Rule| {
                *one == Rule {
                    id: one.id,
                    ..rule.clone()
                }
            };
            if ours.iter().any(same) {
                continue;
            }
            if ours.iter().any(|one| one.id == rule.id) {
                rule.id = RuleId::random();
            }
            self.after.rules.push(rule);
            self.plan.rules += 1;
        }
        Ok(())
    }

    /// Preferences replace ours; lists are added to ours; the rest fills what is empty.
    fn take_rest(
        &mut self,
        members: Map<String, Value>,
        renamed: &[(String, String)],
    ) -> Result<()> {
        let Ok(Value::Object(mut ours)) = serde_json::to_value(&self.after) else {
            return Err(no_settings());
        };
        for (key, mut value) in members {
            if is_local(&key) {
                continue;
            }
            if sounds_secret(&key) {
                self.plan.secrets_dropped += 1;
                continue;
            }
            rename(&mut value, renamed);
            match (ours.get_mut(&key), value) {
                (Some(Value::Array(ours)), Value::Array(theirs)) => {
                    let known: HashSet<String> = ours.iter().map(Value::to_string).collect();
                    let new = theirs
                        .into_iter()
                        .filter(|one| !known.contains(&one.to_string()));
                    ours.extend(new);
                }
                (Some(Value::Object(ours)), Value::Object(mut theirs)) if key == "preferences" => {
                    // Whether this person was told something is no preference.
                    theirs.remove("close_explained");
                    self.plan.preferences = theirs
                        .iter()
                        .any(|(key, new)| ours.get(key).is_some_and(|old| old != new));
                    ours.extend(theirs);
                }
                (None, value) => {
                    ours.insert(key, value);
                }
                (Some(_), _) => {}
            }
        }
        self.after = serde_json::from_value(Value::Object(ours)).map_err(|why| unclear(&why))?;
        Ok(())
    }

    fn free_name(&self, wanted: &str) -> String {
        let taken = |name: &str| {
            let name = name.to_lowercase();
            let mut sources = self.after.sources.iter();
            sources.any(|one| one.name.to_lowercase() == name)
        };
        if !taken(wanted) {
            return wanted.to_owned();
        }
        let base: String = wanted.chars().take(74).collect();
        (2..=SOURCES_MAX + 1)
            .map(|number| format!("{base} {number}"))
            .find(|name| !taken(name))
            .unwrap_or(base)
    }
}

fn read(bytes: &[u8]) -> Result<Map<String, Value>> {
    if bytes.len() > FILE_MAX {
        return Err(too_large());
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let Ok(Value::Object(members)) = serde_json::from_slice(bytes) else {
        return Err(no_settings());
    };
    // A settings.json has no mark of its own, but all that a document has.
    let marked = members.get(KIND).is_some_and(|kind| kind == "settings");
    let whole = members.contains_key("generation") && members.contains_key("sources");
    if !(marked || whole) {
        return Err(no_settings());
    }
    match lift(members) {
        Lifted::Current(members) => Ok(members),
        Lifted::Newer => Err(Error::new(
            Code::ReadOnly,
            "this file comes from a newer version of Tidings; install that version first",
        )),
        Lifted::Nothing(_) => Err(no_settings()),
    }
}

/// Reads a file for an import; at most one byte more than is taken.
///
/// # Errors
/// `NotFound` where it cannot be read, `TooMany` where it is beyond 8 MiB.
pub fn read_file(path: &std::path::Path) -> Result<Vec<u8>> {
    use crate::data_dir::file::{Content, read};
    let not_read = |why: String| {
        Error::new(
            Code::NotFound,
            format!("{} cannot be read: {why}", path.display()),
        )
    };
    match read(path) {
        Ok(Content::Bytes(bytes)) => Ok(bytes),
        Ok(Content::Bad("too large")) => Err(too_large()),
        Ok(Content::Bad(why)) => Err(not_read(why.to_owned())),
        Ok(Content::Missing) => Err(not_read("there is no such file".to_owned())),
        Err(error) => Err(not_read(crate::data_dir::file::words(&error))),
    }
}

/// Writes an exported file, whole or not at all, for its owner alone.
///
/// # Errors
/// `NotSaved`.
pub fn write_file(path: &std::path::Path, text: &str) -> Result<()> {
    use crate::data_dir::file::{replace, words};
    replace(path, text.as_bytes()).map_err(|error| {
        Error::new(
            Code::NotSaved,
            format!("{} was not written: {}", path.display(), words(&error)),
        )
    })
}

/// A name in the person's folder for downloads that is not taken.
///
/// # Errors
/// `NotSaved` where there is no such folder.
pub fn free_path() -> Result<std::path::PathBuf> {
    let dir = dirs::download_dir().filter(|dir| dir.is_dir());
    let dir = dir.or_else(dirs::home_dir).ok_or_else(|| {
        Error::new(
            Code::NotSaved,
            "this user has no folder to write to; use tidings-cli settings export",
        )
    })?;
    (1..1000)
        .map(|number| match number {
            1 => dir.join("tidings-settings.json"),
            _ => dir.join(format!("tidings-settings-{number}.json")),
        })
        .find(|path| !path.exists())
        .ok_or_else(|| {
            Error::new(
                Code::NotSaved,
                format!("{} is full of exports; remove some", dir.display()),
            )
        })
}

fn is_local(key: &str) -> bool {
    LOCAL.contains(&key)
}

fn no_settings() -> Error {
    Error::new(
        Code::InvalidOption,
        "this is no settings file of Tidings; export one with tidings-cli settings export FILE",
    )
}

fn unclear(why: &serde_json::Error) -> Error {
    Error::new(
        Code::InvalidOption,
        format!("this file has a setting that cannot be understood ({why})"),
    )
}

fn too_large() -> Error {
    Error::new(
        Code::TooMany,
        "a settings file is at most 8 MiB; this is none",
    )
}

/// Empties the values of query parameters whose names sound like a secret.
fn blank_secrets(url: &mut Url) -> usize {
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let secret = |(name, value): &&(String, String)| sounds_secret(name) && !value.is_empty();
    let count = pairs.iter().filter(secret).count();
    if count > 0 {
        let mut query = url.query_pairs_mut();
        query.clear();
        for (name, value) in &pairs {
            let value = if sounds_secret(name) { "" } else { value };
            query.append_pair(name, value);
        }
    }
    count
}

/// Where a URL leads, as far as it can be told without asking anybody.
fn reach(url: &Url) -> Reach {
    if is_loopback(url) {
        return Reach::ThisMachine;
    }
    let address = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
        _ => return Reach::Public,
    };
    let address = address.to_canonical();
    let (private, link_local) = match address {
        IpAddr::V4(v4) => (v4.is_private(), v4.is_link_local()),
        IpAddr::V6(v6) => (v6.is_unique_local(), v6.is_unicast_link_local()),
    };
    if link_local {
        Reach::LinkLocal
    } else if private {
        Reach::PrivateNetwork
    } else {
        Reach::Public
    }
}

/// What the sources of the file are called now: pairs of the old and the new.
#[derive(Default)]
struct Renamed {
    ids: Vec<(String, String)>,
    names: Vec<(String, String)>,
}

/// A source that got another id keeps what names it.
fn rename(value: &mut Value, renamed: &[(String, String)]) {
    match value {
        Value::String(text) => {
            if let Some((_, new)) = renamed.iter().find(|(old, _)| old == text) {
                text.clone_from(new);
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|one| rename(one, renamed)),
        Value::Object(all) => all.values_mut().for_each(|one| rename(one, renamed)),
        _ => {}
    }
}
