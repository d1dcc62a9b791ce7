//! What a window remembers is there for the next one.

use std::collections::BTreeMap;

use epitome_api::Request;
use epitome_model::ErrorCode;

use crate::{ask, open};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_window_remembers_is_there_for_the_next_one() {
    let home = tempfile::tempdir().unwrap();
    let api = open(home.path(), false).await;
    assert!(ask::<BTreeMap<String, String>>(&api, Request::Remembered {}).await.is_empty());
    let theme = |value: &str| Request::Remember { name: "theme".to_owned(), value: value.to_owned() };
    ask::<()>(&api, theme("light")).await;
    ask::<()>(&api, theme("dark")).await;
    let elsewhere = Request::Remember { name: "../theme".to_owned(), value: String::new() };
    assert_eq!(api.answer(elsewhere).await.unwrap_err().code, ErrorCode::BadSetting);
    drop(api);

    let api = open(home.path(), false).await;
    let remembered: BTreeMap<String, String> = ask(&api, Request::Remembered {}).await;
    assert_eq!(remembered, BTreeMap::from([("theme".to_owned(), "dark".to_owned())]));
}
