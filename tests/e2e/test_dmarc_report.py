"""Aggregate reports of other programs, as they come: by mail (rspamd), as XML (Mail::DMARC), packed by gzip and zip, in a
mailbox; and what wants to do harm."""
import gzip
import io
import json
import resource
import subprocess
import time
import zipfile

import pytest
from conftest import PLAINPOST, ROOT

MAIL = ROOT / "tests" / "dmarc" / "rspamd.eml"  # rspamadm dmarc_report, rspamd 3.4
XML = ROOT / "tests" / "dmarc" / "mail-dmarc.xml"  # Mail::DMARC 1.20211209


def report(*words, input=None, status=0, memory=None):
    limit = (lambda: resource.setrlimit(resource.RLIMIT_AS, (memory, memory))) if memory else None
    r = subprocess.run([PLAINPOST, "dmarc-report", *map(str, words)], input=input, capture_output=True, timeout=30,
                       preexec_fn=limit)
    assert r.returncode == status, r.stderr.decode()
    return r.stdout.decode(), r.stderr.decode()


def kinds(*words, **more):
    domain, = json.loads(report("--json", *words, **more)[0])["domains"]
    return {kind: n for kind, n in domain["kinds"].items() if n}


BY_RSPAMD = {"broken-signature": 2, "service": 33, "unknown": 7, "forwarded": 5, "spf-only": 14, "proven": 120}
BY_PERL = {"strict": 4, "broken-signature": 3, "proven": 10}


def test_a_report_is_told_to_a_person():
    out, _ = report(MAIL)
    assert out.startswith("Mail in the name of example.org\n  1 report from Example Net, ")
    assert "181 messages; 74.0 % are proven to be yours. Of the others 5 were let in, 42\n  refused." in out
    assert "  Sent by others in your name (33)\n" in out and "33  198.51.100.20, newsletter.test: refused\n" in out
    assert "ip4:203.0.113.5" in out
    out, _ = report(XML)
    assert "Take adkim=s and aspf=s out of the record at _dmarc.example.org" in out
    assert "plainpost doctor --selector s1\n      example.org." in out
    assert "publish p=quarantine" in out


@pytest.mark.parametrize("how", ["file", "input", "gzip", "zip", "both", "attached", "mbox", "maildir"])
def test_it_is_read_in_whatever_it_came(tmp_path, how):
    xml, file = XML.read_bytes(), tmp_path / "report"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("read me.txt", "hello")
        z.writestr("example.net!example.org!1!2.xml", xml)
    if how == "file":
        assert kinds(XML) == BY_PERL and kinds(MAIL) == BY_RSPAMD
    elif how == "input":
        assert kinds("-", input=xml) == BY_PERL and kinds("-", input=MAIL.read_bytes()) == BY_RSPAMD
    elif how == "gzip":
        file.write_bytes(gzip.compress(xml))
        assert kinds(file) == BY_PERL
    elif how == "zip":
        file.write_bytes(packed.getvalue())
        assert kinds(file) == BY_PERL
    elif how == "both":  # many reports add up, and one that comes twice counts once
        (tmp_path / "a.zip").write_bytes(packed.getvalue())
        (tmp_path / "b.eml").write_bytes(MAIL.read_bytes())
        (tmp_path / "c.xml").write_bytes(xml)
        told = json.loads(report("--json", tmp_path)[0])
        assert told["repeated_reports"] == 1 and told["domains"][0]["messages"] == 181 + 17
    elif how == "attached":
        file.write_bytes(b"Subject: Fwd\nContent-Type: message/rfc822\n\n" + MAIL.read_bytes())
        assert kinds(file) == BY_RSPAMD
    elif how == "mbox":
        file.write_bytes(b"From a@example.net Tue Nov 24 00:00:00 2026\n" + MAIL.read_bytes().replace(b"\r", b"") +
                         b"\n\nFrom a@example.net Tue Nov 24 00:00:00 2026\nSubject: hello\n\nHello!\n")
        assert kinds(file) == BY_RSPAMD
        assert "1 of 2 messages had no DMARC report" in report(file)[1]
    else:
        for name in ("new", "cur", "tmp"):
            (tmp_path / name).mkdir()
        (tmp_path / "cur" / "1.a").write_bytes(MAIL.read_bytes())
        assert kinds(tmp_path) == BY_RSPAMD


def test_what_is_none_is_told(tmp_path):
    assert "no DMARC report in it" in report("-", input=b"Subject: hello\n\nHello!\n", status=1)[1]
    assert "use it as" in report(status=2)[1]
    cut = gzip.compress(XML.read_bytes())[:-300]
    (tmp_path / "cut.xml.gz").write_bytes(cut)
    _, said = report(tmp_path / "cut.xml.gz", status=1)
    assert f"{tmp_path}/cut.xml.gz: it is cut off or broken" in said
    out, said = report(tmp_path / "cut.xml.gz", XML, status=1)  # the others are told all the same
    assert "Mail in the name of example.org" in out


def test_bombs_do_no_harm(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("do-not-show-this")
    entities = "".join(f"<!ENTITY l{i} '{f'&l{i - 1};' * 10 if i else 'lol'}'>" for i in range(10))
    for subset in (entities, f"<!ENTITY l9 SYSTEM 'file://{secret}'>"):
        xml = f"<?xml version='1.0'?><!DOCTYPE feedback [{subset}]><feedback><report_metadata><org_name>&l9;</org_name>" \
              "</report_metadata><policy_published><domain>example.org</domain></policy_published></feedback>"
        out, said = report("-", input=xml.encode(), status=1)
        assert "document type declaration" in said and "do-not-show" not in out + said
    nothing = bytes(1 << 20)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as z:
        for i in range(2):
            with z.open(f"{i}.xml", "w") as f:
                for _ in range(65):
                    f.write(nothing)
    bomb = packed.getvalue()
    assert len(bomb) < 1 << 20
    with open(PLAINPOST, "rb") as f:
        memory = None if b"__asan_init" in f.read() else 512 << 20
    began = time.monotonic()
    said = report("-", input=bomb, status=1, memory=memory)[1]
    assert "unpacks to more than 64 MB" in said and time.monotonic() - began < 10
    said = report("-", input=gzip.compress(gzip.compress(nothing * 65)), status=1, memory=memory)[1]
    assert "unpacks to more than 64 MB" in said
