//! The command `dateline`.

fn main() -> std::process::ExitCode {
    dateline::cli::run()
}
