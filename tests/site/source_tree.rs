//! The module tree of `src/`, and which file imports items from which other file.
//!
//! Every path in the code (`use` declarations, expressions, types, patterns, the arguments of
//! macros) is resolved through re-exports to the file that defines the item.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

/// The depth at which the resolution of a path gives up: names of extern crates that equal the name
/// of an import would otherwise refer to themselves.
const MAX_RESOLUTION_DEPTH: usize = 16;

/// The imports from one file to another: the paths as they are written.
pub(crate) type Imports = BTreeMap<(String, String), BTreeSet<String>>;

/// The parsed sources of the library and the program.
pub(crate) struct SourceTree {
    modules: Vec<Module>,
    /// The index in `modules` by path.
    indexes: BTreeMap<Vec<String>, usize>,
}

/// A module: a file, or a module inside a file.
#[derive(Default)]
struct Module {
    path: Vec<String>,
    /// The path of its file below `src/`.
    file: String,
    children: BTreeSet<String>,
    items: BTreeSet<String>,
    uses: Vec<UseDeclaration>,
    /// All other paths in its code.
    references: Vec<Vec<String>>,
}

struct UseDeclaration {
    /// The name it brings into scope, or `*`.
    name: String,
    path: Vec<String>,
    is_reexport: bool,
}

#[derive(Clone, Copy)]
enum Target {
    Module(usize),
    /// An item in the file of a module.
    Item(usize),
}

impl SourceTree {
    /// Parses the files below `src/`, given by path and text. Modules that are compiled only for
    /// tests are left out.
    pub(crate) fn parse<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut tree = Self { modules: Vec::new(), indexes: BTreeMap::new() };
        for (file, text) in files {
            let ast = syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}"));
            tree.add_module(module_path(file), file, &ast.items);
        }
        tree
    }

    fn add_module(&mut self, path: Vec<String>, file: &str, items: &[syn::Item]) {
        let mut module = Module { path, file: file.to_owned(), ..Module::default() };
        let mut inline_modules = Vec::new();
        for item in items {
            if is_test_only(item) {
                continue;
            }
            if let syn::Item::Mod(child) = item {
                module.children.insert(child.ident.to_string());
                if let Some((_, items)) = &child.content {
                    inline_modules.push((child.ident.to_string(), items));
                }
                continue;
            }
            module.items.extend(defined_name(item));
            PathCollector { module: &mut module }.visit_item(item);
        }
        let path = module.path.clone();
        self.indexes.insert(path.clone(), self.modules.len());
        self.modules.push(module);
        for (name, items) in inline_modules {
            self.add_module([path.clone(), vec![name]].concat(), file, items);
        }
    }

    /// Returns every import of an item that another file defines. A re-export is an import only if
    /// `with_reexports` includes them.
    pub(crate) fn imports(&self, with_reexports: Reexports) -> Imports {
        let mut imports = Imports::new();
        for (index, module) in self.modules.iter().enumerate() {
            let uses = module.uses.iter().filter(|declaration| {
                !declaration.is_reexport || matches!(with_reexports, Reexports::Included)
            });
            for path in uses.map(|declaration| &declaration.path).chain(&module.references) {
                for target in self.resolve(index, path, 0) {
                    let Target::Item(target) = target else { continue };
                    let file = &self.modules[target].file;
                    if *file != module.file {
                        let edge = (module.file.clone(), file.clone());
                        imports.entry(edge).or_default().insert(path.join("::"));
                    }
                }
            }
        }
        imports
    }

    /// Returns the first segments of all paths to items outside the program, by file: crates, types
    /// and functions of the prelude, local variables.
    pub(crate) fn foreign_names(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (index, module) in self.modules.iter().enumerate() {
            let uses = module.uses.iter().map(|declaration| &declaration.path);
            for path in uses.chain(&module.references) {
                if path.len() > 1 && self.resolve(index, &path[..1], 0).is_empty() {
                    names.entry(&module.file).or_default().insert(&path[0]);
                }
            }
        }
        names
    }

    fn resolve(&self, module: usize, path: &[String], depth: usize) -> Vec<Target> {
        let mut current = module;
        let mut rest = path;
        while let Some((segment, tail)) = rest.split_first() {
            let is_first = rest.len() == path.len();
            let parent = || {
                let path = &self.modules[current].path;
                self.indexes.get(&path[..path.len().saturating_sub(1)]).copied()
            };
            let next = match segment.as_str() {
                "crate" | "dateline" if is_first => self.indexes.get(&Vec::new()).copied(),
                "self" => Some(current),
                "super" => parent(),
                _ => None,
            };
            if let Some(next) = next {
                current = next;
                rest = tail;
                continue;
            }
            let targets = self.look_up(current, segment, depth);
            if tail.is_empty() {
                return targets;
            }
            let next = targets.iter().find_map(|target| match target {
                Target::Module(index) => Some(*index),
                Target::Item(_) => None,
            });
            match next {
                Some(next) => current = next,
                None => return targets,
            }
            rest = tail;
        }
        vec![Target::Module(current)]
    }

    /// Returns the meanings of a name in a module: a module and a function can have the same name.
    fn look_up(&self, index: usize, name: &str, depth: usize) -> Vec<Target> {
        let module = &self.modules[index];
        let mut targets = Vec::new();
        if name == "*" {
            return vec![Target::Item(index)];
        }
        if module.children.contains(name) {
            let path = [module.path.clone(), vec![name.to_owned()]].concat();
            targets.extend(self.indexes.get(&path).map(|&child| Target::Module(child)));
        }
        if module.items.contains(name) {
            targets.push(Target::Item(index));
        }
        if depth == MAX_RESOLUTION_DEPTH || !targets.is_empty() {
            return targets;
        }
        for declaration in module.uses.iter().filter(|declaration| declaration.name == name) {
            targets.extend(self.resolve(index, &declaration.path, depth + 1));
        }
        for declaration in module.uses.iter().filter(|declaration| declaration.name == "*") {
            let Some((_, glob)) = declaration.path.split_last() else { continue };
            for target in self.resolve(index, glob, depth + 1) {
                if let Target::Module(module) = target
                    && module != index
                {
                    targets.extend(self.look_up(module, name, depth + 1));
                }
            }
        }
        targets
    }
}

/// The treatment of re-exports (`pub use`) as imports.
#[derive(Clone, Copy)]
pub(crate) enum Reexports {
    Included,
    Ignored,
}

/// Returns the shortest import cycle through each import that is part of one, each once, as the
/// files in order.
pub(crate) fn import_cycles(imports: &Imports) -> BTreeSet<Vec<String>> {
    let mut successors: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, to) in imports.keys() {
        successors.entry(from).or_default().insert(to);
    }
    let mut cycles = BTreeSet::new();
    for (from, to) in imports.keys() {
        let Some(mut cycle) = shortest_path(&successors, to, from) else { continue };
        let smallest = (0..cycle.len()).min_by_key(|&index| cycle[index]).unwrap_or_default();
        cycle.rotate_left(smallest);
        cycles.insert(cycle.into_iter().map(str::to_owned).collect());
    }
    cycles
}

fn shortest_path<'a>(
    successors: &BTreeMap<&'a str, BTreeSet<&'a str>>,
    start: &'a str,
    end: &str,
) -> Option<Vec<&'a str>> {
    let mut predecessors: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = vec![start];
    let mut index = 0;
    while index < queue.len() {
        let file = queue[index];
        index += 1;
        if file == end {
            let mut path = vec![file];
            while path[path.len() - 1] != start {
                path.push(predecessors[path[path.len() - 1]]);
            }
            path.reverse();
            return Some(path);
        }
        for next in successors.get(file).into_iter().flatten() {
            if *next != start && !predecessors.contains_key(next) {
                predecessors.insert(next, file);
                queue.push(next);
            }
        }
    }
    None
}

fn module_path(file: &str) -> Vec<String> {
    if file == "lib.rs" {
        return Vec::new();
    }
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').map(str::to_owned).collect()
}

/// Reports an item with `#[cfg(test)]`, or another condition that names `test`.
pub(crate) fn is_test_only(item: &syn::Item) -> bool {
    let attributes = match item {
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Const(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

/// A token of the program's code.
pub(crate) struct CodeToken {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// Returns the tokens of a file, without comments and items for tests. Each punctuation character
/// is a token.
pub(crate) fn code_tokens(text: &str) -> Vec<CodeToken> {
    let ast = syn::parse_file(text).expect("the file is valid Rust");
    let tests: Vec<RangeInclusive<usize>> = ast
        .items
        .iter()
        .filter(|item| is_test_only(item))
        .map(|item| item.span().start().line..=item.span().end().line)
        .collect();
    let mut tokens = Vec::new();
    add_code_tokens(text.parse().expect("the file is valid Rust"), &mut tokens);
    tokens.retain(|token| !tests.iter().any(|lines| lines.contains(&token.line)));
    tokens
}

fn add_code_tokens(stream: TokenStream, tokens: &mut Vec<CodeToken>) {
    for token in stream {
        let line = token.span().start().line;
        let mut add = |text: String| tokens.push(CodeToken { text, line });
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                add(open.to_owned());
                add_code_tokens(group.stream(), tokens);
                tokens.push(CodeToken { text: close.to_owned(), line });
            }
            token => add(token.to_string()),
        }
    }
}

/// Splits a call such as `env::var(` into tokens.
pub(crate) fn tokenize(call: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    for c in call.chars() {
        let is_word = c.is_alphanumeric() || c == '_';
        match tokens.last_mut() {
            Some(last) if is_word && last.ends_with(|c: char| c.is_alphanumeric() || c == '_') => {
                last.push(c);
            }
            _ => tokens.push(c.to_string()),
        }
    }
    tokens
}

fn defined_name(item: &syn::Item) -> Option<String> {
    let name = match item {
        syn::Item::Const(item) => &item.ident,
        syn::Item::Enum(item) => &item.ident,
        syn::Item::Fn(item) => &item.sig.ident,
        syn::Item::Macro(item) => item.ident.as_ref()?,
        syn::Item::Static(item) => &item.ident,
        syn::Item::Struct(item) => &item.ident,
        syn::Item::Trait(item) => &item.ident,
        syn::Item::Type(item) => &item.ident,
        syn::Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

/// Adds every path of an item to its module.
struct PathCollector<'a> {
    module: &'a mut Module,
}

impl PathCollector<'_> {
    fn add_use(&mut self, tree: &syn::UseTree, prefix: &[String], is_reexport: bool) {
        let mut add = |name: &syn::Ident, segment: &syn::Ident| {
            let mut path = prefix.to_vec();
            if segment != "self" {
                path.push(segment.to_string());
            }
            let name = if name == "self" { path[path.len() - 1].clone() } else { name.to_string() };
            self.module.uses.push(UseDeclaration { name, path, is_reexport });
        };
        match tree {
            syn::UseTree::Path(path) => {
                let prefix = [prefix, &[path.ident.to_string()]].concat();
                self.add_use(&path.tree, &prefix, is_reexport);
            }
            syn::UseTree::Name(name) => add(&name.ident, &name.ident),
            syn::UseTree::Rename(rename) => add(&rename.rename, &rename.ident),
            syn::UseTree::Glob(_) => {
                let path = [prefix, &["*".to_owned()]].concat();
                let name = "*".to_owned();
                self.module.uses.push(UseDeclaration { name, path, is_reexport });
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.add_use(tree, prefix, is_reexport);
                }
            }
        }
    }

    /// Adds the paths among tokens: identifiers joined by `::`.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 && !path.is_empty() {
                        self.module.references.push(std::mem::take(&mut path));
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => {
                    colons += 1;
                }
                token => {
                    if !path.is_empty() {
                        self.module.references.push(std::mem::take(&mut path));
                    }
                    colons = 0;
                    if let TokenTree::Group(group) = token {
                        self.add_tokens(group.stream());
                    }
                }
            }
        }
        if !path.is_empty() {
            self.module.references.push(path);
        }
    }
}

impl<'ast> Visit<'ast> for PathCollector<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let is_reexport = !matches!(item.vis, syn::Visibility::Inherited);
        self.add_use(&item.tree, &[], is_reexport);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.module.references.push(segments);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.add_tokens(item.tokens.clone());
        visit::visit_macro(self, item);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.add_tokens(list.tokens.clone());
        }
        visit::visit_attribute(self, attribute);
    }
}
