//! The roles that names and strings have in a template: which of them are variables, attributes,
//! components and so on.

use crate::templates::lexer::{Token, TokenKind};

/// The role of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A variable whose value is used.
    Variable,
    /// A variable that `set` or `for` assigns.
    Binding,
    /// A parameter of a component's definition.
    Parameter,
    /// A key after a dot, or a string in brackets that is a key.
    Attribute,
    /// The name of a component, or a part of it.
    Component,
    /// The argument `a` in `<card a={b} />`.
    Argument,
    /// The argument `a` in `<card a />`, which passes the variable with that name.
    ShorthandArgument,
    /// The string after `include` or `extends`.
    TemplateName,
    /// A keyword, a filter, a block or anything else.
    Other,
}

/// Names that are operators or literals in an expression.
const KEYWORDS: [&str; 17] = [
    "and", "or", "not", "in", "is", "if", "else", "elif", "for", "true", "True", "false", "False",
    "none", "None", "null", "loop",
];

/// The number of keywords that an operand follows.
const OPERATOR_COUNT: usize = 9;

/// Returns the role of each token.
pub(super) fn assign_roles(tokens: &[Token<'_>]) -> Vec<Role> {
    let mut roles = Roles { tokens, roles: vec![Role::Other; tokens.len()], calls: Vec::new() };
    let mut index = 0;
    while index < tokens.len() {
        index = roles.assign_next(index);
    }
    roles.roles
}

struct Roles<'t, 'a> {
    tokens: &'t [Token<'a>],
    roles: Vec<Role>,
    /// For each component call around the current token, the number of open braces in it: 0 where
    /// the next argument may begin.
    calls: Vec<usize>,
}

impl Roles<'_, '_> {
    fn is_symbol(&self, index: usize, symbols: &[&str]) -> bool {
        self.tokens
            .get(index)
            .is_some_and(|token| symbols.iter().any(|symbol| token.is_symbol(symbol)))
    }

    fn is_name(&self, index: usize) -> bool {
        self.tokens.get(index).is_some_and(|token| token.kind == TokenKind::Name)
    }

    /// Assigns the roles of the tokens from an index on; returns the index of the next token.
    fn assign_next(&mut self, index: usize) -> usize {
        let token = &self.tokens[index];
        match token.kind {
            TokenKind::OpenTag => {
                self.calls.clear();
                self.assign_statement(index + 1)
            }
            TokenKind::OpenVariable | TokenKind::Close => {
                self.calls.clear();
                index + 1
            }
            TokenKind::Symbol if self.is_call(index) => {
                self.calls.push(0);
                self.assign_component(index + 1)
            }
            TokenKind::Symbol => {
                self.track_call(index);
                index + 1
            }
            TokenKind::String => {
                if self.is_symbol(index.wrapping_sub(1), &["[", "?["])
                    && self.is_symbol(index + 1, &["]"])
                {
                    self.roles[index] = Role::Attribute;
                }
                index + 1
            }
            TokenKind::Name => self.assign_name(index),
            TokenKind::Number => index + 1,
        }
    }

    /// Assigns the roles at the beginning of a `{% … %}` tag.
    fn assign_statement(&mut self, index: usize) -> usize {
        let Some(keyword) = self.tokens.get(index) else { return index };
        match keyword.text {
            "set" | "set_global" => self.assign(index + 1, Role::Binding),
            "for" => self.assign_loop_variables(index + 1),
            "block" | "endblock" | "filter" => index + 2,
            "component" => {
                let parameters = self.assign_component(index + 1);
                self.assign_parameters(parameters)
            }
            "endcomponent" => self.assign_component(index + 1),
            "include" | "extends" => self.assign(index + 1, Role::TemplateName),
            "</" => self.assign_component(index + 1),
            _ if keyword.kind == TokenKind::Name => index + 1,
            _ => index,
        }
    }

    fn assign(&mut self, index: usize, role: Role) -> usize {
        if let Some(entry) = self.roles.get_mut(index) {
            *entry = role;
        }
        index + 1
    }

    fn assign_loop_variables(&mut self, index: usize) -> usize {
        let next = self.assign(index, Role::Binding);
        if self.is_symbol(next, &[","]) { self.assign(next + 1, Role::Binding) } else { next }
    }

    /// Assigns the role of a component's name, which may contain dots.
    fn assign_component(&mut self, mut index: usize) -> usize {
        while self.is_name(index) {
            index = self.assign(index, Role::Component);
            if !self.is_symbol(index, &["."]) {
                break;
            }
            index += 1;
        }
        index
    }

    /// Assigns the roles in the parentheses of a component's definition.
    fn assign_parameters(&mut self, mut index: usize) -> usize {
        let mut depth = 0;
        while let Some(token) = self.tokens.get(index) {
            if self.is_symbol(index, &["(", "[", "{"]) {
                depth += 1;
            } else if self.is_symbol(index, &[")", "]", "}"]) {
                depth -= 1;
            }
            let begins = self.is_symbol(index - 1, &["(", ",", "@", "..."]);
            if depth == 1 && begins && token.kind == TokenKind::Name {
                self.roles[index] = Role::Parameter;
            }
            index += 1;
            if depth == 0 {
                break;
            }
        }
        index
    }

    /// Checks whether a `<` begins a component's call instead of comparing two values.
    fn is_call(&self, index: usize) -> bool {
        let begins_operand = index.checked_sub(1).is_none_or(|before| {
            let token = &self.tokens[before];
            match token.kind {
                TokenKind::Name => KEYWORDS[..OPERATOR_COUNT].contains(&token.text),
                TokenKind::String | TokenKind::Number => false,
                TokenKind::Symbol => ![")", "]", "}"].contains(&token.text),
                TokenKind::OpenVariable | TokenKind::OpenTag | TokenKind::Close => true,
            }
        });
        self.is_symbol(index, &["<"]) && self.is_name(index + 1) && begins_operand
    }

    /// Follows the braces and the end of the innermost component call.
    fn track_call(&mut self, index: usize) {
        let Some(depth) = self.calls.last_mut() else { return };
        match self.tokens[index].text {
            "{" => *depth += 1,
            "}" => *depth = depth.saturating_sub(1),
            ">" if *depth == 0 => {
                self.calls.pop();
            }
            _ => {}
        }
    }

    fn assign_name(&mut self, index: usize) -> usize {
        let text = self.tokens[index].text;
        let before = index.wrapping_sub(1);
        let role = if self.is_symbol(before, &[".", "?."]) {
            Role::Attribute
        } else if self.calls.last() == Some(&0) {
            let has_value = self.is_symbol(index + 1, &["="]);
            if has_value { Role::Argument } else { Role::ShorthandArgument }
        } else if text == "for" {
            // A list comprehension: `[a.title for a in articles]`.
            return self.assign_loop_variables(index + 1);
        } else if KEYWORDS.contains(&text)
            || self.is_symbol(before, &["|"])
            || self.is_symbol(index + 1, &["(", "="])
            || self.is_test(index)
        {
            Role::Other
        } else {
            Role::Variable
        };
        self.assign(index, role)
    }

    /// Checks whether a name is that of a test: `is defined`, `is not defined`.
    fn is_test(&self, index: usize) -> bool {
        let is = |index: Option<usize>, name| index.is_some_and(|at| self.tokens[at].is_name(name));
        is(index.checked_sub(1), "is")
            || is(index.checked_sub(1), "not") && is(index.checked_sub(2), "is")
    }
}
