//! Redirects: the former addresses that stories name (`aliases`), the rules of `site.yaml` and what the register of permalinks leads on, as pages
//! and in the forms of hosts.

use std::fmt::Write as _;
use std::ops::Range;

use super::super::{Page, View};
use super::xml::Xml;
use super::{File, Written};
use crate::catalog::record::Flags;
use crate::catalog::{RowId, Story};
use crate::model::permalink::former_path;
use crate::model::{Fingerprint, Fingerprinter, Inputs, Permalink};
use crate::register::Target;
use crate::site::{RedirectFormat, Redirects, Site, Wildcard};
use crate::templates::direction;

/// A single address that leads elsewhere.
pub(crate) struct Redirect {
    /// The path below the site's root.
    pub(crate) from: String,
    /// A path below the site's root, or a web address.
    pub(crate) to: String,
    /// Who asks for it.
    pub(crate) source: Source,
}

/// Who asks for a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A story, by its row.
    Story(RowId),
    /// The settings.
    Settings,
    /// The register of permalinks.
    Register,
}

fn rules(site: &Site) -> &Redirects {
    &site.config.machines.redirects
}

/// The former addresses of a story that are paths, with their place in its list; those that aren't are told when the file is read. Its own address
/// is none: archives list that, too.
fn former<'a>(story: &Story<'a>) -> impl Iterator<Item = (usize, String)> + use<'a> {
    let aliases = story.flags().has(Flags::ALIASES).then(|| story.details().aliases);
    let own = story.permalink();
    let places = aliases.into_iter().flatten().enumerate();
    places.filter_map(|(at, alias)| Some((at, address_of(alias)?))).filter(move |(_, path)| path != own)
}

fn address_of(alias: &str) -> Option<String> {
    Permalink::new(&former_path(alias)).ok().map(|path| path.as_str().to_owned())
}

/// Every single redirect: those of stories, oldest first, then those of the settings, then those of the register.
pub(crate) fn all(view: &View<'_>) -> Vec<Redirect> {
    let catalog = view.catalog;
    let of_story = |story: Story<'_>| {
        let to = story.permalink().to_owned();
        let redirect = |(_, from)| Redirect { from, to: to.clone(), source: Source::Story(story.id) };
        former(&story).map(redirect).collect::<Vec<_>>()
    };
    let stories = catalog.stories(catalog.all()).filter(|story| story.flags().has(Flags::ALIASES));
    let rules = rules(view.site).exact.iter().map(|(from, to)| Redirect {
        from: from.clone(),
        to: to.clone(),
        source: Source::Settings,
    });
    let former = view.former.iter().map(|former| Redirect {
        from: former.from.clone(),
        to: destination(view, former.to).0,
        source: Source::Register,
    });
    stories.flat_map(of_story).chain(rules).chain(former).collect()
}

/// The address, the title and the language of what a former address leads to.
fn destination<'v>(view: &'v View<'_>, to: Target) -> (String, &'v str, &'v str) {
    let lang = view.site.config.language.as_str();
    match to {
        Target::Story(row) => {
            let story = view.catalog.story(row);
            (story.permalink().to_owned(), story.title(), story.lang())
        }
        Target::Term(id) => (view.term_path(id), &view.catalog.term(id).name, lang),
        Target::Terms(taxonomy) => {
            let path = &view.site.taxonomies[taxonomy].path;
            (format!("/{path}/"), view.taxonomy_name(taxonomy, false), lang)
        }
    }
}

/// The hash of all that the register leads on, if there is anything.
pub(in super::super) fn led_on(view: &View<'_>) -> Option<Fingerprint> {
    let mut hash = Fingerprinter::new();
    for former in &view.former {
        let (to, title, lang) = destination(view, former.to);
        hash.text(&former.from).text(&to).text(title).text(lang);
    }
    (!view.former.is_empty()).then(|| hash.finish())
}

/// The files that belong to no year: pages of rules, and the forms of hosts.
pub(super) fn fixed(view: &View<'_>) -> Vec<File> {
    let rules = rules(view.site);
    let none = rules.exact.is_empty()
        && rules.wildcards.is_empty()
        && view.former.is_empty()
        && !view.catalog.stories(view.catalog.all()).any(|story| story.flags().has(Flags::ALIASES));
    let mut files = Vec::new();
    let gone = !view.catalog.tombstones().is_empty();
    for &format in &rules.formats {
        match format {
            RedirectFormat::Apache if gone => files.push(File::Redirects(format)),
            RedirectFormat::Nginx if gone => files.push(File::Gone),
            _ => {}
        }
        match format {
            _ if none => {}
            RedirectFormat::Apache if gone => {}
            RedirectFormat::Html => {
                files.extend((0..rules.exact.len()).map(|number| File::Rule(number as u32)));
                files.extend((0..view.former.len()).map(|number| File::Former(number as u32)));
            }
            format => files.push(File::Redirects(format)),
        }
    }
    files
}

/// The pages at the former addresses of some stories.
pub(super) fn aliases_of(rows: Range<RowId>, view: &View<'_>) -> Vec<File> {
    if !rules(view.site).formats.contains(&RedirectFormat::Html) {
        return Vec::new();
    }
    let stories = view.catalog.stories(rows).filter(|story| story.flags().has(Flags::ALIASES));
    let files = stories
        .flat_map(|story| former(&story).map(|(at, _)| File::Alias(story.id, at as u32)).collect::<Vec<_>>());
    files.collect()
}

/// A former address of a story, by its place in the story's list.
pub(super) fn alias(row: RowId, at: u32, view: &View<'_>) -> String {
    let aliases = view.catalog.story(row).details().aliases;
    aliases.get(at as usize).and_then(|alias| address_of(alias)).unwrap_or_default()
}

/// The address of a rule.
pub(super) fn rule<'a>(number: u32, view: &'a View<'_>) -> &'a str {
    rules(view.site).exact.get(number as usize).map_or("", |(from, _)| from)
}

pub(super) fn address(format: RedirectFormat) -> &'static str {
    match format {
        RedirectFormat::Html | RedirectFormat::Netlify => "/_redirects",
        RedirectFormat::Nginx => "/redirects.nginx.conf",
        RedirectFormat::Apache => "/.htaccess",
        RedirectFormat::S3 => "/redirects.s3.json",
    }
}

pub(super) fn inputs(file: File, view: &View<'_>, inputs: &mut Inputs) {
    match file {
        File::Alias(row, number) => {
            let story = view.catalog.story(row);
            inputs.number("alias", number).text("address", story.permalink());
            inputs.text("title", story.title()).text("language", story.lang());
        }
        File::Rule(_) => {}
        File::Former(number) => {
            let (address, title, lang) = destination(view, view.former[number as usize].to);
            inputs.text("address", &address).text("title", title).text("language", lang);
        }
        File::Gone => gone_inputs(view, inputs),
        _ => {
            for Redirect { from, to, .. } in all(view) {
                inputs.text("from", &from).text("to", &to);
            }
            gone_inputs(view, inputs);
        }
    }
}

/// The page at a former address: it leads on at once, and says where for those whom it can't lead.
pub(super) fn write_page(file: File, view: &View<'_>, out: &mut String) -> Written {
    let site = view.site;
    let (to, title, lang) = match file {
        File::Alias(row, _) => {
            let story = view.catalog.story(row);
            (site.absolute(story.permalink()), story.title().to_owned(), story.lang())
        }
        File::Rule(number) => {
            let to = target(&rules(site).exact[number as usize].1, site);
            (to.clone(), to, site.config.language.as_str())
        }
        File::Former(number) => {
            let (to, title, lang) = destination(view, view.former[number as usize].to);
            (site.absolute(&to), title.to_owned(), lang)
        }
        _ => return Ok(true),
    };
    let mut html = Xml(out);
    html.raw("<!doctype html>\n<html lang=\"")
        .text(lang)
        .raw("\" dir=\"")
        .raw(direction(lang))
        .raw("\">\n<head>\n");
    html.raw("<meta charset=\"utf-8\">\n").raw("<title>").text(&title).raw("</title>\n");
    html.raw("<link rel=\"canonical\" href=\"").text(&to).raw("\">\n");
    html.raw("<meta http-equiv=\"refresh\" content=\"0; url=").text(&to).raw("\">\n</head>\n<body>\n");
    html.raw("<p><a href=\"").text(&to).raw("\">").text(&title).raw("</a></p>\n</body>\n</html>\n");
    Ok(true)
}

/// Where a redirect leads, as an absolute address.
fn target(to: &str, site: &Site) -> String {
    if to.starts_with('/') { site.absolute(to) } else { to.to_owned() }
}

/// Where a redirect leads, as hosts are told: a path with the site's own before it, or an absolute address.
fn place(to: &str, site: &Site) -> String {
    let mut place = String::new();
    match to.strip_prefix('/') {
        Some(path) => {
            place.push_str(&site.path);
            crate::model::permalink::encode_ascii(path, &mut place);
        }
        None => place.push_str(to),
    }
    place
}

pub(super) fn write(format: RedirectFormat, view: &View<'_>, out: &mut String) -> Written {
    let all = all(view);
    let wildcards = &rules(view.site).wildcards;
    // Writing to a string can't fail.
    let _ = match format {
        RedirectFormat::Html => Ok(()),
        RedirectFormat::Netlify => netlify(&all, wildcards, view.site, out),
        RedirectFormat::Nginx => nginx(&all, wildcards, view.site, out),
        RedirectFormat::Apache => apache(&all, wildcards, view, out),
        RedirectFormat::S3 => {
            s3(&all, wildcards, view.site, out);
            Ok(())
        }
    };
    Ok(true)
}

/// `_redirects`: the first rule that fits counts.
fn netlify(all: &[Redirect], wildcards: &[Wildcard], site: &Site, out: &mut String) -> std::fmt::Result {
    for Redirect { from, to, .. } in all {
        writeln!(out, "{} {} 301", place(from, site), place(to, site))?;
    }
    for Wildcard { from, to, splat } in wildcards {
        let splat = if *splat { ":splat" } else { "" };
        writeln!(out, "{}* {}{splat} 301", place(from, site), place(to, site))?;
    }
    Ok(())
}

/// Where a redirect leads, for hosts to which `$` means something.
fn plain_place(to: &str, site: &Site) -> String {
    place(to, site).replace('$', "%24")
}

/// The inside of a `map $uri $target { … }`: nginx compares decoded addresses.
fn nginx(all: &[Redirect], wildcards: &[Wildcard], site: &Site, out: &mut String) -> std::fmt::Result {
    let decoded = |path: &str| format!("{}{}", site.path, path.trim_start_matches('/'));
    for Redirect { from, to, .. } in all {
        writeln!(out, "\"{}\" \"{}\";", decoded(from), plain_place(to, site))?;
    }
    for Wildcard { from, to, splat } in wildcards {
        let (rest, splat) = if *splat { ("(?<rest>.*)$", "$rest") } else { ("", "") };
        writeln!(out, "\"~^{}{rest}\" \"{}{splat}\";", pattern(&decoded(from)), plain_place(to, site))?;
    }
    Ok(())
}

/// `.htaccess`, with mod_alias alone, which compares decoded addresses.
fn apache(all: &[Redirect], wildcards: &[Wildcard], view: &View<'_>, out: &mut String) -> std::fmt::Result {
    let site = view.site;
    let decoded = |path: &str| format!("{}{}", site.path, path.trim_start_matches('/'));
    for Redirect { from, to, .. } in all {
        writeln!(out, "RedirectMatch 301 \"^{}$\" \"{}\"", pattern(&decoded(from)), plain_place(to, site))?;
    }
    for address in gone(view) {
        writeln!(out, "RedirectMatch 410 \"^{}$\"", pattern(&decoded(address)))?;
    }
    for Wildcard { from, to, splat } in wildcards {
        let (rest, splat) = if *splat { ("(.*)$", "$1") } else { ("", "") };
        writeln!(
            out,
            "RedirectMatch 301 \"^{}{rest}\" \"{}{splat}\"",
            pattern(&decoded(from)),
            plain_place(to, site)
        )?;
    }
    Ok(())
}

/// Every address of a story that was taken down.
fn gone<'v>(view: &'v View<'_>) -> impl Iterator<Item = &'v str> {
    view.catalog.tombstones().iter().flat_map(|tombstone| tombstone.addresses.iter().map(String::as_str))
}

fn gone_inputs(view: &View<'_>, inputs: &mut Inputs) {
    for address in gone(view) {
        inputs.text("gone", address);
    }
}

/// The inside of a `map $uri $gone { … }`.
pub(super) fn write_gone(view: &View<'_>, out: &mut String) -> Written {
    for address in gone(view) {
        // Writing to a string can't fail.
        let _ = writeln!(out, "\"{}{}\" 1;", view.site.path, address.trim_start_matches('/'));
    }
    Ok(true)
}

/// A text as a regular expression that it alone fits.
fn pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if matches!(c, '.' | '+' | '(' | ')' | '[' | ']' | '^' | '$' | '|' | '?' | '*' | '{' | '}' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

/// S3's `RoutingRules`. A rule fits every key that begins with its own, so longer ones come first.
fn s3(all: &[Redirect], wildcards: &[Wildcard], site: &Site, out: &mut String) {
    let key = |path: &str| place(path, site).trim_start_matches('/').to_owned();
    let exact = all.iter().map(|Redirect { from, to, .. }| (key(from), to, false));
    let prefixes = wildcards.iter().map(|Wildcard { from, to, splat }| (key(from), to, *splat));
    let mut rules: Vec<(String, &String, bool)> = exact.chain(prefixes).collect();
    rules.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
    let rules = rules.into_iter().map(|(from, to, splat)| {
        let mut redirect = serde_json::Map::new();
        let mut set = |key: &str, value: &str| redirect.insert(key.into(), value.into());
        set("HttpRedirectCode", "301");
        let path = match to.split_once("://") {
            Some((protocol, rest)) => {
                let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
                set("Protocol", protocol);
                set("HostName", host);
                path.to_owned()
            }
            None => key(to),
        };
        set(if splat { "ReplaceKeyPrefixWith" } else { "ReplaceKeyWith" }, &path);
        serde_json::json!({ "Condition": { "KeyPrefixEquals": from }, "Redirect": redirect })
    });
    let rules: Vec<serde_json::Value> = rules.collect();
    out.push_str(&serde_json::to_string_pretty(&rules).unwrap_or_default());
    out.push('\n');
}

/// Whether a page only leads on to another.
pub(crate) fn is_redirect(page: &Page) -> bool {
    matches!(page, Page::Machine(File::Alias(..) | File::Rule(_) | File::Former(_)))
}
