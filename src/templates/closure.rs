//! What a template draws in: the templates that it extends, includes or has components from, and the parts of `site` that they name.
//!
//! This is read from the sources' words, not from Tera's syntax tree, and errs on the side of too much: a page may be rendered once more
//! than it had to be, never once too seldom.

use std::collections::{BTreeMap, BTreeSet};

/// What a template and all that it draws in name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closure {
    /// The templates, the first one included.
    pub templates: BTreeSet<String>,
    /// The keys of `site`; none if they use it as a whole.
    pub site: Option<BTreeSet<String>>,
    /// The keys of `page`; none if they use it as a whole.
    pub page: Option<BTreeSet<String>>,
}

impl Closure {
    /// Takes in all that another one holds.
    pub(super) fn extend(&mut self, other: Self) {
        self.templates.extend(other.templates);
        for (own, other) in [(&mut self.site, other.site), (&mut self.page, other.page)] {
            *own = own.take().zip(other).map(|(own, other)| &own | &other);
        }
    }
}

/// What one source names.
struct Uses<'a> {
    texts: Vec<&'a str>,
    components: Vec<&'a str>,
    site: Option<Vec<&'a str>>,
    page: Option<Vec<&'a str>>,
}

/// The sources of all templates, read once.
pub(super) struct Sources<'a> {
    uses: BTreeMap<&'a str, Uses<'a>>,
    defined: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Sources<'a> {
    pub(super) fn read(sources: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let (mut uses, mut defined) = (BTreeMap::new(), BTreeMap::<_, Vec<_>>::new());
        for (name, source) in sources {
            for component in definitions(source) {
                defined.entry(component).or_default().push(name);
            }
            uses.insert(name, Uses::of(source));
        }
        Self { uses, defined }
    }

    /// The closure of a template. `resolve` gives the full name of a template that another one names.
    pub(super) fn closure(&self, template: &str, resolve: impl Fn(&str) -> Option<String>) -> Closure {
        let none = Some(BTreeSet::new());
        let mut closure = Closure { templates: BTreeSet::new(), site: none.clone(), page: none };
        let mut waiting: Vec<String> = resolve(template).into_iter().collect();
        while let Some(name) = waiting.pop() {
            let Some(uses) = self.uses.get(name.as_str()) else { continue };
            if !closure.templates.insert(name) {
                continue;
            }
            waiting.extend(uses.texts.iter().filter_map(|text| resolve(text)));
            let components = uses.components.iter().filter_map(|component| self.defined.get(component));
            waiting.extend(components.flatten().map(|name| (*name).to_owned()));
            add(&mut closure.site, uses.site.as_deref());
            add(&mut closure.page, uses.page.as_deref());
        }
        closure
    }
}

fn add(keys: &mut Option<BTreeSet<String>>, used: Option<&[&str]>) {
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

fn definitions(source: &str) -> impl Iterator<Item = &str> {
    tags(source).filter_map(|tag| {
        let rest = tag.trim_start_matches('-').trim_start().strip_prefix("component")?;
        Some(name_at(rest.trim_start()))
            .filter(|name| !name.is_empty() && rest.starts_with([' ', '\t', '\n']))
    })
}

fn name_at(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.' | '-'));
    &text[..end.unwrap_or(text.len())]
}

impl<'a> Uses<'a> {
    fn of(source: &'a str) -> Self {
        let mut uses = Self {
            texts: Vec::new(),
            components: Vec::new(),
            site: keys_of("site", source),
            page: keys_of("page", source),
        };
        for tag in tags(source) {
            uses.texts.extend(tag.split(['"', '\'', '`']).skip(1).step_by(2));
            uses.components.extend(tag.split('<').skip(1).map(|rest| name_at(rest.trim_start_matches('/'))));
        }
        uses
    }
}

/// The keys of a variable that a source names; none if it uses it as a whole.
fn keys_of<'a>(variable: &str, source: &'a str) -> Option<Vec<&'a str>> {
    let part_of_a_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut keys = Vec::new();
    for tag in tags(source) {
        if tag.contains("__tera_context") {
            return None;
        }
        for (at, _) in tag.match_indices(variable) {
            let (before, after) = (&tag[..at], &tag[at + variable.len()..]);
            let whole = !before.ends_with(part_of_a_name) && !after.starts_with(part_of_a_name);
            // A component's parameter hands the whole on; what it uses is seen where it uses it.
            if !whole || before.ends_with(['@', '.']) {
                continue;
            }
            let key = after.strip_prefix("?.").or_else(|| after.strip_prefix('.'))?;
            let end = key.find(|c: char| !part_of_a_name(c)).unwrap_or(key.len());
            keys.push(Some(&key[..end]).filter(|key| !key.is_empty())?);
        }
    }
    Some(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closure(sources: &[(&str, &str)], of: &str) -> Closure {
        let names: Vec<String> = sources.iter().map(|(name, _)| (*name).to_owned()).collect();
        Sources::read(sources.iter().copied())
            .closure(of, |name| names.iter().find(|known| *known == name).cloned())
    }

    #[test]
    fn a_closure_holds_what_is_extended_included_and_called() {
        let sources = [
            ("page.html", "{% extends \"base.html\" %}{% block a %}{{ <card story /> }}{% endblock %}"),
            ("base.html", "<card>{{ site.title }}{% include 'foot.html' %}"),
            ("foot.html", "{# <other /> #}{{ site?.copyright }}"),
            ("card.html", "{% component card(@site, story: map) %}{{ <inner/> }}{% endcomponent %}"),
            ("inner.html", "{%- component inner() -%}x{%- endcomponent -%}"),
            ("other.html", "{% component other() %}{{ site }}{% endcomponent %}"),
        ];
        let found = closure(&sources, "page.html");
        let names: Vec<&str> = found.templates.iter().map(String::as_str).collect();
        assert_eq!(names, ["base.html", "card.html", "foot.html", "inner.html", "page.html"]);
        let keys: Vec<String> = found.site.expect("only parts are used").into_iter().collect();
        assert_eq!(keys, ["copyright", "title"]);
        assert_eq!(closure(&sources, "other.html").site, None);
    }
}
