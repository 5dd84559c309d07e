//! `_redirects` of Netlify and Cloudflare Pages.

use super::rule::{OldRedirect, ReadRule, RedirectSource, UnreadRule};

/// The end of a path that matches the rest of a URL.
const SPLAT: &str = "/*";

/// Reads a file.
pub(super) fn read(text: &str) -> Vec<ReadRule> {
    let lines = text.lines().enumerate();
    let rules = lines.filter_map(|(index, line)| {
        let rule = line.trim();
        if rule.is_empty() || rule.starts_with('#') {
            return None;
        }
        let words: Vec<&str> = rule.split_whitespace().collect();
        let read = read_rule(&words)?;
        let line = index + 1;
        let text = rule.to_owned();
        Some(match read {
            Ok((from, to)) => Ok(OldRedirect { line, from, to, warning: None }),
            Err(reason) => Err(UnreadRule { line, text, reason }),
        })
    });
    rules.collect()
}

/// Reads a rule; `None` if it is a rewrite, which isn't a redirect.
fn read_rule(words: &[&str]) -> Option<Result<(RedirectSource, String), &'static str>> {
    let (from, rest) = words.split_first()?;
    let is_target = |word: &&&str| word.starts_with('/') || word.contains("://");
    let Some(to) = rest.iter().find(is_target) else {
        return Some(Err("it isn't two paths or URLs"));
    };
    let status = rest.iter().find(|word| word.trim_end_matches('!').parse::<u16>().is_ok());
    match status.map_or("301", |status| status.trim_end_matches('!')) {
        "301" | "302" | "303" | "307" | "308" => {}
        "404" | "410" => return Some(Err("it has no new URL: the site answers 404 there")),
        _ => return None,
    }
    let is_condition = |word: &&str| word.contains('=') && !word.contains("://");
    if rest.iter().any(is_condition) {
        return Some(Err("it depends on a condition: check whether its URLs are used"));
    }
    let has_placeholder = |text: &str| {
        let parts = text.split("://").last().unwrap_or(text).split('/');
        parts.skip(1).any(|part| part.starts_with(':') && part != ":splat")
    };
    if has_placeholder(from) || has_placeholder(to) || to.contains('*') {
        return Some(Err("it has a placeholder: write the redirects of single URLs"));
    }
    let from = match from.strip_suffix(SPLAT) {
        Some(start) => RedirectSource::Prefix(format!("{start}/")),
        None => RedirectSource::Exact((*from).to_owned()),
    };
    Some(Ok((from, (*to).to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read() {
        let text = "# old\n/a /b\n/c/* /d/:splat 301!\n/e https://other.example/ 302\n\
                    /app/* /index.html 200\n/f/:id /g/:id\n/h /i Country=fr\n/j id=:id /k\n";
        let rules = read(text);
        assert_eq!(rules.len(), 6);
        let read: Vec<_> = rules.iter().filter_map(|rule| rule.as_ref().ok()).collect();
        assert_eq!(read[0].from, RedirectSource::Exact("/a".to_owned()));
        assert_eq!(read[1].from, RedirectSource::Prefix("/c/".to_owned()));
        assert_eq!((read[1].to.as_str(), read[2].line), ("/d/:splat", 4));
        let unread = rules.iter().filter_map(|rule| rule.as_ref().err());
        assert_eq!(unread.map(|rule| rule.line).collect::<Vec<_>>(), [6, 7, 8]);
    }
}
