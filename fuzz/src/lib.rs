//! The bodies of the fuzz targets. Each takes any bytes, and panics if a property doesn't hold.
//! `tests/site/fuzz_targets.rs` runs them on changed seeds, without cargo-fuzz.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use dateline::internals::{fix_articles, remove_image_metadata, requested_range, sanitize_html};
use dateline::{BuildOptions, BuildReport, BuildTime, Site, SiteOptions};
use image::{GenericImageView as _, ImageDecoder as _, ImageFormat};
use tempfile::TempDir;

/// A target: its name, its body, and inputs to start from.
pub struct Target {
    /// The name of the file in `fuzz_targets/`.
    pub name: &'static str,
    /// The body.
    pub run: fn(&[u8]),
    /// Inputs with the constructs that the target is about.
    pub seeds: &'static [&'static [u8]],
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "front_matter", run: front_matter, seeds: ARTICLES },
    Target { name: "yaml_fixes", run: yaml_fixes, seeds: ARTICLES },
    Target { name: "markdown_to_html", run: markdown_to_html, seeds: BODIES },
    Target { name: "image_metadata", run: image_metadata, seeds: IMAGES },
    Target { name: "template_dependencies", run: template_dependencies, seeds: TEMPLATES },
    Target { name: "http_range", run: http_range, seeds: RANGES },
    Target { name: "cache_decoding", run: cache_decoding, seeds: CACHES },
    Target { name: "permalink_registry", run: permalink_registry, seeds: REGISTRIES },
    Target { name: "redaction", run: redaction, seeds: BODIES },
];

const ARTICLES: &[&[u8]] = &[
    b"---\ntitle: A: b\ndate: 2024-11-05 9:05 +0100\ntags: [Iran, iran, 'I.R.A.N.']\n---\n\nText.\n",
    b"---\ntitle: \"x\nstatus: draft\nexpires: 2030-01-01\nredact: [Ann Berg]\n---\nAnn Berg.\n",
    b"+++\ntitle = \"x\"\ndate = 2024-11-05\n+++\n{{< figure src=\"a.png\" >}}\n",
];
const BODIES: &[&[u8]] = &[
    b"# A\n\n* [b](c.md \"d\")\n\n| a | b |\n| - | - |\n| <b>c</b> | `d` |\n\n[^1]: Note.\n",
    b"<p onclick=x>a<script>b</script><svg><style>c</style></svg><a href=\"java\tscript:d\">e</a>",
    b"<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1&gt;\">",
    b"<details open><summary>a</summary><ul><li>b<li>c</ul></details>\n\n> [!NOTE]\n> d\n",
];
const IMAGES: &[&[u8]] = &[
    include_bytes!("../../tests/fixtures/images/tagged.avif"),
    include_bytes!("../../tests/fixtures/images/tagged.heic"),
    include_bytes!("../../tests/fixtures/images/animated.avif"),
    include_bytes!("../seeds/tagged.jpg"),
    include_bytes!("../seeds/tagged.png"),
    include_bytes!("../seeds/tagged.webp"),
    include_bytes!("../seeds/tagged.tif"),
    include_bytes!("../seeds/animated.gif"),
    b"<svg xmlns=\"http://www.w3.org/2000/svg\"><metadata>a</metadata><rect x=\"1\"/></svg>",
];
const TEMPLATES: &[&[u8]] = &[
    b"{% extends \"base.html\" %}{% block main %}{{ site.title }}{{ article.headline }}{% endblock %}",
    b"{% include \"parts/head.html\" %}{% for tag in article.topics %}{{ tag.name }}{% endfor %}",
    b"{{ site.copyright | upper }}{% if page.kind == \"}}\" %}{{ t.search }}{% endif %}",
];
const RANGES: &[&[u8]] = &[b"bytes=0-0", b"bytes=90-", b"bytes=-5", b"bytes=1-2,4-5"];
const CACHES: &[&[u8]] = &[b"\0\x01\x02\x03\xff\xff\xff\xff", b"\x80\0\0\0\0\0\0\0\x10"];
const REGISTRIES: &[&[u8]] =
    &[b"/2024/11/05/a/\ta.md\n", b"# registry\n/old/\tid\t0123456789abcdef\n"];

/// The time of all builds: 2025-01-01T00:00:00Z.
const NOW: i64 = 1_735_689_600;

fn write(root: &Path, path: &str, bytes: impl AsRef<[u8]>) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().expect("the path has a folder")).expect("it is created");
    fs::write(file, bytes).expect("the file is written");
}

fn site_folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder is created");
    write(folder.path(), "site.yaml", "title: x\nbase_url: https://test.example\n");
    write(folder.path(), "content/good.md", "---\ntitle: Good\ndate: 2024-11-05\n---\n\nText.\n");
    folder
}

fn load(root: &Path) -> Site {
    let mut options = SiteOptions::new(root);
    options.now = BuildTime::UnixSeconds(NOW);
    Site::load(options).expect("the site can be loaded")
}

fn build(root: &Path) -> BuildReport {
    dateline::build(&load(root), &BuildOptions::default(), &()).expect("there is no I/O error")
}

/// Returns the published files by their paths.
fn published(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.join("public")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the folder is readable") {
            let path = entry.expect("the entry is readable").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).expect("the file is readable");
                files.insert(path.to_string_lossy().into_owned(), bytes);
            }
        }
    }
    files
}

/// An article is published, or its file is in a diagnostic, or it is withheld as it asks for.
pub fn front_matter(data: &[u8]) {
    let folder = site_folder();
    write(folder.path(), "content/a.md", data);
    let report = build(folder.path());
    assert!(report.articles >= 1, "another article isn't lost");
    let before = published(folder.path());
    build(folder.path());
    assert_eq!(before, published(folder.path()), "a build without changes changes nothing");
}

/// A second run of the fixes changes nothing, and bodies stay.
pub fn yaml_fixes(data: &[u8]) {
    let folder = site_folder();
    write(folder.path(), "content/a.md", data);
    let file = folder.path().join("content/a.md");
    fix_articles(&load(folder.path())).expect("there is no I/O error");
    let first = fs::read(&file).expect("the article is readable");
    fix_articles(&load(folder.path())).expect("there is no I/O error");
    assert_eq!(first, fs::read(&file).expect("the article is readable"));
    if first != data {
        let body =
            |bytes: &[u8]| bytes.split(|byte| *byte == b'\n').next_back().map(<[u8]>::to_vec);
        assert_eq!(body(&first), body(data));
    }
}

/// Sanitized HTML has no script, and sanitizing it again changes nothing.
pub fn markdown_to_html(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let html = sanitize_html(text);
    let lower = html.to_ascii_lowercase();
    for forbidden in ["<script", "<style", "<iframe", "<object", "<base", "<meta"] {
        assert!(!lower.contains(forbidden), "{html}");
    }
    assert_eq!(sanitize_html(&html), html);
    let folder = site_folder();
    let article = ["---\ntitle: A\ndate: 2024-11-06\n---\n\n", text].concat();
    write(folder.path(), "content/a.md", article);
    build(folder.path());
}

/// A published image has no metadata but orientation and three texts, by another reader, and the
/// same pixels.
pub fn image_metadata(data: &[u8]) {
    let Some(Ok(cleaned)) = remove_image_metadata("image.svg", data) else { return };
    let again = remove_image_metadata("image.svg", &cleaned);
    assert_eq!(again, Some(Ok(cleaned.clone())), "a clean file is clean");
    let Ok(format) = image::guess_format(&cleaned) else { return };
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) {
        return;
    }
    let decoder = |bytes: &[u8]| {
        let reader = image::ImageReader::with_format(std::io::Cursor::new(bytes.to_vec()), format);
        reader.into_decoder().ok()
    };
    if let Some(mut decoder) = decoder(&cleaned) {
        if let Some(exif) = decoder.exif_metadata().ok().flatten() {
            let count = usize::from(u16::from_le_bytes([exif[8], exif[9]]));
            for entry in exif[10..10 + count * 12].chunks(12) {
                let tag = u16::from_le_bytes([entry[0], entry[1]]);
                assert!([0x0112, 0x013b, 0x8298].contains(&tag), "tag {tag}");
            }
        }
        let xmp = decoder.xmp_metadata().ok().flatten().unwrap_or_default();
        assert!(!String::from_utf8_lossy(&xmp).contains("exif:"), "an XMP packet with EXIF");
    }
    let pixels = |bytes: &[u8]| {
        let decoder = decoder(bytes)?;
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > 1 << 20 {
            return None;
        }
        let image = image::DynamicImage::from_decoder(decoder).ok()?;
        Some((image.dimensions(), image.into_rgba8().into_raw()))
    };
    let Some((size, before)) = pixels(data) else { return };
    let (cleaned_size, after) = pixels(&cleaned).expect("a decodable image stays decodable");
    // A JPEG file whose segments don't lead to its end is encoded again.
    let tolerance = if format == ImageFormat::Jpeg { 48 } else { 0 };
    let is_equal = before.iter().zip(&after).all(|(old, new)| old.abs_diff(*new) <= tolerance);
    assert!(size == cleaned_size && is_equal, "the pixels are the same");
}

/// A template that depends on what the settings say is rendered again when they change.
pub fn template_dependencies(data: &[u8]) {
    let folder = site_folder();
    write(folder.path(), "templates/article.html", data);
    build(folder.path());
    let settings = "title: y\nbase_url: https://test.example\ncopyright: z\n";
    write(folder.path(), "site.yaml", settings);
    build(folder.path());
    let incremental = published(folder.path());
    fs::remove_dir_all(folder.path().join(".dateline")).expect("there is a cache");
    fs::remove_dir_all(folder.path().join("public")).expect("there is an output folder");
    build(folder.path());
    let is_same =
        published(folder.path()).iter().all(|(path, bytes)| incremental.get(path) == Some(bytes));
    assert!(is_same, "an incremental build equals a clean one");
}

/// A range is inside the file.
pub fn http_range(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for length in [0, 1, 100, u64::MAX] {
        if let Some((from, until)) = requested_range(&text, length) {
            assert!(from < until && until <= length, "{text}");
        }
    }
}

/// A damaged cache can't stop a build, nor change its result.
pub fn cache_decoding(data: &[u8]) {
    let folder = site_folder();
    build(folder.path());
    let clean = published(folder.path());
    let cache = folder.path().join(".dateline");
    let files = fs::read_dir(&cache).expect("there is a cache").flatten();
    for file in files.map(|entry| entry.path()).filter(|path| path.is_file()) {
        let mut bytes = fs::read(&file).expect("the file is readable");
        let Some((position, replacement)) = data.split_first_chunk::<2>() else { return };
        let start = usize::from(u16::from_le_bytes(*position)) % bytes.len().max(1);
        for (byte, new) in bytes[start..].iter_mut().zip(replacement) {
            *byte = *new;
        }
        fs::write(&file, bytes).expect("the file is written");
    }
    write(folder.path(), "content/b.md", "---\ntitle: B\ndate: 2024-11-05\n---\n\nText.\n");
    build(folder.path());
    fs::remove_file(folder.path().join("content/b.md")).expect("it exists");
    build(folder.path());
    assert_eq!(published(folder.path()), clean);
}

/// A damaged registry is reported, and loses no page.
pub fn permalink_registry(data: &[u8]) {
    let folder = site_folder();
    write(folder.path(), "permalinks.txt", data);
    build(folder.path());
    assert!(folder.path().join("public/2024/11/05/good/index.html").is_file());
}

/// The audit finds no name that the body contains in one piece.
pub fn redaction(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let folder = site_folder();
    let article = format!(
        "---\ntitle: A\ndate: 2024-11-06\nredact: [Zorblax Quimby]\n---\n\n{text} Zorblax Quimby.\n"
    );
    write(folder.path(), "content/a.md", article);
    let report = build(folder.path());
    let found = report.diagnostics.iter().find(|diagnostic| diagnostic.code == "redacted-name");
    assert!(found.is_none(), "{found:?}");
}
