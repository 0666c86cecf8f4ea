//! Starting with the session: hidden, without a window. On Linux by an entry of our own (XDG
//! Autostart), because the plugin's is not where `XDG_CONFIG_HOME` says and quotes no path;
//! elsewhere by the plugin.

use std::path::Path;

use tauri::{AppHandle, Builder, Manager as _, Wry};
use tidings_core::error::{Code, Error, Result};

/// Whether this run is a demo, whose directory is gone after it.
struct Passing(bool);

/// Prepares it: `data_dir` is the one named on the command line, and will be again.
pub(crate) fn prepare(builder: Builder<Wry>, data_dir: Option<&Path>, demo: bool) -> Builder<Wry> {
    system::prepare(builder, data_dir).manage(Passing(demo))
}

/// Whether it starts with the session.
pub(crate) fn is_on(app: &AppHandle) -> bool {
    system::is_on(app)
}

/// Starts with the session from now on, or no longer.
///
/// # Errors
/// `NotSaved`; `ReadOnly` in a demo.
pub(crate) fn set(app: &AppHandle, on: bool) -> Result<()> {
    if app.state::<Passing>().0 {
        return Err(Error::new(
            Code::ReadOnly,
            "this is a demo, which leaves nothing behind; start Tidings without --demo for this",
        ));
    }
    system::set(app, on).map_err(|why| {
        Error::new(
            Code::NotSaved,
            "the entry that starts Tidings with the session could not be changed",
        )
        .because(why)
    })
}

#[cfg(target_os = "linux")]
mod system {
    use std::{
        env, fs, io,
        path::{Path, PathBuf},
    };

    use tauri::{AppHandle, Builder, Manager as _, Wry};

    /// The words after the program's name.
    struct Words(Vec<String>);

    pub(super) fn prepare(builder: Builder<Wry>, data_dir: Option<&Path>) -> Builder<Wry> {
        let mut words = vec!["--hidden".to_owned()];
        if let Some(dir) = data_dir {
            words.push("--data-dir".to_owned());
            words.push(dir.to_string_lossy().into_owned());
        }
        builder.manage(Words(words))
    }

    pub(super) fn is_on(app: &AppHandle) -> bool {
        path(app).is_ok_and(|path| path.exists())
    }

    pub(super) fn set(app: &AppHandle, on: bool) -> Result<(), String> {
        write(app, on).map_err(|error| error.to_string())
    }

    fn write(app: &AppHandle, on: bool) -> io::Result<()> {
        let path = path(app)?;
        if !on {
            return match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        }
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir)?;
        }
        // An AppImage runs from a mount that is gone after it.
        let program = match env::var_os("APPIMAGE") {
            Some(image) => PathBuf::from(image),
            None => env::current_exe()?,
        };
        let words = &app.state::<Words>().0;
        fs::write(path, entry(&program.to_string_lossy(), words))
    }

    fn path(app: &AppHandle) -> io::Result<PathBuf> {
        let dir = app.path().config_dir().map_err(io::Error::other)?;
        Ok(dir.join("autostart/Tidings.desktop"))
    }

    fn entry(program: &str, words: &[String]) -> String {
        let words: Vec<String> = std::iter::once(program)
            .chain(words.iter().map(String::as_str))
            .map(quoted)
            .collect();
        format!(
            "[Desktop Entry]\nType=Application\nName=Tidings\nIcon=tidings\nExec={}\n\
             Terminal=false\nStartupNotify=false\n",
            words.join(" ")
        )
    }

    /// An argument as the Desktop Entry Specification quotes it: once for the command line, once
    /// for the file.
    fn quoted(word: &str) -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@+,".contains(c);
        if !word.is_empty() && word.chars().all(plain) {
            return word.to_owned();
        }
        let mut out = String::from("\"");
        for c in word.chars() {
            match c {
                '"' | '`' | '$' => out.extend(["\\\\", &c.to_string()]),
                '\\' => out.push_str("\\\\\\\\"),
                '%' => out.push_str("%%"),
                '\n' => out.push_str("\\n"),
                _ => out.push(c),
            }
        }
        out + "\""
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_path_with_any_character_is_one_argument_of_the_entry() {
            assert_eq!(quoted("/usr/bin/tidings"), "/usr/bin/tidings");
            assert_eq!(quoted("/my apps/100%"), "\"/my apps/100%%\"");
            assert_eq!(quoted("a\"b$c\\d"), "\"a\\\\\"b\\\\$c\\\\\\\\d\"");
            let text = entry("/usr/bin/tidings", &["--hidden".to_owned()]);
            assert!(text.contains("\nExec=/usr/bin/tidings --hidden\n"));
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::path::Path;

    use tauri::{AppHandle, Builder, Wry};
    use tauri_plugin_autostart::ManagerExt as _;

    pub(super) fn prepare(builder: Builder<Wry>, data_dir: Option<&Path>) -> Builder<Wry> {
        let mut plugin = tauri_plugin_autostart::Builder::new().arg("--hidden");
        if let Some(dir) = data_dir {
            plugin = plugin.arg("--data-dir").arg(dir.to_string_lossy());
        }
        builder.plugin(plugin.app_name("Tidings").build())
    }

    pub(super) fn is_on(app: &AppHandle) -> bool {
        app.autolaunch().is_enabled().unwrap_or(false)
    }

    pub(super) fn set(app: &AppHandle, on: bool) -> Result<(), String> {
        let entry = app.autolaunch();
        let done = if on { entry.enable() } else { entry.disable() };
        done.map_err(|error| error.to_string())
    }
}
