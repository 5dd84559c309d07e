//! `dateline new`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::cli::output::report::Reporter;
use crate::config::{BuildTime, Site, SiteOptions};
use crate::diagnostics::{Error, Severity};
use crate::scaffold::{self, NewArticle};

#[derive(Args)]
pub(crate) struct NewCommand {
    /// The headline, from which the file name is generated
    #[arg(value_name = "HEADLINE")]
    headline: String,
    /// The section
    #[arg(long, value_name = "NAME")]
    section: Option<String>,
    /// The day, or the day and time [default: now]
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
    /// The language, if it isn't the site's
    #[arg(long, value_name = "TAG")]
    lang: Option<String>,
    /// Tags, separated by commas
    #[arg(long, value_name = "TAG,…", value_delimiter = ',')]
    tags: Vec<String>,
    /// An author; can be repeated
    #[arg(long, value_name = "NAME")]
    author: Vec<String>,
    /// Mark the article as a draft, which isn't published
    #[arg(long)]
    draft: bool,
    /// Open the file in the program set by VISUAL or EDITOR
    #[arg(long)]
    edit: bool,
    /// The site's folder
    #[arg(long, default_value = ".", value_name = "DIR")]
    root: PathBuf,
    /// Use this day or time as the current time
    #[arg(long, value_name = "DATE")]
    now: Option<String>,
}

impl NewCommand {
    /// Writes the article and returns the number of errors in `site.yaml`.
    ///
    /// # Errors
    /// As [`Site::load`] and [`scaffold::create_article`]; with `--edit`, [`Error::Usage`] if no
    /// editor is set or the editor fails, and [`Error::Io`] if it can't be started.
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        // First, so that no file is written if it can't be opened.
        let editor = self.edit.then(find_editor).transpose()?;
        let options = SiteOptions {
            root: self.root.clone(),
            now: self.now.map_or(BuildTime::SystemClock, BuildTime::Date),
            ..SiteOptions::default()
        };
        let site = Site::load(options)?;
        let mut mistakes = site.mistakes.clone();
        mistakes.retain(|mistake| mistake.severity == Severity::Error);
        let article = NewArticle {
            headline: self.headline,
            section: self.section,
            date: self.date,
            lang: self.lang,
            tags: self.tags,
            authors: self.author,
            draft: self.draft,
        };
        let created = scaffold::create_article(&site, &article)?;
        let file = if self.root == Path::new(".") {
            created.file.clone()
        } else {
            self.root.join(&created.file)
        };
        reporter.print_new_article(&file, &created, &mistakes);
        if let Some(editor) = editor {
            open_in_editor(&editor, &file)?;
        }
        Ok(mistakes.len())
    }
}

/// Returns the editor that the environment variables VISUAL or EDITOR set.
fn find_editor() -> Result<OsString, Error> {
    let program =
        ["VISUAL", "EDITOR"].iter().filter_map(std::env::var_os).find(|value| !value.is_empty());
    program.ok_or_else(|| {
        let help =
            "set one, for example `export EDITOR=nano`, or open the file yourself without --edit";
        Error::Usage(format!("--edit: neither VISUAL nor EDITOR is set; {help}"))
    })
}

/// Opens a file and waits until the program ends. An editor that isn't the path of a file may have
/// arguments: `code --wait`.
fn open_in_editor(editor: &OsString, file: &Path) -> Result<(), Error> {
    let text = editor.to_string_lossy();
    let mut words = text.split_whitespace();
    let mut command = match (Path::new(editor).is_file(), words.next()) {
        (false, Some(program)) => Command::new(program),
        _ => Command::new(editor),
    };
    if !Path::new(editor).is_file() {
        command.args(words);
    }
    let status = command.arg(file).status().map_err(Error::io("can't start", Path::new(editor)))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Usage(format!("{text} ended with {status}; the article is in {}", file.display())))
}
