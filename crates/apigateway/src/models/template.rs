//! A mapping template to start from: the shape of a model with sample values. API Reference, "GetModelTemplate".

use std::fmt::Write as _;

use serde_json::Value;

/// How deep references and nesting are followed; what lies deeper is left to the user.
const DEPTH_MAX: usize = 16;

/// A template of more bytes is cut off: what a model that refers to itself several times stands for grows without measure.
const TEMPLATE_BYTES_MAX: usize = 256 * 1024;

/// The template for a schema whose references are all to its own definitions.
pub(super) fn skeleton(schema: &Value) -> String {
    let mut output = String::from("#set($inputRoot = $input.path('$'))\n");
    write_value(&mut output, schema, schema, "$inputRoot", 0);
    output
}

fn write_value(output: &mut String, root: &Value, schema: &Value, path: &str, depth: usize) {
    let schema = resolve(root, schema);
    if depth >= DEPTH_MAX || output.len() >= TEMPLATE_BYTES_MAX {
        output.push_str("{ }");
        return;
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("array") => write_array(output, root, schema, path, depth),
        Some("string") => output.push_str("\"foo\""),
        Some("integer") => output.push_str("42"),
        Some("number") => output.push_str("12.34"),
        Some("boolean") => output.push_str("true"),
        Some("null") => output.push_str("null"),
        _ => write_object(output, root, schema, path, depth),
    }
}

fn write_object(output: &mut String, root: &Value, schema: &Value, path: &str, depth: usize) {
    let properties = schema.get("properties").and_then(Value::as_object);
    let Some(properties) = properties.filter(|properties| !properties.is_empty()) else {
        output.push_str("{ }");
        return;
    };
    let indent = "  ".repeat(depth + 1);
    output.push_str("{\n");
    for (number, (name, property)) in properties.iter().enumerate() {
        if output.len() >= TEMPLATE_BYTES_MAX {
            break;
        }
        let separator = if number == 0 { "" } else { ",\n" };
        // Writing to a String cannot fail.
        let _ = write!(output, "{separator}{indent}{} : ", Value::from(name.as_str()));
        write_value(output, root, property, &format!("{path}.{name}"), depth + 1);
    }
    output.push('\n');
    output.push_str(&"  ".repeat(depth));
    output.push('}');
}

fn write_array(output: &mut String, root: &Value, schema: &Value, path: &str, depth: usize) {
    let indent = "  ".repeat(depth + 1);
    // Writing to a String cannot fail.
    let _ = write!(
        output,
        "[\n##TODO: Update this foreach loop to reference array from input json\n#foreach($elem in {path})\n{indent}"
    );
    let empty = Value::Null;
    write_value(output, root, schema.get("items").unwrap_or(&empty), "$elem", depth + 1);
    output.push_str("#if($foreach.hasNext),#end\n\n#end\n]");
}

fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let mut found = schema;
    for _ in 0..DEPTH_MAX {
        let reference = found.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
        match reference.and_then(|pointer| root.pointer(pointer)) {
            Some(target) => found = target,
            None => break,
        }
    }
    found
}
