//! `dateline help`: the help of commands, and the documentation.

use clap::{Args, Command};

use crate::cli::documentation::{PAGES, find_page, find_sections, names, title, to_terminal_text};
use crate::cli::output::stdio::{self, safe_println};
use crate::diagnostics::{Error, nearest};

#[derive(Args)]
pub(crate) struct HelpCommand {
    /// A command, a diagnostic code such as `missing-date`, a rule of `dateline check`, a setting,
    /// or a topic
    #[arg(value_name = "TOPIC|CODE|COMMAND")]
    words: Vec<String>,
}

impl HelpCommand {
    /// Prints the help of a program's command or the documentation of a code or a topic. Of a
    /// command with a page of documentation, both are printed.
    ///
    /// # Errors
    /// A usage error if there is nothing of that name.
    pub(crate) fn run(self, mut program: Command) -> Result<usize, Error> {
        program.build();
        let command = find_command(&mut program, &self.words);
        let name = self.words.join(" ");
        let is_command = command.is_some();
        if let Some(command) = command {
            safe_println!("{}", command.render_long_help());
        }
        if self.words.is_empty() {
            safe_println!("\n{}", topic_list());
            return Ok(0);
        }
        let page = find_page(&name);
        // The page of a command contains its sections, too.
        let texts = match page {
            Some(page) => vec![page],
            None if is_command => Vec::new(),
            None => find_sections(name.trim_matches(['`', '[', ']'])),
        };
        if texts.is_empty() && !is_command {
            return Err(unknown_topic(&name, &program));
        }
        for text in texts {
            stdio::print(format_args!("{}\n", to_terminal_text(text)));
        }
        Ok(0)
    }
}

/// Finds a command by its words: `export sqlite`. Without words it is the program itself.
fn find_command<'c>(program: &'c mut Command, words: &[String]) -> Option<&'c mut Command> {
    let mut command = program;
    for word in words {
        command = command.find_subcommand_mut(word)?;
    }
    Some(command)
}

/// The topics, each with the title of its page.
fn topic_list() -> String {
    let mut list = String::from(
        "Topics of `dateline help TOPIC`; `dateline help CODE` explains a message \
         `error[CODE]` or `warning[CODE]`:\n",
    );
    for (name, page) in PAGES {
        list.push_str(&format!("  {name:<17}{}\n", title(page)));
    }
    list.truncate(list.trim_end().len());
    list
}

fn unknown_topic(name: &str, program: &Command) -> Error {
    let commands = program.get_subcommands().map(|command| command.get_name().to_owned());
    let names: Vec<String> = commands.chain(names()).collect();
    let suggestion = nearest(name, names.iter().map(String::as_str))
        .map(|near| format!("; did you mean `dateline help {near}`?"));
    let suggestion = suggestion.unwrap_or_else(|| "; `dateline help` lists all topics".to_owned());
    Error::Usage(format!("there is no command, topic or code `{name}`{suggestion}"))
}
