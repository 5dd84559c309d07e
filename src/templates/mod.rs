//! Templates: the only module that uses Tera.

mod dependencies;
mod embedded;
mod i18n;
mod lexer;
pub(crate) mod renamed;
mod site_files;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tera::{Context, ErrorKind, Kwargs, ReportError, State, Tera, Value};

use crate::config::Site;
use crate::diagnostics::{Diagnostic, Location, nearest};
use crate::model::{Fingerprint, Fingerprinter};

use dependencies::TemplateSources;
use renamed::RenamedName;

pub(crate) use dependencies::{SHARED_PARTS_VARIABLE, TemplateDependencies};
use embedded::BUILTIN_PREFIX;
pub use embedded::TEMPLATES;
pub(crate) use embedded::{ASSETS, SEARCH_ASSETS_DIR, asset_bytes};
pub(crate) use i18n::formats::DateStyle;
pub(crate) use i18n::locale::{Locale, direction};
pub(crate) use i18n::messages::{Languages, Messages};
pub(crate) use site_files::SiteTemplates;

/// The folder of the interface text.
const I18N_PREFIX: &str = "i18n/";

/// Templates that receive the output of another one instead of including it.
const PRERENDERED_PARTS: [(&str, &str); 2] =
    [("term_year.html", "parts/teaser.html"), ("article.html", "parts/related_earlier_item.html")];

/// All templates of a site; its own take precedence over the built-in ones.
pub(crate) struct Templates {
    tera: Tera,
    sources: BTreeMap<String, String>,
    /// The dependencies of each template, by its name.
    dependencies: BTreeMap<String, TemplateDependencies>,
    /// The site's own templates that can't be loaded. Pages that depend on them aren't rendered.
    broken: BTreeSet<String>,
    /// True if a file in `templates/` can't be read. Then no page is rendered.
    is_incomplete: bool,
    /// The rules of the site's language.
    pub locale: Arc<Locale>,
    /// The interface text, by language.
    pub languages: Languages,
    /// The hash of the interface text.
    pub messages_fingerprint: Fingerprint,
    /// `site`, as templates see it.
    pub site_context: Value,
}

impl Templates {
    /// Loads the built-in templates and the site's own. Templates of the site that can't be loaded
    /// are reported and left out; pages that depend on them aren't rendered. If one can't be read,
    /// no page is.
    pub(crate) fn load(
        site: &Site,
        site_context: impl FnOnce(&Languages) -> Value,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let SiteTemplates { sources: site_sources, is_incomplete } =
            SiteTemplates::read(site, diagnostics);
        let languages = Languages::load(&site_sources, diagnostics);
        let messages = languages.get(&site.config.language);
        let mut hash = Fingerprinter::new();
        let builtin = TEMPLATES.iter().map(|(name, source)| (*name, *source));
        for (name, source) in
            builtin.chain(site_sources.iter().map(|(n, s)| (n.as_str(), s.as_str())))
        {
            if name.starts_with(I18N_PREFIX) {
                hash.text(name).text(source);
            }
        }
        let site_context = site_context(&languages);
        // A site without templates of its own needs no second names for the built-in ones; finding
        // a template by its second costs more.
        let prefix = if site_sources.keys().all(|name| name.starts_with(I18N_PREFIX)) {
            ""
        } else {
            BUILTIN_PREFIX
        };
        let mut sources: BTreeMap<String, String> = TEMPLATES
            .iter()
            .filter(|(name, _)| !name.starts_with(I18N_PREFIX))
            .map(|(name, source)| (format!("{prefix}{name}"), (*source).to_owned()))
            .collect();
        sources.extend(site_sources.into_iter().filter(|(name, _)| !name.starts_with(I18N_PREFIX)));
        let locale = Arc::new(Locale::for_language(&site.config.language));
        let renamed = report_old_names(&sources, diagnostics);
        let engine = (&messages, &locale);
        let (mut tera, mut broken) =
            load_without_broken(&sources, engine, renamed.sources, diagnostics);
        broken.extend(renamed.replaced_templates);
        tera.global_context().insert_value("site", site_context.clone());
        let dependencies = resolve_dependencies(&sources);
        report_unused_templates(&sources, &dependencies, diagnostics);
        Self {
            tera,
            sources,
            dependencies,
            broken,
            is_incomplete,
            locale,
            languages,
            messages_fingerprint: hash.finish(),
            site_context,
        }
    }

    /// Replaces the variable `site`.
    pub(crate) fn set_site_context(&mut self, site_context: Value) {
        self.tera.global_context().insert_value("site", site_context.clone());
        self.site_context = site_context;
    }

    /// Returns the dependencies of a template.
    pub(crate) fn dependencies(&self, template: &str) -> TemplateDependencies {
        self.dependencies.get(template).cloned().unwrap_or_default()
    }

    /// Returns the source of a template, by its full name.
    pub(crate) fn source(&self, name: &str) -> &str {
        self.sources.get(name).map_or("", String::as_str)
    }

    /// Returns true if a template depends on one that can't be loaded, or may depend on one that
    /// can't be read.
    pub(crate) fn is_broken(&self, template: &str) -> bool {
        self.is_incomplete
            || !self.broken.is_empty()
                && !self.dependencies(template).templates.is_disjoint(&self.broken)
    }

    /// Renders a template into a buffer.
    ///
    /// # Errors
    /// A diagnostic (`template-error`) with the position at which the template can't be rendered.
    pub(crate) fn render(
        &self,
        template: &str,
        context: &Context,
        buffer: &mut Vec<u8>,
    ) -> Result<(), Box<Diagnostic>> {
        buffer.clear();
        self.tera.render_to(template, context, buffer).map_err(|error| {
            let diagnostic = match error.kind() {
                ErrorKind::RenderingError(report) => diagnostic_at_span(
                    "template-error",
                    report,
                    self.sources.get(report.filename()),
                ),
                _ => Diagnostic::error(
                    "template-error",
                    format!("templates/{template}"),
                    error.to_string(),
                ),
            };
            let help = "`dateline help templates` lists the variables of each template; \
                 test optional values with `{% if … %}`";
            Box::new(diagnostic.help(help))
        })
    }
}

/// The site's own templates with names of version 0.1.
struct OldNames {
    /// The templates that have or contain such a name.
    sources: BTreeSet<String>,
    /// The built-in templates that would be rendered in place of those that have one.
    replaced_templates: Vec<String>,
}

/// Returns the names of version 0.1 in a template or in a file of interface text.
pub(crate) fn find_old_names(name: &str, source: &str) -> Vec<RenamedName> {
    if name.starts_with(I18N_PREFIX) {
        i18n::messages::old_keys(source)
    } else {
        renamed::find_in_template(source)
    }
}

/// Reports old names in the site's own templates.
fn report_old_names(
    sources: &BTreeMap<String, String>,
    diagnostics: &mut Vec<Diagnostic>,
) -> OldNames {
    let mut found = OldNames { sources: BTreeSet::new(), replaced_templates: Vec::new() };
    let is_own = |name: &str| {
        !name.starts_with(BUILTIN_PREFIX)
            && !TEMPLATES.iter().any(|(known, source)| {
                *known == name && sources.get(name).is_some_and(|own| own == source)
            })
    };
    for (name, source) in sources.iter().filter(|(name, _)| is_own(name)) {
        let file = format!("templates/{name}");
        let names = renamed::find_in_template(source);
        let before = diagnostics.len();
        diagnostics.extend(renamed::file_diagnostic(name));
        diagnostics.extend(renamed::name_diagnostics(&file, source, &names));
        if diagnostics.len() > before {
            found.sources.insert(name.clone());
        }
        let new_name = renamed::new_file_name(name).map(|new| format!("{BUILTIN_PREFIX}{new}"));
        found.replaced_templates.extend(new_name);
    }
    found
}

/// Reports the site's own templates that no page uses and whose names resemble a built-in one: the
/// names are probably misspelled.
fn report_unused_templates(
    sources: &BTreeMap<String, String>,
    dependencies: &BTreeMap<String, TemplateDependencies>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let is_used = |name: &String| {
        name.starts_with(BUILTIN_PREFIX)
            || TEMPLATES.iter().any(|(known, _)| known == name)
            || dependencies.values().any(|of_page| of_page.templates.contains(name))
    };
    let stem = |name: &'static str| name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let stems = || TEMPLATES.iter().map(|(known, _)| stem(known));
    for name in sources.keys().filter(|name| !is_used(name)) {
        // Old names have their own error.
        if renamed::new_file_name(name).is_some() {
            continue;
        }
        // A short name resembles too many.
        let (own_stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        let near = nearest(own_stem, stems()).filter(|_| own_stem.len() > 3);
        let Some(suggestion) = near.map(|near| format!("{near}.{extension}")) else { continue };
        let message = "no page uses this template";
        let help = format!(
            "did you mean `{suggestion}`? A template replaces the built-in one of the same name"
        );
        let file = format!("templates/{name}");
        diagnostics.push(Diagnostic::warning("unused-template", file, message).help(help));
    }
}

/// Returns the dependencies of all templates, by the names without prefix.
fn resolve_dependencies(
    sources: &BTreeMap<String, String>,
) -> BTreeMap<String, TemplateDependencies> {
    let template_sources = TemplateSources::parse(
        sources.iter().map(|(name, source)| (name.as_str(), source.as_str())),
    );
    let resolve = |name: &str| {
        let builtin = format!("{BUILTIN_PREFIX}{name}");
        [name, &builtin].into_iter().find(|name| sources.contains_key(*name)).map(str::to_owned)
    };
    let names =
        TEMPLATES.iter().map(|(name, _)| *name).filter(|name| !name.starts_with(I18N_PREFIX));
    let mut by_template: BTreeMap<String, TemplateDependencies> =
        names.map(|name| (name.to_owned(), template_sources.dependencies(name, resolve))).collect();
    for (name, part) in PRERENDERED_PARTS {
        let part = by_template.get(part).cloned().unwrap_or_default();
        if let Some(dependencies) = by_template.get_mut(name) {
            dependencies.extend(part);
        }
    }
    by_template
}

/// Loads all templates except those of the site that are broken or can't be loaded. Returns the
/// names of all that are left out.
fn load_without_broken(
    sources: &BTreeMap<String, String>,
    engine: (&Messages, &Arc<Locale>),
    mut broken: BTreeSet<String>,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Tera, BTreeSet<String>) {
    let (messages, locale) = engine;
    loop {
        let loadable = sources.iter().filter(|(name, _)| !broken.contains(*name));
        let loadable: Vec<(String, String)> =
            loadable.map(|(n, s)| (n.clone(), s.clone())).collect();
        let mut tera = new_tera(messages, locale);
        let Err(error) =
            tera.add_raw_templates(loadable.iter().map(|(n, s)| (n.as_str(), s.as_str())))
        else {
            return (tera, broken);
        };
        let broken_before = broken.len();
        for diagnostic in to_diagnostics(&error, &loadable) {
            let name = diagnostic.file.strip_prefix("templates/").unwrap_or_default().to_owned();
            // A template that only lacks one that was removed is broken too, but has nothing to
            // fix.
            if broken_before == 0 || diagnostic.code == "template-syntax" {
                diagnostics.push(diagnostic);
            }
            broken
                .extend(Some(name).filter(|name| {
                    sources.contains_key(name) && !name.starts_with(BUILTIN_PREFIX)
                }));
        }
        if broken.len() == broken_before {
            // The mistake can't be traced to one template: all of the site's own are left out.
            broken.extend(sources.keys().filter(|name| !name.starts_with(BUILTIN_PREFIX)).cloned());
            if broken.len() == broken_before {
                return (new_tera(messages, locale), broken);
            }
        }
    }
}

/// Creates a Tera instance with the filters that every template may use.
fn new_tera(messages: &Messages, locale: &Arc<Locale>) -> Tera {
    let mut tera = Tera::new();
    let messages = messages.clone();
    tera.register_filter("num", move |number: i64, _: Kwargs, _: &State<'_>| {
        messages.formats().number(number)
    });
    let locale = Arc::clone(locale);
    tera.register_filter("plural", move |number: i64, _: Kwargs, _: &State<'_>| {
        locale.plural(number.unsigned_abs())
    });
    // A fixed, non-empty list of valid prefixes can't be refused.
    let _ = tera.set_fallback_prefixes([BUILTIN_PREFIX]);
    tera
}

fn to_diagnostics(error: &tera::Error, templates: &[(String, String)]) -> Vec<Diagnostic> {
    let file = |name: &str| format!("templates/{name}");
    match error.kind() {
        ErrorKind::SyntaxError(report) => {
            let source = templates
                .iter()
                .find(|(name, _)| name == report.filename())
                .map(|(_, source)| source);
            let help = "`dateline help templates` describes the templates, \
                        https://keats.github.io/tera their language";
            vec![diagnostic_at_span("template-syntax", report, source).help(help)]
        }
        ErrorKind::CircularExtend { tpl, .. } => {
            vec![
                Diagnostic::error("template-loop", file(tpl), "the template extends itself")
                    .help("remove one `extends` of the loop"),
            ]
        }
        ErrorKind::CircularInclude { tpl, include_chain } => {
            let chain = include_chain.join(" → ");
            let message = format!("the template includes itself: {chain}");
            vec![
                Diagnostic::error("template-loop", file(tpl), message)
                    .help("remove one `include` of the loop"),
            ]
        }
        ErrorKind::MissingParent { current, parent } => {
            let message = format!("it extends `{parent}`, which doesn't exist");
            vec![
                Diagnostic::error("template-missing", file(current), message)
                    .help(suggest_template(parent)),
            ]
        }
        // Tera reports unknown names in one text that may contain several reports: "error: …\n -->
        // file:line:column".
        _ => error
            .to_string()
            .split("\n\n")
            .map(|report| diagnostic_from_report(report, templates))
            .collect(),
    }
}

fn diagnostic_from_report(report: &str, templates: &[(String, String)]) -> Diagnostic {
    let message = report.lines().next().unwrap_or(report).trim_start_matches("error: ").to_owned();
    let source_position = report.lines().find_map(|line| line.trim_start().strip_prefix("--> "));
    let mut parts = source_position.unwrap_or_default().rsplitn(3, ':');
    let column = parts.next().and_then(|n| n.parse::<usize>().ok());
    let line = parts.next().and_then(|n| n.parse::<usize>().ok());
    // Two components of one name have no position; the message names both templates.
    let named = message
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| templates.iter().any(|(known, _)| known == name));
    let name =
        parts.next().filter(|name| !name.is_empty()).or_else(|| named.last()).unwrap_or_default();
    let source = templates.iter().find(|(known, _)| known == name).map(|(_, source)| source);
    let location = source
        .zip(line)
        .zip(column)
        .map(|((source, line), column)| location_at(source, line, column, 1));
    let named = message.split('`').nth(1).unwrap_or_default();
    let (code, help) =
        match message.strip_prefix("Unknown ").and_then(|rest| rest.split(' ').next()) {
            Some("template") => ("template-missing", suggest_template(named)),
            Some("component") => {
                ("template-missing", "`dateline help templates` lists the components".to_owned())
            }
            _ => ("template-error", "`dateline help templates` lists what they may use".to_owned()),
        };
    Diagnostic::error(code, format!("templates/{name}"), message).location(location).help(help)
}

/// Returns the help for a template that doesn't exist.
fn suggest_template(name: &str) -> String {
    match nearest(name, TEMPLATES.iter().map(|(known, _)| *known)) {
        Some(suggestion) => format!(
            "did you mean `{suggestion}`? Templates are named by their path below templates/"
        ),
        None => "templates are named by their path below templates/".to_owned(),
    }
}

fn diagnostic_at_span(
    code: &'static str,
    report: &ReportError,
    source: Option<&String>,
) -> Diagnostic {
    let span = report.span();
    let width = if span.end_line == span.start_line {
        span.end_col.saturating_sub(span.start_col)
    } else {
        1
    };
    let location =
        source.map(|source| location_at(source, span.start_line, span.start_col + 1, width));
    Diagnostic::error(code, format!("templates/{}", report.filename()), report.message())
        .location(location)
}

fn location_at(source: &str, line: usize, column: usize, width: usize) -> Location {
    let start: usize =
        source.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let line_text = source[start..].lines().next().unwrap_or_default();
    let column_offset: usize =
        line_text.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum();
    Location::from_span(source, start + column_offset, width.max(1))
}
