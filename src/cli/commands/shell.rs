//! `dateline completions` and `dateline man`: what a shell and `man` are to know of the command
//! line, made from the command line itself.

use std::path::PathBuf;

use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::atomic_file::replace_file;
use crate::cli::Cli;
use crate::cli::output;
use crate::cli::output::report::Reporter;
use crate::diagnostics::Error;

#[derive(Args)]
pub(crate) struct CompletionsCommand {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

impl CompletionsCommand {
    /// Prints what the shell is to read.
    pub(crate) fn run(self) {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "dateline", &mut script);
        output::stream(|out| out.write_all(&script));
    }
}

#[derive(Args)]
pub(crate) struct ManCommand {
    /// Where to write the pages, one a command; without it, the program's own page is printed
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl ManCommand {
    /// Writes the pages, in place of those that are there, or prints the first.
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let mut program = Cli::command();
        program.build();
        let Some(folder) = self.folder else {
            let page = Man::new(program);
            let page = render_page(&page)?;
            output::stream(|out| out.write_all(&page));
            return Ok(0);
        };
        std::fs::create_dir_all(&folder).map_err(Error::io("can't make the folder", &folder))?;
        let mut pages = Vec::new();
        collect_pages(&program, &mut pages);
        for page in &pages {
            replace_file(&folder.join(page.get_filename()), &render_page(page)?)?;
        }
        reporter.print_man_pages(pages.len(), &folder);
        Ok(0)
    }
}

/// A page for a command and for each one below it.
fn collect_pages(command: &Command, pages: &mut Vec<Man>) {
    pages.push(Man::new(command.clone()));
    let subcommands = command
        .get_subcommands()
        .filter(|subcommand| !subcommand.is_hide_set() && subcommand.get_name() != "help");
    subcommands.for_each(|subcommand| collect_pages(subcommand, pages));
}

fn render_page(page: &Man) -> Result<Vec<u8>, Error> {
    let mut text = Vec::new();
    page.render(&mut text).map_err(Error::io("can't write", page.get_filename()))?;
    Ok(text)
}
