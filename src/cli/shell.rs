//! `dateline completions` and `dateline man`: what a shell and `man` are to know of the command line, made from the command line itself.

use std::path::PathBuf;

use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use super::Cli;
use super::out;
use super::report::Reporter;
use crate::diagnostic::Error;
use crate::files::replace;

#[derive(Args)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    /// Prints what the shell is to read.
    pub(super) fn run(self) {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "dateline", &mut script);
        out::stream(|out| out.write_all(&script));
    }
}

#[derive(Args)]
pub(super) struct Manual {
    /// Where to write the pages, one a command; without it, the program's own page is printed
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Manual {
    /// Writes the pages, in place of those that are there, or prints the first.
    pub(super) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let mut program = Cli::command();
        program.build();
        let Some(folder) = self.folder else {
            let page = Man::new(program);
            let page = rendered(&page)?;
            out::stream(|out| out.write_all(&page));
            return Ok(0);
        };
        std::fs::create_dir_all(&folder).map_err(Error::io("can't make the folder", &folder))?;
        let mut pages = Vec::new();
        gather(&program, &mut pages);
        for page in &pages {
            replace(&folder.join(page.get_filename()), &rendered(page)?)?;
        }
        reporter.wrote_pages(pages.len(), &folder);
        Ok(0)
    }
}

/// A page for a command and for each one below it.
fn gather(command: &Command, pages: &mut Vec<Man>) {
    pages.push(Man::new(command.clone()));
    let below = command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help");
    below.for_each(|below| gather(below, pages));
}

fn rendered(page: &Man) -> Result<Vec<u8>, Error> {
    let mut text = Vec::new();
    page.render(&mut text).map_err(Error::io("can't write", page.get_filename()))?;
    Ok(text)
}
