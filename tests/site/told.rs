//! What the program says about the content, read back from its standard error as its reader sees it.

/// One mistake, as told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// `error` or `warning`.
    pub(crate) severity: String,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) file: String,
    /// Line and column, if it is about a place.
    pub(crate) place: Option<(usize, usize)>,
    /// Every line shown, with its number.
    pub(crate) shown: Vec<(usize, String)>,
    pub(crate) help: String,
}

impl Told {
    #[track_caller]
    pub(crate) fn code(&self, code: &str) -> &Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn at(&self, line: usize, column: usize) -> &Self {
        assert_eq!(self.place, Some((line, column)), "{self:#?}");
        self
    }

    /// It is about the file as a whole.
    #[track_caller]
    pub(crate) fn nowhere(&self) -> &Self {
        assert_eq!((self.place, self.shown.len()), (None, 0), "{self:#?}");
        self
    }

    /// The line of the place is shown, as it is written.
    #[track_caller]
    pub(crate) fn shows(&self, line: &str) -> &Self {
        let number = self.place.map_or(0, |(line, _)| line);
        let shown = self.shown.iter().find(|(shown, _)| *shown == number).map(|(_, text)| text.as_str());
        assert_eq!(shown, Some(line), "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn says(&self, part: &str) -> &Self {
        assert!(self.message.contains(part), "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn helps(&self, part: &str) -> &Self {
        assert!(self.help.contains(part), "{self:#?}");
        self
    }
}

/// Reads everything that was told.
pub(crate) fn read(stderr: &str) -> Vec<Told> {
    let mut all: Vec<Told> = Vec::new();
    for line in stderr.lines() {
        match (heading(line), all.last_mut()) {
            (Some(told), _) => all.push(told),
            (None, Some(told)) => detail(told, line),
            (None, None) => {}
        }
    }
    all
}

/// `error[code]: message`.
fn heading(line: &str) -> Option<Told> {
    let (severity, rest) = line.split_once('[')?;
    let (code, message) = rest.split_once("]: ")?;
    matches!(severity, "error" | "warning").then(|| Told {
        severity: severity.into(),
        code: code.into(),
        message: message.into(),
        ..Told::default()
    })
}

fn detail(told: &mut Told, line: &str) {
    let line = line.trim_start();
    if let Some(locus) = line.strip_prefix("--> ") {
        let parts: Vec<&str> = locus.rsplitn(3, ':').collect();
        let numbers = parts.iter().take(2).map(|part| part.parse().ok()).collect::<Option<Vec<usize>>>();
        (told.file, told.place) = match (parts[..].last(), numbers.as_deref()) {
            (Some(file), Some(&[column, line])) => ((*file).to_owned(), Some((line, column))),
            _ => (locus.to_owned(), None),
        };
    } else if let Some(help) = line.strip_prefix("= help: ") {
        told.help = help.to_owned();
    } else if let Some((number, text)) = line.split_once(" |")
        && let Ok(number) = number.parse()
    {
        told.shown.push((number, text.strip_prefix(' ').unwrap_or(text).to_owned()));
    }
}
