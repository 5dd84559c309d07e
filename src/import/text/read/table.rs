//! Tables.

use super::super::document::{Block, Cell, Table};
use super::elements::{NodeRef, alignment, kept_element, name};
use super::{Flow, Reader};

impl Reader<'_, '_> {
    /// Reads a table. One with a single cell only sets the layout.
    pub(super) fn read_table(&mut self, node: NodeRef<'_>, flow: &mut Flow) {
        let mut table = Table::default();
        for child in node.children() {
            match name(child) {
                "caption" => table.caption = self.read_as_inline(child),
                "thead" => table.head.extend(self.read_rows(child)),
                "tbody" | "tfoot" => table.body.extend(self.read_rows(child)),
                "tr" => table.body.extend(self.read_row(child)),
                _ => {}
            }
        }
        if table.head.is_empty() && has_header_row(&table) {
            table.head.push(table.body.remove(0));
        }
        if table.head.is_empty() && table.caption.is_empty() && table.body.len() == 1 {
            match &mut table.body[0][..] {
                [] => return,
                [cell] => {
                    let blocks = std::mem::take(&mut cell.blocks);
                    flow.end_paragraph();
                    flow.blocks.extend(blocks);
                    return;
                }
                _ => {}
            }
        }
        let mut cells = table.head.iter().chain(&table.body).flatten();
        if !table.caption.is_empty() || cells.any(|cell| !cell.blocks.is_empty()) {
            flow.push(Block::Table(table));
        }
    }

    fn read_rows(&mut self, node: NodeRef<'_>) -> Vec<Vec<Cell>> {
        let rows = node.children().filter(|child| name(*child) == "tr");
        rows.filter_map(|row| self.read_row(row)).collect()
    }

    /// Reads a row; `None` if it has no cell.
    fn read_row(&mut self, node: NodeRef<'_>) -> Option<Vec<Cell>> {
        let cells = node.children().filter(|child| matches!(name(*child), "td" | "th"));
        let cells: Vec<Cell> = cells
            .map(|cell| {
                let anchor = self.read_anchor(cell);
                let mut flow = Flow { pending: anchor.into_iter().collect(), ..Flow::default() };
                self.read_children(cell, &mut flow);
                Cell {
                    element: kept_element(cell),
                    alignment: alignment(cell).or_else(|| alignment(node)),
                    blocks: flow.finish(),
                }
            })
            .collect();
        (!cells.is_empty()).then_some(cells)
    }
}

/// Returns true if the first of several rows has only header cells.
fn has_header_row(table: &Table) -> bool {
    let is_header = |cell: &Cell| cell.element.name == "th";
    table.body.len() > 1 && table.body[0].iter().all(is_header)
}
