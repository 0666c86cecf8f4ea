//! A JSON document whose first line is the checksum of all the rest, so that a file cut short,
//! zeroed or changed in a single bit is known for what it is.
//!
//! Every version of Tidings keeps this first line: it is how an older one tells the intact file of
//! a newer one from a broken one.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    data_dir::file::FILE_MAX,
    error::{Code, Error, Result},
};

const KEY: &str = "checksum";

/// Pretty JSON with the checksum as its first member and a line feed at its end.
///
/// # Errors
/// `TooMany` where the text would be larger than any that is read back.
pub(crate) fn seal(document: &impl Serialize) -> Result<Vec<u8>> {
    let defect = |error| Error::new(Code::Internal, "the document is no JSON").because(error);
    let mut members: Map<String, Value> =
        match serde_json::to_value(document).map_err(|error| defect(error.to_string()))? {
            Value::Object(members) => members,
            _ => return Err(defect("not an object".to_owned())),
        };
    members.remove(KEY);
    let text = serde_json::to_string_pretty(&members).map_err(|error| defect(error.to_string()))?;
    let body = text
        .strip_prefix("{\n")
        .ok_or_else(|| defect("no members".to_owned()))?;
    let mut bytes = head(body.as_bytes(), b"\n").into_bytes();
    bytes.extend_from_slice(body.as_bytes());
    bytes.push(b'\n');
    if bytes.len() > FILE_MAX {
        return Err(Error::new(
            Code::TooMany,
            format!(
                "this would make a file of more than {} MiB; remove something first",
                FILE_MAX / 1024 / 1024
            ),
        ));
    }
    Ok(bytes)
}

/// The members of an intact document without the checksum, or what is wrong with it.
pub(crate) fn unseal(bytes: &[u8]) -> Result<Map<String, Value>, &'static str> {
    let length = head(b"", b"").len();
    let Some((first, body)) = bytes.split_at_checked(length) else {
        return Err("cut short");
    };
    if first != head(body, b"").as_bytes() {
        return Err("its checksum does not match");
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(mut members)) => {
            members.remove(KEY);
            Ok(members)
        }
        _ => Err("not a JSON object"),
    }
}

/// The lines before the body; the checksum is that of `body` and `end` together.
fn head(body: &[u8], end: &[u8]) -> String {
    let mut sum = crc32fast::Hasher::new();
    sum.update(body);
    sum.update(end);
    format!("{{\n  \"{KEY}\": \"{:08x}\",\n", sum.finalize())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_sealed_opens_again() {
        let document = json!({"b": [1, 2.5], "a": {"c": null}});

        let bytes = seal(&document).unwrap();

        assert_eq!(Value::Object(unseal(&bytes).unwrap()), document);
        assert!(bytes.starts_with(b"{\n  \"checksum\": \""));
        assert!(bytes.ends_with(b"}\n"));
    }

    #[test]
    fn every_single_bit_counts() {
        let mut bytes = seal(&json!({"name": "build", "on": true})).unwrap();

        for byte in 0..bytes.len() {
            for bit in 0..8 {
                bytes[byte] ^= 1 << bit;
                assert!(unseal(&bytes).is_err());
                bytes[byte] ^= 1 << bit;
            }
        }

        assert!(unseal(&bytes).is_ok());
    }

    #[test]
    fn a_document_too_large_to_read_back_is_not_written() {
        let large = json!({"text": "x".repeat(FILE_MAX)});

        assert_eq!(seal(&large).unwrap_err().code, Code::TooMany);
    }
}
