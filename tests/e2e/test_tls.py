"""TLS for those who come. The peers are openssl s_client, swaks, sslscan, Python's ssl and Debian's Postfix; and
somebody on the way, who puts plain text before the handshake."""
import contextlib
import re
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import time

import pytest
from certificates import Authority, fingerprint
from conftest import DOMAIN, answers, free_port, wait_for
from peer_postfix import Postfix
from talk import Talk
from test_peers import swaks

MX = f"mx.{DOMAIN}"
FAR = "carol@far.test"


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def mx(authority):
    return authority.issue("mx", MX)


@pytest.fixture
def serve(make_server, mx):
    """A server with the certificate of its name, and whatever else the options say."""
    def make(options=""):
        return make_server(f"tls-certificate {mx[0]} {mx[1]}\nretry-first 1s\n{options}")
    return make


def trusting(authority, checks_name=True):
    context = ssl.create_default_context(cafile=authority.certificate)
    context.check_hostname = checks_name
    return context


def s_client(port, *words, text="QUIT\r\n"):
    """What openssl says when it connects, and then says this."""
    r = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-ign_eof", *words],
                       input=text.encode(), capture_output=True, timeout=30)
    return (r.stdout + r.stderr).decode(errors="replace")


def secure(talk, authority, name=MX, context=None):
    """The rest of the talk is by TLS."""
    assert talk.say("STARTTLS").code == 220
    talk.socket = (context or trusting(authority)).wrap_socket(talk.socket, server_hostname=name)


def received(server, user="bob"):
    message, = server.wait_for_mail(user)
    return " ".join(message["Received"].split())


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_mail_comes_by_starttls(serve, version):
    s = serve()
    r = swaks(s, "--tls", "--tls-protocol", f"tlsv{version.replace('.', '_')}", sender="x@example.org")
    assert r.returncode == 0, r.stdout + r.stderr
    assert re.search(rf"with ESMTPS \(TLS{version} [A-Z0-9_-]+\) id ", received(s))
    assert re.search(rf'accepted id=\S+ client=127.0.0.1 tls="TLS{version} ', s.log.read_text())


def test_old_versions_and_weak_ciphers_are_refused(serve):
    s = serve()
    weak = "ALL:@SECLEVEL=0"
    for words in (("-tls1_1", "-cipher", weak), ("-tls1", "-cipher", weak), ("-tls1_2", "-cipher", "AES128-SHA"),
                  ("-tls1_2", "-cipher", "DHE-RSA-AES256-GCM-SHA384"), ("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA")):
        text = s_client(s.port, "-starttls", "smtp", *words)
        assert "Cipher is (NONE)" in text and "alert" in text, text
    assert "New, TLSv1.2, Cipher is ECDHE-ECDSA-" in s_client(s.port, "-starttls", "smtp", "-tls1_2"), "the control"
    assert "tls-failed client=127.0.0.1 text=" in s.log.read_text()


def test_tls_from_the_first_byte(serve, authority):
    port = free_port()
    s = serve(f"listen 127.0.0.1:{port} tls implicit")
    with smtplib.SMTP_SSL("localhost", port, context=trusting(authority, False), timeout=20) as client:
        assert client.ehlo()[0] == 250 and not client.has_extn("starttls")
        client.sendmail("x@example.org", f"bob@{DOMAIN}", b"Subject: x\r\n\r\nx\r\n")
    assert "with ESMTPS (TLS1.3 " in received(s)


def test_proxies_stand_before_tls(serve, authority):
    port = free_port()
    serve(f"listen 127.0.0.1:{port} tls implicit proxy 127.0.0.1")
    with socket.create_connection(("127.0.0.1", port), timeout=20) as c:
        to, out = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = trusting(authority).wrap_bio(to, out, server_hostname=MX)
        with pytest.raises(ssl.SSLWantReadError):
            tls.do_handshake()
        c.sendall(b"PROXY TCP4 192.0.2.9 192.0.2.1 40000 465\r\n" + out.read())  # in one packet
        said = b""
        while b"ESMTP" not in said:
            more = c.recv(65536)
            assert more, said
            to.write(more)
            try:
                tls.do_handshake()
                c.sendall(out.read())
                said += tls.read()
            except ssl.SSLWantReadError:
                pass
        assert said.startswith(f"220 {MX}".encode())


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_command_comes_with_the_end_of_the_handshake(serve, authority, version):
    s = serve()
    context = trusting(authority)
    context.maximum_version = version
    with Talk(s) as t:
        assert t.say("STARTTLS").code == 220
        to, out = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(to, out, server_hostname=MX)
        is_done = False
        while not is_done:
            try:
                tls.do_handshake()
                is_done = True
            except ssl.SSLWantReadError:
                t.socket.sendall(out.read())
                to.write(t.socket.recv(65536))
        tls.write(b"EHLO client.test\r\n")
        t.socket.sendall(out.read())  # with TLS 1.3: in one packet
        said = b""
        while b"250 HELP" not in said:
            to.write(t.socket.recv(65536))
            with contextlib.suppress(ssl.SSLWantReadError):
                said += tls.read()


def test_clients_have_to_wait_for_the_greeting(serve, authority):
    port = free_port()
    serve(f"listen 127.0.0.1:{port} tls implicit trusted none\ngreet-delay 2s")
    for early, code in ((b"", b"220"), (b"EHLO client.test\r\n", b"554")):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as c:
            tls = trusting(authority).wrap_socket(c, server_hostname=MX)
            if early:
                tls.sendall(early)
            assert tls.recv(100).startswith(code)


def test_the_certificate_has_the_name_that_the_client_wants(serve, authority):
    other, key = authority.issue("other", "*.other.test", "third.test", kind="rsa")
    s = serve(f"tls-certificate {other} {key}")
    for wanted, got in ((MX, MX), ("a.other.test", "*.other.test"), ("third.test", "*.other.test"),
                        ("a.b.other.test", MX), ("unknown.test", MX), (None, MX)):
        text = s_client(s.port, "-starttls", "smtp", *(["-servername", wanted] if wanted else ["-noservername"]))
        assert f"subject=CN = {got}\n" in text, (wanted, text)


def test_a_client_gets_the_kind_of_key_that_it_can_do_with(serve, authority):
    certificate, key = authority.issue("rsa", MX, kind="rsa")
    s = serve(f"tls-certificate {certificate} {key}")
    for cipher, signature in (("ECDHE-RSA-AES128-GCM-SHA256", "RSA"), ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDSA")):
        text = s_client(s.port, "-starttls", "smtp", "-tls1_2", "-cipher", cipher)
        assert f"Cipher is {cipher}" in text and f"Peer signature type: {signature}" in text, text


def test_a_session_is_begun_again(serve, tmp_path):
    s = serve()
    text = "EHLO a.example\r\nQUIT\r\n"
    for version in ("-tls1_2", "-tls1_3"):
        words = ("-starttls", "smtp", version)
        assert "New, TLSv" in s_client(s.port, *words, "-sess_out", tmp_path / "session", text=text)
        assert "Reused, TLSv" in s_client(s.port, *words, "-sess_in", tmp_path / "session", text=text)
    s.process.send_signal(signal.SIGHUP)
    wait_for("the reload", lambda: "configuration-read" in s.log.read_text())
    assert "Reused, TLSv" in s_client(s.port, *words, "-sess_in", tmp_path / "session", text=text)


def test_renegotiation_and_compression_are_refused(serve):
    s = serve()
    client = subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{s.port}", "-starttls", "smtp",
                               "-tls1_2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines = iter(client.stdout.readline, b"")
    said = b""
    for line in lines:
        said += line
        if b"Extended master secret" in line:
            break
    client.stdin.write(b"R\n")
    client.stdin.flush()
    said += client.communicate(timeout=20)[0]
    assert b"no renegotiation" in said and b"Compression: NONE" in said, said


# ---- somebody on the way

def test_nothing_said_before_the_handshake_counts(serve, authority):
    s = serve()
    with Talk(s) as t:
        t.mail()
        secure(t, authority)
        t.say("RCPT TO:<carol@home.test>").must_be(503, "5.5.1")
        t.say("EHLO client.test")
        t.say("DATA").must_be(503, "5.5.1")
        t.say("STARTTLS").must_be(503, "5.5.1", "encrypted already")
        t.mail()
        t.data().must_be(250, "2.0.0")


@pytest.mark.parametrize("behind", ["RSET\r\n", "MAIL FROM:<evil@example.org>\r\nRCPT TO:<bob@home.test>\r\n", "\x16"])
def test_what_stands_behind_starttls_ends_the_session(serve, behind):
    s = serve()
    with Talk(s) as t:
        t.send("STARTTLS\r\n" + behind)
        t.read().must_be(554, "5.5.0", "without waiting")
        t.must_be_closed()


def test_what_comes_late_behind_starttls_is_no_command(serve):
    s = serve()
    with Talk(s) as t:
        assert t.say("STARTTLS").code == 220
        t.send("MAIL FROM:<evil@example.org>\r\n")
        said = b""
        try:
            while more := t.socket.recv(65536):
                said += more
        except ConnectionResetError:
            pass
        assert said[:1] in (b"", b"\x15"), said  # an alert of TLS, or nothing
    wait_for("the log", lambda: "tls-failed" in s.log.read_text())


def test_a_front_end_encrypts_before_it_tells_of_others(serve, authority):
    port = free_port()
    s = serve(f"listen 127.0.0.1:{port} xclient 127.0.0.1")
    s.port = port
    with Talk(s) as t:
        secure(t, authority)
        t.say("EHLO front.test")
        assert t.say("XCLIENT ADDR=192.0.2.9 NAME=far.example").code == 220
        t.say("EHLO far.example")
        t.mail()
        t.data().must_be(250, "2.0.0")
    field = received(s)
    assert "far.example [192.0.2.9]" in field and "TLS" not in field  # that was the front end's
    with Talk(s) as t:
        assert t.say("XCLIENT ADDR=192.0.2.9").code == 220
        t.say("STARTTLS").must_be(503, "5.5.1", "before XCLIENT")


# ---- settings

def test_mail_may_need_tls(serve, authority):
    port = free_port()
    s = serve(f"listen 127.0.0.1:{port} tls required")
    s.port = port
    with Talk(s) as t:
        t.say("MAIL FROM:<x@example.org>").must_be(530, "5.7.0", "STARTTLS")
        secure(t, authority)
        t.say("EHLO client.test")
        t.mail()
        t.data().must_be(250, "2.0.0")


def test_a_client_shows_a_certificate_that_is_trusted(serve, authority):
    client, key = authority.issue("client", "client.test")
    stranger, stranger_key = authority.issue("stranger", "stranger.test")
    s = serve(f"trusted 192.0.2.1\nroute * 127.0.0.1:1\ntrusted-certificate {fingerprint(client)}")

    def answer(files):
        with Talk(s) as t:
            context = trusting(authority)
            if files:
                context.load_cert_chain(*files)
            secure(t, authority, context=context)
            t.say("EHLO client.test")
            assert t.say("MAIL FROM:<x@example.org>").code == 250
            reply = t.say(f"RCPT TO:<{FAR}>")
            if reply.code == 250:
                t.data().must_be(250, "2.0.0")
            return reply.code
    assert answer((client, key)) == 250
    assert answer((stranger, stranger_key)) == 550
    assert answer(None) == 550
    assert f"certificate={fingerprint(client).replace(':', '').lower()}" in s.log.read_text()


def test_wrong_files_are_told_of(make_server, authority, mx, tmp_path):
    _, other = authority.issue("unlike", "unlike.test")
    s = make_server()
    for line, words in ((f"tls-certificate {tmp_path}/none.pem", "none.pem can't be read: No such file"),
                        (f"tls-certificate {mx[0]} {other}", "does not belong to the certificate in"),
                        (f"tls-certificate {mx[1]}", "no certificate is in"),
                        (f"tls-authorities {mx[1]}", "no certificates are in")):
        text = s.config.read_text()
        s.config.write_text(text + line + "\n")
        for command in (("reload",), ("config", "check")):
            r = s.run(*command, check=False)
            assert r.returncode and words in r.stdout + r.stderr, (line, r.stdout + r.stderr)
        s.config.write_text(text)
    assert answers(s.port)


def test_a_renewed_certificate_counts_after_a_reload(serve, authority, tmp_path):
    a, key = authority.issue("a", "a.test")
    b, other_key = authority.issue("b", "b.test")
    certificate, its_key = tmp_path / "it.pem", tmp_path / "it.key"
    shutil.copy(a, certificate)
    shutil.copy(key, its_key)
    port = free_port()
    s = serve(f"listen 127.0.0.1:{port} tls implicit\ntls-certificate {certificate} {its_key}")

    def subject(name):
        return re.search(r"subject=CN = (\S+)", s_client(port, "-servername", name))[1]
    assert subject("a.test") == "a.test" and subject("b.test") == MX
    with trusting(authority).wrap_socket(socket.create_connection(("127.0.0.1", port)),
                                         server_hostname="a.test") as before:
        assert before.recv(100).startswith(b"220 ")
        shutil.copy(b, certificate)  # but not its key
        assert s.run("reload", check=False).returncode
        assert subject("a.test") == "a.test"
        shutil.copy(other_key, its_key)
        s.run("reload")
        assert subject("b.test") == "b.test" and subject("a.test") == MX
        before.sendall(b"QUIT\r\n")
        assert before.recv(100).startswith(b"221 ")


def test_a_certificate_that_ends_soon_is_told_of(make_server, authority):
    ends, key = authority.issue("ends", "ends.test", days=5, begun=80)
    near, near_key = authority.issue("near", "near.test", days=2, begun=80)
    over, over_key = authority.issue("over", "over.test", days=-1)
    fine, fine_key = authority.issue("fine", "fine.test", days=60)
    port = free_port()
    s = make_server(f"tls-certificate {fine} {fine_key}\ntls-certificate {ends} {key}\n"
                    f"tls-certificate {over} {over_key}\ntls-certificate {near} {near_key}\nmetrics 127.0.0.1:{port}")

    def told():
        return s.log.read_text().count(f"certificate-ends file={ends} ")
    log = wait_for("the log", lambda: (text := s.log.read_text()).count(" certificate-ends ") == 3 and text)
    assert re.search(rf'warning certificate-ends file={ends} .*valid until ... \d+ ... \d{{4}}, [0-9:]+ \(UTC\)', log), log
    assert re.search(rf'error certificate-ends file={near} .*valid until .*not a moment longer', log), log
    assert re.search(rf'error certificate-ends file={over} .*not valid any more', log), log
    assert f"certificate-ends file={fine}" not in log
    assert told() == 1
    s.run("reload")
    wait_for("the warning", lambda: told() == 2)
    figures = subprocess.run(["curl", "-s", f"http://127.0.0.1:{port}/metrics"], capture_output=True, text=True).stdout
    first, = re.findall(r"^plainpost_certificate_ends_seconds (\S+)", figures, re.M)
    assert -2 * 86400 < float(first) - time.time() <= 0
    for what in (s.send(f"bob@{DOMAIN}"), "nobody@far.test"):  # also when nothing came: that may be why
        notes = s.run("trace", what, check=False).stderr
        assert re.search(rf"Note: the certificate of this server in {ends} ends in [45] days, on ", notes), notes
        assert f"in {over} is over since" in notes and str(fine) not in notes and "plainpost reload" in notes
    assert "Note:" not in s.run("trace", "--json", f"bob@{DOMAIN}", check=False).stderr


# ---- those who look at it

STRONG = re.compile(r"TLS_(AES|CHACHA20)_|ECDHE-(RSA|ECDSA)-(AES(128|256)-GCM-SHA(256|384)|CHACHA20-POLY1305)$")


def test_sslscan_finds_nothing_bad(serve, authority):
    assert shutil.which("sslscan"), "this test needs sslscan; please install it: apt-get install sslscan"

    def scan(port, *words):
        text = subprocess.run(["sslscan", "--no-colour", *words, f"127.0.0.1:{port}"], capture_output=True, text=True,
                              timeout=120).stdout
        return text, re.findall(r"^(?:Preferred|Accepted) +\S+ +\S+ bits +(\S+)", text, re.M)
    certificate, key = authority.issue("scanned", "scanned.test", kind="rsa")
    s = serve(f"tls-certificate {certificate} {key}")
    ours, ciphers = scan(s.port, "--starttls-smtp", "--sni-name=scanned.test")
    port = free_port()
    bad = subprocess.Popen(["openssl", "s_server", "-port", str(port), "-cert", certificate, "-key", key, "-quiet",
                            "-cipher", "ALL:@SECLEVEL=0"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for("openssl s_server", lambda: answers(port))
        theirs, bad_ciphers = scan(port)
    finally:
        bad.terminate()
        bad.wait(10)
    for version, state in (("SSLv2", "dis"), ("SSLv3", "dis"), ("TLSv1.0", "dis"), ("TLSv1.1", "dis"),
                           ("TLSv1.2", "en"), ("TLSv1.3", "en")):
        assert re.search(rf"{version} +{state}abled", ours), ours
    assert len(ciphers) > 4 and all(STRONG.match(c) for c in ciphers), ours
    assert "Compression enabled" not in ours and "Session renegotiation not supported" in ours, ours
    assert not all(STRONG.match(c) for c in bad_ciphers), f"the control: {theirs}"


# ---- Debian's Postfix

def test_mail_comes_from_postfix_by_tls(serve, authority, mx, tmp_path_factory):
    postfix = Postfix(tmp_path_factory.mktemp("postfix"), tls=authority.folder)
    try:
        s = serve(f"listen 127.0.0.1:{postfix.home_port}")
        subprocess.run(["swaks", "--server", f"127.0.0.1:{postfix.port}", "--from", "x@example.org", "--to",
                        f"bob@{DOMAIN}", "--helo", "client.test"], check=True, capture_output=True, timeout=60)
        assert "with ESMTPS (TLS1.3 " in received(s)
        assert "Verified TLS connection established to 127.0.0.1" in postfix.log()
    finally:
        postfix.stop()
