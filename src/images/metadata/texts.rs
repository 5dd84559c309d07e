//! The texts that a published image may keep, from EXIF, XMP (ISO 16684-1) and IPTC (IIM 4.2).

use std::borrow::Cow;
use std::io::Read;

use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{LocalName, ResolveResult};

/// The longest text that is kept, in bytes: a field of this name isn't a way to keep anything else.
const MAX_TEXT_BYTES: usize = 2_000;
/// The largest block of texts that is read, in bytes, after decompression.
const MAX_PACKET_BYTES: u64 = 4 << 20;

/// The texts that a site keeps in published images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct KeptTexts {
    /// The copyright notice.
    pub(crate) copyright: bool,
    /// The photographer or other author.
    pub(crate) artist: bool,
    /// The line to be printed with the image.
    pub(crate) credit: bool,
}

/// Texts of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Texts {
    pub(super) copyright: Option<String>,
    pub(super) artist: Option<String>,
    pub(super) credit: Option<String>,
}

impl Texts {
    /// Adds the texts that are missing.
    pub(super) fn add_missing(&mut self, other: Self) {
        self.copyright = self.copyright.take().or(other.copyright);
        self.artist = self.artist.take().or(other.artist);
        self.credit = self.credit.take().or(other.credit);
    }

    /// Returns the credit, which EXIF has no field for.
    pub(super) fn credit_only(&self) -> Self {
        Self { credit: self.credit.clone(), ..Self::default() }
    }

    /// Returns the texts that a site keeps.
    pub(super) fn filtered(&self, keep: KeptTexts) -> Self {
        let filter = |text: &Option<String>, is_kept: bool| text.clone().filter(|_| is_kept);
        Self {
            copyright: filter(&self.copyright, keep.copyright),
            artist: filter(&self.artist, keep.artist),
            credit: filter(&self.credit, keep.credit),
        }
    }
}

/// Returns a text on one line, without characters that end one in a file; `None` if it is empty.
fn tidy_text(text: &str) -> Option<String> {
    let parts = text.split(|c: char| c.is_control()).map(str::trim);
    let mut tidy = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
    let mut end = tidy.len().min(MAX_TEXT_BYTES);
    while !tidy.is_char_boundary(end) {
        end -= 1;
    }
    tidy.truncate(end);
    (!tidy.is_empty()).then_some(tidy)
}

/// Decodes a text that is in UTF-8, or else in Latin-1.
pub(super) fn decode_text(bytes: &[u8]) -> Option<String> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    tidy_text(&text)
}

/// Inflates a zlib stream of texts; `None` if it is damaged or too large.
pub(super) fn inflate_text(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut inflated = Vec::new();
    let mut reader = flate2::read::ZlibDecoder::new(bytes).take(MAX_PACKET_BYTES + 1);
    reader.read_to_end(&mut inflated).ok()?;
    (inflated.len() as u64 <= MAX_PACKET_BYTES).then_some(inflated)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TextField {
    Copyright,
    Artist,
    Credit,
}

/// Returns the field with a name in an XMP namespace.
fn xmp_field(namespace: &ResolveResult<'_>, name: LocalName<'_>) -> Option<TextField> {
    let ResolveResult::Bound(namespace) = namespace else { return None };
    match (namespace.as_ref(), name.as_ref()) {
        (b"http://purl.org/dc/elements/1.1/", b"rights")
        | (b"http://ns.adobe.com/tiff/1.0/", b"Copyright") => Some(TextField::Copyright),
        (b"http://purl.org/dc/elements/1.1/", b"creator")
        | (b"http://ns.adobe.com/tiff/1.0/", b"Artist") => Some(TextField::Artist),
        (b"http://ns.adobe.com/photoshop/1.0/", b"Credit") => Some(TextField::Credit),
        _ => None,
    }
}

/// Reads the texts of an XMP packet in UTF-8.
pub(super) fn read_xmp(packet: &[u8]) -> Texts {
    let mut texts = Texts::default();
    if packet.len() as u64 > MAX_PACKET_BYTES {
        return texts;
    }
    let Ok(packet) = std::str::from_utf8(packet) else { return texts };
    let mut add = |field: TextField, text: &str| {
        let slot = match field {
            TextField::Copyright => &mut texts.copyright,
            TextField::Artist => &mut texts.artist,
            TextField::Credit => &mut texts.credit,
        };
        *slot = slot.take().or_else(|| tidy_text(text));
    };
    let mut reader = NsReader::from_str(packet.trim_matches(['\0', ' ', '\n', '\r', '\t']));
    // The field whose element is open, with its text so far and the number of open elements in it.
    let mut open: Option<(TextField, String, usize)> = None;
    while let Ok(event) = reader.read_event() {
        match (event, &mut open) {
            (Event::Eof, _) => break,
            (Event::Start(_), Some((_, text, depth))) => {
                text.push('\n');
                *depth += 1;
            }
            (Event::Text(part), Some((_, text, _))) => {
                text.push_str(&part.decode().unwrap_or_default());
            }
            (Event::GeneralRef(reference), Some((_, text, _))) => {
                text.push_str(&resolve_reference(&reference.decode().unwrap_or_default()));
            }
            (Event::End(_), Some((_, _, depth))) if *depth > 0 => *depth -= 1,
            (Event::End(_), Some(_)) => {
                open.take().into_iter().for_each(|(field, text, _)| add(field, &text));
            }
            (Event::Start(element), None) => {
                let (namespace, name) = reader.resolver().resolve_element(element.name());
                open = xmp_field(&namespace, name).map(|field| (field, String::new(), 0));
                read_xmp_attributes(&reader, &element, &mut add);
            }
            (Event::Empty(element), None) => read_xmp_attributes(&reader, &element, &mut add),
            _ => {}
        }
    }
    texts
}

/// Returns the characters that an entity or character reference stands for (XML 1.0, section 4.6).
fn resolve_reference(name: &str) -> String {
    quick_xml::escape::unescape(&format!("&{name};"))
        .map_or_else(|_| String::new(), Cow::into_owned)
}

fn read_xmp_attributes(
    reader: &NsReader<&[u8]>,
    element: &BytesStart<'_>,
    add: &mut impl FnMut(TextField, &str),
) {
    for attribute in element.attributes().flatten() {
        let (namespace, name) = reader.resolver().resolve_attribute(attribute.key);
        if let Some(field) = xmp_field(&namespace, name)
            && let Ok(value) = std::str::from_utf8(&attribute.value)
            && let Ok(value) = quick_xml::escape::unescape(value)
        {
            add(field, &value);
        }
    }
}

/// Returns an XMP packet with texts; `None` if there are none.
pub(super) fn write_xmp(texts: &Texts) -> Option<Vec<u8>> {
    let mut elements = String::new();
    for (text, name, container) in [
        (&texts.copyright, "dc:rights", "rdf:Alt"),
        (&texts.artist, "dc:creator", "rdf:Seq"),
        (&texts.credit, "photoshop:Credit", ""),
    ] {
        let Some(text) = text else { continue };
        let text = html_escape::encode_text(text);
        let content = match container {
            "" => text.into_owned(),
            "rdf:Alt" => {
                format!("<rdf:Alt><rdf:li xml:lang=\"x-default\">{text}</rdf:li></rdf:Alt>")
            }
            _ => format!("<{container}><rdf:li>{text}</rdf:li></{container}>"),
        };
        elements.push_str(&format!("<{name}>{content}</{name}>"));
    }
    let packet = format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:photoshop=\"http://ns.adobe.com/photoshop/1.0/\">{elements}</rdf:Description>\
         </rdf:RDF></x:xmpmeta><?xpacket end=\"r\"?>"
    );
    (!elements.is_empty()).then_some(packet.into_bytes())
}

/// Reads the texts of image resources of Photoshop (its file format's specification), of which
/// number 0x0404 is an IPTC record.
pub(super) fn read_photoshop(mut resources: &[u8]) -> Texts {
    while let Some((number, data, rest)) = next_resource(resources) {
        if number == 0x0404 {
            return read_iptc(data);
        }
        resources = rest;
    }
    Texts::default()
}

/// Splits off the first resource: its number, its data, and what follows.
fn next_resource(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let rest = bytes.strip_prefix(b"8BIM")?;
    let (number, rest) = rest.split_first_chunk::<2>()?;
    let name_bytes = usize::from(*rest.first()?) + 1;
    let rest = rest.get(name_bytes.next_multiple_of(2)..)?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let data = rest.get(..length)?;
    let rest = rest.get(length.checked_next_multiple_of(2)?..).unwrap_or_default();
    Some((u16::from_be_bytes(*number), data, rest))
}

/// Reads the datasets 2:80 (by-line), 2:110 (credit) and 2:116 (copyright notice).
pub(super) fn read_iptc(mut record: &[u8]) -> Texts {
    let mut texts = Texts::default();
    while let [0x1c, number, dataset, high, low, rest @ ..] = record {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some(value) = rest.get(..length) else { break };
        let slot = match (number, dataset) {
            (2, 80) => Some(&mut texts.artist),
            (2, 110) => Some(&mut texts.credit),
            (2, 116) => Some(&mut texts.copyright),
            _ => None,
        };
        if let Some(slot) = slot {
            *slot = slot.take().or_else(|| decode_text(value));
        }
        record = &rest[length..];
    }
    texts
}
