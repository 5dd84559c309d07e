//! The command `dateline`.

/// The system's own allocator makes a clean build a sixth slower (benches/LOG.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    dateline::run_command_line()
}
