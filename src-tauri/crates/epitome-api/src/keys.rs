//! Keys of OpenAI-compatible servers, in the keyring of the system and nowhere else. Everything here may wait for the
//! person to unlock the keyring: call it off the async threads.

use std::sync::Arc;

use epitome_llm::{Secret, normalise_openai_url};
use epitome_model::{ErrorCode, WireError};
use epitome_pipeline::FindKey;
use keyring_core::{CredentialStore, Entry, Error};
use serde::{Deserialize, Serialize, Serializer};
use ts_rs::{Config, TS};

/// Goes before the keyring.
pub const KEY_VARIABLE: &str = "EPITOME_OPENAI_KEY";

/// The name under which the keyring lists the keys.
const SERVICE: &str = "Epitome";

/// The key for a server: the environment's, else the keyring's, if any.
pub fn find(url: &str) -> Result<Option<Secret>, WireError> {
    find_with(url, std::env::var(KEY_VARIABLE).ok(), keyring)
}

/// Finds keys for jobs. A keyring that does not answer is no key: most servers want none, and one that does says so.
pub(crate) fn finder() -> FindKey {
    Arc::new(|url| {
        find(url).unwrap_or_else(|error| {
            tracing::warn!(%error, hint = error.hint, "key not found");
            None
        })
    })
}

/// Remembers the key for a server; an empty one is forgotten instead.
pub fn store(url: &str, key: &Secret) -> Result<(), WireError> {
    store_in(&keyring()?, url, key)
}

/// Forgets the key for a server; that there is none is as good.
pub fn remove(url: &str) -> Result<(), WireError> {
    remove_in(&keyring()?, url)
}

type Keyring = Arc<CredentialStore>;

/// The system's keyring. It is opened anew each time, because its service may have been started meanwhile.
fn keyring() -> Result<Keyring, WireError> {
    #[cfg(target_os = "macos")]
    let opened = apple_native_keyring_store::keychain::Store::new().map(|store| store as Keyring);
    #[cfg(windows)]
    let opened = windows_native_keyring_store::Store::new().map(|store| store as Keyring);
    #[cfg(all(unix, not(target_os = "macos")))]
    let opened = zbus_secret_service_keyring_store::Store::new().map(|store| store as Keyring);
    opened.map_err(|error| no_keyring(&error))
}

fn find_with(
    url: &str,
    variable: Option<String>,
    keyring: impl FnOnce() -> Result<Keyring, WireError>,
) -> Result<Option<Secret>, WireError> {
    if let Some(key) = variable.map(Secret::new).filter(|key| !key.is_empty()) {
        return Ok(Some(key));
    }
    match entry(&keyring()?, url)?.get_password() {
        Ok(key) => Ok(Some(Secret::new(key)).filter(|key| !key.is_empty())),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(no_keyring(&error)),
    }
}

fn store_in(keyring: &Keyring, url: &str, key: &Secret) -> Result<(), WireError> {
    if key.is_empty() {
        return remove_in(keyring, url);
    }
    if !key.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(WireError::new(
            ErrorCode::BadUse,
            "The key has characters that no key has.",
            "Copy it again, without line breaks, spaces and accents.",
        ));
    }
    entry(keyring, url)?.set_password(key.expose()).map_err(|error| match error {
        Error::TooLong(..) => WireError::new(
            ErrorCode::BadUse,
            "The key is too long for the system's keyring.",
            format!("Set the environment variable {KEY_VARIABLE} instead."),
        ),
        error => no_keyring(&error),
    })
}

fn remove_in(keyring: &Keyring, url: &str) -> Result<(), WireError> {
    match entry(keyring, url)?.delete_credential() {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(no_keyring(&error)),
    }
}

/// The entry of a server, whichever way its address is written.
fn entry(keyring: &Keyring, url: &str) -> Result<Entry, WireError> {
    let server = normalise_openai_url(url)?;
    keyring.build(SERVICE, &server, None).map_err(|error| no_keyring(&error))
}

/// Some variants of the error carry what was read, which may be the key; only harmless ones are quoted.
fn no_keyring(error: &Error) -> WireError {
    let reason = match error {
        Error::PlatformFailure(reason) | Error::NoStorageAccess(reason) => first_line(&reason.to_string()),
        _ => String::new(),
    };
    tracing::debug!(reason, "keyring");
    let message = match error {
        Error::NoStorageAccess(_) => "The system's keyring is locked.",
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::BadStoreFormat(_) | Error::Ambiguous(_) => {
            "What the system's keyring has for this server is no key."
        }
        _ => "The system's keyring does not answer.",
    };
    let hint = match error {
        Error::NoStorageAccess(_) => "Unlock it",
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::BadStoreFormat(_) | Error::Ambiguous(_) => {
            "Enter the key again"
        }
        _ if cfg!(all(unix, not(target_os = "macos"))) => {
            "Start a keyring service (GNOME Keyring, KWallet or KeePassXC)"
        }
        _ => "Log in again",
    };
    WireError::new(
        ErrorCode::NoKeyring,
        message,
        format!("{hint}, or set the environment variable {KEY_VARIABLE} to the key."),
    )
}

fn first_line(words: &str) -> String {
    words.lines().next().unwrap_or_default().chars().take(200).collect()
}

/// A key on its way from the person into the keyring: it comes in as a text, and never goes out as one.
#[derive(Clone, Debug)]
pub struct NewKey(pub(crate) Secret);

impl NewKey {
    pub fn new(text: String) -> Self {
        Self(Secret::new(text))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for NewKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl Serialize for NewKey {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("a key is not written out"))
    }
}

impl PartialEq for NewKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose() == other.0.expose()
    }
}

impl TS for NewKey {
    type WithoutGenerics = Self;
    type OptionInnerType = Self;

    fn name(config: &Config) -> String {
        String::name(config)
    }

    fn inline(config: &Config) -> String {
        String::inline(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyring_core::mock;

    const URL: &str = "http://127.0.0.1:8080";

    fn keyring() -> Keyring {
        mock::Store::new().unwrap()
    }

    fn found(keyring: &Keyring, url: &str, variable: Option<&str>) -> Option<String> {
        let found = find_with(url, variable.map(str::to_owned), || Ok(Arc::clone(keyring))).unwrap();
        found.map(|key| key.expose().to_owned())
    }

    fn key(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[test]
    fn a_key_is_kept_for_its_server_and_no_other() {
        let keyring = keyring();
        assert_eq!(found(&keyring, URL, None), None);
        store_in(&keyring, URL, &key(" sk-1 \n")).unwrap();
        for same in [URL, "127.0.0.1:8080", "http://127.0.0.1:8080/v1/"] {
            assert_eq!(found(&keyring, same, None).as_deref(), Some("sk-1"), "{same}");
        }
        for other in ["http://127.0.0.1:8081", "https://127.0.0.1:8080", "http://box:8080"] {
            assert_eq!(found(&keyring, other, None), None, "{other}");
        }
        store_in(&keyring, URL, &key("sk-2")).unwrap();
        assert_eq!(found(&keyring, URL, None).as_deref(), Some("sk-2"));
        remove_in(&keyring, URL).unwrap();
        remove_in(&keyring, URL).unwrap();
        assert_eq!(found(&keyring, URL, None), None);
    }

    #[test]
    fn the_environment_goes_first_and_needs_no_keyring() {
        let keyring = keyring();
        store_in(&keyring, URL, &key("sk-1")).unwrap();
        assert_eq!(found(&keyring, URL, Some("sk-9")).as_deref(), Some("sk-9"));
        assert_eq!(found(&keyring, URL, Some(" ")).as_deref(), Some("sk-1"), "empty is unset");
        let none = || Err(no_keyring(&Error::NoDefaultStore));
        assert!(find_with(URL, Some("sk-9".into()), none).unwrap().is_some());
        let error = find_with(URL, None, none).unwrap_err();
        assert_eq!(error.code, ErrorCode::NoKeyring);
        assert!(error.message.contains("keyring") && error.hint.contains(KEY_VARIABLE), "{error:?}");
    }

    #[test]
    fn an_empty_key_takes_the_old_one_away_and_an_impossible_one_changes_nothing() {
        let keyring = keyring();
        store_in(&keyring, URL, &key("sk-1")).unwrap();
        let error = store_in(&keyring, URL, &key("two words")).unwrap_err();
        assert_eq!(error.code, ErrorCode::BadUse);
        assert!(!format!("{error:?}").contains("two words"));
        assert_eq!(found(&keyring, URL, None).as_deref(), Some("sk-1"));
        store_in(&keyring, URL, &key("")).unwrap();
        assert_eq!(found(&keyring, URL, None), None);
    }

    #[test]
    fn what_goes_wrong_never_shows_what_was_read() {
        let keyring = keyring();
        for (error, words) in [
            (Error::NoStorageAccess("locked".into()), "locked"),
            (Error::BadEncoding(b"sk-secret".to_vec()), "no key"),
            (Error::BadDataFormat(b"sk-secret".to_vec(), "x".into()), "no key"),
            (Error::PlatformFailure("org.freedesktop.DBus.Error.ServiceUnknown".into()), "does not answer"),
        ] {
            let entry = entry(&keyring, URL).unwrap();
            entry.as_any().downcast_ref::<mock::Cred>().unwrap().set_error(error);
            let told = find_with(URL, None, || Ok(Arc::clone(&keyring))).unwrap_err();
            assert!(told.message.contains(words) && !format!("{told:?}").contains("secret"), "{told:?}");
        }
    }

    #[test]
    fn a_new_key_comes_in_and_does_not_go_out() {
        let new: NewKey = serde_json::from_str("\"sk-1\"").unwrap();
        assert_eq!((new.0.expose(), format!("{new:?}").as_str()), ("sk-1", "NewKey(Secret(..))"));
        assert!(serde_json::to_string(&new).is_err());
    }
}
