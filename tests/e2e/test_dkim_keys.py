"""plainpost dkim: a key is made, published, seen, used, and followed by the next; with a DNS of the test's own, and
dnspython reading what is to be published."""
import os
import re
import subprocess

import dkim
import dns.rdatatype
import dns.zone
import pytest
from conftest import DOMAIN, QUICK
from fake_dns import FAIL, FakeDns, txt
from test_signing import RSA, make_key


def run(*words, config=None, status=0):
    r = subprocess.run([QUICK, *(["-c", config] if config else []), "dkim", *map(str, words)], capture_output=True,
                       text=True, timeout=60)
    assert r.returncode == status, r.stdout + r.stderr
    return r.stdout if status == 0 else r.stdout + r.stderr


def record(text, domain=DOMAIN):
    """(selector, text) of the one TXT line, as a name server reads it."""
    [line] = [line for line in text.splitlines() if " IN TXT " in line]
    zone = dns.zone.from_text(f"@ 1 SOA a. b. 1 1 1 1 1\n@ 1 NS a.\n{line.replace(' IN ', ' 1 IN ', 1)}\n", f"{domain}.",
                              relativize=True)
    [(name, _, rdata)] = zone.iterate_rdatas(dns.rdatatype.TXT)
    assert all(len(s) <= 255 for s in rdata.strings)
    assert name.to_text().endswith("._domainkey"), name
    return name.to_text().split(".")[0], b"".join(rdata.strings)


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_key_s_way(make_server, tmp_path, kind):
    """Made, published, seen, and used by the server; the line is copied from what it says."""
    flags = ["--ed25519"] if kind == "ed25519" else []
    server = make_server()
    said = run("new", DOMAIN, *flags, config=server.config)
    selector, public = record(said)
    assert re.fullmatch(r"[se]\d{8}", selector) and public.startswith(b"v=DKIM1; k=%s; p=" % kind.encode())
    [line] = re.findall(r"^(dkim-key .*)$", said, flags=re.M)
    path = tmp_path / f"{DOMAIN}.{selector}.pem"
    assert line == f"dkim-key {DOMAIN} {selector} {path}" and oct(path.stat().st_mode & 0o777) == "0o600"
    [command] = re.findall(r"^plainpost (.*)$", said, flags=re.M)
    with FakeDns({f"{DOMAIN}": {"A": ["192.0.2.1"]}}) as server_of_names:
        def check(status):
            r = subprocess.run([QUICK, *command.split(), "--dns", server_of_names.server], capture_output=True, text=True)
            assert r.returncode == status and not r.stderr, r.stdout + r.stderr
            return r.stdout
        said = check(1)
        assert "is not in the DNS" in said and record(said.replace("      ", "")) == (selector, public)
        name = f"{selector}._domainkey.{DOMAIN}"
        server_of_names.set({name: {"TXT": [txt(public)]}})
        assert f"The key {name} is published and works." in " ".join(check(0).split())
    server.config.write_text(server.config.read_text() + line + "\n")
    server.run("config", "check")
    server.run("reload")
    server.send(f"bob@{DOMAIN}")
    raw = server.wait_for_mail("bob") and server.mailbox("bob")[0].read_bytes().replace(b"\n", b"\r\n")
    raw = raw[raw.index(b"DKIM-Signature:"):]
    assert dkim.verify(raw, dnsfunc=lambda n, timeout=5: public if n.decode().rstrip(".") == name else None)
    shown = run("show", config=server.config)
    assert record(shown) == (selector, public)
    # The next one says which it takes the place of.
    said = run("new", DOMAIN, *flags, "--selector", "next", config=server.config)
    assert said.count(line + "\n") == 1 and f"dkim-key {DOMAIN} next {tmp_path}/{DOMAIN}.next.pem" in said
    assert "take that line away" in said and "another week" in said


def test_what_is_published_is_judged(tmp_path):
    path = tmp_path / "key.pem"
    public = make_key(path, *RSA).decode()
    other = make_key(tmp_path / "other.pem", *RSA).decode()
    config = tmp_path / "conf"
    config.write_text(f"state {tmp_path}\ndkim-key {DOMAIN} s1 {path}\ndkim-key other.test s1 {path}\n")
    name = f"s1._domainkey.{DOMAIN}"
    cases = [([txt(public)], 0, "is published and works"), ([txt(other)], 1, "Another key is published"),
             ([txt("v=DKIM1; p=")], 1, "revoked"), ([txt(public), txt(other)], 1, "several records"),
             ([txt(public.replace("v=DKIM1", "v=DKIM1; t=y"))], 0, "only being tried"),
             ([txt(public[:300] + " " + public[300:])], 0, "is published and works"),
             ([txt(public[:300])], 1, ""), ([txt(public.replace("k=rsa", "k=ed25519"))], 1, "not of the kind"),
             ([txt("v=spf1 -all")], 1, "can't be used")]
    with FakeDns({}) as names:
        for records, status, says in cases:
            names.set({name: {"TXT": records}, "s1._domainkey.other.test": {"TXT": [txt(public)]}})
            for words in ((DOMAIN,), (DOMAIN, "s1", path)):
                said = run("check", *words, "--dns", names.server, config=config, status=status)
                assert says in " ".join(said.split()), (records, said)
                assert status == 0 or f"\"{public[:100]}" in said, said
        names.set({name: FAIL})
        assert "no answer" in run("check", DOMAIN, "--dns", names.server, config=config, status=1)
        names.set({name: {"TXT": [txt(public)]}, "s1._domainkey.other.test": {"TXT": [txt(public)]}})
        assert "2 things are fine" in run("check", "--dns", names.server, config=config)


def test_what_can_t_be_done_is_told(tmp_path):
    config, taken = tmp_path / "conf", tmp_path / f"{DOMAIN}.s1.pem"
    config.write_text(f"state {tmp_path}\n")
    taken.write_text("mine\n")
    said = run("new", DOMAIN, "--selector", "s1", config=config, status=1)
    assert f"there is a file {taken} already" in said and taken.read_text() == "mine\n"
    assert "can't be used" in run("check", DOMAIN, "s1", taken, config=config, status=1)
    assert "cannot write the key" in run("new", DOMAIN, "--file", tmp_path / "no" / "x", config=config, status=1)
    for words in (("show",), ("check",), ("show", DOMAIN), ("check", DOMAIN)):
        assert "plainpost dkim new" in run(*words, config=config, status=1)
    for words in ((), ("new",), ("new", DOMAIN, "b"), ("old",), ("check", DOMAIN, "s1"), ("new", DOMAIN, "--selector"),
                  ("show", "--dns", "127.0.0.1:53"), ("check", DOMAIN, "s1", taken, "x")):
        assert "use it as: plainpost dkim new" in run(*words, config=config, status=2)
    assert "is no domain" in run("new", "exa mple", config=config, status=2)
    assert "is no selector" in run("new", DOMAIN, "--selector", "a/b", config=config, status=2)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["conf", taken.name]


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_the_key_is_that_of_who_runs_the_server(tmp_path):
    state, keys = tmp_path / "state", tmp_path / "plainpost"
    state.mkdir()
    keys.mkdir()
    os.chown(state, 65534, 65534)
    (tmp_path / "plainpost.conf").write_text(f"state {state}\n")
    said = run("new", "Bücher.example", "--selector", "S1", config=tmp_path / "plainpost.conf")
    path = keys / "xn--bcher-kva.example.s1.pem"
    assert "Only the user nobody can read it" in said and f"is in {path}." in said
    assert (path.stat().st_uid, oct(path.stat().st_mode & 0o777)) == (65534, "0o600")
    assert record(said, "xn--bcher-kva.example")[0] == "s1"
