//! Golden cases: a template, `---`, and a JSON object of its variables, against the output or the drawn error.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use std::fmt;
use std::rc::Rc;

use vtl::{Context, HostError, Limits, Map, MapKind, Object, Template, Value, json};

#[test]
fn templates_render_as_recorded() {
    insta::glob!("cases/*.vm", |path| {
        let case = std::fs::read_to_string(path).unwrap();
        let (template, variables) = case.rsplit_once("\n---\n").expect("a case has a template, ---, and variables");
        let context = context(variables);
        let rendered = Template::parse(template).and_then(|template| template.render(&context, &Limits::default()));
        let recorded = match rendered {
            // The mark shows blanks and newlines at the end, and carriage returns.
            Ok(output) => format!("{}⏹", output.replace('\r', "␍")),
            Err(error) => format!("{:?}: {error:#}", error.kind()),
        };
        insta::with_settings!({ description => template, omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(recorded);
        });
    });
}

/// The variables of a case. `$input` and `$context` make host values, as a gateway would supply them.
fn context(variables: &str) -> Context {
    let Value::Map(variables) = json::parse(variables).unwrap() else { panic!("variables are an object") };
    let mut context = Context::new();
    for (name, value) in variables.borrow().iter() {
        match &**name {
            "$input" => {
                context.insert("input", Value::object(Input::new(value)));
                context.insert("util", Value::object(Util));
            }
            "$context" => context.insert("context", opaque(value)),
            _ => context.insert(name.to_string(), value.clone()),
        }
    }
    context
}

/// The same with maps that print as nothing.
fn opaque(value: &Value) -> Value {
    let Value::Map(map) = value else { return value.clone() };
    let mut opaque_map = Map::with_kind(MapKind::Opaque);
    opaque_map.extend(map.borrow().iter().map(|(key, value)| (Rc::clone(key), opaque(value))));
    Value::map(opaque_map)
}

/// A request, its paths no more than names between full stops.
struct Input {
    body: Rc<str>,
    document: Value,
    params: Value,
}

impl Input {
    fn new(request: &Value) -> Self {
        let Value::Map(request) = request else { panic!("a request is an object") };
        let request = request.borrow();
        let body = request.get("body").unwrap().to_text().unwrap();
        Self { document: json::parse(&body).unwrap(), body, params: request.get("params").unwrap().clone() }
    }

    fn at(&self, path: &Value) -> Result<Value, HostError> {
        let path = path.to_text()?;
        let Some(names) = path.strip_prefix('$') else { return Err(HostError::new("a path starts with '$'")) };
        let mut value = self.document.clone();
        for name in names.split('.').filter(|name| !name.is_empty()) {
            let Value::Map(map) = &value else { return Ok(Value::Null) };
            let inner = map.borrow().get(name).cloned().unwrap_or_default();
            value = inner;
        }
        Ok(value)
    }

    fn param(&self, name: &str) -> Value {
        let Value::Map(params) = &self.params else { return Value::Null };
        let params = params.borrow();
        let find = |group: &Value| {
            let Value::Map(group) = group else { return None };
            group.borrow().get(name).cloned()
        };
        params.values().find_map(find).unwrap_or_else(|| "".into())
    }
}

impl Object for Input {
    fn property(&self, name: &str) -> Value {
        if name == "body" { Value::String(Rc::clone(&self.body)) } else { Value::Null }
    }

    fn call(&self, method: &str, arguments: &[Value]) -> Result<Value, HostError> {
        match (method, arguments) {
            ("params", []) => Ok(self.params.clone()),
            ("params", [name]) => Ok(self.param(&name.to_text()?)),
            ("path", [path]) => self.at(path),
            ("json", [path]) => Ok(Value::from(json::to_text(&self.at(path)?)?)),
            _ => Ok(Value::Null),
        }
    }
}

struct Util;

impl Object for Util {
    fn call(&self, method: &str, arguments: &[Value]) -> Result<Value, HostError> {
        match (method, arguments) {
            ("escapeJavaScript", [text]) => {
                Ok(Value::from(text.to_text()?.replace('\\', "\\\\").replace('"', "\\\"").replace('\'', "\\'")))
            }
            ("urlDecode", [text]) => Ok(Value::from(text.to_text()?.replace("%2F", "/"))),
            _ => Ok(Value::Null),
        }
    }

    fn print(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str("util")
    }
}
