"""Logging in to send mail: mechanisms and clients, whose mail it is, guessing, and where secrets stay."""
import base64
import os
import pathlib
import re
import smtplib
import socket
import sqlite3
import ssl
import statistics
import subprocess
import time

import pytest

import peer_dovecot
from certificates import Authority
from conftest import DOMAIN, PLAINPOST, free_port
from talk import Talk

ALICE, BOB = f"alice@{DOMAIN}", f"bob@{DOMAIN}"
PASSWORD = "wonder land 42"
NO_DELAY = "login-delay 0s\nlogin-guesses-network 10000\nlogin-guesses-account 100000\n"


class Submission:
    """A server with a listener for those who log in, and how to speak with it. Alice may log in."""
    def __init__(self, make_server, tmp_path, options=NO_DELAY, logins=None, listen="submission", **arguments):
        self.file, self.port = tmp_path / "logins", free_port()
        self.own = tmp_path / "user.conf"
        self.own.write_text(f"state {tmp_path}/state\nlogins {self.file}\n")
        self.user("add", ALICE, input=PASSWORD + "\n")
        self.server = make_server(f"listen 127.0.0.1:{self.port} {listen}\nlogins {logins or self.file}\n{options}",
                                  **arguments)

    def user(self, *words, input=None, check=True):
        return subprocess.run([PLAINPOST, "-c", self.own, "user", *words], input=input, capture_output=True, text=True,
                              check=check, timeout=60)

    def talk(self, **arguments):
        return Talk(self, **arguments)

    def login(self, name=ALICE, password=PASSWORD, talk=None):
        return (talk or self.talk()).say("AUTH PLAIN " + plain(name, password))

    def smtp(self):
        s = smtplib.SMTP("127.0.0.1", self.port, local_hostname="client.test", timeout=30)
        s.ehlo()
        return s

    def log(self):
        return self.server.log.read_text()


def plain(name, password):
    return base64.b64encode(f"\0{name}\0{password}".encode()).decode()


@pytest.fixture
def submission(make_server, tmp_path):
    return Submission(make_server, tmp_path)


# ---- mechanisms and clients

def test_python_logs_in_and_the_mail_says_so(submission):
    with submission.smtp() as s:
        assert s.esmtp_features["auth"].split() == ["SCRAM-SHA-256", "PLAIN", "LOGIN"]
        s.login(ALICE, PASSWORD)
        s.sendmail(ALICE, [BOB], f"From: {ALICE}\r\nSubject: hello\r\n\r\nhi\r\n")
    [mail] = submission.server.wait_for_mail("bob")
    assert " with ESMTPA id " in mail["Received"]
    line = next(line for line in submission.log().split("\n") if " accepted " in line)
    assert f"login={ALICE}" in line.replace('"', ""), line
    [story] = submission.server.stories(BOB)
    assert story["login"] == ALICE
    assert f", logged in as {ALICE}," in submission.server.run("trace", story["id"])


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_swaks_logs_in(submission, mechanism):
    r = subprocess.run(["swaks", "--server", f"127.0.0.1:{submission.port}", "--auth", mechanism, "--auth-user", ALICE,
                        "--auth-password", PASSWORD, "--from", ALICE, "--to", BOB], capture_output=True, text=True)
    assert r.returncode == 0, r.stdout
    submission.server.wait_for_mail("bob")


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "SCRAM-SHA-256"])
def test_gsasl_logs_in_and_hears_that_it_may_not(submission, mechanism):
    def run(password):
        return subprocess.run(["gsasl", "--smtp", "--connect", f"127.0.0.1:{submission.port}", "--no-starttls", "-m",
                               mechanism, "-a", ALICE, "-z", ALICE, "-p", password, "--quality-of-protection=qop-auth"],
                              input="", capture_output=True, text=True, timeout=60)
    r = run(PASSWORD)
    assert "235 2.7.0" in r.stdout + r.stderr, r.stdout + r.stderr
    r = run("not that")
    assert "535 5.7.8" in r.stdout + r.stderr, r.stdout + r.stderr
    assert r.returncode != 0


def test_msmtp_logs_in_by_scram_and_curl_by_plain(submission, tmp_path):
    mail = f"From: {ALICE}\r\nSubject: x\r\n\r\nx\r\n"
    (tmp_path / "message").write_text(mail)
    r = subprocess.run(["curl", "-sS", "-v", f"smtp://127.0.0.1:{submission.port}", "--user", f"{ALICE}:{PASSWORD}",
                        "--mail-from", ALICE, "--mail-rcpt", BOB, "-T",
                        tmp_path / "message"], capture_output=True, text=True)
    assert r.returncode == 0 and "AUTH PLAIN" in r.stderr, r.stderr
    r = subprocess.run(["msmtp", "--host=127.0.0.1", f"--port={submission.port}", "--auth=scram-sha-256",
                        f"--user={ALICE}", f"--passwordeval=echo '{PASSWORD}'", f"--from={ALICE}", "--tls=off", BOB],
                       input=mail, capture_output=True, text=True)
    assert r.returncode == 0, r.stderr
    submission.server.wait_for_mail("bob", 2)


def test_wrong_passwords_and_unknown_users_hear_the_same(submission):
    heard = {str(submission.login(name, password).must_be(535, "5.7.8", "user name and password"))
             for name, password in [(ALICE, "wrong"), ("ghost@" + DOMAIN, PASSWORD), (ALICE, ""), ("", "x")]}
    assert len(heard) == 1
    submission.login(ALICE.upper()).must_be(235, "2.7.0")
    submission.login(ALICE, PASSWORD + " ").must_be(535, "5.7.8")


def test_the_rules_of_auth(submission):
    with submission.talk() as t:
        t.say("MAIL FROM:<>").must_be(530, "5.7.0", "log in")
        assert t.say("AUTH LOGIN").text == "VXNlcm5hbWU6"
        t.say("*").must_be(501, "5.7.0", "given up")
        assert t.say("AUTH PLAIN").code == 334
        t.say("!!!").must_be(501, "5.5.2")
        t.say("AUTH GSSAPI").must_be(504, "5.5.4")
        submission.login(talk=t).must_be(235, "2.7.0")
        submission.login(talk=t).must_be(503, "5.5.1")
        t.say(f"MAIL FROM:<{ALICE}> AUTH=<>").must_be(250, "2.1.0")
    with Talk(submission.server) as t:
        t.say("AUTH PLAIN x").must_be(502, "5.5.1", "587")


def test_a_login_comes_in_small_pieces_or_not_to_its_end(submission):
    with submission.talk() as t:
        for c in "AUTH PLAIN " + plain(ALICE, PASSWORD) + "\r\n":
            t.send(c)
            time.sleep(0.001)
        t.read().must_be(235, "2.7.0")
    for _ in range(5):
        with submission.talk() as t:
            t.send("AUTH PLAIN " + plain(ALICE, PASSWORD) + "\r\n")  # and is gone
    submission.login().must_be(235, "2.7.0")


# ---- TLS

@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def certificate(authority):
    return authority.issue("mx", f"mx.{DOMAIN}", "IP:127.0.0.1")


BINDING = "login-channel-binding yes\n"


def with_tls(make_server, tmp_path, certificate, options=BINDING, **arguments):
    return Submission(make_server, tmp_path,
                      options=NO_DELAY + f"tls-certificate {certificate[0]} {certificate[1]}\n{options}", **arguments)


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"])
@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_scram_is_bound_to_tls(make_server, tmp_path, authority, certificate, version, mechanism):
    s = with_tls(make_server, tmp_path, certificate)
    has_plus = version == "1.3"
    r = subprocess.run(["gsasl", "--smtp", "--connect", f"127.0.0.1:{s.port}", "--starttls", "--x509-ca-file",
                        authority.certificate, "--priority", f"NORMAL:-VERS-ALL:+VERS-TLS{version}", "-m", mechanism,
                        *([] if mechanism.endswith("PLUS") else ["--no-cb"]), "-a", ALICE, "-z", ALICE, "-p", PASSWORD,
                        "--quality-of-protection=qop-auth"], input="", capture_output=True, text=True, timeout=60)
    said = r.stdout + r.stderr
    assert ("250-AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN" in said) == has_plus, said
    assert ("235 2.7.0" in said) == (has_plus or mechanism == "SCRAM-SHA-256"), said


@pytest.mark.parametrize("is_offered", [True, False])
def test_who_could_bind_and_was_not_shown_how_is_refused(make_server, tmp_path, authority, certificate, is_offered):
    """Somebody between has taken -PLUS out of what we offer; unless it is we who do not offer it."""
    s = with_tls(make_server, tmp_path, certificate, options=BINDING if is_offered else "")
    with s.talk() as t:
        t.say("STARTTLS")
        t.socket = ssl.create_default_context(cafile=authority.certificate).wrap_socket(
            t.socket, server_hostname=f"mx.{DOMAIN}")
        assert ("SCRAM-SHA-256-PLUS" in t.say("EHLO x").text) == is_offered
        if not is_offered:
            t.say("AUTH SCRAM-SHA-256-PLUS").must_be(504, "5.5.4")
        first = base64.b64encode(f"y,,n={ALICE},r=abc".encode()).decode()
        t.say("AUTH SCRAM-SHA-256 " + first).must_be(*((535, "5.7.8") if is_offered else (334, "")))


def proxied(submission):
    """A proxy on loopback tells another address: the password comes from there."""
    c = socket.create_connection(("127.0.0.1", submission.port), timeout=20)
    c.sendall(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 587\r\n")
    return c


class TalkOver(Talk):
    def __init__(self, connection):
        self.socket, self.kept = connection, b""


def test_over_the_network_nobody_logs_in_without_tls(make_server, tmp_path, authority, certificate):
    s = with_tls(make_server, tmp_path, certificate, listen="submission proxy 127.0.0.1")
    with TalkOver(proxied(s)) as t:
        assert t.read().code == 220
        assert "AUTH" not in t.say("EHLO x").text
        t.say("AUTH PLAIN x").must_be(538, "5.7.11", "TLS")
        t.say("MAIL FROM:<>").must_be(530, "5.7.0")
        t.say("STARTTLS").must_be(220, "2.0.0")
        t.socket = ssl.create_default_context(cafile=authority.certificate).wrap_socket(
            t.socket, server_hostname=f"mx.{DOMAIN}")
        assert "AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN" in t.say("EHLO x").text
        s.login(talk=t).must_be(235, "2.7.0")
        t.mail(ALICE)
        t.data().must_be(250, "2.0.0")
    [mail] = s.server.wait_for_mail("bob")
    assert " with ESMTPSA (TLS1.3 " in mail["Received"]


def test_port_465_begins_with_the_handshake(make_server, tmp_path, certificate):
    s = with_tls(make_server, tmp_path, certificate, listen="submission tls implicit")
    r = subprocess.run(["swaks", "--server", f"127.0.0.1:{s.port}", "--tls-on-connect", "--auth", "LOGIN", "--auth-user",
                        ALICE, "--auth-password", PASSWORD, "--from", ALICE, "--to", BOB], capture_output=True, text=True)
    assert r.returncode == 0, r.stdout
    assert " with ESMTPSA (TLS1.3 " in s.server.wait_for_mail("bob")[0]["Received"]


# ---- whose mail it is

def test_a_sender_must_be_ones_own(submission):
    submission.user("add", "carol", "--sender", "sales@" + DOMAIN, "--sender", "@team.test", input="long enough\n")
    time.sleep(1.1)
    with submission.smtp() as s:
        s.login("carol", "long enough")
        for sender, may in [("sales@" + DOMAIN, True), ("x@team.test", True), ("", True), (ALICE, False),
                            ("carol@" + DOMAIN, False)]:
            code, words = s.mail(sender)
            assert (code == 250) == may, words
            if not may:
                assert code == 550 and b"5.7.1" in words and b"carol" in words and b"postmaster@" in words, words
            s.rset()
        for field, may in [("From: sales@" + DOMAIN, True), (f"From: Boss <{ALICE}>", False),
                           (f"From: sales@{DOMAIN}, {ALICE}", False), (f"From: x@team.test\r\nSender: {ALICE}", False),
                           ("From: nobody at all", False)]:
            s.mail("sales@" + DOMAIN)
            s.rcpt(BOB)
            code, words = s.data(f"{field}\r\nSubject: x\r\n\r\nx\r\n".encode())
            assert (code == 250) == may, (field, words)
    refusals = [line for line in submission.log().split("\n") if " refused " in line]
    assert len(refusals) == 6, refusals


def test_what_a_message_lacks_is_added_here_and_nowhere_else(submission):
    bare = b"Subject: bare\r\n\r\nx\r\n"
    with submission.smtp() as s:
        s.login(ALICE, PASSWORD)
        s.mail(ALICE)
        s.rcpt(BOB)
        assert s.data(bare)[0] == 250
    [mail] = submission.server.wait_for_mail("bob")
    assert mail["From"] == ALICE and mail["Date"] and mail["Message-ID"].endswith(f"@mx.{DOMAIN}>")
    with submission.server.client() as s:
        s.sendmail(ALICE, [BOB], bare)
    other = submission.server.wait_for_mail("bob", 2)
    assert sorted(bool(m["Date"]) for m in other) == [False, True]


def test_logged_in_one_may_send_away_and_a_trusted_network_alone_may_not(submission):
    with submission.talk() as t:
        t.say("MAIL FROM:<x@example.org>").must_be(530, "5.7.0")
        submission.login(talk=t)
        t.say(f"MAIL FROM:<{ALICE}>").must_be(250, "2.1.0")
        t.say("RCPT TO:<who@far.test>").must_be(550, "5.4.4", "no route")  # and not: relaying denied


# ---- the file

def test_changes_count_without_a_restart(submission):
    submission.user("passwd", ALICE, input="another password\n")
    time.sleep(1.1)
    submission.login().must_be(535, "5.7.8")
    submission.login(password="another password").must_be(235, "2.7.0")
    app = submission.user("app-password", ALICE, "phone").stdout.strip()
    time.sleep(1.1)
    submission.login(password=app).must_be(235, "2.7.0")
    submission.user("app-password", ALICE, "phone", "--remove")
    submission.user("add", BOB, input=PASSWORD + "\n")
    time.sleep(1.1)
    submission.login(password=app).must_be(535, "5.7.8")
    submission.login(BOB).must_be(235, "2.7.0")
    submission.user("rm", BOB)
    time.sleep(1.1)
    submission.login(BOB).must_be(535, "5.7.8")


def test_a_file_that_others_can_read_is_not_used(submission):
    submission.file.chmod(0o644)
    r = submission.server.run("reload", check=False)
    assert r.returncode == 1 and "chmod 600" in r.stdout + r.stderr, r
    assert submission.user("ls", check=False).returncode == 1
    submission.file.chmod(0o600)
    submission.server.run("reload")
    submission.login().must_be(235, "2.7.0")


def test_the_commands_say_what_they_did(submission):
    def fails(words, part, input=None):
        r = submission.user(*words, input=input, check=False)
        assert r.returncode == 1 and part in r.stderr, r
    fails(["add", ALICE], "already", input=PASSWORD)
    fails(["add", BOB], "8 characters", input="short\n")
    fails(["add", BOB], "no password", input="")
    fails(["add", BOB, "--sender", "nonsense"], "no sender", input=PASSWORD)
    fails(["senders", BOB], "no login")
    fails(["passwd", BOB], "no login", input=PASSWORD)
    fails(["app-password", ALICE, "a b"], "label")
    assert submission.user("ls").stdout == ALICE + "\n"
    assert submission.user("frob", check=False).returncode == 2
    assert submission.file.stat().st_mode & 0o777 == 0o600
    before = submission.file.read_text()
    jobs = [subprocess.Popen([PLAINPOST, "-c", submission.own, "user", "add", f"u{i}@x.test"], stdin=subprocess.PIPE,
                             stdout=subprocess.DEVNULL) for i in range(8)]
    for j in jobs:
        j.communicate(PASSWORD.encode())
        assert j.returncode == 0
    assert len(submission.user("ls").stdout.split()) == 9, "nobody's change got lost"
    assert submission.file.read_text().startswith(before)


def test_logins_of_a_database(make_server, tmp_path):
    database = tmp_path / "db.sqlite"
    words = subprocess.run([PLAINPOST, "user", "hash"], input=PASSWORD, capture_output=True, text=True,
                           check=True).stdout.split()
    with sqlite3.connect(database) as db:
        db.execute("CREATE TABLE logins (name, password, scram, senders)")
        db.execute("INSERT INTO logins VALUES (?, ?, ?, ?)", (ALICE, words[1], words[3], f"{BOB}, @team.test"))
        db.commit()
    s = Submission(make_server, tmp_path, logins=f"sqlite:{database}")
    with s.smtp() as c:
        c.login(ALICE, PASSWORD)
        assert [c.mail(a)[0] for a in (BOB,)] == [250]
    with sqlite3.connect(database) as db:
        db.execute("DELETE FROM logins")
        db.commit()
    time.sleep(1.1)
    s.login().must_be(535, "5.7.8")


# ---- tokens

CHECKER = """
import json, sys
q = json.loads(sys.stdin.readline())
assert q["client"] == "127.0.0.1" and q["mechanism"] in ("OAUTHBEARER", "XOAUTH2"), q
if q["token"] == "trouble":
    print(json.dumps({"error": "no connection"}))
elif q["token"] == "good":
    print(json.dumps({"login": "%s"}))
else:
    print(json.dumps({"refused": "it has expired"}))
""" % ALICE


def test_a_token_checker_says_whose_a_token_is(make_server, tmp_path):
    (tmp_path / "checker.py").write_text(CHECKER)
    s = Submission(make_server, tmp_path,
                   options=NO_DELAY + f'token-checker "|/usr/bin/python3 {tmp_path}/checker.py"\n')

    def bearer(token, user=ALICE):
        return base64.b64encode(f"n,a={user},\1auth=Bearer {token}\1\1".encode()).decode()
    with s.talk() as t:
        t.say("AUTH OAUTHBEARER " + bearer("good")).must_be(235, "2.7.0")
    with s.talk() as t:
        assert "invalid_token" in base64.b64decode(t.say("AUTH OAUTHBEARER " + bearer("bad")).text).decode()
        t.say("AQ==").must_be(535, "5.7.8")
        assert t.say("AUTH OAUTHBEARER " + bearer("good", BOB)).code == 334
        t.say("AQ==").must_be(535, "5.7.8")
        t.say("AUTH OAUTHBEARER " + bearer("trouble")).must_be(454, "4.7.0", "can't check")
        x = base64.b64encode(f"user={ALICE}\1auth=Bearer good\1\1".encode()).decode()
        t.say("AUTH XOAUTH2 " + x).must_be(235, "2.7.0")
    assert "it has expired" in s.log() and "no connection" in s.log()
    assert "good" not in s.log().replace("goodbye", "")


# ---- Dovecot

@pytest.fixture
def dovecot():
    if peer_dovecot.why_not():
        pytest.skip(peer_dovecot.why_not())
    d = peer_dovecot.Dovecot({ALICE: None, "carol": None}, passwords={ALICE: PASSWORD, "carol": "other"})
    yield d
    d.stop()


def test_dovecot_knows_the_passwords(make_server, tmp_path, dovecot):
    (tmp_path / "senders").write_text(f"carol sender=@{DOMAIN}\n")
    (tmp_path / "senders").chmod(0o600)
    s = Submission(make_server, tmp_path, logins=f"dovecot:{dovecot.auth}",
                   options=NO_DELAY + f"login-senders {tmp_path}/senders\n")
    with s.smtp() as c:
        assert c.esmtp_features["auth"].split() == ["PLAIN", "LOGIN"]
        c.login(ALICE, PASSWORD)
        assert c.mail(ALICE)[0] == 250
        c.rset()
        assert c.mail(BOB)[0] == 550
    with s.talk() as t:
        s.login("carol", "other", t).must_be(235, "2.7.0")
        t.say(f"MAIL FROM:<{BOB}>").must_be(250, "2.1.0")
    s.login(password="wrong").must_be(535, "5.7.8")
    s.login("ghost", "x").must_be(535, "5.7.8")
    with s.talk() as t:
        t.say("AUTH SCRAM-SHA-256 x").must_be(504, "5.5.4")
    dovecot.halt()
    s.login().must_be(454, "4.7.0", "can't check passwords right now")
    assert "login-unchecked" in s.log() and "Dovecot" not in s.login().text
    dovecot.start()
    s.login().must_be(235, "2.7.0")


# ---- PAM

CHECK = """#!/bin/sh
read -r password
[ "$PAM_USER" = alice ] && [ "$password" = '%s' ] && [ "$PAM_RHOST" = 127.0.0.1 ]
""" % PASSWORD


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, for a /etc/pam.d of its own")
def test_pam_knows_the_passwords(make_server, tmp_path):
    folder, check, senders = tmp_path / "pam.d", tmp_path / "check", tmp_path / "senders"
    folder.mkdir()
    check.write_text(CHECK)
    check.chmod(0o755)
    (folder / "mail").write_text(f"auth sufficient pam_exec.so expose_authtok quiet {check}\n"
                                 "auth required pam_deny.so\naccount required pam_permit.so\n")
    senders.write_text(f"alice sender={ALICE}\n")
    senders.chmod(0o600)
    s = Submission(make_server, tmp_path, logins="pam:mail", options=NO_DELAY + f"login-senders {senders}\n",
                   prefix=["unshare", "-m", "sh", "-c", f'mount --bind {folder} /etc/pam.d && exec "$@"', "sh"])
    with s.smtp() as c:
        assert c.esmtp_features["auth"].split() == ["PLAIN", "LOGIN"]
        c.login("alice", PASSWORD)
        assert c.mail(ALICE)[0] == 250
        c.rset()
        assert c.mail(BOB)[0] == 550
    start = time.monotonic()
    s.login("alice", "wrong").must_be(535, "5.7.8")
    s.login("ghost", PASSWORD).must_be(535, "5.7.8")
    assert time.monotonic() - start < 1.5, "PAM does not sleep"
    (folder / "mail").write_text("auth required pam_exec.so /bin/false\n")
    s.login("alice").must_be(454, "4.7.0", "can't check")


# ---- guessing

def test_a_network_that_guesses_is_locked_out_and_where_the_user_was_is_not(make_server, tmp_path):
    s = Submission(make_server, tmp_path, options="login-delay 0s\nlogin-guesses-network 5\n",
                   listen="submission xclient 127.0.0.1")
    s.user("add", BOB, input=PASSWORD + "\n")
    s.login().must_be(235, "2.7.0")  # from here alice has logged in
    heard = [s.login(BOB, f"guess {i}") for i in range(30)]
    assert [r.code for r in heard[:5]] == [535] * 5 and {r.code for r in heard[5:]} == {454}, heard
    heard[-1].must_be(454, "4.7.0", "from your network", "minutes")
    s.login(BOB).must_be(454, "4.7.0")
    s.login().must_be(235, "2.7.0")
    s.login(password="x").must_be(535, "5.7.8")
    s.login().must_be(235, "2.7.0")
    s.server.run("reload")
    s.login(BOB).must_be(454, "4.7.0")
    s.server.stop()  # counts are forgotten with the process, and places are not
    s.server.start()
    for i in range(5):
        s.login(BOB, "x").must_be(535, "5.7.8")
    s.login(BOB).must_be(454, "4.7.0")
    s.login().must_be(235, "2.7.0")
    assert ALICE not in (s.server.state / "login-places").read_text()


def test_wrong_passwords_are_answered_later_each_time(make_server, tmp_path):
    s = Submission(make_server, tmp_path, options="login-delay 300ms\n")
    took = []
    for _ in range(3):
        start = time.monotonic()
        s.login(password="x").must_be(535, "5.7.8")
        took.append(time.monotonic() - start)
    assert took[0] >= 0.3 and took[1] >= 0.6 and took[2] >= 1.2, took
    with s.talk() as t:  # what comes meanwhile is not lost
        t.send("AUTH PLAIN " + plain(ALICE, "x") + "\r\n")
        time.sleep(0.5)
        t.send("NOOP\r\n")
        t.read().must_be(535, "5.7.8")
        t.read().must_be(250, "2.0.0")
    with s.talk() as t:
        t.send("AUTH PLAIN " + plain(ALICE, "x") + "\r\n")  # and is gone while it would wait
    s.login().must_be(235, "2.7.0")


def times(submission, names, count):
    """Seconds of a wrong login each, in turn."""
    took = {name: [] for name in names}
    for i in range(count):
        for name in names:
            with submission.talk() as t:
                start = time.perf_counter()
                submission.login(name, f"guess {i}", talk=t).must_be(535, "5.7.8")
                took[name].append(time.perf_counter() - start)
    return took


def test_time_does_not_tell_whether_an_account_exists(submission):
    took = times(submission, [ALICE, "ghost@" + DOMAIN], int(os.environ.get("LOGIN_TRIES", "15")))
    known, unknown = (statistics.median(t) for t in took.values())
    assert known > 0.01, "there was a hash to make"
    # Without a hash for who does not exist it would be a hundredth; more than this a busy machine cannot tell.
    assert 0.5 < unknown / known < 2, (known, unknown)


# ---- secrets

def memory_of(process):
    """All that it could write into a core file, and more: what is left out of those is here too."""
    found = []
    with open(f"/proc/{process.pid}/mem", "rb", 0) as memory:
        for line in pathlib.Path(f"/proc/{process.pid}/maps").read_text().split("\n"):
            m = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if not m or (int(m[2], 16) - int(m[1], 16)) > 1 << 30:  # the sanitizer's shadow
                continue
            try:
                memory.seek(int(m[1], 16))
                found.append(memory.read(int(m[2], 16) - int(m[1], 16)))
            except (OSError, ValueError, OverflowError):
                pass
    return found


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to read the server's memory")
@pytest.mark.parametrize("has_tls", [False, True])
def test_a_password_stays_nowhere(make_server, tmp_path, certificate, has_tls):
    submission = with_tls(make_server, tmp_path, certificate)
    context = ssl._create_unverified_context()

    def talk():
        t = submission.talk()
        if has_tls:
            t.say("STARTTLS").must_be(220, "2.0.0")
            t.socket = context.wrap_socket(t.socket)
            t.say("EHLO x")
        return t
    secret = "correct horse battery staple"
    submission.user("passwd", ALICE, input=secret + "\n")
    time.sleep(1.1)
    sent = [plain(ALICE, secret), base64.b64encode(secret.encode()).decode()]
    with talk() as t:
        submission.login(password=secret, talk=t).must_be(235, "2.7.0")
        with talk() as u:
            u.say("AUTH LOGIN")
            u.say(base64.b64encode(ALICE.encode()).decode())
            for c in sent[1] + "\r\n":
                u.send(c)
            u.read().must_be(235, "2.7.0")
        submission.login(password=secret + "x", talk=talk()).must_be(535, "5.7.8")
        memory = memory_of(submission.server.process)
        assert any(ALICE.encode() in m for m in memory), "this test finds what is there"
        for needle in [secret, *sent]:
            for part in (needle, needle[5:-3]):
                assert not any(part.encode() in m for m in memory), part
    submission.server.stop()
    for path in [submission.server.log, *submission.server.state.rglob("*")]:
        text = path.read_bytes() if path.is_file() else b""
        assert not any(s.encode() in text for s in [secret, *sent]), path
