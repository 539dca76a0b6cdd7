"""Our notices are signed by DKIM, as somebody else's checker (dkimpy) sees it."""
import base64
import contextlib
import os
import subprocess

import dkim
import pytest
from conftest import DOMAIN
from hop import Hop


@pytest.fixture
def route():
    with Hop(lambda to: "550 5.1.1 nobody of that name") as hop:
        yield f"route partner.test 127.0.0.1:{hop.port}\n"


def make_key(path, *kind):
    """A private key in a file, as OpenSSL writes it; returns what the DNS has of it."""
    subprocess.run(["openssl", "genpkey", "-out", path, "-algorithm", *kind], check=True, capture_output=True)
    public = subprocess.run(["openssl", "pkey", "-in", path, "-pubout", "-outform", "DER"], check=True,
                            capture_output=True).stdout
    path.chmod(0o600)
    is_rsa = kind[0] == "rsa"
    return b"v=DKIM1; k=%s; p=%s" % (b"rsa" if is_rsa else b"ed25519",
                                     base64.b64encode(public if is_rsa else public[-32:]))


RSA, ED25519 = ("rsa", "-pkeyopt", "rsa_keygen_bits:2048"), ("ed25519",)


def whose(raw, records):
    """Who signed it: selectors of the signatures that hold."""
    checker, found = dkim.DKIM(raw), []
    ask = lambda name, timeout=5: records.get(name.decode().rstrip("."))
    for i in range(raw.split(b"\r\n\r\n")[0].count(b"DKIM-Signature:")):
        with contextlib.suppress(dkim.ValidationError):  # raised where the body is another
            if checker.verify(idx=i, dnsfunc=ask):
                found.append(checker.signature_fields[b"s"].decode())
    return sorted(found)


def notice(s, count):
    s.send("nobody@partner.test")
    s.wait_for_mail("alice", count)
    path = max(s.mailbox("alice"), key=lambda p: p.stat().st_mtime_ns)
    raw = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return raw[raw.index(b"DKIM-Signature:" if b"DKIM-Signature:" in raw else b"From:"):]


def test_our_notices_are_signed(make_server, tmp_path, route):
    one, two = tmp_path / "one.pem", tmp_path / "two.pem"
    records = {f"one._domainkey.{DOMAIN}": make_key(one, *RSA), f"two._domainkey.mx.{DOMAIN}": make_key(two, *ED25519)}
    other = f"dkim-key other.test one {one}\n"
    s = make_server(f"dkim-key {DOMAIN} one {one}\ndkim-key mx.{DOMAIN} two {two}\n{other}{route}")
    raw = notice(s, 1)
    assert whose(raw, records) == ["one", "two"]
    assert raw.split(b"\r\n\r\n")[0].count(b"DKIM-Signature:") == 2  # the third key is of somebody else's domain
    assert whose(raw.replace(b"nobody@partner", b"eve@partner", 1), records) == []
    assert whose(raw[:-40] + raw[-40:].upper(), records) == []
    assert whose(b"Subject: Click here\r\n" + raw, records) == []
    assert whose(b"X-Seen: yes\r\n" + raw, records) == ["one", "two"]

    # Another key takes the place of both while the server runs.
    records[f"three._domainkey.{DOMAIN}"] = make_key(tmp_path / "three.pem", *ED25519)
    text = s.config.read_text().split("dkim-key")[0]
    s.config.write_text(f"{text}dkim-key {DOMAIN} three {tmp_path / 'three.pem'}\n{route}")
    s.run("reload")
    assert whose(notice(s, 2), records) == ["three"]
    s.config.write_text(text + route)
    s.run("reload")
    assert b"DKIM-Signature:" not in notice(s, 3)
    s.audit()


def test_keys_that_cannot_be_used_are_told(make_server, tmp_path, route):
    key = tmp_path / "key.pem"
    record = {f"s1._domainkey.{DOMAIN}": make_key(key, *ED25519)}
    s = make_server(f"dkim-key {DOMAIN} s1 {key}\n{route}")

    def refused(says):
        for words in (("config", "check"), ("reload",)):
            r = s.run(*words, check=False)
            assert r.returncode == 1 and says in r.stderr, r.stderr
    key.chmod(0o644)
    refused(f"the DKIM key in {key} is open to every user of this machine; take it away from them: chmod o= {key}")
    key.chmod(0o600)
    secret = key.read_text()
    key.write_text("hello\n")
    refused(f"the DKIM key in {key} can't be used: there is no private key in it")
    subprocess.run(["openssl", "genrsa", "-aes128", "-passout", "pass:secret", "-out", key], check=True, capture_output=True)
    refused("that can be read without a passphrase")
    os.unlink(key)
    refused(f"cannot read the DKIM key in {key}: No such file")
    assert whose(notice(s, 1), record) == ["s1"]  # the server goes on as before
    key.write_text(secret)
    key.chmod(0o600)
    s.run("reload")
    assert "hello" not in s.log.read_text() and secret.splitlines()[1] not in s.log.read_text()
