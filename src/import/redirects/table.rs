//! Redirects in CSV: the export of WordPress' plugin Redirection, and other tables with a column of
//! old URLs and one of new URLs.

use super::pattern::{self, FirstSlash};
use super::rule::{OldRedirect, ReadRule, RedirectSource, UnreadRule};

/// The names of the column with old URLs.
const OLD: [&str; 6] = ["source", "from", "old", "old_url", "source url", "redirect from"];
/// The names of the column with new URLs.
const NEW: [&str; 6] = ["target", "to", "new", "new_url", "target url", "redirect to"];

/// Returns true if a line is that of the names of a table of redirects.
pub(super) fn is_header(line: &str) -> bool {
    let names: Vec<String> = line.split([',', ';', '\t']).map(normalized).collect();
    let has = |known: &[&str]| names.iter().any(|name| known.contains(&name.as_str()));
    has(&OLD) && has(&NEW)
}

fn normalized(name: &str) -> String {
    name.trim_matches(['"', ' ', '\u{feff}', '\r']).to_lowercase()
}

/// Reads a file.
pub(super) fn read(text: &str) -> Vec<ReadRule> {
    let header = text.lines().next().unwrap_or_default();
    let separators = [b',', b';', b'\t'].into_iter();
    let count = |separator: &u8| header.bytes().filter(|byte| byte == separator).count();
    let delimiter = separators.max_by_key(count).unwrap_or(b',');
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let names: Vec<String> = reader
        .headers()
        .map_or_else(|_| Vec::new(), |names| names.iter().map(normalized).collect());
    let position = |known: &[&str]| names.iter().position(|name| known.contains(&name.as_str()));
    let columns = Columns {
        old: position(&OLD).unwrap_or(0),
        new: position(&NEW).unwrap_or(1),
        regex: position(&["regex"]),
        code: position(&["code", "http code", "type"]),
        status: position(&["status"]),
    };
    let rules = reader.records().filter_map(|record| {
        let record = record.ok()?;
        let line = record.position().map_or(1, csv::Position::line) as usize;
        let text = record.iter().collect::<Vec<_>>().join(",");
        let read = columns.read(&record)?;
        Some(match read {
            Ok((from, to)) => Ok(OldRedirect { line, from, to, warning: None }),
            Err(reason) => Err(UnreadRule { line, text, reason }),
        })
    });
    rules.collect()
}

/// The positions of the columns.
struct Columns {
    old: usize,
    new: usize,
    regex: Option<usize>,
    code: Option<usize>,
    status: Option<usize>,
}

impl Columns {
    /// Reads a row; `None` if it is empty or was disabled.
    fn read(
        &self,
        record: &csv::StringRecord,
    ) -> Option<Result<(RedirectSource, String), &'static str>> {
        let cell =
            |column: Option<usize>| column.and_then(|at| record.get(at)).unwrap_or("").trim();
        let (old, new) = (cell(Some(self.old)), cell(Some(self.new)));
        if (old.is_empty() && new.is_empty()) || cell(self.status) == "disabled" {
            return None;
        }
        if new.is_empty() || matches!(cell(self.code), "404" | "410") {
            return Some(Err("it has no new URL: the site answers 404 there"));
        }
        if matches!(cell(self.regex), "1" | "true") {
            return Some(pattern::convert(old, new, FirstSlash::Matched));
        }
        Some(Ok((RedirectSource::Exact(old.to_owned()), new.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_export_of_redirection_is_read() {
        let text = "source,target,regex,code,type,hits,title,status\n\
            /a/,/b/,0,301,url,7,,active\n\"^/c/(.*)\",/d/$1,1,301,url,0,,active\n\
            /e/,/f/,0,301,url,0,,disabled\n/g/,,0,410,error,0,,active\n";
        let rules = read(text);
        assert_eq!(rules.len(), 3);
        let first = rules[0].as_ref().expect("it is read");
        assert_eq!((first.line, first.to.as_str()), (2, "/b/"));
        let second = rules[1].as_ref().expect("it is read");
        assert_eq!(second.from, RedirectSource::Prefix("/c/".to_owned()));
        assert_eq!(rules[2].as_ref().map_err(|rule| rule.line), Err(5));
        assert!(is_header("old;new;note\r") && !is_header("ID,Headline,Text"));
        assert_eq!(read("from;to\n/x;/y\n").len(), 1);
    }
}
