//! The diagnostics that the program prints, parsed from its standard error.

/// A diagnostic as it is printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReportedDiagnostic {
    /// `error` or `warning`.
    pub(crate) severity: String,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) file: String,
    /// Line and column, if it has a position.
    pub(crate) position: Option<(usize, usize)>,
    /// The source lines in the message, with their numbers.
    pub(crate) source_lines: Vec<(usize, String)>,
    pub(crate) help: String,
}

impl ReportedDiagnostic {
    #[track_caller]
    pub(crate) fn assert_code(&self, assert_code: &str) -> &Self {
        assert_eq!(self.code, assert_code, "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn assert_position(&self, line: usize, column: usize) -> &Self {
        assert_eq!(self.position, Some((line, column)), "{self:#?}");
        self
    }

    /// Asserts that it has no position in the file.
    #[track_caller]
    pub(crate) fn assert_no_position(&self) -> &Self {
        assert_eq!((self.position, self.source_lines.len()), (None, 0), "{self:#?}");
        self
    }

    /// Asserts that the message contains the source line of the position.
    #[track_caller]
    pub(crate) fn assert_source_line(&self, line: &str) -> &Self {
        let number = self.position.map_or(0, |(line, _)| line);
        let source = self
            .source_lines
            .iter()
            .find(|(line_number, _)| *line_number == number)
            .map(|(_, text)| text.as_str());
        assert_eq!(source, Some(line), "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn assert_message_contains(&self, text: &str) -> &Self {
        assert!(self.message.contains(text), "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn assert_help_contains(&self, text: &str) -> &Self {
        assert!(self.help.contains(text), "{self:#?}");
        self
    }
}

/// Parses all diagnostics.
pub(crate) fn parse_diagnostics(stderr: &str) -> Vec<ReportedDiagnostic> {
    let mut diagnostics: Vec<ReportedDiagnostic> = Vec::new();
    for line in stderr.lines() {
        match (parse_heading(line), diagnostics.last_mut()) {
            (Some(diagnostic), _) => diagnostics.push(diagnostic),
            (None, Some(diagnostic)) => parse_detail(diagnostic, line),
            (None, None) => {}
        }
    }
    diagnostics
}

/// Parses `error[code]: message`.
fn parse_heading(line: &str) -> Option<ReportedDiagnostic> {
    let (severity, rest) = line.split_once('[')?;
    let (code, message) = rest.split_once("]: ")?;
    matches!(severity, "error" | "warning").then(|| ReportedDiagnostic {
        severity: severity.into(),
        code: code.into(),
        message: message.into(),
        ..ReportedDiagnostic::default()
    })
}

fn parse_detail(diagnostic: &mut ReportedDiagnostic, line: &str) {
    let line = line.trim_start();
    if let Some(location) = line.strip_prefix("--> ") {
        let parts: Vec<&str> = location.rsplitn(3, ':').collect();
        let numbers =
            parts.iter().take(2).map(|part| part.parse().ok()).collect::<Option<Vec<usize>>>();
        (diagnostic.file, diagnostic.position) = match (parts[..].last(), numbers.as_deref()) {
            (Some(file), Some(&[column, line])) => ((*file).to_owned(), Some((line, column))),
            _ => (location.to_owned(), None),
        };
    } else if let Some(help) = line.strip_prefix("= help: ") {
        diagnostic.help = help.to_owned();
    } else if let Some((number, text)) = line.split_once(" |")
        && let Ok(number) = number.parse()
    {
        diagnostic.source_lines.push((number, text.strip_prefix(' ').unwrap_or(text).to_owned()));
    }
}
