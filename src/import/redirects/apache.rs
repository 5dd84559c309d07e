//! Redirects of Apache's modules `mod_alias` and `mod_rewrite`, as they are in `.htaccess`.

use super::pattern::{self, FirstSlash};
use super::rule::{OldRedirect, ReadRule, RedirectSource, UnreadRule};

/// The reason for rules that depend on more than the path.
const CONDITION: &str = "it depends on a condition: check whether its URLs are used";
/// The reason for rules without a new URL.
const NO_TARGET: &str = "it has no new URL: the site answers 404 there";

/// Reads a file.
pub(super) fn read(text: &str) -> Vec<ReadRule> {
    let mut rules = Vec::new();
    let mut has_condition = false;
    let mut joined = String::new();
    for (index, line) in text.lines().enumerate() {
        // A backslash at the end continues the line.
        if let Some(start) = line.strip_suffix('\\') {
            joined.push_str(start);
            joined.push(' ');
            continue;
        }
        joined.push_str(line);
        let line = std::mem::take(&mut joined);
        let words = split_words(&line);
        let Some((directive, arguments)) = words.split_first() else { continue };
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let read = match directive.to_ascii_lowercase().as_str() {
            "redirect" | "redirectpermanent" | "redirecttemp" => redirect(&arguments),
            "redirectmatch" => redirect_match(&arguments),
            "rewritecond" => {
                has_condition = true;
                None
            }
            "rewriterule" => match std::mem::take(&mut has_condition) {
                true if is_redirect(&arguments) => Some(Err(CONDITION)),
                true => None,
                false => rewrite_rule(&arguments),
            },
            _ => None,
        };
        if let Some(read) = read {
            let number = index + 1;
            let text = line.trim().to_owned();
            rules.push(match read {
                Ok((from, to, warning)) => Ok(OldRedirect { line: number, from, to, warning }),
                Err(reason) => Err(UnreadRule { line: number, text, reason }),
            });
        }
    }
    rules
}

/// A rule with a warning.
type Converted = Result<(RedirectSource, String, Option<&'static str>), &'static str>;

fn redirect(arguments: &[&str]) -> Option<Converted> {
    let arguments = match arguments.split_first()? {
        (status, rest) if is_status(status) => {
            if rest.len() < 2 {
                return Some(Err(NO_TARGET));
            }
            rest
        }
        _ => arguments,
    };
    let [from, to] = arguments else { return Some(Err("it isn't a path and a URL")) };
    let warning = "Apache redirects the URLs below it, too: add a rule with `*` if there are any";
    let warning = from.ends_with('/').then_some(warning);
    Some(Ok((RedirectSource::Exact((*from).to_owned()), (*to).to_owned(), warning)))
}

fn is_status(word: &str) -> bool {
    let is_number = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
    is_number || ["permanent", "temp", "seeother", "gone"].contains(&word)
}

fn redirect_match(arguments: &[&str]) -> Option<Converted> {
    let arguments = match arguments.split_first()? {
        (status, rest) if is_status(status) => rest,
        _ => arguments,
    };
    let [expression, to] = arguments else { return Some(Err(NO_TARGET)) };
    let converted = pattern::convert(expression, to, FirstSlash::Matched);
    Some(converted.map(|(from, to)| (from, to, None)))
}

/// Returns true if a `RewriteRule` answers with a redirect, and not with another file.
fn is_redirect(arguments: &[&str]) -> bool {
    let flags = arguments.get(2).copied().unwrap_or_default().trim_matches(['[', ']']);
    let flags = flags.to_ascii_lowercase();
    let has_flag = flags.split(',').map(str::trim).any(|flag| {
        let name = flag.split('=').next().unwrap_or_default();
        ["r", "redirect", "g", "gone", "f", "forbidden"].contains(&name)
    });
    has_flag || arguments.get(1).is_some_and(|to| to.contains("://"))
}

fn rewrite_rule(arguments: &[&str]) -> Option<Converted> {
    if !is_redirect(arguments) {
        return None;
    }
    let [expression, to, ..] = arguments else { return Some(Err(NO_TARGET)) };
    if *to == "-" {
        return Some(Err(NO_TARGET));
    }
    let is_complete = to.contains("://") || to.starts_with('/');
    let to = if is_complete { (*to).to_owned() } else { format!("/{to}") };
    let converted = pattern::convert(expression, &to, FirstSlash::Removed);
    // A question mark at the end removes the query.
    Some(converted.map(|(from, to)| (from, to.trim_end_matches('?').to_owned(), None)))
}

/// Splits a line into words, of which some are in quotation marks; empty if it is a comment.
fn split_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while !(rest.is_empty() || words.is_empty() && rest.starts_with('#')) {
        let (word, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read() {
        let text = "# Redirect /no /no\nRewriteEngine On\nRewriteRule ^index\\.php$ - [L]\n\
            Redirect 301 /a.html https://old.example/b/\nRedirect permanent \"/c d\" /e\n\
            Redirect gone /f\nRedirectMatch 301 ^/g/(.*)$ /h/$1\n\
            RewriteRule ^i/?$ /j/ [R=301,L]\nRewriteCond %{HTTPS} off\n\
            RewriteRule ^(.*)$ https://old.example/$1 [R=301]\n\
            RewriteRule ^k$ l? \\\n  [R]\nRewriteCond %{REQUEST_FILENAME} !-f\n\
            RewriteRule . /index.php [L]\n";
        let rules: Vec<String> = read(text)
            .into_iter()
            .map(|rule| match rule {
                Ok(OldRedirect { line, from, to, .. }) => format!("{line} {from:?} {to}"),
                Err(UnreadRule { line, reason, .. }) => format!("{line} {reason}"),
            })
            .collect();
        assert_eq!(
            rules,
            [
                "4 Exact(\"/a.html\") https://old.example/b/",
                "5 Exact(\"/c d\") /e",
                &format!("6 {NO_TARGET}"),
                "7 Prefix(\"/g/\") /h/:splat",
                "8 Exact(\"/i/\") /j/",
                &format!("10 {CONDITION}"),
                "12 Exact(\"/k\") /l",
            ]
        );
    }
}
