"""plainpost check dmarc and check message: signatures by dkimpy, answers by a DNS of the test's own, and the field read
by python3-authres."""
import random
import subprocess

import authres
import dkim
import pytest
from conftest import PLAINPOST, QUICK
from fake_dns import FAIL, FakeDns, txt
from test_dkim import SIGNED_AT, Key, keys  # noqa: F401, a fixture

MAIL = """From: Alice <alice@example.org>
To: bob@example.com
Subject: Minutes of
  Monday
Date: Tue, 24 Nov 2026 12:44:00 +0100
Message-ID: <1@example.org>

See  you.\x20
\tTomorrow

"""
CLIENT = ["--ip", "192.0.2.7", "--sender", "<alice@bounce.example.org>", "--helo", "mx.example.org"]


@pytest.fixture(scope="module")
def dns(keys):  # noqa: F811
    zone = {f"{s}._domainkey.{domain}": {"TXT": [txt(keys[kind].record)]}
            for domain in ("example.org", "news.example.org", "example.net")
            for s, kind in (("s1", "rsa"), ("s2", "ed25519"))}
    zone |= {
        "_dmarc.example.org": {"TXT": [txt("v=DMARC1; p=reject; sp=quarantine")]},
        "_dmarc.trial.test": {"TXT": [txt("v=DMARC1; p=reject; t=y; pct=5")]},
        "_dmarc.broken.test": FAIL,
        "bounce.example.org": {"TXT": [txt("v=spf1 ip4:192.0.2.7 -all")]},
        "lost._domainkey.example.org": FAIL,
    }
    with FakeDns(zone) as server:
        yield server


def check(what, server, message, *words, now=SIGNED_AT + 60, program=QUICK):
    message = message if isinstance(message, bytes) else message.encode()
    r = subprocess.run([program, "check", what, "-", "--dns", server, "--now", str(now), *words], input=message,
                       capture_output=True, timeout=60)
    assert r.returncode == 0, r.stderr.decode()
    return r.stdout.decode()


@pytest.mark.parametrize("kind, domain, form, result", [
    ("rsa", "example.org", b"relaxed/relaxed", "pass"),
    ("rsa", "example.org", b"simple/simple", "pass"),
    ("ed25519", "example.org", b"relaxed/simple", "pass"),
    ("rsa", "news.example.org", b"simple/relaxed", "pass"),
    ("rsa", "example.net", b"relaxed/relaxed", "fail")])
def test_who_speaks_for_the_author(keys, dns, kind, domain, form, result):  # noqa: F811
    signed = keys[kind].sign(MAIL, domain, "s1" if kind == "rsa" else "s2", form)
    said = check("dmarc", dns.server, signed, program=PLAINPOST)
    assert said.split("\n")[0] == result, said
    assert f"The record is that of example.org" in said
    if result == "fail":
        assert "DKIM signatures hold of example.net" in said
        assert "What it wants to become of the message: reject" in said
        assert "Sign the mail by DKIM as example.org (d=)" in said


def test_spf_speaks_too(dns):
    assert check("dmarc", dns.server, MAIL, *CLIENT).startswith("pass\nSPF passes for the sender's domain bounce.ex")
    assert check("dmarc", dns.server, MAIL, "--ip", "192.0.2.8", *CLIENT[2:]).startswith("fail\n")
    assert check("dmarc", dns.server, MAIL).startswith("fail\n")


@pytest.mark.parametrize("sender, result, words", [
    ("a@trial.test", "fail", "the policy of trial.test is reject as a trial (t=y)"),
    ("a@trial.test", "fail", "What it wants to become of the message: quarantine"),
    ("a@sub.example.org", "fail", "the policy of example.org is quarantine"),
    ("a@example.com", "none", "has no DMARC record"),
    ("a@broken.test", "temperror", "broken.test"),
    ("", "permerror", "no author's domain"),
    ("a@example.com, b@example.org", "fail", "speaks for example.org"),
    ("a@example.com\nFrom: b@example.org", "fail", "speaks for example.org"),
    ("<a@example.com> <b@example.org", "fail", "speaks for example.org")])
def test_policies(dns, sender, result, words):
    said = check("dmarc", dns.server, MAIL.replace("Alice <alice@example.org>", sender))
    assert said.split("\n")[0] == result and words in said, said


def field_of(text):
    return authres.AuthenticationResultsHeader.parse(text.strip())


def test_all_of_it_as_a_field(keys, dns):  # noqa: F811
    signed = keys["rsa"].sign(keys["ed25519"].sign(MAIL, "example.org", "s2"), "example.net")
    text = check("message", dns.server, signed, *CLIENT, program=PLAINPOST)
    assert all(len(line) <= 200 for line in text.split("\n")) and "\r" not in text
    found = field_of(text)
    assert [(r.method, r.result) for r in found.results] == [
        ("spf", "pass"), ("dkim", "pass"), ("dkim", "pass"), ("dmarc", "pass")]
    assert [p.value for p in found.results[1].properties if p.name == "d"] == ["example.net"]
    assert [p.value for p in found.results[3].properties if p.name == "from"] == ["example.org"]
    changed = field_of(check("message", dns.server, signed.replace("Tomorrow", "Today"), *CLIENT))
    assert [r.result for r in changed.results] == ["pass", "fail", "fail", "pass"]
    assert changed.results[1].reason == "the body was changed after it was signed"
    lost = field_of(check("message", dns.server, keys["rsa"].sign(MAIL, selector="lost")))
    assert [(r.method, r.result) for r in lost.results] == [("dkim", "temperror"), ("dmarc", "temperror")]
    none = field_of(check("message", dns.server, keys["rsa"].sign(MAIL, selector="nobody")))
    assert [(r.method, r.result) for r in none.results] == [("dkim", "permerror"), ("dmarc", "fail")]


def test_a_line_a_signature(keys, dns):  # noqa: F811
    assert check("dkim", dns.server, MAIL) == "none: the message has no DKIM signature\n"
    signed = keys["rsa"].sign(keys["ed25519"].sign(MAIL, "example.org", "s2"), "example.net")
    signed = keys["rsa"].sign(signed, selector="nobody")
    assert check("dkim", dns.server, signed, program=PLAINPOST).splitlines() == [
        "permerror example.org nobody: there is no key nobody._domainkey.example.org",
        "pass example.net s1", "pass example.org s2"]
    assert check("dkim", dns.server, signed.replace("Tomorrow", "Today")).splitlines()[1:] == [
        "fail example.net s1: the body was changed after it was signed",
        "fail example.org s2: the body was changed after it was signed"]


def test_what_can_be_read_in_two_ways_is_not_signed(keys, dns):  # noqa: F811
    signed = keys["rsa"].sign(MAIL, form=b"relaxed/relaxed")
    for changed, words in ((signed.replace("From: ", "From: Eve <eve@example.org>\nFrom: "), "a second From field"),
                           (signed.replace("\n\nSee", "\nSee"), "where the body begins")):
        text = check("message", dns.server, changed)
        assert "dkim=pass" not in text and words in " ".join(text.split()), text


def mutated(random, message):
    """One of: a byte changed, put in, taken away; a line twice, without, or swapped."""
    kind, at = random.randrange(6), random.randrange(len(message))
    if kind == 0:
        return message[:at] + bytes([random.randrange(32, 127)]) + message[at + 1:]
    if kind == 1:
        return message[:at] + random.choice([b" ", b"\t", b"x", b"\r\n", b"\r\n "]) + message[at:]
    if kind == 2:
        return message[:at] + message[at + 1:]
    lines = message.split(b"\r\n")
    n = random.randrange(len(lines))
    if kind == 3:
        lines.insert(n, lines[n])
    elif kind == 4:
        del lines[n]
    else:
        lines.insert(n, lines.pop(random.randrange(len(lines))))
    return b"\r\n".join(lines)


def verdict_of_dkimpy(message, keys):  # noqa: F811
    """Does one of its signatures hold? What dkimpy can't read, it raises."""
    records = {f"{s}._domainkey.example.org.": keys[kind].record.encode() for s, kind in (("s1", "rsa"), ("s2", "ed25519"))}

    def verify(index):
        try:
            return dkim.DKIM(message).verify(index, lambda name, timeout=5: records.get(name.decode().lower()))
        except Exception:
            return False
    return any(verify(index) for index in range(message.lower().count(b"dkim-signature")))


def test_changed_messages_have_dkimpy_s_verdict(keys, dns):  # noqa: F811
    chance, differences, passed = random.Random(7), [], 0
    for i in range(60):
        kind, selector = chance.choice([("rsa", "s1"), ("ed25519", "s2")])
        form = chance.choice([b"simple/simple", b"relaxed/relaxed", b"relaxed/simple", b"simple/relaxed"])
        message = mutated(chance, keys[kind].sign(MAIL, "example.org", selector, form).replace("\n", "\r\n").encode())
        ours = "dkim=pass" in check("message", dns.server, message)
        passed += ours
        if ours != verdict_of_dkimpy(message, keys):
            differences.append((ours, message))
    assert not differences
    assert 0 < passed < 60
