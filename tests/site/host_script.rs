//! The build script for Netlify, with a release in a folder instead of the network.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::harness::{CommandOutput, report_skipped};
use crate::in_process::write_file;
use crate::scaffold::Workspace;

/// Runs the script, which downloads from a repository.
fn run_script(workspace: &Workspace, repository: &str) -> CommandOutput {
    let path = |name: &str| workspace.0.path().join(name);
    let old_path = std::env::var("PATH").expect("PATH is set");
    let mut command = Command::new("sh");
    command
        .arg("netlify/build.sh")
        .current_dir(path("site"))
        .env("PATH", format!("{}:{old_path}", path("bin").display()))
        .env("TMPDIR", path("tmp"))
        .env("RELEASE", path("release"))
        .env("DATELINE_REPOSITORY", repository)
        .env("DATELINE_VERSION", env!("CARGO_PKG_VERSION"))
        .env("CONTEXT", "production")
        .env("URL", "https://paper.example");
    CommandOutput::run(&mut command)
}

/// The script downloads, verifies, unpacks and builds.
#[test]
fn a_host_builds_with_a_release() {
    let workspace = Workspace::new();
    workspace.run(&["init", "site", "--ci", "netlify"]).assert_success();
    let path = |name: &str| workspace.0.path().join(name);
    let program = format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_dateline"));
    write_file(workspace.0.path(), "release/dateline", program);
    write_file(
        workspace.0.path(),
        "bin/curl",
        "#!/bin/sh\nfor last; do :; done\necho \"$last\" >> ../requests\n\
            cp \"$RELEASE/${last##*/}\" .\n",
    );
    write_file(workspace.0.path(), "tmp/.keep", "");
    for file in ["release/dateline", "bin/curl"] {
        fs::set_permissions(path(file), fs::Permissions::from_mode(0o755))
            .expect("the permissions are set");
    }
    let archive = format!("dateline-{}-x86_64-unknown-linux-gnu.tar.gz", env!("CARGO_PKG_VERSION"));
    let pack_command =
        format!("tar -czf {archive} dateline && sha256sum {archive} > {archive}.sha256");
    let packed =
        Command::new("sh").args(["-c", &pack_command]).current_dir(path("release")).output();
    if !packed.is_ok_and(|output| output.status.success()) {
        return report_skipped(
            "a_host_builds_with_a_release",
            "there is no `tar` or no `sha256sum`",
        );
    }
    let output = run_script(&workspace, "");
    assert!(
        output.status != 0
            && output.stderr.contains(
                "set \
        DATELINE_REPOSITORY"
            ),
        "{}",
        output.stderr
    );
    run_script(&workspace, "https://code.example/dateline").assert_success();
    let requests = workspace.read("tmp/requests");
    let first = format!(
        "https://code.example/dateline/releases/download/v{}/{archive}\n",
        env!("CARGO_PKG_VERSION")
    );
    assert!(requests.starts_with(&first) && requests.lines().count() == 2, "{requests}");
    assert!(workspace.read("site/public/index.html").contains("https://paper.example/"));
    write_file(
        workspace.0.path(),
        &format!("release/{archive}.sha256"),
        format!("{}  {archive}\n", "0".repeat(64)),
    );
    let output = run_script(&workspace, "https://code.example/dateline");
    assert!(output.status != 0 && output.stderr.contains("did NOT match"), "{}", output.stderr);
}
