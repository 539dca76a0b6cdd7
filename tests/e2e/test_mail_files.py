"""What is given to explain as a message: mailboxes of every kind, Apple's and Outlook's files, and text that somebody
copied out of a mail program."""
import json
import pathlib
import subprocess

import pytest
from conftest import PLAINPOST

BUILD = pathlib.Path(PLAINPOST).parent
NOTICE = """Return-Path: <>
From: Mail Delivery System <mailer-daemon@mx.example.org>
To: alice@example.org
Subject: Undelivered Mail Returned to Sender
Date: Tue, 24 Nov 2026 12:44:03 +0100

The message could not be delivered.

<bob@example.net>: host mx.example.net said: 550 5.1.1 No such user
"""
FROM = "From mailer-daemon@mx.example.org Tue Nov 24 12:44:03 2026\n"


def explain(*names, text=None):
    r = subprocess.run([PLAINPOST, "explain", "--json", *map(str, names)], input=text, capture_output=True, timeout=60)
    assert b"Sanitizer" not in r.stderr and b"runtime error" not in r.stderr, r.stderr
    return [json.loads(line) for line in r.stdout.splitlines()], r


def says(found):
    """Who did not get it, and why, of each message."""
    return [(x["recipients"][0]["address"], x["recipients"][0]["cause"]) for x in found]


def test_a_mailbox_on_standard_input():
    mbox = (FROM + NOTICE + "\n" + FROM + NOTICE.replace("bob@", "carol@") + "\n").encode()
    found, _ = explain("-", text=mbox)
    assert says(found) == [("bob@example.net", "address-not-found"), ("carol@example.net", "address-not-found")]
    assert [x["file"] for x in found] == ["-:1", "-:2"]


def test_a_maildir_and_what_lies_beside_it(tmp_path):
    for name in "cur", "new", "tmp":
        (tmp_path / "box" / name).mkdir(parents=True)
        (tmp_path / "box" / name / "1.eml").write_text(NOTICE)
    (tmp_path / "notes.txt").write_text("Buy milk.\n")
    found, _ = explain(tmp_path)
    assert [x["kind"] for x in found] == ["failure", "failure", "not-a-bounce"]
    assert [x["file"].rsplit("/", 2)[1] for x in found[:2]] == ["cur", "new"]


def test_apple_mail(tmp_path):
    body = NOTICE.encode()
    (tmp_path / "1.emlx").write_bytes(b"%-10d\n" % len(body) + body + b"<?xml version=\"1.0\"?><plist/>\n")
    found, _ = explain(tmp_path / "1.emlx")
    assert says(found) == [("bob@example.net", "address-not-found")]


@pytest.mark.parametrize("before", [
    "From: Mail Delivery System <mailer-daemon@mx.example.org>\nSent: Tuesday\nTo: Alice\nSubject: Undeliverable: x\n\n",
    "Was ist das?\n\nVon: Mail Delivery System <mailer-daemon@mx.example.org>\nGesendet: Dienstag\nAn: Alice\n"
    "Betreff: Undelivered Mail\n\n",
    "", ">"])
def test_text_out_of_a_mail_program(before):
    body = NOTICE.split("\n\n", 1)[1]
    if before == ">":
        text = "".join("> " + line + "\n" for line in body.splitlines())
    else:
        text = before + body
    found, _ = explain("-", text=text.encode())
    assert says(found) == [("bob@example.net", "address-not-found")]


@pytest.mark.parametrize("kind", ["report", "attached"])
def test_outlook(tmp_path, kind):
    sample = subprocess.run([BUILD / "tests" / "oracle" / "outlook_sample", kind], capture_output=True, check=True).stdout
    (tmp_path / "a.msg").write_bytes(sample)
    found, _ = explain(tmp_path / "a.msg")
    assert says(found) == [("bob@example.net", "address-not-found")]
    assert found[0]["recipients"][0]["code"] == 550


def test_a_damaged_file_of_outlook_is_told(tmp_path):
    (tmp_path / "a.msg").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    (tmp_path / "b.eml").write_text(NOTICE)
    found, r = explain(tmp_path / "a.msg", tmp_path / "b.eml")
    assert b"a.msg: this is no message of Outlook, or it is damaged" in r.stderr and r.returncode
    assert len(found) == 1


def test_a_notice_sent_on_in_the_text_of_a_mail(tmp_path):
    head = ("Received: by x; Tue, 24 Nov 2026 12:44:03 +0100\nFrom: Carol <carol@example.org>\nTo: help@example.org\n"
            "Subject: What is this?\nUser-Agent: Mozilla\n\nPlease help.\n\n-----Original Message-----\n"
            "From: Mail Delivery System <mailer-daemon@mx.example.org>\nSent: Tuesday\nTo: Carol\n"
            "Subject: Undelivered Mail Returned to Sender\n\n")
    (tmp_path / "a.eml").write_text(head + NOTICE.split("\n\n", 1)[1])
    found, _ = explain(tmp_path / "a.eml")
    assert says(found) == [("bob@example.net", "address-not-found")]
