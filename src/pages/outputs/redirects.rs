//! Redirects: the former addresses that stories name (`aliases`), the rules of `site.yaml` and what
//! the register of permalinks leads on, as pages and in the forms of hosts.

use std::fmt::Write as _;
use std::ops::Range;

use super::super::output_file::OutputFile;
use super::super::output_urls::parse_alias;
use super::super::view::SiteView;
use super::super::xml::XmlWriter;
use crate::archive::record::Flags;
use crate::archive::{Article, ArticleId};
use crate::config::{RedirectFormat, RedirectSettings, Site, WildcardRedirect};
use crate::model::{Fingerprint, Fingerprinter, Inputs};
use crate::permalinks::RedirectTarget;
use crate::templates::direction;

/// A single address that leads elsewhere.
pub(crate) struct RedirectRule {
    /// The path below the site's root.
    pub(crate) from: String,
    /// A path below the site's root, or a web address.
    pub(crate) to: String,
    /// Who asks for it.
    pub(crate) source: RedirectSource,
}

/// Who asks for a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RedirectSource {
    /// A story, by its row.
    Article(ArticleId),
    /// The settings.
    Settings,
    /// The register of permalinks.
    Registry,
}

fn redirect_settings(site: &Site) -> &RedirectSettings {
    &site.config.outputs.redirects
}

/// The former addresses of a story that are paths, with their place in its list; those that aren't
/// are told when the file is read. Its own address is none: archives list that, too.
fn alias_paths<'a>(article: &Article<'a>) -> impl Iterator<Item = (usize, String)> + use<'a> {
    let aliases = article.flags().contains(Flags::ALIASES).then(|| article.details().aliases);
    let permalink = article.permalink();
    let indexed = aliases.into_iter().flatten().enumerate();
    indexed
        .filter_map(|(index, alias)| Some((index, parse_alias(alias)?)))
        .filter(move |(_, path)| path != permalink)
}

/// Every single redirect: those of stories, oldest first, then those of the settings, then those of
/// the register.
pub(crate) fn all_redirects(view: &SiteView<'_>) -> Vec<RedirectRule> {
    let catalog = view.catalog;
    let of_article = |article: Article<'_>| {
        let to = article.permalink().to_owned();
        let rule = |(_, from)| RedirectRule {
            from,
            to: to.clone(),
            source: RedirectSource::Article(article.id),
        };
        alias_paths(&article).map(rule).collect::<Vec<_>>()
    };
    let articles =
        catalog.articles(catalog.ids()).filter(|article| article.flags().contains(Flags::ALIASES));
    let configured = redirect_settings(view.site).exact.iter().map(|(from, to)| RedirectRule {
        from: from.clone(),
        to: to.clone(),
        source: RedirectSource::Settings,
    });
    let registry = view.redirects.iter().map(|redirect| RedirectRule {
        from: redirect.from.clone(),
        to: destination(view, redirect.to).0,
        source: RedirectSource::Registry,
    });
    articles.flat_map(of_article).chain(configured).chain(registry).collect()
}

/// The address, the title and the language of what a former address leads to.
fn destination<'v>(view: &'v SiteView<'_>, to: RedirectTarget) -> (String, &'v str, &'v str) {
    let lang = view.site.config.language.as_str();
    match to {
        RedirectTarget::Article(id) => {
            let article = view.catalog.article(id);
            (article.permalink().to_owned(), article.title(), article.lang())
        }
        RedirectTarget::Term(id) => (view.term_path(id), &view.catalog.term(id).name, lang),
        RedirectTarget::Taxonomy(taxonomy) => {
            let path = &view.site.taxonomies[taxonomy].path;
            (format!("/{path}/"), &view.taxonomy_names(taxonomy).plural, lang)
        }
    }
}

/// The hash of all that the register leads on, if there is anything.
pub(crate) fn registry_fingerprint(view: &SiteView<'_>) -> Option<Fingerprint> {
    let mut hash = Fingerprinter::new();
    for redirect in &view.redirects {
        let (to, title, lang) = destination(view, redirect.to);
        hash.text(&redirect.from).text(&to).text(title).text(lang);
    }
    (!view.redirects.is_empty()).then(|| hash.finish())
}

/// The files that belong to no year: pages of rules, and the forms of hosts.
pub(super) fn site_wide(view: &SiteView<'_>) -> Vec<OutputFile> {
    let settings = redirect_settings(view.site);
    let has_no_redirects = settings.exact.is_empty()
        && settings.wildcards.is_empty()
        && view.redirects.is_empty()
        && !view
            .catalog
            .articles(view.catalog.ids())
            .any(|article| article.flags().contains(Flags::ALIASES));
    let mut files = Vec::new();
    let has_tombstones = !view.catalog.tombstones().is_empty();
    for &format in &settings.formats {
        match format {
            RedirectFormat::Apache if has_tombstones => files.push(OutputFile::Redirects(format)),
            RedirectFormat::Nginx if has_tombstones => files.push(OutputFile::Gone),
            _ => {}
        }
        match format {
            _ if has_no_redirects => {}
            RedirectFormat::Apache if has_tombstones => {}
            RedirectFormat::Html => {
                files.extend(
                    (0..settings.exact.len())
                        .map(|index| OutputFile::ConfiguredRedirect(index as u32)),
                );
                files.extend(
                    (0..view.redirects.len())
                        .map(|index| OutputFile::RegistryRedirect(index as u32)),
                );
            }
            format => files.push(OutputFile::Redirects(format)),
        }
    }
    files
}

/// The pages at the former addresses of some stories.
pub(super) fn alias_files(ids: Range<ArticleId>, view: &SiteView<'_>) -> Vec<OutputFile> {
    if !redirect_settings(view.site).formats.contains(&RedirectFormat::Html) {
        return Vec::new();
    }
    let articles =
        view.catalog.articles(ids).filter(|article| article.flags().contains(Flags::ALIASES));
    let files = articles.flat_map(|article| {
        alias_paths(&article)
            .map(|(index, _)| OutputFile::Alias(article.id, index as u32))
            .collect::<Vec<_>>()
    });
    files.collect()
}

pub(super) fn add_inputs(file: OutputFile, view: &SiteView<'_>, inputs: &mut Inputs) {
    match file {
        OutputFile::Alias(id, index) => {
            let article = view.catalog.article(id);
            inputs.number("alias", index).text("address", article.permalink());
            inputs.text("title", article.title()).text("language", article.lang());
        }
        OutputFile::ConfiguredRedirect(_) => {}
        OutputFile::RegistryRedirect(index) => {
            let (url_path, title, lang) = destination(view, view.redirects[index as usize].to);
            inputs.text("address", &url_path).text("title", title).text("language", lang);
        }
        OutputFile::Gone => add_tombstone_inputs(view, inputs),
        _ => {
            for RedirectRule { from, to, .. } in all_redirects(view) {
                inputs.text("from", &from).text("to", &to);
            }
            add_tombstone_inputs(view, inputs);
        }
    }
}

/// The page at a former address: it leads on at once, and says where for those whom it can't lead.
pub(super) fn write_page(file: OutputFile, view: &SiteView<'_>, out: &mut String) {
    let site = view.site;
    let (to, title, lang) = match file {
        OutputFile::Alias(id, _) => {
            let article = view.catalog.article(id);
            (site.absolute_url(article.permalink()), article.title().to_owned(), article.lang())
        }
        OutputFile::ConfiguredRedirect(index) => {
            let to = absolute_target(&redirect_settings(site).exact[index as usize].1, site);
            (to.clone(), to, site.config.language.as_str())
        }
        OutputFile::RegistryRedirect(index) => {
            let (to, title, lang) = destination(view, view.redirects[index as usize].to);
            (site.absolute_url(&to), title.to_owned(), lang)
        }
        _ => return,
    };
    let mut html = XmlWriter(out);
    html.raw("<!doctype html>\n<html lang=\"")
        .text(lang)
        .raw("\" dir=\"")
        .raw(direction(lang))
        .raw("\">\n<head>\n");
    html.raw("<meta charset=\"utf-8\">\n").raw("<title>").text(&title).raw("</title>\n");
    html.raw("<link rel=\"canonical\" href=\"").text(&to).raw("\">\n");
    html.raw("<meta http-equiv=\"refresh\" content=\"0; url=")
        .text(&to)
        .raw("\">\n</head>\n<body>\n");
    html.raw("<p><a href=\"").text(&to).raw("\">").text(&title).raw("</a></p>\n</body>\n</html>\n");
}

/// Where a redirect leads, as an absolute address.
fn absolute_target(to: &str, site: &Site) -> String {
    if to.starts_with('/') { site.absolute_url(to) } else { to.to_owned() }
}

/// Where a redirect leads, as hosts are told: a path with the site's own before it, or an absolute
/// address.
fn host_target(to: &str, site: &Site) -> String {
    let mut encoded = String::new();
    match to.strip_prefix('/') {
        Some(path) => {
            encoded.push_str(&site.base_path);
            crate::model::permalink::encode_ascii(path, &mut encoded);
        }
        None => encoded.push_str(to),
    }
    encoded
}

pub(super) fn write(format: RedirectFormat, view: &SiteView<'_>, out: &mut String) {
    let redirects = all_redirects(view);
    let wildcards = &redirect_settings(view.site).wildcards;
    // Writing to a string can't fail.
    let _ = match format {
        RedirectFormat::Html => Ok(()),
        RedirectFormat::Netlify => write_netlify(&redirects, wildcards, view.site, out),
        RedirectFormat::Nginx => write_nginx(&redirects, wildcards, view.site, out),
        RedirectFormat::Apache => write_apache(&redirects, wildcards, view, out),
        RedirectFormat::S3 => {
            write_s3(&redirects, wildcards, view.site, out);
            Ok(())
        }
    };
}

/// `_redirects`: the first rule that fits counts.
fn write_netlify(
    redirects: &[RedirectRule],
    wildcards: &[WildcardRedirect],
    site: &Site,
    out: &mut String,
) -> std::fmt::Result {
    for RedirectRule { from, to, .. } in redirects {
        writeln!(out, "{} {} 301", host_target(from, site), host_target(to, site))?;
    }
    for WildcardRedirect { from, to, splat } in wildcards {
        let splat = if *splat { ":splat" } else { "" };
        writeln!(out, "{}* {}{splat} 301", host_target(from, site), host_target(to, site))?;
    }
    Ok(())
}

/// Where a redirect leads, for hosts to which `$` means something.
fn host_target_without_dollar(to: &str, site: &Site) -> String {
    host_target(to, site).replace('$', "%24")
}

/// The inside of a `map $uri $target { … }`: nginx compares decoded addresses.
fn write_nginx(
    redirects: &[RedirectRule],
    wildcards: &[WildcardRedirect],
    site: &Site,
    out: &mut String,
) -> std::fmt::Result {
    let decoded_path = |path: &str| format!("{}{}", site.base_path, path.trim_start_matches('/'));
    for RedirectRule { from, to, .. } in redirects {
        writeln!(out, "\"{}\" \"{}\";", decoded_path(from), host_target_without_dollar(to, site))?;
    }
    for WildcardRedirect { from, to, splat } in wildcards {
        let (rest, splat) = if *splat { ("(?<rest>.*)$", "$rest") } else { ("", "") };
        writeln!(
            out,
            "\"~^{}{rest}\" \"{}{splat}\";",
            escape_regex(&decoded_path(from)),
            host_target_without_dollar(to, site)
        )?;
    }
    Ok(())
}

/// `.htaccess`, with mod_alias alone, which compares decoded addresses.
fn write_apache(
    redirects: &[RedirectRule],
    wildcards: &[WildcardRedirect],
    view: &SiteView<'_>,
    out: &mut String,
) -> std::fmt::Result {
    let site = view.site;
    let decoded_path = |path: &str| format!("{}{}", site.base_path, path.trim_start_matches('/'));
    for RedirectRule { from, to, .. } in redirects {
        writeln!(
            out,
            "RedirectMatch 301 \"^{}$\" \"{}\"",
            escape_regex(&decoded_path(from)),
            host_target_without_dollar(to, site)
        )?;
    }
    for url_path in tombstone_paths(view) {
        writeln!(out, "RedirectMatch 410 \"^{}$\"", escape_regex(&decoded_path(url_path)))?;
    }
    for WildcardRedirect { from, to, splat } in wildcards {
        let (rest, splat) = if *splat { ("(.*)$", "$1") } else { ("", "") };
        writeln!(
            out,
            "RedirectMatch 301 \"^{}{rest}\" \"{}{splat}\"",
            escape_regex(&decoded_path(from)),
            host_target_without_dollar(to, site)
        )?;
    }
    Ok(())
}

/// Every address of a story that was taken down.
fn tombstone_paths<'v>(view: &'v SiteView<'_>) -> impl Iterator<Item = &'v str> {
    view.catalog
        .tombstones()
        .iter()
        .flat_map(|tombstone| tombstone.permalinks.iter().map(String::as_str))
}

fn add_tombstone_inputs(view: &SiteView<'_>, inputs: &mut Inputs) {
    for url_path in tombstone_paths(view) {
        inputs.text("gone", url_path);
    }
}

/// The inside of a `map $uri $gone { … }`.
pub(super) fn write_nginx_gone(view: &SiteView<'_>, out: &mut String) {
    for url_path in tombstone_paths(view) {
        // Writing to a string can't fail.
        let _ = writeln!(out, "\"{}{}\" 1;", view.site.base_path, url_path.trim_start_matches('/'));
    }
}

/// A text as a regular expression that it alone fits.
fn escape_regex(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if matches!(
            c,
            '.' | '+' | '(' | ')' | '[' | ']' | '^' | '$' | '|' | '?' | '*' | '{' | '}' | '\\'
        ) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// S3's `RoutingRules`. A rule fits every key that begins with its own, so longer ones come first.
fn write_s3(
    redirects: &[RedirectRule],
    wildcards: &[WildcardRedirect],
    site: &Site,
    out: &mut String,
) {
    let object_key = |path: &str| host_target(path, site).trim_start_matches('/').to_owned();
    let exact = redirects.iter().map(|RedirectRule { from, to, .. }| (object_key(from), to, false));
    let prefixes =
        wildcards.iter().map(|WildcardRedirect { from, to, splat }| (object_key(from), to, *splat));
    let mut rules: Vec<(String, &String, bool)> = exact.chain(prefixes).collect();
    rules.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
    let rules = rules.into_iter().map(|(from, to, splat)| {
        let mut redirect = serde_json::Map::new();
        let mut insert =
            |object_key: &str, value: &str| redirect.insert(object_key.into(), value.into());
        insert("HttpRedirectCode", "301");
        let path = match to.split_once("://") {
            Some((protocol, rest)) => {
                let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
                insert("Protocol", protocol);
                insert("HostName", host);
                path.to_owned()
            }
            None => object_key(to),
        };
        insert(if splat { "ReplaceKeyPrefixWith" } else { "ReplaceKeyWith" }, &path);
        serde_json::json!({ "Condition": { "KeyPrefixEquals": from }, "Redirect": redirect })
    });
    let rules: Vec<serde_json::Value> = rules.collect();
    out.push_str(&serde_json::to_string_pretty(&rules).unwrap_or_default());
    out.push('\n');
}
