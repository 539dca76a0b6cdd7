"""plainpost report-phishing: who is told of a phish, by a DNS of the test's own; what the report says, as Python's mail
package reads it; and that it goes out by SMTP."""
import base64
import email
import email.policy
import json
import os
import pty
import re
import subprocess

import pytest
from conftest import PLAINPOST, QUICK, wait_for
from fake_dns import FAIL, FakeDns, txt
from hop import Hop
from test_dkim import NOTICE, Key

RECEIVED = """Return-Path: <bounce-ann=example.org@mail.hacked.test>
Received: from mail.bank.example (mail.hacked.test [192.0.2.7])
\tby mx.example.org (Postfix) with ESMTPS id 4B1 for <ann@example.org>;
\tFri, 27 Nov 2026 10:00:00 +0100 (CET)
Received: from mx.bank.example (mx.bank.example [198.51.100.1])
\tby mx.example.org with ESMTP id 3A0; Fri, 27 Nov 2026 09:59:00 +0100
"""
PHISH = """From: "Mail Team" <info@bank.example>
To: Ann <ann@example.org>
Subject: ann@example.org: your mailbox is full
Date: Fri, 27 Nov 2026 10:00:00 +0100
Message-ID: <1@mail.hacked.test>
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: 7bit

<p>Dear ann@example.org, your mailbox is full.</p>
<a href="https://login.evil.example/in?e=ann%40example.org">Sign in</a> or <a href="https://quota.weebly.com/">here</a>,
<a href="https://www.bank.example/privacy">privacy</a>
"""
ABUSE = "abuse-contacts.abusix.zone"
ZONE = {
    f"7.2.0.192.{ABUSE}": {"TXT": [txt("abuse@hoster.test")]},
    f"1.100.51.198.{ABUSE}": {"TXT": [txt("abuse@innocent.test")]},
    f"20.113.0.203.{ABUSE}": {"TXT": [txt("abuse@pages.test,noc@pages.test")]},
    "login.evil.example": {"A": ["203.0.113.20"]},
    "mail.hacked.test": {"TXT": [txt("v=spf1 ip4:192.0.2.7 -all")]},
    "_dmarc.bank.example": {"TXT": [txt("v=DMARC1; p=reject; ruf=mailto:forged@bank.example,mailto:x@spy.test")]},
    "hacked.test.contacts.abuse.net": {"TXT": [txt("postmaster@hacked.test")]},
    "weebly.com.contacts.abuse.net": FAIL,
}
TOLD = ["abuse@hoster.test", "abuse@hacked.test", "abuse@pages.test", "noc@pages.test", "abuse@weebly.com"]


@pytest.fixture(scope="module")
def phish(tmp_path_factory):
    """The message in a file, signed by a domain whose server somebody has broken into; and a DNS."""
    work = tmp_path_factory.mktemp("phish")
    key = Key(work, "rsa")
    path = work / "phish.eml"
    path.write_text(RECEIVED + key.sign(PHISH, "hacked.test"))
    with FakeDns(ZONE | {"s1._domainkey.hacked.test": {"TXT": [txt(key.record)]}}) as dns:
        yield path, dns


def report(*words, status=0, input=None, program=QUICK):
    r = subprocess.run([program, "report-phishing", *map(str, words)], capture_output=True, timeout=60, input=input)
    assert r.returncode == status, r.stdout.decode() + r.stderr.decode()
    assert b"Sanitizer" not in r.stderr
    return r.stdout.decode(), r.stderr.decode()


def addresses(text):
    return re.findall(r"^  (\S+@\S+)$", text, flags=re.M)


def shown(*words, **more):
    """Who is told, and who is not."""
    out, _ = report(*words, **more)
    told, _, others = out.partition("\nNot told:\n")
    return addresses(told), addresses(others)


def printed(*words):
    out, _ = report("--print", "--from", "desk@example.org", *words)
    return email.message_from_string(out, policy=email.policy.default), out


def fields_of(message):
    text, fields, original = message.iter_parts()
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "feedback-report"
    assert text.get_content_type() == "text/plain" and fields.get_content_type() == "message/feedback-report"
    inner = fields.get_payload()
    return (inner[0] if isinstance(inner, list) else email.message_from_string(inner)), original


def test_who_is_told_and_who_is_not(phish):
    path, dns = phish
    told, others = shown(f"--dns={dns.server}", "--ours", "mx.example.org", path, program=PLAINPOST)
    assert told == TOLD
    assert others == ["abuse@evil.example", "abuse@bank.example"]  # his own; and a victim


def test_what_was_made_up_is_not_believed(phish):
    path, dns = phish
    out = " ".join(report(f"--dns={dns.server}", path)[0].split())
    assert "192.0.2.7 (mail.hacked.test), as mx.example.org has recorded" in out
    assert "if it is not, name yours: --ours HOST" in out
    assert "innocent" not in out and "signed by hacked.test" in out


def test_without_the_dns_only_what_is_known(phish):
    path, _ = phish
    told, others = shown("--ours", "mx.example.org", path)
    assert told == ["abuse@weebly.com"]
    assert others == ["abuse@hacked.test", "abuse@evil.example", "abuse@bank.example"]
    out, err = report("--ours", "mx.elsewhere.test", "-", input=b"Subject: x\n\nHi\n", status=1)
    assert "no Received field is of a server that we could believe" in " ".join(out.split())
    assert "--dns asks the DNS who could be" in err


def test_the_report_is_as_the_standard_wants_it(phish):
    path, dns = phish
    message, raw = printed(f"--dns={dns.server}", "--ours", "mx.example.org", path)
    assert [a.addr_spec for a in message["To"].addresses] == TOLD
    assert message["From"] == "desk@example.org"
    assert re.fullmatch(r"FW: \S{20}@example\.org: your mailbox is full", message["Subject"])
    fields, original = fields_of(message)
    once = {"Feedback-Type": "fraud", "Version": "1", "Source-IP": "192.0.2.7",
            "Arrival-Date": "Fri, 27 Nov 2026 09:00:00 +0000", "Reporting-MTA": "dns; mx.example.org"}
    assert {name: fields.get_all(name) for name in once} == {name: [value] for name, value in once.items()}
    assert re.fullmatch(r"plainpost/\d\S*", fields["User-Agent"])
    hidden = fields["Original-Rcpt-To"].strip("<>")
    assert re.fullmatch(r"[A-Za-z0-9+/]{20}@example\.org", hidden)
    assert fields["Original-Mail-From"] == f"<bounce-{hidden.replace('@', '=')}@mail.hacked.test>"
    assert fields.get_all("Reported-Domain") == ["hacked.test", "evil.example", "weebly.com"]
    assert fields.get_all("Reported-URI") == [
        f"https://login.evil.example/in?e={hidden.replace('@', '%40')}", "https://quota.weebly.com/"]
    results = " ".join(fields["Authentication-Results"].split())
    assert "dkim=pass" in results and "spf=pass" in results and "dmarc=fail" in results
    assert original.get_content_type() == "message/rfc822"
    assert original.get_payload(0)["Message-ID"] == "<1@mail.hacked.test>"
    assert "ann@example.org" not in raw and "ann=example.org" not in raw and "ann%40example.org" not in raw
    assert "hxxps://login[.]evil[.]example" in next(message.iter_parts()).get_content()


def test_explain_knows_what_it_is(phish):
    path, _ = phish
    _, raw = printed("--to", "abuse@hoster.test", path)
    r = subprocess.run([QUICK, "explain", "--json"], input=raw, capture_output=True, text=True, timeout=60)
    assert json.loads(r.stdout)["kind"] == "feedback-report"


def test_the_same_reader_has_the_same_name_on_a_server(phish, make_server):
    path, _ = phish
    s = make_server()

    def hidden():
        out = s.run("report-phishing", "--print", "--to", "abuse@hoster.test", str(path))
        return re.search(r"Original-Rcpt-To: <(.*)>", out)[1]
    assert hidden() == hidden()
    assert (s.state / "report-key").stat().st_mode & 0o77 == 0


def test_only_the_header(phish):
    path, _ = phish
    message, _ = printed("--header", "--to", "abuse@hoster.test", path)
    _, original = fields_of(message)
    assert original.get_content_type() == "text/rfc822-headers"
    assert "Message-ID: <1@mail.hacked.test>" in original.get_content() and "Sign in" not in original.get_content()


def test_whose_domain_is_forged_hears_of_it(phish):
    path, dns = phish
    message, _ = printed(f"--dns={dns.server}", "--as", "auth-failure", "--ours", "mx.example.org", path)
    assert message["To"] == "forged@bank.example"  # and not who never said that he takes them
    fields, _ = fields_of(message)
    assert fields["Feedback-Type"] == "auth-failure" and fields["Auth-Failure"] == "dmarc"
    assert fields["Identity-Alignment"] == "dkim,spf" and fields["Reported-Domain"] == "bank.example"


def test_x_arf_tells_of_the_page(phish):
    path, dns = phish
    message, _ = printed(f"--dns={dns.server}", "--form", "xarf", path)
    text, part = message.iter_parts()
    assert part.get_content_type() == "application/json" and part.get_filename() == "xarf.json"
    document = json.loads(part.get_content())
    evidence, = document.pop("evidence")
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", document["report_id"])
    assert document["xarf_version"] == "4.2.0" and document["timestamp"] == "2026-11-27T09:00:00.000Z"
    assert (document["category"], document["type"]) == ("content", "phishing")
    assert document["source_identifier"] == document["domain"] == "login.evil.example"
    assert document["reporter"] == {"org": "example.org", "contact": "desk@example.org", "domain": "example.org"}
    assert b"Message-ID: <1@mail.hacked.test>" in base64.b64decode(evidence["payload"])


def test_a_true_notice_is_nobodys_fault():
    notice = (NOTICE % ("text/rfc822-headers", "From: ann@example.org\nMessage-ID: <1@example.org>\n")).encode()
    _, err = report("--to", "abuse@hoster.test", "-", input=notice, status=1)
    assert "looks like a true notice" in err
    out, _ = report("--to", "abuse@hoster.test", "--anyway", "-", input=notice)
    assert addresses(out) == ["abuse@hoster.test"]


def test_it_is_sent_when_a_person_agrees(phish, make_server):
    path, dns = phish
    with Hop() as hop:
        s = make_server(f"route * 127.0.0.1:{hop.port}\ndns {dns.server}\nabuse-zone-domains \"\"\n")
        words = ["report-phishing", "--dns", "--ours", "mx.example.org", "--from", "alice@home.test", "--send", str(path)]
        r = s.run(*words, check=False)
        assert r.returncode == 1 and "nobody to ask here" in r.stderr  # and nothing is sent
        for answer, status in ((b"n\n", 1), (b"y\n", 0)):
            person, terminal = pty.openpty()
            asking = subprocess.Popen([QUICK, "-c", s.config, *words], stdin=terminal, stderr=terminal,
                                      stdout=subprocess.PIPE)
            os.write(person, answer)
            out = asking.communicate(timeout=60)[0].decode()
            os.close(terminal)
            os.close(person)
            assert asking.returncode == status
        assert "Handed in for 5 recipients, from <alice@home.test>." in out
        wait_for("the report", lambda: sum(len(t.recipients) for t in hop.taken) == 5)
        assert sorted(r for t in hop.taken for r in t.recipients) == sorted(TOLD)
        for taken in hop.taken:
            message = email.message_from_bytes(taken.content, policy=email.policy.default)
            assert fields_of(message)[0]["Source-IP"] == "192.0.2.7"
        s.audit()


@pytest.mark.parametrize("words, says", [
    ([], "a file with a message is wanted"),
    (["--nonsense"], "there is no option --nonsense"),
    (["--as", "spam", "x"], "--as spam"),
    (["--form", "html", "x"], "--form html"),
    (["--to", "nobody", "x"], "--to nobody: this is no mail address"),
    (["--ours", "a b", "x"], "--ours a b"),
    (["--dns=here", "x"], "--dns=here"),
    (["--as", "auth-failure", "x"], "needs --dns"),
    (["x", "y"], "one message at a time"),
    (["--to"], "--to wants ADDRESS"),
    (["--yes=1", "x"], "--yes takes no value"),
])
def test_what_can_t_be_meant_so(words, says):
    assert says in report(*words, status=2)[1]


def test_what_is_not_there(tmp_path):
    assert "No such file" in report(tmp_path / "none", status=1)[1]
