//! Old names in a template.

use std::ops::Range;

use super::names::{COMPONENTS, FILES, MESSAGE_KEYS, NameKind, PLURAL_PREFIX, RenamedName, lookup};
use super::roles::{Role, assign_roles};
use super::shapes::{Expressions, Shape};
use crate::templates::lexer::{Token, TokenKind, tokenize};

/// The prefix of the full names of built-in templates.
const BUILTIN_PREFIX: &str = "builtin/";

/// Variables that parts see under this name, whichever template assigns them, and parameters of
/// components.
const SHARED_VARIABLES: [(&str, &str); 3] =
    [("story", "article"), ("stories", "articles"), ("heat", "heatmap")];

/// Variables of one template. A site's own variable may have the same name.
const PAGE_VARIABLES: [(&str, &str); 2] = [("seconds", "secondary"), ("story_url", "article_url")];

/// The variable that contained parts which were rendered in advance.
const REMOVED_VARIABLE: &str = "furniture";

/// An attribute that was renamed.
struct RenamedAttribute {
    old: &'static str,
    new: &'static str,
    /// The values that have the attribute.
    on: &'static [Shape],
}

const fn renamed(old: &'static str, new: &'static str, on: &'static [Shape]) -> RenamedAttribute {
    RenamedAttribute { old, new, on }
}

/// All values except those that the site defines.
const ANYWHERE: &[Shape] =
    &[Shape::Article, Shape::Articles, Shape::Date, Shape::Page, Shape::Other, Shape::Unknown];

const ATTRIBUTES: [RenamedAttribute; 11] = [
    renamed("story", "article", ANYWHERE),
    renamed("stories", "articles", ANYWHERE),
    renamed("place", "dateline_location", &[Shape::Article, Shape::Unknown]),
    renamed("struck", "strike_through", &[Shape::Article, Shape::Unknown]),
    renamed("so_far", "related_earlier", &[Shape::Article, Shape::Unknown]),
    renamed("also", "other_calendars", &[Shape::Date, Shape::Unknown]),
    renamed("crumbs", "breadcrumbs", &[Shape::Page, Shape::Unknown]),
    renamed("cite", "citations", &[Shape::Article]),
    renamed("metadata", "structured_data", &[Shape::Article, Shape::Page]),
    renamed("part", "series_part", &[Shape::Article]),
    renamed("words", "word_count", &[Shape::Article]),
];

/// Returns the old names in a template, in their order. Only names in tags count; text, comments
/// and raw blocks don't.
pub(crate) fn find_in_template(source: &str) -> Vec<RenamedName> {
    let tokens = tokenize(source);
    let roles = assign_roles(&tokens);
    let expressions = Expressions::new(&tokens, &roles);
    let finder = Finder { source, tokens: &tokens, roles: &roles, expressions };
    (0..tokens.len()).filter_map(|index| finder.find_at(index)).collect()
}

struct Finder<'t, 'a> {
    source: &'a str,
    tokens: &'t [Token<'a>],
    roles: &'t [Role],
    expressions: Expressions<'t, 'a>,
}

impl Finder<'_, '_> {
    fn find_at(&self, index: usize) -> Option<RenamedName> {
        let token = &self.tokens[index];
        match self.roles[index] {
            Role::Component => {
                let is_part = index > 0 && self.is_symbol(index - 1, ".");
                let new = lookup(&COMPONENTS, token.text)
                    .filter(|_| !is_part && !self.is_symbol(index + 1, "."))?;
                let names = (token.text, new);
                Some(RenamedName::replaced(NameKind::Component, names, token.range()))
            }
            Role::TemplateName => self.find_template_name(token),
            Role::Attribute => self.find_attribute(index),
            role @ (Role::Variable
            | Role::Binding
            | Role::Parameter
            | Role::Argument
            | Role::ShorthandArgument) => self.find_variable(index, role),
            Role::Other if token.kind == TokenKind::String => self.find_in_string(index),
            Role::Other => None,
        }
    }

    fn is_symbol(&self, index: usize, symbol: &str) -> bool {
        self.tokens.get(index).is_some_and(|token| token.is_symbol(symbol))
    }

    fn find_template_name(&self, token: &Token<'_>) -> Option<RenamedName> {
        let value = token.string_value()?;
        let (prefix, name) = match value.strip_prefix(BUILTIN_PREFIX) {
            Some(name) => (BUILTIN_PREFIX, name),
            None => ("", &*value),
        };
        let new = format!("{prefix}{}", lookup(&FILES, name)?);
        Some(RenamedName::replaced(NameKind::Template, (&value, &new), string_content(token)))
    }

    fn find_variable(&self, index: usize, role: Role) -> Option<RenamedName> {
        let token = &self.tokens[index];
        if let Some(new) = lookup(&SHARED_VARIABLES, token.text) {
            let names = (token.text, new);
            return Some(RenamedName::replaced(NameKind::Variable, names, token.range()));
        }
        let is_use = matches!(role, Role::Variable | Role::ShorthandArgument);
        if !is_use || self.expressions.assigns(token.text) {
            return None;
        }
        if token.text == REMOVED_VARIABLE {
            return Some(RenamedName {
                kind: NameKind::RemovedVariable,
                old: REMOVED_VARIABLE.to_owned(),
                new: String::new(),
                range: token.range(),
                edit: self.include_instead(index),
            });
        }
        let new = lookup(&PAGE_VARIABLES, token.text)?;
        let names = (token.text, new);
        let mut name = RenamedName::replaced(NameKind::Variable, names, token.range());
        if role == Role::ShorthandArgument {
            // The component's parameter keeps its name.
            name.edit = Some((token.range(), format!("{}={{{new}}}", token.text)));
        }
        Some(name)
    }

    fn find_attribute(&self, index: usize) -> Option<RenamedName> {
        let token = &self.tokens[index];
        let operator = index.checked_sub(1)?;
        let shape = self.expressions.shape_before(operator);
        let value = token.string_value();
        let (key, range) = match &value {
            Some(value) => (&**value, string_content(token)),
            None => (token.text, token.range()),
        };
        if shape == Shape::Messages {
            let new = lookup(&MESSAGE_KEYS, key)?;
            return Some(RenamedName::replaced(NameKind::MessageKey, (key, new), range));
        }
        let is_renamed = |entry: &&RenamedAttribute| entry.old == key && entry.on.contains(&shape);
        let new = ATTRIBUTES.iter().find(is_renamed)?.new;
        let mut name = RenamedName::replaced(NameKind::Variable, (key, new), range);
        if let Some(parent) = operator.checked_sub(1).map(|parent| &self.tokens[parent])
            && parent.kind == TokenKind::Name
        {
            let new_parent = lookup(&SHARED_VARIABLES, parent.text).unwrap_or(parent.text);
            name.old = format!("{}.{key}", parent.text);
            name.new = format!("{new_parent}.{new}");
        }
        Some(name)
    }

    /// Finds `"story_" ~ count | plural` and `sort(attribute="story.title")`.
    fn find_in_string(&self, index: usize) -> Option<RenamedName> {
        let token = &self.tokens[index];
        let value = token.string_value()?;
        if value == PLURAL_PREFIX.0 && self.is_symbol(index + 1, "~") {
            let range = string_content(token);
            return Some(RenamedName::replaced(NameKind::MessageKey, PLURAL_PREFIX, range));
        }
        let is_path = index >= 2
            && self.is_symbol(index - 1, "=")
            && self.tokens[index - 2].is_name("attribute");
        if !is_path {
            return None;
        }
        let new_key = |key: &str| {
            let entry = ATTRIBUTES.iter().find(|entry| entry.old == key);
            let is_certain = |entry: &&RenamedAttribute| entry.on.contains(&Shape::Unknown);
            entry.filter(is_certain).map_or(key.to_owned(), |entry| entry.new.to_owned())
        };
        let is_custom = value.split('.').any(|key| key == "extra");
        let new = value.split('.').map(new_key).collect::<Vec<_>>().join(".");
        let range = string_content(token);
        (new != value && !is_custom)
            .then(|| RenamedName::replaced(NameKind::Variable, (&value, &new), range))
    }

    /// Returns the edit that leaves the `include` alone in `{% if furniture %}{{ furniture.head
    /// }}{% else %}{% include "parts/head.html" %}{% endif %}`, given the index of its first
    /// `furniture`.
    fn include_instead(&self, index: usize) -> Option<(Range<usize>, String)> {
        use TokenKind::{Close, Name, OpenTag, OpenVariable, String, Symbol};
        const KINDS: [TokenKind; 18] = [
            OpenTag,
            Name,
            Name,
            Close,
            OpenVariable,
            Name,
            Symbol,
            Name,
            Close,
            OpenTag,
            Name,
            Close,
            OpenTag,
            Name,
            String,
            Close,
            OpenTag,
            Name,
        ];
        let start = index.checked_sub(2)?;
        let tokens = self.tokens.get(start..start + KINDS.len() + 1)?;
        let is_alike = tokens.iter().zip(KINDS).all(|(token, kind)| token.kind == kind);
        let names = [(1, "if"), (2, REMOVED_VARIABLE), (5, REMOVED_VARIABLE), (10, "else")];
        let more_names = [(13, "include"), (17, "endif")];
        let is_pattern = is_alike
            && names.iter().chain(&more_names).all(|(at, name)| tokens[*at].text == *name)
            && tokens[18].kind == Close;
        let is_adjacent = [(3, 4), (8, 9), (11, 12), (15, 16)]
            .iter()
            .all(|(left, right)| tokens[*left].range().end == tokens[*right].start);
        if !is_pattern || !is_adjacent {
            return None;
        }
        let inner = &self.source[tokens[12].range().end..tokens[15].start];
        let (open, close) = (tokens[0].text, tokens[18].text);
        let range = tokens[0].start..tokens[18].range().end;
        Some((range, format!("{open}{inner}{close}")))
    }
}

/// The bytes between the quotation marks of a string.
fn string_content(token: &Token<'_>) -> Range<usize> {
    let range = token.range();
    range.start + 1..range.end - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::templates::renamed::replace_names;

    #[track_caller]
    fn assert_rewritten(source: &str, expected: &str) {
        let rewritten = replace_names(source, &find_in_template(source));
        assert_eq!(rewritten, expected);
        assert_eq!(find_in_template(&rewritten), [], "nothing is left in {rewritten}");
    }

    #[test]
    fn variables_are_renamed_wherever_they_are_used() {
        for (old, new) in [
            ("{{ story.title }}", "{{ article.title }}"),
            (
                "{% for story in stories %}{{ story }}{% endfor %}",
                "{% for article in articles %}{{ article }}{% endfor %}",
            ),
            ("{%- set story = section.stories[0] -%}", "{%- set article = section.articles[0] -%}"),
            (
                "{{ [story.url for story in stories] }}",
                "{{ [article.url for article in articles] }}",
            ),
            (
                "{{ correction.story.title }}{{ group['stories'] }}",
                "{{ correction.article.title }}{{ group['articles'] }}",
            ),
            ("{{ seconds | length }}{{ story_url }}", "{{ secondary | length }}{{ article_url }}"),
            (
                "{% component card(@story, stories: array = []) %}\
                 {{ story }}{% endcomponent card %}",
                "{% component card(@article, articles: array = []) %}\
                 {{ article }}{% endcomponent card %}",
            ),
            (
                "{{ <card story stories={x} heat seconds /> }}",
                "{{ <card article articles={x} heatmap seconds={secondary} /> }}",
            ),
            (
                "{% if story_url is defined and story is not none %}{% endif %}",
                "{% if article_url is defined and article is not none %}{% endif %}",
            ),
            (
                "{{ stories | sort(attribute=\"story.place\") | first }}",
                "{{ articles | sort(attribute=\"article.dateline_location\") | first }}",
            ),
            ("{{ '}}' ~ story.title }}", "{{ '}}' ~ article.title }}"),
        ] {
            assert_rewritten(old, new);
        }
    }

    #[test]
    fn attributes_are_renamed_on_what_they_belong_to() {
        for (old, new) in [
            (
                "{{ story.part.parts }}{{ story['cite'] }}",
                "{{ article.series_part.parts }}{{ article['citations'] }}",
            ),
            (
                "{{ article.words }}{{ term.words }}{{ part.words }}",
                "{{ article.word_count }}{{ term.words }}{{ part.words }}",
            ),
            (
                "{{ page.crumbs }}{{ page.metadata }}{{ site.metadata }}",
                "{{ page.breadcrumbs }}{{ page.structured_data }}{{ site.metadata }}",
            ),
            (
                "{{ lead.place }}{{ day.lead.place }}{{ stories[1:][0].place }}",
                "{{ lead.dateline_location }}{{ day.lead.dateline_location }}\
                 {{ articles[1:][0].dateline_location }}",
            ),
            (
                "{{ story.date.also }}{{ edition.also }}{{ date?.also }}",
                "{{ article.date.other_calendars }}{{ edition.other_calendars }}\
                 {{ date?.other_calendars }}",
            ),
            (
                "{% set s = lead %}{{ s.struck }}{{ s.part }}",
                "{% set s = lead %}{{ s.strike_through }}{{ s.series_part }}",
            ),
            (
                "{% for s in briefs %}{{ s.words }}{% endfor %}",
                "{% for s in briefs %}{{ s.word_count }}{% endfor %}",
            ),
        ] {
            assert_rewritten(old, new);
        }
    }

    #[test]
    fn other_names_are_kept() {
        for source in [
            "story {{ x }} stories <story> {# {{ story.title }} #}{% raw %}{{ story }}{% endraw %}",
            "{{ article.extra.place }}{{ article.extra.story.words }}{{ site.extra.stories }}",
            "{% for stop in article.extra.stops %}{{ stop.place }}{{ stop.also }}{% endfor %}",
            "{% set seconds = 3 %}{{ seconds }}{{ <clock seconds /> }}",
            "{% block story %}{% endblock story %}{{ x | story }}{{ story(a=1) }}{{ f(story=1) }}",
            "{{ \"story\" }}{{ 'parts/crumbs.html' }}{{ \"story_\" }}",
            "{{ a.part }}{{ x.cite }}{{ t.cite }}{{ t.part }}{{ site.stories_url }}{{ ui.heat }}",
            "{% if a < stories_count %}{% endif %}{{ <ui.stories /> }}",
        ] {
            assert_eq!(find_in_template(source), [], "{source}");
        }
    }

    #[test]
    fn components_files_and_text_are_renamed() {
        for (old, new) in [
            (
                "{{ <stories count /> }}{{ <steps previous next /> }}",
                "{{ <article_count count /> }}{{ <previous_next previous next /> }}",
            ),
            (
                "{{ <heat heat caption={a ~ \": \" ~ t.calendar} /> }}",
                "{{ <heatmap heatmap caption={a ~ \": \" ~ t.calendar} /> }}",
            ),
            (
                "{% component heat(@t, heat: map) -%}{{ heat.columns }}{% endcomponent heat %}",
                "{% component heatmap(@t, heatmap: map) -%}\
                 {{ heatmap.columns }}{% endcomponent heatmap %}",
            ),
            (
                "{% <steps a={b > c}> %}{% </steps> %}",
                "{% <previous_next a={b > c}> %}{% </previous_next> %}",
            ),
            (
                "{% include \"parts/crumbs.html\" -%}{% extends 'builtin/parts/so_far.html' %}",
                "{% include \"parts/breadcrumbs.html\" -%}\
                 {% extends 'builtin/parts/related_earlier.html' %}",
            ),
            (
                "{{ t.more_stories }}{{ t[\"share_mail\"] }}",
                "{{ t.more_articles }}{{ t[\"share_email\"] }}",
            ),
            (
                "{% set form = \"story_\" ~ count | plural -%}",
                "{% set form = \"article_\" ~ count | plural -%}",
            ),
        ] {
            assert_rewritten(old, new);
        }
    }

    #[test]
    fn prerendered_parts_are_included() {
        let old = "{%- if furniture %}{{ furniture.head }}\
                   {% else %}{% include \"parts/head.html\" %}{% endif -%}";
        assert_rewritten(old, "{%- include \"parts/head.html\" -%}");
        let names = find_in_template("{{ furniture.head }}");
        assert_eq!((names.len(), names[0].edit.is_none()), (1, true), "left to the editor");
    }

    #[test]
    fn messages_name_old_and_new() {
        let names = find_in_template("{{ story.struck }}");
        let messages: Vec<String> = names.iter().map(RenamedName::message).collect();
        assert_eq!(
            messages,
            [
                "the template variable `story` was renamed to `article`",
                "the template variable `story.struck` was renamed to `article.strike_through`",
            ]
        );
    }
}
