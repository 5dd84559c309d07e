//! Templates: the only place that knows Tera.

mod closure;
mod embedded;
mod formats;
mod locale;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use tera::{Context, ErrorKind, Kwargs, ReportError, State, Tera, Value};
use walkdir::WalkDir;

use crate::diagnostic::{Diagnostic, Place, nearest};
use crate::model::{Fingerprint, Fingerprinter};
use crate::site::Site;

use closure::Sources;

pub use closure::Closure;
pub use embedded::{ASSETS, SEARCH, TEMPLATES, asset};
pub use formats::{Form, Formats};
pub use locale::Locale;
pub use words::{Languages, Words, direction};

/// What a site's template calls the built-in one that it replaces.
const BUILTIN: &str = "builtin/";
/// Where the words of the interface are kept.
const WORDS: &str = "i18n/";

/// Templates that are handed another one's output instead of including it.
const HANDED: [(&str, &str); 2] =
    [("term_year.html", "parts/teaser.html"), ("article.html", "parts/earlier.html")];

/// All templates of a site, the built-in ones behind its own.
pub struct Templates {
    tera: Tera,
    sources: BTreeMap<String, String>,
    /// What each template that pages are rendered from draws in.
    closures: BTreeMap<String, Closure>,
    /// The site's own templates that can't be read: what draws them in isn't rendered.
    broken: BTreeSet<String>,
    /// The rules of the site's language.
    pub locale: Arc<Locale>,
    /// The words of the interface, by language.
    pub languages: Languages,
    /// The hash of those words.
    pub words: Fingerprint,
    /// `site`, as templates see it.
    pub globals: Value,
}

impl Templates {
    /// Loads the built-in templates and the site's own. One of the site's that can't be read is told and left out; pages that draw it in
    /// are not rendered.
    pub fn load(
        site: &Site,
        globals: impl FnOnce(&Languages) -> Value,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let own = read_own(&site.templates, diagnostics);
        let languages = Languages::load(&own, diagnostics);
        let words = languages.get(&site.config.language);
        let mut hash = Fingerprinter::new();
        let builtin = TEMPLATES.iter().map(|(name, source)| (*name, *source));
        for (name, source) in builtin.chain(own.iter().map(|(n, s)| (n.as_str(), s.as_str()))) {
            if name.starts_with(WORDS) {
                hash.text(name).text(source);
            }
        }
        let globals = globals(&languages);
        // A site without templates of its own needs no second names for the built-in ones; finding a template by its second costs more.
        let prefix = if own.keys().all(|name| name.starts_with(WORDS)) { "" } else { BUILTIN };
        let mut sources: BTreeMap<String, String> = TEMPLATES
            .iter()
            .filter(|(name, _)| !name.starts_with(WORDS))
            .map(|(name, source)| (format!("{prefix}{name}"), (*source).to_owned()))
            .collect();
        sources.extend(own.into_iter().filter(|(name, _)| !name.starts_with(WORDS)));
        let locale = Arc::new(Locale::of(&site.config.language));
        let (mut tera, broken) = load_without_broken(&sources, &words, &locale, diagnostics);
        tera.global_context().insert_value("site", globals.clone());
        let closures = closures(&sources);
        Self { tera, sources, closures, broken, locale, languages, words: hash.finish(), globals }
    }

    /// Gives templates another `site`.
    pub fn set_globals(&mut self, globals: Value) {
        self.tera.global_context().insert_value("site", globals.clone());
        self.globals = globals;
    }

    /// What a template draws in.
    pub fn closure(&self, template: &str) -> Closure {
        self.closures.get(template).cloned().unwrap_or_default()
    }

    /// The source of a template by its full name.
    pub fn source(&self, name: &str) -> &str {
        self.sources.get(name).map_or("", String::as_str)
    }

    /// Whether a template draws in one that can't be read.
    pub fn is_broken(&self, template: &str) -> bool {
        !self.broken.is_empty() && !self.closure(template).templates.is_disjoint(&self.broken)
    }

    /// Renders a template into a buffer.
    ///
    /// # Errors
    /// Where in which template it went wrong.
    pub fn render(
        &self,
        template: &str,
        context: &Context,
        buffer: &mut Vec<u8>,
    ) -> Result<(), Box<Diagnostic>> {
        buffer.clear();
        self.tera.render_to(template, context, buffer).map_err(|error| {
            let diagnostic = match error.kind() {
                ErrorKind::RenderingError(report) => {
                    reported("template-error", report, self.sources.get(report.filename()))
                }
                _ => Diagnostic::error("template-error", format!("templates/{template}"), error.to_string()),
            };
            let help =
                "docs/templates.md lists what each template is given; test optional values with `{% if … %}`";
            Box::new(diagnostic.help(help))
        })
    }
}

/// The closures of all templates, by the name that pages ask for them by.
fn closures(sources: &BTreeMap<String, String>) -> BTreeMap<String, Closure> {
    let read = Sources::read(sources.iter().map(|(name, source)| (name.as_str(), source.as_str())));
    let resolve = |name: &str| {
        let builtin = format!("{BUILTIN}{name}");
        [name, &builtin].into_iter().find(|name| sources.contains_key(*name)).map(str::to_owned)
    };
    let names = TEMPLATES.iter().map(|(name, _)| *name).filter(|name| !name.starts_with(WORDS));
    let mut closures: BTreeMap<String, Closure> =
        names.map(|name| (name.to_owned(), read.closure(name, resolve))).collect();
    for (name, part) in HANDED {
        let part = closures.get(part).cloned().unwrap_or_default();
        if let Some(closure) = closures.get_mut(name) {
            closure.extend(part);
        }
    }
    closures
}

/// Loads what can be loaded: a template of the site's own that can't be is taken out, until the rest stands.
fn load_without_broken(
    sources: &BTreeMap<String, String>,
    words: &Words,
    locale: &Arc<Locale>,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Tera, BTreeSet<String>) {
    let mut broken = BTreeSet::new();
    loop {
        let whole = sources.iter().filter(|(name, _)| !broken.contains(*name));
        let whole: Vec<(String, String)> = whole.map(|(n, s)| (n.clone(), s.clone())).collect();
        let mut tera = base(words, locale);
        let Err(error) = tera.add_raw_templates(whole.iter().map(|(n, s)| (n.as_str(), s.as_str()))) else {
            return (tera, broken);
        };
        let before = broken.len();
        for diagnostic in explain(&error, &whole) {
            let name = diagnostic.file.strip_prefix("templates/").unwrap_or_default().to_owned();
            // What lacks a template only because that one was taken out is broken too, but has nothing to mend.
            if before == 0 || diagnostic.code == "template-syntax" {
                diagnostics.push(diagnostic);
            }
            broken.extend(Some(name).filter(|name| sources.contains_key(name) && !name.starts_with(BUILTIN)));
        }
        if broken.len() == before {
            // The mistake can't be traced to one template: all of the site's own are left out.
            broken.extend(sources.keys().filter(|name| !name.starts_with(BUILTIN)).cloned());
            if broken.len() == before {
                return (base(words, locale), broken);
            }
        }
    }
}

/// Tera with what every template may use.
fn base(words: &Words, locale: &Arc<Locale>) -> Tera {
    let mut tera = Tera::new();
    let words = words.clone();
    tera.register_filter("num", move |number: i64, _: Kwargs, _: &State<'_>| words.formats().number(number));
    let locale = Arc::clone(locale);
    tera.register_filter("plural", move |number: i64, _: Kwargs, _: &State<'_>| {
        locale.plural(number.unsigned_abs())
    });
    // A fixed, non-empty list of valid prefixes can't be refused.
    let _ = tera.set_fallback_prefixes([BUILTIN]);
    tera
}

/// The site's own templates by name, in order.
fn read_own(folder: &Path, diagnostics: &mut Vec<Diagnostic>) -> BTreeMap<String, String> {
    let mut own = BTreeMap::new();
    for entry in WalkDir::new(folder).follow_links(false).into_iter().filter_map(Result::ok) {
        let Ok(path) = entry.path().strip_prefix(folder) else { continue };
        let name = path.to_string_lossy().replace('\\', "/");
        let known = [".html", ".xml", ".txt", ".yaml"].iter().any(|extension| name.ends_with(extension));
        if !entry.file_type().is_file() || !known || name.starts_with(BUILTIN) {
            continue;
        }
        match std::fs::read_to_string(entry.path()) {
            Ok(source) => drop(own.insert(name, source)),
            Err(error) => {
                diagnostics.push(Diagnostic::error(
                    "unreadable",
                    format!("templates/{name}"),
                    format!("can't read it: {error}"),
                ));
            }
        }
    }
    // A template that is the built-in one to the letter overrides nothing.
    own.retain(|name, source| !TEMPLATES.iter().any(|(builtin, same)| builtin == name && same == source));
    own
}

fn explain(error: &tera::Error, templates: &[(String, String)]) -> Vec<Diagnostic> {
    let file = |name: &str| format!("templates/{name}");
    match error.kind() {
        ErrorKind::SyntaxError(report) => {
            let source =
                templates.iter().find(|(name, _)| name == report.filename()).map(|(_, source)| source);
            let help = "docs/templates.md shows the parts of a template; https://keats.github.io/tera has its language";
            vec![reported("template-syntax", report, source).help(help)]
        }
        ErrorKind::CircularExtend { tpl, .. } => {
            vec![
                Diagnostic::error("template-loop", file(tpl), "the template extends itself")
                    .help("break the circle of `extends`"),
            ]
        }
        ErrorKind::CircularInclude { tpl, include_chain } => {
            let chain = include_chain.join(" → ");
            let message = format!("the template includes itself: {chain}");
            vec![Diagnostic::error("template-loop", file(tpl), message).help("break the circle of `include`")]
        }
        ErrorKind::MissingParent { current, parent } => {
            let message = format!("it extends `{parent}`, which isn't there");
            vec![Diagnostic::error("template-missing", file(current), message).help(near_template(parent))]
        }
        // Names that nothing stands for come as reports, several in one text: "error: …\n --> file:line:column".
        _ => error.to_string().split("\n\n").map(|report| from_report(report, templates)).collect(),
    }
}

fn from_report(report: &str, templates: &[(String, String)]) -> Diagnostic {
    let message = report.lines().next().unwrap_or(report).trim_start_matches("error: ").to_owned();
    let locus = report.lines().find_map(|line| line.trim_start().strip_prefix("--> "));
    let mut parts = locus.unwrap_or_default().rsplitn(3, ':');
    let column = parts.next().and_then(|n| n.parse::<usize>().ok());
    let line = parts.next().and_then(|n| n.parse::<usize>().ok());
    // Two components of one name have no place of their own; the message names both templates.
    let named =
        message.split('`').skip(1).step_by(2).filter(|name| templates.iter().any(|(own, _)| own == name));
    let name = parts.next().filter(|name| !name.is_empty()).or_else(|| named.last()).unwrap_or_default();
    let source = templates.iter().find(|(known, _)| known == name).map(|(_, source)| source);
    let place = source.zip(line).zip(column).map(|((source, line), column)| place(source, line, column, 1));
    let named = message.split('`').nth(1).unwrap_or_default();
    let (code, help) = match message.strip_prefix("Unknown ").and_then(|rest| rest.split(' ').next()) {
        Some("template") => ("template-missing", near_template(named)),
        Some("component") => ("template-missing", "docs/templates.md lists the components".to_owned()),
        _ => ("template-error", "docs/templates.md lists what templates may use".to_owned()),
    };
    Diagnostic::error(code, format!("templates/{name}"), message).at(place).help(help)
}

/// What to do about a template that isn't there.
fn near_template(name: &str) -> String {
    match nearest(name, TEMPLATES.iter().map(|(known, _)| *known)) {
        Some(near) => format!("did you mean `{near}`? Templates are named by their path below templates/"),
        None => "templates are named by their path below templates/".to_owned(),
    }
}

fn reported(code: &'static str, report: &ReportError, source: Option<&String>) -> Diagnostic {
    let span = report.span();
    let width =
        if span.end_line == span.start_line { span.end_col.saturating_sub(span.start_col) } else { 1 };
    let place = source.map(|source| place(source, span.start_line, span.start_col + 1, width));
    Diagnostic::error(code, format!("templates/{}", report.filename()), report.message()).at(place)
}

fn place(source: &str, line: usize, column: usize, width: usize) -> Place {
    let start: usize = source.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let text = source[start..].lines().next().unwrap_or_default();
    let before: usize = text.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum();
    Place::at(source, start + before, width.max(1))
}
