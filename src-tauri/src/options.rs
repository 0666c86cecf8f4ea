//! What the command line of the desktop app may say. Anything else is refused in words: another
//! program may start this one with whatever it likes.

use std::{ffi::OsString, path::PathBuf};

/// How to use the desktop app.
pub(crate) const USAGE: &str = "\
Tidings: desktop notifications from any Server-Sent-Events stream

Usage: tidings [--hidden] [--demo] [--data-dir DIR]

  --hidden        start in the background, without the window
  --demo          try it with the built-in stream, in a throw-away data directory
  --data-dir DIR  where settings and history live
  --help          this text
  --version       the version

A second start brings the window of the first to the front.";

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Start without the window.
    pub hidden: bool,
    /// Start with the demo stream in a throw-away directory.
    pub demo: bool,
    /// Where settings and history live.
    pub data_dir: Option<PathBuf>,
}

/// What to do with the command line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Run(Options),
    Print(&'static str),
    Refuse(String),
}

/// Reads the arguments after the program's name.
pub(crate) fn read(arguments: impl IntoIterator<Item = OsString>) -> Asked {
    let mut options = Options::default();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--hidden") => options.hidden = true,
            Some("--demo") => options.demo = true,
            Some("--help" | "-h") => return Asked::Print(USAGE),
            Some("--version" | "-V") => {
                return Asked::Print(concat!("tidings ", env!("CARGO_PKG_VERSION")));
            }
            Some("--data-dir") => match arguments.next() {
                // What starts with the session, and a second start, run elsewhere.
                Some(dir) => match std::path::absolute(dir) {
                    Ok(dir) => options.data_dir = Some(dir),
                    Err(error) => return Asked::Refuse(format!("--data-dir: {error}")),
                },
                None => return Asked::Refuse("--data-dir needs a directory".to_owned()),
            },
            _ => {
                return Asked::Refuse(format!(
                    "{} is no option of tidings; sources are added in the window or with \
                     tidings-cli",
                    argument.to_string_lossy()
                ));
            }
        }
    }
    if options.demo && options.data_dir.is_some() {
        return Asked::Refuse(
            "--demo has a throw-away data directory of its own; leave one of the two out"
                .to_owned(),
        );
    }
    Asked::Run(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &[&str]) -> Asked {
        read(words.iter().map(OsString::from))
    }

    #[test]
    fn known_options_are_read_and_anything_else_is_refused() {
        assert_eq!(
            asked(&["--hidden", "--data-dir", "/d"]),
            Asked::Run(Options {
                hidden: true,
                demo: false,
                data_dir: Some("/d".into())
            })
        );
        let Asked::Run(options) = asked(&["--data-dir", "d"]) else {
            panic!("a relative directory is fine");
        };
        assert_eq!(
            options.data_dir.unwrap(),
            std::env::current_dir().unwrap().join("d")
        );
        for words in [
            &["tidings:add?url=http://evil"][..],
            &["https://evil/events"],
            &["--data-dir"],
            &["--data-dir", ""],
            &["--demo", "--data-dir", "/d"],
            &["--hidden=1"],
            &[""],
        ] {
            assert!(matches!(asked(words), Asked::Refuse(_)), "{words:?}");
        }
    }
}
