//! Rewrites the error messages of the YAML parser in the author's words.

/// A YAML error for the author.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct YamlError {
    /// The problem.
    pub(crate) message: String,
    /// The way to fix it.
    pub(crate) help: String,
}

/// Parts of the parser's messages, each with the message and the help text that replace it. More
/// specific parts come first.
const SYNTAX_ERRORS: [(&str, &str, &str); 16] = [
    (
        "value of `<<`",
        "the value of a merge key (`<<`) isn't a map or a list of maps",
        "write `<<: *name` for a map that begins with `&name`",
    ),
    (
        "recursion limit",
        "lists or maps are nested too deep",
        "nothing in the file needs to be nested so deep",
    ),
    (
        "repetition limit",
        "aliases repeat too many values",
        "write the values out instead of repeating them by alias",
    ),
    (
        "escape",
        "a backslash in double quotation marks begins an unknown escape sequence",
        "inside \"…\" write a backslash twice; inside '…' once",
    ),
    (
        "quoted scalar",
        "the quotation mark is never closed",
        "close the quotation mark that opens this value",
    ),
    (
        "flow sequence",
        "the list is never closed, or a comma is missing",
        "separate the items with commas, and close the list that begins here with `]`",
    ),
    (
        "flow mapping",
        "the map is never closed, or a comma is missing",
        "separate the keys with commas, and close the map that begins here with `}`",
    ),
    (
        "unknown anchor",
        "the value is an alias of an anchor that doesn't exist",
        "put a value that begins with `*` in quotation marks",
    ),
    (
        "alphabetic or numeric",
        "the value begins with a character that has a meaning in YAML",
        "put a value that begins with `*` or `&` in quotation marks",
    ),
    (
        "any token",
        "the value begins with a character that isn't allowed there",
        "put a value that begins with `@`, `%` or a backtick in quotation marks",
    ),
    (
        "mapping values are not allowed",
        "there is a second colon, or the indentation is wrong",
        "put a value that contains a colon in quotation marks",
    ),
    (
        "expected key",
        "there is text after the end of the value, or the indentation is wrong",
        "put the whole value in quotation marks; inside \"…\" write `\\\"` for one",
    ),
    (
        "expected ':'",
        "the line isn't `key: value`",
        "add a colon and a value, or put text with several lines in quotation marks",
    ),
    (
        "block sequence entries",
        "a list item isn't allowed here",
        "write each item on its own line below the key, or put the value in quotation marks",
    ),
    ("control characters", "the text contains a control character", "remove the character"),
    ("tab", "the line is indented with a tab", "YAML is indented with spaces, not with tabs"),
];

/// Explains a syntax error: `error` is the parser's message, `line` the line where it stopped.
pub(crate) fn explain_syntax_error(error: &str, line: &str) -> YamlError {
    if let Some(quoted) = quote_value_with_colon(line) {
        return YamlError {
            message: "the value contains a colon and must be quoted".to_owned(),
            help: format!("put it in quotation marks: `{quoted}`"),
        };
    }
    if line.trim_start_matches(' ').starts_with('\t') {
        return YamlError {
            message: "the line is indented with a tab".to_owned(),
            help: "YAML is indented with spaces, not with tabs".to_owned(),
        };
    }
    if let Some((_, key)) = error.split_once("duplicate entry with key ") {
        let key = without_position(key).trim_matches('"');
        return YamlError {
            message: format!("`{key}` is set twice"),
            help: "keep one of them".to_owned(),
        };
    }
    let (message, help) = SYNTAX_ERRORS.iter().find(|(part, ..)| error.contains(part)).map_or(
        (
            "the file isn't valid YAML here",
            "each line is `key: value` without indentation; other text must be in quotation \
                 marks",
        ),
        |(_, message, help)| (*message, *help),
    );
    YamlError { message: message.to_owned(), help: help.to_owned() }
}

/// Quotes the value of a line such as `title: Iran: the talks`, if it needs quotes.
fn quote_value_with_colon(line: &str) -> Option<String> {
    let (key, value) = line.split_once(": ")?;
    let value = value.trim();
    let is_plain = !value.starts_with(['"', '\'', '[', '{', '|', '>', '&', '*']);
    let has_colon = value.contains(": ") || value.ends_with(':');
    (is_plain && has_colon && !key.contains(' '))
        .then(|| format!("{key}: \"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// Explains a value of the wrong type: `error` is the parser's message, such as `title: invalid
/// type: sequence, expected one value`; `document` is what the file consists of. Returns `None` for
/// other errors.
pub(crate) fn explain_type_error(error: &str, document: &str) -> Option<String> {
    let error = without_position(error);
    let (key, problem) = TYPE_ERRORS
        .iter()
        .filter_map(|problem| error.find(problem))
        .min()
        .map(|at| error.split_at(at))?;
    let subject = match key.trim_end_matches(": ") {
        "" => document.to_owned(),
        key => format!("`{key}`"),
    };
    if let Some(field) = problem.strip_prefix("missing field ") {
        return Some(format!("{subject} has no key {field}"));
    }
    if let Some(field) = problem.strip_prefix("unknown field ") {
        let (field, expected) = field.split_once(", expected ").unwrap_or((field, ""));
        let keys = expected.trim_start_matches("one of ");
        let allowed = if keys.is_empty() { String::new() } else { format!("; it can have {keys}") };
        return Some(format!("{subject} has an unknown key {field}{allowed}"));
    }
    if let Some(value) = problem.strip_prefix("unknown variant ") {
        let (value, expected) = value.split_once(", expected ")?;
        return Some(format!("{subject} is {value}, but must be {expected}"));
    }
    if problem.starts_with("data did not match any variant") {
        return Some(format!("{subject} has a value of the wrong type"));
    }
    let (_, values) = problem.split_once(": ")?;
    let (actual, expected) = values.split_once(", expected ")?;
    Some(format!("{subject} is {}, but must be {}", type_name(actual), expected_type(expected)))
}

/// The beginnings of the parser's messages about values of the wrong type.
const TYPE_ERRORS: [&str; 7] = [
    "invalid type: ",
    "invalid value: ",
    "invalid length ",
    "unknown field ",
    "unknown variant ",
    "missing field ",
    "data did not match any variant",
];

/// The parser's name of a type that it expects, in the author's words.
fn expected_type(expected: &str) -> &str {
    match expected {
        "a string" | "a borrowed string" | "a character" => "a text",
        "a boolean" => "`true` or `false`",
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" | "u64" | "usize" => "a whole number of 0 or more",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a sequence" => "a list",
        "a map" | "a YAML mapping" => "a map (lines of `key: value`)",
        _ if expected.starts_with("struct ") => "a map (lines of `key: value`)",
        _ if expected.starts_with("tuple ") || expected.starts_with("an array ") => "a list",
        _ => expected,
    }
}

/// The parser's name of a type, in the author's words.
fn type_name(actual: &str) -> String {
    match actual.split_once(' ').unwrap_or((actual, "")) {
        ("sequence", rest) => format!("a list {rest}").trim_end().to_owned(),
        ("map", rest) => format!("a map {rest}").trim_end().to_owned(),
        ("string", text) => format!("the text {text}"),
        ("integer", number) => format!("the number {number}"),
        ("floating", number) => format!("the number {}", number.trim_start_matches("point ")),
        ("boolean", value) => value.to_owned(),
        ("unit" | "null", _) => "empty".to_owned(),
        _ => actual.to_owned(),
    }
}

/// Returns a message of the parser without the position that it ends with.
fn without_position(error: &str) -> &str {
    error.split(" at line ").next().unwrap_or(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_errors_name_the_key_and_the_types() {
        for (error, expected) in [
            (
                "title: invalid type: sequence, expected one value at line 2 column 8",
                "`title` is a list, but must be one value",
            ),
            (
                "authors[0]: invalid type: map without a `name`, expected a name",
                "`authors[0]` is a map without a `name`, but must be a name",
            ),
            (
                "invalid type: string \"hello\", expected lines of `key: value` at line 1 column 1",
                "the front matter is the text \"hello\", but must be lines of `key: value`",
            ),
            (
                "corrections[0]: unknown field `test`, expected one of `date`, `text`",
                "`corrections[0]` has an unknown key `test`; it can have `date`, `text`",
            ),
            ("corrections[0]: missing field `text`", "`corrections[0]` has no key `text`"),
            (
                "html: unknown variant `dirty`, expected `sanitized` or `trusted`",
                "`html` is `dirty`, but must be `sanitized` or `trusted`",
            ),
            (
                "expired: unknown variant `x`, expected one of `a`, `b`, `c`",
                "`expired` is `x`, but must be one of `a`, `b`, `c`",
            ),
            (
                "images.quality: invalid value: integer `300`, expected u8 at line 1 column 2",
                "`images.quality` is the number `300`, but must be a whole number from 0 to 255",
            ),
            (
                "feeds: invalid type: string \"no\", expected struct FeedSettings",
                "`feeds` is the text \"no\", but must be a map (lines of `key: value`)",
            ),
            (
                "cite: invalid type: string \"missing field \", expected a boolean",
                "`cite` is the text \"missing field \", but must be `true` or `false`",
            ),
        ] {
            assert_eq!(explain_type_error(error, "the front matter").as_deref(), Some(expected));
        }
        assert_eq!(explain_type_error("did not find expected key", "the front matter"), None);
    }

    #[test]
    fn syntax_errors_depend_on_the_line() {
        let colon = explain_syntax_error("mapping values are not allowed", "title: Iran: talks");
        assert_eq!(colon.help, "put it in quotation marks: `title: \"Iran: talks\"`");
        let tab = explain_syntax_error("found character that cannot start any token", "\t- a");
        assert_eq!(tab.message, "the line is indented with a tab");
        let at = explain_syntax_error("found character that cannot start any token", "title: @a");
        assert!(at.help.contains("`@`"), "{at:?}");
        let twice =
            explain_syntax_error("duplicate entry with key \"a\" at line 2 column 1", "a: b");
        assert_eq!(twice.message, "`a` is set twice");
    }
}
