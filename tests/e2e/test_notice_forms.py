"""A notice of ours as mail programs see it: two forms of the same words, and nothing that reaches outside."""
import html.parser

from conftest import DOMAIN
from test_main_job import route, text_of

VOID = {"meta", "br", "hr"}


class Card(html.parser.HTMLParser):
    """What a card is made of; every element is closed where it belongs."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.words = [], [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "title"} & set(self.open):
            self.words += data.split()


def notice_about(s, to, **more):
    s.send(to, "<b>Offer</b> & more", "Click here", **more)
    notice, = s.wait_for_mail("alice")
    words, *_ = notice.iter_parts()
    assert [p.get_content_type() for p in words.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    return notice, Card(notice.get_body(("html",)).get_content())


def test_card_and_text_say_the_same(make_server, next_hop):
    s = make_server(route(next_hop))
    notice, card = notice_about(s, ["refuse-content@partner.test", f"bob@{DOMAIN}"])
    text = [w for w in text_of(notice).split() if w not in ("1.", "2.", "3.")]
    # In the text a colon stands behind a label, which the card writes above.
    assert [w.rstrip(":") for w in card.words] == [w.rstrip(":") for w in text]
    assert "<b>Offer</b>" in " ".join(card.words)


def test_the_card_needs_nothing_but_itself(make_server, next_hop):
    s = make_server(route(next_hop))
    notice, card = notice_about(s, ["refuse-content@partner.test"])
    assert notice["Content-Language"] == "en"
    assert notice["X-Failed-Recipients"] == "refuse-content@partner.test"
    assert not {"script", "img", "link", "a", "form", "input", "iframe", "object"} & set(card.tags)
    assert {a for a, _ in card.attributes} <= {"lang", "dir", "charset", "name", "content", "class", "style", "role",
                                               "width", "cellspacing", "cellpadding", "border", "align"}
    assert "url(" not in notice.get_body(("html",)).get_content()
    assert ("lang", "en") in card.attributes and card.tags.count("h1") == 1
