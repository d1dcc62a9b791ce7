//! How far text goes that is sent to an address. Judged by the address alone: no name is looked up.

use std::net::IpAddr;

use reqwest::Url;

/// Endings of names that belong to a home or a firm and mean nothing on the internet (RFC 6762, RFC 8375, and
/// `internal`, which ICANN keeps free for this).
const PRIVATE_NAMES: [&str; 5] = [".local", ".lan", ".home.arpa", ".internal", ".localdomain"];

/// How far away a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    ThisMachine,
    /// Another machine of the same private network.
    OwnNetwork,
    Elsewhere,
}

/// How far text goes that is sent to this address. What cannot be read counts as far away.
pub fn reach(url: &str) -> Reach {
    let Ok(url) = Url::parse(url) else { return Reach::Elsewhere };
    let Some(host) = url.host_str() else { return Reach::Elsewhere };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        return of_address(address.to_canonical());
    }
    let name = bare.trim_end_matches('.').to_lowercase();
    if name == "localhost" || name.ends_with(".localhost") {
        Reach::ThisMachine
    } else if !name.contains('.') || PRIVATE_NAMES.iter().any(|end| name.ends_with(end)) {
        Reach::OwnNetwork
    } else {
        Reach::Elsewhere
    }
}

fn of_address(address: IpAddr) -> Reach {
    let (own, near) = match address {
        IpAddr::V4(address) => {
            (address.is_loopback() || address.is_unspecified(), address.is_private() || address.is_link_local())
        }
        IpAddr::V6(address) => (
            address.is_loopback() || address.is_unspecified(),
            address.is_unique_local() || address.is_unicast_link_local(),
        ),
    };
    match (own, near) {
        (true, _) => Reach::ThisMachine,
        (false, true) => Reach::OwnNetwork,
        (false, false) => Reach::Elsewhere,
    }
}

/// Whether text that is sent there stays on this machine or its private network.
pub fn is_local(url: &str) -> bool {
    reach(url) != Reach::Elsewhere
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_tells_how_far_text_goes() {
        for (url, expected) in [
            ("http://127.0.0.1:8080", Reach::ThisMachine),
            ("http://localhost:8080/v1", Reach::ThisMachine),
            ("http://[::1]:1", Reach::ThisMachine),
            ("http://[::ffff:127.0.0.1]:1", Reach::ThisMachine),
            ("http://192.168.1.5:8000", Reach::OwnNetwork),
            ("http://10.1.2.3", Reach::OwnNetwork),
            ("http://172.31.0.9", Reach::OwnNetwork),
            ("http://[fd00::5]:1", Reach::OwnNetwork),
            ("http://gpu-box:8000", Reach::OwnNetwork),
            ("http://box.local", Reach::OwnNetwork),
            ("http://172.32.0.9", Reach::Elsewhere),
            ("https://api.example.com/v1", Reach::Elsewhere),
            ("http://8.8.8.8", Reach::Elsewhere),
            ("http://localhost.example.com", Reach::Elsewhere),
            ("http://127.0.0.1.example.com", Reach::Elsewhere),
            ("nonsense", Reach::Elsewhere),
        ] {
            assert_eq!(reach(url), expected, "{url}");
            assert_eq!(is_local(url), expected != Reach::Elsewhere, "{url}");
        }
    }
}
