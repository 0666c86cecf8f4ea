//! Paths into JSON data: `$.user.name`, `$.tags[0]`, `$["odd key"]`. Pure.

/// The path in SQLite's notation, every key quoted; and how many bytes it took. None where it is
/// no path. A key with a double quote in it has no notation there, so it is none either.
pub(super) fn read(text: &str) -> Option<(String, usize)> {
    let mut rest = text.strip_prefix('$')?;
    let mut path = String::from("$");
    loop {
        if let Some(after) = rest.strip_prefix('.') {
            let (key, after) = match quoted(after) {
                Some(found) => found,
                None => bare(after)?,
            };
            push(&mut path, key);
            rest = after;
        } else if let Some(after) = rest.strip_prefix('[') {
            let after = if let Some((key, after)) = quoted(after) {
                push(&mut path, key);
                after
            } else {
                let (digits, after) = split(after, |c| c.is_ascii_digit());
                let index: u32 = digits.parse().ok()?;
                path.extend(["[", &index.to_string(), "]"]);
                after
            };
            rest = after.strip_prefix(']')?;
        } else {
            break;
        }
    }
    (path.len() > 1).then(|| (path, text.len() - rest.len()))
}

fn push(path: &mut String, key: &str) {
    path.push_str(".\"");
    path.push_str(key);
    path.push('"');
}

fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (key, rest) = text.strip_prefix(quote)?.split_once(quote)?;
    (!key.contains('"')).then_some((key, rest))
}

fn bare(text: &str) -> Option<(&str, &str)> {
    let (key, rest) = split(text, |c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    (!key.is_empty()).then_some((key, rest))
}

fn split(text: &str, keep: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !keep(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_quoted_and_the_rest_is_left() {
        for (text, path, length) in [
            ("$.a:1", "$.\"a\"", 3),
            ("$.user.e-mail[2].x:v", "$.\"user\".\"e-mail\"[2].\"x\"", 18),
            ("$[\"odd key\"]['다른']:v", "$.\"odd key\".\"다른\"", 22),
            ("$.\"a.b\":v", "$.\"a.b\"", 7),
            ("$.이름:값", "$.\"이름\"", 8),
        ] {
            assert_eq!(read(text), Some((path.to_owned(), length)), "{text}");
        }
        for text in [
            "$",
            "$a",
            "$.",
            "$..a",
            "$[x]",
            "$[1",
            "$['a\"b']",
            "a.b",
            "$[99999999999]",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
