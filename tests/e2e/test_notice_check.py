"""Our notices, checked to the letter and read by others; and the check itself, by notices that break one rule each."""
import re
import subprocess

import notice_check
import notice_readers
import pytest
from conftest import PLAINPOST, QUICK

GOOD = """Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@mx.example.org>
To: <alice@example.org>
Subject: =?utf-8?Q?Nicht_zugestellt_an_bob=40example=2Enet?=
 =?utf-8?B?OiBHcsO8w58=?=
Date: Tue, 24 Nov 2026 12:44:05 +0100
Message-ID: <1k10sawp5kj@mx.example.org>
In-Reply-To: <m1@example.org>
References: <m1@example.org>
X-Failed-Recipients: bob@example.net
Auto-Submitted: auto-replied
Content-Language: de
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="report-1"
Content-Transfer-Encoding: 8bit

This is a delivery report in MIME format.

--report-1
Content-Type: multipart/alternative; boundary=other-1

--other-1
Content-Type: text/plain; charset=us-ascii

Your message was not delivered.

--other-1
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<html lang=3D"de"><p>Gr=C3=BC=C3=9Fe</p></html>

--other-1--

--report-1
Content-Type: message/delivery-status

Original-Envelope-Id: trip+1
Reporting-MTA: dns; mx.example.org
Arrival-Date: Tue, 24 Nov 2026 12:44:03 +0100

Original-Recipient: rfc822; bobby@example.net
Final-Recipient: rfc822; bob@example.net
Action: failed
Status: 5.2.2
Remote-MTA: dns; mx.example.net
Diagnostic-Code: smtp; 552 5.2.2 quota
 exceeded
Last-Attempt-Date: Tue, 24 Nov 2026 12:44:04 +0100

Final-Recipient: utf-8; bj\\x{F8}rn@example.net
Action: delayed
Status: 4.4.1
Will-Retry-Until: Sat, 28 Nov 2026 12:44:03 +0100

--report-1
Content-Type: message/rfc822
Content-Transfer-Encoding: 8bit

From: alice@example.org
Subject: Grüße

Schöne Grüße!

--report-1--
"""
ASKED = {"envid": "trip+1", "orcpt": {"bob@example.net": "bobby@example.net"}}
LONG = "x" * 1000

# Which rule it breaks, what to replace, and by what.
BROKEN = [
    ("line-ends", "auto-replied\n", "auto-replied\r"), ("line-ends", "--report-1--\n", "--report-1--"),
    ("line-length", "not delivered.", LONG), ("nul", "not delivered.", "not\0delivered."),
    ("header-syntax", "In-Reply-To: <m1@example.org>", "In-Reply-To"),
    ("header-syntax", "\n =?utf-8?B", "\n \n =?utf-8?B"),
    ("header-folding", ";\n\tboundary=\"report-1\"", "; boundary=\"report-1\""),
    ("header-ascii", "Nicht_zugestellt", "Grüße"), ("field-once", "Content-Language: de", "Subject: again"),
    ("field-once", "MIME-Version: 1.0\n", "MIME-Version: 1.0\nMIME-Version: 1.0\n"),
    *(("field-required", name, f"X-{name}") for name in ("From: Mail", "To: <alice", "Date: Tue, 24 Nov 2026 12:44:05",
                                                         "Message-ID", "MIME-Version", "Auto-Submitted")),
    ("field-required", "Subject: =?utf-8?Q?Nicht_zugestellt_an_bob=40example=2Enet?=\n =?utf-8?B?OiBHcsO8w58=?=",
     "Subject: "),
    ("field-value", "<mailer-daemon@mx.example.org>", "<mailer-daemon>"),
    ("field-value", "To: <alice", "To: Alice, <alice"),
    ("field-value", "Tue, 24 Nov 2026 12:44:05", "Wed, 24 Nov 2026 12:44:05"),
    ("field-value", "12:44:05 +0100", "12:44:05 CET"), ("field-value", "<1k10sawp5kj@", "<1k10sawp5kj "),
    ("field-value", "References: <m1@example.org>", "References: m1@example.org"),
    ("field-value", "In-Reply-To: <m1@example.org>", "In-Reply-To: <m1@>"),
    ("field-value", "MIME-Version: 1.0", "MIME-Version: 1"), ("field-value", "Language: de", "Language: German"),
    ("auto-submitted", "auto-replied", "no"), ("null-path", "Return-Path: <>", "Return-Path: <x@example.org>"),
    ("encoded-word", "OiBHcsO8w58=?=", "OiBHcsO8w58="), ("encoded-word", "OiBHcsO8w58=", "OiBHcsM="),
    ("encoded-word", "?=\n =?", "?=x\n =?"), ("encoded-word", "Nicht_zugestellt", "N" * 60),
    ("encoded-word", "utf-8?B", "utf-9?B"), ("content-type", "text/plain;", "text;"),
    ("content-type", "boundary=other-1", "boundary=other 1"),
    ("content-type", "charset=us-ascii", "charset=us-ascii; charset=utf-8"),
    ("encoding-name", "\nContent-Transfer-Encoding: 8bit\n\nThis", "\nContent-Transfer-Encoding: base64\n\nThis"),
    ("encoding-name", "Encoding: 8bit\n\nFrom", "Encoding: quoted-printable\n\nFrom"),
    ("encoding-name", "message/delivery-status\n", "message/delivery-status\nContent-Transfer-Encoding: 8bit\n"),
    ("encoding-label", "Content-Transfer-Encoding: 8bit\n\nThis", "\nThis"),
    ("encoding-label", "Content-Transfer-Encoding: 8bit\n\nFrom", "\nFrom"),
    ("encoding-form", "=C3=9F", "=c3=9f"), ("encoding-form", "</html>", "</html>" + "x" * 60),
    ("encoding-form", "</html>", "</html> "), ("encoding-form", "Encoding: quoted-printable", "Encoding: base64"),
    ("charset", "charset=us-ascii\n\nYour", "charset=latin1\n\nYour"), ("charset", "Gr=C3=BC", "Gr=FC"),
    ("boundary", "--report-1--\n", "\n"), ("boundary", "--report-1--\n", "--report-1--\nmore\n"),
    ("boundary", "Your message", "--other-1x\nYour message"), ("boundary", "boundary=other-1", "boundary=\"\""),
    ("boundary", "Schöne", "--report-1 "), ("report-type", "multipart/report", "multipart/mixed"),
    ("report-type", "report-type=delivery-status", "report-type=disposition-notification"),
    ("report-parts", "Content-Type: message/delivery-status", "Content-Type: text/plain"),
    ("report-parts", "Content-Type: message/rfc822", "Content-Type: application/octet-stream"),
    ("report-parts", "multipart/alternative", "multipart/mixed"),
    ("report-parts", "\n--report-1--", "\n--report-1\n\nmore\n\n--report-1--"),
    ("alternative", "Content-Type: text/plain; charset=us-ascii\n\nYour", "Content-Type: text/html\n\nYour"),
    ("text-width", "Your message", "Your message " * 6), ("html", ' lang=3D"de"', ""),
    ("html", "<p>", "<img src=3D\"https://example.org/\">"), ("html", "<p>", "<p onclick=3D\"x\">"),
    ("returned", "Subject: Grüße\n\n", "Subject: Grüße\n"), ("returned", "message/rfc822", "text/rfc822-headers"),
    ("failed-recipients", "Recipients: bob@", "Recipients: bobby@"),
    ("status-field", "12:44:03 +0100\n\nOriginal", "12:44:03 +0100\nOriginal"),
    ("status-syntax", "+0100\n\nFinal", "+0100\n\n\nFinal"), ("status-syntax", "Action: failed", "Action failed"),
    ("status-syntax", "28 Nov 2026 12:44:03 +0100\n\n", "28 Nov 2026 12:44:03 +0100\n"),
    ("status-ascii", "quota", "Größe"), ("status-once", "Action: failed\n", "Action: failed\nAction: failed\n"),
    ("status-field", "Remote-MTA", "Remote-Host"), ("status-field", "Arrival-Date", "Action"),
    *(("status-required", f"\n{name}", f"\nX-{name}") for name in ("Reporting-MTA", "Final-Recipient: rfc822",
                                                                    "Action: failed", "Status: 5")),
    ("status-type", "rfc822; bob@", "bob@"), ("status-type", "dns; mx.example.net", "host; mx.example.net"),
    ("status-type", "smtp; 552", "smtp 552"), ("status-host", "dns; mx.example.net", "dns; 192.0.2.7:25"),
    ("status-host", "dns; mx.example.net", "dns; 192.0.2.7"),
    ("status-host", "dns; mx.example.org", "dns; mx_1.example.org"),
    ("status-address", "rfc822; bob@example.net", "rfc822; <bob@example.net>"),
    ("status-address", "rfc822; bob@example.net", "rfc822; bj\\x{F8}rn"),
    ("status-address", "bj\\x{F8}rn", "bj\\x{f8}rn"), ("status-address", "bj\\x{F8}rn", "bjørn"),
    ("status-action", "Action: failed", "Action: refused"), ("status-code", "Status: 5.2.2", "Status: 5.2.2 (full)"),
    ("status-code", "Status: 5.2.2", "Status: 5.02.2"), ("status-class", "Status: 5.2.2", "Status: 2.2.2"),
    ("status-class", "Status: 4.4.1", "Status: 5.4.1"), ("status-diagnostic", "smtp; 552", "smtp; quota 552"),
    ("status-diagnostic", "smtp; 552", "smtp; 250"), ("status-date", "12:44:04 +0100", "12:44:04"),
    ("status-date", "Sat, 28 Nov", "Sun, 28 Nov"), ("status-retry", "Action: delayed", "Action: failed"),
    ("status-envid", "trip+1", "trip+2B1"), ("status-envid", "Original-Envelope-Id: trip+1\n", ""),
    ("status-orcpt", "bobby@example.net", "bob@example.net"), ("status-orcpt", "Original-Recipient", "X-Original"),
]


DIGEST = '''Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@mx.example.org>
To: <alice@example.org>
Subject: 2 of your messages did not arrive since Tue 24 Nov 2026, 12:44
 (UTC+1)
Date: Tue, 24 Nov 2026 12:54:05 +0100
Message-ID: <1k10sawp5kj@mx.example.org>
Auto-Submitted: auto-replied
Content-Language: en
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="digest-1"

This is a message in MIME format.

--digest-1
Content-Type: multipart/alternative; boundary=words-1

--words-1
Content-Type: text/plain; charset=us-ascii

2 of your messages did not arrive

--words-1
Content-Type: text/html; charset=utf-8

<html lang="en"><p>2 of your messages did not arrive</p></html>

--words-1--

--digest-1
Content-Type: text/csv; charset=utf-8; header=present
Content-Disposition: attachment; filename="not-arrived.csv"

recipient,result,cause,status,reply,server,words,time,queue_id,subject
"bob@example.net",failed,inbox-full,5.2.2,552,"mx.example.net","full, ""so to say""",2026-11-24T11:44:04.000Z,1k10sawp4dr,"Lunch"
"eve@example.net",failed,address-not-found,5.1.1,550,"","gone",2026-11-24T11:44:05Z,1k10sawp4ds,"'=1"
"eve@example.net",delayed,could-not-reach/greylisted,4.7.1,,"","",2026-11-24T11:44:05Z,1k10sawp4dt,""

--digest-1--
'''

BROKEN_DIGEST = [
    ("digest-parts", "multipart/alternative", "multipart/related"),
    ("digest-table", "recipient,result", "address,result"), ("digest-table", "552,", "552,,"),
    ("digest-table", "failed,inbox", "lost,inbox"), ("digest-table", "inbox-full", "Inbox full"),
    ("digest-table", "5.2.2", "4.2.2"), ("digest-table", "4.7.1", "5.7.1"), ("digest-table", "552", "250"),
    ("digest-table", "2026-11-24T11:44:04.000Z", "today"), ("digest-table", "1k10sawp4dr", "1"),
    ("digest-table", '"bob@example.net"', '""'), ("digest-table", '"\'=1"', '"=1"'),
    ("digest-table", "gone", "go\tne"), ("digest-number", "Subject: 2 of", "Subject: 3 of"),
    ("digest-number", "1k10sawp4ds", "1k10sawp4dr"), ("text-width", "\n\n2 of", "\n\n" + "2 of your messages " * 6),
    ("null-path", "Return-Path: <>", "Return-Path: <x@example.org>"), ("auto-submitted", "auto-replied", "no"),
]


FLOOD = DIGEST[:DIGEST.index("recipient,result")].replace("not-arrived", "forged-notices") + """time,server,subject,queue_id
2026-11-24T11:44:04.000Z,"mx.example.net [192.0.2.7]","Returned mail",1k10sawp4dr
2026-11-24T11:44:05Z,"'=1","",1k10sawp4ds

--digest-1--
"""

BROKEN_FLOOD = [
    ("digest-table", "time,server", "time,host"), ("digest-table", "2026-11-24T11:44:05Z", "today"),
    ("digest-table", "1k10sawp4dr", "1"), ("digest-table", "'=1", "=1"), ("digest-number", "Subject: 2 of", "Subject: 1 of"),
]


def rules_broken(text):
    return {rule for rule, _ in notice_check.faults(text.encode(), **ASKED)}


def test_a_good_digest_has_no_fault():
    assert notice_check.faults(DIGEST.encode()) == []
    longer = DIGEST.replace("\n\n--digest-1--", "\nand 7 more,,,,,,,,,\n\n--digest-1--").replace(": 2 of", ": 9 of")
    assert notice_check.faults(longer.encode()) == []


@pytest.mark.parametrize("rule, old, new", BROKEN_DIGEST, ids=[f"{rule}-{n}" for n, (rule, *_) in enumerate(BROKEN_DIGEST)])
def test_what_breaks_a_rule_of_digests_is_refused(rule, old, new):
    assert old in DIGEST
    assert rule in rules_broken(DIGEST.replace(old, new, 1))


def test_a_digest_of_a_flood_may_tell_of_earlier_ones():
    assert notice_check.faults(FLOOD.encode()) == []
    assert notice_check.faults(FLOOD.replace("Subject: 2 of", "Subject: 409 of").encode()) == []


@pytest.mark.parametrize("rule, old, new", BROKEN_FLOOD, ids=[f"{rule}-{n}" for n, (rule, *_) in enumerate(BROKEN_FLOOD)])
def test_what_breaks_a_rule_of_floods_is_refused(rule, old, new):
    assert old in FLOOD
    assert rule in rules_broken(FLOOD.replace(old, new, 1))


def test_a_good_notice_has_no_fault():
    assert notice_check.faults(GOOD.encode(), **ASKED) == []
    assert notice_check.faults(GOOD.replace("\n", "\r\n").encode(), **ASKED) == []
    assert notice_readers.by_email_package(GOOD.encode())[0] == ("bob@example.net", "failed", "5.2.2")


@pytest.mark.parametrize("rule, old, new", BROKEN, ids=[f"{rule}-{n}" for n, (rule, *_) in enumerate(BROKEN)])
def test_what_breaks_a_rule_is_refused(rule, old, new):
    assert old in GOOD
    assert rule in rules_broken(GOOD.replace(old, new, 1))


def test_every_rule_can_be_broken():
    assert {rule for rule, *_ in BROKEN + BROKEN_DIGEST} == set(notice_check.RULES)


# ---- our own

KINDS = ("failure", "delay", "success", "recovered", "double-bounce")


def fake(*words):
    r = subprocess.run([QUICK, "fake-bounce", "--as", "plainpost", *words], capture_output=True, timeout=30)
    return r.stdout if r.returncode == 0 else None


def languages():
    r = subprocess.run([PLAINPOST, "explain", "--lang", "tlh"], capture_output=True, text=True, timeout=30)
    return re.search(r"the languages are (.*)", r.stderr)[1].split(", ")


def causes():
    return [line.split()[0] for line in fake("--cause", "list").decode().splitlines()]


@pytest.fixture(scope="module")
def notices(tmp_path_factory):
    """Every cause in English, and each language with a few; in every kind that there is. Path → octets."""
    folder, written = tmp_path_factory.mktemp("notices"), {}
    for kind in KINDS:
        for language in languages():
            for cause in causes() if language == "en" else ("inbox-full", "address-not-found", "blocked-content/spam"):
                raw = fake("--kind", kind, "--lang", language, "--cause", cause)
                if raw:
                    path = folder / f"{kind}-{language}-{cause.replace('/', '-')}.eml"
                    path.write_bytes(raw)
                    written[path] = raw
    assert len([p for p in written if p.name.startswith("failure-en-")]) >= 30
    return written


def test_ours_are_built_to_the_letter(notices):
    assert {p.name: f for p, raw in notices.items() if (f := notice_check.faults(raw, envid="", orcpt={}))} == {}


def test_addresses_beyond_ascii_too():
    for to, sender in (("bjørn@example.net", "alice@example.org"), ("bob@example.net", "ålice@example.org")):
        raw = fake("--cause", "inbox-full", "--to", to, "--from", sender)
        assert notice_check.faults(raw, envid="", orcpt={}) == []


BOB = "bob@example.net"
EXPECTED = {"failure": (BOB, "failed", "45"), "delay": (BOB, "delayed", "4"), "success": (BOB, "relayed", "2"),
            "recovered": (BOB, "relayed", "2"), "double": ("alice@example.org", "failed", "45")}


def is_read_right(name, found):
    address, action, classes = EXPECTED[name.split("-")[0]]
    return len(found) == 1 and found[0][:2] == (address, action) and found[0][2][0] in classes


def test_others_read_them_alike(notices):
    by_sisimai = notice_readers.by_sisimai(notices)
    for path, raw in notices.items():
        for found in (notice_readers.by_email_package(raw), by_sisimai[str(path)]):
            assert is_read_right(path.name, found), (path.name, found)
    assert notice_readers.gmime_differs(notices) == ""
