"""TLS to those where mail goes: what routes demand, and what becomes of mail when it can't be had."""
import re
import ssl

import pytest
from certificates import openssl
from conftest import DOMAIN, wait_for
from hop import Hop
from peer_postfix import Postfix
from test_main_job import text_of
from test_tls import FAR, MX, authority, mx  # noqa: F401, fixtures


def context_for(files):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    return context


@pytest.fixture(scope="session")
def named(authority):  # noqa: F811
    return authority.issue("named", "localhost", "IP:127.0.0.1")


@pytest.fixture
def relay(make_server, authority):  # noqa: F811
    def make(route, options=""):
        return make_server(f"tls-authorities {authority.certificate}\nretry-first 1s\nretry-max 1s\n"
                           f"route far.test {route}\n{options}")
    return make


def goes(s, hop):
    queue_id = s.send(FAR)
    wait_for("the mail at the hop", lambda: hop.taken)
    return queue_id, s.wait_for_word(queue_id, "relayed to")


@pytest.mark.parametrize("words, is_secure", [("", True), (" tls required", True), (" tls verified", True),
                                              (" tls off", False)])
def test_mail_goes_by_starttls(relay, named, words, is_secure):
    with Hop(tls=context_for(named)) as hop:
        s = relay(f"localhost:{hop.port}{words}")
        queue_id, story = goes(s, hop)
        assert hop.secure == [is_secure]
        assert hop.names == (["localhost"] if is_secure else [])
        assert ('tls="TLS 1.3' in s.log.read_text()) == is_secure
        assert ("by TLS 1.3" in story) == is_secure


@pytest.mark.parametrize("words", [" tls implicit", " tls implicit-unverified"])
def test_mail_goes_by_tls_from_the_first_byte(relay, named, words):
    with Hop(tls=context_for(named), implicit=True) as hop:
        goes(relay(f"127.0.0.1:{hop.port}{words}"), hop)
        assert hop.secure == [True]
        assert hop.names == [None]  # an address is no name


def test_more_messages_go_over_one_secure_connection(relay, named):
    with Hop(tls=context_for(named), delay=0.05) as hop:
        s = relay(f"localhost:{hop.port} tls verified", "destination-concurrency 1")
        for _ in range(10):
            s.send(FAR, body=("y" * 70 + "\r\n") * 3000)
        wait_for("all of it", lambda: len(hop.taken) == 10)
        assert hop.secure == [True] * 10 and hop.connections < 10
        assert all(len(t.content) > 210000 for t in hop.taken)


def test_a_session_is_begun_again(relay, named, authority):  # noqa: F811
    """The second connection to a server costs it no signature; that by another route, none."""
    with Hop(tls=context_for(named)) as hop:
        s = relay(f"localhost:{hop.port} tls verified",
                  f"loops 1\nidle-connection 100ms\nroute other.test localhost:{hop.port} tls required")
        for count, to in enumerate([FAR, FAR, FAR, "carol@other.test", "carol@other.test"], 1):
            s.send(to)
            wait_for("the mail at the hop", lambda: len(hop.taken) == count)
            wait_for("the end of the connection", lambda: not hop.open)
        assert hop.connections == 5 and hop.resumed == [False, True, True, False, True]


@pytest.mark.parametrize("tls, words, why", [
    (None, "required", "the server offers no TLS, which this route demands"),
    ("broken", "required", "an encrypted connection, which this route demands, did not come about"),
    ("unnamed", "verified", "its certificate is not trusted: hostname mismatch"),
    ("selfmade", "verified", "its certificate is not trusted: self-signed certificate"),
    ("over", "verified", "its certificate is not trusted: certificate has expired"),
    ("selfmade", "implicit", "its certificate is not trusted: self-signed certificate"),
    (None, "implicit", "an encrypted connection, which this route demands, did not come about"),
])
def test_what_the_route_demands_is_kept_to(relay, authority, named, tmp_path, tls, words, why):  # noqa: F811
    files = named
    if tls == "unnamed":
        files = authority.issue("unnamed", "elsewhere.test")
    if tls == "over":
        files = authority.issue("out", "localhost", days=-1)
    if tls == "selfmade":
        files = tmp_path / "s.pem", tmp_path / "s.key"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost", "-keyout", files[1], "-out", files[0])
    context = tls if tls in (None, "broken") else context_for(files)
    with Hop(tls=context, implicit=words == "implicit" and tls is not None) as hop:
        s = relay(f"localhost:{hop.port} tls {words}", "expire 3s")
        queue_id = s.send(FAR)
        wait_for("an attempt", lambda: why in " ".join(s.run("trace", queue_id, check=False).stdout.split()))
        notice, = s.wait_for_mail("alice", seconds=30)
        assert why in " ".join(text_of(notice).replace("\n> ", " ").split())
        assert not hop.attempts and not hop.commands and not hop.taken, "not even the envelope is told in plain text"


def test_without_a_demand_a_broken_handshake_is_no_hindrance(relay):
    with Hop(tls="broken") as hop:
        s = relay(f"localhost:{hop.port}")
        goes(s, hop)
        assert hop.connections == 2 and hop.secure == [False]
        assert re.search(r'tls-failed host=localhost .*then="the mail goes in plain text', s.log.read_text())


def test_without_a_demand_a_refused_starttls_is_no_hindrance(relay, named):
    with Hop(tls=context_for(named), starttls=b"454 4.7.0 not now\r\n") as hop:
        s = relay(f"localhost:{hop.port}")
        goes(s, hop)
        assert hop.connections == 1 and hop.secure == [False]


def test_what_stands_behind_the_reply_to_starttls_ends_the_connection(relay, named):
    with Hop(tls=context_for(named), injected=b"250-hop.test\r\n250 PIPELINING\r\n") as hop:
        s = relay(f"localhost:{hop.port}")
        queue_id = s.send(FAR)
        wait_for("an attempt",
                 lambda: "as if somebody on the way" in " ".join(s.run("trace", queue_id, check=False).stdout.split()))
        assert not hop.attempts and not hop.taken


def test_mail_goes_to_postfix_by_tls(relay, authority, named, tmp_path_factory):  # noqa: F811
    authority.issue("mx", MX, "localhost")
    postfix = Postfix(tmp_path_factory.mktemp("postfix"), tls=authority.folder)
    try:
        s = relay("127.0.0.1:1", f"route relay.test localhost:{postfix.port} tls verified\n"
                  f"tls-certificate {named[0]} {named[1]}\n")
        s.wait_for_word(s.send("u0@relay.test"), "by TLS 1.3")
        message, = postfix.wait_for_mail("u0")
        assert "using TLSv1.3 with cipher" in str(message["Received"])
        with s.client() as c:  # Postfix does not know REQUIRETLS
            c.starttls()
            c.sendmail(f"alice@{DOMAIN}", ["u1@relay.test"], "Subject: secret\r\n\r\nx\r\n", ["REQUIRETLS"])
        notice, = s.wait_for_mail("alice")
        assert "Status: 5.7.30\n" in notice.as_string() and not postfix.files("u1")
    finally:
        postfix.stop()
