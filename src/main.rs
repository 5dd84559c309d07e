//! The command `dateline`.

/// Of a clean build's time, the system's own allocator takes a sixth more (benches/LOG.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    dateline::run_command_line()
}
