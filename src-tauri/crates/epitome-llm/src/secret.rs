//! What must not be seen.

use std::fmt;

use zeroize::Zeroizing;

/// A key. Nothing prints it, and its memory is overwritten when it is dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// White space around a key comes from copying it, and is dropped.
    pub fn new(text: String) -> Self {
        let text = Zeroizing::new(text);
        Self(Zeroizing::new(text.trim().to_owned()))
    }

    /// The key itself, for a header or a keyring and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Words of a server without the key, which some repeat in their complaints.
    pub(crate) fn taken_out_of(&self, words: &str) -> String {
        if self.is_empty() { words.to_owned() } else { words.replace(self.expose(), "\u{2026}") }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_not_printed() {
        let key = Secret::new(" sk-12345\n".to_owned());
        assert_eq!((key.expose(), format!("{key:?}").as_str()), ("sk-12345", "Secret(..)"));
        assert_eq!(key.taken_out_of("Incorrect key: sk-12345."), "Incorrect key: \u{2026}.");
        assert_eq!(Secret::new("  ".to_owned()).taken_out_of("as it was"), "as it was");
    }
}
