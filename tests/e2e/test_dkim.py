"""Our own DKIM signature as proof, made by somebody else's signer (dkimpy), with keys from a file and from the DNS
(nsd), and returned by a real Postfix."""
import base64
import contextlib
import json
import os
import shutil
import smtplib
import socket
import subprocess
import time
import unittest.mock

import dkim
import pytest
from conftest import PLAINPOST, free_port, wait_for
from hop import Hop
from nacl.signing import SigningKey
from peer_dns import Nsd
from peer_postfix import Postfix

SIGNED_AT = 1795520641  # 24 November 2026, 12:44:01 +0100
MAIL = """From: Alice <alice@example.org>
To: bob@example.com
Subject: Minutes of
  Monday
Message-ID: <m1@example.org>
Date: Tue, 24 Nov 2026 12:44:00 +0100
MIME-Version: 1.0

See you.
"""
NOTICE = """From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: alice@example.org
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b

<bob@example.com>: host mx.example.com[192.0.2.7] said: 552 5.2.2 user is over quota (in reply to RCPT TO command)

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; bob@example.com
Action: failed
Status: 5.2.2

--b
Content-Type: %s

%s
--b--
"""


class Key:
    """A key pair in files, and as the DNS has it."""
    def __init__(self, work, kind):
        self.kind, self.private, self.public = kind, work / f"{kind}.key", work / f"{kind}.pub"
        if kind == "rsa":
            subprocess.run(["openssl", "genrsa", "-out", self.private, "2048"], check=True, capture_output=True)
            subprocess.run(["openssl", "pkey", "-in", self.private, "-pubout", "-out", self.public], check=True)
            lines = self.public.read_text().splitlines()
            self.record = "v=DKIM1; k=rsa; p=" + "".join(lines[1:-1])
        else:
            seed = SigningKey.generate()
            self.private.write_bytes(base64.b64encode(seed.encode()))
            self.record = "v=DKIM1; k=ed25519; p=" + base64.b64encode(seed.verify_key.encode()).decode()
            self.public.write_text(self.record + "\n")

    def sign(self, text=MAIL, domain="example.org", selector="s1", form=b"relaxed/simple"):
        message = text.replace("\n", "\r\n").encode()
        with unittest.mock.patch("dkim.time.time", return_value=SIGNED_AT):
            field = dkim.sign(message, selector.encode(), domain.encode(), self.private.read_bytes(),
                              canonicalize=tuple(form.split(b"/")),
                              signature_algorithm=b"rsa-sha256" if self.kind == "rsa" else b"ed25519-sha256",
                              include_headers=[b"From", b"To", b"Subject", b"Date", b"Message-ID"])
        return field.decode().replace("\r\n", "\n") + text


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    work = tmp_path_factory.mktemp("keys")
    yield {kind: Key(work, kind) for kind in ("rsa", "ed25519")}
    shutil.rmtree(work)


def explain(*words, text=None):
    r = subprocess.run([PLAINPOST, "explain", *map(str, words)], input=text, capture_output=True, text=True, timeout=60)
    assert "Sanitizer" not in r.stderr, r.stderr
    return r


def returned(message, *words, part="message/rfc822"):
    """What the verdict says: its class and provenance, and the domain whose signature it names."""
    r = explain("--json", *words, text=NOTICE % (part, message))
    assert r.stdout, r.stderr
    v = json.loads(r.stdout)["verdict"]
    told = [(e["fact"], e.get("detail")) for e in v["evidence"] if e["fact"].startswith("own-signature")]
    return v["class"], v["confidence"], v["provenance"], told


PROVEN = ("genuine", "certain", "proven", [("own-signature", "example.org")])
OPEN = ("genuine", "likely", "unknown", [])
FORGED = ("not-yours", "very-likely", "disproven", [("own-signature-broken", "example.org")])


@pytest.mark.parametrize("form", [b"relaxed/simple", b"simple/simple", b"relaxed/relaxed"])
@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_signature_of_ours_is_proof(keys, kind, form):
    key = keys[kind]
    named = f"--dkim-key=example.org:s1={key.public}"
    signed = key.sign(form=form)
    assert returned(signed, named) == PROVEN
    assert returned(signed) == OPEN
    headers = signed.split("\n\n")[0] + "\n"
    assert returned(headers, named, part="text/rfc822-headers") == PROVEN
    assert returned("Received: from a by b; Tue, 24 Nov 2026 11:45:00 -0000\n" + signed, named) == PROVEN


def test_what_is_changed_and_what_is_another_s(keys):
    key = keys["rsa"]
    named = f"--dkim-key=example.org:s1={key.public}"
    signed = key.sign()
    assert returned(signed.replace("Minutes of\n  Monday", "Minutes of Monday"), named) == PROVEN  # folded anew
    assert returned(signed.replace("See you.", "See you never."), named) == PROVEN  # no body is needed
    for changed in (signed.replace("Minutes", "[EXT] Minutes"), signed.split("Date:")[0],
                    signed.replace("m1@", "m2@"), "Subject: Win\n" + signed):
        assert returned(changed, named) == OPEN
    # The signature stands above another message, which was written weeks after it was made.
    other = MAIL.replace("24 Nov", "24 Dec").replace("m1@", "m2@").replace("Minutes", "Prizes")
    forged = signed.replace(MAIL, other)
    assert returned(forged, named) == FORGED
    assert returned(forged, named, part="text/rfc822-headers") == FORGED
    assert returned(forged.replace("To: bob@example.com\n", ""), named) == OPEN
    assert returned(key.sign(form=b"simple/simple").replace(MAIL, other), named) == OPEN
    assert returned(forged.replace("Subject: ", "List-Unsubscribe: <https://x.invalid/>\nSubject: "),
                    named)[:3] == ("spam-in-bounce", "likely", "disproven")


def test_whose_key_it_is(keys):
    rsa, ed = keys["rsa"], keys["ed25519"]
    signed = rsa.sign()
    assert returned(signed, f"--dkim-key=example.org:s2={rsa.public}") == OPEN  # another selector
    assert returned(signed, f"--dkim-key=example.net:s1={rsa.public}") == OPEN  # another domain
    assert returned(signed, f"--dkim-key=example.org:s1={ed.public}") == OPEN  # another key
    assert returned(signed, f"--dkim-key=example.org:s2={ed.public}", f"--dkim-key=Example.ORG:S1={rsa.public}") == PROVEN
    assert returned("DKIM-Signature: junk\n" * 29 + signed, f"--dkim-key=example.org:s1={rsa.public}") == PROVEN
    assert returned("DKIM-Signature: junk\n" * 30 + signed, f"--dkim-key=example.org:s1={rsa.public}") == OPEN
    two = rsa.sign(selector="old").replace(MAIL, ed.sign(selector="new"))
    assert returned(two, f"--dkim-key=example.org:new={ed.public}") == PROVEN
    assert returned(two, f"--dkim-key=example.org:old={rsa.public}") == PROVEN


def test_a_signature_makes_no_trick_honest(keys):
    """Who got one mail of Alice can return its header in theirs."""
    key = keys["rsa"]
    trick = (NOTICE % ("message/rfc822", key.sign())).replace(
        "<bob@example.com>: host", "5 messages are held. Sign in to release your messages, or your mailbox will be "
        "closed in 24 hours: https://login.invalid/?u=alice@example.org\n\n<bob@example.com>: host")
    r = explain("--json", f"--dkim-key=example.org:s1={key.public}", text=trick)
    assert r.returncode == 20 and json.loads(r.stdout)["verdict"]["class"] == "phishing"


def test_forms_and_words(keys):
    key = keys["rsa"]
    named = f"--dkim-key=example.org:s1={key.public}"
    notice = NOTICE % ("message/rfc822", key.sign())
    text = " ".join(explain(named, text=notice).stdout.split())
    assert "The returned message bears a valid signature of your domain. (example.org)" in text
    assert "gültige Signatur Ihrer Domain" in " ".join(explain(named, "--lang=de", text=notice).stdout.split())
    assert "bears a valid signature of your domain" in explain(named, "--html", text=notice).stdout


@pytest.mark.parametrize("words, says, status", [
    (["--dkim-key", "example.org"], "it is DOMAIN:SELECTOR=FILE, as in example.org:s1=", 64),
    (["--dkim-key", "example.org:s1="], "it is DOMAIN:SELECTOR=FILE", 64),
    (["--dkim-key", "example..org:s1=f"], "it is DOMAIN:SELECTOR=FILE", 64),
    (["--dkim-key"], "--dkim-key wants DOMAIN:SELECTOR=FILE behind it", 64),
    (["--dkim-key", "example.org:s1=/nowhere/s1"], "cannot read the DKIM key in /nowhere/s1: No such file", 66),
    (["--dkim-key", "example.org:s1=/"], "cannot read the DKIM key in /: Is a directory", 66),
    (["--dns"], "--dns wants to know whose keys to ask for: add --me ADDRESS", 64),
    (["--dns=ns.example.org:53", "--me", "alice@example.org"], "a name server is written as ADDRESS:PORT", 64)])
def test_what_can_t_be_meant_so(words, says, status):
    r = explain(*words)
    assert r.returncode == status and says in r.stderr and not r.stdout


def test_keys_that_are_none(keys, tmp_path):
    small = subprocess.run("openssl genrsa 512 2>/dev/null | openssl pkey -pubout", shell=True, check=True,
                           capture_output=True, text=True).stdout
    for text, says in ((keys["rsa"].private.read_text(), "this is a private key, which belongs to the server"),
                       (small, "an RSA key of 512 bits is too short"), ("hello\n", "a list of tags has to be written"),
                       ("v=DKIM1; p=", "this key has been revoked"), ("x" * 100000, "too large to be a DKIM key")):
        (tmp_path / "key").write_text(text)
        r = explain(f"--dkim-key=example.org:s1={tmp_path / 'key'}", text=NOTICE % ("message/rfc822", MAIL))
        assert r.returncode == 66 and says in r.stderr and not r.stdout
    # As opendkim-genkey writes it.
    half = len(keys["rsa"].record) // 2
    (tmp_path / "key").write_text(f's1._domainkey IN TXT ( "{keys["rsa"].record[:half]}"\n\t  '
                                  f'"{keys["rsa"].record[half:]}" )  ; ----- DKIM key s1 for example.org\n')
    assert returned(keys["rsa"].sign(), f"--dkim-key=example.org:s1={tmp_path / 'key'}") == PROVEN


# ---- by the DNS

@pytest.fixture(scope="module")
def server(keys, tmp_path_factory):
    if not shutil.which("nsd", path="/usr/sbin:/usr/bin"):
        pytest.skip("needs Debian's package nsd")
    rsa, ed = keys["rsa"].record, keys["ed25519"].record
    text = lambda record: " ".join(f'"{record[i:i + 200]}"' for i in range(0, len(record), 200))
    work = tmp_path_factory.mktemp("nsd")
    nsd = Nsd(work, {"test.": "ns A 127.0.0.53\n", "example.org.": f"""
s1._domainkey      TXT {text(rsa)}
ed._domainkey      TXT {text(ed)}
two._domainkey     TXT "what is this?"
two._domainkey     TXT {text(rsa)}
revoked._domainkey TXT "v=DKIM1; k=rsa; p="
tls._domainkey     TXT {text(rsa.replace("k=rsa", "k=rsa; s=tlsrpt"))}
alias._domainkey   CNAME s1._domainkey
s1._domainkey.mail TXT {text(rsa)}
s1._domainkey.news TXT {text(rsa)}
""", "example.net.": f"s1._domainkey TXT {text(rsa)}\n", "broken.test.": None}, port=free_port())
    yield nsd
    nsd.stop()
    shutil.rmtree(work)


@pytest.mark.parametrize("me, kind, domain, selector, is_proven", [
    ("alice@example.org", "rsa", "example.org", "s1", True),
    ("alice@example.org", "ed25519", "example.org", "ed", True),
    ("alice@example.org", "rsa", "example.org", "two", True),
    ("alice@example.org", "rsa", "example.org", "alias", True),
    ("alice@example.org", "rsa", "example.org", "revoked", False),
    ("alice@example.org", "rsa", "example.org", "tls", False),
    ("alice@example.org", "rsa", "example.org", "gone", False),
    ("alice@example.org", "ed25519", "example.org", "s1", False),
    ("alice@mail.example.org", "rsa", "example.org", "s1", True),  # a domain above it
    ("alice@mail.example.org", "rsa", "mail.example.org", "s1", True),
    ("alice@mail.example.org", "rsa", "news.example.org", "s1", False),  # beside it
    ("alice@example.org", "rsa", "mail.example.org", "s1", False),  # below it
    ("alice@example.org", "rsa", "example.net", "s1", False)])
def test_keys_from_the_dns(keys, server, me, kind, domain, selector, is_proven):
    signed = keys[kind].sign(MAIL.replace("alice@example.org", me), domain=domain, selector=selector)
    words = [f"--dns={server.address}:{server.port}", "--me", me]
    told = [("own-signature", domain)] if is_proven else []
    assert returned(signed, *words)[2:] == ("proven" if is_proven else "unknown", told)
    assert returned(signed, "--me", me)[2:] == ("unknown", [])  # nobody is asked unless it is wanted


def test_who_signs_for_many_signs_for_others_too(keys, server):
    """A provider's signature does not say which of its users wrote."""
    words = [f"--dns={server.address}:{server.port}", "--me", "alice@example.org"]
    other = keys["rsa"].sign(MAIL.replace("alice@example.org", "eve@example.org"))
    assert returned(other, *words) == ("not-yours", "likely", "disproven", [])
    assert returned(other, *words, "--me", "eve@example.org")[:3] == PROVEN[:3]
    tagged = keys["rsa"].sign(MAIL.replace("alice@example.org", "alice+shop@example.org"))
    assert returned(tagged, *words)[:3] == PROVEN[:3]
    # A domain that one has the key of is one's own.
    assert returned(other, f"--dkim-key=example.org:s1={keys['rsa'].public}", "--me", "alice@example.org")[2] == "proven"


class Silent:
    """A name server that hears, and says nothing."""
    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port = self.socket.getsockname()[1]

    def names(self):
        found = set()
        with contextlib.suppress(BlockingIOError):
            while True:
                query = self.socket.recv(4096)
                at, labels = 12, []
                while query[at]:
                    labels.append(query[at + 1:at + 1 + query[at]].decode().lower())
                    at += 1 + query[at]
                found.add(".".join(labels))
        return found


def test_silence_has_an_end(keys, tmp_path):
    silent = Silent()
    for i in range(12):
        signed = keys["rsa"].sign(selector=f"s{i}")
        (tmp_path / f"{i}.eml").write_text(NOTICE % ("message/rfc822", signed))
    start = time.monotonic()
    r = explain("--json", f"--dns=127.0.0.1:{silent.port}", "--me", "alice@example.org", tmp_path)
    took = time.monotonic() - start
    verdicts = [json.loads(line)["verdict"]["provenance"] for line in r.stdout.splitlines()]
    assert verdicts == ["unknown"] * 12 and r.returncode == 0
    assert 3.9 < took < 9
    assert r.stderr.count("the DNS does not answer") == 2 and r.stderr.count("not asked for DKIM keys any more") == 1
    assert len(silent.names()) == 2


def test_many_messages_share_a_key(keys, server, tmp_path):
    for i in range(200):
        signed = keys["rsa"].sign(MAIL.replace("m1@", f"m{i}@"))
        (tmp_path / f"{i:03}.eml").write_text(NOTICE % ("message/rfc822", signed))
    r = explain("--json", f"--dns={server.address}:{server.port}", "--me", "alice@example.org", tmp_path)
    found = [json.loads(line) for line in r.stdout.splitlines()]
    assert len(found) == 200 and all(f["verdict"]["provenance"] == "proven" for f in found) and not r.stderr


def test_questions_have_an_end(keys, server, tmp_path):
    """Selectors come from outside."""
    signed = keys["rsa"].sign()
    for i in range(520):
        (tmp_path / f"{i:03}.eml").write_text(NOTICE % ("message/rfc822", signed.replace("s=s1;", f"s=x{i};")))
    r = explain("--json", f"--dns={server.address}:{server.port}", "--me", "alice@example.org", tmp_path)
    assert r.stdout.count('"provenance":"unknown"') == 520
    assert r.stderr == "plainpost: the DNS was asked for 500 DKIM keys, and is not asked any more\n"


def test_a_server_that_fails(keys, server):
    signed = keys["rsa"].sign(MAIL.replace("example.org", "broken.test"), domain="broken.test")
    r = explain(f"--dns={server.address}:{server.port}", "--me", "alice@broken.test",
                text=NOTICE % ("message/rfc822", signed))
    assert r.returncode == 0 and "the DKIM key s1._domainkey.broken.test is not known: " in r.stderr


# ---- what a real server returns

@pytest.mark.skipif(os.getuid() != 0, reason="Postfix needs root, and namespaces of its own")
def test_postfix_returns_it(keys, tmp_path):
    key = keys["rsa"]
    text = MAIL.replace("bob@example.com", "bob@gone.test").replace(
        "Subject: ", "Subject: " + "a long subject that somebody may wish to fold " * 5)
    signed = key.sign(text)
    postfix = Postfix(tmp_path / "postfix")
    try:
        with Hop(port=postfix.home_port) as home:
            with smtplib.SMTP("127.0.0.1", postfix.port, timeout=20) as c:
                c.sendmail("alice@home.test", "bob@gone.test", signed)
            wait_for("the notice", lambda: home.taken)
            notice = home.taken[0].content
    finally:
        postfix.stop()
    notice = notice.decode() if isinstance(notice, bytes) else notice
    r = explain("--json", f"--dkim-key=example.org:s1={key.public}", text=notice.replace("\r\n", "\n"))
    d = json.loads(r.stdout)
    assert d["kind"] == "failure" and d["recipients"][0]["address"] == "bob@gone.test"
    assert d["verdict"]["provenance"] == "proven" and d["verdict"]["confidence"] == "certain", notice
