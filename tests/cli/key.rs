//! A key goes from standard input into the keyring, or nowhere.

use std::io::Write;
use std::process::{Output, Stdio};

use crate::support::{Home, code, err, out};

fn key(home: &Home, input: &str) -> Output {
    let mut command = home.command(&["key", "--url", "http://127.0.0.1:8080/v1"]);
    // A bus that nobody has, so that no real keyring is touched.
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().unwrap()
}

#[test]
fn without_a_key_there_is_nothing_to_remember() {
    let home = Home::new();
    for input in ["", "\n", "  \nsk-second-line\n"] {
        let done = key(&home, input);
        assert_eq!(code(&done), 2);
        assert!(err(&done).contains("standard input") && !err(&done).contains("sk-"), "{}", err(&done));
    }
}

/// Elsewhere there always is a keyring, and it is the person's own.
#[cfg(all(unix, not(target_os = "macos")))]
#[test]
fn without_a_keyring_the_variable_is_named_and_the_key_is_not() {
    let home = Home::new();
    let done = key(&home, "sk-very-secret\n");
    assert_eq!(code(&done), 2);
    let words = err(&done);
    assert!(words.contains("keyring does not answer") && words.contains("EPITOME_OPENAI_KEY"), "{words}");
    assert!(!words.contains("sk-very-secret") && !out(&done).contains("sk-very-secret"));
    assert!(home.files().iter().all(|bytes| !bytes.windows(14).any(|part| part == b"sk-very-secret")));
}
