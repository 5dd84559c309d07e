//! Images with hidden data in every part of their formats that programs write to.

use std::io::{Cursor, Write};

use image::{ImageFormat, RgbImage};

/// A text that no published file may contain.
pub(crate) const SECRET: &[u8] = b"SECRET-52";

/// A file with metadata: its name and its bytes.
pub(crate) type NamedFile = (&'static str, Vec<u8>);

pub(crate) fn encode(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let shade = |x: u32, y: u32| image::Rgb([(x * 3) as u8, (y * 5) as u8, 90]);
    let image = RgbImage::from_fn(width, height, shade);
    image.write_to(&mut bytes, format).expect("the image is encoded");
    bytes.into_inner()
}

/// Returns an EXIF block with an orientation, an artist, a copyright, an owner (in the EXIF
/// directory), a GPS latitude, and a second directory with a description.
pub(crate) fn exif_block(orientation: u16) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()]
            .concat()
    };
    let directory = |entries: &[Vec<u8>], next: u32| {
        let count = entries.len() as u16;
        [&count.to_le_bytes()[..], &entries.concat(), &next.to_le_bytes()].concat()
    };
    let (artist, copyright) = (*b"Jane Doe\0\0", *b"2024 The Courier\0\0");
    let texts =
        [&artist[..], &copyright, SECRET, b"\0", &52_u32.to_le_bytes(), &1_u32.to_le_bytes()]
            .concat();
    // The first directory has five entries, the others one each.
    let (exif, gps) = (8 + 2 + 60 + 4, 8 + 2 + 60 + 4 + 18);
    let second = gps + 18;
    let text_start = second + 18;
    let secret_start = text_start + 28;
    let first = directory(
        &[
            entry(0x0112, 3, 1, orientation.into()),
            entry(0x013b, 2, 9, text_start),
            entry(0x8298, 2, 17, text_start + 10),
            entry(0x8769, 4, 1, exif),
            entry(0x8825, 4, 1, gps),
        ],
        second,
    );
    let secret_text = |tag| entry(tag, 2, 10, secret_start);
    let owner = directory(&[secret_text(0xa430)], 0);
    let latitude = directory(&[entry(2, 5, 1, secret_start + 10)], 0);
    let thumbnail = directory(&[secret_text(0x010e)], 0);
    [&b"II*\0\x08\0\0\0"[..], &first, &owner, &latitude, &thumbnail, &texts].concat()
}

pub(crate) fn xmp_packet() -> Vec<u8> {
    let packet = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF \
        xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' \
        xmlns:exif='http://ns.adobe.com/exif/1.0/' xmlns:p='http://ns.adobe.com/photoshop/1.0/' \
        exif:GPSLatitude='52,30N' p:City='SECRET-52' p:Credit='Courier &amp; Co'/></rdf:RDF>\
        </x:xmpmeta>";
    packet.as_bytes().to_vec()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

/// Returns a JPEG segment after some fill bytes.
fn segment(fill: usize, marker: u8, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u16 + 2).to_be_bytes();
    [&vec![0xff; fill + 1][..], &[marker], &length, payload].concat()
}

/// Inserts bytes after the start of a JPEG file.
fn jpeg_with(segments: &[Vec<u8>], trailer: &[u8]) -> Vec<u8> {
    let base = encode(40, 24, ImageFormat::Jpeg);
    [&base[..2], &segments.concat(), &base[2..], trailer].concat()
}

fn jpegs() -> Vec<NamedFile> {
    let exif = [b"Exif\0\0", &exif_block(6)[..]].concat();
    let xmp = [b"http://ns.adobe.com/xap/1.0/\0", &xmp_packet()[..]].concat();
    let extended = [b"http://ns.adobe.com/xmp/extension/\0", SECRET, &[b'0'; 40]].concat();
    let city = [&[0x1c, 2, 90, 0, 9][..], SECRET, &[0x1c, 2, 110, 0, 7], b"Courier", &[0]].concat();
    let iptc = [&b"Photoshop 3.0\08BIM\x04\x04\0\0"[..], &(city.len() as u32).to_be_bytes(), &city]
        .concat();
    let thumbnail = [&b"JFIF\0\x01\x02\0\0\x01\0\x01\x03\x01"[..], SECRET].concat();
    let jfif_extension = [b"JFXX\0\x13", SECRET].concat();
    let all = |fill| {
        vec![
            segment(fill, 0xe0, &thumbnail),
            segment(fill, 0xe0, &jfif_extension),
            segment(fill, 0xe1, &exif),
            segment(fill, 0xe1, &xmp),
            segment(fill, 0xe1, &extended),
            segment(fill, 0xe2, &[b"MPF\0", SECRET].concat()),
            segment(fill, 0xeb, SECRET),
            segment(fill, 0xed, &iptc),
            segment(fill, 0xfe, SECRET),
        ]
    };
    let second_image = jpeg_with(&all(0), b"");
    let mut garbage = all(0);
    garbage.insert(3, [b"no marker ", SECRET].concat());
    vec![
        ("plain.jpg", jpeg_with(&all(0), b"")),
        ("filled.jpg", jpeg_with(&all(1), b"")),
        ("much-filled.JPEG", jpeg_with(&all(40), b"")),
        ("trailing.jpg", jpeg_with(&all(0), SECRET)),
        ("second.jpg", jpeg_with(&[], &second_image)),
        ("garbage.jpg", jpeg_with(&garbage, SECRET)),
        ("named.png", jpeg_with(&all(1), SECRET)),
        ("another.jpe", jpeg_with(&all(0), b"")),
        ("old.jfif", jpeg_with(&all(0), b"")),
    ]
}

pub(crate) fn png_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let checked = [kind, data].concat();
    let checksum = crc32fast::hash(&checked).to_be_bytes();
    [&(data.len() as u32).to_be_bytes()[..], &checked, &checksum].concat()
}

/// Inserts chunks after the header of a PNG file, and before its end.
fn png_with(first: &[Vec<u8>], last: &[Vec<u8>], trailer: &[u8]) -> Vec<u8> {
    let base = encode(40, 24, ImageFormat::Png);
    let (head, rest) = base.split_at(33);
    let (data, end) = rest.split_at(rest.len() - 12);
    [head, &first.concat(), data, &last.concat(), end, trailer].concat()
}

fn pngs() -> Vec<NamedFile> {
    let hex: String = SECRET.iter().map(|byte| format!("{byte:02x}")).collect();
    let raw_profile = format!("\nexif\n       9\n{hex}\n");
    let raw = |text: &[u8]| [b"Raw profile type exif\0\0", &deflate(text)[..]].concat();
    let compressed = [b"XML:com.adobe.xmp\0\x01\0\0\0", &deflate(&xmp_packet())[..]].concat();
    let plain = [b"XML:com.adobe.xmp\0\0\0\0\0", &xmp_packet()[..]].concat();
    let comment = [b"Comment\0", SECRET].concat();
    let texts = vec![
        png_chunk(b"eXIf", &exif_block(6)),
        png_chunk(b"tEXt", &comment),
        png_chunk(b"zTXt", &raw(raw_profile.as_bytes())),
        png_chunk(b"zTXt", &[b"Location\0\0", &deflate(SECRET)[..]].concat()),
        png_chunk(b"iTXt", &compressed),
        png_chunk(b"tIME", b"SECRET-"),
        png_chunk(b"caNv", SECRET),
        png_chunk(b"teSt", SECRET),
    ];
    vec![
        ("before.png", png_with(&texts, &[], b"")),
        ("after.png", png_with(&[], &texts, SECRET)),
        ("xmp.png", png_with(&[png_chunk(b"iTXt", &plain)], &[], b"")),
        ("profile.png", png_with(&[png_chunk(b"sRGB", &[0])], &[], SECRET)),
    ]
}

fn webp_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let padding = vec![0; data.len() % 2];
    [kind, &(data.len() as u32).to_le_bytes()[..], data, &padding].concat()
}

fn webp_of(chunks: &[Vec<u8>]) -> Vec<u8> {
    let chunks = chunks.concat();
    [b"RIFF", &(chunks.len() as u32 + 4).to_le_bytes()[..], b"WEBP", &chunks].concat()
}

fn webps() -> Vec<NamedFile> {
    let image = encode(40, 24, ImageFormat::WebP)[12..].to_vec();
    let header = |flags: u8| webp_chunk(b"VP8X", &[flags, 0, 0, 0, 39, 0, 0, 23, 0, 0]);
    let metadata = [
        webp_chunk(b"EXIF", &exif_block(6)),
        webp_chunk(b"XMP ", &xmp_packet()),
        webp_chunk(b"META", SECRET),
    ];
    let all = [&[header(0x0c), image.clone()][..], &metadata].concat();
    let orphans = [&[image][..], &metadata].concat();
    vec![
        ("plain.webp", webp_of(&all)),
        ("trailing.webp", [&webp_of(&all)[..], SECRET].concat()),
        ("orphans.webp", webp_of(&orphans)),
        ("animated.webp", animated_webp()),
    ]
}

/// Returns a WebP file with two frames.
pub(crate) fn animated_webp() -> Vec<u8> {
    let image = &encode(40, 24, ImageFormat::WebP)[12..];
    let frame_head = [0, 0, 0, 0, 0, 0, 39, 0, 0, 23, 0, 0, 100, 0, 0, 0];
    let frame = [&frame_head[..], image, &webp_chunk(b"META", SECRET)].concat();
    webp_of(&[
        webp_chunk(b"VP8X", &[0x02, 0, 0, 0, 39, 0, 0, 23, 0, 0]),
        webp_chunk(b"ANIM", &[0; 6]),
        webp_chunk(b"ANMF", &frame),
        webp_chunk(b"ANMF", &frame),
        webp_chunk(b"XMP ", &xmp_packet()),
    ])
}

/// Returns a PNG file with two frames.
pub(crate) fn animated_png() -> Vec<u8> {
    let base = encode(40, 24, ImageFormat::Png);
    let data = &base[33 + 8..base.len() - 12 - 4];
    let control = |sequence: u8| {
        let head = [0, 0, 0, sequence, 0, 0, 0, 40, 0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 0, 0];
        png_chunk(b"fcTL", &[&head[..], &[0, 1, 0, 2, 0, 0]].concat())
    };
    let first = [png_chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 3]), control(0)];
    let last = [control(1), png_chunk(b"fdAT", &[&[0, 0, 0, 2], data].concat())];
    png_with(&first, &last, SECRET)
}

/// Returns a GIF file with two frames of one pixel, which loops three times.
pub(crate) fn animated_gif() -> Vec<u8> {
    let frame = b",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0";
    let control = b"!\xf9\x04\0\x0a\0\0\0";
    let sub_block = [&[SECRET.len() as u8], SECRET, &[0]].concat();
    let extension = |head: &[u8]| [head, &sub_block].concat();
    [
        &b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff"[..],
        b"!\xff\x0bNETSCAPE2.0\x03\x01\x03\0\0",
        &extension(b"!\xfe"),
        &extension(b"!\xff\x0bXMP DataXMP"),
        &extension(b"!\xff\x0bOTHERAPP1.0"),
        control,
        &extension(b"!\xfe"),
        frame,
        &extension(b"!\x01\x0c\0\0\0\0\0\0\0\0\0\0\0\0"),
        control,
        frame,
        b";",
        SECRET,
    ]
    .concat()
}

/// Returns a TIFF file of 2 by 2 gray pixels in which a tag has a location, and bytes that nothing
/// refers to.
fn tiff() -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()]
            .concat()
    };
    let entries = [
        entry(256, 4, 1, 2),
        entry(257, 4, 1, 2),
        entry(258, 3, 1, 8),
        entry(259, 3, 1, 1),
        entry(262, 3, 1, 1),
        entry(270, 2, 9, 8),
        entry(273, 4, 1, 24),
        entry(278, 4, 1, 2),
        entry(279, 4, 1, 4),
        entry(34853, 4, 1, 8),
        entry(37510, 7, 9, 8),
    ];
    let data = [SECRET, &[0; 7][..], &[10, 20, 30, 40]].concat();
    let count = (entries.len() as u16).to_le_bytes();
    [&b"II*\0\x1c\0\0\0"[..], &data, &count, &entries.concat(), &[0; 4], SECRET].concat()
}

fn isobmff_box(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
}

fn isobmff_files() -> Vec<NamedFile> {
    let fixture = |name: &str| {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/images");
        std::fs::read(folder.join(name)).expect("the fixture is readable")
    };
    let uuid = isobmff_box(b"uuid", &[&[7; 16], SECRET].concat());
    let free = isobmff_box(b"free", SECRET);
    let (avif, heic) = (fixture("tagged.avif"), fixture("tagged.heic"));
    let jxl = [
        &b"\0\0\0\x0cJXL \r\n\x87\n"[..],
        &isobmff_box(b"ftyp", b"jxl \0\0\0\0jxl "),
        &isobmff_box(b"Exif", &[&[0; 4], &exif_block(6)[..]].concat()),
        &isobmff_box(b"jxlc", b"\xff\x0a the image"),
        &isobmff_box(b"xml ", &xmp_packet()),
        &isobmff_box(b"brob", &[b"Exif", SECRET].concat()),
        SECRET,
    ]
    .concat();
    vec![
        ("plain.avif", avif.clone()),
        ("more.avif", [&avif[..], &uuid, &free, SECRET].concat()),
        ("plain.heic", heic.clone()),
        ("more.heic", [&heic[..], &free, &uuid, SECRET].concat()),
        ("named.jpg", heic),
        ("animated.avif", fixture("animated.avif")),
        ("container.jxl", jxl),
    ]
}

fn svgs() -> Vec<NamedFile> {
    use base64::Engine as _;
    let photo = base64::engine::general_purpose::STANDARD.encode(&jpegs()[1].1);
    let plain = "<?xml version=\"1.0\"?>\n<!-- SECRET-52 -->\n<!DOCTYPE svg [\n<!ENTITY ns \
        \"http://www.w3.org/2000/svg\"><!ENTITY lost \"SECRET-52\">]>\n<?editor SECRET-52?>\n<svg \
        xmlns=\"&ns;\" xmlns:ink=\"http://www.inkscape.org/namespaces/inkscape\" \
        ink:export-filename=\"/home/SECRET-52/a.png\" width=\"9\"><metadata>SECRET-52<rdf:RDF \
        xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"/></metadata><ink:view \
        name=\"SECRET-52\"><rect/></ink:view><title>Map</title><rect width='5'/></svg>\
        <!-- SECRET-52 -->"
        .to_owned();
    let embedded = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" \
         xmlns:x=\"http://www.w3.org/1999/xlink\">\
         <image x:href=\"data:image/jpeg;base64,{photo}\"/>\
         <style>rect {{ fill: url(data:image/jpeg;base64,{photo}) }}</style></svg>"
    );
    vec![("plain.svg", plain.into_bytes()), ("embedded.svg", embedded.into_bytes())]
}

/// Returns a bitmap of 2 by 1 pixels with bytes before and after its pixels, and an icon of a PNG.
fn bitmaps() -> Vec<NamedFile> {
    let header = |pixels: u32| {
        let words = [40_u32, 2, 1, 1 | 24 << 16, 0, 8, 0, 0, 0, 0];
        let words: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        [&b"BM\0\0\0\0SECR"[..], &pixels.to_le_bytes(), &words].concat()
    };
    let bitmap = [&header(54 + 9)[..], SECRET, &[1, 2, 3, 4, 5, 6, 0, 0], SECRET].concat();
    let png = png_with(&[png_chunk(b"tEXt", SECRET)], &[], b"");
    let entry = [&[40, 24, 0, 0, 1, 0, 32, 0][..], &(png.len() as u32).to_le_bytes()].concat();
    let icon = [&[0, 0, 1, 0, 1, 0][..], &entry, &31_u32.to_le_bytes(), SECRET, &png, SECRET];
    vec![("gap.bmp", bitmap), ("favicon.ico", icon.concat())]
}

/// Returns images in all formats whose metadata can be removed.
pub(crate) fn files_with_secrets() -> Vec<NamedFile> {
    let mut files = [jpegs(), pngs(), webps(), isobmff_files(), svgs(), bitmaps()].concat();
    files.extend([
        ("animated.png", animated_png()),
        ("animated.gif", animated_gif()),
        ("gray.tif", tiff()),
    ]);
    files
}
