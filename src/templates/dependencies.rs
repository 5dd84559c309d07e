//! The dependencies of templates: the templates that one extends, includes or has components from,
//! and the keys of `site` and `page` that they use.
//!
//! They are read from the tokens of the sources, because Tera's syntax tree is private. In case of
//! doubt a dependency is assumed: a page may be rendered unnecessarily, but it is never stale.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use tera::Context;

use super::lexer::{Token, TokenKind, tokenize};

/// Tera's variable that contains all others.
const CONTEXT_VARIABLE: &str = "__tera_context";
/// The variable of parts that are rendered once for several pages.
pub(crate) const SHARED_PARTS_VARIABLE: &str = "shared_parts";

/// The dependencies of a template, with those of all templates that it uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TemplateDependencies {
    /// The names of all templates, including its own.
    pub templates: BTreeSet<String>,
    /// The keys of `site` that they use; `None` if they use it as a whole.
    pub site_keys: Option<BTreeSet<String>>,
    /// The keys of `page` that they use; `None` if they use it as a whole.
    pub page_keys: Option<BTreeSet<String>>,
    /// The names that may be variables of theirs; `None` if they use all variables.
    pub variables: Option<BTreeSet<String>>,
    /// The names that they assign in a way that is seen in templates that they include.
    pub assigned: BTreeSet<String>,
}

impl TemplateDependencies {
    /// Adds the dependencies of another template.
    pub(super) fn extend(&mut self, other: Self) {
        self.templates.extend(other.templates);
        self.assigned.extend(other.assigned);
        for (names, other) in [
            (&mut self.site_keys, other.site_keys),
            (&mut self.page_keys, other.page_keys),
            (&mut self.variables, other.variables),
        ] {
            *names = names.take().zip(other).map(|(names, other)| &names | &other);
        }
    }

    /// Returns whether a template comes out the same when it is included as when it is rendered
    /// alone with some variables, given those of the template that includes it and the names that
    /// this one assigns.
    pub(crate) fn uses_only(
        &self,
        given: &[&str],
        context: &Context,
        assigned: &BTreeSet<String>,
    ) -> bool {
        let is_same = |name: &String| {
            let is_known = given.contains(&name.as_str()) || !context.contains_key(name.as_str());
            is_known && !assigned.contains(name)
        };
        self.variables.as_ref().is_some_and(|names| names.iter().all(is_same))
    }
}

/// The references in one source.
struct SourceReferences {
    /// The values of all strings, since any of them may be the name of a template.
    strings: BTreeSet<String>,
    components: BTreeSet<String>,
    site_keys: Option<BTreeSet<String>>,
    page_keys: Option<BTreeSet<String>>,
    variables: Option<BTreeSet<String>>,
    assigned: BTreeSet<String>,
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
            page_keys: none.clone(),
            variables: none,
            assigned: BTreeSet::new(),
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
            merge_keys(&mut dependencies.variables, references.variables.as_ref());
            dependencies.assigned.extend(references.assigned.iter().cloned());
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
            variables: used_variables(tokens),
            assigned: assigned_names(tokens),
        }
    }
}

/// Words of Tera's language that can't be variables.
const KEYWORDS: [&str; 24] = [
    "and",
    "block",
    "component",
    "elif",
    "else",
    "endblock",
    "endcomponent",
    "endfilter",
    "endfor",
    "endif",
    "endset",
    "extends",
    "filter",
    "for",
    "if",
    "in",
    "include",
    "is",
    "not",
    "or",
    "set",
    "set_global",
    "true",
    "false",
];

/// Returns the names that may be variables; `None` if a template uses all variables. Names of
/// functions, tests and arguments are among them: too many do no harm.
fn used_variables(tokens: &[Token<'_>]) -> Option<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for (index, token) in tokens.iter().enumerate() {
        if token.is_name(CONTEXT_VARIABLE) {
            return None;
        }
        let is_key_or_filter = index.checked_sub(1).is_some_and(|before| {
            [".", "?.", "|"].iter().any(|symbol| tokens[before].is_symbol(symbol))
        });
        if token.kind == TokenKind::Name && !is_key_or_filter && !KEYWORDS.contains(&token.text) {
            names.insert(token.text.to_owned());
        }
    }
    Some(names)
}

/// Returns the names that a template sets, and those of its loops if one may contain a shared part
/// (see `pages/shared_parts.rs`): templates that it includes see them.
fn assigned_names(tokens: &[Token<'_>]) -> BTreeSet<String> {
    let shares_parts = tokens.iter().any(|token| token.is_name(SHARED_PARTS_VARIABLE));
    let mut names = BTreeSet::new();
    for (index, token) in tokens.iter().enumerate() {
        if token.kind != TokenKind::OpenTag {
            continue;
        }
        let rest = &tokens[index + 1..];
        let Some((keyword, rest)) = rest.split_first() else { continue };
        if keyword.is_name("set") || keyword.is_name("set_global") {
            names.extend(rest.first().map(|name| name.text.to_owned()));
        } else if keyword.is_name("for") && shares_parts {
            let variables = rest.iter().take_while(|token| !token.is_name("in"));
            let variables = variables.filter(|token| token.kind == TokenKind::Name);
            names.extend(variables.map(|name| name.text.to_owned()));
            names.insert("loop".to_owned());
        }
    }
    names
}

/// Returns the keys of a variable that a template uses; `None` if it uses the variable as a whole.
fn used_keys(variable: &str, tokens: &[Token<'_>]) -> Option<BTreeSet<String>> {
    let mut keys = BTreeSet::new();
    for (index, token) in tokens.iter().enumerate() {
        if token.is_name(CONTEXT_VARIABLE) {
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

    #[test]
    fn variables_and_assigned_names_are_found() {
        let names = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>().join(" ");
        for (source, variables, assigned) in [
            ("{{ article.title | upper }}{{ page[key] }}", "article key page", ""),
            ("{% if next is defined %}{% endif %}", "defined next", ""),
            ("{% component a(@page) %}{{ page.title }}{% endcomponent %}", "a page", ""),
            ("{% set a = b %}{% set_global c %}{% endset %}", "a b c", "a c"),
            ("{% for k, v in m %}{{ k }}{% endfor %}", "k m v", ""),
            (
                "{{ shared_parts?.head }}{% for k, v in m %}{% endfor %}",
                "k m shared_parts v",
                "k loop v",
            ),
        ] {
            let dependencies = dependencies_of(&[("a.html", source)], "a.html");
            assert_eq!(names(dependencies.variables.expect("not all")), variables, "{source}");
            assert_eq!(names(dependencies.assigned), assigned, "{source}");
        }
        let all = dependencies_of(&[("a.html", "{{ __tera_context }}")], "a.html");
        assert_eq!(all.variables, None);
    }
}
