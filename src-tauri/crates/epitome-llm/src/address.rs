//! Addresses of an Ollama server, read as `OLLAMA_HOST` is read.

use reqwest::Url;

use crate::LlmError;

/// Ollama's usual port.
const PORT: u16 = 11_434;

/// The address of a server as a URL without a trailing slash. A bare host gets the usual port, one with a scheme that
/// scheme's; `0.0.0.0`, which means "every address" to a server, means this machine to a client.
pub fn normalise_url(text: &str) -> Result<String, LlmError> {
    let bad = || LlmError::BadAddress { text: text.to_owned() };
    let text = text.trim().trim_matches(['"', '\'']);
    let schemed = text.contains("://");
    // A port alone, as in `:8080`, is one of this machine.
    let host = if text.starts_with(':') && !text.starts_with("::") { "127.0.0.1" } else { "" };
    let whole = if schemed { text.to_owned() } else { format!("http://{host}{text}") };
    let mut url = Url::parse(&whole).map_err(|_| bad())?;
    if !matches!(url.scheme(), "http" | "https") || text.is_empty() || !url.username().is_empty() {
        return Err(bad());
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(bad)?;
    if host == "0.0.0.0" || host == "[::]" {
        url.set_host(Some("127.0.0.1")).map_err(|_| bad())?;
    }
    if !schemed && url.port().is_none() {
        url.set_port(Some(PORT)).map_err(|()| bad())?;
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_ollama_reads_them() {
        for (text, url) in [
            ("localhost", "http://localhost:11434"),
            ("127.0.0.1:1234", "http://127.0.0.1:1234"),
            ("0.0.0.0", "http://127.0.0.1:11434"),
            ("0.0.0.0:8080", "http://127.0.0.1:8080"),
            (":8080", "http://127.0.0.1:8080"),
            ("http://box", "http://box"),
            ("https://box.example/ollama/", "https://box.example/ollama"),
            (" \"http://127.0.0.1:11434/\" ", "http://127.0.0.1:11434"),
            ("[::1]:11434", "http://[::1]:11434"),
        ] {
            assert_eq!(normalise_url(text).as_deref(), Ok(url), "{text}");
        }
        for text in ["", "ftp://box", "http://", "a b", "http://user:word@box"] {
            assert!(normalise_url(text).is_err(), "{text}");
        }
    }
}
