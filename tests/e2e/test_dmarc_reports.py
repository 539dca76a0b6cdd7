"""Domains that ask for it are told, once a day, of the mail that came in their name: by the schema of RFC 9990, signed,
and only to those who have agreed."""
import base64
import email
import email.policy
import gzip
import json
import re
import smtplib
import sqlite3
import subprocess
import time

import dkim
import pytest
from conftest import DOMAIN, PLAINPOST, ROOT, Server, wait_for
from fake_dns import FAIL, FakeDns, txt
from hop import Hop

SCHEMA = ROOT / "tests" / "dmarc" / "rfc9990.xsd"
DAY = int(time.time()) // 86400 - 2

FORGED = ("ip 203.0.113.5\nauthor example.org\nsender \ndone reject\nspeaks.dkim fail\nspeaks.spf fail\n"
          "dkim example.org s1 fail\nspf forger.test mfrom none\n")
LIST = ("ip 2001:db8::5\nauthor news.example.org\nsender lists.test\ndone none\nreason local_policy\nspeaks.dkim fail\n"
        "speaks.spf fail\ndkim lists.test l1 pass\ndkim example.org s1 fail\nspf lists.test mfrom pass\n")
OWN = ("ip 192.0.2.7\nauthor example.org\nsender example.org\ndone pass\nspeaks.dkim pass\nspeaks.spf pass\n"
       "dkim example.org s1 pass\nspf example.org mfrom pass\n")


def policy(rua, p="reject"):
    return f"p {p}\nsp {p}\nnp {p}\nadkim r\naspf s\nt n\nfo 1:d\nrua {rua}\n"


def seed(server, rows):
    """As if mail had come two days ago: (domain, policy, row, count)."""
    with sqlite3.connect(server.state / "judged.sqlite") as db:
        db.executemany("INSERT INTO seen VALUES (?, ?, ?, ?, ?)", [(DAY, *row) for row in rows])


def left(server):
    with sqlite3.connect(server.state / "judged.sqlite") as db:
        return {domain for domain, in db.execute("SELECT domain FROM seen")}


@pytest.fixture
def lab(tmp_path):
    key = tmp_path / "key.pem"
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    der = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"], capture_output=True,
                         check=True).stdout
    names = {f"s1._domainkey.{DOMAIN}": {"TXT": [txt("v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode())]},
             "_dmarc.example.org": {"TXT": [txt("v=DMARC1; p=reject")]},
             "example.org._report._dmarc.agreed.test": {"TXT": [txt("v=DMARC1")]},
             "down.example._report._dmarc.agreed.test": FAIL}
    with FakeDns(names) as dns, Hop() as hop:
        s = Server(tmp_path, f"dns {dns.server}\nroute * 127.0.0.1:{hop.port}\ndkim-key {DOMAIN} s1 {key}\n"
                             f"dmarc-reports dmarc@{DOMAIN}\n").start()
        assert s.stop() == 0
        yield s, hop, names
        assert s.stop() == 0


def strings(wire):
    while wire:
        yield wire[1:1 + wire[0]]
        wire = wire[1 + wire[0]:]


def sent(hop):
    return {to: email.message_from_bytes(t.content, policy=email.policy.default)
            for t in list(hop.taken) for to in t.recipients}


def attached(message):
    text, file = message.iter_parts()
    assert text.get_content_type() == "text/plain" and file.get_content_type() == "application/gzip"
    return file.get_filename(), gzip.decompress(file.get_content())


def validate(xml):
    r = subprocess.run(["xmllint", "--noout", "--schema", SCHEMA, "-"], input=xml, capture_output=True)
    assert r.returncode == 0, r.stderr.decode()


def test_who_asks_for_reports_gets_them(lab, tmp_path):
    s, hop, names = lab
    to = "mailto:d@example.org,mailto:d@agreed.test!1m,mailto:small@example.org!100,mailto:d@victim.test"
    seed(s, [("example.org", policy(to), FORGED, 7), ("example.org", policy(to), LIST, 2),
             ("example.org", policy(to), OWN, 40), ("nobody.example", policy("https://nobody.example/"), OWN, 1),
             ("down.example", policy("mailto:d@agreed.test"), OWN, 1)])
    s.start()
    got = wait_for("two reports", lambda: len(sent(hop)) == 2 and sent(hop))
    wait_for("the rest to be forgotten", lambda: left(s) == {"down.example"})  # it may be known later
    assert set(got) == {"d@example.org", "d@agreed.test"}

    message, raw = got["d@example.org"], hop.taken[0].content
    assert dkim.verify(raw, dnsfunc=lambda name, timeout=5: b"".join(strings(names[name.decode().rstrip(".")]["TXT"][0])))
    day = time.strftime("%Y-%m-%d", time.gmtime(DAY * 86400))
    identity = f"{day}.example.org@mx.{DOMAIN}"
    assert re.sub(r"\s+", " ", message["Subject"]) == (
        f"Report Domain: example.org Submitter: mx.{DOMAIN} Report-ID: <{identity}>")
    assert message["From"] == f"dmarc@{DOMAIN}" and message["Auto-Submitted"] == "auto-generated"
    name, xml = attached(message)
    assert name == f"mx.{DOMAIN}!example.org!{DAY * 86400}!{DAY * 86400 + 86399}.xml.gz"
    validate(xml)
    assert f"<report_id>{identity}</report_id>".encode() in xml and b"<fo>1:d</fo>" in xml
    assert xml == attached(got["d@agreed.test"])[1]
    r = subprocess.run([PLAINPOST, "dmarc-report", "--json", "-"], input=raw, capture_output=True)
    domain, = json.loads(r.stdout)["domains"]
    assert domain["messages"] == 49 and domain["proven"] == 40
    assert {x["address"]: (x["kind"], x["messages"]) for x in domain["sources"]} == {
        "203.0.113.5": ("broken-signature", 7), "2001:db8::5": ("forwarded", 2), "192.0.2.7": ("proven", 40)}
    r = subprocess.run([PLAINPOST, "explain", "--json", "-"], input=raw, capture_output=True)
    told = json.loads(r.stdout)
    assert r.returncode == 17
    assert (told["kind"], told["verdict"]["class"]) == ("dmarc-report", "not-a-bounce")
    assert "plainpost dmarc-report" in told["steps"][0]


def test_each_policy_of_a_day_has_its_report(lab):
    s, hop, _ = lab
    seed(s, [("example.org", policy("mailto:a@example.org", "none"), OWN, 1),
             ("example.org", policy("mailto:b@example.org"), OWN, 2)])
    s.start()
    got = wait_for("two reports", lambda: len(sent(hop)) == 2 and sent(hop))
    wait_for("all to be forgotten", lambda: not left(s))
    (one, first), (other, second) = attached(got["a@example.org"]), attached(got["b@example.org"])
    validate(first), validate(second)
    assert b"<p>none</p>" in first and b"<p>reject</p>" in second and b"<count>2</count>" in second
    assert one.endswith("!1.xml.gz") and other.endswith("!2.xml.gz")


def test_what_was_found_in_sessions_is_counted(tmp_path):
    names = {"example.org": {"TXT": [txt("v=spf1 ip4:127.0.0.7 -all")]},
             "_dmarc.example.org": {"TXT": [txt("v=DMARC1; p=reject; rua=mailto:d@example.org")]},
             "_dmarc.example.net": {"TXT": [txt("v=DMARC1; p=reject")]}}
    with FakeDns(names) as dns:
        s = Server(tmp_path, f"trusted 192.0.2.0/24\ndns {dns.server}\nauthenticate * refuse\n"
                             f"dmarc-reports dmarc@{DOMAIN}\n").start()
        for ip, author, code in (("127.0.0.7", "example.org", 250), ("127.0.0.7", "example.org", 250),
                                 ("127.0.0.8", "news.example.org", 550), ("127.0.0.8", "example.net", 550)):
            with smtplib.SMTP("127.0.0.1", s.port, "client.test", 20, (ip, 0)) as c:
                c.ehlo()
                c.mail("secret@example.org"), c.rcpt(f"alice@{DOMAIN}")
                assert c.data(f"From: <hidden@{author}>\r\n\r\nHello\r\n".encode())[0] == code
        assert s.stop() == 0
        with sqlite3.connect(s.state / "judged.sqlite") as db:
            seen = db.execute('SELECT domain, "group", text, count FROM seen ORDER BY count').fetchall()
    assert [(domain, count) for domain, _, _, count in seen] == [("example.org", 1), ("example.org", 2)]
    assert all("rua mailto:d@example.org\n" in policy for _, policy, _, _ in seen)
    assert seen[0][2] == ("ip 127.0.0.8\nauthor news.example.org\nsender example.org\ndone reject\nspeaks.dkim fail\n"
                          "speaks.spf fail\nspf example.org mfrom fail\n")
    assert "done pass\nspeaks.dkim fail\nspeaks.spf pass\n" in seen[1][2]
    assert "secret" not in str(seen) and "hidden" not in str(seen) and "alice" not in str(seen)


def test_without_the_option_nobody_is_told(lab):
    s, hop, _ = lab
    s.config.write_text(s.config.read_text().replace("dmarc-reports", "# "))
    seed(s, [("example.org", policy("mailto:a@example.org"), OWN, 1)])
    s.start()
    time.sleep(1.3)  # it looks after a second
    assert left(s) == {"example.org"} and not hop.taken
