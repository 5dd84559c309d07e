//! The command `dateline`.

/// With the allocator of the system, a clean build takes a sixth longer (benches/LOG.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    dateline::run_command_line()
}
