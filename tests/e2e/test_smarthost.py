"""Logging in at a next hop: Postfix, whose users Dovecot knows, and servers that can't be trusted with a password."""
import base64
import re
import subprocess

import pytest

import peer_dns
import peer_dovecot
from conftest import wait_for
from hop import Hop
from peer_postfix import Postfix
from test_tls import authority  # noqa: F401, a fixture
from test_tls_out import context_for

pytestmark = pytest.mark.skipif(peer_dovecot.why_not() is not None, reason=str(peer_dovecot.why_not()))

US, PASSWORD = "relay@example.org", "a sesame, open"
PLAIN = "AUTH PLAIN " + base64.b64encode(f"\0{US}\0{PASSWORD}".encode()).decode()
MAIN_CF = """compatibility_level = 3.6
myhostname = smarthost.test
mydestination =
mynetworks =
default_transport = discard
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{port}
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions =
"""


class Smarthost:
    def __init__(self, work, authority, mechanisms):  # noqa: F811
        authority.issue("mx", "localhost")
        self.mechanisms = mechanisms
        self.dovecot = peer_dovecot.Dovecot({US: None}, passwords={US: PASSWORD}, mechanisms=mechanisms)
        (work / "conf").mkdir()
        (work / "conf" / "main.cf").write_text(MAIN_CF.format(port=self.dovecot.auth_port))
        (work / "conf" / "passwd").write_text("root:x:0:0::/root:/bin/sh\n")
        self.postfix = Postfix(work / "postfix", conf=work / "conf", tls=authority.folder)

    def stop(self):
        self.postfix.stop()
        self.dovecot.stop()


@pytest.fixture(scope="module", params=["scram-sha-256 plain login", "plain login", "login"])
def smarthost(request, authority, tmp_path_factory):  # noqa: F811
    s = Smarthost(tmp_path_factory.mktemp("smarthost"), authority, request.param)
    yield s
    s.stop()


@pytest.fixture
def relay(make_server, authority, tmp_path):  # noqa: F811
    """A server whose mail goes this way, and that has a password for it."""
    file = tmp_path / "next-hop-logins"

    def make(route, password=PASSWORD, host="localhost", options=""):
        file.touch(mode=0o600)
        file.write_text(f"# ours\n{host} {US} {password}\n")
        server = make_server(f"tls-authorities {authority.certificate}\nretry-first 1s\nretry-max 1s\n"
                             f"next-hop-logins {file}\nroute * {route} login {US}\n{options}")
        server.passwords = file
        return server
    return make


def story(server, queue_id):
    return " ".join(server.run("trace", queue_id, check=False).stdout.split())


def secrets(password):
    return password, base64.b64encode(password.encode()).decode()[:-4], PLAIN.split()[2]


def is_nowhere(server, password):
    for file in [server.log, *(f for f in server.state.rglob("*") if f.is_file())]:
        for secret in secrets(password):
            assert secret.encode() not in file.read_bytes(), file


def test_postfix_lets_us_in(smarthost, relay):
    method = {"s": "SCRAM-SHA-256", "p": "PLAIN", "l": "LOGIN"}[smarthost.mechanisms[0]]
    s = relay(f"localhost:{smarthost.postfix.port}", options="destination-concurrency 1\nloops 1")
    connections = smarthost.postfix.log().count("]: connect from")
    ids = [s.send(f"u{i}@far.test") for i in range(5)]
    for queue_id in ids:
        s.wait_for_word(queue_id, "relayed to")
    assert f"by TLS 1.3 (verified), logged in as {US}, which took it: 250" in story(s, ids[0])
    assert re.search(f'relayed id={ids[0]} .*tls="TLS 1.3 .verified." login={US}', s.log.read_text())
    log = smarthost.postfix.log()
    assert f"sasl_method={method}, sasl_username={US}" in log, log[-3000:]
    assert log.count(f"sasl_username={US}") == 5
    assert log.count("]: connect from") == connections + 1, "logged in once, for all of them"
    is_nowhere(s, PASSWORD)


@pytest.mark.parametrize("smarthost", ["scram-sha-256 plain login"], indirect=True)
def test_a_wrong_password_brings_no_mail_back(smarthost, relay):
    s = relay(f"localhost:{smarthost.postfix.port}", password="xyzzy plugh")
    before = smarthost.postfix.log().count("authentication failed")
    queue_id = s.send("carol@far.test")
    wait_for("an attempt", lambda: "authentication failed" in story(s, queue_id))
    told = story(s, queue_id)
    assert "Your own mail server is not set up rightly" in told, told
    assert f"this server logs in there as {US}, and was not let in: 535 5.7.8 Error: authentication failed" in told
    wait_for("the next attempt", lambda: story(s, queue_id).count("was not let in") > 1)
    assert smarthost.postfix.log().count("authentication failed") == before + 1, "it tries again and again"
    assert re.search(rf"login-failed host=localhost .*login={US} text=.*535 5.7.8.* rests_s=300", s.log.read_text())
    is_nowhere(s, "xyzzy plugh")
    s.passwords.write_text(f"localhost {US} {PASSWORD}\n")
    wait_for("the mail", lambda: f"logged in as {US}" in story(s, queue_id))
    assert "next-hop-logins-read" in s.log.read_text()


def test_what_is_wrong_with_the_file_is_told(relay, tmp_path):
    s = relay("localhost:587")
    s.passwords.chmod(0o644)
    r = s.run("config", "check", check=False)
    assert r.returncode == 1 and f"can be read or written by others: chmod 600 {s.passwords}" in r.stderr
    s.passwords.chmod(0o600)
    s.passwords.write_text(f"elsewhere.test {US} {PASSWORD}\n")
    r = s.run("config", "check", check=False)
    assert f"has no password of {US} for localhost" in r.stderr and PASSWORD not in r.stderr
    s.passwords.write_text(f"localhost:587 {US} {PASSWORD}\n")
    assert "fine" in s.run("config", "check")


HERE, ABROAD = "127.0.0.1", "192.0.2.7"


@pytest.mark.parametrize("address, words, offer, has_tls, fate", [
    (ABROAD, "tls off", "AUTH PLAIN LOGIN", False, "would show the password on a connection that is not encrypted"),
    (ABROAD, "tls opportunistic", "AUTH PLAIN", True, "to a server that has not shown who it is"),
    (ABROAD, "tls required", "AUTH PLAIN", True, ""),
    (ABROAD, "tls verified", "AUTH PLAIN", True, ""),
    (ABROAD, "tls verified", "AUTH SCRAM-SHA-256", True, "it let us in, but could not show that it knows the password"),
    (ABROAD, "tls verified", "AUTH GSSAPI CRAM-MD5", True, "no way to log in that this server knows: GSSAPI CRAM-MD5"),
    (ABROAD, "tls verified", "SIZE", True, "it takes no logins on this connection"),
    (ABROAD, "", "AUTH PLAIN", False, "the server offers no TLS, which this route demands"),
    (HERE, "tls off", "AUTH PLAIN", False, ""),
])
def test_the_password_is_shown_to_the_right_server_alone(relay, authority, address, words, offer, has_tls,  # noqa: F811
                                                         fate):
    certificate = authority.issue("abroad", f"IP:{ABROAD}")
    with peer_dns.own_network():
        subprocess.run(["ip", "address", "add", f"{ABROAD}/32", "dev", "lo"], check=True)
        with Hop(tls=context_for(certificate) if has_tls else None, extensions=("PIPELINING", offer),
                 address=address) as hop:
            s = relay(f"{address}:{hop.port} {words}", host=address)
            queue_id = s.send("carol@far.test")
            if fate:
                wait_for("an attempt", lambda: fate in story(s, queue_id))
                assert not [line for line in hop.logins if "PLAIN" in line] and not hop.commands
            else:
                wait_for("the mail", lambda: f"logged in as {US}" in story(s, queue_id))
                assert hop.logins == [PLAIN]
            is_nowhere(s, PASSWORD)
            s.stop()
