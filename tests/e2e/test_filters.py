"""Mail goes through filters (milters): real ones change, refuse, hold and discard it; one that fails is handled as the
operator has chosen."""
import base64
import smtplib
import subprocess
import urllib.request

import dkim
import pytest
from conftest import DOMAIN, PLAINPOST, free_port, wait_for
from peer_filters import GTUBE, OpenDkim, Rspamd, Script, packet, why_not

needs_filters = pytest.mark.skipif(why_not() is not None, reason=why_not() or "")


def send_to(port, text, to=f"alice@{DOMAIN}", sender="bob@example.org"):
    with smtplib.SMTP("127.0.0.1", port, local_hostname="client.test", timeout=30) as s:
        s.ehlo()
        for step, reply in (("MAIL", s.mail(sender)), ("RCPT", s.rcpt(to))):
            if reply[0] != 250:
                return step, reply[0], reply[1].decode()
        code, words = s.data(text)
        return "DATA", code, words.decode()


def mail(letter="", subject="hello", extra=""):
    return (f"From: <bob@example.org>\r\nTo: <alice@{DOMAIN}>\r\nSubject: {subject}\r\nDate: Fri, 27 Nov 2026 12:00:00 "
            f"+0000\r\nMessage-ID: <m1@example.org>\r\n{extra}\r\nHello!\r\n\r\n{letter + GTUBE if letter else 'Bye.'}"
            "\r\n").encode()


@pytest.fixture(scope="module")
def rspamd(tmp_path_factory):
    peer = Rspamd(tmp_path_factory.mktemp("rspamd"))
    yield peer
    peer.stop()


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    work = tmp_path_factory.mktemp("keys")
    subprocess.run(["openssl", "genrsa", "-out", work / "key.pem", "1024"], check=True, capture_output=True)
    public = subprocess.run(["openssl", "rsa", "-in", work / "key.pem", "-pubout", "-outform", "DER"], check=True,
                            capture_output=True).stdout
    return work, work / "key.pem", "v=DKIM1; k=rsa; p=" + base64.b64encode(public).decode()


@needs_filters
def test_rspamd_and_opendkim_see_what_the_one_before_has_changed(make_server, rspamd, keys):
    """rspamd writes another subject, opendkim signs it, and another opendkim, at another listener, verifies."""
    work, key, public = keys
    signer = OpenDkim(work, "s", "example.org", "s1", key, public)
    verifier = OpenDkim(work, "v", "example.org", "s1", key, public, "InternalHosts 192.0.2.1\n")
    first, check, plain = free_port(), free_port(), free_port()
    server = make_server(f"filter inet:127.0.0.1:{rspamd.refuses} name rspamd\n"
                         f"filter {signer.place} name signer\n"
                         f"filter {verifier.place} name verifier\n"
                         f"listen 127.0.0.1:{first} filters rspamd,signer\n"
                         f"listen 127.0.0.1:{check} filters verifier\nlisten 127.0.0.1:{plain} filters no\n")
    try:
        assert send_to(first, mail("Z"))[1] == 250
        raw = wait_for("the message", lambda: server.mailbox("alice"))[0].read_bytes()
        [m] = server.messages("alice")
        assert m["Subject"] == "[spam] hello" and "s=s1" in m["DKIM-Signature"]
        assert dkim.verify(raw, dnsfunc=lambda name, timeout=5: public.encode())

        step, code, words = send_to(first, mail("X"))
        assert (step, code) == ("DATA", 554) and "Gtube" in words, words
        wait_for("the refusal in the log", lambda: "filter=rspamd" in server.log.read_text())

        signed = raw[raw.index(b"DKIM-Signature:"):].replace(b"\n", b"\r\n")
        assert send_to(check, signed)[1] == 250
        assert send_to(check, signed.replace(b"Hello!", b"Bye!"))[1] == 250
        verdicts = {}
        for m in server.wait_for_mail("alice", 3):
            if m["Authentication-Results"]:
                verdicts[m.get_content().split("!")[0]] = m["Authentication-Results"]
        assert "checker.test" in verdicts["Hello"] and "dkim=pass" in verdicts["Hello"]
        assert "dkim=fail" in verdicts["Bye"]

        assert send_to(plain, mail("X"))[1] == 250  # nobody looks there
        assert len(server.wait_for_mail("alice", 4)) == 4
    finally:
        signer.stop()
        verifier.stop()
    server.audit()


@needs_filters
def test_what_is_held_or_discarded_is_in_the_story(make_server, rspamd):
    holds, discards, metrics = free_port(), free_port(), free_port()
    server = make_server(f"filter inet:127.0.0.1:{rspamd.holds} name holder\n"
                         f"filter inet:127.0.0.1:{rspamd.discards} name dropper\n"
                         f"metrics 127.0.0.1:{metrics}\nlisten 127.0.0.1:{holds} filters holder\n"
                         f"listen 127.0.0.1:{discards} filters dropper\n")
    step, code, words = send_to(discards, mail("X"))
    assert (step, code) == ("DATA", 250)
    story = server.run("trace", words.split()[-1])
    assert "discarded by the filter dropper" in story, story

    step, code, words = send_to(holds, mail("X"))
    assert (step, code) == ("DATA", 250)
    held = words.split()[-1]
    listed = server.run("queue", "ls")
    assert held in listed and "the filter holder" in listed, listed
    assert "the filter holder" in server.run("trace", held)
    assert not server.mailbox("alice")
    figures = urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics", timeout=10).read().decode()
    for result, count in (("held", 1), ("discarded", 1), ("refused", 0), ("failed", 0)):
        assert f'plainpost_filter_results_total{{result="{result}"}} {count}\n' in figures
    server.run("queue", "release", held, "--yes")
    assert len(server.wait_for_mail("alice")) == 1
    assert len(server.mailbox("alice")) == 1
    server.audit()


def test_a_filter_is_told_of_sessions_and_messages(make_server):
    """Two messages and a recipient that is refused go over one connection."""
    no = Script({"R": packet(b"y", b"550 5.1.1 Not %% here\0")})
    yes = Script()
    server = make_server(f"filter inet:127.0.0.1:{yes.port} name yes\nfilter inet:127.0.0.1:{no.port} name nay\n")
    with server.client() as s:
        s.ehlo()
        for _ in range(2):
            assert s.mail("bob@example.org", ["SIZE=100"])[0] == 250
            assert s.rcpt(f"alice@{DOMAIN}") == (550, b"5.1.1 Not % here")
            no.at = {}
            assert s.rcpt(f"alice@{DOMAIN}")[0] == 250
            code, words = s.data(mail())
            assert code == 250
            no.at = {"R": packet(b"y", b"550 5.1.1 Not %% here\0")}
            id = words.decode().split()[-1]
            assert yes.macros("E")["i"] == id
            s.rset()
    assert yes.connections == 1 and no.connections == 1
    assert yes.kinds().startswith("OCHMRRT" + "L" * 5 + "NBEMRRT"), yes.kinds()
    said = dict(yes.said)
    assert said["H"] == b"client.test\0" and said["M"] == b"<bob@example.org>\0SIZE=100\0"
    assert said["C"].startswith(b"[127.0.0.1]\x004") and said["C"].endswith(b"127.0.0.1\0")
    assert yes.macros("C")["j"] == f"mx.{DOMAIN}" and yes.macros("M")["{mail_host}"] == "example.org"
    wait_for("the end of it", lambda: yes.kinds().endswith("Q"))


@pytest.mark.parametrize("at, step", [({"O": None}, "MAIL"), ({"M": None}, "MAIL"), ({"R": None}, "RCPT"),
                                      ({"E": None}, "DATA"), ({"O": b"220 mx.example.org ESMTP\r\n"}, "MAIL"),
                                      ({"R": packet(b"q", b"why\0")}, "RCPT"), ({"E": packet(b"h", b"x")}, "DATA"),
                                      ({"E": packet(b"h", b"a b\0c\0") + packet(b"c")}, "DATA"),
                                      ({"B": ...}, "DATA"), (None, "MAIL")])
def test_a_filter_that_fails_is_handled_as_the_operator_chose(make_server, at, step):
    bad = Script(at or {})
    if at is None:
        bad.stop()
    tempfail = make_server(f"filter inet:127.0.0.1:{bad.port} name bad timeout 1s\n")
    said = send_to(tempfail.port, mail())
    assert said[:2] == (step, 451) and "can't check mail right now" in said[2], said
    assert "filter-failed" in tempfail.log.read_text() and not tempfail.mailbox("alice")
    tempfail.config.write_text(tempfail.config.read_text().replace("timeout 1s", "timeout 1s on-failure skip"))
    tempfail.run("reload")
    wait_for("the other configuration",
             lambda: "on-failure skip" in tempfail.run("config", "show") and send_to(tempfail.port, mail())[1] == 250)
    assert tempfail.wait_for_mail("alice")
    tempfail.audit()


def test_a_filter_may_come_and_go(make_server):
    """Between two messages it may end the connection; within one that is a failure."""
    f = Script()
    server = make_server(f"filter inet:127.0.0.1:{f.port} name f timeout 1s\n")
    with server.client() as s:
        s.ehlo()
        s.sendmail("bob@example.org", f"alice@{DOMAIN}", mail())
        f.hang_up()
        s.sendmail("bob@example.org", f"alice@{DOMAIN}", mail())
        assert f.connections == 2
        f.at = {"M": None}  # a connection that was kept is given another chance, once
        assert s.mail("bob@example.org")[0] == 451
        assert f.connections == 3
        f.at = {}
        s.sendmail("bob@example.org", f"alice@{DOMAIN}", mail())
        f.at = {"M": [None, ...]}  # and no more time for it
        assert s.mail("bob@example.org")[0] == 451
        f.at = {}
        assert s.mail("bob@example.org")[0] == 250
        f.hang_up()
        assert s.rcpt(f"alice@{DOMAIN}")[0] == 451 and s.rcpt(f"alice@{DOMAIN}")[0] == 451
        s.rset()
        s.sendmail("bob@example.org", f"alice@{DOMAIN}", mail())
    assert server.log.read_text().count("filter-failed") == 3
    assert len(server.wait_for_mail("alice", 4)) == 4


def test_nobody_waits_for_a_filter_that_is_not_needed_any_more(make_server):
    """Clients go, and the server ends, while it hangs; others go on meanwhile."""
    f, other = Script({"M": ..., "E": ...}), free_port()
    server = make_server(f"filter inet:127.0.0.1:{f.port} name f timeout 10m\nlisten 127.0.0.1:{other} filters no\n")
    with server.client() as s:
        s.ehlo()
        s.putcmd("MAIL FROM:<bob@example.org>")
        wait_for("the question", lambda: "M" in f.kinds())
        s.close()
    wait_for("its end", lambda: not f.open)
    assert send_to(other, mail())[1] == 250
    f.at = {"E": ...}
    with server.client() as s:
        s.ehlo()
        assert s.mail("bob@example.org")[0] == 250 and s.rcpt(f"alice@{DOMAIN}")[0] == 250
        assert s.docmd("DATA")[0] == 354
        s.send(mail() + b".\r\n")
        wait_for("the question", lambda: "E" in f.kinds())
        server.process.terminate()
        assert s.getreply()[0] == 421
        s.close()
    assert server.process.wait(20) == 0 and len(server.mailbox("alice")) == 1


@needs_filters
def test_what_users_send_is_told_and_signed(make_server, keys):
    """opendkim signs for whoever has logged in, wherever it comes from."""
    work, key, public = keys
    signer = OpenDkim(work, "sv", DOMAIN, "s1", key, public, "InternalHosts 192.0.2.1\n")
    logins, submission = work / "logins", free_port()
    logins.write_text("")
    logins.chmod(0o600)
    server = make_server(f"filter {signer.place} name signer\nlogins {logins}\n"
                         f"listen 127.0.0.1:{submission} submission\n")
    try:
        subprocess.run([PLAINPOST, "-c", server.config, "user", "add", f"alice@{DOMAIN}"], input=b"a long password\n",
                       check=True, capture_output=True)
        wait_for("the login", lambda: b"alice" in logins.read_bytes())
        with smtplib.SMTP("127.0.0.1", submission, local_hostname="client.test", timeout=20) as s:
            s.login(f"alice@{DOMAIN}", "a long password")
            s.sendmail(f"alice@{DOMAIN}", f"bob@{DOMAIN}", f"From: alice@{DOMAIN}\r\nSubject: x\r\n\r\nx\r\n")
        assert "d=" + DOMAIN in server.wait_for_mail("bob")[0]["DKIM-Signature"]
    finally:
        signer.stop()
