//! Small files at fixed addresses, for crawlers, for hosts, and for people who look behind a site.

use std::fmt::Write as _;

use super::super::View;
use super::{File, Hint, Written};
use crate::model::Inputs;
use crate::site::{FeedFormat, Machines, SECTIONS};

impl Hint {
    pub(super) fn address(self) -> &'static str {
        match self {
            Self::Robots => "/robots.txt",
            Self::Humans => "/humans.txt",
            Self::Trust => "/trust.txt",
            Self::Security => "/.well-known/security.txt",
            Self::Llms => "/llms.txt",
            Self::Headers => "/_headers",
        }
    }
}

/// Those that the site asks for.
pub(super) fn fixed(view: &View<'_>) -> Vec<File> {
    let machines = &view.site.config.machines;
    let wanted = [
        (Hint::Robots, machines.robots.is_some()),
        (Hint::Humans, machines.humans.is_some()),
        (Hint::Trust, !machines.trust.is_empty()),
        (Hint::Security, !machines.security.is_empty()),
        (Hint::Llms, machines.llms),
        (Hint::Headers, machines.headers),
    ];
    wanted.into_iter().filter(|(_, wanted)| *wanted).map(|(hint, _)| File::Hint(hint)).collect()
}

/// The settings of all of them.
pub(super) fn settings(machines: &Machines) -> String {
    let Machines { robots, humans, trust, security, llms, headers, .. } = machines;
    format!("{:?}", (robots, humans, trust, security, llms, headers))
}

pub(super) fn inputs(hint: Hint, view: &View<'_>, inputs: &mut Inputs) {
    match hint {
        Hint::Llms => {
            for year in view.catalog.years() {
                inputs.number(&format!("stories of {year}"), view.catalog.year(year).len());
            }
            for (name, path) in sections(view) {
                inputs.text(&name, &path);
            }
        }
        Hint::Headers => {
            let bar = view.site.config.reactions.as_ref().and_then(|bar| bar.endpoint.as_deref());
            inputs.text("reactions", bar.unwrap_or_default());
        }
        _ => {}
    }
}

pub(super) fn write(hint: Hint, view: &View<'_>, out: &mut String) -> Written {
    let machines = &view.site.config.machines;
    // Writing to a string can't fail.
    let _ = match hint {
        Hint::Robots => robots(view, out),
        Hint::Humans => writeln!(out, "{}", machines.humans.as_deref().unwrap_or_default().trim_end()),
        Hint::Trust => machines.trust.iter().try_for_each(|(name, value)| writeln!(out, "{name}={value}")),
        Hint::Security => security(view, out),
        Hint::Llms => llms(view, out),
        Hint::Headers => headers(view, out),
    };
    Ok(true)
}

/// RFC 9309, with the address of the sitemap (sitemaps.org).
fn robots(view: &View<'_>, out: &mut String) -> std::fmt::Result {
    let robots = view.site.config.machines.robots.clone().unwrap_or_default();
    if !robots.refuse.is_empty() {
        robots.refuse.iter().try_for_each(|name| writeln!(out, "User-agent: {name}"))?;
        out.push_str("Disallow: /\n\n");
    }
    out.push_str("User-agent: *\n");
    match robots.disallow.as_slice() {
        [] => out.push_str("Disallow:\n"),
        paths => paths.iter().try_for_each(|path| writeln!(out, "Disallow: {path}"))?,
    }
    if view.sitemaps().is_some() {
        writeln!(out, "\nSitemap: {}", view.site.absolute("/sitemap.xml"))?;
    }
    Ok(())
}

/// RFC 9116: the field of its own address comes by itself.
fn security(view: &View<'_>, out: &mut String) -> std::fmt::Result {
    for (name, value) in &view.site.config.machines.security {
        let mut letters = name.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase()).unwrap_or_default();
        writeln!(out, "{first}{}: {value}", letters.as_str())?;
    }
    if !view.site.config.machines.security.iter().any(|(name, _)| name == "canonical") {
        writeln!(out, "Canonical: {}", view.site.absolute(Hint::Security.address()))?;
    }
    Ok(())
}

/// The configured sections and others, by name, with their paths.
fn sections(view: &View<'_>) -> Vec<(String, String)> {
    let Some(taxonomy) = view.site.taxonomy(SECTIONS) else { return Vec::new() };
    let terms = view.catalog.terms_of(taxonomy).iter();
    terms.map(|&id| (view.catalog.term(id).name.clone(), view.term_path(id))).collect()
}

/// <https://llmstxt.org>: a Markdown file that says where things are.
fn llms(view: &View<'_>, out: &mut String) -> std::fmt::Result {
    let site = view.site;
    let link = |out: &mut String, name: &str, path: &str, note: &str| {
        let name = name.replace(['[', ']', '\n'], " ");
        writeln!(out, "- [{name}]({}){}{note}", site.absolute(path), if note.is_empty() { "" } else { ": " })
    };
    writeln!(out, "# {}\n", site.config.title)?;
    if let Some(description) = &site.config.description {
        writeln!(out, "> {description}\n")?;
    }
    out.push_str("Every story has one address that lasts. Days, months and years have pages of their own: /YYYY/MM/DD/, /YYYY/MM/ and /YYYY/.\n");
    out.push_str("\n## Years\n\n");
    for year in view.catalog.years() {
        let count = view.catalog.year(year).len();
        link(
            out,
            &year.to_string(),
            &format!("/{year:04}/"),
            &if count == 1 { "1 story".into() } else { format!("{count} stories") },
        )?;
    }
    let sections = sections(view);
    if !sections.is_empty() {
        out.push_str("\n## Sections\n\n");
        sections.iter().try_for_each(|(name, path)| link(out, name, path, ""))?;
    }
    out.push_str("\n## Data\n\n");
    for format in view.feeds().into_iter().flat_map(|feeds| &feeds.formats) {
        match format {
            FeedFormat::Atom => {
                link(out, "Atom", "/feed.xml", "the latest stories, and links to all earlier ones")?;
            }
            FeedFormat::Rss => link(out, "RSS", "/rss.xml", "the latest stories")?,
            FeedFormat::Json => {
                link(out, "JSON Feed", "/feed.json", "the latest stories, and links to all earlier ones")?;
            }
        }
    }
    if view.sitemaps().is_some() {
        link(out, "Sitemap", "/sitemap.xml", "every address")?;
    }
    if site.config.machines.data.as_ref().is_some_and(|data| data.catalogue) {
        link(out, "Catalogue", "/archive.json", "every story as JSON Lines and CSV, by year")?;
    }
    Ok(())
}

/// `_headers`: what pages may load, which is what the built-in theme loads; and how long files may be kept. Addresses never change what they
/// hold without a reason, but corrections must be seen, so everything is asked for anew.
fn headers(view: &View<'_>, out: &mut String) -> std::fmt::Result {
    let site = view.site;
    let endpoint = site.config.reactions.as_ref().and_then(|bar| bar.endpoint.as_deref());
    let engine = site.config.search.as_ref().and_then(|search| search.engine.as_ref());
    let origin = |address: &str| {
        let (protocol, rest) = address.split_once("://")?;
        Some(format!(" {protocol}://{}", rest.split('/').next()?))
    };
    let forms = endpoint.into_iter().chain(engine.map(|engine| engine.url.as_str()));
    let forms: String = forms.filter_map(origin).collect();
    let csp = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; media-src 'self' https:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'{forms}; base-uri 'none'; frame-ancestors 'none'"
    );
    writeln!(out, "{}*", site.path)?;
    for (name, value) in [
        ("Content-Security-Policy", csp.as_str()),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "strict-origin-when-cross-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Strict-Transport-Security", "max-age=31536000"),
        ("Cache-Control", "public, max-age=0, must-revalidate"),
    ] {
        writeln!(out, "  {name}: {value}")?;
    }
    writeln!(out, "{}assets/*\n  ! Cache-Control\n  Cache-Control: public, max-age=86400", site.path)?;
    if site.config.search.is_some() {
        // Each name stands for the same bytes for ever.
        let kept = "public, max-age=31536000, immutable";
        writeln!(out, "{}search/*.bin\n  ! Cache-Control\n  Cache-Control: {kept}", site.path)?;
    }
    Ok(())
}
