//! `dateline completions` and `dateline man`, generated from the definition of the command line.

use std::path::PathBuf;

use clap::{Args, Command};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::atomic_file::replace_file;
use crate::cli::output::report::Reporter;
use crate::cli::output::stdio;
use crate::diagnostics::Error;

#[derive(Args)]
pub(crate) struct CompletionsCommand {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

impl CompletionsCommand {
    /// Prints the completion script of a program.
    pub(crate) fn run(self, mut program: Command) {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut program, "dateline", &mut script);
        stdio::stream(|out| out.write_all(&script));
    }
}

#[derive(Args)]
pub(crate) struct ManCommand {
    /// The folder for the man pages, one per command; without it, only the program's own page is
    /// printed
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl ManCommand {
    /// Writes the man pages of a program and its commands, replacing existing ones, or prints the
    /// program's own.
    ///
    /// # Errors
    /// [`Error::Io`] if the folder or a page can't be written.
    pub(crate) fn run(self, mut program: Command, reporter: &Reporter) -> Result<usize, Error> {
        program.build();
        let Some(folder) = self.folder else {
            let page = Man::new(program);
            let page = render_page(&page)?;
            stdio::stream(|out| out.write_all(&page));
            return Ok(0);
        };
        std::fs::create_dir_all(&folder).map_err(Error::io("can't create the folder", &folder))?;
        let mut pages = Vec::new();
        collect_pages(&program, &mut pages);
        for page in &pages {
            replace_file(&folder.join(page.get_filename()), &render_page(page)?)?;
        }
        reporter.print_man_pages(pages.len(), &folder);
        Ok(0)
    }
}

/// Adds a page for a command and for each of its subcommands.
fn collect_pages(command: &Command, pages: &mut Vec<Man>) {
    pages.push(Man::new(command.clone()));
    // clap adds its own `help` to commands with subcommands; the program's has a manual page.
    let is_program = command.get_name() == "dateline";
    let subcommands = command.get_subcommands().filter(|subcommand| {
        !subcommand.is_hide_set() && (is_program || subcommand.get_name() != "help")
    });
    subcommands.for_each(|subcommand| collect_pages(subcommand, pages));
}

fn render_page(page: &Man) -> Result<Vec<u8>, Error> {
    let mut text = Vec::new();
    page.render(&mut text).map_err(Error::io("can't write", page.get_filename()))?;
    Ok(text)
}
