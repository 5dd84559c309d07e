//! Images: smaller copies, orientation, location metadata, damaged files.

use std::io::Cursor;

use image::{ImageFormat, RgbImage};

use crate::harness::{SETTINGS, TestSite, article};

const IMAGE_SETTINGS: &str = "images: {widths: [40, 80], quality: 70}\n";

pub(crate) fn encode_image(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let image = RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 90]));
    image.write_to(&mut bytes, format).expect("the image is encoded");
    bytes.into_inner()
}

/// Returns a JPEG with a rotated orientation and a GPS latitude of 51 degrees.
fn rotated_jpeg_with_gps(width: u32, height: u32) -> Vec<u8> {
    let exif_entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()]
            .concat()
    };
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x02\0".to_vec();
    exif.extend(exif_entry(274, 3, 1, 6));
    exif.extend(exif_entry(0x8825, 4, 1, 38));
    exif.extend([0; 4]);
    exif.extend([1, 0]);
    exif.extend(exif_entry(2, 5, 1, 56));
    exif.extend([0; 4]);
    exif.extend(51_u32.to_le_bytes());
    exif.extend(0x00da_7e11_u32.to_le_bytes());
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe1];
    bytes.extend((exif.len() as u16 + 2).to_be_bytes());
    bytes.extend(exif);
    bytes.extend(&encode_image(width, height, ImageFormat::Jpeg)[2..]);
    bytes
}

fn site(settings: &str) -> TestSite {
    let site = TestSite::new().with_file("site.yaml", format!("{SETTINGS}{settings}"));
    let front = "slug: talks\nimage: {src: flags.jpg, alt: Two flags}\n";
    site.write(
        "content/talks.md",
        article("Talks", "2024-11-06", front, "Text.\n\n![A map](/maps/a.png)\n"),
    );
    site.write("content/flags.jpg", rotated_jpeg_with_gps(60, 100));
    site.write("static/maps/a.png", encode_image(90, 30, ImageFormat::Png));
    site
}

#[test]
fn smaller_copies_are_made_once() {
    let site = site(IMAGE_SETTINGS);
    let report = site.build().assert_success();
    let page = site.read_output("2024/11/06/talks/index.html");
    let expected_size = "width=\"100\" height=\"60\" srcset=\"/flags.jpg.40.webp 40w, \
        /flags.jpg.80.webp 80w\" sizes=\"";
    assert!(page.contains(expected_size), "{page}");
    let expected_srcset = "srcset=\"/maps/a.png.40.webp 40w, /maps/a.png.80.webp 80w\"";
    assert!(page.contains(expected_srcset), "{page}");
    for (path, size) in [
        ("flags.jpg.40.webp", (40, 24)),
        ("flags.jpg.80.webp", (80, 48)),
        ("maps/a.png.40.webp", (40, 13)),
        ("maps/a.png.80.webp", (80, 27)),
    ] {
        let bytes =
            std::fs::read(site.path(&format!("public/{path}"))).expect("the copy is readable");
        let image = image::load_from_memory_with_format(&bytes, ImageFormat::WebP)
            .expect("it is a WebP image");
        assert_eq!((image.width(), image.height()), size, "{path}");
    }
    assert!(report.report_number("written") > 0);
    assert_eq!(site.build().assert_success().report_number("written"), 0);
    // A new output folder gets them from the cache, where they aren't written again.
    let outputs = site.outputs();
    let cached_copies = crate::archive::read_tree(&site.path(".dateline/images"));
    assert_eq!(cached_copies.values().filter(|(_, bytes)| bytes.is_some()).count(), 4);
    std::fs::remove_dir_all(site.path("public")).expect("the folder existed");
    site.build().assert_success();
    assert!(site.outputs() == outputs);
    assert!(crate::archive::read_tree(&site.path(".dateline/images")) == cached_copies);
    // Another image with the same name, another setting, no image.
    site.write("content/flags.jpg", encode_image(50, 50, ImageFormat::Jpeg));
    site.build().assert_success();
    assert!(site.has_output("flags.jpg.40.webp") && !site.has_output("flags.jpg.80.webp"));
    assert!(
        site.read_output("2024/11/06/talks/index.html")
            .contains("srcset=\"/flags.jpg.40.webp 40w, /flags.jpg 50w\"")
    );
    site.write("site.yaml", SETTINGS);
    site.build().assert_success();
    assert!(
        !site.has_output("flags.jpg.40.webp")
            && !site.read_output("2024/11/06/talks/index.html").contains("srcset")
    );
    assert!(
        crate::harness::read_files(&site.path(".dateline/images")).is_empty(),
        "nothing is kept for nobody"
    );
}

#[test]
fn an_image_in_raw_html_has_its_size_and_copies() {
    let site = site(IMAGE_SETTINGS);
    site.remove("content/flags.jpg");
    let html = "<p><img alt='A map' src='/maps/a.png'> <IMG src=\"/maps/a.png\" \
        width=\"9\"></p>\n\n![A map](/maps/a.png)\n";
    site.write("content/talks.md", article("Talks", "2024-11-06", "slug: talks\n", html));
    site.build().assert_success();
    let page = site.read_output("2024/11/06/talks/index.html");
    let copies = "srcset=\"/maps/a.png.40.webp 40w, /maps/a.png.80.webp 80w\" sizes=\"";
    assert_eq!(page.matches(copies).count(), 3, "{page}");
    assert_eq!(page.matches("width=\"90\" height=\"30\"").count(), 2, "{page}");
    assert!(page.contains("width=\"9\""), "{page}");
}

#[test]
fn no_copy_contains_gps_data() {
    let site = site("");
    site.write("static/press/side.jpg", rotated_jpeg_with_gps(60, 100));
    site.build().assert_success();
    for path in ["flags.jpg", "press/side.jpg"] {
        let bytes =
            std::fs::read(site.path(&format!("public/{path}"))).expect("the copy is readable");
        assert!(!bytes.windows(4).any(|window| window == 0x00da_7e11_u32.to_le_bytes()), "{path}");
    }
    let page = site.read_output("2024/11/06/talks/index.html");
    assert!(page.contains("width=\"100\" height=\"60\"") && !page.contains("srcset"), "{page}");
}

#[test]
fn a_damaged_image_is_reported_by_every_build() {
    let site = site(IMAGE_SETTINGS);
    let png = encode_image(90, 30, ImageFormat::Png);
    site.write("static/maps/a.png", &png[..png.len() / 2]);
    for _ in 0..2 {
        let build = site.build();
        assert_eq!((build.status, build.codes()), (0, vec!["bad-picture"]));
        let copy =
            std::fs::read(site.path("public/maps/a.png.40.webp")).expect("the copy is readable");
        // The part of the image that exists, with an end.
        assert!(copy.starts_with(&png[..33]) && copy.ends_with(b"IEND\xae\x42\x60\x82"));
    }
    // Its header claims 60,000 by 60,000 pixels.
    let mut bomb = png;
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    site.write("static/maps/a.png", bomb);
    let build = site.build();
    build.only_diagnostic().assert_code("bad-picture").assert_source_line("![A map](/maps/a.png)");
    assert!(!site.has_output("maps/a.png.40.webp"));
    assert!(
        site.read_output("2024/11/06/talks/index.html")
            .contains("width=\"60000\" height=\"60000\" loading")
    );
}

#[test]
fn a_main_image_is_cropped_for_structured_data() {
    let site = site("images: {widths: [300], ratios: [\"16:9\", \"4:3\", \"1:1\"]}\n");
    site.write("content/flags.jpg", encode_image(900, 400, ImageFormat::Jpeg));
    // It isn't the main image here; another article has the main image in its body.
    site.write("static/maps/a.png", encode_image(900, 600, ImageFormat::Png));
    site.write("content/other.md", article("Other", "2024-11-07", "", "![Flags](flags.jpg)\n"));
    site.build().assert_success();
    let sizes = [("16x9", (711, 400)), ("4x3", (533, 400)), ("1x1", (400, 400))];
    for (ratio, size) in sizes {
        let file = site.path(&format!("public/flags.jpg.{ratio}.webp"));
        let bytes = std::fs::read(file).expect("the image is readable");
        let image = image::load_from_memory_with_format(&bytes, ImageFormat::WebP)
            .expect("it is a WebP image");
        assert_eq!((image.width(), image.height()), size, "{ratio}");
    }
    assert!(!site.has_output("maps/a.png.1x1.webp"), "{:?}", site.output_paths());
    let listed_images = |site: &TestSite| {
        let page = site.read_output("2024/11/06/talks/index.html");
        let json = page
            .split("<script type=\"application/ld+json\">")
            .nth(1)
            .expect("the page has JSON-LD");
        let json = json.split("</script>").next().expect("the script ends");
        let article: serde_json::Value = serde_json::from_str(json).expect("it is JSON");
        let text = article.to_string();
        let is_listed = |ratio: &str| text.contains(&format!("/flags.jpg.{ratio}.webp\""));
        (sizes.map(|(ratio, _)| is_listed(ratio)), text.contains("/flags.jpg\""))
    };
    assert_eq!(listed_images(&site), ([true; 3], true));
    // The other image becomes the main one; then none is cropped.
    let text = std::fs::read_to_string(site.path("content/talks.md")).expect("the article exists");
    site.write("content/talks.md", text.replace("flags.jpg", "/maps/a.png"));
    site.build().assert_success();
    assert!(
        site.has_output("maps/a.png.4x3.webp") && !site.has_output("flags.jpg.4x3.webp"),
        "{:?}",
        site.output_paths()
    );
    site.write("content/talks.md", text);
    site.remove("content/other.md");
    site.write("site.yaml", SETTINGS);
    let changes = site.build().assert_success().report_number("written");
    assert!(
        changes > 0 && !site.output_paths().iter().any(|path| path.ends_with(".webp")),
        "{:?}",
        site.output_paths()
    );
    assert_eq!(listed_images(&site), ([false; 3], true));
}

#[test]
fn invalid_aspect_ratios_are_reported() {
    for ratios in ["[\"16x9\"]", "[\"0:1\"]", "[\"1:1000\"]", "[\"a:b\"]"] {
        let build = site(&format!("images: {{ratios: {ratios}}}\n")).build();
        assert!(build.stderr.contains("numbers from 1 to 100: \"16:9\""), "{}", build.stderr);
    }
}
