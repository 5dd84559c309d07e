//! Reads HTML as a document: what has a meaning is kept, presentation isn't.
//!
//! Attributes that only set the presentation (`class`, `style`, `align`), comments, and elements
//! that only group others (`div`, `span`, `font`, `o:p`) leave no trace, and no difference.

mod elements;
mod footnotes;
mod inline;
mod media;
mod table;

use std::collections::HashSet;

use ego_tree::NodeId;
use html5ever::driver::{self, ParseOpts};
use html5ever::tendril::TendrilSink as _;
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{QualName, local_name, ns};
use scraper::{Html, HtmlTreeSink, Node};

pub(super) use elements::is_block;
use elements::{NodeRef, attribute, has_class, name, text_of};
use footnotes::Footnotes;

use super::difference::{Difference, Part, Rule};
use super::document::{Block, Element, Inline, List, contains_link};
use super::nesting::limit_depth;
use super::spaces::{is_blank, normalize_inlines, split_paragraphs};
use crate::model::slug::slugify;

/// Replaces the URL of a link or an image; `None` keeps it.
pub(super) type UrlMap<'u> = &'u mut dyn FnMut(&str) -> Option<String>;

/// Reads a fragment of HTML.
pub(super) fn read(
    source: &str,
    urls: UrlMap<'_>,
    differences: &mut Vec<Difference>,
) -> Vec<Block> {
    let limited = limit_depth(source, differences);
    let html = parse(limited.as_deref().unwrap_or(source));
    let mut reader = Reader {
        urls,
        differences,
        with_blocks: find_nodes_with_blocks(&html),
        anchors: find_anchors(&html),
        footnotes: footnotes::find(&html),
        late_images: HashSet::new(),
    };
    let mut flow = Flow::default();
    for node in html.tree.root().children() {
        reader.read_node(node, &mut flow);
    }
    flow.finish()
}

/// Parses a fragment. Scripting is off, so that the contents of `noscript` are elements.
fn parse(source: &str) -> Html {
    let tree_builder = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let parser = driver::parse_fragment(
        HtmlTreeSink::new(Html::new_fragment()),
        ParseOpts { tree_builder, ..ParseOpts::default() },
        QualName::new(None, ns!(html), local_name!("body")),
        Vec::new(),
        false,
    );
    parser.one(source)
}

/// Returns the elements that contain a block.
fn find_nodes_with_blocks(html: &Html) -> HashSet<NodeId> {
    let mut found = HashSet::new();
    for block in html.tree.nodes().filter(|node| is_block(name(*node))) {
        let mut ancestor = block.parent();
        while let Some(node) = ancestor
            && found.insert(node.id())
        {
            ancestor = node.parent();
        }
    }
    found
}

/// Returns the ids that links of the same body refer to.
fn find_anchors(html: &Html) -> HashSet<String> {
    let links = html.tree.nodes().filter_map(|node| attribute(node, "href"));
    links.filter_map(|url| url.strip_prefix('#')).map(str::to_owned).collect()
}

struct Reader<'r, 'u> {
    urls: UrlMap<'u>,
    differences: &'r mut Vec<Difference>,
    with_blocks: HashSet<NodeId>,
    anchors: HashSet<String>,
    footnotes: Footnotes,
    /// The URLs of the images so far that load late, which `noscript` repeats.
    late_images: HashSet<String>,
}

/// Blocks, and the inline parts of the paragraph after them.
#[derive(Default)]
struct Flow {
    blocks: Vec<Block>,
    pending: Vec<Inline>,
}

impl Flow {
    /// Ends the paragraph.
    fn end_paragraph(&mut self) {
        let parts = normalize_inlines(std::mem::take(&mut self.pending));
        self.blocks.extend(split_paragraphs(parts));
    }

    fn push(&mut self, block: Block) {
        self.end_paragraph();
        self.blocks.push(block);
    }

    fn finish(mut self) -> Vec<Block> {
        self.end_paragraph();
        self.blocks
    }
}

impl Reader<'_, '_> {
    /// Reads the children of a node as blocks.
    fn read_blocks(&mut self, node: NodeRef<'_>) -> Vec<Block> {
        let mut flow = Flow::default();
        self.read_children(node, &mut flow);
        flow.finish()
    }

    fn read_children(&mut self, node: NodeRef<'_>, flow: &mut Flow) {
        for child in node.children() {
            self.read_node(child, flow);
        }
    }

    fn read_node(&mut self, node: NodeRef<'_>, flow: &mut Flow) {
        match node.value() {
            Node::Text(text) => flow.pending.push(Inline::Text(text.to_string())),
            Node::Element(_) if self.leaves_out(node) => {}
            Node::Element(element) if is_block(element.name()) => self.read_block(node, flow),
            Node::Element(_) if self.with_blocks.contains(&node.id()) => {
                self.read_wrapper(node, flow);
            }
            Node::Element(_) => flow.pending.extend(self.read_inline(node)),
            _ => {}
        }
    }

    /// Records an element that isn't text of the article, and returns true for it.
    fn leaves_out(&mut self, node: NodeRef<'_>) -> bool {
        let name = name(node);
        match name {
            "script" | "style" | "template" => {
                let text = format!("<{name}> {}", text_of(node).trim());
                self.record(Difference::removed(Rule::Script, Part::Markup, &text));
            }
            "head" | "title" | "svg" | "xml" | "meta" | "link" | "base" => {
                let text = text_of(node);
                if !text.trim().is_empty() {
                    self.record(Difference::removed(Rule::Script, Part::Text, text.trim()));
                }
            }
            "input" => {
                self.record(Difference::removed(Rule::FormControl, Part::Markup, "<input>"));
            }
            _ => return false,
        }
        true
    }

    fn record(&mut self, difference: Difference) {
        self.differences.push(difference);
    }

    fn read_block(&mut self, node: NodeRef<'_>, flow: &mut Flow) {
        flow.end_paragraph();
        if let Some(number) = self.footnotes.definition(node) {
            let blocks = self.read_blocks(node);
            self.record(Difference::added(Rule::Footnote, Part::Text, &number.to_string()));
            return flow.push(Block::Footnote { number, blocks });
        }
        let name = name(node);
        if !matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6") {
            flow.pending.extend(self.read_anchor(node));
        }
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.read_heading(node, flow),
            "hr" => flow.push(Block::Rule),
            "ul" | "ol" if has_class(node, "gallery") => {
                let items = node.children();
                items.for_each(|item| self.read_children(item, flow));
                flow.end_paragraph();
            }
            "ul" | "ol" | "menu" | "dir" => self.read_list(node, flow),
            "li" => {
                let item = self.read_blocks(node);
                push_item(item, flow);
            }
            "pre" | "listing" | "xmp" | "plaintext" => self.read_preformatted(node, flow),
            "table" => self.read_table(node, flow),
            "figure" => self.read_figure(node, flow),
            "div" if has_class(node, "wp-caption") && !has_class(node, "wp-caption-") => {
                self.read_figure(node, flow);
            }
            "iframe" | "embed" | "object" | "video" | "audio" => self.read_embed(node, flow),
            "blockquote" | "aside" | "details" | "dl" | "summary" | "dt" | "dd" => {
                self.read_container(node, flow);
            }
            _ => {
                self.read_children(node, flow);
                flow.end_paragraph();
            }
        }
    }

    /// Reads an element that stays around its blocks.
    fn read_container(&mut self, node: NodeRef<'_>, flow: &mut Flow) {
        let name = name(node);
        let is_pull_quote = has_class(node, "pullquote") || has_class(node, "pull-quote");
        let blocks = self.read_blocks(node);
        if blocks.is_empty() {
            return;
        }
        flow.push(match name {
            "blockquote" if is_pull_quote => Block::Container(Element::new("aside"), blocks),
            "blockquote" => Block::Quote(blocks),
            _ => Block::Container(Element::new(name), blocks),
        });
    }

    fn read_heading(&mut self, node: NodeRef<'_>, flow: &mut Flow) {
        let level = name(node)[1..].parse().unwrap_or(2);
        let mut content = self.read_as_inline(node);
        let id = attribute(node, "id").filter(|id| slugify(id) == *id).map(str::to_owned);
        if id.is_none() {
            content.splice(0..0, self.read_anchor(node));
        }
        if !content.is_empty() {
            flow.push(Block::Heading { level, id, content });
        }
    }

    /// Reads everything in a node as the contents of one paragraph, with line breaks between
    /// blocks.
    fn read_as_inline(&mut self, node: NodeRef<'_>) -> Vec<Inline> {
        let blocks = self.read_blocks(node);
        let mut parts = Vec::new();
        push_blocks_as_inline(blocks, &mut parts);
        normalize_inlines(parts)
    }

    /// Reads an inline element that contains blocks.
    fn read_wrapper(&mut self, node: NodeRef<'_>, flow: &mut Flow) {
        let wrap = self.wrapper(node);
        let Some(wrap) = wrap else { return self.read_children(node, flow) };
        flow.end_paragraph();
        flow.pending.extend(self.read_anchor(node));
        let mut blocks = self.read_blocks(node);
        let is_link = matches!(wrap, Inline::Link { .. });
        let is_lost = blocks.is_empty() || blocks.iter().any(contains_link);
        if !is_link {
            wrap_blocks(&mut blocks, &wrap);
        } else if let Inline::Link { url, .. } = &wrap
            && is_lost
        {
            self.record(Difference::removed(Rule::EmptyLink, Part::Link, url));
        } else if let [Block::Paragraph(content) | Block::Heading { content, .. }] = &mut blocks[..]
        {
            wrap_content(content, &wrap);
        } else if let Inline::Link { url, title, .. } = wrap {
            let mut element = Element::new("a").with("href", &url);
            if !title.is_empty() {
                element = element.with("title", &title);
            }
            blocks = vec![Block::Container(element, blocks)];
        }
        flow.end_paragraph();
        flow.blocks.extend(blocks);
    }

    fn read_list(&mut self, node: NodeRef<'_>, flow: &mut Flow) {
        let start = match name(node) {
            "ol" => {
                Some(attribute(node, "start").and_then(|start| start.parse().ok()).unwrap_or(1))
            }
            _ => None,
        };
        let mut items: Vec<Vec<Block>> = Vec::new();
        // What isn't in an item belongs to the one before it.
        let mut rest = Flow::default();
        for child in node.children() {
            if name(child) == "li" && self.footnotes.definition(child).is_none() {
                append_to_last(&mut items, std::mem::take(&mut rest).finish());
                let anchor = self.read_anchor(child);
                let pending = anchor.into_iter().collect();
                let mut flow = Flow { pending, ..Flow::default() };
                self.read_children(child, &mut flow);
                items.push(flow.finish());
            } else {
                self.read_node(child, &mut rest);
            }
        }
        let rest = rest.finish();
        if items.is_empty() {
            // The list of footnotes.
            flow.end_paragraph();
            flow.blocks.extend(rest);
            return;
        }
        append_to_last(&mut items, rest);
        flow.push(Block::List(List { start, items }));
    }

    fn read_preformatted(&mut self, node: NodeRef<'_>, flow: &mut Flow) {
        let has_markup = node.descendants().any(|node| {
            matches!(name(node), "a" | "img" | "b" | "strong" | "i" | "em" | "sub" | "sup" | "del")
        });
        if has_markup {
            let mut parts = Vec::new();
            for child in node.children() {
                let mut inner = Flow::default();
                self.read_node(child, &mut inner);
                push_blocks_as_inline(inner.blocks, &mut parts);
                parts.append(&mut inner.pending);
            }
            return flow.push(Block::Preformatted(parts));
        }
        let mut text = String::new();
        for part in node.descendants() {
            match part.value() {
                Node::Text(part) => text.push_str(part),
                Node::Element(element) if element.name() == "br" => text.push('\n'),
                _ => {}
            }
        }
        if text.trim().is_empty() {
            return;
        }
        let language = language_of(node).or_else(|| node.children().find_map(language_of));
        flow.push(Block::Code { language, text: text.trim_end_matches('\n').to_owned() });
    }

    /// Returns an anchor with the id of an element, if a link of the body refers to it.
    fn read_anchor(&mut self, node: NodeRef<'_>) -> Option<Inline> {
        let of_link = || attribute(node, "name").filter(|_| name(node) == "a");
        let id = attribute(node, "id").or_else(of_link).filter(|id| self.anchors.contains(*id))?;
        Some(Inline::Element(Element::new("span").with("id", id), Vec::new()))
    }
}

/// Returns the language of code: `language-rust`, `lang-rust`, `brush: rust`.
fn language_of(node: NodeRef<'_>) -> Option<String> {
    let classes = attribute(node, "class")?;
    let name = ["language-", "lang-", "brush: ", "brush:"].iter().find_map(|prefix| {
        let start = classes.find(prefix)? + prefix.len();
        classes[start..].split([' ', ';', ',']).next()
    })?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '#' | '.');
    (!name.is_empty() && name.chars().all(is_name)).then(|| name.to_owned())
}

/// Adds an item that isn't in a list to the list before it, or to a new one.
fn push_item(item: Vec<Block>, flow: &mut Flow) {
    flow.end_paragraph();
    match flow.blocks.last_mut() {
        Some(Block::List(list)) if list.start.is_none() => list.items.push(item),
        _ => flow.push(Block::List(List { start: None, items: vec![item] })),
    }
}

fn append_to_last(items: &mut Vec<Vec<Block>>, mut blocks: Vec<Block>) {
    if blocks.is_empty() {
        return;
    }
    match items.last_mut() {
        Some(item) => item.append(&mut blocks),
        None => items.push(blocks),
    }
}

/// Adds the text of blocks as inline parts, with line breaks between the blocks.
fn push_blocks_as_inline(blocks: Vec<Block>, parts: &mut Vec<Inline>) {
    for block in blocks {
        if !parts.is_empty() && !matches!(parts.last(), Some(Inline::Break)) {
            parts.push(Inline::Break);
        }
        match block {
            Block::Paragraph(content)
            | Block::Heading { content, .. }
            | Block::Preformatted(content) => parts.extend(content),
            Block::Code { text, .. } => parts.push(Inline::Code(text)),
            Block::Quote(blocks) | Block::Container(_, blocks) | Block::Footnote { blocks, .. } => {
                push_blocks_as_inline(blocks, parts);
            }
            Block::List(list) => {
                list.items.into_iter().for_each(|item| push_blocks_as_inline(item, parts));
            }
            Block::Figure(figure) => {
                parts.extend(figure.images);
                parts.extend(figure.caption);
                parts.push(Inline::Text(format!(" {}", figure.credit)));
            }
            Block::Table(table) => {
                parts.extend(table.caption);
                for cell in table.head.into_iter().chain(table.body).flatten() {
                    push_blocks_as_inline(cell.blocks, parts);
                }
            }
            Block::Rule => {}
        }
    }
}

/// Puts the contents of all paragraphs and headings into a copy of an element.
fn wrap_blocks(blocks: &mut [Block], wrapper: &Inline) {
    for block in blocks {
        match block {
            Block::Paragraph(content)
            | Block::Heading { content, .. }
            | Block::Preformatted(content) => wrap_content(content, wrapper),
            Block::Quote(blocks) | Block::Container(_, blocks) | Block::Footnote { blocks, .. } => {
                wrap_blocks(blocks, wrapper);
            }
            Block::List(list) => list.items.iter_mut().for_each(|item| wrap_blocks(item, wrapper)),
            Block::Table(table) => {
                let cells = table.head.iter_mut().chain(&mut table.body).flatten();
                cells.for_each(|cell| wrap_blocks(&mut cell.blocks, wrapper));
            }
            Block::Code { .. } | Block::Rule | Block::Figure(_) => {}
        }
    }
}

fn wrap_content(content: &mut Vec<Inline>, wrapper: &Inline) {
    if is_blank(content) {
        return;
    }
    let mut wrapped = wrapper.clone();
    if let Some(inner) = wrapped.content_mut() {
        *inner = std::mem::take(content);
    }
    *content = normalize_inlines(vec![wrapped]);
}
