//! Which hosts and origins the server lets in when bound to loopback (OLLAMA.md section 7, F2).

use std::net::IpAddr;

/// Names that the `Host` header may have; the port does not matter.
pub fn host_allowed(host: Option<&str>) -> bool {
    let host = host.unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    if let Ok(address) = name.parse::<IpAddr>() {
        return match address {
            IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_unspecified(),
            IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unspecified(),
        };
    }
    let name = name.to_lowercase();
    name.is_empty()
        || name == "localhost"
        || [".localhost", ".local", ".internal"].iter().any(|end| name.ends_with(end))
}

pub fn origin_allowed(origin: &str) -> bool {
    let schemes = ["app://", "file://", "tauri://", "vscode-webview://", "vscode-file://"];
    if schemes.iter().any(|scheme| origin.starts_with(scheme)) {
        return true;
    }
    let Some(rest) = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) else { return false };
    let name = rest.split(':').next().unwrap_or_default();
    ["localhost", "127.0.0.1", "0.0.0.0"].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_origins_that_were_measured() {
        for host in ["localhost:11434", "127.0.0.1:5", "192.168.1.5", "foo.local", "host.docker.internal", "[::1]:1"] {
            assert!(host_allowed(Some(host)), "{host}");
        }
        for host in ["evil.example", "8.8.8.8", "ollama"] {
            assert!(!host_allowed(Some(host)), "{host}");
        }
        assert!(host_allowed(None));
        for origin in ["tauri://localhost", "http://localhost:5173", "https://127.0.0.1"] {
            assert!(origin_allowed(origin), "{origin}");
        }
        for origin in ["http://tauri.localhost", "https://tauri.localhost", "null", "http://evil.example"] {
            assert!(!origin_allowed(origin), "{origin}");
        }
    }
}
