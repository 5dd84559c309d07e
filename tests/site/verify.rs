//! `dateline verify`: every difference from the manifest or from a list of checksums is found,
//! whatever the length and modification time, and nothing else is reported.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::archive::{Archive, generate_articles};
use crate::harness::{CommandOutput, TestSite, article, dateline, report_skipped};

/// Runs `dateline verify --root …`.
fn run_verify(site: &TestSite, args: &[&str]) -> CommandOutput {
    CommandOutput::run(dateline().arg("verify").arg("--root").arg(site.root()).args(args))
}

fn json_list(output: &CommandOutput, key: &str) -> Vec<String> {
    let report: serde_json::Value =
        serde_json::from_str(&output.stdout).expect("the output is a JSON object");
    let paths = report[key].as_array().unwrap_or_else(|| panic!("no list `{key}` in {report}"));
    paths.iter().map(|path| path.as_str().expect("there is a path").to_owned()).collect()
}

/// Flips one bit of a file, and keeps its length and modification time.
fn flip_bit(file: &Path, bit: usize) {
    let time = fs::metadata(file)
        .and_then(|metadata| metadata.modified())
        .expect("the modification time is known");
    let mut bytes = fs::read(file).expect("the file is readable");
    let bit = bit % bytes.len();
    bytes[bit] ^= 1 << (bit % 8);
    fs::write(file, bytes).expect("the file is written");
    File::options()
        .append(true)
        .open(file)
        .and_then(|file| file.set_modified(time))
        .expect("the modification time is set");
}

/// Returns a site with more than ten thousand files.
fn site_with_ten_thousand_files() -> TestSite {
    let site = TestSite::empty();
    for number in 0..10_000 {
        site.write(
            &format!("static/data/{:02}/{number}.txt", number % 100),
            format!("This is file {number}."),
        );
    }
    site
}

#[test]
fn one_flipped_bit_among_ten_thousand_files() {
    let site = site_with_ten_thousand_files();
    site.build().assert_success();
    let manifest = site.root().join("public.sha256");
    let manifest = manifest.to_str().expect("it is UTF-8");
    let baseline =
        run_verify(&site, &["--write-manifest", manifest, "--format", "json"]).assert_success();
    assert!(baseline.report_number("tracked") > 10_000, "{}", baseline.stdout);
    for (index, path) in
        ["data/77/4277.txt", "assets/dateline.css", "index.html"].into_iter().enumerate()
    {
        let file = site.path("public").join(path);
        let before = fs::read(&file).expect("the file is readable");
        flip_bit(&file, 1_000 * index + 5);
        for args in [&["--format", "json"][..], &["--format", "json", "--manifest", manifest]] {
            let output = run_verify(&site, args).assert_errors();
            let numbers = ["missing", "altered", "untracked"].map(|key| output.report_number(key));
            assert_eq!(
                (numbers, json_list(&output, "altered_files")),
                ([0, 1, 0], vec![path.to_owned()])
            );
        }
        fs::write(&file, before).expect("the file is written");
    }
    run_verify(&site, &[]).assert_success();
}

#[test]
fn missing_altered_and_extra_files() {
    let site = TestSite::new().with_file("static/CNAME", "test.example");
    site.build().assert_success();
    site.remove("public/CNAME");
    site.write("public/2024/11/05/good/index.html", "by hand");
    site.write("public/own/file.txt", "mine");
    let output = run_verify(&site, &[]).assert_errors();
    let expected = "missing: CNAME\naltered: 2024/11/05/good/index.html\nuntracked: own/file.txt\n";
    assert!(output.stdout.starts_with(expected), "{}", output.stdout);
    assert!(
        output.stdout.ends_with(" intact, 1 missing, 1 altered; 1 untracked\n"),
        "{}",
        output.stdout
    );
    let quiet = run_verify(&site, &["--quiet"]).assert_errors();
    assert_eq!(quiet.stdout, expected.split_inclusive('\n').take(2).collect::<String>());
    // The next build fixes everything, and keeps untracked files.
    site.build_with_args(&["--verify"]).assert_success();
    let output = run_verify(&site, &["--format", "json"]).assert_success();
    assert_eq!(["missing", "altered", "untracked"].map(|key| output.report_number(key)), [0, 0, 1]);
    assert_eq!(run_verify(&site, &["--strict"]).status, 1, "unless it is requested");
    fs::remove_dir_all(site.path("public")).expect("the file is removed");
    let output = run_verify(&site, &["--format", "json"]).assert_errors();
    assert_eq!(
        output.report_number("missing"),
        output.report_number("tracked"),
        "a folder that is gone"
    );
}

/// Verification writes nothing, and doesn't need the content.
#[test]
fn verify_writes_nothing() {
    let site = TestSite::new();
    site.build().assert_success();
    site.write("content/broken.md", "x");
    let before = crate::archive::read_tree(&site.root());
    run_verify(&site, &[]).assert_success();
    assert!(before == crate::archive::read_tree(&site.root()));
    assert!(site.outside_files().is_empty());
}

#[test]
fn each_output_folder_has_its_manifest() {
    let site = TestSite::new();
    let output = run_verify(&site, &[]);
    assert_eq!(output.status, 2, "there was no build");
    assert!(
        output.stderr.contains("build the site first") && output.stderr.contains("--manifest"),
        "{}",
        output.stderr
    );
    let other = tempfile::tempdir().expect("a temporary folder is created");
    let (output_dir, cache_dir) = (other.path().join("out"), other.path().join("state"));
    let args = [
        "--output",
        output_dir.to_str().expect("it is UTF-8"),
        "--state",
        cache_dir.to_str().expect("it is UTF-8"),
    ];
    site.build_with_args(&args).assert_success();
    run_verify(&site, &args).assert_success();
    assert_eq!(run_verify(&site, &[]).status, 2);
    for file in fs::read_dir(&cache_dir)
        .expect("the file is readable")
        .map(|entry| entry.expect("the file is readable").path())
    {
        fs::write(file, "damaged").expect("the file is written");
    }
    let output = run_verify(&site, &args);
    assert_eq!(output.status, 2);
    assert!(output.stderr.contains("damaged"), "{}", output.stderr);
}

/// Symbolic links in the output folder aren't followed: they are reported as changed or untracked,
/// and their targets aren't read.
#[test]
fn symlinks_are_not_followed() {
    let site = TestSite::new();
    site.build().assert_success();
    let day = site.path("public/2024/11/05");
    let away = tempfile::tempdir().expect("a temporary folder is created");
    fs::rename(&day, away.path().join("05")).expect("the file is moved");
    std::os::unix::fs::symlink(away.path().join("05"), &day).expect("the symbolic link is created");
    let page = site.path("public/404.html");
    fs::rename(&page, away.path().join("404.html")).expect("the file is moved");
    std::os::unix::fs::symlink(away.path().join("404.html"), &page)
        .expect("the symbolic link is created");
    let has_pipe = Command::new("mkfifo")
        .arg(site.path("public/pipe"))
        .status()
        .is_ok_and(|status| status.success());
    let output = run_verify(&site, &["--format", "json"]).assert_errors();
    let missing = ["2024/11/05/good/index.html", "2024/11/05/index.html"];
    let mut missing_files = json_list(&output, "missing_files");
    missing_files.sort();
    assert_eq!(missing_files, missing);
    assert_eq!(json_list(&output, "altered_files"), ["404.html"]);
    assert_eq!(
        json_list(&output, "untracked_files").len(),
        if has_pipe { 2 } else { 1 },
        "{}",
        output.stdout
    );
}

#[test]
fn the_manifest_is_readable_by_sha256sum() {
    let archive = Archive::new(generate_articles(60, 8));
    let site = &archive.site;
    site.write(
        "content/خبر.md",
        article("خبر", "2024-11-06", "permalink: \"/a b/خبر - 'q'/\"\n", ""),
    );
    site.write("static/a-b.txt", "x");
    site.write("static/a/c.txt", "x");
    site.build().assert_success();
    let file = site.root().join("list.sha256");
    let args = ["--write-manifest", file.to_str().expect("it is UTF-8")];
    let output = run_verify(site, &args).assert_success();
    assert!(output.stdout.contains("; manifest written to "), "{}", output.stdout);
    let text = fs::read_to_string(&file).expect("the file is written");
    let paths: Vec<&str> = text.lines().map(|line| &line[66..]).collect();
    assert!(paths.is_sorted(), "in the order of bytes");
    assert_eq!(paths, site.output_paths(), "every file once");
    let mode =
        |path: &Path| fs::metadata(path).expect("the file exists").permissions().mode() & 0o777;
    assert_eq!(mode(&file), mode(&site.path("site.yaml")), "as readable as any file");
    let run_sha256sum = |flag: &str| {
        let mut command = Command::new("sha256sum");
        command
            .args(["--check", "--strict", flag])
            .arg(&file)
            .current_dir(site.path("public"))
            .output()
    };
    match run_sha256sum("--quiet") {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            flip_bit(&site.path("public/a/c.txt"), 0);
            assert!(!run_sha256sum("--quiet").expect("it ran the first time").status.success());
        }
        Err(_) => report_skipped("a_list_is_what_sha256sum_reads", "there is no `sha256sum`"),
    }
    // A changed output gets no new list of checksums, and the old one stays.
    flip_bit(&site.path("public/a-b.txt"), 0);
    let output = run_verify(site, &args).assert_errors();
    assert!(output.stdout.contains("was not written"), "{}", output.stdout);
    assert_eq!(fs::read_to_string(&file).expect("the file is readable"), text);
    assert_eq!(
        fs::read_dir(site.root()).expect("the file is readable").count(),
        6,
        "and nothing half-written"
    );
    let inside = site.path("public/list");
    let output = run_verify(site, &["--write-manifest", inside.to_str().expect("it is UTF-8")]);
    assert_eq!((output.status, inside.exists()), (2, false), "{}", output.stderr);
}

/// A copy of the output can be verified without a cache, with a list that another program wrote.
#[test]
fn a_copy_can_be_verified_by_a_manifest() {
    let site = TestSite::new();
    site.build().assert_success();
    let manifest = site.root().join("list");
    run_verify(&site, &["--write-manifest", manifest.to_str().expect("it is UTF-8")])
        .assert_success();
    let copy = tempfile::tempdir().expect("a temporary folder is created");
    for (path, bytes) in site.outputs() {
        let file = copy.path().join(path);
        fs::create_dir_all(file.parent().expect("the path has a parent"))
            .expect("the folder is created");
        fs::write(file, bytes).expect("the file is written");
    }
    fs::remove_dir_all(site.path(".dateline")).expect("the file is removed");
    let copied = ["--output", copy.path().to_str().expect("it is UTF-8"), "--format", "json"];
    let verify_with = |manifest: &Path| {
        run_verify(
            &site,
            &[&copied[..], &["--manifest", manifest.to_str().expect("it is UTF-8")]].concat(),
        )
    };
    assert_eq!(verify_with(&manifest).assert_success().report_number("untracked"), 0);
    let text = fs::read_to_string(&manifest).expect("the file is readable");
    site.write("loose", text.to_uppercase().replace("  ", " *./").replace('\n', "\r\n"));
    assert!(
        verify_with(&site.path("loose")).assert_errors().report_number("missing") > 0,
        "paths in capitals are others"
    );
    let loose: String = text
        .lines()
        .map(|line| format!("{} *./{}\r\n", line[..64].to_uppercase(), &line[66..]))
        .collect();
    site.write("loose", loose);
    verify_with(&site.path("loose")).assert_success();
    fs::remove_file(copy.path().join("404.html")).expect("the file is removed");
    fs::write(copy.path().join("index.html"), "x").expect("the file is written");
    fs::write(copy.path().join("new.html"), "x").expect("the file is written");
    let output = verify_with(&manifest).assert_errors();
    let file_lists =
        ["missing_files", "altered_files", "untracked_files"].map(|key| json_list(&output, key));
    assert_eq!(
        file_lists,
        ["404.html", "index.html", "new.html"].map(|path| vec![path.to_owned()])
    );
}

#[test]
fn invalid_manifest_lines_are_reported() {
    let site = TestSite::new();
    site.build().assert_success();
    let sum = "0".repeat(64);
    let text = format!(
        "\nnonsense\n{sum}  ../site.yaml\n{sum}  index.html\n{}  index.html\n{}\n",
        "1".repeat(64),
        "x".repeat(99_999)
    );
    site.write("list", text);
    let manifest = site.path("list");
    let output = run_verify(
        &site,
        &["--manifest", manifest.to_str().expect("it is UTF-8"), "--format", "json"],
    )
    .assert_errors();
    assert_eq!(output.codes(), ["bad-manifest"; 4]);
    let lines: Vec<usize> = output
        .diagnostics
        .iter()
        .filter_map(|diagnostic| diagnostic.position)
        .map(|position| position.0)
        .collect();
    assert_eq!(lines, [2, 3, 5, 6]);
    output.diagnostics[1]
        .assert_message_contains("outside the output folder")
        .assert_help_contains("`sha256sum`");
    assert_eq!(json_list(&output, "altered_files"), ["index.html"]);
    site.write("list", "bad\n".repeat(1_000));
    let output =
        run_verify(&site, &["--manifest", manifest.to_str().expect("it is UTF-8")]).assert_errors();
    assert_eq!(output.diagnostics.len(), 21);
    output.diagnostics[20].assert_message_contains("980 more lines");
}

/// A killed build is reported as such.
#[test]
fn verify_reports_a_killed_build() {
    let site = TestSite::new();
    site.build().assert_success();
    let cache_files = fs::read_dir(site.path(".dateline"))
        .expect("the file is readable")
        .map(|entry| entry.expect("the file is readable").path());
    let cache_file = cache_files
        .into_iter()
        .find(|path| path.extension().is_some_and(|end| end == "bin"))
        .expect("there is a cache");
    fs::write(cache_file.with_extension("journal"), "new/index.html\n")
        .expect("the file is written");
    site.write("public/new/index.html", "half");
    let output = run_verify(&site, &[]);
    assert!(
        output.stdout.contains("was interrupted") && output.stdout.contains("build again"),
        "{}",
        output.stdout
    );
    site.build().assert_success();
    assert!(!run_verify(&site, &[]).assert_success().stdout.contains("was interrupted"));
}
