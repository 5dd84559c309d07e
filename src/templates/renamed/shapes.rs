//! The contents of a template's variables, as far as they matter for renamed attributes:
//! `article.part` was renamed, `article.extra.part` wasn't.

use std::collections::HashMap;

use super::roles::Role;
use crate::templates::lexer::{Token, TokenKind};

/// The contents of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// An article or its teaser.
    Article,
    /// A list of articles.
    Articles,
    /// A date.
    Date,
    /// The variable `page`.
    Page,
    /// The variable `t`, the interface text.
    Messages,
    /// Values that the site defines, such as `article.extra`.
    Custom,
    /// Something else that Dateline defines.
    Other,
    /// Anything, such as an argument of a component.
    Unknown,
}

/// The expressions of a template.
pub(super) struct Expressions<'t, 'a> {
    tokens: &'t [Token<'a>],
    variables: HashMap<&'a str, Shape>,
}

impl<'t, 'a> Expressions<'t, 'a> {
    /// Reads which variables a template assigns.
    pub(super) fn new(tokens: &'t [Token<'a>], roles: &[Role]) -> Self {
        let mut expressions = Self { tokens, variables: HashMap::new() };
        for (index, (token, role)) in tokens.iter().zip(roles).enumerate() {
            let shape = match role {
                Role::Binding => expressions.assigned_shape(index),
                Role::Parameter => Shape::Unknown,
                _ => continue,
            };
            let known = expressions.variables.entry(token.text).or_insert(shape);
            if *known != shape {
                *known = Shape::Unknown;
            }
        }
        expressions
    }

    /// Returns true if the template itself assigns a variable.
    pub(super) fn assigns(&self, variable: &str) -> bool {
        self.variables.contains_key(variable)
    }

    /// Returns the shape of the value that `set` or `for` assigns to the variable at an index.
    fn assigned_shape(&self, index: usize) -> Shape {
        let is_symbol = |index: usize, symbol| {
            self.tokens.get(index).is_some_and(|token: &Token<'_>| token.is_symbol(symbol))
        };
        if is_symbol(index + 1, "=") {
            return self.shape_from(index + 2);
        }
        // `for value in …` and `for key, value in …`.
        let value = if is_symbol(index + 1, ",") { index + 2 } else { index };
        match self.tokens.get(value + 1) {
            Some(token) if token.is_name("in") && value == index => {
                self.shape_from(index + 2).of_element()
            }
            _ => Shape::Unknown,
        }
    }

    /// Returns the shape of the variable, with attributes, that begins at an index.
    fn shape_from(&self, start: usize) -> Shape {
        if self.tokens.get(start).is_none_or(|token| token.kind != TokenKind::Name) {
            return Shape::Unknown;
        }
        let mut end = start + 1;
        while let Some(token) = self.tokens.get(end) {
            end = match token.text {
                "." | "?." => end + 2,
                "[" | "?[" => self.closing_bracket(end) + 1,
                _ => break,
            };
        }
        self.shape_of(start, end.min(self.tokens.len()))
    }

    /// Returns the shape of the expression that ends before a `.` or `[`.
    pub(super) fn shape_before(&self, operator: usize) -> Shape {
        let mut end = operator;
        loop {
            let Some(last) = end.checked_sub(1) else { return Shape::Unknown };
            let token = &self.tokens[last];
            if token.is_symbol("]") {
                let Some(open) = self.opening_bracket(last) else { return Shape::Unknown };
                end = open;
            } else if token.kind != TokenKind::Name {
                return Shape::Unknown;
            } else if last > 0 && [".", "?."].iter().any(|dot| self.tokens[last - 1].is_symbol(dot))
            {
                end = last - 1;
            } else {
                return self.shape_of(last, operator);
            }
        }
    }

    fn shape_of(&self, start: usize, end: usize) -> Shape {
        let mut shape = self.shape_of_variable(self.tokens[start].text);
        let mut index = start + 1;
        while index + 1 < end {
            let key = &self.tokens[index + 1];
            if matches!(self.tokens[index].text, "." | "?.") {
                shape = shape.of_attribute(key.text);
                index += 2;
                continue;
            }
            let close = self.closing_bracket(index);
            let is_slice = self.tokens[index..close].iter().any(|token| token.is_symbol(":"));
            shape = match key.string_value() {
                Some(key) if close == index + 2 => shape.of_attribute(&key),
                _ if is_slice => shape,
                _ => shape.of_element(),
            };
            index = close + 1;
        }
        shape
    }

    fn closing_bracket(&self, open: usize) -> usize {
        let mut depth = 0;
        for (index, token) in self.tokens.iter().enumerate().skip(open) {
            match token.text {
                "[" | "?[" => depth += 1,
                "]" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return index;
            }
        }
        self.tokens.len() - 1
    }

    fn opening_bracket(&self, close: usize) -> Option<usize> {
        let mut depth = 0;
        for index in (0..=close).rev() {
            match self.tokens[index].text {
                "]" => depth += 1,
                "[" | "?[" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(index);
            }
        }
        None
    }

    fn shape_of_variable(&self, name: &str) -> Shape {
        let assigned = self.variables.get(name).copied();
        match name {
            _ if assigned == Some(Shape::Custom) => Shape::Custom,
            "story" | "article" | "lead" | "teaser" => Shape::Article,
            "previous" | "next" if assigned.is_none() => Shape::Article,
            "stories" | "articles" | "seconds" | "secondary" | "briefs" => Shape::Articles,
            "date" | "edition" if assigned.is_none() => Shape::Date,
            "page" => Shape::Page,
            "t" if assigned.is_none() => Shape::Messages,
            "site" | "term" | "taxonomy" | "pager" | "loop" if assigned.is_none() => Shape::Other,
            _ => assigned.unwrap_or(Shape::Unknown),
        }
    }
}

impl Shape {
    fn of_attribute(self, key: &str) -> Self {
        match key {
            _ if self == Self::Custom || key == "extra" => Self::Custom,
            "story" | "article" | "lead" | "previous" | "next" => Self::Article,
            "stories" | "articles" => Self::Articles,
            "date" | "updated" => Self::Date,
            _ if self == Self::Unknown => Self::Unknown,
            _ => Self::Other,
        }
    }

    fn of_element(self) -> Self {
        match self {
            Self::Articles => Self::Article,
            Self::Custom | Self::Unknown => self,
            _ => Self::Other,
        }
    }
}
