//! The configuration of a run, as YAML to read.

use serde_json::{Number, Value};

/// A configuration as YAML: objects as blocks, all else as JSON, which YAML reads.
pub(crate) fn to_yaml(config: &Value) -> String {
    let mut yaml = String::new();
    write_block(config, 0, &mut yaml);
    yaml
}

fn write_block(value: &Value, depth: usize, yaml: &mut String) {
    let Value::Object(fields) = value else {
        return;
    };
    for (key, value) in fields {
        yaml.push_str(&format!("{:1$}{key}:", "", 2 * depth));
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                yaml.push('\n');
                write_block(value, depth + 1, yaml);
            }
            Value::Number(number) => yaml.push_str(&format!(" {}\n", yaml_number(number))),
            other => yaml.push_str(&format!(" {other}\n")),
        }
    }
}

/// A number that YAML 1.1 too reads as one: with a point and a signed exponent, `1.0e-7`.
fn yaml_number(number: &Number) -> String {
    let json = number.to_string();
    let Some((digits, exponent)) = json.split_once('e') else {
        return json;
    };
    let point = if digits.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['+', '-']) {
        ""
    } else {
        "+"
    };
    format!("{digits}{point}e{sign}{exponent}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_blocks_and_the_rest_is_json() {
        let config = json!({"a": {"b": {"c": "x: y"}, "d": {}}, "e": [1, 2], "f": 0.5});
        let expected = "a:\n  b:\n    c: \"x: y\"\n  d: {}\ne: [1,2]\nf: 0.5\n";
        assert_eq!(to_yaml(&config), expected);
    }

    #[test]
    fn numbers_are_those_of_the_first_yaml_too() {
        for (number, yaml) in [
            (json!(1e-7), "1.0e-7"),
            (json!(2.5e-9), "2.5e-9"),
            (json!(1e20), "1.0e+20"),
            (json!(-3), "-3"),
        ] {
            let read = to_yaml(&json!({ "a": number }));
            assert_eq!(read, format!("a: {yaml}\n"));
        }
    }
}
