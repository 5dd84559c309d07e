//! The dependencies of templates: the templates that one extends, includes or has components from,
//! and the keys of `site` and `page` that they use.
//!
//! They are read from the tokens of the sources, because Tera's syntax tree is private, and err on
//! the side of too many: a page may be rendered once more than necessary, never once too seldom.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::lexer::{Token, TokenKind, tokenize};

/// The dependencies of a template, with those of all templates that it uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TemplateDependencies {
    /// The names of all templates, including its own.
    pub templates: BTreeSet<String>,
    /// The keys of `site` that they use; `None` if they use it as a whole.
    pub site_keys: Option<BTreeSet<String>>,
    /// The keys of `page` that they use; `None` if they use it as a whole.
    pub page_keys: Option<BTreeSet<String>>,
}

impl TemplateDependencies {
    /// Adds the dependencies of another template.
    pub(super) fn extend(&mut self, other: Self) {
        self.templates.extend(other.templates);
        for (keys, other) in
            [(&mut self.site_keys, other.site_keys), (&mut self.page_keys, other.page_keys)]
        {
            *keys = keys.take().zip(other).map(|(keys, other)| &keys | &other);
        }
    }
}

/// The references in one source.
struct SourceReferences {
    /// The values of all strings, since any of them may be the name of a template.
    strings: BTreeSet<String>,
    components: BTreeSet<String>,
    site_keys: Option<BTreeSet<String>>,
    page_keys: Option<BTreeSet<String>>,
}

/// The references of all templates of a site.
pub(super) struct TemplateSources<'a> {
    references: BTreeMap<&'a str, SourceReferences>,
    /// The templates that define a component, by its name.
    component_definitions: BTreeMap<String, Vec<&'a str>>,
}

impl<'a> TemplateSources<'a> {
    /// Parses sources, given by name.
    pub(super) fn parse(sources: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut parsed =
            Self { references: BTreeMap::new(), component_definitions: BTreeMap::new() };
        for (name, source) in sources {
            let tokens = tokenize(source);
            for component in defined_components(&tokens) {
                parsed.component_definitions.entry(component).or_default().push(name);
            }
            parsed.references.insert(name, SourceReferences::from_tokens(&tokens));
        }
        parsed
    }

    /// Returns the dependencies of a template. `resolve` gives the full name of a template that
    /// another one refers to.
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
            pending.extend(references.strings.iter().filter_map(|text| resolve(text)));
            let components = references
                .components
                .iter()
                .filter_map(|component| self.component_definitions.get(component));
            pending.extend(components.flatten().map(|name| (*name).to_owned()));
            merge_keys(&mut dependencies.site_keys, references.site_keys.as_ref());
            merge_keys(&mut dependencies.page_keys, references.page_keys.as_ref());
        }
        dependencies
    }
}

fn merge_keys(keys: &mut Option<BTreeSet<String>>, used: Option<&BTreeSet<String>>) {
    match (keys.as_mut(), used) {
        (Some(keys), Some(used)) => keys.extend(used.iter().cloned()),
        _ => *keys = None,
    }
}

/// Returns the names of the components that a template defines.
fn defined_components(tokens: &[Token<'_>]) -> impl Iterator<Item = String> {
    tokens.windows(2).enumerate().filter_map(|(index, pair)| {
        let is_definition = pair[0].kind == TokenKind::OpenTag && pair[1].is_name("component");
        is_definition.then(|| dotted_name(&tokens[index + 2..]))
    })
}

/// Returns the name of a component, which may consist of several names with dots between them.
fn dotted_name(tokens: &[Token<'_>]) -> String {
    let is_part = |(index, token): &(usize, &Token<'_>)| match index % 2 {
        0 => token.kind == TokenKind::Name,
        _ => token.is_symbol("."),
    };
    tokens.iter().enumerate().take_while(is_part).map(|(_, token)| token.text).collect()
}

impl SourceReferences {
    fn from_tokens(tokens: &[Token<'_>]) -> Self {
        let called = |(index, token): (usize, &Token<'_>)| {
            token.is_symbol("<").then(|| dotted_name(&tokens[index + 1..]))
        };
        Self {
            strings: tokens.iter().filter_map(Token::string_value).map(Cow::into_owned).collect(),
            components: tokens.iter().enumerate().filter_map(called).collect(),
            site_keys: used_keys("site", tokens),
            page_keys: used_keys("page", tokens),
        }
    }
}

/// Returns the keys of a variable that a template uses; `None` if it uses the variable as a whole.
fn used_keys(variable: &str, tokens: &[Token<'_>]) -> Option<BTreeSet<String>> {
    let mut keys = BTreeSet::new();
    for (index, token) in tokens.iter().enumerate() {
        if token.is_name("__tera_context") {
            return None;
        }
        let before = index.checked_sub(1).map(|before| &tokens[before]);
        let follows = |symbols: &[&str]| {
            before.is_some_and(|before| symbols.iter().any(|symbol| before.is_symbol(symbol)))
        };
        // A component with the parameter `@site` uses only the keys in its body.
        if token.is_name(variable) && !follows(&[".", "?.", "@"]) {
            keys.insert(first_key(&tokens[index + 1..])?);
        }
    }
    Some(keys)
}

/// Returns the key that tokens after a variable access: `.key`, `?.key` or `["key"]`.
fn first_key(tokens: &[Token<'_>]) -> Option<String> {
    let [operator, key, ..] = tokens else { return None };
    if operator.is_symbol(".") || operator.is_symbol("?.") {
        return Some(key.text.to_owned()).filter(|_| key.kind == TokenKind::Name);
    }
    let is_subscript = operator.is_symbol("[") || operator.is_symbol("?[");
    let is_complete = tokens.get(2).is_some_and(|token| token.is_symbol("]"));
    key.string_value().filter(|_| is_subscript && is_complete).map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dependencies_of(sources: &[(&str, &str)], template: &str) -> TemplateDependencies {
        let names: Vec<String> = sources.iter().map(|(name, _)| (*name).to_owned()).collect();
        TemplateSources::parse(sources.iter().copied())
            .dependencies(template, |name| names.iter().find(|known| *known == name).cloned())
    }

    /// The keys of `site` that a source uses, separated by spaces; `all` if it uses `site` itself.
    fn site_keys(source: &str) -> String {
        let keys = dependencies_of(&[("a.html", source)], "a.html").site_keys;
        let join = |keys: BTreeSet<String>| keys.into_iter().collect::<Vec<_>>().join(" ");
        keys.map_or_else(|| "all".into(), join)
    }

    #[test]
    fn keys_are_found_as_tera_reads_them() {
        for (source, keys) in [
            (r#"{{ "}} " ~ site.extra.motto }}"#, "extra"),
            (r"{{ '\'}}' ~ site.a }}{{ `}}` ~ site.b }}", "a b"),
            (r#"{% if "%}" == site.a %}{{ site.b }}{% endif %}"#, "a b"),
            (r##"{{ "{#" }}{{ site.a }}{{ "#}" }}"##, "a"),
            ("{# it's {{ site.a }} #}{{ site.b }}", "b"),
            ("{#- {% -#}{{ site.a }}", "a"),
            ("{% raw %}{{ site.a }}{% endraw %}{{ site.b }}", "b"),
            ("{%- raw -%}{{ \" {%- endraw -%}{{ site.a }}{{ \"\" }}", "a"),
            ("{{ site . a }}{{ site?.b }}{{ site[\"c\"] }}{{ site?['d'] }}", "a b c d"),
            ("{{ page.site }}{{ \"site\" }}{{ website }}{{ page ?. site }}", ""),
            ("{{ site[key] }}", "all"),
            ("{{ <card {...site} /> }}", "all"),
            ("{{ <card site /> }}", "all"),
            ("{% set s = site %}{{ s.a }}", "all"),
            ("{{ {...site}.a }}", "all"),
            ("{{ __tera_context }}", "all"),
            ("{{ \"__tera_context\" }}{{ site.a", "a"),
        ] {
            assert_eq!(site_keys(source), keys, "{source}");
        }
    }

    #[test]
    fn templates_and_components_are_found_as_tera_reads_them() {
        let sources = [
            ("a.html", "{{ \"}}\" ~ <ui.card title={\"/>\"} /> }}{% include `b.html` %}"),
            ("b.html", "{% include 'par\\/ts.html' %}{% <box> %}{% </box> %}"),
            ("par/ts.html", ""),
            ("card.html", "{%- component ui.card(title) -%}{%- endcomponent ui.card -%}"),
            ("box.html", "{% component box() %}{% endcomponent %}"),
            ("not.html", "{% raw %}{% component box() %}{% endcomponent %}{% endraw %}"),
        ];
        let templates = dependencies_of(&sources, "a.html").templates;
        let names: Vec<&str> = templates.iter().map(String::as_str).collect();
        assert_eq!(names, ["a.html", "b.html", "box.html", "card.html", "par/ts.html"]);
    }

    #[test]
    fn dependencies_include_those_of_used_templates() {
        let sources = [
            (
                "page.html",
                "{% extends \"base.html\" %}{% block a %}{{ <card article /> }}{% endblock %}",
            ),
            ("base.html", "<card>{{ site.title }}{% include 'foot.html' %}"),
            ("foot.html", "{# <other /> #}{{ site?.copyright }}"),
            (
                "card.html",
                "{% component card(@site, article: map) %}{{ <inner/> }}{% endcomponent %}",
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
