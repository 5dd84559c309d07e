//! Limits of size and shape that the code keeps: the length of lines, files and functions, the
//! number of parameters, and no `bool` where a reader can't see what `true` means.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

use crate::source_tree::is_test_only;

const MAX_COLUMNS: usize = 100;
const MAX_MARKDOWN_COLUMNS: usize = 120;
const MAX_FILE_LINES: usize = 600;
const MAX_FUNCTION_LINES: usize = 60;
const MAX_PARAMETERS: usize = 5;

/// The role of a file: signatures are measured only in the program, since tests aren't called.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Role {
    Program,
    Test,
}

/// Returns what exceeds the limits in a file, one line each. Rust files are parsed; of other files
/// only the length of lines is measured.
pub(crate) fn violations(path: &str, text: &str, role: Role) -> Vec<String> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let columns = line.chars().count();
        if columns > MAX_COLUMNS {
            found.push(format!("{path}:{}: line of {columns} columns", index + 1));
        }
    }
    if !path.ends_with(".rs") {
        return found;
    }
    let lines = text.lines().count();
    if lines > MAX_FILE_LINES {
        found.push(format!("{path}: file of {lines} lines"));
    }
    let ast = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut visitor = SignatureVisitor { path, role, found, owner_is_public: false };
    visitor.visit_file(&ast);
    visitor.found
}

/// Returns the lines of prose in a Markdown file that are too long. Tables, blocks of code, front
/// matter and the destinations of links can't be wrapped, so they aren't measured.
pub(crate) fn long_markdown_lines(path: &str, text: &str) -> Vec<String> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut exempt: Vec<Range<usize>> = Vec::new();
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::Table(_) | Tag::CodeBlock(_) | Tag::MetadataBlock(_)) => {
                exempt.push(range);
            }
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => {
                let destination = text[range.clone()].rfind("](").unwrap_or_default();
                exempt.push(range.start + destination..range.end);
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    let mut start = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let columns = line
            .trim_end_matches('\n')
            .char_indices()
            .filter(|(at, _)| !exempt.iter().any(|range| range.contains(&(start + at))))
            .count();
        if columns > MAX_MARKDOWN_COLUMNS {
            found.push(format!("{path}:{}: line of {columns} columns", index + 1));
        }
        start += line.len();
    }
    found
}

struct SignatureVisitor<'a> {
    path: &'a str,
    role: Role,
    found: Vec<String>,
    /// Set inside an `impl` of a trait, or a trait: its functions have no visibility of their own.
    owner_is_public: bool,
}

impl SignatureVisitor<'_> {
    fn report(&mut self, span: proc_macro2::Span, message: &str) {
        self.found.push(format!("{}:{}: {message}", self.path, span.start().line));
    }

    fn measure(&mut self, signature: &syn::Signature, end: proc_macro2::Span, is_public: bool) {
        let name = &signature.ident;
        let lines = end.end().line - signature.span().start().line + 1;
        if lines > MAX_FUNCTION_LINES {
            self.report(signature.span(), &format!("function `{name}` of {lines} lines"));
        }
        if self.role == Role::Test {
            return;
        }
        let parameters: Vec<&syn::PatType> = signature
            .inputs
            .iter()
            .filter_map(|input| match input {
                syn::FnArg::Typed(parameter) => Some(parameter),
                syn::FnArg::Receiver(_) => None,
            })
            .collect();
        if parameters.len() > MAX_PARAMETERS {
            let count = parameters.len();
            self.report(signature.span(), &format!("function `{name}` of {count} parameters"));
        }
        for parameter in parameters {
            if is_public && is_bool(&parameter.ty) {
                self.report(parameter.span(), &format!("function `{name}` with a bool parameter"));
            }
        }
    }
}

impl<'ast> Visit<'ast> for SignatureVisitor<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let role = self.role;
        if is_test_only(item) {
            self.role = Role::Test;
        }
        visit::visit_item(self, item);
        self.role = role;
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.measure(&item.sig, item.block.span(), is_public(&item.vis));
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.measure(&item.sig, item.block.span(), is_public(&item.vis));
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        let owner_is_public = std::mem::replace(&mut self.owner_is_public, is_public(&item.vis));
        visit::visit_item_trait(self, item);
        self.owner_is_public = owner_is_public;
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.measure(&item.sig, item.span(), self.owner_is_public);
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_type_tuple(&mut self, tuple: &'ast syn::TypeTuple) {
        if self.role == Role::Program && tuple.elems.iter().any(is_bool) {
            self.report(tuple.span(), "tuple with a bool");
        }
        visit::visit_type_tuple(self, tuple);
    }

    fn visit_expr_tuple(&mut self, tuple: &'ast syn::ExprTuple) {
        let is_bool = |element: &syn::Expr| matches!(element, syn::Expr::Lit(literal) if matches!(literal.lit, syn::Lit::Bool(_)));
        if self.role == Role::Program && tuple.elems.iter().any(is_bool) {
            self.report(tuple.span(), "tuple with a bool");
        }
        visit::visit_expr_tuple(self, tuple);
    }

    fn visit_item_type(&mut self, alias: &'ast syn::ItemType) {
        if self.role == Role::Program && is_bool(&alias.ty) {
            self.report(alias.span(), &format!("`{}` is only a name for bool", alias.ident));
        }
        visit::visit_item_type(self, alias);
    }
}

fn is_bool(ty: &syn::Type) -> bool {
    matches!(ty, syn::Type::Path(path) if path.path.is_ident("bool"))
}

fn is_public(visibility: &syn::Visibility) -> bool {
    !matches!(visibility, syn::Visibility::Inherited)
}
