//! `dateline serve` as a server: ranges, tags, packing, types, and who gets nothing.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::harness::{Build, Site, dateline, story};
use crate::served::{Served, connect};

/// A site with a long file, a short one, and a text worth packing.
fn site() -> Site {
    let long: Vec<u8> = (0..700_000_u32).map(|at| (at % 251) as u8).collect();
    let text = "Names of all who signed. ".repeat(200);
    Site::new()
        .with("content/long.md", story("Long", "2024-11-06", "slug: long\n", &text))
        .with("static/long.bin", long)
        .with("static/short.txt", "0123456789")
}

#[test]
fn parts_of_files() {
    let site = site();
    let served = Served::start(&site, &[]);
    for (path, length) in [("/long.bin", 700_000_usize), ("/short.txt", 10)] {
        let whole = served.ask("GET", path, &[]);
        assert_eq!((whole.status, whole.body.len(), whole.header("accept-ranges")), (200, length, "bytes"));
        let tag = whole.header("etag").to_owned();
        assert!(tag.starts_with('"'), "{tag}");
        let asks = |range: &str, more: &[(&str, &str)]| {
            served.ask("GET", path, &[&[("Range", range)], more].concat())
        };
        for (range, from, until) in [
            ("bytes=0-0", 0, 1),
            ("bytes=3-6", 3, 7),
            ("bytes=-4", length - 4, length),
            (&format!("bytes={}-", length - 5), length - 5, length),
            ("bytes=2-99999999", 2, length),
        ] {
            let part = asks(range, &[]);
            assert_eq!((part.status, &part.body[..]), (206, &whole.body[from..until]), "{path} {range}");
            assert_eq!(part.header("content-range"), format!("bytes {from}-{}/{length}", until - 1));
            assert_eq!(
                (part.header("etag"), part.header("content-length")),
                (&*tag, &*(until - from).to_string())
            );
        }
        let beyond = asks("bytes=99999999-", &[]);
        assert_eq!((beyond.status, beyond.header("content-range")), (416, &*format!("bytes */{length}")));
        for range in ["bytes=5-2", "bytes=0-1,3-4", "lines=1-2"] {
            assert_eq!(asks(range, &[]).status, 200, "{range}");
        }
        assert_eq!(asks("bytes=0-0", &[("If-Range", &tag)]).status, 206);
        for other in ["\"other\"", &format!("W/{tag}"), "Tue, 05 Nov 2024 10:00:00 GMT"] {
            assert_eq!(asks("bytes=0-0", &[("If-Range", other)]).status, 200, "{other}");
        }
        for known in [tag.clone(), format!("\"x\", {tag}"), format!("W/{tag}"), "*".to_owned()] {
            let same = served.ask("GET", path, &[("If-None-Match", &known)]);
            assert_eq!((same.status, same.body.len(), same.header("etag")), (304, 0, &*tag), "{known}");
        }
        assert_eq!(served.ask("GET", path, &[("If-None-Match", "\"other\"")]).status, 200);
        let head = served.ask("HEAD", path, &[]);
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!(head.header("content-length"), length.to_string());
    }
}

#[test]
fn packed_texts() {
    let site = site();
    let served = Served::start(&site, &[]);
    let page = "/2024/11/06/long/";
    let plain = served.ask("GET", page, &[]);
    assert_eq!((plain.header("content-encoding"), plain.header("vary")), ("", "accept-encoding"));
    let packed = served.ask("GET", page, &[("Accept-Encoding", "br, gzip")]);
    assert_eq!(packed.header("content-encoding"), "gzip");
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(&packed.body[..]).read_to_end(&mut text).expect("gzip");
    assert!(text == plain.body && packed.body.len() < plain.body.len());
    // Its tag is weak: no part of the plain text goes on from packed bytes.
    assert_eq!(packed.header("etag"), format!("W/{}", plain.header("etag")));
    let again = [("Accept-Encoding", "gzip"), ("If-None-Match", packed.header("etag"))];
    assert_eq!(served.ask("GET", page, &again).status, 304);
    for never in [("/long.bin", "gzip"), ("/short.txt", "gzip"), (page, "gzip;q=0"), (page, "identity")] {
        let reply = served.ask("GET", never.0, &[("Accept-Encoding", never.1)]);
        assert_eq!((reply.status, reply.header("content-encoding")), (200, ""), "{never:?}");
    }
}

#[test]
fn methods_types_and_folders() {
    let site = site()
        .with("static/a.css", "p {}")
        .with("static/a.js", "1")
        .with("static/a.svg", "<svg/>")
        .with("static/a.webmanifest", "{}")
        .with("static/CNAME", "x")
        .with("static/a%b é.txt", "odd");
    let mut served = Served::start(&site, &[]);
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/feed.xml", "text/xml; charset=utf-8"),
        ("/robots.txt", "text/plain; charset=utf-8"),
        ("/a.css", "text/css; charset=utf-8"),
        ("/a.js", "text/javascript; charset=utf-8"),
        ("/a.svg", "image/svg+xml; charset=utf-8"),
        ("/a.webmanifest", "application/manifest+json; charset=utf-8"),
        ("/long.bin", "application/octet-stream"),
        ("/.dateline/client.js", "text/javascript; charset=utf-8"),
    ] {
        let reply = served.ask("GET", path, &[]);
        assert_eq!((reply.status, reply.header("content-type")), (200, kind), "{path}");
        assert_eq!(
            (reply.header("x-content-type-options"), reply.header("cache-control")),
            ("nosniff", "no-cache")
        );
    }
    assert_eq!(served.get("a%b é.txt").text(), "odd");
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"] {
        let reply = served.ask(method, "/", &[]);
        assert_eq!((reply.status, reply.header("allow")), (405, "GET, HEAD"), "{method}");
    }
    let folder = served.ask("GET", "/2024/11/06/long?a=b&c", &[]);
    assert_eq!((folder.status, folder.header("location")), (301, "/2024/11/06/long/?a=b&c"));
    let page = served.ask("GET", "/2024/11/06/long/?utm=x", &[]);
    assert_eq!((page.status, page.page()), (200, served.get("2024/11/06/long/index.html").page()));
    for path in
        ["/none/", "/none", "/2024/11/06/long/none", "//2024/", "/2024//", "/.dateline/", "/.dateline/none"]
    {
        let reply = served.ask("GET", path, &[]);
        assert_eq!((reply.status, reply.page()), (404, served.get("404.html").page()), "{path}");
    }
    // A head is no listener, and ends.
    assert_eq!(served.ask("HEAD", "/.dateline/events", &[]).status, 200);
    site.put("content/more.md", story("More", "2024-11-07", "", "More.\n"));
    served.shows("2024/11/07/more/", "More.");
}

/// Asserts that none of what lies outside is ever sent.
#[track_caller]
fn withholds(served: &Served, paths: &[&str]) {
    for path in paths {
        let reply = served.ask("GET", path, &[]);
        assert!([400, 404].contains(&reply.status), "{path}: {}", reply.status);
        assert!(!reply.text().contains("SECRET"), "{path}");
    }
}

#[test]
fn nothing_outside_is_sent() {
    let site = site().with("secret.txt", "SECRET").with("../outside.txt", "SECRET").with("static/a.txt", "a");
    let served = Served::start(&site, &[]);
    let absolute = site.path("secret.txt").to_str().expect("UTF-8").to_owned();
    withholds(
        &served,
        &[
            "/../secret.txt",
            "/../../outside.txt",
            "/%2e%2e/secret.txt",
            "/%2e%2e%2fsecret.txt",
            "/..%2fsecret.txt",
            "/a/..%2f..%2fsecret.txt",
            "/..%5csecret.txt",
            "/%5c..%5csecret.txt",
            "/%00/secret.txt",
            "/a.txt%00",
            "/%252e%252e/secret.txt",
            "/./secret.txt",
            "/secret.txt",
            "/site.yaml",
            "/content/good.md",
            "/.dateline/lock",
            "/search/../../secret.txt",
            "/%ff%fe",
            &absolute,
            &format!("/{absolute}"),
            &format!("/%2f{}", absolute.trim_start_matches('/')),
        ],
    );
    // A whole address in the first line, as proxies are asked.
    let reply = served.ask("GET", "http://evil.example/a.txt", &[]);
    assert!(reply.status == 200 || reply.status == 403 || reply.status == 400);
}

#[cfg(unix)]
#[test]
fn links_that_lead_outside_are_not_followed() {
    let site = site()
        .with("../outside/secret.txt", "SECRET")
        .with("../outside/story.md", story("SECRET", "2024-11-09", "slug: secret\n", "SECRET"))
        .with("static/a.txt", "a")
        .with("static/a.css", "p {}")
        .with("content/replaced.md", story("Mine", "2024-11-09", "slug: mine\n", "Mine."))
        .link("static/leak.txt", "../../outside/secret.txt")
        .link("static/leaks", "../../outside");
    let mut served = Served::start(&site, &[]);
    withholds(&served, &["/leak.txt", "/leaks/secret.txt"]);
    assert_eq!(served.wrong["errors"], 2, "they are told: {}", served.wrong);
    let link = |path: &str, target: &str| {
        let beside = site.path("static/.beside");
        std::os::unix::fs::symlink(target, &beside).expect("linked");
        std::fs::rename(beside, site.path(path)).expect("renamed");
    };
    // Links that come in the place of files while it serves.
    link("static/a.txt", "../../outside/secret.txt");
    link("static/a.css", "../../outside/secret.txt");
    withholds(&served, &["/a.txt", "/a.css"]);
    served.errors(4);
    withholds(&served, &["/a.txt", "/a.css"]);
    link("content/replaced.md", "../../outside/story.md");
    served.errors(5);
    withholds(&served, &["/2024/11/09/secret/", "/2024/11/09/mine/"]);
    link("content/new.md", "../../outside/story.md");
    served.errors(6);
    withholds(&served, &["/2024/11/09/secret/"]);
    link("content/folder", "../../outside");
    served.errors(7);
    withholds(&served, &["/2024/11/09/secret/"]);
    std::fs::remove_file(site.path("content/new.md")).expect("removed");
    served.errors(6);
}

#[test]
fn other_names_are_refused() {
    let site = site();
    let served = Served::start(&site, &[]);
    let port = served.address.port();
    let status = |host: &str| served.ask("GET", "/", &[("Host", host)]).status;
    for host in
        ["localhost", "127.0.0.1", &format!("localhost:{port}"), &format!("127.0.0.1:{port}"), "[::1]"]
    {
        assert_eq!(status(host), 200, "{host}");
    }
    for host in ["evil.example", &format!("evil.example:{port}"), "localhost.evil.example", "192.168.0.9", ""]
    {
        let reply = served.ask("GET", "/", &[("Host", host)]);
        assert_eq!(reply.status, 403, "{host}");
        assert!(reply.text().contains("--host"), "{}", reply.text());
    }
    for path in ["/.dateline/events", "/.dateline/client.js", "/none"] {
        assert_eq!(served.ask("GET", path, &[("Host", "evil.example")]).status, 403, "{path}");
    }
    assert!(served.raw(b"GET / HTTP/1.0\r\n\r\n").starts_with(b"HTTP/1.0 403"), "no name at all");
    drop(served);
    let served = Served::start(&site, &["--host", "0.0.0.0"]);
    for (host, expected) in [("192.168.0.9:80", 200), ("localhost", 200), ("evil.example", 403)] {
        assert_eq!(served.ask("GET", "/", &[("Host", host)]).status, expected, "{host}");
    }
}

#[test]
fn slow_and_broken_clients_stop_nobody() {
    let site = site();
    let mut served = Served::start(&site, &[]);
    let halves: Vec<_> = (0..200)
        .map(|number| {
            let mut stream = connect(served.address);
            let part: &[u8] = match number % 4 {
                0 => b"",
                1 => b"GET / HT",
                2 => b"GET /long.bin HTTP/1.1\r\nHost: localhost\r\n\r\n",
                _ => b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nx",
            };
            stream.write_all(part).expect("sent");
            stream
        })
        .collect();
    let listeners: Vec<_> = (0..50)
        .map(|_| {
            let mut stream = connect(served.address);
            let ask = b"GET /.dateline/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
            stream.write_all(ask).expect("sent");
            stream
        })
        .collect();
    assert_eq!(served.get("").status, 200, "while 250 hold a connection");
    site.put("content/more.md", story("More", "2024-11-07", "", "More.\n"));
    served.shows("2024/11/07/more/", "More.");
    // Some leave in the middle of what they get.
    for mut stream in halves {
        stream.set_nonblocking(true).expect("set");
        let _ = stream.read(&mut [0; 10]);
    }
    drop(listeners);
    for garbage in [&b"\0\0\0\0\r\n\r\n"[..], b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", &[b'A'; 700_000]] {
        let mut stream = connect(served.address);
        // It may hang up before all is sent.
        let _ = stream.write_all(garbage);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = stream.read_to_end(&mut Vec::new());
    }
    let long = format!("/{}", "x".repeat(60_000));
    assert!([404, 414, 431].contains(&served.ask("GET", &long, &[]).status));
    site.put("content/last.md", story("Last", "2024-11-07", "", "Last.\n"));
    served.shows("2024/11/07/last/", "Last.");
}

#[test]
fn a_port_that_is_taken() {
    let site = site();
    let holder = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = holder.local_addr().expect("known").port().to_string();
    let mut command = dateline();
    command.args(["serve", "--port", &port, "--root"]).arg(site.root());
    let refused = Build::of(&mut command);
    assert_eq!((refused.status, refused.stdout.as_str()), (2, ""));
    assert!(refused.stderr.contains(&format!("port {port} is taken")), "{}", refused.stderr);
    assert!(refused.stderr.contains("try --port "), "{}", refused.stderr);
    // The usual one; if it can't be held here, somebody else holds it.
    let _usual = TcpListener::bind("127.0.0.1:8000");
    let mut command = dateline();
    command.args(["serve", "--root"]).arg(site.root());
    let served = Served::of(command);
    assert!(served.address.port() > 8000, "{}", served.said());
    assert!(served.said().contains("port 8000 is taken: taking 80"), "{}", served.said());
    assert_eq!(served.get("").status, 200);
}

#[test]
fn mistakes_of_the_call() {
    let site = site();
    for (args, says) in [
        (&["--host", "no-such-name.invalid"][..], "no-such-name.invalid"),
        (&["--port", "70000"], "70000"),
        (&["--now", "yesterday"], "--now"),
    ] {
        let mut command = dateline();
        command.args(["serve", "--root"]).arg(site.root()).args(args);
        let build = Build::of(&mut command);
        assert_eq!((build.status, build.stdout.as_str()), (2, ""), "{args:?}");
        assert!(build.stderr.contains(says), "{args:?}: {}", build.stderr);
    }
}
