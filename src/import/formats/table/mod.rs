//! Tables: CSV, JSON, JSON Lines and SQLite, with a file that maps columns to fields.

mod csv;
mod date_order;
mod json;
mod row;
mod sqlite;

use std::path::Path;

use super::reader::{ItemError, ItemReader};
use crate::content::plain_text::to_plain_text;
use crate::diagnostics::Error;
use crate::import::body::html_to_text;
use crate::import::field_map::{BodyFormat, DateOrder, FieldMap, MappedField};
use crate::import::item::{Item, ItemBody, ItemDate, ItemKind, TextBlock};
use crate::import::names::split_byline;
use date_order::{DateOrders, to_iso};
use row::{RowReader, TableRow};

/// The format of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TableFormat {
    Csv,
    Json,
    Sqlite,
}

/// Reads the rows of a table as records.
pub(super) struct TableReader {
    rows: Box<dyn RowReader>,
    map: FieldMap,
    order: Option<DateOrder>,
}

impl TableReader {
    /// Opens a table. If the map doesn't set the order of its dates, all of them are read first,
    /// and the order is decided by the whole column.
    ///
    /// # Errors
    /// [`Error::Io`] if the file can't be read; [`Error::Usage`] if the map has no query for a
    /// database, or the query is wrong.
    pub(super) fn open(path: &Path, format: TableFormat, map: &FieldMap) -> Result<Self, Error> {
        let mut order = map.date_order;
        if let (None, Some(column)) = (order, map.column(MappedField::Date)) {
            let mut orders = DateOrders::default();
            let mut rows = open_rows(path, format, map)?;
            while let Some(row) = rows.next_row() {
                row.iter().for_each(|row| orders.add(&row.text(column)));
            }
            order = orders.decide();
        }
        Ok(Self { rows: open_rows(path, format, map)?, map: map.clone(), order })
    }

    fn read_row(&self, row: &TableRow) -> Item {
        let text = |field| {
            let column = self.map.column(field);
            column.map_or_else(String::new, |column| row.text(column).trim().to_owned())
        };
        let non_empty = |text: String| Some(text).filter(|text| !text.is_empty());
        let id = non_empty(text(MappedField::Id)).or_else(|| non_empty(text(MappedField::Url)));
        let id = id.unwrap_or_else(|| format!("row {}", row.number));
        let mut item = Item::article(id, row.line);
        item.title = to_plain_text(&text(MappedField::Title));
        item.standfirst = non_empty(html_to_text(&text(MappedField::Standfirst)));
        item.authors = self.names(row, MappedField::Authors);
        item.tags = self.names(row, MappedField::Tags);
        item.section = non_empty(to_plain_text(&text(MappedField::Section)));
        item.slug = non_empty(text(MappedField::Slug));
        item.lang = non_empty(text(MappedField::Language));
        item.status = text(MappedField::Status);
        item.urls = non_empty(text(MappedField::Url)).into_iter().collect();
        if text(MappedField::Kind).eq_ignore_ascii_case("page") {
            item.kind = ItemKind::Page;
            // One column may have both.
            if item.status.eq_ignore_ascii_case("page") {
                item.status = String::new();
            }
        }
        item.date = match non_empty(text(MappedField::Date)) {
            None => ItemDate::Missing,
            Some(date) => ItemDate::Text(to_iso(&date, self.order).unwrap_or(date)),
        };
        let body = text(MappedField::Body);
        item.body = match self.map.body_format {
            BodyFormat::Html => ItemBody::Html(body),
            BodyFormat::Text => ItemBody::Text(paragraphs(&body)),
        };
        item
    }

    /// Returns the names in a column: a list, a text with separators, or a byline.
    fn names(&self, row: &TableRow, field: MappedField) -> Vec<String> {
        let Some(column) = self.map.column(field) else { return Vec::new() };
        let mut names: Vec<String> = Vec::new();
        for text in row.texts(column) {
            match &self.map.separator {
                Some(separator) => names.extend(text.split(separator.as_str()).map(to_plain_text)),
                None if field == MappedField::Authors => names.extend(split_byline(&text)),
                None => names.extend(text.split([';', '|']).map(to_plain_text)),
            }
        }
        names.retain(|name| !name.is_empty());
        names
    }
}

impl ItemReader for TableReader {
    fn next_item(&mut self) -> Option<Result<Item, ItemError>> {
        match self.rows.next_row()? {
            Ok(row) => Some(Ok(self.read_row(&row))),
            Err(error) => Some(Err(error)),
        }
    }
}

fn paragraphs(text: &str) -> Vec<TextBlock> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| TextBlock::Paragraph(line.to_owned())).collect()
}

fn open_rows(
    path: &Path,
    format: TableFormat,
    map: &FieldMap,
) -> Result<Box<dyn RowReader>, Error> {
    Ok(match format {
        TableFormat::Csv => Box::new(csv::CsvRows::open(path)?),
        TableFormat::Json => Box::new(json::JsonRows::open(path, map.records.as_deref())?),
        TableFormat::Sqlite => {
            let query = map.query.as_deref().ok_or_else(|| {
                let message = "the map of an SQLite database needs a `query: SELECT …`";
                Error::Usage(message.to_owned())
            })?;
            Box::new(sqlite::SqliteRows::open(path, query)?)
        }
    })
}
