//! Addresses of servers, read as `OLLAMA_HOST` is read.

use reqwest::Url;

use crate::{LlmError, OpenAiError};

/// Ollama's usual port.
const OLLAMA_PORT: u16 = 11_434;

/// llama.cpp's usual port.
const LLAMA_CPP_PORT: u16 = 8_080;

/// What people copy along with the address of an OpenAI-compatible server, longest first.
const ENDS: [&str; 4] = ["/chat/completions", "/completions", "/models", "/v1"];

/// The address of an Ollama server as a URL without a trailing slash. A bare host gets the usual port, one with a scheme
/// that scheme's; `0.0.0.0`, which means "every address" to a server, means this machine to a client.
pub fn normalise_url(text: &str) -> Result<String, LlmError> {
    normalise(text, OLLAMA_PORT)
}

/// The address of an OpenAI-compatible server, read as [`normalise_url`] reads one, without the `/v1` of its interface.
/// A bare host gets llama.cpp's usual port.
pub fn normalise_openai_url(text: &str) -> Result<String, LlmError> {
    let bad = |_| LlmError::from(OpenAiError::BadAddress { text: text.to_owned() });
    let whole = normalise(text, LLAMA_CPP_PORT).map_err(bad)?;
    let start = whole.find("://").map_or(0, |at| at + 3);
    let (host, mut path) = whole.split_at(whole[start..].find('/').map_or(whole.len(), |at| start + at));
    for end in ENDS {
        path = path.strip_suffix(end).unwrap_or(path).trim_end_matches('/');
    }
    Ok(format!("{host}{path}"))
}

fn normalise(text: &str, port: u16) -> Result<String, LlmError> {
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
        url.set_port(Some(port)).map_err(|()| bad())?;
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
        for text in [
            "127.0.0.1",
            "http://127.0.0.1:8080/",
            ":8080/v1",
            "http://0.0.0.0:8080/v1/",
            "http://127.0.0.1:8080/v1/chat/completions",
        ] {
            assert_eq!(normalise_openai_url(text).as_deref(), Ok("http://127.0.0.1:8080"), "{text}");
        }
        assert_eq!(normalise_openai_url("https://box.example/llm/v1").as_deref(), Ok("https://box.example/llm"));
        assert_eq!(normalise_openai_url("http://models").as_deref(), Ok("http://models"));
        for text in ["", "ftp://box", "http://", "a b", "http://user:word@box"] {
            assert!(normalise_url(text).is_err(), "{text}");
        }
    }
}
