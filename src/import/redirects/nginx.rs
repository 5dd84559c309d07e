//! Redirects in nginx's configuration: `rewrite`, `return` in a `location`, and `map`.

use super::pattern::{self, FirstSlash};
use super::rule::{OldRedirect, ReadRule, RedirectSource, UnreadRule};

/// The reason for rules that depend on more than the path.
const CONDITION: &str = "it depends on a condition: check whether its URLs are used";
/// The reason for values that nginx computes.
const VARIABLE: &str = "its target has a variable: write the redirects of single URLs";

/// A statement: its words, and the line at which it begins.
struct Statement {
    line: usize,
    words: Vec<String>,
    end: StatementEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StatementEnd {
    Semicolon,
    BlockStart,
    BlockEnd,
}

/// Reads a file.
pub(super) fn read(text: &str) -> Vec<ReadRule> {
    let mut rules = Vec::new();
    let mut blocks: Vec<Vec<String>> = Vec::new();
    for Statement { line, words, end } in statements(text) {
        if !words.is_empty() && end != StatementEnd::BlockStart {
            let block: &[String] = blocks.last().map_or(&[], Vec::as_slice);
            let text = words.join(" ");
            match read_statement(&words, block) {
                Some(Ok((from, to))) => {
                    rules.push(Ok(OldRedirect { line, from, to, warning: None }));
                }
                Some(Err(reason)) => rules.push(Err(UnreadRule { line, text, reason })),
                None => {}
            }
        }
        match end {
            StatementEnd::BlockStart => blocks.push(words),
            StatementEnd::BlockEnd => drop(blocks.pop()),
            StatementEnd::Semicolon => {}
        }
    }
    rules
}

type Converted = Result<(RedirectSource, String), &'static str>;

/// Reads a statement in a block; `None` if it isn't a redirect.
fn read_statement(words: &[String], block: &[String]) -> Option<Converted> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let block: Vec<&str> = block.iter().map(String::as_str).collect();
    match (&words[..], &block[..]) {
        (["rewrite", expression, to, flags @ ..], _) => {
            let is_redirect =
                flags.contains(&"permanent") || flags.contains(&"redirect") || to.contains("://");
            if !is_redirect {
                return None;
            }
            if block.first() == Some(&"if") {
                return Some(Err(CONDITION));
            }
            let to = to.trim_end_matches('?');
            Some(pattern::convert(expression, to, FirstSlash::Matched))
        }
        (["return", "301" | "302" | "303" | "307" | "308", to], _) => Some(return_in(&block, to)),
        (["return", "404" | "410", ..], ["location", ..]) => {
            Some(Err("it has no new URL: the site answers 404 there"))
        }
        ([from, to], ["map", source, ..])
            if ["$uri", "$request_uri", "$document_uri"].contains(source) =>
        {
            map_entry(from, to)
        }
        _ => None,
    }
}

/// Reads a `return` in a block.
fn return_in(block: &[&str], to: &str) -> Converted {
    match block {
        ["location", "=", path] if !to.contains('$') => {
            Ok((RedirectSource::Exact((*path).to_owned()), to.to_owned()))
        }
        ["location", "~" | "~*", expression] => {
            pattern::convert(expression, to, FirstSlash::Matched)
        }
        ["location", "^~", path] | ["location", path] if !to.contains('$') => {
            match path.ends_with('/') {
                true => Ok((RedirectSource::Prefix((*path).to_owned()), to.to_owned())),
                false => Ok((RedirectSource::Exact((*path).to_owned()), to.to_owned())),
            }
        }
        ["location", ..] => Err(VARIABLE),
        ["if", condition @ ..] => {
            let condition = condition.join(" ");
            let condition = condition.trim_matches(['(', ')', ' ']);
            let path = condition
                .split_once(" = ")
                .filter(|(variable, _)| ["$request_uri", "$uri"].contains(&variable.trim()));
            match path {
                Some((_, path)) if !to.contains('$') => {
                    let path = path.trim().trim_matches(['"', '\'']);
                    Ok((RedirectSource::Exact(path.to_owned()), to.to_owned()))
                }
                _ => Err(CONDITION),
            }
        }
        _ => Err("it redirects the whole host: set that up on the new host"),
    }
}

/// Reads an entry of a `map`.
fn map_entry(from: &str, to: &str) -> Option<Converted> {
    if ["default", "hostnames", "volatile", "include"].contains(&from) || to.is_empty() {
        return None;
    }
    if let Some(expression) = from.strip_prefix("~*").or_else(|| from.strip_prefix('~')) {
        return Some(pattern::convert(expression, to, FirstSlash::Matched));
    }
    if to.contains('$') {
        return Some(Err(VARIABLE));
    }
    Some(Ok((RedirectSource::Exact(from.to_owned()), to.to_owned())))
}

/// Divides a configuration into statements.
fn statements(text: &str) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let (mut line, mut start) = (1, 1);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let starts_word = word.is_empty();
        if starts_word && words.is_empty() {
            start = line;
        }
        match c {
            '\n' => line += 1,
            _ if !starts_word => {}
            '#' => while chars.next_if(|next| *next != '\n').is_some() {},
            '"' | '\'' => {
                while let Some(next) = chars.next() {
                    line += usize::from(next == '\n');
                    match next {
                        '\\' if matches!(chars.peek(), Some('"' | '\'')) => {
                            word.extend(chars.next());
                        }
                        next if next == c => break,
                        next => word.push(next),
                    }
                }
                words.push(std::mem::take(&mut word));
                continue;
            }
            _ => {}
        }
        let end = match c {
            '#' if starts_word => continue,
            ';' => StatementEnd::Semicolon,
            // A brace in a word is part of an expression.
            '{' if starts_word => StatementEnd::BlockStart,
            '}' if starts_word => StatementEnd::BlockEnd,
            c if c.is_whitespace() => {
                if !starts_word {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            c => {
                word.push(c);
                continue;
            }
        };
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        statements.push(Statement { line: start, words: std::mem::take(&mut words), end });
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read() {
        let text = "map $uri $new { # old\n  default \"\";\n  /a /b;\n  ~^/c/(.*)$ /d/$1;\n}\n\
            server {\n  rewrite ^/e\\.html$ https://new.example/f/ permanent;\n\
            rewrite ^/app/ /index.html last;\n\
            location = /g { return 301 /h/; }\n  location /i/ { return 302 \"/j k/\"; }\n\
            location ~ ^/l{2}$ { return 301 /m; }\n\
            if ($request_uri = \"/n\") { return 301 /o; }\n\
            if ($host = x) { return 301 https://y$request_uri; }\n\
            return 301 https://$host$request_uri;\n}\n";
        let rules: Vec<String> = read(text)
            .into_iter()
            .map(|rule| match rule {
                Ok(OldRedirect { line, from, to, .. }) => format!("{line} {from:?} {to}"),
                Err(UnreadRule { line, reason, .. }) => {
                    format!("{line} {}", reason.split(':').next().unwrap_or_default())
                }
            })
            .collect();
        assert_eq!(
            rules,
            [
                "3 Exact(\"/a\") /b",
                "4 Prefix(\"/c/\") /d/:splat",
                "7 Exact(\"/e.html\") https://new.example/f/",
                "9 Exact(\"/g\") /h/",
                "10 Prefix(\"/i/\") /j k/",
                "11 its expression is too complex",
                "12 Exact(\"/n\") /o",
                "13 it depends on a condition",
                "14 it redirects the whole host",
            ]
        );
    }
}
