"""Splits a source file into the text that people read and the names that they use.

`split(path, text)` returns `(texts, names)`: `texts` are spans of prose, `names` are spans of identifiers. Everything else
(numbers, punctuation, class names, URLs) is left out. Spans are offsets into the file, so every report has a position.
"""

import re
from typing import NamedTuple


class Span(NamedTuple):
    start: int
    end: int
    kind: str  # comment, string, markdown, interface, name (of code), key (a name in a text)


class Language(NamedTuple):
    """A language's lexer: the alternatives of one regular expression, whose group names say what each is."""

    lexer: re.Pattern
    captures: re.Pattern | None = None  # code inside string literals


STRING = r'"(?:[^"\\]|\\.)*"'
SINGLE = r"'(?:[^'\\\n]|\\.)*'"
NAME = r"(?P<name>[A-Za-z_$][\w$]*)"

RUST = Language(
    re.compile(
        r"(?P<comment>//[^\n]*)|(?P<block>/\*)"
        r'|(?P<string>\b(?:br|cr|r)(?P<hashes>#*)".*?"(?P=hashes)|[bc]?' + STRING + ")"
        r"|(?P<skip>b?'(?:[^'\\\n]|\\.[^']*)'|'\w+|\b\d[\w.]*|r#)|" + NAME,
        re.S,
    ),
    re.compile(r"(?<!\{)\{([A-Za-z_]\w*(?:\.\w+)*)(?:[:}])"),
)
JAVASCRIPT = Language(
    re.compile(
        r"(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<string>" + STRING + "|" + SINGLE + r"|`(?:[^`\\]|\\.)*`)"
        # A regular expression is where no value ends.
        r"|(?P<skip>(?<=[(,=:\[!&|?{;\n])\s*/(?![/*])(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*|\b\d\w*)|"
        + NAME,
        re.S,
    ),
    re.compile(r"\$\{([^{}]*)\}"),
)
PYTHON = Language(
    re.compile(
        r"(?P<comment>#[^\n]*)|(?P<string>\b[rbfu]{0,2}(?:\"\"\".*?\"\"\"|'''.*?'''|" + STRING + "|" + SINGLE + ")"
        r"|(?:\"\"\".*?\"\"\"|'''.*?'''|" + STRING + "|" + SINGLE + r"))|(?P<skip>\b\d\w*)|" + NAME,
        re.S,
    ),
    re.compile(r"(?<!\{)\{([A-Za-z_][^{}]*)\}"),
)
SHELL = Language(
    re.compile(
        r"(?P<comment>(?<![^\s;])#[^\n]*)|(?P<string>" + STRING + r"|'[^']*')|(?P<skip>\\.|\b\d\w*|--?[a-z][\w-]*)|" + NAME,
        re.S,
    ),
    re.compile(r"\$\{?(\w+)"),
)
CSS = Language(re.compile(r"(?P<comment>/\*.*?\*/)|(?P<skip>" + STRING + r"|[.#][\w-]+)|--(?P<name>[a-z][\w-]*)", re.S))
# Expressions of Tera.
TEMPLATE = Language(re.compile(r"(?P<string>" + STRING + "|" + SINGLE + r")|(?P<skip>\b\d\w*)|" + NAME, re.S))

CODE = {
    "rs": RUST,
    "rust": RUST,
    "js": JAVASCRIPT,
    "mjs": JAVASCRIPT,
    "json": JAVASCRIPT,
    "py": PYTHON,
    "python": PYTHON,
    "sh": SHELL,
    "console": SHELL,
    "css": CSS,
    "toml": SHELL,
}
WORD_OF_CODE = re.compile(r"[A-Za-z_$][\w$]*")
URL = re.compile(r"\b[a-z]+://[^\s)>\"'`]+|[\w.+-]+@[\w-]+\.\w+")
# Texts without spaces that are no names of ours: URLs, selectors of CSS, codes of diagnostics.
NO_NAME = re.compile(rf"[\"'`]?(?:{URL.pattern}|[.#][\w-]+|[a-z]+(?:-[a-z]+)+)[\"'`]?")
SETTING = re.compile(r"(?P<key>[a-z_]+): +\S")
# In prose: code in backticks, and words that are names by their looks.
INLINE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.S)
NAME_IN_PROSE = re.compile(r"\b(?:\w*[a-z\d]_\w+|\w*[a-z][A-Z]\w*|[A-Z]+_[A-Z_]+)\b|\$\w+")


def split(path, text, interface=False):
    """Returns the spans of one file. With `interface`, its text is what readers of a published site see."""
    spans = []
    name = path.rsplit("/", 1)[-1]
    extension = name.rsplit(".", 1)[-1] if "." in name else ""
    if extension == "md":
        markdown(text, spans)
    elif extension in ("html", "svg", "xml"):
        html(text, 0, len(text), spans)
    elif extension in ("yaml", "yml"):
        yaml(text, 0, len(text), spans, values=True)
    elif extension in CODE:
        code(CODE[extension], text, 0, len(text), spans)
    elif extension == "txt" or name == "Dockerfile" or text.startswith("#!") or name.endswith("ignore"):
        code(SHELL, text, 0, len(text), spans)
    if interface:
        spans = [s if s.kind in ("name", "key", "comment") else Span(s.start, s.end, "interface") for s in spans]
    return spans


def prose(text, start, end, kind, spans):
    """Adds a piece of prose, without its URLs; code in it is names."""
    at = start
    for found in re.finditer("|".join(["(?P<inline>`[^`]+`)", URL.pattern, NAME_IN_PROSE.pattern]), text[start:end]):
        first, last = start + found.start(), start + found.end()
        spans.append(Span(at, first, kind))
        if found["inline"]:
            literal(text, first + 1, last - 1, kind, spans)
        elif "/" not in found[0] and "@" not in found[0]:
            spans.append(Span(first, last, "name"))
        at = last
    spans.append(Span(at, end, kind))


def names(text, start, end, kind, spans):
    for found in WORD_OF_CODE.finditer(text, start, end):
        spans.append(Span(found.start(), found.end(), kind))


def literal(text, start, end, kind, spans):
    """Adds a text in code: prose if it has spaces, else names (a key, a path, a selector of CSS is none)."""
    if NO_NAME.fullmatch(text, start, end):
        return
    setting = SETTING.match(text, start, end) if kind == "markdown" else None
    if setting:  # a line of front matter or of settings: its value is content
        names(text, *setting.span("key"), "key", spans)
    elif re.search(r"\s", text[start:end].strip()):
        prose(text, start, end, kind, spans)
    else:
        names(text, start, end, "key", spans)


def code(language, text, start, end, spans):
    at = start
    while found := language.lexer.search(text, at, end):
        at = found.end()
        what = found.lastgroup
        if what == "hashes":
            what = "string"
        if what == "block":  # comments of Rust nest
            depth = 1
            while depth and (mark := re.compile(r"/\*|\*/").search(text, at, end)):
                depth += 1 if mark[0] == "/*" else -1
                at = mark.end()
            prose(text, found.end(), at, "comment", spans)
        elif what == "comment":
            prose(text, found.start(), at, "comment", spans)
        elif what == "name":
            spans.append(Span(*found.span("name"), "name"))
        elif what == "string":
            inner = found.start()
            if language.captures:
                for capture in language.captures.finditer(text, found.start(), at):
                    literal(text, inner, capture.start(), "string", spans)
                    names(text, *capture.span(1), "name", spans)
                    inner = capture.end()
            literal(text, inner, at, "string", spans)


EXPRESSION = r"\{\{.*?\}\}|\{%.*?%\}"
TAG = re.compile(
    r"(?P<note>\{#.*?#\}|<!--.*?-->)|\{[{%](?P<expression>.*?)[%}]\}"
    r"|<(?P<element>script|style)\b[^>]*>(?P<raw>.*?)</(?P=element)>"
    r"|<(?P<tag>[!/?A-Za-z](?:" + EXPRESSION + r'|"(?:[^"{]|' + EXPRESSION + r'|\{)*"|[^>"{])*)>',
    re.S,
)
ATTRIBUTE = re.compile(r"\b(alt|aria-label|content|label|placeholder|title)=(\"|')(.*?)\2", re.S)


def html(text, start, end, spans):
    at = start
    for found in TAG.finditer(text, start, end):
        prose(text, at, found.start(), "interface", spans)
        at = found.end()
        if found["note"]:
            prose(text, *found.span(), "comment", spans)
        elif found["expression"] is not None:
            code(TEMPLATE, text, *found.span("expression"), spans)
        elif found["raw"] is not None:
            code(CSS if found["element"] == "style" else JAVASCRIPT, text, *found.span("raw"), spans)
        elif found["tag"] is not None:
            first, last = found.span("tag")
            for expression in re.finditer(r"\{[{%](.*?)[%}]\}", text[first:last], re.S):
                code(TEMPLATE, text, first + expression.start(1), first + expression.end(1), spans)
            plain = re.sub(EXPRESSION, lambda found: " " * len(found[0]), text[first:last], flags=re.S)
            for attribute in ATTRIBUTE.finditer(plain):
                spans.append(Span(first + attribute.start(3), first + attribute.end(3), "interface"))
    prose(text, at, end, "interface", spans)


YAML_LINE = re.compile(r"^(?P<indent>[ \t-]*)(?:(?P<key>[\w-]+|\"[^\"\n]*\"):(?=\s|$))?(?P<value>[^\n]*)$", re.M)


def yaml(text, start, end, spans, values):
    for line in YAML_LINE.finditer(text, start, end):
        if line["key"]:
            names(text, *line.span("key"), "key", spans)
        value, last = line.span("value")
        comment = re.compile(r"(?<!\S)#").search(text, value, last)
        if comment:
            prose(text, comment.start(), last, "comment", spans)
            last = comment.start()
        if values:
            literal(text, value, last, "string", spans)


FENCE = re.compile(
    r"^[ \t>]*(?P<mark>`{3,}|~{3,})(?P<info>[^\n]*)\n(?P<body>.*?)^[ \t>]*(?P=mark)[`~]*[ \t]*$", re.M | re.S
)
LINK = re.compile(r"(?<=\])\([^()\s]*(?:\s\"[^\"]*\")?\)|^\[[^\]\n]+\]:\s*\S+|<[^>\s][^>]*>", re.M)


def markdown(text, spans):
    at = 0
    for found in FENCE.finditer(text):
        text_of_markdown(text, at, found.start(), spans)
        at = found.end()
        language = found["info"].split()[0] if found["info"].split() else ""
        body = found.span("body")
        if language in CODE:
            code(CODE[language], text, *body, spans)
        elif language in ("yaml", "yml"):
            yaml(text, *body, spans, values=False)
        elif language in ("html", "jinja", "xml"):
            html(text, *body, spans)
        elif language == "markdown":  # an article: only the keys of its front matter are Dateline's
            front = re.compile(r"---\n(.*?)^---$", re.M | re.S).match(text, *body)
            if front:
                yaml(text, *front.span(1), spans, values=False)
    text_of_markdown(text, at, len(text), spans)


def text_of_markdown(text, start, end, spans):
    """Adds Markdown outside of fences: links' targets and HTML are left out, code in backticks is names."""
    masked = text[start:end]
    # Code first: a link or a tag inside backticks is code.
    pieces, at = [], 0
    for found in INLINE.finditer(masked):
        pieces.append((at, found.start(), False))
        pieces.append((found.start(2), found.end(2), True))
        at = found.end()
    pieces.append((at, len(masked), False))
    for first, last, is_code in pieces:
        if is_code:
            literal(text, start + first, start + last, "markdown", spans)
            continue
        at = first
        for link in LINK.finditer(masked, first, last):
            prose(text, start + at, start + link.start(), "markdown", spans)
            at = link.end()
        prose(text, start + at, start + last, "markdown", spans)
