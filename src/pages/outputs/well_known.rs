//! Small files at fixed URLs, for crawlers, hosts and people.

use std::fmt::Write as _;

use super::super::output_file::{OutputFile, WellKnownFile};
use super::super::view::SiteView;
use crate::config::{FeedFormat, RootName, SECTIONS};
use crate::model::Inputs;

/// Returns the files that the site enables.
pub(super) fn site_wide(view: &SiteView<'_>) -> Vec<OutputFile> {
    let outputs = &view.site.config.outputs;
    let enabled = [
        (WellKnownFile::Robots, outputs.robots.is_some()),
        (WellKnownFile::Humans, outputs.humans.is_some()),
        (WellKnownFile::Trust, !outputs.trust.is_empty()),
        (WellKnownFile::Security, !outputs.security.is_empty()),
        (WellKnownFile::Llms, outputs.llms),
        (WellKnownFile::Headers, outputs.headers),
    ];
    enabled
        .into_iter()
        .filter(|(_, enabled)| *enabled)
        .map(|(file, _)| OutputFile::WellKnown(file))
        .collect()
}

/// Adds everything that the file shows to its inputs, besides settings.
pub(super) fn add_inputs(file: WellKnownFile, view: &SiteView<'_>, inputs: &mut Inputs) {
    match file {
        WellKnownFile::Llms => {
            for year in view.catalog.years() {
                inputs.number(&format!("articles of {year}"), view.catalog.ids_in_year(year).len());
            }
            for (name, path) in section_paths(view) {
                inputs.text(&name, &path);
            }
        }
        // Made from settings alone.
        WellKnownFile::Robots
        | WellKnownFile::Humans
        | WellKnownFile::Trust
        | WellKnownFile::Security
        | WellKnownFile::Headers => {}
    }
}

/// Writes the file.
pub(super) fn write(file: WellKnownFile, view: &SiteView<'_>, out: &mut String) {
    let outputs = &view.site.config.outputs;
    // Writing to a string can't fail.
    let _ = match file {
        WellKnownFile::Robots => write_robots(view, out),
        WellKnownFile::Humans => {
            writeln!(out, "{}", outputs.humans.as_deref().unwrap_or_default().trim_end())
        }
        WellKnownFile::Trust => {
            outputs.trust.iter().try_for_each(|(name, value)| writeln!(out, "{name}={value}"))
        }
        WellKnownFile::Security => write_security(view, out),
        WellKnownFile::Llms => write_llms(view, out),
        WellKnownFile::Headers => write_headers(view, out),
    };
}

/// Writes `robots.txt` (RFC 9309), with the URL of the sitemap (sitemaps.org).
fn write_robots(view: &SiteView<'_>, out: &mut String) -> std::fmt::Result {
    let robots = view.site.config.outputs.robots.clone().unwrap_or_default();
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
        writeln!(out, "\nSitemap: {}", view.site.absolute_url(&RootName::Sitemap.file_path()))?;
    }
    Ok(())
}

/// Writes `security.txt` (RFC 9116), with the field of its own URL.
fn write_security(view: &SiteView<'_>, out: &mut String) -> std::fmt::Result {
    for (name, value) in &view.site.config.outputs.security {
        let mut chars = name.chars();
        let first = chars.next().map(|first| first.to_ascii_uppercase()).unwrap_or_default();
        writeln!(out, "{first}{}: {value}", chars.as_str())?;
    }
    if !view.site.config.outputs.security.iter().any(|(name, _)| name == "canonical") {
        writeln!(
            out,
            "Canonical: {}",
            view.site.absolute_url(&WellKnownFile::Security.url_path())
        )?;
    }
    Ok(())
}

/// Returns all sections by name, with their paths.
fn section_paths(view: &SiteView<'_>) -> Vec<(String, String)> {
    let Some(taxonomy) = view.site.taxonomy_index(SECTIONS) else { return Vec::new() };
    let terms = view.catalog.terms_of(taxonomy).iter();
    terms.map(|&id| (view.catalog.term(id).name.clone(), view.term_path(id))).collect()
}

/// Writes `llms.txt` (<https://llmstxt.org>): a guide to the site in Markdown.
fn write_llms(view: &SiteView<'_>, out: &mut String) -> std::fmt::Result {
    let config = &view.site.config;
    writeln!(out, "# {}\n", config.title)?;
    if let Some(description) = &config.description {
        writeln!(out, "> {description}\n")?;
    }
    out.push_str(
        "Every article has a permanent URL. Days, months and years have pages of their own: \
         /YYYY/MM/DD/, /YYYY/MM/ and /YYYY/.\n",
    );
    out.push_str("\n## Years\n\n");
    for year in view.catalog.years() {
        let count = view.catalog.ids_in_year(year).len();
        let note = if count == 1 { "1 story".into() } else { format!("{count} stories") };
        write_llms_link(&year.to_string(), &format!("/{year:04}/"), &note, view, out)?;
    }
    let sections = section_paths(view);
    if !sections.is_empty() {
        out.push_str("\n## Sections\n\n");
    }
    for (name, path) in &sections {
        write_llms_link(name, path, "", view, out)?;
    }
    out.push_str("\n## Data\n\n");
    for format in view.feeds().into_iter().flat_map(|feeds| &feeds.formats) {
        let (name, path) = (format.name(), format!("/{}", format.file_name()));
        let note = if *format == FeedFormat::Rss {
            "the latest articles"
        } else {
            "the latest articles, and links to all earlier ones"
        };
        write_llms_link(name, &path, note, view, out)?;
    }
    if view.sitemaps().is_some() {
        write_llms_link("Sitemap", &RootName::Sitemap.file_path(), "every URL", view, out)?;
    }
    if config.outputs.data.as_ref().is_some_and(|data| data.articles) {
        let note = "every article as JSON Lines and CSV, by year";
        write_llms_link("Catalog", &RootName::ArchiveIndex.file_path(), note, view, out)?;
    }
    Ok(())
}

fn write_llms_link(
    name: &str,
    path: &str,
    note: &str,
    view: &SiteView<'_>,
    out: &mut String,
) -> std::fmt::Result {
    let name = name.replace(['[', ']', '\n'], " ");
    let separator = if note.is_empty() { "" } else { ": " };
    writeln!(out, "- [{name}]({}){separator}{note}", view.site.absolute_url(path))
}

/// Writes `_headers`: the sources that pages may load, which are those of the built-in theme, and
/// the time that files may be cached. Pages are revalidated each time, so that corrections are
/// seen.
fn write_headers(view: &SiteView<'_>, out: &mut String) -> std::fmt::Result {
    let site = view.site;
    let endpoint =
        site.config.reactions.as_ref().and_then(|reactions| reactions.endpoint.as_deref());
    let engine = site.config.search.as_ref().and_then(|search| search.engine.as_ref());
    let origin = |url: &str| {
        let (protocol, rest) = url.split_once("://")?;
        Some(format!(" {protocol}://{}", rest.split('/').next()?))
    };
    let form_targets = endpoint.into_iter().chain(engine.map(|engine| engine.url.as_str()));
    let form_targets: String = form_targets.filter_map(origin).collect();
    let csp = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; \
         media-src 'self' https:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
         form-action 'self'{form_targets}; base-uri 'none'; frame-ancestors 'none'"
    );
    writeln!(out, "{}*", site.base_path)?;
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
    writeln!(
        out,
        "{}assets/*\n  ! Cache-Control\n  Cache-Control: public, max-age=86400",
        site.base_path
    )?;
    if site.config.search.is_some() {
        // A name contains a hash of the contents, which therefore never change.
        let cache_control = "public, max-age=31536000, immutable";
        writeln!(
            out,
            "{}search/*.bin\n  ! Cache-Control\n  Cache-Control: {cache_control}",
            site.base_path
        )?;
    }
    Ok(())
}
