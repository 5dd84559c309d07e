//! Redirects of the old site, as web servers, hosts and plugins write them: read from files, and
//! turned into aliases of articles and rules of the site.

mod apache;
mod netlify;
mod nginx;
mod pattern;
mod resolve;
mod rule;
mod rules_file;
mod table;

use crate::import::text::decode;

pub(crate) use resolve::{RedirectContext, RedirectTarget, resolve_redirects};
pub(crate) use rule::{OldRedirect, ReadRule, RedirectSource};
pub(crate) use rules_file::add_rules;

/// The maximum length of a file of redirects, in bytes.
pub(crate) const MAX_REDIRECTS_BYTES: u64 = 64 << 20;

/// The syntax of a file of redirects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RedirectSyntax {
    /// `.htaccess` of Apache.
    Apache,
    /// nginx's configuration.
    Nginx,
    /// `_redirects` of Netlify and Cloudflare Pages.
    Netlify,
    /// A table, such as that of WordPress' plugin Redirection.
    Table,
}

impl RedirectSyntax {
    /// Recognizes a file by its name and its beginning.
    pub(crate) fn detect(name: &str, start: &[u8]) -> Option<Self> {
        let name = name.rsplit('/').next().unwrap_or(name);
        if name == "_redirects" {
            return Some(Self::Netlify);
        }
        if name.ends_with("htaccess") {
            return Some(Self::Apache);
        }
        let start = String::from_utf8_lossy(start);
        let lines = || start.lines().map(str::trim_start);
        if lines().next().is_some_and(table::is_header) {
            return Some(Self::Table);
        }
        let begins = |words: &[&str]| {
            lines().any(|line| words.contains(&line.split_whitespace().next().unwrap_or_default()))
        };
        if begins(&["Redirect", "RedirectMatch", "RewriteRule", "RedirectPermanent"]) {
            return Some(Self::Apache);
        }
        let is_nginx = ["return 30", "rewrite ^", "map $uri", "map $request_uri"];
        let has_braces = start.contains('{') || start.contains(';');
        let is_configuration = name.ends_with(".conf") || begins(&["server", "location", "map"]);
        let has_rule = lines().any(|line| is_nginx.iter().any(|rule| line.contains(rule)));
        (has_braces && (is_configuration || begins(&["rewrite"])) && has_rule)
            .then_some(Self::Nginx)
    }

    /// Reads the rules of a file, in its order.
    pub(crate) fn read(self, bytes: &[u8]) -> Vec<ReadRule> {
        let text = decode(bytes, None).text;
        match self {
            Self::Apache => apache::read(&text),
            Self::Nginx => nginx::read(&text),
            Self::Netlify => netlify::read(&text),
            Self::Table => table::read(&text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syntaxes_are_recognized() {
        for (name, text, syntax) in [
            (".htaccess", "", Some(RedirectSyntax::Apache)),
            ("a/_redirects", "/a /b", Some(RedirectSyntax::Netlify)),
            ("old.conf", "server {\n rewrite ^/a$ /b permanent;\n}", Some(RedirectSyntax::Nginx)),
            ("map.txt", "map $uri $new {\n /a /b;\n}", Some(RedirectSyntax::Nginx)),
            ("r.csv", "source,target,regex,code\n", Some(RedirectSyntax::Table)),
            ("rules.txt", "# old\nRedirect 301 /a /b\n", Some(RedirectSyntax::Apache)),
            ("article.txt", "Return to the map\n\nIt will return 301 times; {so}\n", None),
        ] {
            assert_eq!(RedirectSyntax::detect(name, text.as_bytes()), syntax, "{name}");
        }
    }
}
