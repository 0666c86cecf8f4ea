//! The words of a command line, as a POSIX shell splits it, and `$'..'` as bash does.

use std::{iter::Peekable, str::Chars};

use crate::error::{Error, OptionField, Result};

/// Whether the first word is `curl`, and more follows.
pub(super) fn is_curl(text: &str) -> bool {
    let rest = text.trim_start().strip_prefix("curl");
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_whitespace() || c == '\\'))
}

/// The words up to the end of the command, and whether something else followed.
///
/// # Errors
/// `InvalidOption` for a quote that never ends, and for what only a shell could fill in.
pub(super) fn split(text: &str) -> Result<(Vec<String>, bool)> {
    let mut chars = text.trim().chars().peekable();
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    while let Some(c) = chars.next() {
        match c {
            // A line that goes on; with CR where the text was copied from Windows.
            '\\' => match chars.next() {
                Some('\r') => {
                    let _ = chars.next_if_eq(&'\n');
                }
                Some('\n') | None => {}
                Some(next) => word.get_or_insert_default().push(next),
            },
            '\'' => single(&mut chars, word.get_or_insert_default())?,
            '"' => double(&mut chars, word.get_or_insert_default())?,
            '$' => dollar(&mut chars, word.get_or_insert_default())?,
            '`' => return Err(only_a_shell()),
            '\n' | '|' | ';' | '<' | '>' if word.is_none() => {
                return Ok((words, c != '\n' || chars.peek().is_some()));
            }
            // Inside a word they are rather a part of an unquoted URL.
            '&' if word.is_none() => return Ok((words, true)),
            '|' | '<' | '>' => {
                words.extend(word);
                return Ok((words, true));
            }
            c if c.is_whitespace() => {
                words.extend(word.take());
                // The end of the line ends the command.
                if c == '\n' {
                    return Ok((words, chars.any(|c| !c.is_whitespace())));
                }
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok((words, false))
}

fn single(chars: &mut Peekable<Chars<'_>>, word: &mut String) -> Result<()> {
    loop {
        match chars.next() {
            Some('\'') => return Ok(()),
            Some(c) => word.push(c),
            None => return Err(open_quote()),
        }
    }
}

fn double(chars: &mut Peekable<Chars<'_>>, word: &mut String) -> Result<()> {
    loop {
        match chars.next() {
            Some('"') => return Ok(()),
            Some('\\') => match chars.next() {
                Some('\n') => {}
                Some(c @ ('"' | '\\' | '$' | '`')) => word.push(c),
                Some(c) => word.extend(['\\', c]),
                None => return Err(open_quote()),
            },
            // `"$'.."` is no quote inside another.
            Some('$') if chars.peek() == Some(&'\'') => word.push('$'),
            Some('$') => dollar(chars, word)?,
            Some('`') => return Err(only_a_shell()),
            Some(c) => word.push(c),
            None => return Err(open_quote()),
        }
    }
}

/// What follows a `$`: a quote of bash's own, a variable, or nothing of the kind.
fn dollar(chars: &mut Peekable<Chars<'_>>, word: &mut String) -> Result<()> {
    match chars.peek() {
        Some('\'') => {
            chars.next();
            ansi(chars, word)
        }
        Some(c) if c.is_ascii_alphabetic() || "_{(".contains(*c) => Err(only_a_shell()),
        _ => {
            word.push('$');
            Ok(())
        }
    }
}

/// Inside `$'..'`: the escapes of C.
fn ansi(chars: &mut Peekable<Chars<'_>>, word: &mut String) -> Result<()> {
    loop {
        let c = chars.next().ok_or_else(open_quote)?;
        if c == '\'' {
            return Ok(());
        }
        if c != '\\' {
            word.push(c);
            continue;
        }
        match chars.next().ok_or_else(open_quote)? {
            'n' => word.push('\n'),
            'r' => word.push('\r'),
            't' => word.push('\t'),
            'x' => push_code(ascii(number(chars, 16, 2)), word)?,
            'u' => push_code(number(chars, 16, 4), word)?,
            'U' => push_code(number(chars, 16, 8), word)?,
            first @ '0'..='7' => {
                let rest = digits(chars, 8, 2);
                let code = u32::from_str_radix(&format!("{first}{rest}"), 8).ok();
                push_code(ascii(code), word)?;
            }
            c @ ('\'' | '"' | '\\' | '?') => word.push(c),
            c => word.extend(['\\', c]),
        }
    }
}

fn digits(chars: &mut Peekable<Chars<'_>>, radix: u32, most: usize) -> String {
    let mut digits = String::new();
    while digits.len() < most
        && let Some(digit) = chars.next_if(|c| c.is_digit(radix))
    {
        digits.push(digit);
    }
    digits
}

fn number(chars: &mut Peekable<Chars<'_>>, radix: u32, most: usize) -> Option<u32> {
    u32::from_str_radix(&digits(chars, radix, most), radix).ok()
}

/// These escapes are bytes, and one byte alone is no character beyond ASCII.
fn ascii(code: Option<u32>) -> Option<u32> {
    code.filter(|code| *code < 0x80)
}

fn push_code(code: Option<u32>, word: &mut String) -> Result<()> {
    let c = code.and_then(char::from_u32).filter(|c| *c != '\0');
    word.push(c.ok_or_else(|| {
        Error::option(
            OptionField::Command,
            "the command has an escape in $'..' that is no character; write the character itself",
        )
    })?);
    Ok(())
}

fn open_quote() -> Error {
    Error::option(
        OptionField::Command,
        "a quote in the command never ends; copy all of it",
    )
}

fn only_a_shell() -> Error {
    Error::option(
        OptionField::Command,
        "the command has a shell variable or command in it ($NAME, $(..) or `..`); write its \
         value instead",
    )
}
