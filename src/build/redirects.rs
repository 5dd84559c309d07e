//! Redirects: those that lead in circles or on to other redirects, that hide pages, or that are too many for a host. It can be told only once all
//! pages are known.

use std::collections::HashMap;

use super::claims::hides;
use super::plan::{Batch, Output};
use crate::content::read;
use crate::diagnostic::{Diagnostic, Place};
use crate::model::slug::collision_key;
use crate::model::{Fingerprint, Permalink};
use crate::pages::{Redirect, Source, View, all_redirects, is_redirect};
use crate::site::{CONFIG_FILE, REGISTER_FILE, RedirectFormat};

/// What Netlify and Cloudflare Pages take, and what S3 does.
const NETLIFY: (usize, usize) = (2_000, 100);
const S3: usize = 50;

/// What is wrong with redirects.
pub(super) fn check(view: &View<'_>, batches: &[Batch]) -> Vec<Diagnostic> {
    let all = all_redirects(view);
    let mut wrong = limits(all.len(), view);
    if all.is_empty() {
        return wrong;
    }
    let mut by_from: HashMap<String, &Redirect> = HashMap::with_capacity(all.len());
    for redirect in &all {
        // The first one counts, as it does for hosts.
        let first = by_from.entry(collision_key(&redirect.from)).or_insert(redirect);
        if first.to != redirect.to && redirect.source != Source::Register {
            wrong.push(twice(redirect, first, view));
        }
    }
    for redirect in &all {
        wrong.extend(next(redirect, &by_from).map(|on| chain(redirect, on, &by_from, view)));
    }
    if !view.site.config.machines.redirects.formats.contains(&RedirectFormat::Html) {
        wrong.extend(hidden(&by_from, batches, view));
    }
    wrong
}

/// The redirect that is where another one leads, if there is one.
fn next<'a>(redirect: &Redirect, all: &HashMap<String, &'a Redirect>) -> Option<&'a Redirect> {
    let to = redirect.to.split(['#', '?']).next().filter(|to| to.starts_with('/'))?;
    all.get(&collision_key(Permalink::new(to).ok()?.as_str())).copied()
}

/// The file that asks for a redirect.
fn file_of(redirect: &Redirect, view: &View<'_>) -> String {
    match redirect.source {
        Source::Story(row) => format!("content/{}", view.catalog.story(row).path()),
        Source::Settings => CONFIG_FILE.to_owned(),
        Source::Register => REGISTER_FILE.to_owned(),
    }
}

/// A diagnostic with the place that asks for a redirect. Only for that the file is read again.
fn placed(redirect: &Redirect, diagnostic: Diagnostic, view: &View<'_>) -> Diagnostic {
    let text = match diagnostic.file.strip_prefix("content/") {
        Some(path) => read::text(view.site, path),
        None => std::fs::read_to_string(view.site.root.join(&diagnostic.file)).unwrap_or_default(),
    };
    let written = redirect.from.trim_end_matches('/');
    let is_key = |at: &usize| {
        let rest = text[at + written.len()..].trim_start_matches(['/', '"', '\'']);
        redirect.source != Source::Settings || rest.trim_start().starts_with(':')
    };
    let at = text.match_indices(written).map(|(at, _)| at).find(is_key);
    diagnostic.at(at.map(|at| Place::at(&text, at, written.len())))
}

fn twice(redirect: &Redirect, other: &Redirect, view: &View<'_>) -> Diagnostic {
    let message = format!(
        "`{}` is to lead to {}, but {} says it leads to {}",
        redirect.from,
        redirect.to,
        file_of(other, view),
        other.to
    );
    placed(redirect, Diagnostic::error("redirect-twice", file_of(redirect, view), message), view)
        .help("take one of them out")
}

fn chain(
    redirect: &Redirect,
    on: &Redirect,
    all: &HashMap<String, &Redirect>,
    view: &View<'_>,
) -> Diagnostic {
    let (mut last, mut steps) = (on, 0);
    while let Some(next) = next(last, all) {
        steps += 1;
        if std::ptr::eq(next, redirect) || steps > all.len() {
            let message =
                format!("`{}` leads in a circle, by `{}` in {}", redirect.from, on.from, file_of(on, view));
            let diagnostic = Diagnostic::error("redirect-loop", file_of(redirect, view), message);
            return placed(redirect, diagnostic, view).help("let one of them lead to a page");
        }
        last = next;
    }
    let message = format!(
        "`{}` leads to `{}`, which {} leads on to `{}`",
        redirect.from,
        redirect.to,
        file_of(on, view),
        last.to
    );
    let help = format!("let it lead there at once: `{}`", last.to);
    placed(redirect, Diagnostic::error("redirect-chain", file_of(redirect, view), message), view).help(help)
}

/// Redirects at the address of a page, where there are no pages for them that would be seen to want its place.
fn hidden(all: &HashMap<String, &Redirect>, batches: &[Batch], view: &View<'_>) -> Vec<Diagnostic> {
    let places: HashMap<Fingerprint, &Redirect> = all
        .values()
        .filter_map(|redirect| Permalink::new(&redirect.from).ok().map(|from| (from, *redirect)))
        .map(|(from, redirect)| (crate::model::OutputPath::of(&from).key(), redirect))
        .collect();
    let outputs = batches.iter().flat_map(|(_, outputs)| outputs);
    let pages = outputs.filter(|output| !matches!(output, Output::Page(page) if is_redirect(page)));
    let found =
        pages.filter_map(|output| places.get(&output.path(view).key()).map(|redirect| (output, *redirect)));
    found
        .map(|(output, redirect)| hides(&redirect.from, &output.owner(view), &file_of(redirect, view)))
        .collect()
}

fn limits(single: usize, view: &View<'_>) -> Vec<Diagnostic> {
    let redirects = &view.site.config.machines.redirects;
    let wildcards = redirects.wildcards.len();
    let over = |format| {
        let (name, many) = match format {
            RedirectFormat::Netlify => (
                "Netlify and Cloudflare Pages take 2,000 single redirects and 100 with `*`",
                single > NETLIFY.0 || wildcards > NETLIFY.1,
            ),
            RedirectFormat::S3 => ("S3 takes 50 routing rules", single + wildcards > S3),
            _ => return None,
        };
        let message = format!("there are {single} single redirects and {wildcards} with `*`; {name}");
        let help = "fold single ones into a rule with `*`, or leave this form out of `redirects: {formats: …}`: pages of their own have no limit";
        many.then(|| Diagnostic::warning("too-many-redirects", CONFIG_FILE, message).help(help))
    };
    redirects.formats.iter().filter_map(|&format| over(format)).collect()
}
