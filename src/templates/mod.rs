//! Templates: the only place that knows Tera.

mod embedded;
mod words;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use tera::{Context, ErrorKind, Kwargs, ReportError, State, Tera, Value};
use walkdir::WalkDir;

use crate::diagnostic::{Diagnostic, Place};
use crate::model::{Fingerprint, Fingerprinter};
use crate::site::Site;

pub use embedded::{ASSETS, TEMPLATES};
pub use words::{Languages, Words, direction};

/// What a site's template calls the built-in one that it replaces.
const BUILTIN: &str = "builtin/";

/// All templates of a site, the built-in ones behind its own.
pub struct Templates {
    tera: Tera,
    sources: HashMap<String, String>,
    /// The hash of every template.
    pub fingerprint: Fingerprint,
    /// The words of the interface, by language.
    pub languages: Languages,
}

impl Templates {
    /// Loads the built-in templates and the site's own. If one of the site's can't be read, nothing that is rendered by templates is built, since
    /// any template may use any other's components: every mistake is returned.
    ///
    /// # Errors
    /// Every template that doesn't parse, extends itself, or names something that isn't there.
    pub fn load(site: &Site, globals: impl FnOnce(&Words) -> Value) -> Result<Self, Vec<Diagnostic>> {
        let mut diagnostics = Vec::new();
        let own = read_own(&site.templates, &mut diagnostics);
        let languages = Languages::load(&own, &mut diagnostics);
        let words = languages.get(&site.config.language);
        let mut tera = base(&words);
        tera.global_context().insert_value("site", globals(&words));
        let mut templates: Vec<(String, String)> = TEMPLATES
            .iter()
            .map(|(name, source)| (format!("{BUILTIN}{name}"), (*source).to_owned()))
            .collect();
        templates.extend(
            own.iter().filter(|(name, _)| !name.starts_with("i18n/")).map(|(n, s)| (n.clone(), s.clone())),
        );
        let mut hash = Fingerprinter::new();
        for (name, source) in &templates {
            hash.text(name).text(source);
        }
        for (name, source) in &own {
            hash.text(name).text(source);
        }
        if let Err(error) = tera.add_raw_templates(templates.iter().map(|(n, s)| (n.as_str(), s.as_str()))) {
            diagnostics.extend(explain(&error, &templates));
        }
        if diagnostics.is_empty() {
            Ok(Self { tera, sources: templates.into_iter().collect(), fingerprint: hash.finish(), languages })
        } else {
            Err(diagnostics)
        }
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

/// Tera with what every template may use.
fn base(words: &Words) -> Tera {
    let mut tera = Tera::new();
    let words = words.clone();
    tera.register_filter("num", move |number: i64, _: Kwargs, _: &State<'_>| words.number(number));
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
            vec![reported("template-syntax", report, source)]
        }
        ErrorKind::CircularExtend { tpl, .. } => {
            vec![
                Diagnostic::error("template-loop", file(tpl), "the template extends itself")
                    .help("break the circle of `extends`"),
            ]
        }
        ErrorKind::CircularInclude { tpl, include_chain } => {
            let chain = include_chain.join(" → ");
            vec![Diagnostic::error(
                "template-loop",
                file(tpl),
                format!("the template includes itself: {chain}"),
            )]
        }
        ErrorKind::MissingParent { current, parent } => {
            vec![Diagnostic::error(
                "template-missing",
                file(current),
                format!("it extends `{parent}`, which isn't there"),
            )]
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
    let name = parts.next().unwrap_or_default();
    let source = templates.iter().find(|(known, _)| known == name).map(|(_, source)| source);
    let place = source.zip(line).zip(column).map(|((source, line), column)| place(source, line, column, 1));
    Diagnostic::error("template-error", format!("templates/{name}"), message).at(place)
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
