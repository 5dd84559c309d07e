//! URLs with redacted names in the permalink registry: each is kept as a salted hash, by which it
//! can be recognized but not read.

use std::hash::{BuildHasher as _, RandomState};

use sha2::{Digest as _, Sha256};

/// The beginning of the line of such a URL.
const PREFIX: &str = "redacted:";
/// The number of bytes of a hash that are kept.
const HASH_BYTES: usize = 16;
/// The number of times that a URL is hashed, so that guessing names takes long.
const ITERATIONS: u32 = 10_000;

/// A salt: the same for all lines of a registry, unless two registries were merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Salt(u64);

impl Salt {
    /// Returns a random salt: the standard library seeds this hasher from the system.
    pub(super) fn random() -> Self {
        Self(RandomState::new().hash_one(0_u8))
    }
}

/// Returns the salt of a line for a URL with a redacted name; `None` if it is another line.
pub(super) fn parse_salt(line: &str) -> Option<Salt> {
    let (salt, hash) = line.strip_prefix(PREFIX)?.split_once(':')?;
    let is_hex =
        |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit());
    let is_valid = is_hex(salt, 16) && is_hex(hash, 2 * HASH_BYTES);
    is_valid.then(|| u64::from_str_radix(salt, 16).ok().map(Salt)).flatten()
}

/// Returns the line for a URL with a redacted name.
pub(super) fn redacted_line(url: &str, salt: Salt) -> String {
    let mut hash = Sha256::digest(format!("{:016x}{url}", salt.0));
    for _ in 1..ITERATIONS {
        hash = Sha256::digest(hash);
    }
    let hex: String = hash[..HASH_BYTES].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{PREFIX}{:016x}:{hex}", salt.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_recognized_by_their_salt() {
        let (salt, other) = (Salt(7), Salt::random());
        let line = redacted_line("/2004/jane-doe/", salt);
        assert_eq!(parse_salt(&line), Some(salt));
        assert_eq!(line, redacted_line("/2004/jane-doe/", salt));
        assert_ne!(line, redacted_line("/2004/jane-doe/", other));
        assert_ne!(line, redacted_line("/2004/jane-do/", salt));
        for bad in ["redacted:", "redacted:1:2", "/redacted:7/", &line[..line.len() - 1]] {
            assert_eq!(parse_salt(bad), None, "{bad}");
        }
    }
}
