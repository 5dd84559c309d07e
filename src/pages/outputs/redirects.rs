//! Redirects: the old URLs in the front matter of articles (`aliases`), the rules in `site.yaml`,
//! and those of the permalink registry, as pages and in the formats of hosts.

use std::fmt::Write as _;
use std::ops::Range;

use super::super::output_file::OutputFile;
use super::super::output_urls::parse_alias;
use super::super::view::SiteView;
use super::super::xml::XmlWriter;
use crate::archive::record::Flags;
use crate::archive::{Article, ArticleId};
use crate::config::{RedirectFormat, RedirectSettings, Site, WildcardRedirect};
use crate::model::slug::collision_key;
use crate::model::{Fingerprint, Fingerprinter, Inputs};
use crate::permalinks::RedirectTarget;
use crate::templates::direction;

/// A redirect of a single URL.
pub(crate) struct RedirectRule {
    /// The path below the site's root.
    pub(crate) from: String,
    /// A path below the site's root, or an absolute URL.
    pub(crate) to: String,
    /// The origin of the redirect.
    pub(crate) source: RedirectSource,
}

impl RedirectRule {
    /// Returns true if both URLs are the same for a host that ignores case.
    pub(crate) fn differs_in_case_only(&self) -> bool {
        self.from != self.to && collision_key(&self.from) == collision_key(&self.to)
    }
}

/// The origin of a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RedirectSource {
    /// The front matter of an article.
    Article(ArticleId),
    /// The settings.
    Settings,
    /// The permalink registry.
    Registry,
}

fn redirect_settings(site: &Site) -> &RedirectSettings {
    &site.config.outputs.redirects
}

/// Returns the aliases of an article that are valid paths, with their index in its list; the others
/// are reported when the file is parsed. The article's own permalink, which migrated archives also
/// list, is left out, and so are URLs that contain a redacted name: they are not found.
fn alias_paths<'v>(
    article: &Article<'v>,
    view: &'v SiteView<'_>,
) -> impl Iterator<Item = (usize, String)> + use<'v> {
    let aliases = article.flags().contains(Flags::ALIASES).then(|| article.details().aliases);
    let permalink = article.permalink();
    let indexed = aliases.into_iter().flatten().enumerate();
    indexed
        .filter_map(|(index, alias)| Some((index, parse_alias(alias)?)))
        .filter(move |(_, path)| path != permalink && !has_redacted_name(path, view))
}

/// Returns the rules of the settings for single URLs, with their indexes, without those that
/// contain a redacted name.
fn configured_redirects<'v>(
    view: &'v SiteView<'_>,
) -> impl Iterator<Item = (usize, &'v (String, String))> {
    let rules = redirect_settings(view.site).exact.iter().enumerate();
    rules.filter(|(_, (from, to))| !has_redacted_name(from, view) && !has_redacted_name(to, view))
}

/// Returns the rules of the settings with `*`, without those that contain a redacted name.
fn configured_wildcards(view: &SiteView<'_>) -> Vec<WildcardRedirect> {
    let rules = redirect_settings(view.site).wildcards.iter();
    let is_kept = |rule: &&WildcardRedirect| {
        !has_redacted_name(&rule.from, view) && !has_redacted_name(&rule.to, view)
    };
    rules.filter(is_kept).cloned().collect()
}

fn has_redacted_name(url: &str, view: &SiteView<'_>) -> bool {
    view.redacted_names.is_match(url)
}

/// Returns all redirects of single URLs: those of articles, oldest first, then those of the
/// settings, then those of the permalink registry.
pub(crate) fn all_redirects(view: &SiteView<'_>) -> Vec<RedirectRule> {
    let catalog = view.catalog;
    let of_article = |article: Article<'_>| {
        let to = article.permalink().to_owned();
        let rule = |(_, from)| RedirectRule {
            from,
            to: to.clone(),
            source: RedirectSource::Article(article.id),
        };
        alias_paths(&article, view).map(rule).collect::<Vec<_>>()
    };
    let articles = catalog
        .articles(catalog.ids_with_pages())
        .filter(|article| article.flags().contains(Flags::ALIASES));
    let configured = configured_redirects(view).map(|(_, (from, to))| RedirectRule {
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

/// Returns the URL path, the title and the language of a redirect's target.
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

/// Returns the hash of all redirects of the permalink registry, if there are any.
pub(crate) fn registry_fingerprint(view: &SiteView<'_>) -> Option<Fingerprint> {
    let mut hash = Fingerprinter::new();
    for redirect in &view.redirects {
        let (to, title, lang) = destination(view, redirect.to);
        hash.text(&redirect.from).text(&to).text(title).text(lang);
    }
    (!view.redirects.is_empty()).then(|| hash.finish())
}

/// Returns the files that belong to no year: the pages of rules, and the redirects in the formats
/// of hosts.
pub(super) fn site_wide(view: &SiteView<'_>) -> Vec<OutputFile> {
    let settings = redirect_settings(view.site);
    let has_no_redirects = configured_redirects(view).next().is_none()
        && configured_wildcards(view).is_empty()
        && view.redirects.is_empty()
        && !view
            .catalog
            .articles(view.catalog.ids_with_pages())
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
                    configured_redirects(view)
                        .map(|(index, _)| OutputFile::ConfiguredRedirect(index as u32)),
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

/// Returns the pages at the aliases of some articles.
pub(super) fn alias_files(ids: Range<ArticleId>, view: &SiteView<'_>) -> Vec<OutputFile> {
    if !redirect_settings(view.site).formats.contains(&RedirectFormat::Html) {
        return Vec::new();
    }
    let articles =
        view.catalog.articles(ids).filter(|article| article.flags().contains(Flags::ALIASES));
    let files = articles.flat_map(|article| {
        let permalink = collision_key(article.permalink());
        alias_paths(&article, view)
            // File systems that ignore case have one file for both.
            .filter(|(_, path)| collision_key(path) != permalink)
            .map(|(index, _)| OutputFile::Alias(article.id, index as u32))
            .collect::<Vec<_>>()
    });
    files.collect()
}

pub(super) fn add_inputs(file: OutputFile, view: &SiteView<'_>, inputs: &mut Inputs) {
    match file {
        OutputFile::Alias(id, index) => {
            let article = view.catalog.article(id);
            inputs.number("alias", index).text("url", article.permalink());
            inputs.text("title", article.title()).text("language", article.lang());
        }
        OutputFile::ConfiguredRedirect(_) => {}
        OutputFile::RegistryRedirect(index) => {
            let (url_path, title, lang) = destination(view, view.redirects[index as usize].to);
            inputs.text("url", &url_path).text("title", title).text("language", lang);
        }
        OutputFile::Gone => add_tombstone_inputs(view, inputs),
        _ => {
            for RedirectRule { from, to, .. } in all_redirects(view) {
                inputs.text("from", &from).text("to", &to);
            }
            for WildcardRedirect { from, to, .. } in configured_wildcards(view) {
                inputs.text("from all URLs below", &from).text("to", &to);
            }
            add_tombstone_inputs(view, inputs);
        }
    }
}

/// Writes the page at an old URL: it redirects at once, and links to the target for browsers that
/// don't follow.
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

/// Returns the target of a redirect as an absolute URL.
fn absolute_target(to: &str, site: &Site) -> String {
    if to.starts_with('/') { site.absolute_url(to) } else { to.to_owned() }
}

/// Returns the target of a redirect as hosts expect it: a path with the site's base path, or an
/// absolute URL.
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
    let wildcards = &configured_wildcards(view);
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

/// Writes `_redirects`: the first rule that matches applies.
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

/// Returns the target of a redirect for hosts where `$` has a meaning.
fn host_target_without_dollar(to: &str, site: &Site) -> String {
    host_target(to, site).replace('$', "%24")
}

/// Writes the contents of a `map $uri $target { … }` block: nginx compares decoded URLs.
fn write_nginx(
    redirects: &[RedirectRule],
    wildcards: &[WildcardRedirect],
    site: &Site,
    out: &mut String,
) -> std::fmt::Result {
    let decoded_path = |path: &str| format!("{}{}", site.base_path, path.trim_start_matches('/'));
    // A map ignores case (ngx_http_map_module), so such a rule would redirect a page to itself.
    let redirects = redirects.iter().filter(|redirect| !redirect.differs_in_case_only());
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

/// Writes `.htaccess`, using only mod_alias, which compares decoded URLs.
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

/// Returns every URL of articles that were taken down.
fn tombstone_paths<'v>(view: &'v SiteView<'_>) -> impl Iterator<Item = &'v str> {
    view.catalog
        .tombstones()
        .iter()
        .flat_map(|tombstone| tombstone.permalinks.iter().map(String::as_str))
        .filter(|url_path| !has_redacted_name(url_path, view))
}

fn add_tombstone_inputs(view: &SiteView<'_>, inputs: &mut Inputs) {
    for url_path in tombstone_paths(view) {
        inputs.text("gone", url_path);
    }
}

/// Writes the contents of a `map $uri $gone { … }` block.
pub(super) fn write_nginx_gone(view: &SiteView<'_>, out: &mut String) {
    for url_path in tombstone_paths(view) {
        // Writing to a string can't fail.
        let _ = writeln!(out, "\"{}{}\" 1;", view.site.base_path, url_path.trim_start_matches('/'));
    }
}

/// Returns a regular expression that matches only this text.
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

/// Writes S3's `RoutingRules`. A rule applies to every key that begins with its prefix, so longer
/// prefixes come first.
fn write_s3(
    redirects: &[RedirectRule],
    wildcards: &[WildcardRedirect],
    site: &Site,
    out: &mut String,
) {
    let object_key = |path: &str| host_target(path, site).trim_start_matches('/').to_owned();
    let exact = redirects
        .iter()
        .map(|RedirectRule { from, to, .. }| (object_key(from), "ReplaceKeyWith", to));
    let prefixes = wildcards.iter().map(|WildcardRedirect { from, to, splat }| {
        let key = if *splat { "ReplaceKeyPrefixWith" } else { "ReplaceKeyWith" };
        (object_key(from), key, to)
    });
    let mut rules: Vec<(String, &str, &String)> = exact.chain(prefixes).collect();
    rules.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
    let rules = rules.into_iter().map(|(from, replace_key, to)| {
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
        insert(replace_key, &path);
        serde_json::json!({ "Condition": { "KeyPrefixEquals": from }, "Redirect": redirect })
    });
    let rules: Vec<serde_json::Value> = rules.collect();
    out.push_str(&serde_json::to_string_pretty(&rules).unwrap_or_default());
    out.push('\n');
}
