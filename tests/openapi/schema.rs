//! As much of JSON Schema as the document uses; a word that is not known here fails the test.

use serde_json::{Value, json};

/// The OpenAPI document, with what its references point to.
#[derive(Clone, Copy)]
pub struct Document<'a>(pub &'a Value);

/// Words that say nothing about which values are right.
const REMARKS: [&str; 6] = [
    "description",
    "example",
    "format",
    "default",
    "title",
    "propertyNames",
];

impl<'a> Document<'a> {
    fn find(self, reference: &str) -> &'a Value {
        let found = reference
            .strip_prefix('#')
            .and_then(|pointer| self.0.pointer(pointer));
        found.unwrap_or_else(|| panic!("{reference} points to nothing"))
    }

    /// That every reference points to something.
    pub fn check_references(self) {
        let mut rest = vec![self.0];
        let mut found = 0;
        while let Some(value) = rest.pop() {
            match value {
                Value::Object(fields) => {
                    if let Some(Value::String(reference)) = fields.get("$ref") {
                        self.find(reference);
                        found += 1;
                    }
                    rest.extend(fields.values());
                }
                Value::Array(items) => rest.extend(items),
                _ => {}
            }
        }
        assert!(found > 20, "only {found} references");
    }

    /// That `value` is as `schema` says, and that every field of it is described; `place` is for the message.
    #[track_caller]
    pub fn check(self, schema: &'a Value, value: &Value, place: &str) {
        if let Err(fault) = self.fault(schema, value, place) {
            panic!("{fault}");
        }
    }

    /// The first thing in `value` that `schema` forbids or does not tell of.
    fn fault(self, schema: &'a Value, value: &Value, place: &str) -> Result<(), String> {
        self.forbidden(schema, value, place)?;
        self.hidden(schema, value, place)
    }

    fn forbidden(self, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("{place}: {what}: {value}"));
        for (word, rule) in schema
            .as_object()
            .ok_or_else(|| format!("{place}: {schema} is no schema"))?
        {
            match word.as_str() {
                "$ref" => self.forbidden(self.find(rule.as_str().unwrap()), value, place)?,
                "type" => {
                    let types = rule
                        .as_array()
                        .map_or_else(|| vec![rule], |types| types.iter().collect());
                    if !types.into_iter().any(|kind| is_of(value, kind.as_str().unwrap())) {
                        return wrong(&format!("expected {rule}"));
                    }
                }
                "required" => {
                    let missing = |name: &&Value| value.get(name.as_str().unwrap()).is_none();
                    if let Some(name) = rule.as_array().unwrap().iter().find(missing) {
                        return wrong(&format!("{name} is missing"));
                    }
                }
                "properties" => {
                    for (name, inner) in rule.as_object().unwrap() {
                        if let Some(field) = value.get(name) {
                            self.forbidden(inner, field, &format!("{place}.{name}"))?;
                        }
                    }
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.forbidden(rule, item, &format!("{place}[{index}]"))?;
                    }
                }
                "additionalProperties" if rule.is_object() => {
                    for (name, field) in value.as_object().into_iter().flatten() {
                        self.forbidden(rule, field, &format!("{place}.{name}"))?;
                    }
                }
                "additionalProperties" => {}
                "allOf" => {
                    for part in rule.as_array().unwrap() {
                        self.forbidden(part, value, place)?;
                    }
                }
                "oneOf" | "anyOf" => {
                    let parts = rule.as_array().unwrap();
                    if !parts
                        .iter()
                        .any(|part| self.forbidden(part, value, place).is_ok())
                    {
                        return wrong(&format!("none of {rule}"));
                    }
                }
                "enum" => {
                    if !rule.as_array().unwrap().contains(value) {
                        return wrong(&format!("none of {rule}"));
                    }
                }
                "minimum" => {
                    if value
                        .as_f64()
                        .is_some_and(|number| number < rule.as_f64().unwrap())
                    {
                        return wrong(&format!("below {rule}"));
                    }
                }
                remark if REMARKS.contains(&remark) => {}
                unknown => {
                    return Err(format!(
                        "{place}: the schema says {unknown}, which the test does not know"
                    ));
                }
            }
        }
        Ok(())
    }

    /// A field that is there, and that `schema` does not tell of.
    fn hidden(self, schema: &'a Value, value: &Value, place: &str) -> Result<(), String> {
        let parts = self.parts(schema);
        let all = |word: &'static str| parts.iter().filter_map(move |part| part.get(word));
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            for items in all("items") {
                self.hidden(items, item, &format!("{place}[{index}]"))?;
            }
        }
        let tells_something = all("type").chain(all("properties")).next().is_some();
        for (name, field) in value.as_object().into_iter().flatten() {
            let place = format!("{place}.{name}");
            let described = all("properties").filter_map(|properties| properties.get(name));
            let others = all("additionalProperties").filter(|rule| rule.is_object());
            let rules: Vec<_> = described.chain(others).collect();
            if rules.is_empty() && tells_something {
                return Err(format!("{place} is not described"));
            }
            for rule in rules {
                self.hidden(rule, field, &place)?;
            }
        }
        Ok(())
    }

    /// `schema` and all that it refers to and is put together from.
    fn parts(self, schema: &'a Value) -> Vec<&'a Value> {
        let mut parts = vec![schema];
        if let Some(reference) = schema["$ref"].as_str() {
            parts.extend(self.parts(self.find(reference)));
        }
        for word in ["allOf", "oneOf", "anyOf"] {
            for part in schema[word].as_array().into_iter().flatten() {
                parts.extend(self.parts(part));
            }
        }
        parts
    }
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("{other} is no type of JSON Schema"),
    }
}

#[test]
fn what_a_schema_forbids_or_does_not_tell_of_is_found() {
    let document = json!({"schemas": {"Point": {
        "type": "object", "required": ["x"],
        "properties": {"x": {"type": "number", "minimum": 0}, "name": {"type": ["string", "null"]}},
    }}});
    let point = json!({"$ref": "#/schemas/Point"});
    let points = json!({"type": "array", "items": {"$ref": "#/schemas/Point"}});
    let fault = |schema: &Value, value: &str| {
        let value: Value = serde_json::from_str(value).unwrap();
        // A document of one lifetime with the schema, as it is where the schema is a part of it.
        let whole = json!({"schemas": document["schemas"], "schema": schema});
        Document(&whole).fault(&whole["schema"], &value, "it").err()
    };
    assert_eq!(fault(&point, r#"{"x": 1.5, "name": null}"#), None);
    assert_eq!(fault(&points, r#"[{"x": 1.5}, {"x": 0}]"#), None);
    for (wrong, told) in [
        ("[]", "expected \"object\""),
        ("{}", "\"x\" is missing"),
        (r#"{"x": "1"}"#, "it.x: expected \"number\""),
        (r#"{"x": -1}"#, "it.x: below 0"),
        (r#"{"x": 1, "name": 2}"#, "it.name: expected"),
        (r#"{"x": 1, "y": 2}"#, "it.y is not described"),
    ] {
        let fault = fault(&point, wrong).unwrap_or_else(|| panic!("{wrong} passes"));
        assert!(fault.contains(told), "{fault}");
    }
    assert!(
        fault(&points, r#"[{"x": 1}, {"y": 1}]"#)
            .unwrap()
            .contains("it[1]")
    );
    assert!(
        fault(&json!({"pattern": "a"}), "1")
            .unwrap()
            .contains("does not know")
    );
}
