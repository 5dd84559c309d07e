//! Damaged and hostile contents of the build cache: nothing in it stops a build, reaches outside
//! the output folder, or changes what is published.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use image::ImageFormat;
use xxhash_rust::xxh3::xxh3_64;

use crate::harness::{SETTINGS, TestSite, article, read_files};
use crate::images::encode_image;

/// A site with articles, images with smaller copies, and a search index, built.
fn site() -> TestSite {
    let site = TestSite::empty()
        .with_file("site.yaml", format!("{SETTINGS}search: true\nimages: {{widths: [40]}}\n"));
    site.write("content/a.png", encode_image(90, 60, ImageFormat::Png));
    site.write("content/a.md", article("A", "2023-11-05", "", "Text.\n\n![A map](a.png)\n"));
    site.write(
        "content/b.md",
        article("B", "2024-11-06", "tags: [x]\naliases: [/old/]\n", "More."),
    );
    site.write("outside.txt", "mine");
    site.build().assert_success();
    site
}

fn reset(site: &TestSite, cache: &BTreeMap<String, Vec<u8>>) {
    fs::remove_dir_all(site.path(".dateline")).expect("the cache is removed");
    for (name, bytes) in cache {
        site.write(&format!(".dateline/{name}"), bytes);
    }
}

/// Builds twice, and asserts that the output is as before and nothing else was changed.
#[track_caller]
fn assert_unharmed(site: &TestSite, expected: &BTreeMap<String, Vec<u8>>, context: &str) {
    let build = site.build();
    assert_eq!(build.status, 0, "{context}: {}", build.stderr);
    let outputs = site.outputs();
    let changed: Vec<&String> =
        expected.keys().filter(|path| outputs.get(*path) != expected.get(*path)).collect();
    assert!(changed.is_empty(), "{context}: {changed:?}");
    assert_eq!(outputs.len(), expected.len(), "{context}");
    assert_eq!(fs::read_to_string(site.path("outside.txt")).ok().as_deref(), Some("mine"));
    assert_eq!(site.outside_files(), Vec::<std::path::PathBuf>::new(), "{context}");
    let next = site.build();
    assert_eq!((next.status, next.stderr.as_str()), (0, ""), "{context}: the next build");
}

/// Damages a file.
type Damage<'a> = Box<dyn Fn() + 'a>;

#[test]
fn every_cache_file_may_be_damaged() {
    let site = site();
    let (cache, expected) = (read_files(&site.path(".dateline")), site.outputs());
    assert!(cache.keys().any(|name| name.ends_with(".copy")), "{:?}", cache.keys());
    assert!(cache.keys().any(|name| name.contains(".search/")));
    for (number, (name, bytes)) in cache.iter().enumerate() {
        let path = format!(".dateline/{name}");
        let damage: [(&str, Damage<'_>); 6] = [
            (
                "a flipped byte",
                Box::new(|| {
                    let mut bytes = bytes.clone();
                    let middle = bytes.len() / 2;
                    if let Some(byte) = bytes.get_mut(middle) {
                        *byte ^= 0x10;
                    }
                    site.write(&path, bytes);
                }),
            ),
            ("cut", Box::new(|| site.write(&path, &bytes[..bytes.len() / 2]))),
            ("longer", Box::new(|| site.write(&path, [bytes.as_slice(), &[7; 5_000]].concat()))),
            ("empty", Box::new(|| site.write(&path, ""))),
            (
                "a folder",
                Box::new(|| {
                    site.remove(&path);
                    site.write(&format!("{path}/x"), "x");
                }),
            ),
            (
                "a symbolic link",
                Box::new(|| {
                    site.remove(&path);
                    #[cfg(unix)]
                    std::os::unix::fs::symlink(site.path("outside.txt"), site.path(&path))
                        .expect("the symbolic link is created");
                }),
            ),
        ];
        for (index, (what, apply)) in damage.into_iter().enumerate() {
            reset(&site, &cache);
            apply();
            // Every other time, everything is copied from the cache to a new output folder. The
            // hashes of search segments are compared only then.
            if (number + index) % 2 == 0 || name.contains(".search/") {
                fs::remove_dir_all(site.path("public")).expect("the output is removed");
            }
            assert_unharmed(&site, &expected, &format!("{name}: {what}"));
        }
    }
}

/// The hashes of a published segment are compared when one of its files is copied again.
#[test]
fn a_damaged_search_segment_is_not_copied() {
    let site = site();
    let (cache, expected) = (read_files(&site.path(".dateline")), site.outputs());
    let is_shard = |name: &&String| name.contains(".search/") && name.ends_with(".bin");
    let shards: Vec<&String> = cache.keys().filter(is_shard).collect();
    assert!(!shards.is_empty(), "{:?}", cache.keys());
    for shard in shards {
        // `….search/SEGMENT/0.bin` is published as `search/SEGMENT.0.bin`.
        let (_, published) = shard.split_once(".search/").expect("a file of a segment");
        let published = format!("search/{}", published.replace('/', "."));
        let damage = || {
            reset(&site, &cache);
            let mut bytes = cache[shard].clone();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0x10;
            site.write(&format!(".dateline/{shard}"), bytes);
        };
        damage();
        site.remove(&format!("public/{published}"));
        assert_unharmed(&site, &expected, &format!("{published} is missing"));
        damage();
        site.write(&format!("public/{published}"), "another text");
        let build = site.build();
        assert_eq!(build.status, 2, "{published}: {}", build.stderr);
        assert!(build.stderr.contains("it is damaged"), "{}", build.stderr);
        assert_unharmed(&site, &expected, &format!("{published} was changed"));
    }
}

#[cfg(unix)]
#[test]
fn pipes_in_the_cache_block_nothing() {
    let site = site();
    let (cache, expected) = (read_files(&site.path(".dateline")), site.outputs());
    let names = cache.keys().cloned();
    let state = cache.keys().find(|name| name.ends_with(".bin") && !name.contains('/'));
    let state = state.expect("there is a cache file").trim_end_matches(".bin").to_owned();
    let others =
        [format!("{state}.journal"), format!("{state}.tmp"), format!("{state}.journal-tmp")];
    for name in names.chain(others) {
        reset(&site, &cache);
        let path = site.path(&format!(".dateline/{name}"));
        let _ = fs::remove_file(&path);
        let output = std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo runs");
        assert!(output.success());
        assert_unharmed(&site, &expected, &name);
    }
}

/// A value in the cache file.
#[derive(Clone, Debug)]
enum Value {
    Varint(u64),
    Fixed(u64),
    Bytes(Vec<u8>),
    /// Bytes with another length before them.
    Declared(u64, Vec<u8>),
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> u8 {
        let byte = self.0[0];
        self.0 = &self.0[1..];
        byte
    }

    fn varint(&mut self) -> u64 {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte();
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return number;
            }
            shift += 7;
        }
    }

    fn fixed(&mut self) -> Value {
        let (head, rest) = self.0.split_at(8);
        self.0 = rest;
        Value::Fixed(u64::from_le_bytes(head.try_into().expect("eight bytes")))
    }

    fn bytes(&mut self) -> Value {
        let length = self.varint() as usize;
        let (head, rest) = self.0.split_at(length);
        self.0 = rest;
        Value::Bytes(head.to_vec())
    }
}

/// Splits a cache file into its values, without the header and the trailer; also returns the number
/// of values that belong to records.
fn parse(file: &[u8]) -> (Vec<Value>, usize) {
    let mut reader = Reader(&file[12..file.len() - 32]);
    let mut values = Vec::new();
    loop {
        let tag = reader.varint();
        values.push(Value::Varint(tag));
        if tag == 0 {
            break;
        }
        values.extend([reader.bytes(), reader.fixed(), reader.bytes()]);
    }
    let record_values = values.len() - 1;
    let count = reader.varint();
    values.push(Value::Varint(count));
    (0..2 * count).for_each(|_| values.push(reader.bytes()));
    loop {
        let tag = reader.varint();
        values.push(Value::Varint(tag));
        if tag == 0 {
            break;
        }
        values.extend([reader.bytes(), reader.fixed(), reader.fixed(), reader.fixed()]);
        values.push(reader.bytes());
    }
    assert!(reader.0.is_empty());
    (values, record_values)
}

fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Writes a cache file with a valid checksum.
fn serialize(
    original: &[u8],
    values: &[Value],
    record_values: usize,
    records_end: Option<u64>,
) -> Vec<u8> {
    let mut out = original[..12].to_vec();
    let mut end = out.len();
    for (index, value) in values.iter().enumerate() {
        if index == record_values {
            end = out.len();
        }
        match value {
            Value::Varint(number) => put_varint(&mut out, *number),
            Value::Fixed(number) => out.extend(number.to_le_bytes()),
            Value::Bytes(bytes) => {
                put_varint(&mut out, bytes.len() as u64);
                out.extend(bytes);
            }
            Value::Declared(length, bytes) => {
                put_varint(&mut out, *length);
                out.extend(bytes);
            }
        }
    }
    out.extend(&original[original.len() - 32..original.len() - 16]);
    out.extend(records_end.unwrap_or(end as u64).to_le_bytes());
    let hash = xxh3_64(&out);
    out.extend(hash.to_le_bytes());
    out
}

/// Every field of the cache file, with values that no build writes and a valid checksum.
#[test]
fn every_field_of_the_cache_file_may_be_hostile() {
    let site = site();
    let (cache, expected) = (read_files(&site.path(".dateline")), site.outputs());
    let is_state = |name: &&String| name.ends_with(".bin") && !name.contains('/');
    let name = cache.keys().find(is_state).expect("there is a cache file").clone();
    let original = &cache[&name];
    let (values, record_values) = parse(original);
    assert_eq!(&serialize(original, &values, record_values, None), original, "the parser is right");
    let hostile = |value: &Value, variant: usize| match value {
        Value::Varint(_) => Value::Varint([7, u64::MAX, 1 << 40, 0][variant % 4]),
        Value::Fixed(_) => Value::Fixed([u64::MAX, 0, 1][variant % 3]),
        Value::Bytes(bytes) | Value::Declared(_, bytes) => match variant % 8 {
            0 => Value::Bytes(b"../outside.txt".to_vec()),
            1 => Value::Bytes(b"/etc/hostname".to_vec()),
            2 => Value::Bytes(b"a\0b".to_vec()),
            3 => Value::Bytes(vec![b'x'; 300_000]),
            4 => Value::Bytes(Vec::new()),
            5 => Value::Declared(u64::MAX, bytes.clone()),
            6 => Value::Declared(1 << 36, bytes.clone()),
            _ => Value::Bytes(vec![0xff; bytes.len().max(1)]),
        },
    };
    let mut variant = 0;
    for index in 0..values.len() {
        // All fields of the first records and entries, and a sample of the others.
        let is_first = index < 8 || (record_values..record_values + 30).contains(&index);
        if !is_first && index % 7 != 0 {
            continue;
        }
        variant += 1;
        let mut changed = values.clone();
        changed[index] = hostile(&values[index], variant);
        reset(&site, &cache);
        let bytes = serialize(original, &changed, record_values, None);
        site.write(&format!(".dateline/{name}"), bytes);
        let context = format!("value {index}: {:?}", short(&changed[index]));
        assert_unharmed(&site, &expected, &context);
    }
    for end in [0, 11, 12, 13, original.len() as u64 - 33, original.len() as u64, u64::MAX] {
        reset(&site, &cache);
        let bytes = serialize(original, &values, record_values, Some(end));
        site.write(&format!(".dateline/{name}"), bytes);
        assert_unharmed(&site, &expected, &format!("the records end at {end}"));
    }
}

fn short(value: &Value) -> String {
    format!("{value:?}").chars().take(60).collect()
}

/// A cache folder that is itself a file or a link.
#[cfg(unix)]
#[test]
fn folders_of_the_cache_may_be_replaced() {
    let site = site();
    let (cache, expected) = (read_files(&site.path(".dateline")), site.outputs());
    let folders: std::collections::BTreeSet<&Path> =
        cache.keys().filter_map(|name| Path::new(name).parent()).collect();
    for folder in folders.into_iter().filter(|folder| !folder.as_os_str().is_empty()) {
        for is_link in [false, true] {
            reset(&site, &cache);
            let path = format!(".dateline/{}", folder.display());
            fs::remove_dir_all(site.path(&path)).expect("the folder is removed");
            if is_link {
                std::os::unix::fs::symlink(site.path("content"), site.path(&path))
                    .expect("the link is created");
            } else {
                site.write(&path, "a file");
            }
            fs::remove_dir_all(site.path("public")).expect("the output is removed");
            let content = read_files(&site.path("content"));
            assert_unharmed(&site, &expected, &format!("{path}, a link: {is_link}"));
            assert_eq!(read_files(&site.path("content")), content, "{path}");
        }
    }
}
