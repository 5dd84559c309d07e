//! The metadata of published images as independent programs see it: `exiftool`, and the decoders of
//! libavif and libheif.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

use image::ImageFormat;

use crate::harness::report_skipped;
use crate::image_files::{NamedFile, encode, files_with_secrets};
use crate::image_metadata::{pixels, published, site_with};

/// Tags that are written apart from [`private_tags`]: other texts, and those that stay.
const WRITTEN_TAGS: &[&str] = &[
    "GPSLatitude=52.516",
    "GPSLatitudeRef=N",
    "GPSLongitude=13.377",
    "GPSLongitudeRef=E",
    "GPSPosition=52.516 13.377",
    "EXIF:GPSLatitude=52.516",
    "EXIF:GPSImgDirection=12",
    "XMP-exif:GPSLatitude=52.516",
    "XMP-exif:GPSLongitude=13.377",
    "SerialNumber=SECRET-52",
    "EXIF:SerialNumber=SECRET-52",
    "EXIF:LensSerialNumber=SECRET-52",
    "XMP-aux:SerialNumber=SECRET-52",
    "XMP-exifEX:SerialNumber=SECRET-52",
    "OwnerName=SECRET-52",
    "EXIF:OwnerName=SECRET-52",
    "XMP-aux:OwnerName=SECRET-52",
    "XMP-xmpRights:Owner=SECRET-52",
    "XMP-photoshop:City=SECRET-52",
    "XMP-iptcExt:LocationShownCity=SECRET-52",
    "IPTC:City=SECRET-52",
    "IPTC:Contact=SECRET-52",
    "Photoshop:URL=SECRET-52",
    "Comment=SECRET-52",
    "EXIF:UserComment=SECRET-52",
    "EXIF:ImageDescription=SECRET-52",
    "IFD1:ImageDescription=SECRET-52",
    "XMP-dc:Description=SECRET-52",
    "PNG:Description=SECRET-52",
    "PNG:Source=SECRET-52",
    "Keys:GPSCoordinates=52.516 13.377 0",
    "ItemList:GPSCoordinates=52.516 13.377 0",
    "UserData:GPSCoordinates=52.516 13.377 0",
    "QuickTime:Comment=SECRET-52",
    "EXIF:Artist=Jane Doe",
    "EXIF:Copyright=2024 The Courier",
    "XMP-photoshop:Credit=The Courier",
];

/// Returns true if a program is installed. Otherwise the test is skipped, or fails if all tools are
/// required.
fn is_installed(test: &str, program: &str, version_option: &str, package: &str) -> bool {
    let mut command = Command::new(program);
    let status = command.arg(version_option).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let is_installed = status.is_ok();
    assert!(
        is_installed || std::env::var("DATELINE_REQUIRE_TOOLS").as_deref() != Ok("1"),
        "{program} is missing (Debian: {package})"
    );
    if !is_installed {
        report_skipped(test, &format!("{program} is missing"));
    }
    is_installed
}

/// Parts of the names of tags that state where an image was taken, or who owns the camera.
const PRIVATE_NAMES: [&str; 8] =
    ["GPS", "Serial", "Owner", "Location", "City", "Address", "Email", "Phone"];

/// Returns an assignment for every private tag that `exiftool` can write, in every group, from its
/// list of all tags. Tags that can't be in a file are left out by `exiftool` itself.
fn private_tags() -> BTreeSet<String> {
    let output = Command::new("exiftool").args(["-listx", "-s"]).output().expect("exiftool runs");
    let list = String::from_utf8_lossy(&output.stdout).into_owned();
    let attribute = |line: &str, name: &str| {
        let (_, rest) = line.split_once(&format!(" {name}='"))?;
        rest.split_once('\'').map(|(value, _)| value.to_owned())
    };
    let (mut table_group, mut tags) = (String::new(), BTreeSet::new());
    for line in list.lines().map(str::trim_start) {
        if line.starts_with("<table ") {
            table_group = attribute(line, "g1").unwrap_or_default();
        }
        if !line.starts_with("<tag ") || attribute(line, "writable").as_deref() != Some("true") {
            continue;
        }
        let name = attribute(line, "name").unwrap_or_default();
        if !PRIVATE_NAMES.iter().any(|part| name.contains(part)) {
            continue;
        }
        let group = attribute(line, "g1").unwrap_or_else(|| table_group.clone());
        let kind = attribute(line, "type").unwrap_or_default();
        let is_number = ["int", "rational", "real", "float", "double"];
        let value = match is_number.iter().any(|part| kind.contains(part)) {
            true if name.contains("GPS") => "52.516",
            true => "525252",
            false => "SECRET-52",
        };
        tags.insert(format!("{group}:{name}={value}"));
    }
    tags
}

fn run_exiftool(arguments: &[&str], file: &Path) -> String {
    let output = Command::new("exiftool").args(arguments).arg(file).output();
    String::from_utf8_lossy(&output.expect("exiftool runs").stdout).into_owned()
}

#[test]
fn exiftool_finds_no_location_serial_number_or_owner() {
    if !is_installed("exiftool", "exiftool", "-ver", "libimage-exiftool-perl") {
        return;
    }
    let private_tags = private_tags();
    let groups: BTreeSet<&str> =
        private_tags.iter().filter_map(|tag| tag.split_once(':')).map(|(group, _)| group).collect();
    assert!(private_tags.len() > 150 && groups.len() > 30, "{private_tags:?}");
    let names = [
        "second.jpg",
        "profile.png",
        "plain.webp",
        "animated.webp",
        "animated.png",
        "animated.gif",
        "gray.tif",
        "plain.avif",
        "plain.heic",
        "animated.avif",
        "container.jxl",
    ];
    let mut tagged: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    let folder = tempfile::tempdir().expect("a folder is created");
    for (name, bytes) in files_with_secrets().into_iter().filter(|(name, _)| names.contains(name)) {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).expect("the file is written");
        // Not every format has tags of every group.
        let written = private_tags.iter().map(String::as_str).chain(WRITTEN_TAGS.iter().copied());
        let tags: Vec<String> = written.map(|tag| format!("-{tag}")).collect();
        let options = ["-m", "-q", "-q", "-overwrite_original"];
        let tags = tags.iter().map(String::as_str);
        run_exiftool(&options.into_iter().chain(tags).collect::<Vec<_>>(), &file);
        let report = run_exiftool(&["-a", "-G1", "-s"], &file);
        assert!(report.contains("GPS") || report.contains("SECRET-52"), "{name}: {report}");
        tagged.insert(name, std::fs::read(&file).expect("the file is readable"));
    }
    let files: Vec<NamedFile> = tagged.into_iter().collect();
    let site = site_with("images: {widths: [16]}\n", &files);
    site.build().assert_success();
    for (name, original) in &files {
        let path = format!("2024/{name}");
        assert_eq!(pixels(&published(&site, &path)), pixels(original), "{name}");
        let report =
            run_exiftool(&["-a", "-G1", "-s", "-u", "-ee"], &site.path(&format!("public/{path}")));
        for found in
            ["GPS", "SECRET-52", "525252", "Serial", "Owner", "52.5", "Warning", "Thumbnail"]
        {
            assert!(!report.contains(found), "{name}: {found}: {report}");
        }
    }
    for path in site.output_paths().iter().filter(|path| path.ends_with(".16.webp")) {
        let report = run_exiftool(&["-a", "-G1", "-s"], &site.path(&format!("public/{path}")));
        assert!(!report.contains("GPS") && !report.contains("SECRET"), "{path}: {report}");
    }
}

/// An encoder, the name of its file, a decoder, and their package.
const CODECS: [[&str; 4]; 2] = [
    ["avifenc", "photo.avif", "avifdec", "libavif-bin"],
    ["heif-enc", "photo.heic", "heif-convert", "libheif-examples"],
];

/// AVIF and HEIC files of other encoders have the same pixels without their metadata.
#[test]
fn decoded_pixels_of_avif_and_heic_files_stay() {
    if !is_installed("decoded pixels", "exiftool", "-ver", "libimage-exiftool-perl") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder is created");
    let source = folder.path().join("source.png");
    std::fs::write(&source, encode(64, 48, ImageFormat::Png)).expect("the file is written");
    let run = |command: &mut Command| {
        let output = command.output().expect("the program runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    for [encoder, name, decoder, package] in CODECS {
        let is_available = |tool| is_installed("decoded pixels", tool, "-h", package);
        if !is_available(encoder) || !is_available(decoder) {
            continue;
        }
        let file = folder.path().join(name);
        let mut command = Command::new(encoder);
        command.arg(&source);
        if name.ends_with("heic") {
            command.arg("-o");
        }
        run(command.arg(&file));
        let tags: Vec<String> = private_tags().iter().map(|tag| format!("-{tag}")).collect();
        let options = ["-m", "-q", "-q", "-overwrite_original"];
        let tags = tags.iter().map(String::as_str);
        run_exiftool(&options.into_iter().chain(tags).collect::<Vec<_>>(), &file);
        let bytes = std::fs::read(&file).expect("the file is readable");
        assert!(run_exiftool(&["-a", "-G1", "-s"], &file).contains("SECRET-52"), "{name}");
        let site = site_with("", &[(name, bytes)]);
        site.build().assert_success();
        let cleaned = site.path(&format!("public/2024/{name}"));
        let report = run_exiftool(&["-a", "-G1", "-s", "-u", "-ee"], &cleaned);
        for found in ["GPS", "SECRET-52", "525252", "Serial", "Owner", "Warning"] {
            assert!(!report.contains(found), "{name}: {found}: {report}");
        }
        let decode = |file: &Path, output: &str| {
            let output = folder.path().join(output);
            run(Command::new(decoder).arg(file).arg(&output));
            pixels(&std::fs::read(output).expect("the file is readable")).expect("it is PNG")
        };
        assert!(decode(&file, "before.png") == decode(&cleaned, "after.png"), "{name}");
        assert!(published(&site, &format!("2024/{name}")).len() > 100, "{name}");
    }
}
