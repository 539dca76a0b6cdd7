"""Certificates that come by themselves (ACME), from Debian's pebble by Debian's uacme; mail clients see the new ones."""
import json
import re
import socket
import ssl
import stat
import subprocess
import time

import pytest

import peer_pebble
from certificates import Authority
from conftest import DOMAIN, Server, free_port, wait_for
from talk import Talk

MX, MAIL = f"mx.{DOMAIN}", f"mail.{DOMAIN}"
pytestmark = pytest.mark.skipif(peer_pebble.why_not() is not None, reason=str(peer_pebble.why_not()))


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def pebble_of(tmp_path, authority):
    made = []

    def make(**arguments):
        made.append(peer_pebble.Pebble(tmp_path, authority, **arguments))
        return made[-1]
    yield make
    for p in made:
        p.stop()


@pytest.fixture
def pebble(pebble_of):
    return pebble_of()


def seen(port, root, name=MX, implicit=False):
    """The certificate that a client gets, which trusts the authority and nobody else: (serial, names, end)."""
    context = ssl.create_default_context(cafile=root)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as c:
        if not implicit:
            talk = Talk.__new__(Talk)
            talk.socket, talk.kept = c, b""
            talk.read()
            talk.say("EHLO client.test")
            talk.say("STARTTLS").must_be(220, "2.0.0")
        with context.wrap_socket(c, server_hostname=name) as tls:
            it = tls.getpeercert()
            names = {n for kind, n in it["subjectAltName"] if kind == "DNS"}
            return it["serialNumber"], names, ssl.cert_time_to_seconds(it["notAfter"])


def listed(s):
    return [json.loads(line) for line in s.run("certificate", "ls", "--json").splitlines()]


def renewed(s, count=1):
    wait_for(f"{count} certificates", lambda: s.log.read_text().count("certificate-renewed") >= count)


def test_a_certificate_comes_is_used_and_is_renewed(make_server, pebble, tmp_path):
    implicit, figures = free_port(), free_port()
    s = make_server(pebble.options + f"acme-certificate {MX} {MAIL}\nacme-account postmaster@{DOMAIN}\n"
                    f"listen 127.0.0.1:{implicit} tls implicit\nmetrics 127.0.0.1:{figures}", prefix=pebble.prefix)
    renewed(s)
    root = pebble.root()
    first = seen(s.port, root)
    assert first[1] == {MX, MAIL} and seen(implicit, root, MAIL, implicit=True) == first
    with Talk(s) as here:  # who is here stays, while the certificate is another
        [it] = listed(s)
        assert it["in_use"] and it["acme"] and it["names"] == [MX, MAIL] and it["key"] == "ECDSA P-256"
        assert it["issuer"].startswith("Pebble Intermediate") and not it["under_way"] and "why" not in it
        days = (first[2] - time.time()) / 86400
        assert 89 < days < 91
        assert 29.9 < (first[2] - time.mktime(time.strptime(it["renews"][:19], "%Y-%m-%dT%H:%M:%S")) +
                       time.timezone) / 86400 < 30.1
        said = s.run("certificate", "ls")
        assert f"{MX} {MAIL}\n" in said and "for another 2 months" in said or "for another 89 days" in said, said
        key = re.search(r"(\S+)/cert.pem", it["file"])[1].rsplit("/", 1)
        key = f"{key[0]}/private/{key[1]}/key.pem"
        before = open(key).read()
        assert f"{MX} {MAIL}: a new certificate is in use, valid until" in s.run("certificate", "renew", MAIL)
        second = seen(s.port, root)
        assert second[0] != first[0] and second[1] == first[1]
        assert open(key).read() == before, "what the DNS says of the key stays right"
        assert here.say("EHLO x").code == 250
    lines = subprocess.run(["curl", "-s", f"http://127.0.0.1:{figures}/metrics"], capture_output=True, text=True).stdout
    assert 'plainpost_certificate_orders_total{result="issued"} 2' in lines
    assert re.search(r"^plainpost_certificate_ends_seconds \d+", lines, re.M)
    for path in (s.state / "acme").rglob("*"):  # of all that lies there nobody else reads a byte
        assert path.is_symlink() or stat.S_IMODE(path.stat().st_mode) & 0o77 == 0 or path.is_dir(), path
        assert not path.is_dir() or stat.S_IMODE(path.stat().st_mode) == 0o700, path
    assert stat.S_IMODE((s.state / "acme").stat().st_mode) == 0o700
    assert not list((s.state / "acme" / "challenges").iterdir())
    r = s.run("certificate", "renew", "other.test", check=False)
    assert r.returncode == 1 and "no acme-certificate has the name other.test" in r.stderr
    assert s.stop() == 0
    s.start()  # with the certificate that it has: nobody is asked
    assert seen(s.port, root) == second
    assert not listed(s)[0]["under_way"] and s.log.read_text().count("certificate-renewed") == 2


def test_it_is_renewed_in_time_by_itself(make_server, pebble_of):
    pebble = pebble_of(life=6, bad_nonces=20)
    s = make_server(pebble.options + f"acme-certificate {MX}", prefix=pebble.prefix)
    renewed(s)
    first = seen(s.port, pebble.root())
    renewed(s, 2)
    second = seen(s.port, pebble.root())
    assert second[0] != first[0] and 3 <= second[2] - first[2] <= 6, "when a third of its life was left"


def test_what_keeps_it_from_coming_is_told_and_not_asked_for_too_often(make_server, pebble, tmp_path):
    implicit, required = free_port(), free_port()
    wrong = free_port()
    s = make_server(pebble.options.replace(str(pebble.http), str(wrong)) + f"acme-certificate {MX}\n"
                    f"listen 127.0.0.1:{implicit} tls implicit\nlisten 127.0.0.1:{required} tls required",
                    prefix=pebble.prefix)
    log = wait_for("the log", lambda: "certificate-not-renewed" in (t := s.log.read_text()) and t)
    assert re.search(rf'warning certificate-missing names={MX} ', log)
    assert re.search(rf'error certificate-not-renewed names={MX} text="the authority could not reach this server at port '
                     r'80 of the name; .* it says: .*connection refused; it is tried again on .*', log), log
    with Talk(s) as t:
        assert "STARTTLS" not in t.say("EHLO x").text
        t.say("STARTTLS").must_be(454, "4.7.0", "has not come yet")
        t.mail()
        t.data().must_be(250, "2.0.0")
    ordinary, s.port = s.port, required
    with Talk(s) as t:
        t.say("MAIL FROM:<x@example.org>").must_be(454, "4.7.0", "has not come yet")
    s.port = ordinary
    with socket.create_connection(("127.0.0.1", implicit), timeout=20) as c:
        assert c.recv(100) == b""
    [it] = listed(s)
    assert not it["in_use"] and it["failures"] == 1 and "could not reach" in it["why"]
    assert "It has not come yet." in s.run("certificate", "ls")
    s.stop()
    s.start()  # a restart is no reason to ask again
    assert not listed(s)[0]["under_way"] and s.log.read_text().count("certificate-not-renewed") == 1
    r = s.run("certificate", "renew", check=False)
    assert r.returncode == 1 and "could not reach" in r.stderr
    assert listed(s)[0]["failures"] == 2
    s.config.write_text(s.config.read_text().replace(str(wrong), str(pebble.http)))
    s.run("reload")
    assert listed(s)[0]["failures"] == 2, "it is the same wish"
    assert "a new certificate is in use" in s.run("certificate", "renew")
    seen(s.port, pebble.root())
    seen(implicit, pebble.root(), implicit=True)
    s.config.write_text(s.config.read_text().replace(f"acme-certificate {MX}", f"acme-certificate {MX} {MAIL}"))
    s.run("reload")
    renewed(s, 2)
    assert seen(s.port, pebble.root(), MAIL)[1] == {MX, MAIL}


def test_what_it_needs_and_has_not_is_told(make_server, tmp_path, pebble):
    hidden = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /usr/bin && exec "$@"', "sh"]
    s = make_server(pebble.options + f"acme-certificate {MX}", prefix=hidden)
    wait_for("the log", lambda: "certificate-not-renewed" in s.log.read_text())
    assert "please install it: apt-get install uacme" in s.log.read_text()
    s.config.write_text(s.config.read_text().replace("acme-terms agreed", "acme-terms undecided"))
    r = s.run("reload", check=False)
    assert r.returncode == 1 and "write: acme-terms agreed" in r.stderr


def test_nothing_else_is_answered_there(make_server, pebble):
    s = make_server(pebble.options + f"acme-certificate {MX}", prefix=pebble.prefix)
    renewed(s)
    (s.state / "acme" / "challenges" / "known").write_text("known.answer")
    (s.state / "acme" / "secret").write_text("a key")

    def get(path, *words):
        r = subprocess.run(["curl", "-s", "-i", "--path-as-is", *words, f"http://127.0.0.1:{pebble.http}{path}"],
                           capture_output=True, text=True, timeout=20)
        return r.stdout.split("\n")[0], r.stdout.split("\n\n", 1)[1]
    well_known = "/.well-known/acme-challenge/"
    assert get(well_known + "known") == ("HTTP/1.1 200 OK", "known.answer")
    for path in ("/", "/metrics", well_known, well_known + "unknown", well_known + "../secret",
                 well_known + "%2e%2e%2fsecret", "/known", "/.well-known/acme-challenge"):
        line, text = get(path)
        assert "404" in line and "There is nothing here" in text, path
    assert "405" in get(well_known + "known", "-X", "POST", "-d", "x")[0]
