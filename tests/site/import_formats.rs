//! `dateline import` of the formats of other systems.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::Value;

use crate::harness::{CommandOutput, TestSite, dateline, read_files, report_skipped};
use crate::import::{Import, path_text, source};

/// An export of WordPress with every kind of record.
const WXR: &str = r#"<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>The Paper</title><link>https://old.example</link>
<wp:author><wp:author_login>ar</wp:author_login>
<wp:author_display_name><![CDATA[A. Reporter]]></wp:author_display_name></wp:author>
<item><title>Bridge & quay: &#8220;open&#8221;</title>
<link>https://old.example/news/bridge/?a=1&b=2</link>
<guid isPermaLink="false">https://old.example/?p=1</guid><dc:creator>ar</dc:creator>
<content:encoded><![CDATA[First paragraph.

Second, with
[caption id="a"]<img src="https://old.example/q.jpg" alt="Quay" /> The quay[/caption]]]>
</content:encoded>
<excerpt:encoded><![CDATA[It <em>opened</em>.]]></excerpt:encoded>
<wp:post_id>1</wp:post_id><wp:post_date>2014-11-05 21:40:00</wp:post_date>
<wp:post_date_gmt>2014-11-05 16:40:00</wp:post_date_gmt><wp:post_name>bridge</wp:post_name>
<wp:status>publish</wp:status><wp:post_type>post</wp:post_type>
<category domain="category" nicename="city"><![CDATA[City]]></category>
<category domain="post_tag" nicename="port"><![CDATA[Port]]></category>
<wp:comment><wp:comment_id>9</wp:comment_id><wp:comment_content>x</wp:comment_content></wp:comment>
</item>
<item><title>Later</title><link>https://old.example/2015/later/</link><dc:creator>ar</dc:creator>
<content:encoded><![CDATA[<p>See <a href="http://old.example/?p=1#quay">the bridge</a> and
<a href="/2015/later/">this</a>.</p>]]></content:encoded>
<wp:post_id>2</wp:post_id><wp:post_date_gmt>2015-01-01 00:00:00</wp:post_date_gmt>
<wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item>
<item><title>About</title><link>https://old.example/about/</link>
<content:encoded><![CDATA[<p>About us.</p>]]></content:encoded><wp:post_id>3</wp:post_id>
<wp:post_date_gmt>2010-01-01 00:00:00</wp:post_date_gmt><wp:status>publish</wp:status>
<wp:post_type>page</wp:post_type></item>
ITEMS
</channel></rss>
"#;

/// Returns a record of an export with a status, a type and a password.
fn wxr_item(id: u32, status: &str, post_type: &str, password: &str) -> String {
    format!(
        "<item><title>Secret {id}</title><content:encoded><![CDATA[Secret.]]></content:encoded>\
         <wp:post_id>{id}</wp:post_id><wp:post_date>2014-01-0{id} 10:00:00</wp:post_date>\
         <wp:post_date_gmt>0000-00-00 00:00:00</wp:post_date_gmt><wp:status>{status}</wp:status>\
         <wp:post_type>{post_type}</wp:post_type><wp:post_password>{password}</wp:post_password>\
         </item>\n"
    )
}

/// Returns the outcomes of an import with their numbers.
fn outcomes(import: &Import<'_>) -> BTreeMap<String, usize> {
    let mut outcomes = BTreeMap::new();
    for record in import.records() {
        *outcomes.entry(record["outcome"].as_str().unwrap_or_default().to_owned()).or_default() +=
            1;
    }
    outcomes
}

fn read(site: &TestSite, path: &str) -> String {
    let files: Vec<String> = read_files(&site.path("content")).into_keys().collect();
    fs::read_to_string(site.path(path)).unwrap_or_else(|error| panic!("{path}: {error}; {files:?}"))
}

#[test]
fn wordpress_exports_are_imported() {
    let site = TestSite::empty();
    let file = source(&site, "export.xml", WXR.replace("ITEMS\n", ""));
    let import = Import::run(&site, &[path_text(&file)]).assert_explained();
    let expected = [("article", 2), ("comment", 1), ("page", 1)];
    assert_eq!(outcomes(&import), expected.map(|(name, count)| (name.to_owned(), count)).into());
    let expected = "---\n\
        title: \"Bridge & quay: “open”\"\n\
        description: \"It opened.\"\n\
        date: 2014-11-05T16:40:00Z\n\
        section: \"City\"\n\
        tags: [\"Port\"]\n\
        authors: [\"A. Reporter\"]\n\
        id: \"wxr:1\"\n\
        ---\n\n\
        First paragraph.\n\n";
    let text = read(&site, "content/2014/11/05/bridge.md");
    assert!(text.starts_with(expected), "{text}");
    assert!(text.contains("![Quay](https://old.example/q.jpg \"The quay\")"), "{text}");
    let later = read(&site, "content/2015/01/01/later.md");
    assert!(later.contains("[the bridge](/2014/11/05/bridge.md#quay)"), "{later}");
    assert!(later.contains("aliases: [\"/2015/later/\"]"), "{later}");
    let page = read(&site, "content/2010/01/01/about.md");
    assert!(page.contains("permalink: \"/about/\"\n") && !page.contains("aliases"), "{page}");
    let registry = read(&site, "permalinks.txt");
    assert!(registry.contains("/about/\tid:wxr:3\tfile:2010/01/01/about\n"), "{registry}");
    let warnings = import.records()[0]["warnings"].to_string();
    assert!(warnings.contains("a query"), "{warnings}");
}

#[test]
fn nothing_private_is_published_by_accident() {
    let items = [
        wxr_item(1, "draft", "post", ""),
        wxr_item(2, "private", "post", ""),
        wxr_item(3, "publish", "post", "x"),
        wxr_item(4, "pending", "post", ""),
        wxr_item(5, "trash", "post", ""),
        wxr_item(6, "future", "post", ""),
        wxr_item(7, "publish", "shop_order", ""),
        wxr_item(8, "inherit", "revision", ""),
        wxr_item(9, "publish", "nav_menu_item", ""),
    ];
    let start = &WXR[..WXR.find("<item>").expect("it has a record")];
    let text = format!("{start}{}</channel></rss>\n", items.concat());
    let site = TestSite::empty();
    let file = source(&site, "export.xml", &text);
    let import = Import::run(&site, &[path_text(&file)]).assert_explained();
    let expected = [("menu entry", 1), ("revision", 1), ("withheld", 7)];
    assert_eq!(outcomes(&import), expected.map(|(name, count)| (name.to_owned(), count)).into());
    assert!(read_files(&site.path("content")).is_empty());
    let import = Import::run(&site, &[path_text(&file), "--include-private"]).assert_explained();
    assert_eq!(outcomes(&import)["private"], 7);
    let build = site.build();
    assert_eq!(build.report_number("articles"), 0, "{}", build.stderr);
    assert!(
        !site.outputs().values().any(|bytes| String::from_utf8_lossy(bytes).contains("Secret"))
    );
}

#[test]
fn a_truncated_export_loses_only_its_last_record() {
    let site = TestSite::empty();
    let text = WXR.replace("ITEMS\n", "");
    let end = text.find("About us").expect("it has a page");
    let file = source(&site, "export.xml", &text[..end]);
    let import = Import::run(&site, &[path_text(&file)]);
    assert_eq!(import.output.status, 1);
    assert_eq!(outcomes(&import)["article"], 2);
    let failed = import.records().pop().expect("there are records");
    assert_eq!(failed["outcome"], "failed");
    assert!(failed["line"].as_u64().is_some_and(|line| line > 25), "{failed}");
}

#[test]
fn feeds_are_imported() {
    let rss = "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\">\
        <channel><title>T</title><item><title>One &amp; two</title>\
        <link>https://old.example/one/</link><pubDate>Wed, 05 Nov 2014 16:40:00 GMT</pubDate>\
        <author>editor@old.example (A. Reporter)</author><category>City</category>\
        <description>Short.</description>\
        <content:encoded>&lt;p&gt;The *whole* text.&lt;/p&gt;</content:encoded></item>\
        <item><title>Summary</title><link>https://old.example/two/</link>\
        <pubDate>Wed, 05 Nov 2014 16:40:00 GMT</pubDate><description>Only this.</description>\
        </item></channel></rss>";
    let atom = "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>T</title><entry><id>tag:1</id>\
        <title type=\"html\">A &amp;amp; b</title><link href=\"https://old.example/three/\"/>\
        <published>2014-11-06T00:00:00Z</published><author><name>B. Writer</name></author>\
        <content type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Text.</p></div>\
        </content></entry></feed>";
    let site = TestSite::empty();
    source(&site, "rss.xml", rss);
    source(&site, "atom.xml", atom);
    let folder = site.root().with_file_name("old");
    let import = Import::run(&site, &[path_text(&folder)]).assert_explained();
    assert_eq!(outcomes(&import)["article"], 3);
    let one = read(&site, "content/2014/11/05/one.md");
    assert!(one.contains("title: \"One & two\"\ndescription: \"Short.\"\n"), "{one}");
    assert!(one.contains("The \\*whole\\* text.\n") && one.contains("[\"A. Reporter\"]"), "{one}");
    let three = read(&site, "content/2014/11/06/three.md");
    assert!(three.contains("title: \"A & b\"\n") && three.ends_with("\nText.\n"), "{three}");
    let warnings = import.records()[2]["warnings"].to_string();
    assert!(warnings.contains("only a summary"), "{warnings}");
}

#[test]
fn tables_are_imported_by_a_map() {
    let site = TestSite::empty();
    let map = "title: Headline\ndate: Day\nbody: Text\nid: No\nstatus: State\nauthors: By\n";
    let map = source(&site, "maps/columns.yaml", map);
    let csv = "No;Headline;Day;By;State;Text\r\n7;Br\u{fc}cke;05.11.2014;A. Reporter;publish;\
               \"<p>One; two.</p>\"\r\n8;Zwei;13.11.2014;;draft;<p>Text.</p>\r\n";
    let csv: Vec<u8> = csv.chars().map(|c| c as u8).collect();
    let file = source(&site, "table.csv", csv);
    let args = [path_text(&file), "--map", path_text(&map)];
    let import = Import::run(&site, &args).assert_explained();
    assert_eq!(outcomes(&import), [("article".to_owned(), 1), ("withheld".to_owned(), 1)].into());
    let text = read(&site, "content/2014/11/05/brücke.md");
    assert!(text.contains("date: 2014-11-05\n") && text.ends_with("\nOne; two.\n"), "{text}");
    // Without a date that has only one meaning, the order isn't known.
    let file = source(&site, "short.csv", "No,Headline,Day,Text\n1,A,05/11/2014,B\n");
    let import = Import::run(&site, &[path_text(&file), "--map", path_text(&map)]);
    assert_eq!((import.output.status, outcomes(&import)["failed"]), (1, 1));
}

#[test]
fn json_and_databases_are_imported_by_a_map() {
    let site = TestSite::empty();
    let map = "title: t\ndate: d\nbody: b\nid: i\ntags: g\nquery: SELECT * FROM a ORDER BY i\n";
    let map = source(&site, "maps/map.yaml", map);
    let lines = "{\"i\":1,\"t\":\"One\",\"d\":\"2014-11-05\",\"b\":\"<p>Text.</p>\",\
                 \"g\":[\"x\",\"y\"]}\n\nnot JSON\n";
    let file = source(&site, "rows.jsonl", lines);
    let import = Import::run(&site, &[path_text(&file), "--map", path_text(&map)]);
    assert_eq!(import.output.status, 1, "a line isn't JSON");
    assert_eq!(import.records()[1]["line"], 3);
    assert!(read(&site, "content/2014/11/05/one.md").contains("tags: [\"x\", \"y\"]\n"));
    let database = file.with_file_name("rows.sqlite");
    let connection = Connection::open(&database).expect("the database is created");
    let rows = "CREATE TABLE a (i, t, d, b, g);\
                INSERT INTO a VALUES (1, 'Two', '2014-11-06', '<p>Text.</p>', 'x; y');";
    connection.execute_batch(rows).expect("the rows are inserted");
    let args = [path_text(&database), "--map", path_text(&map)];
    Import::run(&site, &args).assert_explained();
    assert!(read(&site, "content/2014/11/06/two.md").contains("tags: [\"x\", \"y\"]\n"));
}

/// The folder of one small newspaper in many formats, and its truth.
fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("DATELINE_CORPORA").map(PathBuf::from)?;
    Some(folder.join("import/made-here/one-archive-many-doors")).filter(|folder| folder.is_dir())
}

/// The words of a text.
fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

/// The fields that a format carries beside the headline, the text and the date.
#[derive(Clone, Copy)]
struct Carried {
    name: &'static str,
    /// The time zone of its dates is in it.
    zone: Has,
    standfirst: Has,
    section: Has,
    several_authors: Has,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Has {
    Yes,
    No,
}

/// Imports a file of the corpus, and returns the ids of the articles whose text differs from the
/// truth. The other fields are asserted.
fn differing_articles(corpus: &Path, format: Carried) -> BTreeSet<u64> {
    let Carried { name, .. } = format;
    let site = TestSite::empty();
    let import = Import::run(&site, &[path_text(&corpus.join(name))]).assert_explained();
    assert_eq!(outcomes(&import)["article"], 48, "{name}");
    let database = site.path("export.db");
    let mut export = dateline();
    export.args(["export", "sqlite"]).arg(&database).arg("--root").arg(site.root());
    CommandOutput::run(&mut export);
    let connection = Connection::open(&database).expect("the export is readable");
    let truth = fs::read_to_string(corpus.join("truth.jsonl")).expect("the truth is readable");
    let truth = truth.lines().map(|line| serde_json::from_str::<Value>(line).expect("it is JSON"));
    let published = truth.filter(|item| item["status"] == "published");
    let differs = published.filter(|item| {
        let title = item["title"].as_str().unwrap_or_default();
        let path = item["path"].as_str().unwrap_or_default();
        let records = import.records();
        let record = records.iter().find(|record| {
            let urls = record["old_urls"].as_array();
            urls.is_some_and(|urls| {
                urls.iter().any(|url| url.as_str().is_some_and(|url| url.ends_with(path)))
            })
        });
        // Formats without URLs have names, of which two are the same.
        let file_of = |record: &Value| record["file"].as_str().unwrap_or_default().to_owned();
        let day = format!("content{}.md", path.trim_end_matches('/'));
        let by_day = || records.iter().find(|record| file_of(record) == day);
        let by_title = || {
            let slug = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            let is_same = |record: &&Value| {
                let has_title = !title.is_empty() && record["title"] == title;
                has_title && file_of(record).contains(slug)
            };
            records.iter().find(is_same)
        };
        let Some(record) = record.or_else(by_day).or_else(by_title) else { return true };
        let file = record["file"].as_str().expect("it is imported");
        assert_fields(&site, format, file, item);
        let file = file.strip_prefix("content/").expect("it is an article's");
        let select = "SELECT title, body FROM articles WHERE path = ?";
        let found = connection.query_row(select, [file], |row| Ok((row.get(0)?, row.get(1)?)));
        let (own_title, body): (String, String) = found.expect("the export has the article");
        assert!(
            title.is_empty() || own_title == html_escape::decode_html_entities(title),
            "{file}"
        );
        words(&body) != words(item["text"].as_str().unwrap_or_default())
    });
    differs.filter_map(|item| item["id"].as_u64()).collect()
}

/// Asserts that an article has the fields of the truth, as far as a format carries them.
fn assert_fields(site: &TestSite, format: Carried, file: &str, item: &Value) {
    let text = read(site, file);
    let front = text.split("\n---\n").next().unwrap_or_default();
    let position = format!("{} {file}", format.name);
    let text_of = |key: &str| item[key].as_str().unwrap_or_default();
    if format.zone == Has::Yes {
        let date = text_of("date_utc").replace("+00:00", "Z");
        assert!(front.contains(&format!("\ndate: {date}\n")), "{position}: {date}: {front}");
    }
    let description = front.lines().find_map(|line| line.strip_prefix("description: "));
    if format.standfirst == Has::Yes {
        let expected = html_escape::decode_html_entities(text_of("standfirst"));
        assert_eq!(words(description.unwrap_or_default()), words(&expected), "{position}");
    }
    if format.section == Has::Yes {
        let section = format!("\nsection: \"{}\"\n", text_of("section"));
        assert!(front.contains(&section), "{position}: {front}");
    }
    let authors = item["authors"].as_array().cloned().unwrap_or_default();
    let count = if format.several_authors == Has::Yes { authors.len() } else { 1 };
    for author in authors.iter().take(count).filter_map(Value::as_str) {
        assert!(front.contains(&format!("\"{author}\"")), "{position}: {author}: {front}");
    }
    for tag in item["tags"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        assert!(front.contains(&format!("\"{tag}\"")), "{position}: {tag}: {front}");
    }
    assert!(!front.contains("draft:") && !front.contains("embargo:"), "{position}: {front}");
}

/// One newspaper has the same articles, whatever the format. The text differs in four of them as
/// intended: the export shows an image's description before its caption (101, 150), a video is a
/// link (109), markup within words doesn't divide them (117), and code in a table is code (133).
#[test]
fn all_formats_have_the_same_articles() {
    use Has::{No, Yes};
    let Some(corpus) = corpus() else {
        report_skipped("all_formats_have_the_same_articles", "DATELINE_CORPORA has no imports");
        return;
    };
    let intended: BTreeSet<u64> = [101, 109, 110, 117, 133, 150].into();
    for (name, zone, standfirst, section, several_authors) in [
        ("wordpress.wxr.xml", Yes, Yes, Yes, Yes),
        ("rss-full.xml", Yes, Yes, Yes, Yes),
        ("atom-full.xml", Yes, Yes, Yes, Yes),
        ("wp-rest-posts.json", Yes, Yes, Yes, Yes),
        ("movabletype.txt", No, Yes, Yes, No),
        ("blogger.xml", Yes, No, No, No),
        ("feed.json", Yes, Yes, Yes, Yes),
    ] {
        let format = Carried { name, zone, standfirst, section, several_authors };
        let differing = differing_articles(&corpus, format);
        assert!(differing.is_subset(&intended), "{name}: {differing:?}");
    }
}

#[test]
fn main_images_are_imported() {
    let site = TestSite::empty();
    let items = "<item><wp:post_id>5</wp:post_id><wp:post_type>attachment</wp:post_type>\
                 <wp:attachment_url>https://old.example/q.jpg</wp:attachment_url></item>";
    let meta = "<wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>5\
                </wp:meta_value></wp:postmeta><wp:post_id>2</wp:post_id>";
    let text = WXR.replace("ITEMS", items).replace("<wp:post_id>2</wp:post_id>", meta);
    let file = source(&site, "export.xml", text);
    Import::run(&site, &[path_text(&file)]).assert_explained();
    let later = read(&site, "content/2015/01/01/later.md");
    assert!(later.contains("\nimage: \"https://old.example/q.jpg\"\n"), "{later}");
    let rss = "<rss xmlns:media=\"http://search.yahoo.com/mrss/\"><channel><item><title>One</title>\
        <pubDate>mer, 05 nov 2014 16:40:00 GMT</pubDate><description>Short.</description>\
        <media:content url=\"https://old.example/p.jpg\" medium=\"image\"><media:description>A quay\
        </media:description></media:content><enclosure url=\"https://old.example/a.mp3\" \
        type=\"audio/mpeg\"/></item></channel></rss>";
    let file = source(&site, "rss.xml", rss);
    let import = Import::run(&site, &[path_text(&file)]).assert_explained();
    let one = read(&site, "content/2014/11/05/one.md");
    let image = "image: {src: \"https://old.example/p.jpg\", caption: \"A quay\"}\n";
    assert!(one.contains(image), "{one}");
    assert!(import.records()[0]["warnings"].to_string().contains("a.mp3"));
}

#[test]
fn files_without_records_are_reported() {
    let site = TestSite::empty();
    let text = WXR.replace("ITEMS\n", "");
    let between = text.find("<item><title>About").expect("it has a page");
    source(&site, "parts/a.xml", &text[..between]);
    source(&site, "parts/b.xml", "<rss><channel></channel></rss>");
    source(&site, "parts/c.json", "{\"unknown\": 1}");
    source(&site, "parts/d.jpg", "not read");
    let folder = site.root().with_file_name("old").join("parts");
    let import = Import::run(&site, &[path_text(&folder)]);
    assert_eq!((import.output.status, outcomes(&import)["article"]), (1, 2));
    let failed = &import.records()[3];
    assert!(failed["reason"].to_string().contains("may be missing"), "{failed}");
    let sums = fs::read_to_string(site.path("import-report.json")).expect("it is readable");
    let sums: Value = serde_json::from_str(&sums).expect("it is JSON");
    assert_eq!(
        (&sums["empty_files"][0], &sums["unknown_files"][0]),
        (&"b.xml".into(), &"c.json".into())
    );
    assert_eq!(sums["media_files"], 1);
}

#[test]
fn medium_and_substack_exports_are_imported() {
    let site = TestSite::empty();
    let page = "<html><body><article class=\"h-entry\"><h1 class=\"p-name\">One</h1>\
        <section data-field=\"body\"><h3 class=\"graf--title\">One</h3><p>Text *one*.</p></section>\
        <footer><a class=\"p-author\">A. Reporter</a> <time class=\"dt-published\" \
        datetime=\"2014-11-05T10:00:00Z\">x</time><a class=\"p-canonical\" \
        href=\"https://old.example/one/\">c</a></footer></article></body></html>\n";
    source(&site, "medium/posts/2014-11-05_One-0123456789ab.html", page);
    source(&site, "medium/posts/draft_Two-0123456789ac.html", page);
    let posts = "post_id,post_date,is_published,type,audience,title,subtitle,podcast_url\n\
        7.three,2014-11-06T10:00:00.000Z,true,newsletter,everyone,Three,Short,\n\
        8.four,2014-11-07T10:00:00.000Z,true,newsletter,only_paid,Four,,\n\
        9.five,,false,newsletter,everyone,Five,,\n";
    source(&site, "substack/posts.csv", posts);
    source(&site, "substack/posts/7.three.html", "<p>Text.</p>");
    source(&site, "substack/posts/7.three.opens.csv", "a,b\n");
    source(&site, "substack/posts/8.four.html", "<p>Paid.</p>");
    source(&site, "substack/posts/9.five.html", "<p>Draft.</p>");
    let folder = site.root().with_file_name("old");
    let import = Import::run(&site, &[path_text(&folder)]).assert_explained();
    let expected = [("article", 2), ("withheld", 3)];
    assert_eq!(outcomes(&import), expected.map(|(name, count)| (name.to_owned(), count)).into());
    let one = read(&site, "content/2014/11/05/one.md");
    assert!(one.ends_with("\n---\n\nText \\*one\\*.\n"), "{one}");
    let three = read(&site, "content/2014/11/06/three.md");
    assert!(three.contains("aliases: [\"/p/three/\"]\n"), "{three}");
    // A text without a row isn't lost silently.
    source(&site, "substack/posts/10.six.html", "<p>Lost.</p>");
    let import = Import::run(&site, &[path_text(&folder)]);
    assert_eq!((import.output.status, outcomes(&import)["failed"]), (1, 1));
}
