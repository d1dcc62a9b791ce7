//! Commands. The list is the window's; what names a file is held to those that were uploaded here.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use epitome_api::Request;
use epitome_model::{ErrorCode, Exported, WireError};

use super::{Host, files};

pub async fn call(State(host): State<Host>, request: Result<Json<Request>, JsonRejection>) -> Response {
    let answer = match request {
        Ok(Json(request)) => answer(&host, request).await,
        Err(error) => Err(WireError::new(ErrorCode::BadUse, error.body_text(), "Send a command of this version.")),
    };
    match answer {
        Ok(reply) => Json(reply).into_response(),
        Err(error) => (status(error.code), Json(error)).into_response(),
    }
}

async fn answer(host: &Host, request: Request) -> Result<serde_json::Value, WireError> {
    match request {
        Request::Files { paths } => host.api.answer(Request::Files { paths: host.files.uploaded(paths)? }).await,
        Request::Preview { paths } => host.api.answer(Request::Preview { paths: host.files.uploaded(paths)? }).await,
        // Where it is written is ours to say; the browser then fetches it.
        Request::Export { book, format, .. } => {
            let (folder, target) = host.files.export_folder()?;
            let path = target.to_string_lossy().into_owned();
            let reply = host.api.answer(Request::Export { book, format, path }).await?;
            fetched(&folder, reply)
        }
        Request::WriteFigures { job, path } => {
            let (folder, target) = host.files.export_folder()?;
            let path = target.join(files::plain_name(&path, "figures.json")).to_string_lossy().into_owned();
            let reply = host.api.answer(Request::WriteFigures { job, path }).await?;
            fetched(&folder, reply)
        }
        // A folder of this machine is not the browser's to read.
        Request::Set { key, value } if key.trim() == "inbox.folder" && !value.trim().is_empty() => Err(WireError::new(
            ErrorCode::BadUse,
            "The watched folder cannot be chosen from a browser.",
            "Choose it on the machine itself: in its window, in settings.toml, or with EPITOME_INBOX.",
        )),
        request => host.api.answer(request).await,
    }
}

/// What was written, with the address at which the browser fetches it.
fn fetched(folder: &str, reply: serde_json::Value) -> Result<serde_json::Value, WireError> {
    let written: Exported = serde_json::from_value(reply).map_err(internal)?;
    let link = files::link(folder, &written.path);
    serde_json::to_value(Exported { path: link, ..written }).map_err(internal)
}

fn internal(error: impl std::fmt::Display) -> WireError {
    WireError::new(ErrorCode::Internal, format!("The answer could not be written: {error}."), "Try again.")
}

fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}
