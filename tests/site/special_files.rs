//! Named pipes, devices, folders and symbolic links where files are expected: each is an error, and
//! none blocks the program.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::harness::{ARTICLE, CommandOutput, TestSite, article, dateline};
use crate::server::{TestServer, connect};

/// A build that hasn't ended after this time waits for the other end of a pipe.
const HANG: Duration = Duration::from_secs(60);

fn make_fifo(path: &Path) {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).expect("the folder is created");
    }
    let status = Command::new("mkfifo").arg(path).status().expect("mkfifo starts");
    assert!(status.success(), "{}", path.display());
}

/// Runs a command that must end by itself.
#[track_caller]
fn run_to_the_end(mut command: Command) -> CommandOutput {
    use std::process::Stdio;
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    let start = Instant::now();
    while child.try_wait().expect("the state is known").is_none() {
        if start.elapsed() > HANG {
            child.kill().expect("the process is killed");
            panic!("{command:?} waits for something");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().expect("the output is readable");
    let stderr = String::from_utf8(output.stderr).expect("it is UTF-8");
    assert!(!stderr.contains("panicked at"), "{stderr}");
    CommandOutput {
        status: output.status.code().expect("it isn't killed"),
        stdout: String::from_utf8(output.stdout).expect("it is UTF-8"),
        diagnostics: crate::diagnostics::parse_diagnostics(&stderr),
        stderr,
    }
}

fn build(site: &TestSite) -> CommandOutput {
    let mut command = site.build_command();
    command.args(["--format", "json"]);
    run_to_the_end(command)
}

#[test]
fn pipes_and_folders_as_inputs_are_errors_and_the_rest_is_built() {
    for (file, status) in [
        ("content/pipe.md", 1),
        ("templates/article.html", 1),
        ("templates/parts/footer.html", 1),
        ("static/pipe.txt", 1),
        ("site.yaml", 2),
        ("redactions.yaml", 1),
        ("permalinks.txt", 1),
    ] {
        for is_pipe in [true, false] {
            let site = TestSite::new();
            let path = site.path(file);
            if path.exists() {
                std::fs::remove_file(&path).expect("the file is removed");
            }
            if is_pipe {
                make_fifo(&path);
            } else if file.starts_with("static/") {
                continue;
            } else {
                std::fs::create_dir_all(&path).expect("the folder is created");
            }
            let build = build(&site);
            assert_eq!(build.status, status, "{file} {is_pipe}: {}", build.stderr);
            assert!(build.stderr.contains(file), "{file} {is_pipe}: {}", build.stderr);
            let is_built = site.has_output("2024/11/05/good/index.html");
            // Without settings, the names to redact or the site's templates, nothing is published.
            let is_blocked =
                ["site.yaml", "redactions.yaml"].contains(&file) || file.starts_with("templates/");
            assert_eq!(is_built, !is_blocked, "{file}");
        }
    }
}

#[test]
fn pipes_as_images_and_linked_files_are_missing_files() {
    let body = "![A](pipe.jpg)\n\n[B](pipe.pdf)\n\n![C](/static-pipe.png)\n";
    let site = TestSite::new()
        .with_file("content/a.md", article("A", "2024-11-06", "image: main-pipe.webp\n", body));
    for file in
        ["content/pipe.jpg", "content/pipe.pdf", "static/static-pipe.png", "content/main-pipe.webp"]
    {
        make_fifo(&site.path(file));
    }
    let build = build(&site);
    let mut codes = build.codes();
    codes.sort_unstable();
    assert_eq!(
        codes,
        ["missing-file", "missing-image", "missing-image", "missing-image", "unreadable"]
    );
    assert!(site.has_output("2024/11/06/a/index.html"));
}

#[test]
fn a_symlink_to_a_device_is_not_read() {
    let site = TestSite::new()
        .with_symlink("content/zero.md", "/dev/zero")
        .with_symlink("static/zero.txt", "/dev/zero")
        .with_symlink("templates/article.html", "/dev/zero");
    let build = build(&site).assert_errors();
    assert_eq!(build.codes(), ["symlink"; 3]);
}

/// Files that become pipes between two builds.
#[test]
fn a_file_replaced_by_a_pipe_keeps_its_page() {
    let site = TestSite::new();
    site.build().assert_success();
    site.remove("content/good.md");
    make_fifo(&site.path("content/good.md"));
    let failed = build(&site).assert_errors();
    failed.only_diagnostic().assert_code("unreadable").assert_message_contains("named pipe");
    assert!(site.has_output("2024/11/05/good/index.html"), "its last good page stays");
    site.remove("content/good.md");
    site.write("content/good.md", ARTICLE);
    site.build().assert_success();
}

#[test]
fn settings_outside_the_site_are_not_followed() {
    let site = TestSite::new().with_file("../outside.yaml", "title: Outside\n");
    site.remove("site.yaml");
    let site = site.with_symlink("site.yaml", "../outside.yaml");
    for command in ["build", "check", "stats"] {
        let mut run = dateline();
        run.arg(command).arg("--root").arg(site.root());
        let output = run_to_the_end(run);
        assert_eq!(output.status, 2, "{command}: {}", output.stderr);
        assert!(output.stderr.contains("points outside the site"), "{}", output.stderr);
    }
    site.remove("site.yaml");
    let site = site.with_symlink("site.yaml", "gone.yaml");
    assert_eq!(build(&site).status, 2);
    site.remove("site.yaml");
    site.write("settings.yaml", crate::harness::SETTINGS);
    let site = site.with_symlink("site.yaml", "settings.yaml");
    build(&site).assert_success();
}

#[test]
fn the_cache_folder_is_apart_from_sources_and_output() {
    let site = TestSite::new().with_file("src/x", "x");
    let site = site.with_symlink("link", "content");
    let absolute_root = site.root();
    for folder in [
        ".",
        "..",
        "/",
        "content",
        "content/cache",
        "templates",
        "static/cache",
        "src",
        "public",
        "public/cache",
        "x/../content",
        "link/cache",
        ".git",
        absolute_root.to_str().expect("it is UTF-8"),
    ] {
        let settings = format!("{}state: \"{folder}\"\n", crate::harness::SETTINGS);
        site.write("site.yaml", settings);
        let build = build(&site);
        assert_eq!(build.status, 2, "{folder}: {}", build.stderr);
        assert!(build.stderr.contains("the build cache directory"), "{}", build.stderr);
        site.write("site.yaml", crate::harness::SETTINGS);
        let mut command = site.build_command();
        let folder = if folder == "/" { folder.into() } else { site.path(folder) };
        command.arg("--state").arg(folder);
        assert_eq!(run_to_the_end(command).status, 2);
    }
    let mut command = site.build_command();
    command.args(["--output"]).arg(site.path("out/public")).arg("--state").arg(site.path("out"));
    assert_eq!(run_to_the_end(command).status, 2, "the cache holds the output folder");
    assert!(!site.path("public").exists() && !site.path("content/lock").exists());
}

/// Folders in `public/` that are symbolic links are not followed: neither to write, nor to remove.
#[test]
fn folder_symlinks_in_the_output_are_not_followed() {
    let site = TestSite::new().with_file("../outside/05/good/index.html", "mine");
    std::fs::create_dir_all(site.path("public/2024")).expect("the folder is created");
    let site = site.with_symlink("public/2024/11", "../../../outside");
    let failed = build(&site);
    assert_eq!(failed.status, 2, "{}", failed.stderr);
    assert!(failed.stderr.contains("2024/11") && failed.stderr.contains("symbolic link"));
    let outside = site.path("../outside/05/good/index.html");
    assert_eq!(std::fs::read_to_string(&outside).expect("it stays"), "mine");
    assert_eq!(crate::harness::read_files(&site.path("../outside")).len(), 1);
    site.remove("public/2024/11");
    build(&site).assert_success();
    // A folder with pages that is replaced by a link, and pages in it that are to be removed.
    std::fs::remove_dir_all(site.path("public/2024/11/05")).expect("the folder is removed");
    let site = site.with_symlink("public/2024/11/05", "../../../../outside/05");
    site.remove("content/good.md");
    site.write("content/other.md", article("Other", "2023-01-01", "", ""));
    build(&site);
    assert_eq!(std::fs::read_to_string(&outside).expect("it stays"), "mine");
    let mut verify = dateline();
    verify.arg("verify").arg("--root").arg(site.root());
    let verify = run_to_the_end(verify);
    assert!(verify.stdout.contains("2024/11/05"), "{} {}", verify.stdout, verify.stderr);
}

#[test]
fn ambiguous_requests_are_refused() {
    let site = TestSite::new();
    let server = TestServer::start(&site, &[]);
    for head in [
        "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n",
        "GET / HTTP/1.1\r\nHost: localhost, evil.example\r\n",
        "GET / HTTP/1.1\r\n",
        "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: +5\r\n",
        "GET / HTTP/1.1\r\nHost : localhost\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\n folded: x\r\n",
    ] {
        let mut stream = connect(server.listen_address);
        let request = format!("{head}\r\nGET /robots.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("the request is sent");
        let mut response = Vec::new();
        // The server may close the connection before it has read everything.
        let _ = stream.read_to_end(&mut response);
        let response = String::from_utf8_lossy(&response);
        assert!(response.starts_with("HTTP/1.1 400"), "{head:?}: {response}");
        assert!(!response.contains("User-agent"), "{head:?}: no second response: {response}");
    }
}

#[cfg(unix)]
#[test]
fn a_backslash_in_the_name_of_an_article_is_one_error() {
    let site = TestSite::empty()
        .with_file("content/the-\\eve.md", ARTICLE)
        .with_file("content/a.md", article("A", "2003-04-06", "", "Text.\n"));
    let build = site.build().assert_errors();
    build
        .only_diagnostic()
        .assert_code("file-name")
        .assert_message_contains("a backslash")
        .assert_help_contains("rename it");
    assert!(site.has_output("2003/04/06/a/index.html"));
}

/// Puts something at a path that the site can't use as a folder.
#[cfg(unix)]
fn put_no_folder(site: &TestSite, name: &str, what: &str) {
    use std::os::unix::fs::symlink;
    let path = site.path(name);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).expect("the folder is created");
    }
    match what {
        "pipe" => make_fifo(&path),
        "file" => std::fs::write(&path, "text").expect("it is written"),
        "device" => symlink("/dev/zero", &path).expect("it is linked"),
        "outside" => {
            let outside = site.path("../outside");
            std::fs::create_dir_all(&outside).expect("the folder is created");
            symlink(&outside, &path).expect("it is linked");
        }
        _ => symlink(path.file_name().expect("it has a name"), &path).expect("it is linked"),
    }
}

/// No page is built with other templates than the site's own.
#[cfg(unix)]
#[test]
fn templates_that_are_no_folder_stop_all_pages() {
    const OWN: &str = "<p>own template</p>\n";
    for name in ["templates", "templates/i18n", "templates/parts"] {
        for what in ["pipe", "file", "device", "outside", "loop"] {
            let site = TestSite::new()
                .with_file("templates/article.html", OWN)
                .with_file("content/b.md", article("B", "2024-11-06", "", "Hidden.\n"));
            site.build().assert_success();
            let before = site.outputs();
            let renamed = site.path("renamed-templates");
            if name == "templates" {
                std::fs::rename(site.path(name), &renamed).expect("it is renamed");
            }
            put_no_folder(&site, name, what);
            for _ in 0..2 {
                let build = build(&site).assert_errors();
                let context = format!("{name} {what}: {}", build.stderr);
                assert!(build.stderr.contains(name), "{context}");
                assert_eq!(build.codes().len(), 1, "{context}");
                assert_eq!(site.outputs(), before, "{context}");
            }
            // A takedown doesn't wait for the templates.
            site.write("content/b.md", article("B", "2024-11-06", "status: hidden\n", "Hidden.\n"));
            build(&site).assert_errors();
            assert!(!site.has_output("2024/11/06/b/index.html"), "{name} {what}");
            std::fs::remove_file(site.path(name)).expect("it is removed");
            if name == "templates" {
                std::fs::rename(&renamed, site.path(name)).expect("it is renamed");
            }
            build(&site);
            assert_eq!(site.read_output("2024/11/05/good/index.html"), OWN);
            crate::archive::assert_same_as_clean_build(&site, name);
        }
    }
}

#[cfg(unix)]
#[test]
fn a_missing_folder_of_templates_is_none() {
    let site = TestSite::new().with_file("themes/a/article.html", "<p>theme</p>\n");
    for folder in ["templates", "static"] {
        assert!(!site.path(folder).exists());
    }
    site.build().assert_success();
    let site = site.with_symlink("templates", "themes/a");
    site.build().assert_success();
    assert_eq!(site.read_output("2024/11/05/good/index.html"), "<p>theme</p>\n");
}
