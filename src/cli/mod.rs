//! The command line. `command_line` defines the commands and their help, `commands` runs them, and
//! `output` prints their results: nothing else in the program prints.

mod args;
mod command_line;
mod commands;
mod documentation;
mod output;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::diagnostics::Error;
use command_line::{Command, CommandLine};
use output::report::Reporter;
use output::stdio;

/// Parses the program's arguments, runs the command, and returns its exit status.
pub fn run() -> ExitCode {
    let CommandLine { command, verbosity } = CommandLine::parse();
    let reporter = Reporter::new(command.stdout_reader(), verbosity);
    let result = run_command(command, &reporter);
    if let Err(error) = &result {
        reporter.print_error(error);
    }
    match (result, stdio::stdout_error()) {
        (Ok(_), Some(error)) => {
            reporter.print_error(&format!("can't write standard output: {error}"));
            ExitCode::from(2)
        }
        (Ok(0), None) => ExitCode::SUCCESS,
        (Ok(_), None) => ExitCode::from(1),
        (Err(_), _) => ExitCode::from(2),
    }
}

/// Runs a command and returns the number of errors in the content.
fn run_command(command: Command, reporter: &Reporter) -> Result<usize, Error> {
    match command {
        Command::Build(build) => build.run(reporter),
        Command::Serve(serve) => serve.run(reporter),
        Command::Check(check) => check.run(reporter),
        Command::Explain(explain) => explain.run(reporter),
        Command::Init(init) => init.run(reporter),
        Command::Import(import) => import.run(reporter),
        Command::New(new) => new.run(reporter),
        Command::List(list) => list.run(reporter),
        Command::Fix(fix) => fix.run(reporter),
        Command::Export(export) => export.run(reporter),
        Command::Stats(stats) => stats.run(reporter),
        Command::Completions(completions) => {
            completions.run(CommandLine::command());
            Ok(0)
        }
        Command::Schema(schema) => {
            schema.run();
            Ok(0)
        }
        Command::Help(help) => help.run(CommandLine::command()),
        Command::Man(man) => man.run(CommandLine::command(), reporter),
        Command::Permalinks(permalinks) => permalinks.run(reporter),
        Command::Verify(verify) => verify.run(reporter),
    }
}
