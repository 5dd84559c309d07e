//! Checks redirects: loops, chains, redirects from existing pages, and more redirects than a host
//! supports. All pages must be known.

use std::collections::HashMap;

use super::output_paths::alias_hides_page;
use super::planned_output::{Batch, PlannedOutput};
use super::redirect_positions::{RedirectPositions, UrlRole};
use crate::config::{CONFIG_FILE, PERMALINK_REGISTRY_FILE, RedirectFormat};
use crate::diagnostics::Diagnostic;
use crate::model::slug::collision_key;
use crate::model::work::add_steps;
use crate::model::{Fingerprint, Permalink};
use crate::pages::{RedirectRule, RedirectSource, SiteView, all_redirects, is_redirect};

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
    let mut positions = RedirectPositions::default();
    let mut by_from: HashMap<String, usize> = HashMap::with_capacity(redirects.len());
    for (index, redirect) in redirects.iter().enumerate() {
        // The first one takes effect, as on hosts.
        let first = *by_from.entry(collision_key(&redirect.from)).or_insert(index);
        let first = &redirects[first];
        if first.to != redirect.to && redirect.source != RedirectSource::Registry {
            let diagnostic = duplicate_diagnostic(redirect, first, view);
            diagnostics.push(with_location(redirect, diagnostic, view, &mut positions));
        }
    }
    let next: Vec<Option<usize>> =
        redirects.iter().map(|redirect| next_redirect(redirect, &by_from)).collect();
    let ends = chain_ends(&next);
    for (index, redirect) in redirects.iter().enumerate() {
        if let Some(target) = next[index] {
            let last = ends[index].map(|end| &redirects[end]);
            let diagnostic = chain_diagnostic(redirect, &redirects[target], last, view);
            diagnostics.push(with_location(redirect, diagnostic, view, &mut positions));
        }
    }
    if !view.site.config.outputs.redirects.formats.contains(&RedirectFormat::Html) {
        let effective: Vec<&RedirectRule> =
            by_from.values().map(|index| &redirects[*index]).collect();
        diagnostics.extend(find_hidden_pages(&effective, batches, view));
    }
    diagnostics
}

/// Returns the index of the redirect from the target of another one, if there is one.
fn next_redirect(redirect: &RedirectRule, by_from: &HashMap<String, usize>) -> Option<usize> {
    let to = redirect.to.split(['#', '?']).next().filter(|to| to.starts_with('/'))?;
    by_from.get(&collision_key(Permalink::new(to).ok()?.as_str())).copied()
}

/// Returns the last redirect of the chain that begins with each redirect, `None` for a chain with a
/// loop. `next` has the redirect after each one. Each redirect is followed once.
fn chain_ends(next: &[Option<usize>]) -> Vec<Option<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        Unknown,
        InChain,
        Known,
    }
    let mut states = vec![State::Unknown; next.len()];
    let mut ends = vec![None; next.len()];
    for start in 0..next.len() {
        let mut chain = Vec::new();
        let mut current = start;
        let end = loop {
            add_steps(1);
            match states[current] {
                State::Known => break ends[current],
                State::InChain => break None,
                State::Unknown => {}
            }
            states[current] = State::InChain;
            chain.push(current);
            match next[current] {
                Some(following) => current = following,
                None => break Some(current),
            }
        };
        for index in chain {
            states[index] = State::Known;
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

/// Adds the location of a redirect to a diagnostic.
fn with_location(
    redirect: &RedirectRule,
    diagnostic: Diagnostic,
    view: &SiteView<'_>,
    positions: &mut RedirectPositions,
) -> Diagnostic {
    let role = match redirect.source {
        RedirectSource::Settings => UrlRole::Key,
        _ => UrlRole::Any,
    };
    let location = positions.find(view.site, &diagnostic.file, &redirect.from, role);
    diagnostic.location(location)
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

/// Returns the diagnostic for a redirect to the URL of another one. `last` is the last one of the
/// chain, `None` if it has a loop.
fn chain_diagnostic(
    redirect: &RedirectRule,
    target: &RedirectRule,
    last: Option<&RedirectRule>,
    view: &SiteView<'_>,
) -> Diagnostic {
    let Some(last) = last else {
        let message = format!(
            "the redirect from `{}` is part of a loop with `{}` in {}",
            redirect.from,
            target.from,
            source_file(target, view)
        );
        return Diagnostic::error("redirect-loop", source_file(redirect, view), message)
            .help("redirect one of them to a page");
    };
    let message = format!(
        "`{}` is redirected to `{}`, which {} redirects to `{}`",
        redirect.from,
        redirect.to,
        source_file(target, view),
        last.to
    );
    let help = format!("redirect it directly: `{}`", last.to);
    Diagnostic::error("redirect-chain", source_file(redirect, view), message).help(help)
}

/// Finds redirects at the URL of a page if redirects have no pages of their own, whose paths would
/// collide with it.
fn find_hidden_pages(
    redirects: &[&RedirectRule],
    batches: &[Batch],
    view: &SiteView<'_>,
) -> Vec<Diagnostic> {
    let by_output_path: HashMap<Fingerprint, &RedirectRule> = redirects
        .iter()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::work::assert_linear;

    #[test]
    fn chains_end_or_have_a_loop() {
        // 0 → 1 → 2; 3 → 4 → 5 → 4; 6 → 6.
        let next = [Some(1), Some(2), None, Some(4), Some(5), Some(4), Some(6)];
        assert_eq!(chain_ends(&next), [Some(2), Some(2), Some(2), None, None, None, None]);
    }

    #[test]
    fn each_redirect_is_followed_once() {
        assert_linear("one chain", |count| {
            let next: Vec<Option<usize>> =
                (0..count).map(|index| Some(index + 1).filter(|next| *next < count)).collect();
            assert!(chain_ends(&next).iter().all(|end| *end == Some(count - 1)));
        });
        assert_linear("one loop", |count| {
            let next: Vec<Option<usize>> =
                (0..count).map(|index| Some((index + 1) % count)).collect();
            assert!(chain_ends(&next).iter().all(Option::is_none));
        });
    }
}
