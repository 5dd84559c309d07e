//! Scripts in SVG files. A browser runs them if a reader opens the file itself, on the site's
//! origin, so a file of an article must have none.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Elements that run scripts or load documents, in lower case: those of SVG 2 and 1.2, and of HTML,
/// which can be in a `foreignObject`.
const ACTIVE_ELEMENTS: [&str; 14] = [
    "base", "embed", "form", "frame", "frameset", "handler", "iframe", "link", "listener", "meta",
    "object", "portal", "script", "webview",
];

/// URL schemes that run scripts, as browsers read them: white space and control characters inside
/// are ignored.
const ACTIVE_SCHEMES: [&str; 4] =
    ["javascript:", "vbscript:", "data:text/html", "data:application/xhtml"];

/// The reason for a file that browsers read up to an error.
const DAMAGED: &str = "markup that isn't well-formed";

/// Returns what runs a script in an SVG file; `None` if nothing does. What can't be read counts.
pub(crate) fn find_script(bytes: &[u8]) -> Option<&'static str> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Some("text that isn't UTF-8") };
    let mut reader = Reader::from_str(text);
    let mut depth = 0_usize;
    loop {
        let found = match reader.read_event() {
            Err(_) => Some(DAMAGED),
            Ok(Event::Eof) => return (depth > 0).then_some(DAMAGED),
            Ok(Event::Start(element)) => {
                depth += 1;
                script_of_element(&element)
            }
            Ok(Event::Empty(element)) => script_of_element(&element),
            Ok(Event::End(_)) => {
                depth = depth.saturating_sub(1);
                None
            }
            Ok(Event::DocType(doctype)) => {
                // Entities can stand for markup, and attributes can have default values.
                let subset = String::from_utf8_lossy(&doctype).into_owned();
                has_active_declaration(&subset).then_some("an entity that contains markup")
            }
            Ok(Event::PI(instruction)) => {
                let text = String::from_utf8_lossy(&instruction).to_ascii_lowercase();
                let is_style = text.contains("text/css") && !text.contains("xsl");
                (text.starts_with("xml-stylesheet") && !is_style).then_some("a transformation")
            }
            Ok(_) => None,
        };
        if found.is_some() {
            return found;
        }
    }
}

/// Returns true if an internal subset (XML 1.0, section 2.8) declares more than entities that are
/// plain text.
fn has_active_declaration(doctype: &str) -> bool {
    let Some((_, subset)) = doctype.split_once('[') else { return false };
    subset.contains("<!ATTLIST")
        || subset.split("<!ENTITY").skip(1).any(|declaration| {
            let declaration = declaration.split('>').next().unwrap_or_default();
            declaration.contains(['<', '&', '%'])
                || ["SYSTEM", "PUBLIC"].iter().any(|word| declaration.contains(word))
        })
        || subset.contains('%')
}

fn script_of_element(element: &BytesStart<'_>) -> Option<&'static str> {
    let name = String::from_utf8_lossy(element.local_name().as_ref()).to_ascii_lowercase();
    if ACTIVE_ELEMENTS.contains(&name.as_str()) {
        return Some("an element that runs scripts or loads documents");
    }
    element.attributes().find_map(|attribute| {
        let Ok(attribute) = attribute else { return Some(DAMAGED) };
        if attribute.key.as_ref().starts_with(b"xmlns") {
            return None;
        }
        let key = String::from_utf8_lossy(attribute.key.local_name().as_ref()).to_ascii_lowercase();
        if key.starts_with("on") && key.len() > 2 {
            return Some("an event handler");
        }
        if key == "srcdoc" {
            return Some("an embedded document");
        }
        let value = String::from_utf8_lossy(&attribute.value);
        // An entity of the file may be a part of a scheme. Drawing programs use them in namespaces.
        let Ok(value) = quick_xml::escape::unescape(&value) else {
            return Some("an entity in an attribute");
        };
        let is_ignored = |c: char| c.is_ascii_whitespace() || c.is_control();
        let url: String = value.chars().filter(|c| !is_ignored(*c)).collect();
        let url = url.to_ascii_lowercase();
        let is_active = ACTIVE_SCHEMES.iter().any(|scheme| url.contains(scheme));
        is_active.then_some("a URL that runs a script")
    })
}

#[cfg(test)]
mod tests {
    use super::find_script;

    fn is_active(inner: &str) -> bool {
        let text = format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{inner}</svg>");
        find_script(text.as_bytes()).is_some()
    }

    #[test]
    fn scripts_are_found() {
        for inner in [
            "<script>alert(1)</script>",
            "<s:script xmlns:s='http://www.w3.org/2000/svg' href='x.js'/>",
            "<g onload='alert(1)'/>",
            "<a href='javascript:alert(1)'>x</a>",
            "<a xlink:href='java&#10;script:alert(1)'>x</a>",
            "<a xlink:href=' &#74;avascript:alert(1)'>x</a>",
            "<set attributeName='href' to='javascript:alert(1)'/>",
            "<animate attributeName='href' values='#a;javascript:alert(1)'/>",
            "<foreignObject><p><iframe srcdoc='x'/></p></foreignObject>",
            "<a href='data:text/html,x'>x</a>",
            "<g onload=alert(1)/>",
            "<g",
        ] {
            assert!(is_active(inner), "{inner}");
        }
        for text in [
            "<?xml-stylesheet type='text/xsl' href='x.xsl'?><svg/>",
            "<!DOCTYPE svg [<!ENTITY x '&#60;script>a()&#60;/script>'>]><svg>&x;</svg>",
            "<!DOCTYPE svg [<!ATTLIST svg onload CDATA 'a()'>]><svg/>",
            "<!DOCTYPE svg [<!ENTITY x SYSTEM 'http://e.com/x'>]><svg>&x;</svg>",
            "<!DOCTYPE svg [<!ENTITY x 'java'>]><svg><a href='&x;script:a()'>x</a></svg>",
        ] {
            assert!(find_script(text.as_bytes()).is_some(), "{text}");
        }
        assert!(find_script(b"<svg>\xff</svg>").is_some());
    }

    #[test]
    fn drawings_have_none() {
        for inner in [
            "<path d='M0 0'/><style>a { fill: red }</style>",
            "<a href='https://example.org/'>x</a><text>javascript: the good parts</text>",
            "<image href='data:image/png;base64,AA=='/><use href='#a'/>",
            "<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>x</p></foreignObject>",
        ] {
            assert!(!is_active(inner), "{inner}");
        }
        let text = "<!DOCTYPE svg [<!ENTITY ns 'http://ns.example/'>]><svg xmlns:a='&ns;'/>";
        assert_eq!(find_script(text.as_bytes()), None);
    }
}
