//! Reads the records of an XML file one at a time, also of files that aren't well-formed: exports
//! of old systems often aren't.

use std::collections::VecDeque;
use std::io::BufRead;

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::{NsReader, escape};

use super::reader::ItemError;
use super::xml_tree::{XmlElement, XmlNode};
use crate::import::text::decode;

/// The maximum depth of elements in a record. Deeper ones are left out of the tree; their text
/// stays.
const MAX_DEPTH: usize = 100;
/// The maximum number of nested elements whose namespaces are tracked. In files that aren't
/// well-formed, the number of elements without an end has no limit.
const MAX_NAMESPACE_DEPTH: u16 = 1_000;
/// The maximum length of a record, in bytes.
const MAX_RECORD_BYTES: usize = 64 << 20;

/// The elements that contain records.
const CONTAINERS: [&str; 6] = ["rss", "channel", "rdf:RDF", "RDF", "feed", "atom:feed"];

/// The usual prefixes of namespaces, by a part of their URLs. An element of the format itself has
/// none.
const PREFIXES: [(&str, &str); 14] = [
    ("wordpress.org/export/", "wp:"),
    ("purl.org/rss/1.0/modules/content", "content:"),
    ("purl.org/dc/elements", "dc:"),
    ("purl.org/dc/terms", "dcterms:"),
    ("www.w3.org/2005/Atom", ""),
    ("purl.org/atom/ns", ""),
    ("search.yahoo.com/mrss", "media:"),
    ("purl.org/rss/1.0/modules/slash", "slash:"),
    ("purl.org/rss/1.0/", ""),
    ("my.netscape.com/rdf", ""),
    ("channel.netscape.com/rdf", ""),
    ("www.itunes.com/dtds", "itunes:"),
    ("purl.org/syndication/thread", "thr:"),
    ("22-rdf-syntax-ns", "rdf:"),
];

/// A part of a file.
#[derive(Clone, Debug)]
pub(super) enum XmlPart {
    /// A record.
    Record(XmlElement),
    /// Another element beside the records: about the whole source.
    About(XmlElement),
}

/// Reads the records of a file.
pub(super) struct XmlRecords<R> {
    reader: NsReader<R>,
    /// The names of the elements that are records.
    record_names: &'static [&'static str],
    buffer: Vec<u8>,
    /// The names of the containers that are open, outermost first.
    containers: Vec<String>,
    /// The elements that are open, from the record or another element beside it.
    open: Vec<XmlElement>,
    /// The number of open elements that are too deep for the tree.
    too_deep: usize,
    /// The length of what is open, in bytes.
    open_bytes: usize,
    line: usize,
    /// The number of texts of the open element that weren't UTF-8.
    invalid_texts: usize,
    /// The records that a CDATA section without an end contains.
    swallowed: VecDeque<ItemError>,
    is_finished: bool,
}

impl<R: BufRead> XmlRecords<R> {
    /// Creates a reader. `record_names` are the names of the elements that are records.
    pub(super) fn new(input: R, record_names: &'static [&'static str]) -> Self {
        let mut reader = NsReader::from_reader(input);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        config.expand_empty_elements = true;
        Self {
            reader,
            record_names,
            buffer: Vec::new(),
            containers: Vec::new(),
            open: Vec::new(),
            too_deep: 0,
            open_bytes: 0,
            line: 1,
            invalid_texts: 0,
            swallowed: VecDeque::new(),
            is_finished: false,
        }
    }

    /// Reads the next part; `None` at the end.
    pub(super) fn next_part(&mut self) -> Option<Result<XmlPart, ItemError>> {
        if let Some(error) = self.swallowed.pop_front() {
            return Some(Err(error));
        }
        while !self.is_finished {
            self.buffer.clear();
            let step = match self.reader.read_resolved_event_into(&mut self.buffer) {
                Ok((namespace, event)) => {
                    if let Event::Text(text) = &event {
                        self.invalid_texts += usize::from(std::str::from_utf8(text).is_err());
                    } else if let Event::CData(text) = &event {
                        self.invalid_texts += usize::from(std::str::from_utf8(text).is_err());
                    }
                    XmlStep::new(&namespace, event)
                }
                Err(error) => {
                    self.is_finished = true;
                    let message = format!("the XML can't be read from here on: {error}");
                    return Some(Err(ItemError { line: self.line, message }));
                }
            };
            let resolver = self.reader.resolver_mut();
            if resolver.level() > MAX_NAMESPACE_DEPTH {
                resolver.set_level(MAX_NAMESPACE_DEPTH);
            }
            let lines = self.buffer.iter().filter(|byte| **byte == b'\n').count();
            let part = self.apply(step);
            self.line += lines;
            if part.is_some() {
                return part;
            }
        }
        None
    }

    fn apply(&mut self, step: XmlStep) -> Option<Result<XmlPart, ItemError>> {
        match step {
            XmlStep::Start(name, attributes) => self.start(name, attributes),
            XmlStep::Text(text) => self.text(text),
            XmlStep::CData(text) => {
                self.find_swallowed(&text);
                self.text(text)
            }
            XmlStep::End(name) => self.end(&name),
            XmlStep::Finished => {
                self.is_finished = true;
                self.check_end()
            }
            XmlStep::Other => None,
        }
    }

    /// Finds the records in a CDATA section: its end is missing, so it contains everything up to
    /// the end of the section of a later record. Texts about feeds write markup with entities.
    fn find_swallowed(&mut self, text: &str) {
        if !text.contains("<![CDATA[") {
            return;
        }
        for (at, _) in text.match_indices('<') {
            let name = &text[at + 1..];
            let name = &name[..name.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(name.len())];
            if self.record_names.contains(&name) {
                let line = self.line + text[..at].matches('\n').count();
                let message = "it is part of the record before it, in which the end of a CDATA \
                               section (`]]>`) is missing";
                self.swallowed.push_back(ItemError { line, message: message.to_owned() });
            }
        }
    }

    /// Reports a file that ends too early, also if it ends between two records.
    fn check_end(&mut self) -> Option<Result<XmlPart, ItemError>> {
        let (line, message) = if let Some(open) = self.open.first() {
            let name = &open.name;
            (open.line, format!("the file ends within this `{name}`: it is incomplete"))
        } else {
            let name = self.containers.first()?;
            let help = "records may be missing after this line";
            (self.line, format!("the file ends without the end of its `{name}`: {help}"))
        };
        self.close_all();
        Some(Err(ItemError { line, message }))
    }

    fn start(
        &mut self,
        name: String,
        attributes: Vec<(String, String)>,
    ) -> Option<Result<XmlPart, ItemError>> {
        let is_record = self.record_names.contains(&&*name);
        let mut unfinished = None;
        if is_record && !self.open.is_empty() {
            // Records aren't in each other: the end of the one before is missing.
            unfinished = self.close_all();
        }
        if self.open.is_empty() && !is_record && CONTAINERS.contains(&&*name) {
            // A file that isn't well-formed may have any number of beginnings.
            if self.containers.len() < MAX_DEPTH {
                self.containers.push(name);
            }
            return unfinished;
        }
        if self.open.len() >= MAX_DEPTH {
            self.too_deep += 1;
            return unfinished;
        }
        let line = self.line;
        self.open.push(XmlElement { name, attributes, line, ..XmlElement::default() });
        unfinished
    }

    fn text(&mut self, text: String) -> Option<Result<XmlPart, ItemError>> {
        let element = self.open.last_mut()?;
        element.invalid_texts += std::mem::take(&mut self.invalid_texts);
        self.open_bytes += text.len();
        match element.nodes.last_mut() {
            Some(XmlNode::Text(last)) => last.push_str(&text),
            _ => element.nodes.push(XmlNode::Text(text)),
        }
        if self.open_bytes <= MAX_RECORD_BYTES {
            return None;
        }
        let line = self.open.first().map_or(self.line, |first| first.line);
        self.close_all();
        let message = format!("a record is longer than {MAX_RECORD_BYTES} bytes");
        Some(Err(ItemError { line, message }))
    }

    /// Closes the innermost open element with a name, and the elements in it.
    fn end(&mut self, name: &str) -> Option<Result<XmlPart, ItemError>> {
        if self.too_deep > 0 && !self.record_names.contains(&name) && !CONTAINERS.contains(&name) {
            self.too_deep -= 1;
            return None;
        }
        self.too_deep = 0;
        if let Some(depth) = self.open.iter().rposition(|open| open.name == name) {
            return self.close_to(depth);
        }
        if self.record_names.contains(&name) {
            // Its beginning is damaged, so that its parts were read as elements of their own.
            let line = self.open.first().map_or(self.line, |open| open.line);
            self.close_all();
            let message = format!("the end of `{name}` has no beginning: a record can't be read");
            return Some(Err(ItemError { line, message }));
        }
        // The end of a container ends what is open in it, whose own end is missing.
        let depth = self.containers.iter().rposition(|open| open == name)?;
        self.containers.truncate(depth);
        self.close_all()
    }

    fn close_all(&mut self) -> Option<Result<XmlPart, ItemError>> {
        self.too_deep = 0;
        if self.open.is_empty() { None } else { self.close_to(0) }
    }

    /// Closes elements until `depth` are open.
    fn close_to(&mut self, depth: usize) -> Option<Result<XmlPart, ItemError>> {
        while self.open.len() > depth.max(1) {
            let Some(element) = self.open.pop() else { break };
            if let Some(parent) = self.open.last_mut() {
                parent.invalid_texts += element.invalid_texts;
                parent.nodes.push(XmlNode::Element(element));
            }
        }
        if depth > 0 {
            return None;
        }
        let element = self.open.pop()?;
        self.open_bytes = 0;
        Some(Ok(match self.record_names.contains(&&*element.name) {
            true => XmlPart::Record(element),
            false => XmlPart::About(element),
        }))
    }
}

/// An event of the parser.
enum XmlStep {
    Start(String, Vec<(String, String)>),
    End(String),
    Text(String),
    CData(String),
    Finished,
    Other,
}

impl XmlStep {
    fn new(namespace: &ResolveResult<'_>, event: Event<'_>) -> Self {
        match event {
            Event::Start(tag) => {
                let name = full_name(namespace, tag.name().as_ref(), tag.local_name().as_ref());
                Self::Start(name, attributes(&tag))
            }
            Event::End(tag) => {
                Self::End(full_name(namespace, tag.name().as_ref(), tag.local_name().as_ref()))
            }
            Event::Text(text) => Self::Text(to_text(&text)),
            Event::CData(text) => Self::CData(to_text(&text)),
            Event::GeneralRef(reference) => Self::Text(resolve_reference(&to_text(&reference))),
            Event::Eof => Self::Finished,
            _ => Self::Other,
        }
    }
}

/// Returns the name of an element with the usual prefix of its namespace, or the one that is
/// written if the namespace isn't known.
fn full_name(namespace: &ResolveResult<'_>, name: &[u8], local: &[u8]) -> String {
    let local = String::from_utf8_lossy(local);
    if let ResolveResult::Bound(url) = namespace {
        let url = String::from_utf8_lossy(url.as_ref());
        if url.contains("wordpress.org/export/") && url.ends_with("/excerpt/") {
            return format!("excerpt:{local}");
        }
        if let Some((_, prefix)) = PREFIXES.iter().find(|(part, _)| url.contains(part)) {
            return format!("{prefix}{local}");
        }
    }
    String::from_utf8_lossy(name).into_owned()
}

fn attributes(tag: &BytesStart<'_>) -> Vec<(String, String)> {
    let mut attributes = tag.attributes();
    attributes
        .with_checks(false)
        .filter_map(Result::ok)
        .map(|attribute| {
            let value = to_text(&attribute.value);
            let value = escape::unescape(&value).map_or(value.clone(), Into::into);
            (to_text(attribute.key.as_ref()), value)
        })
        .collect()
}

/// Returns text without the control characters that XML 1.0 (section 2.2) doesn't allow. Bytes that
/// aren't UTF-8 are read as windows-1252.
fn to_text(bytes: &[u8]) -> String {
    let mut text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => decode(bytes, Some("utf-8")).text,
    };
    text.retain(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'));
    text
}

/// Returns the text of a reference such as `amp` or `#8217`. References that XML doesn't define are
/// kept as they are written, because the text is HTML.
fn resolve_reference(name: &str) -> String {
    let written = format!("&{name};");
    escape::unescape(&written).map_or(written.clone(), Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(xml: &str) -> Vec<Result<(String, String, usize), String>> {
        let mut records = XmlRecords::new(xml.as_bytes(), &["item"]);
        std::iter::from_fn(|| records.next_part())
            .map(|part| match part {
                Ok(XmlPart::Record(item)) => Ok((item.name.clone(), item.text(), item.line)),
                Ok(XmlPart::About(other)) => Ok((other.name.clone(), other.text(), other.line)),
                Err(error) => Err(format!("{}: {}", error.line, error.message)),
            })
            .collect()
    }

    #[test]
    fn records_of_broken_files_are_read() {
        let text = |name: &str, text: &str, line| Ok((name.to_owned(), text.to_owned(), line));
        assert_eq!(
            parts("<rss><channel><title>T</title>\n<item><a>x & y &amp; &nbsp;</a></item></rss>"),
            [text("title", "T", 1), text("item", "x & y & &nbsp;", 2)]
        );
        // Ends are missing, or are those of other elements.
        assert_eq!(
            parts("<rss><item><a>1<b>2</a>3</i></item>\n<item><a>4\n<item>5</item></rss>"),
            [text("item", "123", 1), text("item", "4\n", 2), text("item", "5", 3)]
        );
        let truncated = parts("<rss><item>1</item>\n<item><a>2</a");
        assert_eq!(truncated[0], text("item", "1", 1));
        assert!(
            truncated[1].as_ref().is_err_and(|error| error.starts_with("2: ")),
            "{truncated:?}"
        );
        assert_eq!(
            parts("<rss><item><![CDATA[a]]]]><![CDATA[>b]]></item></rss>"),
            [text("item", "a]]>b", 1)]
        );
        let deep = format!("<rss><item>{}x</item><item>y</item></rss>", "<a>".repeat(100_000));
        assert_eq!(parts(&deep), [text("item", "x", 1), text("item", "y", 1)]);
    }

    #[test]
    fn missing_records_are_reported() {
        let between = parts("<rss><channel>\n<item>1</item>\n");
        assert_eq!(between[0], Ok(("item".to_owned(), "1".to_owned(), 2)));
        assert!(
            between[1].as_ref().is_err_and(|error| error.contains("without the end of its `rss`"))
        );
        let before = parts("<rss version=\"2.0\">\n<channel>");
        assert!(before[0].is_err() && before.len() == 1, "{before:?}");
        let damaged = parts("<rss>\n<ite><a>1</a></item><item>2</item></rss>");
        assert!(damaged[0].as_ref().is_err_and(|error| error.starts_with("2: ")), "{damaged:?}");
        assert_eq!(damaged[1], Ok(("item".to_owned(), "2".to_owned(), 2)));
        let swallowed = parts(
            "<rss><item><![CDATA[a</item>\n<item b=\"\"><![CDATA[c]]></item><item>d</item></rss>",
        );
        assert!(swallowed[0].is_ok() && swallowed[2].is_ok(), "{swallowed:?}");
        let error = swallowed[1].as_ref().unwrap_err();
        assert!(error.starts_with("2: ") && error.contains("CDATA"), "{error}");
    }

    #[test]
    fn namespaces_have_their_usual_prefixes() {
        let xml = "<rss xmlns:x=\"http://wordpress.org/export/1.2/\" \
                   xmlns:y=\"http://wordpress.org/export/1.2/excerpt/\">\
                   <item><x:post_id>7</x:post_id><y:encoded>e</y:encoded></item></rss>";
        let mut records = XmlRecords::new(xml.as_bytes(), &["item"]);
        let Some(Ok(XmlPart::Record(item))) = records.next_part() else { panic!("no record") };
        assert_eq!(item.child_text("wp:post_id"), "7");
        assert_eq!(item.child_text("excerpt:encoded"), "e");
    }

    #[test]
    fn content_is_written_as_html() {
        let xml = "<feed><item><div a=\"1\">x &lt; <br/><b>y</b></div></item></feed>";
        let mut records = XmlRecords::new(xml.as_bytes(), &["item"]);
        let Some(Ok(XmlPart::Record(item))) = records.next_part() else { panic!("no record") };
        assert_eq!(item.inner_html(), "<div a=\"1\">x &lt; <br><b>y</b></div>");
    }
}
