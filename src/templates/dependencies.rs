//! What a template draws in: the templates that it extends, includes or has components from, and
//! the parts of `site` that they name.
//!
//! This is read from the sources' words, not from Tera's syntax tree, and errs on the side of too
//! much: a page may be rendered once more than it had to be, never once too seldom.

use std::collections::{BTreeMap, BTreeSet};

/// What a template and all that it draws in name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TemplateDependencies {
    /// The templates, the first one included.
    pub templates: BTreeSet<String>,
    /// The keys of `site`; none if they use it as a whole.
    pub site_keys: Option<BTreeSet<String>>,
    /// The keys of `page`; none if they use it as a whole.
    pub page_keys: Option<BTreeSet<String>>,
}

impl TemplateDependencies {
    /// Takes in all that another one holds.
    pub(super) fn extend(&mut self, other: Self) {
        self.templates.extend(other.templates);
        for (keys, other) in
            [(&mut self.site_keys, other.site_keys), (&mut self.page_keys, other.page_keys)]
        {
            *keys = keys.take().zip(other).map(|(keys, other)| &keys | &other);
        }
    }
}

/// What one source names.
struct SourceReferences<'a> {
    string_literals: Vec<&'a str>,
    components: Vec<&'a str>,
    site_keys: Option<Vec<&'a str>>,
    page_keys: Option<Vec<&'a str>>,
}

/// The sources of all templates, read once.
pub(super) struct TemplateSources<'a> {
    references: BTreeMap<&'a str, SourceReferences<'a>>,
    component_definitions: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> TemplateSources<'a> {
    pub(super) fn read(sources: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let (mut references, mut component_definitions) =
            (BTreeMap::new(), BTreeMap::<_, Vec<_>>::new());
        for (name, source) in sources {
            for component in defined_components(source) {
                component_definitions.entry(component).or_default().push(name);
            }
            references.insert(name, SourceReferences::parse(source));
        }
        Self { references, component_definitions }
    }

    /// The closure of a template. `resolve` gives the full name of a template that another one
    /// names.
    pub(super) fn dependencies(
        &self,
        template: &str,
        resolve: impl Fn(&str) -> Option<String>,
    ) -> TemplateDependencies {
        let none = Some(BTreeSet::new());
        let mut dependencies = TemplateDependencies {
            templates: BTreeSet::new(),
            site_keys: none.clone(),
            page_keys: none,
        };
        let mut pending: Vec<String> = resolve(template).into_iter().collect();
        while let Some(name) = pending.pop() {
            let Some(references) = self.references.get(name.as_str()) else { continue };
            if !dependencies.templates.insert(name) {
                continue;
            }
            pending.extend(references.string_literals.iter().filter_map(|text| resolve(text)));
            let components = references
                .components
                .iter()
                .filter_map(|component| self.component_definitions.get(component));
            pending.extend(components.flatten().map(|name| (*name).to_owned()));
            merge_keys(&mut dependencies.site_keys, references.site_keys.as_deref());
            merge_keys(&mut dependencies.page_keys, references.page_keys.as_deref());
        }
        dependencies
    }
}

fn merge_keys(keys: &mut Option<BTreeSet<String>>, used: Option<&[&str]>) {
    match (keys.as_mut(), used) {
        (Some(keys), Some(used)) => keys.extend(used.iter().map(|key| (*key).to_owned())),
        _ => *keys = None,
    }
}

/// What stands between `{{ }}` and `{% %}`.
fn tags(source: &str) -> impl Iterator<Item = &str> {
    let mut rest = source;
    std::iter::from_fn(move || {
        loop {
            let open = rest.find('{')?;
            let after = &rest[open + 1..];
            let close = match after.as_bytes().first()? {
                b'{' => "}}",
                b'%' => "%}",
                b'#' => "#}",
                _ => {
                    rest = after;
                    continue;
                }
            };
            let inner = &after[1..];
            let end = inner.find(close).unwrap_or(inner.len());
            rest = inner.get(end + 2..).unwrap_or_default();
            if close != "#}" {
                return Some(&inner[..end]);
            }
        }
    })
}

fn defined_components(source: &str) -> impl Iterator<Item = &str> {
    tags(source).filter_map(|tag| {
        let rest = tag.trim_start_matches('-').trim_start().strip_prefix("component")?;
        Some(leading_name(rest.trim_start()))
            .filter(|name| !name.is_empty() && rest.starts_with([' ', '\t', '\n']))
    })
}

fn leading_name(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.' | '-'));
    &text[..end.unwrap_or(text.len())]
}

impl<'a> SourceReferences<'a> {
    fn parse(source: &'a str) -> Self {
        let mut references = Self {
            string_literals: Vec::new(),
            components: Vec::new(),
            site_keys: variable_keys("site", source),
            page_keys: variable_keys("page", source),
        };
        for tag in tags(source) {
            references.string_literals.extend(tag.split(['"', '\'', '`']).skip(1).step_by(2));
            references.components.extend(
                tag.split('<').skip(1).map(|rest| leading_name(rest.trim_start_matches('/'))),
            );
        }
        references
    }
}

/// The keys of a variable that a source names; none if it uses it as a whole.
fn variable_keys<'a>(variable: &str, source: &'a str) -> Option<Vec<&'a str>> {
    let is_name_char = |c: char| c.is_alphanumeric() || c == '_';
    let mut keys = Vec::new();
    for tag in tags(source) {
        if tag.contains("__tera_context") {
            return None;
        }
        for (index, _) in tag.match_indices(variable) {
            let (before, after) = (&tag[..index], &tag[index + variable.len()..]);
            let is_whole_name = !before.ends_with(is_name_char) && !after.starts_with(is_name_char);
            // A component's parameter hands the whole on; what it uses is seen where it uses it.
            if !is_whole_name || before.ends_with(['@', '.']) {
                continue;
            }
            let key = after.strip_prefix("?.").or_else(|| after.strip_prefix('.'))?;
            let end = key.find(|c: char| !is_name_char(c)).unwrap_or(key.len());
            keys.push(Some(&key[..end]).filter(|key| !key.is_empty())?);
        }
    }
    Some(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dependencies_of(sources: &[(&str, &str)], template: &str) -> TemplateDependencies {
        let names: Vec<String> = sources.iter().map(|(name, _)| (*name).to_owned()).collect();
        TemplateSources::read(sources.iter().copied())
            .dependencies(template, |name| names.iter().find(|known| *known == name).cloned())
    }

    #[test]
    fn a_closure_holds_what_is_extended_included_and_called() {
        let sources = [
            (
                "page.html",
                "{% extends \"base.html\" %}{% block a %}{{ <card story /> }}{% endblock %}",
            ),
            ("base.html", "<card>{{ site.title }}{% include 'foot.html' %}"),
            ("foot.html", "{# <other /> #}{{ site?.copyright }}"),
            (
                "card.html",
                "{% component card(@site, story: map) %}{{ <inner/> }}{% endcomponent %}",
            ),
            ("inner.html", "{%- component inner() -%}x{%- endcomponent -%}"),
            ("other.html", "{% component other() %}{{ site }}{% endcomponent %}"),
        ];
        let dependencies = dependencies_of(&sources, "page.html");
        let names: Vec<&str> = dependencies.templates.iter().map(String::as_str).collect();
        assert_eq!(names, ["base.html", "card.html", "foot.html", "inner.html", "page.html"]);
        let keys: Vec<String> =
            dependencies.site_keys.expect("only parts are used").into_iter().collect();
        assert_eq!(keys, ["copyright", "title"]);
        assert_eq!(dependencies_of(&sources, "other.html").site_keys, None);
    }
}
