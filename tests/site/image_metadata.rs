//! The metadata of published images: nothing but what changes pixels, and the texts that stay.

use std::process::Stdio;

use image::{GenericImageView, ImageFormat};

use crate::harness::{CommandOutput, SETTINGS, TestSite, article, dateline, report_skipped};
use crate::image_files::{
    NamedFile, SECRET, animated_gif, animated_png, animated_webp, encode, exif_block,
    files_with_secrets, png_chunk,
};

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

/// Returns a site with files beside an article that links to them all, and the same in `static/`.
pub(crate) fn site_with(settings: &str, files: &[NamedFile]) -> TestSite {
    let site = TestSite::new().with_file("site.yaml", format!("{SETTINGS}{settings}"));
    let mut body = String::new();
    for (name, bytes) in files {
        site.write(&format!("content/2024/{name}"), bytes);
        site.write(&format!("static/press/{name}"), bytes);
        body.push_str(&format!("![An image]({name})\n\n"));
    }
    site.write("content/2024/a.md", article("A", "2024-11-06", "", &body));
    site
}

pub(crate) fn published(site: &TestSite, name: &str) -> Vec<u8> {
    std::fs::read(site.path(&format!("public/{name}"))).expect("the image is published")
}

/// Returns the pixels of an image in a format that can be decoded here.
pub(crate) fn pixels(bytes: &[u8]) -> Option<(u32, u32, Vec<u8>)> {
    let decodable = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP];
    let format = image::guess_format(bytes).ok().filter(|format| decodable.contains(format))?;
    let image = image::load_from_memory_with_format(bytes, format).expect("it can be decoded");
    let (width, height) = image.dimensions();
    Some((width, height, image.into_rgba8().into_raw()))
}

#[test]
fn private_metadata_is_in_no_published_file() {
    let files = files_with_secrets();
    let site = site_with("", &files);
    site.build().assert_success();
    for (name, original) in &files {
        assert!(contains(original, b"SECR") || name.ends_with(".svg"), "{name}");
        for path in [format!("2024/{name}"), format!("press/{name}")] {
            let bytes = published(&site, &path);
            for text in [SECRET, b"SECR", b"GPS", b"Inkscape", b"inkscape.org/x"] {
                assert!(!contains(&bytes, text), "{path}: {}", String::from_utf8_lossy(&bytes));
            }
            assert_eq!(pixels(&bytes), pixels(original), "{path}");
        }
    }
    // What is clean stays as it is.
    let first = site.outputs();
    let cleaned: Vec<NamedFile> =
        files.iter().map(|(name, _)| (*name, published(&site, &format!("2024/{name}")))).collect();
    let again = site_with("", &cleaned);
    again.build().assert_success();
    for (name, _) in &files {
        let path = format!("2024/{name}");
        assert_eq!(again.outputs().get(&path), first.get(&path), "{name}");
    }
}

#[test]
fn frames_timing_and_colors_stay() {
    let site = site_with("", &files_with_secrets());
    site.build().assert_success();
    let gif = published(&site, "press/animated.gif");
    assert!(contains(&gif, b"NETSCAPE2.0\x03\x01\x03\0\0"));
    assert_eq!(gif.windows(3).filter(|window| window == b"!\xf9\x04").count(), 2);
    assert!(gif.ends_with(b"\x02\x02D\x01\0;"));
    let png = published(&site, "press/animated.png");
    for (kind, count) in [(b"acTL", 1), (b"fcTL", 2), (b"fdAT", 1), (b"IDAT", 1)] {
        assert_eq!(png.windows(4).filter(|window| window == kind).count(), count);
    }
    let webp = published(&site, "press/animated.webp");
    assert_eq!(webp.windows(4).filter(|window| window == b"ANMF").count(), 2);
    assert!(contains(&published(&site, "press/profile.png"), b"sRGB"));
    let svg = String::from_utf8(published(&site, "press/plain.svg")).expect("it is UTF-8");
    assert!(svg.contains("<title>Map</title><rect width='5'/></svg>"), "{svg}");
    assert!(svg.contains("<!ENTITY ns \"http://www.w3.org/2000/svg\">"), "{svg}");
}

/// The data of the images is where the header of the file states, byte for byte.
#[test]
fn coded_images_in_heif_files_stay() {
    let files = files_with_secrets();
    let site = site_with("", &files);
    site.build().assert_success();
    for name in ["plain.avif", "plain.heic", "animated.avif"] {
        let original = &files.iter().find(|(other, _)| *other == name).expect("it exists").1;
        let cleaned = published(&site, &format!("2024/{name}"));
        let media = |bytes: &[u8]| {
            let start = bytes.windows(4).position(|window| window == b"mdat").expect("it has data");
            bytes[start + 4..].to_vec()
        };
        let (before, after) = (media(original), media(&cleaned));
        assert!(after.len() <= before.len());
        let unchanged = after.iter().zip(&before).filter(|(new, old)| new == old).count();
        assert!(unchanged > 100, "{name}: {unchanged}");
        let exif = cleaned.windows(4).filter(|window| window == b"Exif").count();
        assert_eq!(exif, usize::from(name != "animated.avif"), "{name}");
    }
}

#[test]
fn copyright_artist_and_credit_stay_unless_turned_off() {
    let names = ["filled.jpg", "before.png", "plain.webp", "plain.avif", "container.jxl"];
    let files: Vec<NamedFile> =
        files_with_secrets().into_iter().filter(|(name, _)| names.contains(name)).collect();
    assert_eq!(files.len(), names.len());
    for (settings, expected) in [
        ("", [true, true, true]),
        ("image_metadata: {keep: [copyright, credit]}\n", [true, false, true]),
        ("image_metadata: {keep: []}\n", [false; 3]),
    ] {
        let site = site_with(settings, &files);
        site.build().assert_success();
        for name in names {
            let bytes = published(&site, &format!("2024/{name}"));
            let has = |text: &[u8]| contains(&bytes, text);
            let texts = [has(b"2024 The Courier"), has(b"Jane Doe"), has(b"photoshop:Credit")];
            assert_eq!(texts, expected, "{settings}{name}");
        }
    }
}

#[test]
fn the_orientation_stays() {
    let names = ["filled.jpg", "before.png", "plain.webp"];
    let files: Vec<NamedFile> =
        files_with_secrets().into_iter().filter(|(name, _)| names.contains(name)).collect();
    let site = site_with("image_metadata: {keep: []}\n", &files);
    site.build().assert_success();
    let page = site.read_output("2024/11/06/a/index.html");
    assert_eq!(page.matches("width=\"24\" height=\"40\"").count(), 3, "{page}");
    for name in names {
        let orientation = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        assert!(contains(&published(&site, &format!("2024/{name}")), orientation), "{name}");
    }
}

fn refused_files() -> Vec<NamedFile> {
    let avif = files_with_secrets().into_iter().find(|(name, _)| *name == "plain.avif");
    let avif = avif.expect("there is one").1;
    let big_tiff = [&b"II+\0\x08\0\0\0"[..], SECRET].concat();
    let apple_png = encode(4, 4, ImageFormat::Png);
    let apple_png =
        [&apple_png[..8], &png_chunk(b"CgBI", &[0; 4]), &apple_png[8..], SECRET].concat();
    let named = |bytes: &[u8]| [bytes, SECRET].concat();
    vec![
        ("layers.psd", named(b"8BPS\0\x01")),
        ("raw.dng", named(b"II*\0\x08\0\0\0\0\0")),
        ("raw.CR2", named(b"II*\0\x08\0\0\0\0\0")),
        ("damaged.jpg", named(&[1, 2, 3, 0, 200, 201])),
        ("cut.avif", avif[..avif.len() - 40].to_vec()),
        ("big.tif", big_tiff),
        ("naked.jxl", named(b"\xff\x0a")),
        ("apple.png", apple_png),
        ("broken.svg", named(b"<svg xmlns='http://www.w3.org/2000/svg'><g></svg>")),
    ]
}

#[test]
fn images_that_no_reader_understands_are_refused() {
    for file in refused_files() {
        let name = file.0;
        let site = site_with("", std::slice::from_ref(&file));
        let build = site.build().assert_errors();
        assert_eq!(build.codes(), ["image-metadata", "image-metadata"], "{}", build.stderr);
        let files: Vec<_> = build.diagnostics.iter().map(|one| one.file.clone()).collect();
        assert_eq!(files, [format!("content/2024/{name}"), format!("static/press/{name}")]);
        assert!(!site.has_output(&format!("2024/{name}")), "{name}");
        assert!(!site.has_output(&format!("press/{name}")), "{name}");
        // It is reported again, and by a setting it is published as it is.
        assert_eq!(site.build().codes().len(), 2);
        let settings = "image_metadata: {unreadable: publish}\n";
        site.write("site.yaml", format!("{SETTINGS}{settings}"));
        if name == "broken.svg" {
            // A browser runs scripts up to the error, so it can't be known that there are none.
            assert_eq!(site.build().codes(), ["svg-script"]);
            continue;
        }
        site.build().assert_success();
        assert_eq!(published(&site, &format!("2024/{name}")), file.1);
        // A copy that is published already is removed.
        site.write("site.yaml", SETTINGS);
        assert_eq!(site.build().assert_errors().report_number("removed"), 2);
        assert!(!site.has_output(&format!("2024/{name}")), "{name}");
    }
}

/// An error page that was saved as an image contains no location.
#[test]
fn text_in_a_file_named_as_an_image_is_published() {
    let site = site_with("", &[("page.jpg", b"<html><p>Not found</p></html>\n".to_vec())]);
    site.build().assert_success();
    assert!(site.has_output("press/page.jpg"));
    let packet = crate::image_files::xmp_packet();
    let site = site_with("", &[("page.jpg", packet)]);
    site.build().assert_errors();
    assert!(!site.has_output("press/page.jpg"));
}

#[test]
fn static_files_stay_unchanged_if_a_site_asks_for_it() {
    let files: Vec<NamedFile> =
        files_with_secrets().into_iter().filter(|(name, _)| *name == "filled.jpg").collect();
    let check = |site: &TestSite| {
        let mut command = dateline();
        command.args(["check", "--format", "json", "--root"]).arg(site.root());
        let report: serde_json::Value =
            serde_json::from_str(&CommandOutput::run(&mut command).stdout).expect("it is JSON");
        let findings = report["diagnostics"].as_array().expect("it has findings").clone();
        let findings = findings.iter().filter(|finding| finding["code"] == "image-metadata");
        findings.map(|finding| finding["file"].to_string()).collect::<Vec<_>>()
    };
    let site = site_with("", &files);
    assert!(check(&site).is_empty());
    site.write("site.yaml", format!("{SETTINGS}image_metadata: {{static_files: keep}}\n"));
    site.write("static/press/clean.png", encode(4, 4, ImageFormat::Png));
    site.build().assert_success();
    assert_eq!(published(&site, "press/filled.jpg"), files[0].1);
    assert!(!contains(&published(&site, "2024/filled.jpg"), SECRET));
    assert_eq!(check(&site), ["\"static/press/filled.jpg\""]);
    // Without the setting it is cleaned again, by an incremental build, too.
    site.build().assert_success();
    site.write("site.yaml", SETTINGS);
    site.build().assert_success();
    assert!(!contains(&published(&site, "press/filled.jpg"), SECRET));
}

#[test]
fn a_cut_jpeg_is_encoded_again() {
    let original_file = encode(200, 160, ImageFormat::Jpeg);
    let exif = [b"\xff\xe1\x01\x00Exif\0\0", &exif_block(6)[..]].concat();
    let mut segment = exif.clone();
    segment.resize(2 + 256, 0);
    // The end is missing; what follows isn't part of the image.
    let cut =
        [&original_file[..2], &segment, &original_file[2..original_file.len() * 3 / 4], SECRET]
            .concat();
    let site = site_with("", &[("cut.jpg", cut)]);
    site.build().assert_success();
    let bytes = published(&site, "2024/cut.jpg");
    assert!(!contains(&bytes, SECRET) && contains(&bytes, b"Jane Doe"));
    assert!(bytes.starts_with(&[0xff, 0xd8]) && bytes.ends_with(&[0xff, 0xd9]));
    let (width, height, decoded) = pixels(&bytes).expect("it is a JPEG");
    let (_, _, original) = pixels(&original_file).expect("it is a JPEG");
    assert_eq!((width, height), (200, 160));
    let first_rows = 200 * 4 * 40;
    let differences = decoded[..first_rows].iter().zip(&original);
    assert!(differences.filter(|(new, old)| new.abs_diff(**old) > 12).count() < 200);
}

#[test]
fn cut_files_of_other_formats_have_nothing_but_their_image() {
    for part in [3, 5, 7, 9] {
        let cut = |(name, bytes): NamedFile| (name, bytes[..bytes.len() * part / 10].to_vec());
        let files: Vec<NamedFile> = files_with_secrets().into_iter().map(cut).collect();
        let site = site_with("", &files);
        site.build();
        for (path, bytes) in site.outputs() {
            assert!(!contains(&bytes, SECRET), "{path} after {part} tenths");
        }
    }
}

#[test]
fn animated_images_have_no_still_copies() {
    let files = [
        ("a.png", animated_png()),
        ("a.webp", animated_webp()),
        ("a.gif", animated_gif()),
        ("still.png", encode(40, 24, ImageFormat::Png)),
    ];
    let site = site_with("images: {widths: [16], ratios: [\"1:1\"]}\n", &files);
    site.build().assert_success();
    let copies: Vec<String> = site
        .output_paths()
        .into_iter()
        .filter(|path| path.ends_with(".16.webp") || path.ends_with("1x1.webp"))
        .collect();
    assert_eq!(copies, ["2024/still.png.16.webp"]);
    let page = site.read_output("2024/11/06/a/index.html");
    assert_eq!(page.matches("srcset=").count(), 1, "{page}");
}

/// Returns the memory of a process so far in bytes, where `/proc` has it.
fn peak_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}

/// Returns a PNG file of black pixels, each of `channels` bytes.
fn black_png(width: u32, height: u32, color: image::ColorType) -> Vec<u8> {
    use image::ImageEncoder as _;
    let row = usize::from(color.bytes_per_pixel()) * width as usize;
    let mut bytes = Vec::new();
    image::codecs::png::PngEncoder::new(&mut bytes)
        .write_image(&vec![0; row * height as usize], width, height, color.into())
        .expect("the image is encoded");
    bytes
}

#[test]
fn twenty_hostile_images_stay_within_the_limit_of_memory() {
    let mut large = black_png(4_000, 4_000, image::ColorType::Rgba8);
    let mut bomb = large.clone();
    bomb[16..24].copy_from_slice(&[0, 0, 0x1f, 0xff, 0, 0, 0x1f, 0xff]);
    let checksum = crc32fast::hash(&bomb[12..29]).to_be_bytes();
    bomb[29..33].copy_from_slice(&checksum);
    let deep = black_png(5_000, 5_000, image::ColorType::Rgba16);
    let huge = [&encode(40, 24, ImageFormat::Jpeg)[..], &vec![7; 60 << 20]].concat();
    large.truncate(large.len() * 9 / 10);
    let names: Vec<String> = (0..20).map(|number| format!("{number}.png")).collect();
    let site = TestSite::new();
    site.write("site.yaml", format!("{SETTINGS}images: {{widths: [64]}}\n"));
    let mut body = String::new();
    for (number, name) in names.iter().enumerate() {
        let bytes = match number % 5 {
            0 => &large,
            1 => &bomb,
            2 => &deep,
            3 => &huge,
            _ => &animated_png(),
        };
        site.write(&format!("content/2024/{name}"), bytes);
        body.push_str(&format!("![An image]({name})\n\n"));
    }
    site.write("content/2024/a.md", article("A", "2024-11-06", "", &body));
    let mut command = site.build_command();
    command.args(["--jobs", "20"]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program starts");
    let mut peak = None;
    while child.try_wait().expect("the process can be checked").is_none() {
        peak = peak_memory(child.id()).max(peak);
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    for name in &names {
        assert!(site.has_output(&format!("2024/{name}")), "{name}");
    }
    assert!(published(&site, "2024/3.png").len() < 10_000, "the rest of the file is cut off");
    match peak {
        Some(peak) => assert!(peak < 500 << 20, "{peak} bytes"),
        None => report_skipped("hostile images", "there is no /proc with the memory of a process"),
    }
}
