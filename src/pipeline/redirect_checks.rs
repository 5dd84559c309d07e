//! Checks redirects: loops, chains, redirects from existing pages, and more redirects than a host
//! supports. All pages must be known.

use std::collections::HashMap;

use super::output_paths::alias_hides_page;
use super::planned_output::{Batch, PlannedOutput};
use crate::config::{CONFIG_FILE, PERMALINK_REGISTRY_FILE, RedirectFormat};
use crate::content::read;
use crate::diagnostics::{Diagnostic, Location};
use crate::model::slug::collision_key;
use crate::model::{Fingerprint, Permalink};
use crate::pages::{RedirectRule, RedirectSource, SiteView, all_redirects, is_redirect};
use crate::regular_file;

/// The limits of Netlify and Cloudflare Pages, and that of S3.
const NETLIFY_LIMITS: (usize, usize) = (2_000, 100);
const S3_LIMIT: usize = 50;

/// Returns the diagnostics for redirects.
pub(crate) fn check(view: &SiteView<'_>, batches: &[Batch]) -> Vec<Diagnostic> {
    let redirects = all_redirects(view);
    let mut diagnostics = check_limits(redirects.len(), view);
    if redirects.is_empty() {
        return diagnostics;
    }
    let mut by_from: HashMap<String, &RedirectRule> = HashMap::with_capacity(redirects.len());
    for redirect in &redirects {
        // The first one takes effect, as on hosts.
        let first = by_from.entry(collision_key(&redirect.from)).or_insert(redirect);
        if first.to != redirect.to && redirect.source != RedirectSource::Registry {
            diagnostics.push(duplicate_diagnostic(redirect, first, view));
        }
    }
    for redirect in &redirects {
        diagnostics.extend(
            next_redirect(redirect, &by_from)
                .map(|target| chain_diagnostic(redirect, target, &by_from, view)),
        );
    }
    if !view.site.config.outputs.redirects.formats.contains(&RedirectFormat::Html) {
        diagnostics.extend(find_hidden_pages(&by_from, batches, view));
    }
    diagnostics
}

/// Returns the redirect from the target of another one, if there is one.
fn next_redirect<'a>(
    redirect: &RedirectRule,
    redirects: &HashMap<String, &'a RedirectRule>,
) -> Option<&'a RedirectRule> {
    let to = redirect.to.split(['#', '?']).next().filter(|to| to.starts_with('/'))?;
    redirects.get(&collision_key(Permalink::new(to).ok()?.as_str())).copied()
}

/// Returns the file that contains a redirect.
fn source_file(redirect: &RedirectRule, view: &SiteView<'_>) -> String {
    match redirect.source {
        RedirectSource::Article(row) => format!("content/{}", view.catalog.article(row).path()),
        RedirectSource::Settings => CONFIG_FILE.to_owned(),
        RedirectSource::Registry => PERMALINK_REGISTRY_FILE.to_owned(),
    }
}

/// Adds the location of a redirect to a diagnostic. The file is read again only for this.
fn with_location(
    redirect: &RedirectRule,
    diagnostic: Diagnostic,
    view: &SiteView<'_>,
) -> Diagnostic {
    let text = match diagnostic.file.strip_prefix("content/") {
        Some(path) => read::read_text_or_empty(view.site, path),
        None => {
            regular_file::read_to_string(&view.site.root.join(&diagnostic.file)).unwrap_or_default()
        }
    };
    let url = redirect.from.trim_end_matches('/');
    let is_key = |offset: &usize| {
        let rest = text[offset + url.len()..].trim_start_matches(['/', '"', '\'']);
        redirect.source != RedirectSource::Settings || rest.trim_start().starts_with(':')
    };
    let offset = text.match_indices(url).map(|(offset, _)| offset).find(is_key);
    diagnostic.location(offset.map(|at| Location::from_span(&text, at, url.len())))
}

fn duplicate_diagnostic(
    redirect: &RedirectRule,
    other: &RedirectRule,
    view: &SiteView<'_>,
) -> Diagnostic {
    let message = format!(
        "`{}` is redirected to {}, but {} redirects it to {}",
        redirect.from,
        redirect.to,
        source_file(other, view),
        other.to
    );
    with_location(
        redirect,
        Diagnostic::error("redirect-twice", source_file(redirect, view), message),
        view,
    )
    .help("remove one of them")
}

fn chain_diagnostic(
    redirect: &RedirectRule,
    target: &RedirectRule,
    redirects: &HashMap<String, &RedirectRule>,
    view: &SiteView<'_>,
) -> Diagnostic {
    let (mut last, mut steps) = (target, 0);
    while let Some(next) = next_redirect(last, redirects) {
        steps += 1;
        if std::ptr::eq(next, redirect) || steps > redirects.len() {
            let message = format!(
                "the redirect from `{}` is part of a loop with `{}` in {}",
                redirect.from,
                target.from,
                source_file(target, view)
            );
            let diagnostic =
                Diagnostic::error("redirect-loop", source_file(redirect, view), message);
            return with_location(redirect, diagnostic, view)
                .help("redirect one of them to a page");
        }
        last = next;
    }
    let message = format!(
        "`{}` is redirected to `{}`, which {} redirects to `{}`",
        redirect.from,
        redirect.to,
        source_file(target, view),
        last.to
    );
    let help = format!("redirect it directly: `{}`", last.to);
    with_location(
        redirect,
        Diagnostic::error("redirect-chain", source_file(redirect, view), message),
        view,
    )
    .help(help)
}

/// Finds redirects at the URL of a page if redirects have no pages of their own, whose paths would
/// collide with it.
fn find_hidden_pages(
    redirects: &HashMap<String, &RedirectRule>,
    batches: &[Batch],
    view: &SiteView<'_>,
) -> Vec<Diagnostic> {
    let by_output_path: HashMap<Fingerprint, &RedirectRule> = redirects
        .values()
        .filter_map(|redirect| Permalink::new(&redirect.from).ok().map(|from| (from, *redirect)))
        .map(|(from, redirect)| {
            (crate::model::OutputPath::from_permalink(&from).manifest_key(), redirect)
        })
        .collect();
    let outputs = batches.iter().flat_map(|(_, outputs)| outputs);
    let pages =
        outputs.filter(|output| !matches!(output, PlannedOutput::Page(page) if is_redirect(page)));
    let hidden_pages = pages.filter_map(|output| {
        by_output_path.get(&output.path(view).manifest_key()).map(|redirect| (output, *redirect))
    });
    hidden_pages
        .map(|(output, redirect)| {
            alias_hides_page(&redirect.from, &output.owner(view), &source_file(redirect, view))
        })
        .collect()
}

fn check_limits(single_count: usize, view: &SiteView<'_>) -> Vec<Diagnostic> {
    let redirect_settings = &view.site.config.outputs.redirects;
    let wildcard_count = redirect_settings.wildcards.len();
    let limit_warning = |format| {
        let (limit_text, is_exceeded) = match format {
            RedirectFormat::Netlify => (
                "the limit of Netlify and Cloudflare Pages is 2,000 single redirects \
                 and 100 with `*`",
                single_count > NETLIFY_LIMITS.0 || wildcard_count > NETLIFY_LIMITS.1,
            ),
            RedirectFormat::S3 => {
                ("the limit of S3 is 50 routing rules", single_count + wildcard_count > S3_LIMIT)
            }
            _ => return None,
        };
        let message = format!(
            "there are {single_count} single redirects and {wildcard_count} with `*`; {limit_text}"
        );
        let help = "combine single ones into a rule with `*`, \
                    or remove this format from `redirects: {formats: …}`: \
                    the format `html` has no limit";
        is_exceeded
            .then(|| Diagnostic::warning("too-many-redirects", CONFIG_FILE, message).help(help))
    };
    redirect_settings.formats.iter().filter_map(|&format| limit_warning(format)).collect()
}
