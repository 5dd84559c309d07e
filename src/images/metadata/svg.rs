//! SVG files (SVG 2): what a browser draws stays, without `metadata` elements, comments, and the
//! elements and attributes of editors.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;

use super::fields::Problem;

const DAMAGED: Problem = Problem::Damaged("it isn't well-formed XML");

/// The namespaces whose elements browsers draw.
const ELEMENT_NAMESPACES: &[&str] = &[
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/1999/xhtml",
    "http://www.w3.org/1998/Math/MathML",
];
/// The namespaces of attributes with a meaning in SVG.
const ATTRIBUTE_NAMESPACES: &[&str] = &[
    "http://www.w3.org/1999/xlink",
    "http://www.w3.org/XML/1998/namespace",
    "http://www.w3.org/2000/xmlns/",
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/2001/xml-events",
];

/// Cleans an image inside the file, given with a name for its type, its bytes and the number of
/// files around it. Returns `None` if it isn't an image.
pub(super) type CleanEmbedded<'c> =
    dyn Fn(&str, &[u8], u8) -> Result<Option<Vec<u8>>, Problem> + 'c;

/// The number of images that may be embedded in each other.
const MAX_DEPTH: u8 = 3;

/// The number of elements that may be in each other.
const MAX_ELEMENT_DEPTH: usize = 1_000;

/// The number of namespaces that a file may declare, and of attributes that an element may have.
/// Each is compared with all others.
const MAX_NAMESPACES: usize = 512;
const MAX_ATTRIBUTES: usize = 512;

/// The length of the longest name of a namespace or an entity that is understood, in bytes.
const MAX_NAME_BYTES: usize = 256;

/// The length of the longest header of a `data:` URL that is understood, in bytes.
const MAX_DATA_HEADER_BYTES: usize = 1024;

/// Returns true if a file seems to be an SVG file: the start of its root element is among its first
/// bytes.
pub(super) fn is_svg(head: &[u8]) -> bool {
    let is_name_end = |byte: &u8| !byte.is_ascii_alphanumeric() && *byte != b'-';
    let has_root = |name: &[u8]| {
        memchr::memmem::find_iter(head, name)
            .any(|start| head.get(start + name.len()).is_none_or(is_name_end))
    };
    let start = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head).trim_ascii_start();
    start.starts_with(b"<") && (has_root(b"<svg") || has_root(b":svg"))
}

/// Returns the file with nothing but what is drawn.
///
/// # Errors
/// [`Problem::Damaged`] if it isn't well-formed, [`Problem::Unsupported`] if it isn't in UTF-8 or
/// contains an image that can't be cleaned.
pub(super) fn clean(bytes: &[u8], embedded: &CleanEmbedded<'_>) -> Result<Vec<u8>, Problem> {
    clean_at_depth(bytes, embedded, 0)
}

/// Cleans a file that is embedded in a number of others.
///
/// # Errors
/// As [`clean`].
pub(super) fn clean_at_depth(
    bytes: &[u8],
    embedded: &CleanEmbedded<'_>,
    depth: u8,
) -> Result<Vec<u8>, Problem> {
    let Ok(source) = std::str::from_utf8(bytes) else {
        return Err(Problem::Unsupported("it isn't in UTF-8"));
    };
    if memchr::memmem::find_iter(bytes, "xmlns").count() > MAX_NAMESPACES {
        return Err(Problem::Unsupported("it declares too many namespaces"));
    }
    let mut cleaner =
        Cleaner { source, text: String::new(), entities: HashMap::new(), doctype: None };
    cleaner.run()?;
    let text = cleaner.with_doctype();
    let text = clean_embedded(&text, embedded, depth)?;
    Ok(text.into_owned().into_bytes())
}

struct Cleaner<'a> {
    source: &'a str,
    text: String,
    /// The values of entities by their names.
    entities: HashMap<&'a str, &'a str>,
    /// The position in the result, and the external identifier, of the document type.
    doctype: Option<(usize, &'a str)>,
}

impl<'a> Cleaner<'a> {
    fn run(&mut self) -> Result<(), Problem> {
        let source = self.source;
        let mut reader = NsReader::from_str(source);
        let (mut start, mut depth) = (0, 0_usize);
        // The depth of the element that is left out.
        let mut dropped: Option<usize> = None;
        let mut has_root = false;
        loop {
            let event = reader.read_event().map_err(|_| DAMAGED)?;
            let end = usize::try_from(reader.buffer_position()).map_err(|_| DAMAGED)?;
            let raw = source.get(start..end).ok_or(DAMAGED)?;
            start = end;
            match event {
                Event::Eof if depth == 0 && has_root => return Ok(()),
                Event::Start(element) | Event::Empty(element)
                    if depth == 0 && !self.is_drawn(&reader, &element) =>
                {
                    return Err(Problem::Unsupported("its root element isn't one of SVG"));
                }
                Event::Eof => return Err(DAMAGED),
                Event::Start(element) => {
                    depth += 1;
                    if depth > MAX_ELEMENT_DEPTH {
                        return Err(Problem::Unsupported("its elements are nested too deep"));
                    }
                    has_root = true;
                    if dropped.is_none() && !self.is_drawn(&reader, &element) {
                        dropped = Some(depth);
                    }
                    if dropped.is_none() {
                        self.push_tag(&reader, &element, raw)?;
                    }
                }
                Event::Empty(element) => {
                    has_root = true;
                    if dropped.is_none() && self.is_drawn(&reader, &element) {
                        self.push_tag(&reader, &element, raw)?;
                    }
                }
                Event::End(_) => {
                    if dropped.is_none() {
                        self.text.push_str(raw);
                    }
                    dropped = dropped.filter(|dropped_depth| *dropped_depth != depth);
                    depth = depth.checked_sub(1).ok_or(DAMAGED)?;
                }
                Event::DocType(_) => self.read_doctype(raw),
                // Text outside the root element can only be white space.
                Event::Text(_) if depth == 0 => self.text.push_str(if has_root { "" } else { raw }),
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) if dropped.is_none() => {
                    self.text.push_str(raw);
                }
                Event::Decl(_) => self.text.push_str(raw),
                Event::PI(_) if raw.starts_with("<?xml-stylesheet") => self.text.push_str(raw),
                _ => {}
            }
        }
    }

    /// Returns the name of a namespace, in which entities may stand for parts.
    fn namespace(&self, namespace: &ResolveResult<'_>) -> Option<String> {
        match namespace {
            ResolveResult::Unbound => Some(String::new()),
            ResolveResult::Unknown(_) => None,
            ResolveResult::Bound(name) => {
                let name = std::str::from_utf8(name.as_ref()).ok()?;
                if name.len() > MAX_NAME_BYTES {
                    return None;
                }
                let resolve = |entity: &str| {
                    self.entities.get(entity).copied().filter(|value| value.len() <= MAX_NAME_BYTES)
                };
                Some(quick_xml::escape::unescape_with(name, resolve).ok()?.into_owned())
            }
        }
    }

    fn is_drawn(&self, reader: &NsReader<&[u8]>, element: &BytesStart<'_>) -> bool {
        let (namespace, name) = reader.resolver().resolve_element(element.name());
        // A file without a namespace isn't drawn at all, and has nothing else to be left out.
        let is_known = self.namespace(&namespace).is_some_and(|namespace| {
            namespace.is_empty() || ELEMENT_NAMESPACES.contains(&namespace.as_str())
        });
        is_known && !matches!(name.as_ref(), b"metadata" | b"RDF" | b"xmpmeta")
    }

    /// Appends a tag without the attributes of editors.
    fn push_tag(
        &mut self,
        reader: &NsReader<&[u8]>,
        element: &BytesStart<'_>,
        raw: &str,
    ) -> Result<(), Problem> {
        let mut kept_attributes = String::new();
        let mut is_changed = false;
        for (number, attribute) in element.attributes().enumerate() {
            if number == MAX_ATTRIBUTES {
                return Err(Problem::Unsupported("an element has too many attributes"));
            }
            let attribute = attribute.map_err(|_| DAMAGED)?;
            let key = std::str::from_utf8(attribute.key.as_ref()).map_err(|_| DAMAGED)?;
            let value = std::str::from_utf8(&attribute.value).map_err(|_| DAMAGED)?;
            let (namespace, _) = reader.resolver().resolve_attribute(attribute.key);
            let is_declaration = key == "xmlns" || key.starts_with("xmlns:");
            let is_known = is_declaration
                || self.namespace(&namespace).is_some_and(|namespace| {
                    namespace.is_empty() || ATTRIBUTE_NAMESPACES.contains(&namespace.as_str())
                });
            if is_known {
                let quote = if value.contains('"') { '\'' } else { '"' };
                kept_attributes.push_str(&format!(" {key}={quote}{value}{quote}"));
            } else {
                is_changed = true;
            }
        }
        if is_changed {
            let name = element.name();
            let name = std::str::from_utf8(name.as_ref()).map_err(|_| DAMAGED)?;
            let end = if raw.ends_with("/>") { "/>" } else { ">" };
            self.text.push_str(&format!("<{name}{kept_attributes}{end}"));
        } else {
            self.text.push_str(raw);
        }
        Ok(())
    }

    /// Reads the document type (XML 1.0, section 2.8): its external identifier, and the entities
    /// without markup.
    fn read_doctype(&mut self, raw: &'a str) {
        let (head, subset) = raw.split_once('[').unwrap_or((raw, ""));
        let mut rest = subset;
        while let Some((_, after)) = rest.split_once("<!ENTITY") {
            rest = after;
            let declaration = after.trim_start();
            let is_end = |byte: &u8| byte.is_ascii_whitespace();
            let Some(name_end) = position(declaration, MAX_NAME_BYTES, is_end) else { continue };
            let (name, value) = declaration.split_at(name_end);
            let value = value.trim_start();
            let Some(quote) = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))
            else {
                continue;
            };
            let Some((value, after)) = value[1..].split_once(quote) else { break };
            if !value.contains('<') {
                self.entities.insert(name, value);
            }
            rest = after;
        }
        let is_standard = head.contains("-//W3C//DTD SVG") || head.contains("-//W3C//DTD XHTML");
        let identifier = head.trim_end_matches('>').trim_end();
        let identifier = if is_standard { identifier } else { "<!DOCTYPE svg" };
        self.doctype = Some((self.text.len(), identifier));
    }

    /// Returns the result with a document type that declares the entities in use.
    fn with_doctype(self) -> String {
        let Some((offset, identifier)) = self.doctype else { return self.text };
        let mut used = BTreeSet::new();
        let mut texts: Vec<&str> = vec![&self.text];
        while let Some(text) = texts.pop() {
            for reference in text.split('&').skip(1) {
                let end = position(reference, MAX_NAME_BYTES, |byte: &u8| *byte == b';');
                if let Some((&name, &value)) =
                    end.and_then(|end| self.entities.get_key_value(&reference[..end]))
                    && used.insert(name)
                {
                    texts.push(value);
                }
            }
        }
        let mut declarations = String::new();
        for name in used {
            let value = self.entities[name];
            let quote = if value.contains('"') { '\'' } else { '"' };
            declarations.push_str(&format!("<!ENTITY {name} {quote}{value}{quote}>"));
        }
        let (before, after) = self.text.split_at(offset);
        if declarations.is_empty() {
            format!("{before}{identifier}>{after}")
        } else {
            format!("{before}{identifier} [{declarations}]>{after}")
        }
    }
}

/// Cleans the images in `data:` URLs (RFC 2397).
fn clean_embedded<'t>(
    text: &'t str,
    embedded: &CleanEmbedded<'_>,
    depth: u8,
) -> Result<Cow<'t, str>, Problem> {
    const SCHEME: &str = "data:";
    let unsupported = Problem::Unsupported("it contains an image that can't be read");
    let mut result = String::new();
    let mut rest = text;
    while let Some(start) = find_ignoring_case(rest, SCHEME) {
        let url = &rest[start + SCHEME.len()..];
        let is_end = |byte: &u8| matches!(byte, b',' | b'"' | b'\'' | b')' | b'<');
        let header_end = match position(url, MAX_DATA_HEADER_BYTES, is_end) {
            None if url.len() > MAX_DATA_HEADER_BYTES => return Err(unsupported),
            end => end.unwrap_or(url.len()),
        };
        let header = url[..header_end].to_ascii_lowercase();
        let has_data = url[header_end..].starts_with(',');
        if !has_data || !(header.starts_with("image/") || header.contains("base64")) {
            result.push_str(&rest[..start + SCHEME.len()]);
            rest = url;
            continue;
        }
        let data = &url[header_end + 1..];
        let data_end = data.find(['"', '\'', ')', '<']).unwrap_or(data.len());
        if !header.trim_end().ends_with("base64") {
            return Err(unsupported);
        }
        let Some(image) = decode_data(&data[..data_end])? else { return Err(unsupported) };
        let name = if header.contains("svg") { "image.svg" } else { "" };
        if depth >= MAX_DEPTH {
            return Err(unsupported);
        }
        let cleaned = match embedded(name, &image, depth + 1)? {
            Some(cleaned) => cleaned,
            None if header.starts_with("image/") && !image.is_empty() => return Err(unsupported),
            None => image.clone(),
        };
        let is_same = cleaned == image;
        result.push_str(&rest[..start + SCHEME.len()]);
        result.push_str(&url[..=header_end]);
        if is_same {
            result.push_str(&data[..data_end]);
        } else {
            STANDARD.encode_string(cleaned, &mut result);
        }
        rest = &data[data_end..];
    }
    if result.is_empty() {
        return Ok(Cow::Borrowed(text));
    }
    result.push_str(rest);
    Ok(Cow::Owned(result))
}

/// Decodes the data of a `data:` URL in an attribute; `None` if it isn't Base64 (RFC 4648).
///
/// # Errors
/// [`Problem::Damaged`] if a character reference is invalid.
fn decode_data(data: &str) -> Result<Option<Vec<u8>>, Problem> {
    /// Accepts data without padding, as browsers do.
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let decoded_references = quick_xml::escape::unescape(data).map_err(|_| DAMAGED)?;
    let decoded_url = percent_encoding::percent_decode_str(&decoded_references);
    let digits: Vec<u8> = decoded_url.filter(|byte| !byte.is_ascii_whitespace()).collect();
    Ok(LENIENT.decode(digits).ok())
}

/// Returns the position of an ASCII character among the first bytes of a text.
fn position(text: &str, max_bytes: usize, is_found: impl Fn(&u8) -> bool) -> Option<usize> {
    text.as_bytes().iter().take(max_bytes).position(is_found)
}

fn find_ignoring_case(text: &str, lower_case: &str) -> Option<usize> {
    let length = lower_case.len();
    memchr::memchr2_iter(lower_case.as_bytes()[0], b'D', text.as_bytes()).find(|start| {
        text.as_bytes()
            .get(*start..start + length)
            .is_some_and(|found| found.eq_ignore_ascii_case(lower_case.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "xmlns=\"http://www.w3.org/2000/svg\"";

    fn clean_text(text: &str) -> Result<String, Problem> {
        let bytes = clean(text.as_bytes(), &|_, _, _| Ok(None))?;
        Ok(String::from_utf8(bytes).expect("it is UTF-8"))
    }

    #[test]
    fn entities_that_are_used_stay_declared() {
        let entities = "<!ENTITY a \"1&b;\"><!ENTITY b '2'><!ENTITY unused \"3\">";
        let svg = format!("<!DOCTYPE svg [{entities}]><svg {ROOT}><text>&a;</text></svg>");
        let entities = "<!ENTITY a \"1&b;\"><!ENTITY b \"2\">";
        let expected = format!("<!DOCTYPE svg [{entities}]><svg {ROOT}><text>&a;</text></svg>");
        assert_eq!(clean_text(&svg).expect("it is valid"), expected);
    }

    #[test]
    fn each_entity_is_looked_up_once() {
        // Comparing each entity with each value would be 400 million comparisons.
        let entities: String =
            (0..20_000).map(|n| format!("<!ENTITY e{n} '&e{};'>", n + 1)).collect();
        let svg = format!("<!DOCTYPE svg [{entities}]><svg {ROOT}><text>&e0;</text></svg>");
        let cleaned = clean_text(&svg).expect("it is valid");
        assert_eq!(cleaned.matches("<!ENTITY").count(), 20_000);
    }

    #[test]
    fn namespaces_attributes_and_headers_are_limited() {
        let unsupported = |text: &str| matches!(clean_text(text), Err(Problem::Unsupported(_)));
        let namespaces: String = (0..600).map(|n| format!(" xmlns:n{n}='u:{n}'")).collect();
        assert!(unsupported(&format!("<svg {ROOT}{namespaces}/>")));
        assert!(unsupported(&format!("<svg {ROOT}>{}", "<g>".repeat(70_000))));
        let attributes: String = (0..600).map(|n| format!(" data-{n}=''")).collect();
        assert!(unsupported(&format!("<svg {ROOT}><g{attributes}/></svg>")));
        let header = "a".repeat(2000);
        assert!(unsupported(&format!("<svg {ROOT}><image href='data:{header},'/></svg>")));
    }
}
