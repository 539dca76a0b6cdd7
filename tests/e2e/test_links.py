"""What our own accounts may send: to how many, and with which links. Real clients, and a list in the DNS."""
import contextlib
import json
import os
import pwd
import subprocess

import pytest
from conftest import DOMAIN, PLAINPOST, wait_for
from fake_dns import SILENCE, FakeDns, txt
from test_login import ALICE, BOB, NO_DELAY, PASSWORD, Submission

ZONE = {
    "listed.example.dbl.example": {"A": ["127.0.1.4"], "TXT": [txt("https://dbl.example/?listed.example")]},
    "good.example.dbl.example": {"A": ["127.0.1.255"]},  # "it is known, and fine"
    "slow.example.dbl.example": SILENCE,
}
LISTS = "link-list dbl.example answers 127.0.1.2,127.0.1.4/30 see https://dbl.example/remove\nknown-host bank.example\n"
BAD = "bad.example phishing, seen in October\n!clicks.example our newsletters go through it\n"
ME = pwd.getpwuid(os.getuid()).pw_name
HARMFUL = [
    ("https://www.bad.example/x", "text/plain", ["hxxps://www[.]bad[.]example/x", "known as harmful here",
                                                 "phishing, seen in October"]),
    ("https://a.listed.example/", "text/plain", ["hxxps://a[.]listed[.]example/",
                                                 "the list of harmful ones of dbl.example",
                                                 "https://dbl.example/?listed.example", "https://dbl.example/remove"]),
    (f"https://{DOMAIN}.evil.example/in", "text/plain", [f"looks like {DOMAIN} and is another"]),
    ("https://bànk.example/", "text/plain; charset=utf-8", ["looks like bank.example and is another"]),
    ("<a href='https://evil.example/x'>https://www.shop.example/</a>", "text/html",
     ["hxxps://evil[.]example/x behind a text that names www.shop.example"]),
]
HARMLESS = [
    ("https://fine.example/ and https://good.example/", "text/plain"),
    (f"https://www.{DOMAIN}/ https://my.bank.example/", "text/plain"),
    ("<a href='https://clicks.example/?1'>www.shop.example</a>", "text/html"),
]


@pytest.fixture
def make(make_server, tmp_path):
    with contextlib.ExitStack() as stack:
        def make(options, **more):
            dns = stack.enter_context(FakeDns(ZONE))
            (tmp_path / "bad-links").write_text(BAD)
            s = Submission(make_server, tmp_path,
                           f"{NO_DELAY}dns {dns.server}\nbad-links {tmp_path}/bad-links\n{options}", **more)
            s.dns, s.bad = dns, tmp_path / "bad-links"
            return s
        yield make


def message(text, kind="text/plain", to=BOB):
    return (f"From: {ALICE}\r\nTo: {to}\r\nSubject: look\r\nMIME-Version: 1.0\r\nContent-Type: {kind}\r\n"
            f"Content-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n").encode()


def send(s, text, kind="text/plain", to=BOB):
    """What the server says to the message; as one line."""
    with s.smtp() as c:
        c.login(ALICE, PASSWORD)
        c.mail(ALICE)
        c.rcpt(to)
        code, words = c.data(message(text, kind))
        return f"{code} " + words.decode().replace("\n", " ").replace(" 5.7.1 ", " ")


def hand_in(s, text, to=BOB):
    subprocess.run([PLAINPOST, "-c", s.server.config, "sendmail", to], input=message(text), check=True, timeout=60)


def in_mailboxes(s):
    return len(s.server.mailbox("bob"))


# ---- links

def test_harmful_links_are_refused_with_the_reason(make):
    s = make("check-links refuse\n" + LISTS)
    for link, kind, words in HARMFUL:
        said = send(s, f"Dear Bob, {link} ok?", kind)
        assert said.startswith("550 5.7.1 This message was not sent, because of the link "), said
        for word in [*words, "Please take the link out", f"postmaster@mx.{DOMAIN}", "change it now"]:
            assert word in said, (word, said)
    for text, kind in HARMLESS:
        assert send(s, text, kind).startswith("250 "), text
    assert send(s, "https://bad.example/", to=f"postmaster@{DOMAIN}").startswith("250 ")  # it is reported
    with s.server.client() as c:  # who is no account of ours is not asked about links
        c.sendmail(ALICE, [BOB], message("https://bad.example/"))
    s.server.wait_for_mail("bob", len(HARMLESS) + 1)
    assert s.log().count(" harmful-link account=") == len(HARMFUL)
    refused = json.loads(s.server.run("trace", "--json", "--refused", BOB))  # an operator finds each, and why
    assert sum(r["count"] for r in refused) == len(HARMFUL)
    for _, _, words in HARMFUL:
        assert any(all(word in json.dumps(r, ensure_ascii=False) for word in words) for r in refused), (words, refused)
    assert not [name for name, _ in s.dns.asked if name.startswith((f"www.{DOMAIN}.", "my.bank."))]  # nobody's business
    s.server.audit()


def test_the_table_is_read_again_when_it_changes(make):
    s = make("check-links refuse\n")
    assert send(s, "https://bad.example/").startswith("550 ")
    s.bad.write_text("worse.example/login a copy of our page\n")
    wait_for("the table", lambda: "tables of users, aliases or links have changed" in s.log())
    assert send(s, "https://bad.example/").startswith("250 ")
    assert send(s, "https://worse.example/").startswith("250 ")
    assert "a copy of our page" in send(s, "https://worse.example/login?x")
    s.bad.write_text("no host\n")
    wait_for("the complaint", lambda: '"no" is no host' in s.log().replace('\\"', '"'))
    assert send(s, "https://worse.example/login").startswith("550 ")  # what was known stays


def test_a_message_is_held_and_the_operator_lets_it_go(make):
    s = make("check-links hold\n" + LISTS)
    said = send(s, "see https://listed.example/x")
    assert said.startswith("250 "), said
    held = said.split()[-1]
    assert send(s, "nothing").startswith("250 ")
    s.server.wait_for_mail("bob")
    story = s.server.wait_for_word(held, "put on hold")
    assert ("put on hold: harmful link: the link hxxps://listed[.]example/x, whose host is on the list of harmful ones"
            in " ".join(story.split()))
    s.server.kill()
    s.server.start()
    assert send(s, "nothing more").startswith("250 ")
    s.server.wait_for_mail("bob", 2)
    assert in_mailboxes(s) == 2
    s.server.run("queue", "release", held, "--yes")
    s.server.wait_for_mail("bob", 3)
    s.server.audit()


def test_a_note_stands_in_the_story(make):
    s = make("check-links note\n" + LISTS)
    said = send(s, "see https://bad.example/x")
    story = s.server.wait_for_word(said.split()[-1], "delivered")
    assert "harmful link: the link hxxps://bad[.]example/x" in " ".join(story.split())
    assert "kind=bad" in s.log()


def test_a_list_that_does_not_answer_holds_nobody_up(make):
    s = make("check-links refuse\n" + LISTS)
    assert send(s, "https://slow.example/").startswith("250 ")
    assert " links-unknown list=dbl.example" in s.log()
    assert send(s, "https://slow.example/ https://bad.example/").startswith("550 ")


def test_programs_of_this_machine_hear_of_it_by_mail(make):
    s = make("check-links refuse\n" + LISTS)
    hand_in(s, "https://listed.example/")
    hand_in(s, "https://fine.example/")
    s.server.wait_for_mail("bob")
    wait_for("the refusal", lambda: " drop-refused " in s.log())
    assert "hxxps://listed[.]example/" in s.log()
    assert in_mailboxes(s) == 1
    s.server.audit()


def test_swaks_hears_it(make):
    s = make("check-links refuse\n")
    r = subprocess.run(["swaks", "--server", f"127.0.0.1:{s.port}", "--auth", "PLAIN", "--auth-user", ALICE,
                        "--auth-password", PASSWORD, "--from", ALICE, "--to", BOB, "--header", f"From: {ALICE}",
                        "--body", "see http://bad.example/"], capture_output=True, text=True, timeout=60)
    assert r.returncode != 0
    assert "550 5.7.1 This message was not sent, because of the link hxxp://bad[.]example/" in r.stdout, r.stdout


def test_the_operator_can_try_it_by_hand(make, tmp_path):
    s = make("check-links hold\n" + LISTS)
    letter = tmp_path / "letter"

    def check(text):
        letter.write_bytes(message(text))
        return s.server.run("check", "links", letter).split("\n")
    assert check("https://fine.example/") == ["fine", "no link in it is harmful; of 1 host the lists were asked", ""]
    assert check("https://my.bank.example/") == ["fine", "no link in it leads to a host that is not ours, or known", ""]
    word, why, what, _ = check("https://listed.example/")
    assert (word, what) == ("listed", "check-links hold: the message waits for the operator, and its sender is told.")
    assert why.startswith("the link hxxps://listed[.]example/, whose host is on the list")


# ---- what users are told of what was taken

GERMAN = f"domain {DOMAIN}\nalice@{DOMAIN} language de\nbob@{DOMAIN}\n"


def letters(s, count=1):
    """What alice has got from postmaster, as (subject, plain text on one line)."""
    mails = s.server.wait_for_mail("alice", count)
    assert {(m["From"], m["Auto-Submitted"], m["Content-Language"]) for m in mails} == {
        (f"postmaster@{DOMAIN}", "auto-generated", "de")}
    return [(m["Subject"], " ".join(m.get_body(("plain",)).get_content().split())) for m in mails]


def test_who_shows_many_addresses_is_told_once_a_day(make):
    s = make("warn-visible-recipients 3\n", users=GERMAN)
    with s.smtp() as c:
        c.login(ALICE, PASSWORD)
        for to in [f"{BOB}, a@x.test", f"{BOB}, a@x.test, b@x.test", f"{BOB}, a@x.test, b@x.test, c@x.test"]:
            c.sendmail(ALICE, [BOB], message("hello", to=to))
    s.server.wait_for_mail("bob", 3)
    [(subject, text)] = letters(s)
    assert subject == "Ihre Nachricht hat allen, die sie bekamen, 3 Adressen gezeigt"
    assert "„Bcc“" in text and "Betreff: look" in text
    s.server.audit()


def test_who_waits_because_of_a_link_is_told(make):
    s = make("check-links hold\n" + LISTS, users=GERMAN)
    for link in ["https://a.listed.example/", "https://b.listed.example/"] + ["https://bad.example"] * 2:
        assert send(s, link).startswith("250 ")
    told = letters(s, 3)
    assert {subject for subject, _ in told} == {"Ihre Nachricht wartet: Ein Link darin ist vielleicht schädlich"}
    assert any("Link: hxxps://a[.]listed[.]example/" in text and "schädlicher Orte, dbl.example." in text
               for _, text in told), told
    assert len(told) == 3  # the fourth within the hour is no news
    assert in_mailboxes(s) == 0


# ---- how many

def recipients(s, count, to="bob"):
    """The answers to RCPT for so many recipients of a message."""
    with s.smtp() as c:
        c.login(ALICE, PASSWORD)
        c.mail(ALICE)
        return [(code, words.decode()) for code, words in
                (c.rcpt(f"{to}+{i}@{DOMAIN}") for i in range(count))]


def test_a_message_goes_to_so_many_and_an_account_writes_to_so_many(make):
    s = make("account-limit * message 3 recipients 5/1h\n")
    answers = recipients(s, 4)
    assert [code for code, _ in answers] == [250, 250, 250, 550]
    assert "5.5.3 This message has too many recipients" in answers[3][1] and "at most 3" in answers[3][1]
    answers = recipients(s, 3)
    assert [code for code, _ in answers] == [250, 250, 450]
    words = answers[2][1].replace("\n4.7.28", "")
    assert f"4.7.28 The account {ALICE} has reached its sending limit: at most 5 recipients an hour" in words, words
    assert "change it now" in words
    s.server.stop()  # the count lasts
    s.server.start()
    assert [code for code, _ in recipients(s, 1)] == [450]
    with s.server.client() as c:  # who is no account has no limit of one
        c.ehlo()
        c.mail(ALICE)
        assert [c.rcpt(f"bob+{i}@{DOMAIN}")[0] for i in range(6)] == [250] * 6


def test_an_account_has_limits_of_its_own(make):
    s = make(f"account-limit * message 1\naccount-limit {ALICE} message none recipients 1000/1d\n")
    assert [code for code, _ in recipients(s, 4)] == [250] * 4


def test_a_program_that_writes_to_too_many_has_it_back(make):
    s = make(f"account-limit {ME} recipients 2/1d\n")
    hand_in(s, "one")
    hand_in(s, "two")
    s.server.wait_for_mail("bob", 2)
    hand_in(s, "three")
    wait_for("the refusal", lambda: f"The account {ME} has reached its sending limit" in s.log())
    assert in_mailboxes(s) == 2
    s.server.audit()
