"""plainpost explain, as a person and as a program call it."""
import json
import mailbox
import os
import subprocess

import pytest
from conftest import PLAINPOST, ROOT

REPORT = """Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: alice@example.org
Subject: Undelivered Mail Returned to Sender
Date: Tue, 24 Nov 2026 12:44:05 +0100
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.net.

<bob@example.com>: host mx.example.com[192.0.2.7] said: 552 5.2.2 user is over quota (in reply to RCPT TO command)

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Arrival-Date: Tue, 24 Nov 2026 12:44:03 +0100

Final-Recipient: rfc822; bob@example.com
Action: failed
Status: 5.2.2
Remote-MTA: dns; mx.example.com
Diagnostic-Code: smtp; 552 5.2.2 user is over quota

--b
Content-Type: text/rfc822-headers

From: alice@example.org
To: bob@example.com
Subject: Minutes of Monday
Message-ID: <m1@example.org>
Date: Tue, 24 Nov 2026 12:44:00 +0100

--b--
"""
QMAIL = """From: MAILER-DAEMON@mail.example.net
To: alice@example.org
Subject: failure notice

Hi. This is the qmail-send program at mail.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<carol@example.com>:
192.0.2.9 does not like recipient.
Remote host said: 550 5.1.1 no such user here
Giving up on 192.0.2.9.

--- Below this line is a copy of the message.

Return-Path: <alice@example.org>
Received: from example.org; Tue, 24 Nov 2026 11:44:00 -0000
From: alice@example.org
To: carol@example.com
Message-ID: <m2@example.org>
Subject: Lunch?

Noon?
"""
TRICK = """From: Mail Delivery Subsystem <mailer-daemon@mail-center.invalid>
To: alice@example.org
Subject: Delivery Status Notification (Failure)
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<p>5 messages could not be delivered to your mailbox.</p>
<p><a href="https://login.mail-center.invalid/?u=alice@example.org">Release your messages</a></p>
"""
VACATION = """From: Dave <dave@example.com>
To: alice@example.org
Subject: Automatic reply: Lunch?
Auto-Submitted: auto-replied

I am away until Monday.
"""
LETTER = "From: Dave <dave@example.com>\nTo: alice@example.org\nSubject: Lunch?\n\nNoon?\n"


def explain(*words, text=None):
    r = subprocess.run([PLAINPOST, "explain", *map(str, words)], input=text, capture_output=True, text=True, timeout=30)
    assert "Sanitizer" not in r.stderr, r.stderr
    return r


def facts(*words, text=None):
    return [json.loads(line) for line in explain("--json", *words, text=text).stdout.splitlines()]


def test_a_report_as_json():
    d, = facts(text=REPORT)
    assert d["kind"] == "failure" and d["agent"] == "Postfix" and d["version"] == 1
    assert d["recipients"] == [{
        "address": "bob@example.com", "action": "failed", "status": "5.2.2", "code": 552, "cause": "inbox-full",
        "permanent": True, "who_acts": "recipient", "remote": "mx.example.com",
        "diagnostic": "552 5.2.2 user is over quota"}]
    assert (d["verdict"]["class"], d["verdict"]["confidence"]) == ("genuine", "likely")
    assert d["original"]["message_id"] == "m1@example.org" and d["original"]["subject"] == "Minutes of Monday"
    assert d["original"]["sent"] == "2026-11-24T11:44:00.000Z" and d["arrival"] == "2026-11-24T11:44:03.000Z"
    assert "bob@example.com" in d["summary"] and 1 <= len(d["steps"]) <= 3


def test_a_notice_without_a_report():
    d, = facts(text=QMAIL)
    r, = d["recipients"]
    assert (d["agent"], r["address"], r["code"], r["status"], r["cause"]) == \
        ("qmail", "carol@example.com", 550, "5.1.1", "address-not-found")
    assert d["original"]["message_id"] == "m2@example.org"


@pytest.mark.parametrize("text, status, words", [
    (REPORT, 0, "Inbox full: bob@example.com"), (TRICK, 20, "A trick"), (VACATION, 14, "automatic"), (LETTER, 10, "Not a notice")],
    ids=["report", "trick", "vacation", "letter"])
def test_words_and_exit_status(text, status, words):
    r = explain(text=text)
    assert r.returncode == status, r.stderr
    assert words.lower() in " ".join(r.stdout.lower().split()) and "\033" not in r.stdout


def test_whose_message_it_was(tmp_path):
    sent = mailbox.mbox(tmp_path / "sent")
    sent.add(f"From: alice@example.org\nMessage-ID: <m1@example.org>\nSubject: Minutes of Monday\n\ntext\n")
    sent.close()
    (tmp_path / "a").write_text(REPORT)
    (tmp_path / "b").write_text(QMAIL)
    verdicts = [d["verdict"] for d in facts("--sent", tmp_path / "sent", tmp_path / "a", tmp_path / "b")]
    assert [(v["class"], v["confidence"], v["provenance"]) for v in verdicts] == \
        [("genuine", "certain", "proven"), ("not-yours", "very-likely", "disproven")]
    for me, class_ in (("alice@example.org", "genuine"), ("eve@example.org", "not-yours")):
        assert facts("--me", me, tmp_path / "a")[0]["verdict"]["class"] == class_


def test_many_in_their_order(tmp_path):
    box = mailbox.Maildir(tmp_path / "box")
    for i in range(200):
        box.add(REPORT.replace("m1@", f"m{i}@"))
    (tmp_path / "last.eml").write_text(QMAIL)
    all_of_it = facts(tmp_path / "box", tmp_path / "last.eml")
    assert len(all_of_it) == 201 and all_of_it[-1]["original"]["message_id"] == "m2@example.org"
    assert len({d["original"]["message_id"] for d in all_of_it[:-1]}) == 200
    assert [d["file"] for d in all_of_it[:-1]] == sorted(d["file"] for d in all_of_it[:-1])


def test_forms_and_languages():
    told = {language: explain("--lang", language, text=REPORT).stdout
            for language in "en ar de es fr it ja nl pl pt ru zh".split()}
    assert len(set(told.values())) == 12 and all("bob@example.com" in text for text in told.values())
    assert "\u200f\u2068الخادم\u2069: \u2068mx.example.com\u2069" in told["ar"]
    assert "\u2068" not in "".join(text for language, text in told.items() if language != "ar")
    page = explain("--html", text=REPORT).stdout
    assert page.lower().startswith("<!doctype html>") and page.count("<html") == page.count("</html>") == 1
    assert "Subject:" in explain("--letter", text=REPORT).stdout
    assert "\033" in explain("--color=always", text=REPORT).stdout
    assert max(map(len, explain("--width", "40", text=REPORT).stdout.splitlines())) <= 76


@pytest.mark.parametrize("words, says, status", [
    (["--colour"], "there is no option --colour; use it as: plainpost explain", 64),
    (["--lang", "tlh"], "the languages are en, ar, de, es, fr, it, ja, nl, pl, pt, ru, zh", 64), (["--me", "alice"], "this is no mail address", 64),
    (["--for"], "--for wants person|operator behind it", 64), (["--json=yes"], "--json takes no value", 64),
    (["--json", "--html"], "three forms of the same", 64), (["/usr/bin/true"], "neither a message nor text", 66),
    (["--width", "4"], "a number of columns", 64), (["/nowhere/at/all"], "/nowhere/at/all", 66)])
def test_what_can_t_be_meant_so(words, says, status):
    r = explain(*words)
    assert r.returncode == status and says in r.stderr and not r.stdout


def test_nothing_at_all(tmp_path):
    (tmp_path / "empty").mkdir()
    assert explain(tmp_path / "empty").returncode == 66
    r = explain("-", text=" \n")
    assert r.returncode == 66 and r.stderr == "plainpost: standard input: there is nothing in it\n"


def test_the_tour_is_true():
    """doc/ten-notices.md is what is printed."""
    page = (ROOT / "doc" / "ten-notices.md").read_text()
    files = sorted((ROOT / "demo" / "notices").glob("*.eml"))
    assert len(files) == 10
    for f in files:
        r = subprocess.run([PLAINPOST, "explain", "--width", "80", f], capture_output=True, text=True, timeout=30,
                           env={**os.environ, "TZ": "UTC"})
        told = page.split(f"## {f.name}\n\n```\n")[1].split("\n```\n")[0]
        assert r.stdout.rstrip("\n") == told, f.name
