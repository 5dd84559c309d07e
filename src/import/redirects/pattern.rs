//! Regular expressions of redirects, as far as a static site can have the same rule.

use super::rule::RedirectSource;

/// The reason for expressions that match more than one path or all paths below one.
pub(super) const COMPLEX: &str =
    "its expression is too complex: write the redirects of single URLs, or a rule with `*`";

/// Converts an expression and its target. Expressions match anywhere in a path unless they are
/// anchored, so one without `^` isn't converted.
///
/// # Errors
/// [`COMPLEX`] if a static site has no such rule.
pub(super) fn convert(
    expression: &str,
    target: &str,
    first_slash: FirstSlash,
) -> Result<(RedirectSource, String), &'static str> {
    let rest = expression.strip_prefix('^').ok_or(COMPLEX)?;
    let rest = match first_slash {
        FirstSlash::Matched => rest.to_owned(),
        FirstSlash::Removed => format!("/{}", rest.trim_start_matches("/?")),
    };
    let without_end = rest.strip_suffix('$').filter(|body| !body.ends_with('\\'));
    let body = without_end.unwrap_or(&rest);
    let captured = ["(.*)", "(.+)"].into_iter().find_map(|end| body.strip_suffix(end));
    let any = captured.or_else(|| [".*", ".+"].into_iter().find_map(|end| body.strip_suffix(end)));
    let literal = literal(any.unwrap_or(body)).ok_or(COMPLEX)?;
    let has_variable = |text: &str| text.contains('$') || text.contains("%{");
    // An expression without an end matches everything that begins with it.
    if any.is_none() && without_end.is_some() {
        return match has_variable(target) {
            true => Err(COMPLEX),
            false => Ok((RedirectSource::Exact(literal), target.to_owned())),
        };
    }
    if !literal.ends_with('/') {
        return Err(COMPLEX);
    }
    let to = match target.strip_suffix("$1").filter(|_| captured.is_some()) {
        Some(start) if !has_variable(start) => format!("{start}:splat"),
        None if !has_variable(target) => target.to_owned(),
        _ => return Err(COMPLEX),
    };
    Ok((RedirectSource::Prefix(literal), to))
}

/// The slash at the beginning of the paths that an expression is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FirstSlash {
    /// It is part of the path.
    Matched,
    /// It was removed, as for `RewriteRule` in `.htaccess`.
    Removed,
}

/// Returns the only text that an expression matches, with a slash at the end if it is optional.
fn literal(expression: &str) -> Option<String> {
    let (start, end) = match expression.strip_suffix("/?") {
        Some(start) => (start, "/"),
        None => (expression, ""),
    };
    let mut text = String::new();
    let mut chars = start.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.push(chars.next().filter(|next| !next.is_ascii_alphanumeric())?),
            // An unescaped period is meant as one, unless it is repeated.
            '.' if !matches!(chars.peek(), Some('*' | '+' | '?')) => text.push('.'),
            '.' | '^' | '$' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' => {
                return None;
            }
            c => text.push(c),
        }
    }
    text.push_str(end);
    text.starts_with('/').then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_expressions_are_converted() {
        let exact = |text: &str| RedirectSource::Exact(text.to_owned());
        let prefix = |text: &str| RedirectSource::Prefix(text.to_owned());
        for (expression, target, first_slash, from, to) in [
            ("^/a\\.html$", "/b/", FirstSlash::Matched, exact("/a.html"), "/b/"),
            ("^a/?$", "/b/", FirstSlash::Removed, exact("/a/"), "/b/"),
            ("^/a/(.*)$", "/b/$1", FirstSlash::Matched, prefix("/a/"), "/b/:splat"),
            ("^/a/(.*)", "/b/$1", FirstSlash::Matched, prefix("/a/"), "/b/:splat"),
            ("^/a/.*", "/b/", FirstSlash::Matched, prefix("/a/"), "/b/"),
            ("^/a/", "/b/", FirstSlash::Matched, prefix("/a/"), "/b/"),
        ] {
            let converted = convert(expression, target, first_slash);
            assert_eq!(converted, Ok((from, to.to_owned())), "{expression}");
        }
        for (expression, target) in [
            ("/a$", "/b"),
            ("^/a(b|c)$", "/d"),
            ("^/a/([0-9]+)/$", "/b/$1"),
            ("^/(.*)/feed$", "/$1"),
            ("^/a/(.*)$", "/$1/b"),
            ("^/a$", "https://%{HTTP_HOST}/b"),
            ("^/a", "/b"),
            ("^/\\d+$", "/b"),
        ] {
            assert_eq!(convert(expression, target, FirstSlash::Matched), Err(COMPLEX));
        }
    }
}
