//! Limits of size and shape that the code keeps: the length of lines, files and functions, the
//! number of parameters, and no `bool` where a reader can't see what `true` means; and the
//! documentation of errors.

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

    fn measure(
        &mut self,
        signature: &syn::Signature,
        attributes: &[syn::Attribute],
        end: proc_macro2::Span,
        is_public: bool,
    ) {
        let name = &signature.ident;
        let lines = end.end().line - signature.span().start().line + 1;
        if lines > MAX_FUNCTION_LINES {
            self.report(signature.span(), &format!("function `{name}` of {lines} lines"));
        }
        if self.role == Role::Test {
            return;
        }
        if is_public && returns_result(signature) && !documents_errors(attributes) {
            self.report(signature.span(), &format!("function `{name}` without `# Errors`"));
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
        self.measure(&item.sig, &item.attrs, item.block.span(), is_public(&item.vis));
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.measure(&item.sig, &item.attrs, item.block.span(), is_public(&item.vis));
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        let owner_is_public = std::mem::replace(&mut self.owner_is_public, is_public(&item.vis));
        visit::visit_item_trait(self, item);
        self.owner_is_public = owner_is_public;
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.measure(&item.sig, &item.attrs, item.span(), self.owner_is_public);
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_type_tuple(&mut self, tuple: &'ast syn::TypeTuple) {
        if self.role == Role::Program && tuple.elems.iter().any(is_bool) {
            self.report(tuple.span(), "tuple with a bool");
        }
        visit::visit_type_tuple(self, tuple);
    }

    fn visit_expr_tuple(&mut self, tuple: &'ast syn::ExprTuple) {
        let is_literal = |element: &syn::Expr| match element {
            syn::Expr::Lit(literal) => matches!(literal.lit, syn::Lit::Bool(_)),
            _ => false,
        };
        if self.role == Role::Program && tuple.elems.iter().any(is_literal) {
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

/// Returns true if a function returns a `Result` of any kind, such as `io::Result<()>`.
fn returns_result(signature: &syn::Signature) -> bool {
    let syn::ReturnType::Type(_, returned) = &signature.output else { return false };
    matches!(&**returned, syn::Type::Path(path)
        if path.path.segments.last().is_some_and(|segment| segment.ident == "Result"))
}

/// Returns true if a doc comment has a section `# Errors` that isn't empty.
fn documents_errors(attributes: &[syn::Attribute]) -> bool {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
            syn::Expr::Lit(literal) => match &literal.lit {
                syn::Lit::Str(text) => Some(text.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    let mut section = lines.skip_while(|line| line != "# Errors").skip(1);
    section.next().is_some_and(|line| !line.is_empty() && !line.starts_with('#'))
}

fn is_bool(ty: &syn::Type) -> bool {
    matches!(ty, syn::Type::Path(path) if path.path.is_ident("bool"))
}

fn is_public(visibility: &syn::Visibility) -> bool {
    !matches!(visibility, syn::Visibility::Inherited)
}

#[test]
fn violations_are_found() {
    let source = format!(
        "pub(crate) fn long(flag: bool) {{\n{}}}\nfn private(flag: bool) -> Vec<(u8, bool)> {{}}\n\
         #[cfg(test)] mod tests {{ pub fn f(flag: bool) {{}} }}\n// {}\n",
        "let x = 1;\n".repeat(60),
        "-".repeat(100)
    );
    let found = violations("x.rs", &source, Role::Program);
    assert_eq!(
        found,
        [
            "x.rs:65: line of 103 columns",
            "x.rs:1: function `long` of 62 lines",
            "x.rs:1: function `long` with a bool parameter",
            "x.rs:63: tuple with a bool"
        ]
    );
}

#[test]
fn undocumented_errors_are_found() {
    let found = violations(
        "x.rs",
        "pub fn f() -> Result<(), E> {}\n/// # Errors\npub(crate) fn g() -> fmt::Result {}\n\
         /// # Errors\n/// If it fails.\npub fn h() -> io::Result<u8> {}\n\
         fn i() -> Result<(), E> {}\n\
         pub trait T { /// Tries.\nfn j(&self) -> Result<(), E>; }",
        Role::Program,
    );
    assert_eq!(
        found,
        [
            "x.rs:1: function `f` without `# Errors`",
            "x.rs:3: function `g` without `# Errors`",
            "x.rs:9: function `j` without `# Errors`"
        ]
    );
}

#[test]
fn tuples_are_found_wherever_they_are() {
    let found = violations(
        "x.rs",
        "fn f() { let x: Vec<(u8, bool)> = y(); let z = (1, true); type P = ((bool, u8), u8); }\n\
         type Flag = bool;\ntype Q = (u8, (u8, bool));\nstruct S { f: (bool, u8) }\n\
         #[cfg(test)] mod tests { type T = (u8, bool); }",
        Role::Program,
    );
    assert_eq!(
        found,
        [
            "x.rs:1: tuple with a bool",
            "x.rs:1: tuple with a bool",
            "x.rs:1: tuple with a bool",
            "x.rs:2: `Flag` is only a name for bool",
            "x.rs:3: tuple with a bool",
            "x.rs:4: tuple with a bool"
        ]
    );
}

#[test]
fn parameters_and_lines_are_counted() {
    let found =
        violations("x.rs", "pub fn f(a: A, b: A, c: A, d: A, e: A, f: A) {}", Role::Program);
    assert_eq!(found, ["x.rs:1: function `f` of 6 parameters"]);
    let found = violations("x.js", &"x".repeat(101), Role::Program);
    assert_eq!(found, ["x.js:1: line of 101 columns"]);
}

#[test]
fn long_prose_is_found() {
    let long = "x ".repeat(61);
    let url = "x".repeat(120);
    let text = format!(
        "---\ntitle: {long}\n---\n\n{long}\n\n- {long}\n\n```\n{long}\n```\n\n    {long}\n\n\
         | a |\n| --- |\n| {long} |\n\nsee [a link](https://example.com/{url})\n\n[{long}](/a)\n"
    );
    assert_eq!(
        long_markdown_lines("x.md", &text),
        [
            "x.md:5: line of 122 columns",
            "x.md:7: line of 124 columns",
            "x.md:21: line of 123 columns"
        ]
    );
}
