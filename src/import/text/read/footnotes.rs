//! Footnotes: numbered links to the items of a list that link back.

use std::collections::{HashMap, HashSet};

use ego_tree::NodeId;
use scraper::Html;

use super::elements::{NodeRef, attribute, name, text_of};

/// The footnotes of a body. There are none if its notes have another form: those stay links and
/// anchors.
#[derive(Default)]
pub(super) struct Footnotes {
    /// The links to notes and elements that contain nothing else, with the numbers of the notes.
    references: HashMap<NodeId, usize>,
    definitions: HashMap<NodeId, usize>,
    return_links: HashSet<NodeId>,
}

impl Footnotes {
    /// Returns the number of the note that an element refers to.
    pub(super) fn reference(&self, node: NodeRef<'_>) -> Option<usize> {
        self.references.get(&node.id()).copied()
    }

    /// Returns the number of the note that an element is.
    pub(super) fn definition(&self, node: NodeRef<'_>) -> Option<usize> {
        self.definitions.get(&node.id()).copied()
    }

    /// Returns true for a link from a note to the text.
    pub(super) fn is_return_link(&self, node: NodeRef<'_>) -> bool {
        self.return_links.contains(&node.id())
    }
}

/// The target of a link to an anchor.
fn anchor_of<'t>(node: NodeRef<'t>) -> Option<&'t str> {
    attribute(node, "href").filter(|_| name(node) == "a")?.strip_prefix('#')
}

/// Finds the footnotes of a body: links with the numbers 1, 2, 3 … to list items, each of which has
/// a link back. Every item of their lists must be a note.
pub(super) fn find(html: &Html) -> Footnotes {
    let mut footnotes = Footnotes::default();
    let links: Vec<NodeRef<'_>> =
        html.tree.nodes().filter(|node| anchor_of(*node).is_some()).collect();
    if links.is_empty() {
        return footnotes;
    }
    let with_ids = html.tree.nodes().filter_map(|node| Some((attribute(node, "id")?, node)));
    let ids: HashMap<&str, NodeRef<'_>> = with_ids.collect();
    for link in in_document_order(html, &links) {
        let Some(note) = anchor_of(link).and_then(|id| ids.get(id)).copied() else { continue };
        let text = text_of(link);
        // Brackets would separate the number from the word before it.
        let number = text.trim().parse::<usize>();
        if name(note) != "li" || number != Ok(footnotes.definitions.len() + 1) {
            continue;
        }
        let Some(return_link) = find_return_link(note, link) else { continue };
        let number = footnotes.definitions.len() + 1;
        footnotes.definitions.insert(note.id(), number);
        footnotes.return_links.insert(return_link.id());
        footnotes.references.insert(outermost(link).id(), number);
    }
    let is_complete = footnotes.definitions.keys().all(|note| {
        let list = html.tree.get(*note).and_then(|note| note.parent());
        let items = list.into_iter().flat_map(|list| list.children());
        items.filter(|item| name(*item) == "li").all(|item| footnotes.definition(item).is_some())
    });
    if is_complete { footnotes } else { Footnotes::default() }
}

/// Returns nodes in document order; the tree lists them in the order of their creation.
fn in_document_order<'t>(html: &'t Html, nodes: &[NodeRef<'t>]) -> Vec<NodeRef<'t>> {
    let wanted: HashSet<NodeId> = nodes.iter().map(NodeRef::id).collect();
    html.tree.root().descendants().filter(|node| wanted.contains(&node.id())).collect()
}

/// Finds the link in a note to a reference or the element around it. It is among the last links.
fn find_return_link<'t>(note: NodeRef<'t>, reference: NodeRef<'t>) -> Option<NodeRef<'t>> {
    let around = [Some(reference), reference.parent()];
    let ids: Vec<&str> =
        around.into_iter().flatten().filter_map(|node| attribute(node, "id")).collect();
    note.descendants().find(|node| anchor_of(*node).is_some_and(|id| ids.contains(&id)))
}

/// Returns the outermost element that contains nothing but a link: a `sup`.
fn outermost(link: NodeRef<'_>) -> NodeRef<'_> {
    let parent = link
        .parent()
        .filter(|parent| matches!(name(*parent), "sup" | "span") && parent.children().count() == 1);
    parent.unwrap_or(link)
}
