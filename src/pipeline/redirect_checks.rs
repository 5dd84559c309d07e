//! Checks redirects: loops, chains, redirects from existing pages, and more redirects than a host
//! supports. All pages must be known.

use std::collections::{BTreeMap, HashMap};

use super::output_paths::alias_hides_page;
use super::planned_output::{Batch, PlannedOutput};
use super::url_positions::{UrlPositions, UrlRole};
use crate::config::{CONFIG_FILE, PERMALINK_REGISTRY_FILE, RedirectFormat};
use crate::content::read;
use crate::diagnostics::Diagnostic;
use crate::model::slug::collision_key;
use crate::model::work::add_steps;
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
    let (same_urls, redirects): (Vec<RedirectRule>, Vec<RedirectRule>) =
        redirects.into_iter().partition(RedirectRule::differs_in_case_only);
    let by_from = first_by_url(&redirects);
    let targets: Vec<Option<usize>> =
        redirects.iter().map(|redirect| next_redirect(redirect, &by_from)).collect();
    let ends = chain_ends(&targets);
    let in_other_letters = |redirect| (redirect, same_url_diagnostic(redirect, view));
    let mut faults: Vec<(&RedirectRule, Diagnostic)> =
        same_urls.iter().map(in_other_letters).collect();
    for redirect in &redirects {
        // The first one takes effect, as on hosts.
        let first = &redirects[by_from[&collision_key(&redirect.from)]];
        if first.to != redirect.to && redirect.source != RedirectSource::Registry {
            faults.push((redirect, duplicate_diagnostic(redirect, first, view)));
        }
    }
    for ((redirect, target), end) in redirects.iter().zip(targets).zip(ends) {
        let Some(target) = target.map(|index| &redirects[index]) else { continue };
        let diagnostic = match end {
            Some(last) => chain_diagnostic(redirect, target, &redirects[last], view),
            None => loop_diagnostic(redirect, target, view),
        };
        faults.push((redirect, diagnostic));
    }
    add_locations(&mut faults, view);
    diagnostics.extend(faults.into_iter().map(|(_, diagnostic)| diagnostic));
    if !view.site.config.outputs.redirects.formats.contains(&RedirectFormat::Html) {
        let first_redirects = by_from.values().map(|&index| &redirects[index]);
        diagnostics.extend(find_hidden_pages(first_redirects, batches, view));
    }
    diagnostics
}

/// Returns the index of the first redirect from each URL.
fn first_by_url(redirects: &[RedirectRule]) -> HashMap<String, usize> {
    let mut by_from = HashMap::with_capacity(redirects.len());
    for (index, redirect) in redirects.iter().enumerate() {
        by_from.entry(collision_key(&redirect.from)).or_insert(index);
    }
    by_from
}

/// Returns the index of the redirect from the target of another one, if there is one.
fn next_redirect(redirect: &RedirectRule, by_from: &HashMap<String, usize>) -> Option<usize> {
    let to = redirect.to.split(['#', '?']).next().filter(|to| to.starts_with('/'))?;
    by_from.get(&collision_key(Permalink::new(to).ok()?.as_str())).copied()
}

/// Follows chains of redirects. `targets` contains, for each redirect, the index of the one from
/// its target. Returns the index of the last one of each chain; `None` if it leads into a loop.
/// Each redirect is followed once, however many chains contain it.
fn chain_ends(targets: &[Option<usize>]) -> Vec<Option<usize>> {
    let mut ends = vec![None; targets.len()];
    let mut is_followed = vec![false; targets.len()];
    let mut chain = Vec::new();
    for start in 0..targets.len() {
        let mut current = start;
        let end = loop {
            add_steps(1);
            if std::mem::replace(&mut is_followed[current], true) {
                // Those of the chain itself have no end yet: it is a loop.
                break ends[current];
            }
            chain.push(current);
            match targets[current] {
                Some(next) => current = next,
                None => break Some(current),
            }
        };
        for index in chain.drain(..) {
            ends[index] = end;
        }
    }
    ends
}

/// Returns the file that contains a redirect.
fn source_file(redirect: &RedirectRule, view: &SiteView<'_>) -> String {
    match redirect.source {
        RedirectSource::Article(row) => format!("content/{}", view.catalog.article(row).path()),
        RedirectSource::Settings => CONFIG_FILE.to_owned(),
        RedirectSource::Registry => PERMALINK_REGISTRY_FILE.to_owned(),
    }
}

/// Adds the locations of redirects to diagnostics. The files are read again only for this, each
/// once.
fn add_locations(faults: &mut [(&RedirectRule, Diagnostic)], view: &SiteView<'_>) {
    let mut by_file: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, (_, diagnostic)) in faults.iter().enumerate() {
        by_file.entry(diagnostic.file.clone()).or_default().push(index);
    }
    for (file, indices) in by_file {
        let text = match file.strip_prefix("content/") {
            Some(path) => read::read_text_or_empty(view.site, path),
            None => regular_file::read_to_string(&view.site.root.join(&file)).unwrap_or_default(),
        };
        let role = if file == CONFIG_FILE { UrlRole::Key } else { UrlRole::Word };
        let mut positions = UrlPositions::new(&text, role);
        for index in indices {
            let (redirect, diagnostic) = &mut faults[index];
            diagnostic.location = positions.find(&redirect.from);
        }
    }
}

/// Returns the warning about a redirect to the same URL in other letters.
fn same_url_diagnostic(redirect: &RedirectRule, view: &SiteView<'_>) -> Diagnostic {
    let message = format!(
        "`{}` differs from `{}` in case only: hosts that ignore case can't redirect it",
        redirect.from, redirect.to
    );
    let diagnostic = Diagnostic::warning("bad-alias", source_file(redirect, view), message);
    diagnostic.help(
        "it has no page and no rule for nginx, where the page would be redirected to itself; \
         remove it, or give the page the old URL by `slug` or `permalink`",
    )
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
    Diagnostic::error("redirect-twice", source_file(redirect, view), message)
        .help("remove one of them")
}

fn chain_diagnostic(
    redirect: &RedirectRule,
    target: &RedirectRule,
    last: &RedirectRule,
    view: &SiteView<'_>,
) -> Diagnostic {
    let message = format!(
        "`{}` is redirected to `{}`, which {} redirects to `{}`",
        redirect.from,
        redirect.to,
        source_file(target, view),
        last.to
    );
    Diagnostic::error("redirect-chain", source_file(redirect, view), message)
        .help(format!("redirect it directly: `{}`", last.to))
}

fn loop_diagnostic(
    redirect: &RedirectRule,
    target: &RedirectRule,
    view: &SiteView<'_>,
) -> Diagnostic {
    let message = format!(
        "the redirect from `{}` is part of a loop with `{}` in {}",
        redirect.from,
        target.from,
        source_file(target, view)
    );
    Diagnostic::error("redirect-loop", source_file(redirect, view), message)
        .help("redirect one of them to a page")
}

/// Finds redirects at the URL of a page if redirects have no pages of their own, whose paths would
/// collide with it.
fn find_hidden_pages<'r>(
    redirects: impl Iterator<Item = &'r RedirectRule>,
    batches: &[Batch],
    view: &SiteView<'_>,
) -> Vec<Diagnostic> {
    let by_output_path: HashMap<Fingerprint, &RedirectRule> = redirects
        .filter_map(|redirect| Permalink::new(&redirect.from).ok().map(|from| (from, redirect)))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::work::assert_linear;

    #[test]
    fn chains_end_or_are_loops() {
        let targets = [Some(1), Some(2), None, Some(4), Some(5), Some(4), Some(6), Some(0)];
        let expected = [Some(2), Some(2), Some(2), None, None, None, None, Some(2)];
        assert_eq!(chain_ends(&targets), expected);
    }

    #[test]
    fn work_is_proportional_to_the_number_of_redirects() {
        type Target = fn(usize, usize) -> Option<usize>;
        let shapes: [(&str, Target); 4] = [
            ("a chain", |index, count| (index + 1 < count).then_some(index + 1)),
            ("a chain in reverse order", |index, _| index.checked_sub(1)),
            ("a loop", |index, count| Some((index + 1) % count)),
            ("loops of one", |index, _| Some(index)),
        ];
        for (name, target) in shapes {
            assert_linear(name, |count| {
                let targets: Vec<_> = (0..count).map(|index| target(index, count)).collect();
                chain_ends(&targets);
            });
        }
    }
}
