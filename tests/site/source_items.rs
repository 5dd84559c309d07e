//! Names in the program's source that the documentation must list: fields of structs, variants of
//! enums, keys of JSON, diagnostic codes.
//!
//! Items are found by name in the parsed source, so that they can move between files.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

use crate::docs_parser::{files_with_extension, read_file};
use crate::source_tree::is_test_only;

/// The parsed files of a part of the source, without their tests.
pub(crate) struct SourceItems(Vec<syn::File>);

impl SourceItems {
    /// Parses the files whose paths begin with a prefix.
    pub(crate) fn parse(prefix: &str) -> Self {
        let files: Vec<syn::File> = files_with_extension("src", "rs")
            .into_iter()
            .filter(|path| path.starts_with(prefix))
            .map(|path| {
                let parsed = syn::parse_file(&read_file(&path));
                let mut file = parsed.unwrap_or_else(|error| panic!("{path}: {error}"));
                file.items.retain(|item| !is_test_only(item));
                file
            })
            .collect();
        assert!(!files.is_empty(), "no source file begins with {prefix}");
        Self(files)
    }

    /// Returns the names of a struct's fields.
    pub(crate) fn struct_fields(&self, name: &str) -> Vec<String> {
        let mut found = None;
        self.visit_items(|item| {
            if let syn::Item::Struct(item) = item
                && item.ident == name
            {
                let names = item.fields.iter().filter_map(|field| field.ident.as_ref());
                found = Some(names.map(ToString::to_string).collect());
            }
        });
        found.unwrap_or_else(|| panic!("there is no struct {name}"))
    }

    /// Returns the string literals in a constant.
    pub(crate) fn strings_in_const(&self, name: &str) -> Vec<String> {
        let mut strings = StringCollector::default();
        self.visit_items(|item| {
            if let syn::Item::Const(item) = item
                && item.ident == name
            {
                strings.visit_expr(&item.expr);
            }
        });
        assert!(!strings.0.is_empty(), "there is no constant {name} with a text");
        strings.0
    }

    /// Returns the string literals in the functions of a name.
    pub(crate) fn strings_in_fn(&self, name: &str) -> Vec<String> {
        let mut strings = StringCollector::default();
        self.visit_fn_blocks(name, |block| strings.visit_block(block));
        assert!(!strings.0.is_empty(), "there is no function {name} with a text");
        strings.0
    }

    /// Returns the string literals in patterns in the functions of a name.
    pub(crate) fn patterns_in_fn(&self, name: &str) -> Vec<String> {
        let mut patterns = PatternCollector::default();
        self.visit_fn_blocks(name, |block| patterns.visit_block(block));
        assert!(!patterns.0.0.is_empty(), "there is no function {name} with a pattern");
        patterns.0.0
    }

    /// Returns the keys of the objects in `json!` in a function, each with its depth, from 1.
    pub(crate) fn json_keys_in_fn(&self, name: &str) -> Vec<(usize, String)> {
        let mut keys = KeyCollector { macro_name: "json", separator: ':', keys: Vec::new() };
        self.visit_fn_blocks(name, |block| keys.visit_block(block));
        assert!(!keys.keys.is_empty(), "there is no function {name} with JSON");
        keys.keys
    }

    /// Returns the names of template variables: the keys in `map!`, and the first arguments of
    /// `insert_value`.
    pub(crate) fn template_variables(&self) -> BTreeSet<String> {
        let mut keys = KeyCollector { macro_name: "map", separator: '=', keys: Vec::new() };
        let mut calls = CallCollector { name: "insert_value", first_arguments: Vec::new() };
        for file in &self.0 {
            keys.visit_file(file);
            calls.visit_file(file);
        }
        keys.keys.into_iter().map(|(_, key)| key).chain(calls.first_arguments).collect()
    }

    /// Returns every diagnostic code, with true for errors.
    pub(crate) fn diagnostic_codes(&self) -> BTreeMap<String, bool> {
        let mut constructors = CodeConstructors::default();
        self.0.iter().for_each(|file| constructors.visit_file(file));
        let names = constructors.0;
        assert!(names.contains_key("error") && names.contains_key("warning"), "{names:?}");
        let mut codes = BTreeMap::new();
        for file in &self.0 {
            let mut collector = CodeCollector {
                constructors: &names,
                codes: BTreeMap::new(),
                uses_variable: false,
            };
            collector.visit_file(file);
            if collector.uses_variable {
                // A code in a variable is assigned in the same file.
                let mut assigned = AssignedCodes::default();
                assigned.visit_file(file);
                codes.extend(assigned.0.0.into_iter().map(|code| (code, true)));
            }
            codes.extend(collector.codes);
        }
        assert!(codes.len() > 20, "{codes:?}");
        codes
    }

    fn visit_items(&self, mut visit: impl FnMut(&syn::Item)) {
        for file in &self.0 {
            file.items.iter().for_each(&mut visit);
        }
    }

    fn visit_fn_blocks(&self, name: &str, visit: impl FnMut(&syn::Block)) {
        let mut functions = FunctionVisitor { name, visit };
        self.0.iter().for_each(|file| functions.visit_file(file));
    }
}

struct FunctionVisitor<'n, F> {
    name: &'n str,
    visit: F,
}

impl<'ast, F: FnMut(&syn::Block)> Visit<'ast> for FunctionVisitor<'_, F> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if item.sig.ident == self.name {
            (self.visit)(&item.block);
        }
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if item.sig.ident == self.name {
            (self.visit)(&item.block);
        }
        visit::visit_impl_item_fn(self, item);
    }
}

#[derive(Default)]
struct StringCollector(Vec<String>);

impl StringCollector {
    fn add_tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.add_tokens(group.stream()),
                TokenTree::Literal(literal) => self.0.extend(string_value(&literal)),
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for StringCollector {
    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.0.push(literal.value());
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.add_tokens(item.tokens.clone());
    }
}

#[derive(Default)]
struct PatternCollector(StringCollector);

impl<'ast> Visit<'ast> for PatternCollector {
    fn visit_pat(&mut self, pattern: &'ast syn::Pat) {
        self.0.visit_pat(pattern);
    }
}

/// Collects the string literals before a separator in the macros of a name.
struct KeyCollector {
    macro_name: &'static str,
    separator: char,
    keys: Vec<(usize, String)>,
}

impl KeyCollector {
    fn add_tokens(&mut self, tokens: TokenStream, depth: usize) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => {
                    let is_object = group.delimiter() == proc_macro2::Delimiter::Brace;
                    self.add_tokens(group.stream(), depth + usize::from(is_object));
                }
                TokenTree::Literal(literal) => {
                    let is_key = matches!(tokens.get(index + 1), Some(TokenTree::Punct(punct))
                        if punct.as_char() == self.separator);
                    if is_key {
                        self.keys.extend(string_value(literal).map(|key| (depth, key)));
                    }
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for KeyCollector {
    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        if item.path.segments.last().is_some_and(|segment| segment.ident == self.macro_name) {
            self.add_tokens(item.tokens.clone(), 0);
        }
    }
}

/// Collects the first arguments of calls, if they are string literals.
struct CallCollector {
    name: &'static str,
    first_arguments: Vec<String>,
}

impl<'ast> Visit<'ast> for CallCollector {
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if call.method == self.name {
            self.first_arguments.extend(call.args.first().and_then(string_argument));
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if called_name(call).is_some_and(|name| name == self.name) {
            self.first_arguments.extend(call.args.first().and_then(string_argument));
        }
        visit::visit_expr_call(self, call);
    }
}

/// Functions with a parameter `code: &'static str`, and its position: `Diagnostic::error` and its
/// wrappers.
#[derive(Default)]
struct CodeConstructors(BTreeMap<String, usize>);

impl<'ast> Visit<'ast> for CodeConstructors {
    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        let parameters = signature.inputs.iter().filter_map(|input| match input {
            syn::FnArg::Typed(parameter) => Some(parameter),
            syn::FnArg::Receiver(_) => None,
        });
        for (position, parameter) in parameters.enumerate() {
            let is_code = matches!(&*parameter.pat, syn::Pat::Ident(name) if name.ident == "code");
            let is_static = matches!(&*parameter.ty, syn::Type::Reference(reference)
                if reference.lifetime.as_ref().is_some_and(|name| name.ident == "static"));
            if is_code && is_static {
                self.0.insert(signature.ident.to_string(), position);
            }
        }
    }
}

struct CodeCollector<'c> {
    constructors: &'c BTreeMap<String, usize>,
    codes: BTreeMap<String, bool>,
    uses_variable: bool,
}

impl CodeCollector<'_> {
    fn add_call<'a>(&mut self, name: &str, mut arguments: impl Iterator<Item = &'a syn::Expr>) {
        let Some(position) = self.constructors.get(name) else { return };
        let Some(argument) = arguments.nth(*position) else { return };
        if let Some(code) = string_argument(argument) {
            self.codes.insert(code, name != "warning");
        } else if matches!(argument, syn::Expr::Path(path) if path.path.is_ident("code")) {
            self.uses_variable = true;
        }
    }
}

impl<'ast> Visit<'ast> for CodeCollector<'_> {
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.add_call(&call.method.to_string(), call.args.iter());
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let Some(name) = called_name(call) {
            self.add_call(&name.to_string(), call.args.iter());
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        type Arguments = syn::punctuated::Punctuated<syn::Expr, syn::Token![,]>;
        if let Ok(arguments) = item.parse_body_with(Arguments::parse_terminated) {
            arguments.iter().for_each(|argument| self.visit_expr(argument));
        }
    }
}

/// Collects the codes in `let code = …`.
#[derive(Default)]
struct AssignedCodes(StringCollector);

impl<'ast> Visit<'ast> for AssignedCodes {
    fn visit_local(&mut self, local: &'ast syn::Local) {
        let is_code = matches!(&local.pat, syn::Pat::Ident(name) if name.ident == "code");
        if let (true, Some(init)) = (is_code, &local.init) {
            let mut strings = StringCollector::default();
            strings.visit_expr(&init.expr);
            let is_kebab_case =
                |text: &String| text.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            self.0.0.extend(strings.0.into_iter().filter(is_kebab_case));
        }
        visit::visit_local(self, local);
    }
}

fn called_name(call: &syn::ExprCall) -> Option<&syn::Ident> {
    match &*call.func {
        syn::Expr::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
        _ => None,
    }
}

fn string_argument(argument: &syn::Expr) -> Option<String> {
    match argument {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

fn string_value(literal: &proc_macro2::Literal) -> Option<String> {
    match syn::Lit::new(literal.clone()) {
        syn::Lit::Str(text) => Some(text.value()),
        _ => None,
    }
}
