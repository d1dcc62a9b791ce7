//! A damaged library does not keep the program from starting, and the person is told.

use epitome_api::{Api, Open, Request};

#[tokio::test]
async fn a_damaged_library_is_opened_rebuilt_and_the_person_is_told_once() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("library.sqlite"), [0xff; 8192]).unwrap();
    let open = || Open { data: Some(home.path().to_path_buf()), ..Open::default() };
    let api = Api::open(open()).await.unwrap();
    let notice = api.notice().unwrap();
    assert!(notice.contains("damaged") && notice.contains("library.damaged-1.sqlite"), "{notice}");
    assert_eq!(api.answer(Request::Library {}).await.unwrap(), serde_json::json!([]));
    drop(api);
    assert_eq!(Api::open(open()).await.unwrap().notice(), None);
}
