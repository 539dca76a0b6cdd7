"""plainpost bounce-text: what people read in our notices, one by one, and all on a page."""
import collections
import html.parser
import re
import subprocess

import pytest
from conftest import PLAINPOST, ROOT

DATE = "2026-11-24T11:44:03Z"
LANGUAGES = ["en", *(ROOT / "po" / "LINGUAS").read_text().split()]


def run(*words):
    r = subprocess.run([PLAINPOST, *words], capture_output=True, text=True, timeout=60)
    assert "Sanitizer" not in r.stderr and "runtime error" not in r.stderr, r.stderr
    return r


def shown(*words):
    r = run("bounce-text", *words, "--date", DATE)
    assert r.returncode == 0 and not r.stderr, r.stderr
    assert "\r" not in r.stdout
    return r.stdout


def causes():
    r = run("bounce-text", "preview", "--cause", "list")
    assert r.returncode == 0 and r.stdout == run("fake-bounce", "--cause", "list").stdout
    return [line.split()[0] for line in r.stdout.splitlines()]


class Page(html.parser.HTMLParser):
    """Elements that are closed in order; ids, links, headings, and the text."""
    EMPTY = {"meta", "br", "hr"}

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.links, self.headings, self.text, self.attributes = [], [], [], [], "", []
        self.names = collections.Counter()
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.names[tag] += 1
        self.attributes += [(tag, *a) for a in attributes]
        if tag not in self.EMPTY:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.ids += [v for n, v in attributes if n == "id"]
        self.links += [v for n, v in attributes if n == "href"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        self.text += text if "style" not in self.open else ""


def flat(text):
    return re.sub(r"[\s\u200e\u200f]+", " ", text)


@pytest.mark.parametrize("language, direction, full", [
    ("en", "ltr", "Inbox full"), ("de", "ltr", "Postfach voll"), ("ar", "rtl", None)])
@pytest.mark.parametrize("cause, kind", [("inbox-full", "failure"), ("too-many/rate", "delay"), ("loop", "failure")])
def test_one_notice(language, direction, full, cause, kind):
    words = ("preview", "--cause", cause, "--kind", kind, "--lang", language)
    text, card = shown(*words, "--text"), shown(*words, "--html")
    assert text == shown(*words) and "bob@example.net" in text and "<" not in text.replace("<" + "bob", "")
    page = Page(card)
    assert card.startswith(f'<!DOCTYPE html>\n<html lang="{language}" dir="{direction}">')
    assert page.headings[0] == 1 and not page.links
    title = text.splitlines()[0]
    assert flat(title).strip() in flat(page.text)
    if full and cause == "inbox-full":
        assert full in text and full in page.text


def parts(message):
    """The text and the card of a notice that fake-bounce wrote."""
    import email
    import email.policy
    m = email.message_from_string(message, policy=email.policy.default)
    return [m.get_body((form,)).get_content().replace("\r\n", "\n").strip("\n") for form in ("plain", "html")]


@pytest.mark.parametrize("words", [
    ("--cause", "inbox-full"), ("--cause", "could-not-reach/timeout", "--lang", "ja"),
    ("--cause=loop", "--kind=delay", "--lang=ar", "--to=carol@shop.example"), ("--kind", "success", "--lang", "de"),
    ("--kind", "recovered", "--lang", "fr"), ("--kind", "double-bounce", "--cause", "inbox-full", "--lang", "pl")])
def test_it_is_what_the_notice_says(words):
    written = run("fake-bounce", "--date", DATE, *words).stdout
    assert parts(written) == [shown("preview", *words, form).strip("\n") for form in ("--text", "--html")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_gallery_has_every_cause_once_per_kind(language):
    text = shown("gallery", "--lang", language)
    page, names = Page(text), causes()
    expected = {f"failure/{n}" for n in names} | {f"delay/{n}" for n in names if not n.endswith("/expired")}
    kinds = {"failure", "delay", "success", "recovered", "double-bounce", "digest"}
    single = {"success/", "recovered/", "double-bounce/", "digest/forged", "digest/misused"}
    assert sorted(page.ids) == sorted(expected | kinds | single)
    assert sorted(page.links) == sorted("#" + i for i in page.ids)
    assert page.names["section"] == len(expected | kinds | single)
    assert text.count('role="article"') == len(expected | single)
    assert all(after <= before + 1 for before, after in zip(page.headings, page.headings[1:]))
    assert page.headings.count(1) == 1
    assert text.startswith(f'<!DOCTYPE html>\n<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">')


def test_the_gallery_needs_nothing_but_itself():
    text = shown("gallery", "--lang", "ar")
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object"} & set(page.names)
    assert not [a for a in page.attributes if a[1] in ("src", "srcset") or a[1].startswith("on")]
    assert "url(" not in text and "@import" not in text and "default-src 'none'" in text


def test_a_card_of_the_gallery_is_the_one_of_the_preview():
    gallery = shown("gallery", "--lang", "de")
    for cause in ("inbox-full", "relay-denied/login-required"):
        card = Page(shown("preview", "--cause", cause, "--lang", "de", "--html"))
        inside = re.search(rf'<section id="failure/{cause}">.*?</section>', gallery, re.S).group()
        title, body = card.text.lstrip("\n").split("\n", 1)
        assert flat(body).strip() in flat(Page(inside).text) and title in inside


@pytest.mark.parametrize("words, told", [
    ((), ('"preview", "gallery", "export" or "check"?', "use it as: plainpost bounce-text preview")),
    (("show",), ('"preview", "gallery", "export" or "check"?',)),
    (("preview",), ("what is the cause?", "use it as: plainpost bounce-text preview")),
    (("preview", "--cause"), ("--cause wants a value",)),
    (("preview", "--cause", "inbox"), ("there is no such cause", '"plainpost bounce-text preview --cause list"')),
    (("preview", "--cause", "loop/spam"), ("never says loop/spam",)),
    (("preview", "--cause", "loop", "--kind", "lost"), ('"failure", "delay", "success", "recovered" or "double-bounce"',)),
    (("preview", "--cause", "loop", "--lang", "tlh"), ("--lang tlh",)),
    (("preview", "--cause", "loop", "--html=yes"), ("--html takes no value",)),
    (("preview", "--cause", "loop", "--as", "exim"), ("use it as: plainpost bounce-text preview",)),
    (("preview", "--cause", "loop", "--to", "bob@plainpost.org"), ("may be somebody's",)),
    (("gallery", "--cause", "loop"), ("use it as: plainpost bounce-text gallery",)),
    (("gallery", "now"), ("use it as: plainpost bounce-text gallery",)),
])
def test_what_can_t_be_meant_so(words, told):
    r = run("bounce-text", *words)
    assert r.returncode == 2 and not r.stdout and r.stderr.startswith("plainpost: "), r.stderr
    for part in told:
        assert part in r.stderr, r.stderr


@pytest.mark.parametrize("words", [
    ("bounce-text", "gallery"), ("bounce-text", "preview", "--cause", "loop"),
    ("bounce-text", "preview", "--cause", "list"), ("fake-bounce", "--cause", "loop")])
def test_a_full_disk_is_told(words):
    with open("/dev/full", "w") as full:
        r = subprocess.run([PLAINPOST, *words], stdout=full, stderr=subprocess.PIPE, text=True, timeout=30)
    assert (r.returncode, r.stderr) == (1, "plainpost: standard output can't be written\n")
