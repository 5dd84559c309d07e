//! Fixity: what differs from the ledger or from a list is found, whatever its length and its time say; and nothing else is told.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::archive::{Archive, stories};
use crate::harness::{Build, Site, dateline, skipped, story};

/// `dateline verify --root …`.
fn verify(site: &Site, args: &[&str]) -> Build {
    Build::of(dateline().arg("verify").arg("--root").arg(site.root()).args(args))
}

fn list(build: &Build, key: &str) -> Vec<String> {
    let report: serde_json::Value = serde_json::from_str(&build.stdout).expect("one JSON object");
    let paths = report[key].as_array().unwrap_or_else(|| panic!("no list `{key}` in {report}"));
    paths.iter().map(|path| path.as_str().expect("a path").to_owned()).collect()
}

/// Flips one bit of a file, and leaves its length and its time.
fn flip(file: &Path, at: usize) {
    let time = fs::metadata(file).and_then(|found| found.modified()).expect("a time");
    let mut bytes = fs::read(file).expect("readable");
    let at = at % bytes.len();
    bytes[at] ^= 1 << (at % 8);
    fs::write(file, bytes).expect("written");
    File::options().append(true).open(file).and_then(|file| file.set_modified(time)).expect("set");
}

/// A site of so many files that one bit among them is little.
fn of_ten_thousand() -> Site {
    let site = Site::empty();
    for number in 0..10_000 {
        site.put(&format!("static/data/{:02}/{number}.txt", number % 100), format!("This is file {number}."));
    }
    site
}

#[test]
fn one_flipped_bit_among_ten_thousand_files() {
    let site = of_ten_thousand();
    site.build().fine();
    let manifest = site.root().join("public.sha256");
    let manifest = manifest.to_str().expect("UTF-8");
    let sound = verify(&site, &["--write-manifest", manifest, "--format", "json"]).fine();
    assert!(sound.number("known") > 10_000, "{}", sound.stdout);
    for (at, path) in ["data/77/4277.txt", "assets/dateline.css", "index.html"].into_iter().enumerate() {
        let file = site.path("public").join(path);
        let before = fs::read(&file).expect("readable");
        flip(&file, 1_000 * at + 5);
        for args in [&["--format", "json"][..], &["--format", "json", "--manifest", manifest]] {
            let build = verify(&site, args).faulty();
            let numbers = ["missing", "altered", "extra"].map(|key| build.number(key));
            assert_eq!((numbers, list(&build, "altered_files")), ([0, 1, 0], vec![path.to_owned()]));
        }
        fs::write(&file, before).expect("written");
    }
    verify(&site, &[]).fine();
}

#[test]
fn missing_altered_and_extra_files() {
    let site = Site::new().with("static/CNAME", "test.example");
    site.build().fine();
    site.remove("public/CNAME");
    site.put("public/2024/11/05/good/index.html", "by hand");
    site.put("public/own/file.txt", "mine");
    let build = verify(&site, &[]).faulty();
    let expected = "missing: CNAME\naltered: 2024/11/05/good/index.html\nextra: own/file.txt\n";
    assert!(build.stdout.starts_with(expected), "{}", build.stdout);
    assert!(build.stdout.ends_with(" sound, 1 missing, 1 altered; 1 extra\n"), "{}", build.stdout);
    let quiet = verify(&site, &["--quiet"]).faulty();
    assert_eq!(quiet.stdout, expected.split_inclusive('\n').take(2).collect::<String>());
    // The next build mends it all, and leaves what isn't its own.
    site.build_with(&["--verify"]).fine();
    let build = verify(&site, &["--format", "json"]).fine();
    assert_eq!(["missing", "altered", "extra"].map(|key| build.number(key)), [0, 0, 1]);
    assert_eq!(verify(&site, &["--strict"]).status, 1, "unless it is asked for");
    fs::remove_dir_all(site.path("public")).expect("removed");
    let build = verify(&site, &["--format", "json"]).faulty();
    assert_eq!(build.number("missing"), build.number("known"), "a folder that is gone");
}

/// Verifying reads and writes nothing else, and asks nothing of the content.
#[test]
fn it_only_looks() {
    let site = Site::new();
    site.build().fine();
    site.put("content/broken.md", "x");
    let before = crate::archive::tree(&site.root());
    verify(&site, &[]).fine();
    assert!(before == crate::archive::tree(&site.root()));
    assert!(site.around().is_empty());
}

#[test]
fn each_output_folder_has_its_ledger() {
    let site = Site::new();
    let build = verify(&site, &[]);
    assert_eq!(build.status, 2, "there was no build");
    assert!(
        build.stderr.contains("build the site first") && build.stderr.contains("--manifest"),
        "{}",
        build.stderr
    );
    let other = tempfile::tempdir().expect("a folder");
    let (output, state) = (other.path().join("out"), other.path().join("state"));
    let args = ["--output", output.to_str().expect("UTF-8"), "--state", state.to_str().expect("UTF-8")];
    site.build_with(&args).fine();
    verify(&site, &args).fine();
    assert_eq!(verify(&site, &[]).status, 2);
    for file in fs::read_dir(&state).expect("readable").map(|entry| entry.expect("readable").path()) {
        fs::write(file, "damaged").expect("written");
    }
    let build = verify(&site, &args);
    assert_eq!(build.status, 2);
    assert!(build.stderr.contains("damaged"), "{}", build.stderr);
}

/// Links in the output folder lead nowhere: what they stand for is altered or extra, and what they lead to is not read.
#[test]
fn links_are_not_followed() {
    let site = Site::new();
    site.build().fine();
    let day = site.path("public/2024/11/05");
    let away = tempfile::tempdir().expect("a folder");
    fs::rename(&day, away.path().join("05")).expect("moved");
    std::os::unix::fs::symlink(away.path().join("05"), &day).expect("linked");
    let page = site.path("public/404.html");
    fs::rename(&page, away.path().join("404.html")).expect("moved");
    std::os::unix::fs::symlink(away.path().join("404.html"), &page).expect("linked");
    let pipe =
        Command::new("mkfifo").arg(site.path("public/pipe")).status().is_ok_and(|status| status.success());
    let build = verify(&site, &["--format", "json"]).faulty();
    let missing = ["2024/11/05/good/index.html", "2024/11/05/index.html"];
    let mut found = list(&build, "missing_files");
    found.sort();
    assert_eq!(found, missing);
    assert_eq!(list(&build, "altered_files"), ["404.html"]);
    assert_eq!(list(&build, "extra_files").len(), if pipe { 2 } else { 1 }, "{}", build.stdout);
}

#[test]
fn a_list_is_what_sha256sum_reads() {
    let archive = Archive::new(stories(60, 8));
    let site = &archive.site;
    site.put("content/خبر.md", story("خبر", "2024-11-06", "permalink: \"/a b/خبر - 'q'/\"\n", ""));
    site.put("static/a-b.txt", "x");
    site.put("static/a/c.txt", "x");
    site.build().fine();
    let file = site.root().join("list.sha256");
    let args = ["--write-manifest", file.to_str().expect("UTF-8")];
    let build = verify(site, &args).fine();
    assert!(build.stdout.contains("; listed in "), "{}", build.stdout);
    let text = fs::read_to_string(&file).expect("written");
    let paths: Vec<&str> = text.lines().map(|line| &line[66..]).collect();
    assert!(paths.is_sorted(), "in the order of bytes");
    assert_eq!(paths, site.paths(), "every file once");
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&file), mode(&site.path("site.yaml")), "as readable as any file");
    let check = |quiet: &str| {
        let mut sums = Command::new("sha256sum");
        sums.args(["--check", "--strict", quiet]).arg(&file).current_dir(site.path("public")).output()
    };
    match check("--quiet") {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            flip(&site.path("public/a/c.txt"), 0);
            assert!(!check("--quiet").expect("it ran before").status.success());
        }
        Err(_) => skipped("a_list_is_what_sha256sum_reads", "there is no `sha256sum`"),
    }
    // Of what isn't as it was built there is no new list, and the old one stays.
    flip(&site.path("public/a-b.txt"), 0);
    let build = verify(site, &args).faulty();
    assert!(build.stdout.contains("was not written"), "{}", build.stdout);
    assert_eq!(fs::read_to_string(&file).expect("there"), text);
    assert_eq!(fs::read_dir(site.root()).expect("readable").count(), 6, "and nothing half-written");
    let inside = site.path("public/list");
    let build = verify(site, &["--write-manifest", inside.to_str().expect("UTF-8")]);
    assert_eq!((build.status, inside.exists()), (2, false), "{}", build.stderr);
}

/// A copy of the output needs no state to be checked by a list that any program made.
#[test]
fn a_copy_is_checked_by_a_list() {
    let site = Site::new();
    site.build().fine();
    let manifest = site.root().join("list");
    verify(&site, &["--write-manifest", manifest.to_str().expect("UTF-8")]).fine();
    let copy = tempfile::tempdir().expect("a folder");
    for (path, bytes) in site.outputs() {
        let file = copy.path().join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("created");
        fs::write(file, bytes).expect("written");
    }
    fs::remove_dir_all(site.path(".dateline")).expect("removed");
    let copied = ["--output", copy.path().to_str().expect("UTF-8"), "--format", "json"];
    let with = |manifest: &Path| {
        verify(&site, &[&copied[..], &["--manifest", manifest.to_str().expect("UTF-8")]].concat())
    };
    assert_eq!(with(&manifest).fine().number("extra"), 0);
    let text = fs::read_to_string(&manifest).expect("there");
    site.put("loose", text.to_uppercase().replace("  ", " *./").replace('\n', "\r\n"));
    assert!(with(&site.path("loose")).faulty().number("missing") > 0, "paths in capitals are others");
    let loose: String =
        text.lines().map(|line| format!("{} *./{}\r\n", line[..64].to_uppercase(), &line[66..])).collect();
    site.put("loose", loose);
    with(&site.path("loose")).fine();
    fs::remove_file(copy.path().join("404.html")).expect("removed");
    fs::write(copy.path().join("index.html"), "x").expect("written");
    fs::write(copy.path().join("new.html"), "x").expect("written");
    let build = with(&manifest).faulty();
    let lists = ["missing_files", "altered_files", "extra_files"].map(|key| list(&build, key));
    assert_eq!(lists, ["404.html", "index.html", "new.html"].map(|path| vec![path.to_owned()]));
}

#[test]
fn bad_lines_of_a_list_are_told() {
    let site = Site::new();
    site.build().fine();
    let sum = "0".repeat(64);
    let text = format!(
        "\nnonsense\n{sum}  ../site.yaml\n{sum}  index.html\n{}  index.html\n{}\n",
        "1".repeat(64),
        "x".repeat(99_999)
    );
    site.put("list", text);
    let manifest = site.path("list");
    let build =
        verify(&site, &["--manifest", manifest.to_str().expect("UTF-8"), "--format", "json"]).faulty();
    assert_eq!(build.codes(), ["bad-manifest"; 4]);
    let lines: Vec<usize> = build.told.iter().filter_map(|told| told.place).map(|place| place.0).collect();
    assert_eq!(lines, [2, 3, 5, 6]);
    build.told[1].says("leads out of the output folder").helps("`sha256sum`");
    assert_eq!(list(&build, "altered_files"), ["index.html"]);
    site.put("list", "bad\n".repeat(1_000));
    let build = verify(&site, &["--manifest", manifest.to_str().expect("UTF-8")]).faulty();
    assert_eq!(build.told.len(), 21);
    build.told[20].says("980 more lines");
}

/// A build that was killed is named as what it is.
#[test]
fn after_a_killed_build() {
    let site = Site::new();
    site.build().fine();
    let state =
        fs::read_dir(site.path(".dateline")).expect("readable").map(|entry| entry.expect("readable").path());
    let state =
        state.into_iter().find(|path| path.extension().is_some_and(|end| end == "bin")).expect("a state");
    fs::write(state.with_extension("journal"), "new/index.html\n").expect("written");
    site.put("public/new/index.html", "half");
    let build = verify(&site, &[]);
    assert!(build.stdout.contains("killed") && build.stdout.contains("build again"), "{}", build.stdout);
    site.build().fine();
    assert!(!verify(&site, &[]).fine().stdout.contains("killed"));
}
