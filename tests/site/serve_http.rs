//! `dateline serve` as an HTTP server: ranges, entity tags, compression, media types, and refused
//! requests.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::harness::{CommandOutput, TestSite, article, dateline};
use crate::server::{TestServer, connect};

/// Returns a site with a long file, a short one, and a text that is worth compressing.
fn site() -> TestSite {
    let long: Vec<u8> = (0..700_000_u32).map(|offset| (offset % 251) as u8).collect();
    let text = "Names of all who signed. ".repeat(200);
    TestSite::new()
        .with_file("content/long.md", article("Long", "2024-11-06", "slug: long\n", &text))
        .with_file("static/long.bin", long)
        .with_file("static/short.txt", "0123456789")
}

#[test]
fn range_requests() {
    let site = site();
    let server = TestServer::start(&site, &[]);
    for (path, length) in [("/long.bin", 700_000_usize), ("/short.txt", 10)] {
        let full = server.request("GET", path, &[]);
        assert_eq!(
            (full.status, full.body.len(), full.header("accept-ranges")),
            (200, length, "bytes")
        );
        let tag = full.header("etag").to_owned();
        assert!(tag.starts_with('"'), "{tag}");
        let request_range = |range: &str, extra_headers: &[(&str, &str)]| {
            server.request("GET", path, &[&[("Range", range)], extra_headers].concat())
        };
        for (range, from, until) in [
            ("bytes=0-0", 0, 1),
            ("bytes=3-6", 3, 7),
            ("bytes=-4", length - 4, length),
            (&format!("bytes={}-", length - 5), length - 5, length),
            ("bytes=2-99999999", 2, length),
        ] {
            let part = request_range(range, &[]);
            assert_eq!(
                (part.status, &part.body[..]),
                (206, &full.body[from..until]),
                "{path} {range}"
            );
            assert_eq!(
                part.header("content-range"),
                format!("bytes {from}-{}/{length}", until - 1)
            );
            assert_eq!(
                (part.header("etag"), part.header("content-length")),
                (&*tag, &*(until - from).to_string())
            );
        }
        let unsatisfiable = request_range("bytes=99999999-", &[]);
        assert_eq!(
            (unsatisfiable.status, unsatisfiable.header("content-range")),
            (416, &*format!("bytes */{length}"))
        );
        for range in ["bytes=5-2", "bytes=0-1,3-4", "lines=1-2"] {
            assert_eq!(request_range(range, &[]).status, 200, "{range}");
        }
        assert_eq!(request_range("bytes=0-0", &[("If-Range", &tag)]).status, 206);
        for other in ["\"other\"", &format!("W/{tag}"), "Tue, 05 Nov 2024 10:00:00 GMT"] {
            assert_eq!(request_range("bytes=0-0", &[("If-Range", other)]).status, 200, "{other}");
        }
    }
}

#[test]
fn conditional_and_head_requests() {
    let site = site();
    let server = TestServer::start(&site, &[]);
    for (path, length) in [("/long.bin", 700_000_usize), ("/short.txt", 10)] {
        let tag = server.request("GET", path, &[]).header("etag").to_owned();
        for etag in [tag.clone(), format!("\"x\", {tag}"), format!("W/{tag}"), "*".to_owned()] {
            let not_modified = server.request("GET", path, &[("If-None-Match", &etag)]);
            assert_eq!(
                (not_modified.status, not_modified.body.len(), not_modified.header("etag")),
                (304, 0, &*tag),
                "{etag}"
            );
        }
        assert_eq!(server.request("GET", path, &[("If-None-Match", "\"other\"")]).status, 200);
        let head = server.request("HEAD", path, &[]);
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!(head.header("content-length"), length.to_string());
    }
}

#[test]
fn compressed_responses() {
    let site = site();
    let server = TestServer::start(&site, &[]);
    let page = "/2024/11/06/long/";
    let plain = server.request("GET", page, &[]);
    assert_eq!((plain.header("content-encoding"), plain.header("vary")), ("", "accept-encoding"));
    let compressed = server.request("GET", page, &[("Accept-Encoding", "br, gzip")]);
    assert_eq!(compressed.header("content-encoding"), "gzip");
    let mut decompressed = Vec::new();
    flate2::read::GzDecoder::new(&compressed.body[..])
        .read_to_end(&mut decompressed)
        .expect("it is compressed with gzip");
    assert!(decompressed == plain.body && compressed.body.len() < plain.body.len());
    // Its entity tag is weak: a range of the plain text can't continue compressed bytes.
    assert_eq!(compressed.header("etag"), format!("W/{}", plain.header("etag")));
    let conditional = [("Accept-Encoding", "gzip"), ("If-None-Match", compressed.header("etag"))];
    assert_eq!(server.request("GET", page, &conditional).status, 304);
    for uncompressed in
        [("/long.bin", "gzip"), ("/short.txt", "gzip"), (page, "gzip;q=0"), (page, "identity")]
    {
        let response =
            server.request("GET", uncompressed.0, &[("Accept-Encoding", uncompressed.1)]);
        assert_eq!(
            (response.status, response.header("content-encoding")),
            (200, ""),
            "{uncompressed:?}"
        );
    }
}

#[test]
fn methods_content_types_and_folders() {
    let site = site()
        .with_file("static/a.css", "p {}")
        .with_file("static/a.js", "1")
        .with_file("static/a.svg", "<svg/>")
        .with_file("static/a.webmanifest", "{}")
        .with_file("static/CNAME", "x")
        .with_file("static/a%b é.txt", "odd");
    let mut server = TestServer::start(&site, &[]);
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
        let response = server.request("GET", path, &[]);
        assert_eq!((response.status, response.header("content-type")), (200, kind), "{path}");
        assert_eq!(
            (response.header("x-content-type-options"), response.header("cache-control")),
            ("nosniff", "no-cache")
        );
    }
    assert_eq!(server.get("a%b é.txt").body_text(), "odd");
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"] {
        let response = server.request(method, "/", &[]);
        assert_eq!((response.status, response.header("allow")), (405, "GET, HEAD"), "{method}");
    }
    let folder = server.request("GET", "/2024/11/06/long?a=b&c", &[]);
    assert_eq!((folder.status, folder.header("location")), (301, "/2024/11/06/long/?a=b&c"));
    let page = server.request("GET", "/2024/11/06/long/?utm=x", &[]);
    assert_eq!(
        (page.status, page.body_without_client_script()),
        (200, server.get("2024/11/06/long/index.html").body_without_client_script())
    );
    for path in [
        "/none/",
        "/none",
        "/2024/11/06/long/none",
        "//2024/",
        "/2024//",
        "/.dateline/",
        "/.dateline/none",
    ] {
        let response = server.request("GET", path, &[]);
        assert_eq!(
            (response.status, response.body_without_client_script()),
            (404, server.get("404.html").body_without_client_script()),
            "{path}"
        );
    }
    // A HEAD request doesn't subscribe to events, and ends.
    assert_eq!(server.request("HEAD", "/.dateline/events", &[]).status, 200);
    site.write("content/more.md", article("More", "2024-11-07", "", "More.\n"));
    server.wait_for_text("2024/11/07/more/", "More.");
}

/// Asserts that no file outside the site is sent.
#[track_caller]
fn assert_withheld(server: &TestServer, paths: &[&str]) {
    for path in paths {
        let response = server.request("GET", path, &[]);
        assert!([400, 404].contains(&response.status), "{path}: {}", response.status);
        assert!(!response.body_text().contains("SECRET"), "{path}");
    }
}

#[test]
fn nothing_outside_is_sent() {
    let site = site()
        .with_file("secret.txt", "SECRET")
        .with_file("../outside.txt", "SECRET")
        .with_file("static/a.txt", "a");
    let server = TestServer::start(&site, &[]);
    let absolute = site.path("secret.txt").to_str().expect("it is UTF-8").to_owned();
    assert_withheld(
        &server,
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
    // An absolute URL in the request line, as for proxies.
    let response = server.request("GET", "http://evil.example/a.txt", &[]);
    assert!(response.status == 200 || response.status == 403 || response.status == 400);
}

#[cfg(unix)]
#[test]
fn symlinks_out_of_the_site_are_not_followed() {
    let site = site()
        .with_file("../outside/secret.txt", "SECRET")
        .with_file(
            "../outside/story.md",
            article("SECRET", "2024-11-09", "slug: secret\n", "SECRET"),
        )
        .with_file("static/a.txt", "a")
        .with_file("static/a.css", "p {}")
        .with_file("content/replaced.md", article("Mine", "2024-11-09", "slug: mine\n", "Mine."))
        .with_symlink("static/leak.txt", "../../outside/secret.txt")
        .with_symlink("static/leaks", "../../outside");
    let mut server = TestServer::start(&site, &[]);
    assert_withheld(&server, &["/leak.txt", "/leaks/secret.txt"]);
    assert_eq!(server.diagnostics["errors"], 2, "they are reported: {}", server.diagnostics);
    let replace_with_symlink = |path: &str, target: &str| {
        let temp_link = site.path("static/.beside");
        std::os::unix::fs::symlink(target, &temp_link).expect("the symbolic link is created");
        std::fs::rename(temp_link, site.path(path)).expect("the file is renamed");
    };
    // Symbolic links that replace files while it serves.
    replace_with_symlink("static/a.txt", "../../outside/secret.txt");
    replace_with_symlink("static/a.css", "../../outside/secret.txt");
    assert_withheld(&server, &["/a.txt", "/a.css"]);
    server.wait_for_error_count(4);
    assert_withheld(&server, &["/a.txt", "/a.css"]);
    replace_with_symlink("content/replaced.md", "../../outside/story.md");
    server.wait_for_error_count(5);
    assert_withheld(&server, &["/2024/11/09/secret/", "/2024/11/09/mine/"]);
    replace_with_symlink("content/new.md", "../../outside/story.md");
    server.wait_for_error_count(6);
    assert_withheld(&server, &["/2024/11/09/secret/"]);
    replace_with_symlink("content/folder", "../../outside");
    server.wait_for_error_count(7);
    assert_withheld(&server, &["/2024/11/09/secret/"]);
    std::fs::remove_file(site.path("content/new.md")).expect("the file is removed");
    server.wait_for_error_count(6);
}

#[test]
fn other_host_names_are_refused() {
    let site = site();
    let server = TestServer::start(&site, &[]);
    let port = server.listen_address.port();
    let status = |host: &str| server.request("GET", "/", &[("Host", host)]).status;
    for host in [
        "localhost",
        "127.0.0.1",
        &format!("localhost:{port}"),
        &format!("127.0.0.1:{port}"),
        "[::1]",
    ] {
        assert_eq!(status(host), 200, "{host}");
    }
    for host in [
        "evil.example",
        &format!("evil.example:{port}"),
        "localhost.evil.example",
        "192.168.0.9",
        "",
    ] {
        let response = server.request("GET", "/", &[("Host", host)]);
        assert_eq!(response.status, 403, "{host}");
        assert!(response.body_text().contains("--host"), "{}", response.body_text());
    }
    for path in ["/.dateline/events", "/.dateline/client.js", "/none"] {
        assert_eq!(server.request("GET", path, &[("Host", "evil.example")]).status, 403, "{path}");
    }
    assert!(
        server.send_raw(b"GET / HTTP/1.0\r\n\r\n").starts_with(b"HTTP/1.0 403"),
        "no name at all"
    );
    drop(server);
    let server = TestServer::start(&site, &["--host", "0.0.0.0"]);
    for (host, expected) in [("192.168.0.9:80", 200), ("localhost", 200), ("evil.example", 403)] {
        assert_eq!(server.request("GET", "/", &[("Host", host)]).status, expected, "{host}");
    }
}

#[test]
fn slow_and_broken_clients_block_nobody() {
    let site = site();
    let mut server = TestServer::start(&site, &[]);
    let idle_connections: Vec<_> = (0..200)
        .map(|number| {
            let mut stream = connect(server.listen_address);
            let request: &[u8] = match number % 4 {
                0 => b"",
                1 => b"GET / HT",
                2 => b"GET /long.bin HTTP/1.1\r\nHost: localhost\r\n\r\n",
                _ => b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nx",
            };
            stream.write_all(request).expect("the request is sent");
            stream
        })
        .collect();
    let listeners: Vec<_> = (0..50)
        .map(|_| {
            let mut stream = connect(server.listen_address);
            let request = b"GET /.dateline/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
            stream.write_all(request).expect("the request is sent");
            stream
        })
        .collect();
    assert_eq!(server.get("").status, 200, "while 250 hold a connection");
    site.write("content/more.md", article("More", "2024-11-07", "", "More.\n"));
    server.wait_for_text("2024/11/07/more/", "More.");
    // Some disconnect during the response.
    for mut stream in idle_connections {
        stream.set_nonblocking(true).expect("the stream is set to non-blocking");
        let _ = stream.read(&mut [0; 10]);
    }
    drop(listeners);
    for garbage in
        [&b"\0\0\0\0\r\n\r\n"[..], b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", &[b'A'; 700_000]]
    {
        let mut stream = connect(server.listen_address);
        // It can disconnect before everything is sent.
        let _ = stream.write_all(garbage);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = stream.read_to_end(&mut Vec::new());
    }
    let long = format!("/{}", "x".repeat(60_000));
    assert!([404, 414, 431].contains(&server.request("GET", &long, &[]).status));
    site.write("content/last.md", article("Last", "2024-11-07", "", "Last.\n"));
    server.wait_for_text("2024/11/07/last/", "Last.");
}

#[test]
fn a_port_in_use() {
    let site = site();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("the listener has an address").port().to_string();
    let mut command = dateline();
    command.args(["serve", "--port", &port, "--root"]).arg(site.root());
    let output = CommandOutput::run(&mut command);
    assert_eq!((output.status, output.stdout.as_str()), (2, ""));
    assert!(output.stderr.contains(&format!("port {port} is in use")), "{}", output.stderr);
    assert!(output.stderr.contains("try --port "), "{}", output.stderr);
    // The default port; if it can't be bound here, another program uses it.
    let _default_port = TcpListener::bind("127.0.0.1:8000");
    let mut command = dateline();
    command.args(["serve", "--root"]).arg(site.root());
    let server = TestServer::spawn(command);
    assert!(server.listen_address.port() > 8000, "{}", server.terminal_output());
    assert!(
        server.terminal_output().contains("port 8000 is in use, so port 80"),
        "{}",
        server.terminal_output()
    );
    assert_eq!(server.get("").status, 200);
}

#[test]
fn invalid_arguments() {
    let site = site();
    for (args, message) in [
        (&["--host", "no-such-name.invalid"][..], "no-such-name.invalid"),
        (&["--port", "70000"], "70000"),
        (&["--now", "yesterday"], "--now"),
    ] {
        let mut command = dateline();
        command.args(["serve", "--root"]).arg(site.root()).args(args);
        let output = CommandOutput::run(&mut command);
        assert_eq!((output.status, output.stdout.as_str()), (2, ""), "{args:?}");
        assert!(output.stderr.contains(message), "{args:?}: {}", output.stderr);
    }
}
