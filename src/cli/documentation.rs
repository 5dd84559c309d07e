//! The documentation in the program: the pages of `docs/`, which `dateline help` prints.

/// The pages by name, in the order of `docs/README.md`.
pub(crate) const PAGES: [(&str, &str); 26] = [
    ("getting-started", include_str!("../../docs/getting-started.md")),
    ("writing", include_str!("../../docs/writing.md")),
    ("serve", include_str!("../../docs/serve.md")),
    ("importing", include_str!("../../docs/importing.md")),
    ("moving", include_str!("../../docs/moving.md")),
    ("hosting", include_str!("../../docs/hosting.md")),
    ("faq", include_str!("../../docs/faq.md")),
    ("starting", include_str!("../../docs/starting.md")),
    ("front-matter", include_str!("../../docs/front-matter.md")),
    ("pages", include_str!("../../docs/pages.md")),
    ("markdown", include_str!("../../docs/markdown.md")),
    ("configuration", include_str!("../../docs/configuration.md")),
    ("settings", include_str!("../../docs/settings.md")),
    ("templates", include_str!("../../docs/templates.md")),
    ("search", include_str!("../../docs/search.md")),
    ("search-format", include_str!("../../docs/search-format.md")),
    ("outputs", include_str!("../../docs/outputs.md")),
    ("permalinks", include_str!("../../docs/permalinks.md")),
    ("fix", include_str!("../../docs/fix.md")),
    ("incremental", include_str!("../../docs/incremental.md")),
    ("corrections", include_str!("../../docs/corrections.md")),
    ("check", include_str!("../../docs/check.md")),
    ("stats", include_str!("../../docs/stats.md")),
    ("shell", include_str!("../../docs/shell.md")),
    ("verify", include_str!("../../docs/verify.md")),
    ("errors", include_str!("../../docs/errors.md")),
];

/// Returns the heading of a page.
pub(crate) fn title(page: &str) -> &str {
    page.lines().next().unwrap_or_default().trim_start_matches("# ")
}

/// Returns the page of a topic: `errors`, `errors.md`, `docs/errors.md`.
pub(crate) fn find_page(topic: &str) -> Option<&'static str> {
    let name = topic.trim_start_matches("docs/").to_lowercase();
    let name = name.trim_end_matches(".md");
    PAGES.iter().find(|(page, _)| *page == name).map(|(_, text)| *text)
}

/// Returns the sections of all pages about a diagnostic code, a rule, a setting, or whatever else
/// is a heading, ignoring case.
pub(crate) fn find_sections(name: &str) -> Vec<&'static str> {
    PAGES
        .iter()
        .flat_map(|(_, page)| sections(page))
        .filter(|(heading, _)| heading.replace('`', "").eq_ignore_ascii_case(name))
        .map(|(_, text)| text)
        .collect()
}

/// Returns the heading and the text of each section of a page, with the sections below it.
fn sections(page: &'static str) -> Vec<(&'static str, &'static str)> {
    let headings = headings(page);
    let end_of = |index: usize| {
        let (_, level, _) = headings[index];
        let next = headings[index + 1..].iter().find(|(_, other, _)| *other <= level);
        next.map_or(page.len(), |(start, ..)| *start)
    };
    let section = |(index, (start, level, heading)): (usize, &(usize, usize, &'static str))| {
        (*level > 1).then(|| (*heading, page[*start..end_of(index)].trim_end()))
    };
    headings.iter().enumerate().filter_map(section).collect()
}

/// Returns the first byte, the level and the text of each heading outside code.
fn headings(page: &'static str) -> Vec<(usize, usize, &'static str)> {
    let mut headings = Vec::new();
    let (mut offset, mut fence) = (0, None);
    for line in page.split_inclusive('\n') {
        let marker =
            ["````", "```"].into_iter().find(|marker| line.trim_start().starts_with(marker));
        match (fence, marker) {
            (None, Some(_)) => fence = marker,
            (Some(open), Some(close)) if open == close => fence = None,
            (None, None) if line.starts_with('#') => {
                let level = line.len() - line.trim_start_matches('#').len();
                headings.push((offset, level, line[level..].trim()));
            }
            _ => {}
        }
        offset += line.len();
    }
    headings
}

/// Returns every name that `dateline help` knows besides commands: topics and headings in code
/// spans or of rules.
pub(crate) fn names() -> impl Iterator<Item = String> {
    let topics = PAGES.iter().map(|(name, _)| (*name).to_owned());
    let headings = PAGES.iter().flat_map(|(_, page)| headings(page));
    topics.chain(headings.map(|(_, _, heading)| heading.replace('`', "").to_lowercase()))
}

/// Returns Markdown as it is printed: the same words, with links that can be followed on a command
/// line. Code is unchanged.
pub(crate) fn to_terminal_text(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut is_code = false;
    for line in markdown.split_inclusive('\n') {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        if is_fence || is_code {
            out.push_str(line);
        } else {
            rewrite_links(line, &mut out);
        }
    }
    out
}

/// Replaces `[text](errors.md#x)` by ``text (`dateline help errors`)``, and `[text](#x)` by its
/// text. URLs stay.
fn rewrite_links(line: &str, out: &mut String) {
    let mut rest = line;
    while let Some(open) = rest.find('[') {
        let is_image = rest[..open].ends_with('!');
        let link = rest[open..].split_once("](").and_then(|(text, after)| {
            let (target, after) = after.split_once(')')?;
            (!text[1..].contains('[')).then_some((&text[1..], target, after))
        });
        let Some((text, target, after)) = link.filter(|_| !is_image) else {
            out.push_str(&rest[..=open]);
            rest = &rest[open + 1..];
            continue;
        };
        out.push_str(&rest[..open]);
        out.push_str(text);
        let topic = target.split('#').next().unwrap_or_default().trim_end_matches(".md");
        if target.contains("://") {
            out.push_str(&format!(" <{target}>"));
        } else if find_page(topic).is_some() {
            out.push_str(&format!(" (`dateline help {topic}`)"));
        }
        rest = after;
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_included() {
        let index = include_str!("../../docs/README.md");
        let linked: Vec<&str> = index
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next()?.strip_suffix(".md"))
            .filter(|name| !name.contains('/'))
            .collect();
        assert_eq!(linked, PAGES.map(|(name, _)| name));
        for (name, page) in PAGES {
            assert!(page.starts_with("# ") && !title(page).is_empty(), "{name}");
        }
    }

    #[test]
    fn a_section_ends_at_the_next_heading_of_its_level() {
        let [section] = find_sections("missing-date")[..] else { panic!("there is one section") };
        assert!(
            section.starts_with("### `missing-date`\n") && section.ends_with(')')
                || section.ends_with('.')
        );
        assert!(section.contains("error[missing-date]") && !section.contains("### `bad-date`"));
        assert!(find_sections("Broken-Link")[0].contains("### broken-link"));
        assert!(find_sections("no such heading").is_empty());
    }

    #[test]
    fn links_can_be_followed() {
        for (markdown, text) in [
            ("See [these](front-matter.md#dates).", "See these (`dateline help front-matter`)."),
            ("[`x`](#x) and [Tera](https://t.example/)", "`x` and Tera <https://t.example/>"),
            ("`[^1]` [x] a[0](b)", "`[^1]` [x] a0"),
            ("```\n[a](errors.md)\n```\n", "```\n[a](errors.md)\n```\n"),
        ] {
            assert_eq!(to_terminal_text(markdown), text);
        }
    }
}
