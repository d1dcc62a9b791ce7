//! Reading the body of a chat or generate request, with the complaints of Go's decoder (OLLAMA.md 4.1).

use serde_json::{Map, Value};

use super::clock::{Keep, keep_alive};
use super::record::Endpoint;
use super::window::Message;

/// A refusal: a status and the words of its error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub words: String,
}

impl Refusal {
    pub fn new(status: u16, words: impl Into<String>) -> Self {
        Self { status, words: words.into() }
    }
}

/// A chat or generate request.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)] // The API has them.
pub struct Call {
    pub endpoint: Endpoint,
    /// As the request names it.
    pub model: String,
    pub messages: Vec<Message>,
    pub stream: bool,
    pub options: Map<String, Value>,
    pub keep: Option<Keep>,
    /// Absent: as the model is able to.
    pub think: Option<bool>,
    pub truncate: bool,
    pub shift: Option<bool>,
    /// Absent unless the answer is to be JSON.
    pub format: Option<Value>,
    pub raw: bool,
    pub debug: bool,
}

impl Call {
    pub fn read(endpoint: Endpoint, body: &[u8]) -> Result<Self, Refusal> {
        let fields = Fields::read(body, if endpoint == Endpoint::Chat { "ChatRequest" } else { "GenerateRequest" })?;
        let model = fields.text("model")?;
        let messages = match endpoint {
            Endpoint::Chat | Endpoint::Completions => fields.messages()?,
            Endpoint::Generate => fields.prompt()?,
        };
        let raw = fields.flag("raw")?.unwrap_or(false);
        let think = fields.think()?;
        let keep = keep_alive(fields.get("keep_alive")).map_err(|words| Refusal::new(400, words))?;
        if raw && ["template", "system", "context"].iter().any(|name| fields.is_set(name)) {
            return Err(Refusal::new(400, "raw mode does not support template, system, or context"));
        }
        Ok(Self {
            endpoint,
            model,
            messages,
            stream: fields.flag("stream")?.unwrap_or(true),
            options: fields.object("options")?,
            keep,
            think,
            truncate: fields.flag("truncate")?.unwrap_or(true),
            shift: fields.flag("shift")?,
            format: fields.format(),
            raw,
            debug: fields.flag("_debug_render_only")?.unwrap_or(false),
        })
    }

    /// Whether it only loads or unloads.
    pub fn is_idle(&self) -> bool {
        match self.endpoint {
            Endpoint::Chat | Endpoint::Completions => self.messages.is_empty(),
            Endpoint::Generate => self.messages.iter().all(|message| message.role == "system"),
        }
    }

    /// Refuses a `format` that is neither `"json"` nor an object; the server looks only when it comes to generating.
    pub fn check_format(&self) -> Result<(), Refusal> {
        match &self.format {
            Some(Value::Object(_)) | None => Ok(()),
            Some(Value::String(name)) if name == "json" => Ok(()),
            Some(other) => {
                let words =
                    format!("invalid format: {:?}; expected \"json\" or a valid JSON Schema object", other.to_string());
                Err(Refusal::new(500, words))
            }
        }
    }
}

/// The fields of a request's body.
#[derive(Debug)]
pub struct Fields {
    object: Map<String, Value>,
    /// Go's name of the request, for complaints.
    name: &'static str,
}

impl Fields {
    pub fn read(body: &[u8], name: &'static str) -> Result<Self, Refusal> {
        if body.is_empty() {
            return Err(Refusal::new(400, "missing request body"));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(object)) => Ok(Self { object, name }),
            Ok(other) => {
                let kind = go_kind(&other);
                Err(Refusal::new(400, format!("json: cannot unmarshal {kind} into Go value of type api.{name}")))
            }
            Err(error) if error.is_eof() => Err(Refusal::new(400, "unexpected EOF")),
            Err(error) => {
                let line = body.split(|byte| *byte == b'\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
                let at = String::from_utf8_lossy(line.get(error.column().saturating_sub(1)..).unwrap_or_default())
                    .into_owned();
                let found = at.chars().next().unwrap_or(' ');
                Err(Refusal::new(400, format!("invalid character '{found}' looking for beginning of value")))
            }
        }
    }

    fn get(&self, field: &str) -> &Value {
        self.object.get(field).unwrap_or(&Value::Null)
    }

    fn is_set(&self, field: &str) -> bool {
        match self.get(field) {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => !items.is_empty(),
            _ => true,
        }
    }

    fn wrong(&self, field: &str, value: &Value, wanted: &str) -> Refusal {
        let (kind, name) = (go_kind(value), self.name);
        Refusal::new(400, format!("json: cannot unmarshal {kind} into Go struct field {name}.{field} of type {wanted}"))
    }

    pub fn text(&self, field: &str) -> Result<String, Refusal> {
        match self.get(field) {
            Value::Null => Ok(String::new()),
            Value::String(text) => Ok(text.clone()),
            other => Err(self.wrong(field, other, "string")),
        }
    }

    pub fn flag(&self, field: &str) -> Result<Option<bool>, Refusal> {
        match self.get(field) {
            Value::Null => Ok(None),
            Value::Bool(flag) => Ok(Some(*flag)),
            other => Err(self.wrong(field, other, "bool")),
        }
    }

    fn object(&self, field: &str) -> Result<Map<String, Value>, Refusal> {
        match self.get(field) {
            Value::Null => Ok(Map::new()),
            Value::Object(object) => Ok(object.clone()),
            other => Err(self.wrong(field, other, "map[string]interface {}")),
        }
    }

    fn messages(&self) -> Result<Vec<Message>, Refusal> {
        let items = match self.get("messages") {
            Value::Null => return Ok(Vec::new()),
            Value::Array(items) => items,
            other => return Err(self.wrong("messages", other, "[]api.Message")),
        };
        let part = |item: &Value, name: &str| match &item[name] {
            Value::Null => Ok(String::new()),
            Value::String(text) => Ok(text.clone()),
            other => Err(self.wrong(&format!("messages.{name}"), other, "string")),
        };
        let message = |item: &Value| {
            if !item.is_object() {
                return Err(self.wrong("messages", item, "api.Message"));
            }
            Ok(Message { role: part(item, "role")?.to_lowercase(), content: part(item, "content")? })
        };
        items.iter().map(message).collect()
    }

    /// The prompt of a generate request as messages; none without a prompt.
    fn prompt(&self) -> Result<Vec<Message>, Refusal> {
        let (system, prompt) = (self.text("system")?, self.text("prompt")?);
        let parts = [("system", system), ("user", prompt)].into_iter().filter(|(_, content)| !content.is_empty());
        Ok(parts.map(|(role, content)| Message { role: role.to_owned(), content }).collect())
    }

    fn think(&self) -> Result<Option<bool>, Refusal> {
        match self.get("think") {
            Value::Null => Ok(None),
            Value::Bool(think) => Ok(Some(*think)),
            Value::String(level) if ["high", "medium", "low", "max"].contains(&level.as_str()) => Ok(Some(true)),
            Value::String(other) => Err(Refusal::new(
                400,
                format!(
                    "invalid think value: {other:?} (must be \"high\", \"medium\", \"low\", \"max\", true, or false)"
                ),
            )),
            _ => Err(Refusal::new(
                400,
                "think must be a boolean or string (\"high\", \"medium\", \"low\", \"max\", true, or false)",
            )),
        }
    }

    fn format(&self) -> Option<Value> {
        match self.get("format") {
            Value::Null => None,
            Value::String(name) if name.is_empty() => None,
            other => Some(other.clone()),
        }
    }
}

fn go_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_complaint_has_the_servers_words() {
        for (body, words) in [
            ("", "missing request body"),
            ("{", "unexpected EOF"),
            ("x", "invalid character 'x' looking for beginning of value"),
            ("[]", "json: cannot unmarshal array into Go value of type api.ChatRequest"),
            (
                r#"{"model":"m","messages":"hi"}"#,
                "json: cannot unmarshal string into Go struct field ChatRequest.messages of type []api.Message",
            ),
            (
                r#"{"model":"m","think":"foo"}"#,
                r#"invalid think value: "foo" (must be "high", "medium", "low", "max", true, or false)"#,
            ),
            (r#"{"model":"m","keep_alive":"zzz"}"#, r#"time: invalid duration "zzz""#),
        ] {
            let refused = Call::read(Endpoint::Chat, body.as_bytes()).unwrap_err();
            assert_eq!(refused, Refusal::new(400, words), "{body}");
        }
        let raw = br#"{"model":"m","prompt":"p","raw":true,"system":"s"}"#;
        assert_eq!(Call::read(Endpoint::Generate, raw).unwrap_err().status, 400);
        let xml = Call::read(Endpoint::Chat, br#"{"model":"m","format":"xml"}"#).unwrap();
        assert_eq!(
            xml.check_format().unwrap_err(),
            Refusal::new(500, r#"invalid format: "\"xml\""; expected "json" or a valid JSON Schema object"#)
        );
    }

    #[test]
    fn defaults_are_the_servers() {
        let call = Call::read(Endpoint::Chat, br#"{"model":"m","messages":[{"role":"USER","content":"x"}]}"#).unwrap();
        assert!(call.stream && call.truncate && call.think.is_none() && !call.is_idle());
        assert_eq!(call.messages[0].role, "user");
        assert!(Call::read(Endpoint::Generate, br#"{"model":"m"}"#).unwrap().is_idle());
    }
}
