"""plainpost among other people's software: swaks, and Debian's Postfix as client and as next hop."""
import email
import email.policy
import os
import pathlib
import re
import shutil
import signal
import smtplib
import subprocess
import sys
import textwrap

import pytest
from conftest import DOMAIN, PLAINPOST, ROOT, answers, free_port, wait_for
from fake_dns import FakeDns, txt
from peer_postfix import SCRIPT, Postfix, smtp_source, text_behind_trace
from test_main_job import report_of

REAL_MAIL = sorted((ROOT / "tests" / "mail").glob("*.eml"))


@pytest.fixture(scope="session")
def one_postfix(tmp_path_factory):
    p = Postfix(tmp_path_factory.mktemp("postfix"))
    yield p
    p.stop()


@pytest.fixture
def postfix(one_postfix):
    one_postfix.empty()
    return one_postfix


def route(postfix, options=""):
    return f"route relay.test 127.0.0.1:{postfix.port}\nretry-first 1s\n{options}\n"


def unfolded(text):
    return " ".join(str(text).split())


# ---- swaks

def swaks(server, *words, sender=f"alice@{DOMAIN}", to=f"bob@{DOMAIN}"):
    assert shutil.which("swaks"), "these tests need swaks; please install it: apt-get install swaks"
    return subprocess.run(["swaks", "--server", f"127.0.0.1:{server.port}", "--from", sender, "--to", to,
                           "--timeout", "20", "--helo", "client.test", *words],
                          capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("words", [(), ("--pipeline",), ("--protocol", "SMTP")],
                         ids=["plain", "pipelined", "helo"])
def test_swaks_sends(make_server, words):
    s = make_server()
    r = swaks(s, "--header", "Subject: from swaks", "--body", "first\\n.dot\\n..\\nlast", *words)
    assert r.returncode == 0, r.stdout + r.stderr
    message, = s.wait_for_mail("bob")
    assert message["Subject"] == "from swaks"
    assert message["Return-Path"] == f"<alice@{DOMAIN}>"
    assert message.get_content().rstrip("\n") == "first\n.dot\n..\nlast"
    s.audit()


@pytest.mark.parametrize("words", [(), ("--pipeline",)], ids=["plain", "pipelined"])
def test_swaks_sends_attachments(make_server, tmp_path, words):
    s = make_server()
    parts = {"random.bin": os.urandom(300_000), "empty.txt": b"", "dots.txt": b".\n..\n.\n" * 500}
    for name, content in parts.items():
        (tmp_path / name).write_bytes(content)
    r = swaks(s, "--body", "see attached",
              *[w for name in parts for w in ("--attach-name", name, "--attach", f"@{tmp_path / name}")], *words)
    assert r.returncode == 0, r.stdout[-2000:] + r.stderr
    message, = s.wait_for_mail("bob")
    assert {a.get_filename(): a.get_payload(decode=True) for a in message.iter_attachments()} == parts
    s.audit()


@pytest.mark.parametrize("words", [(), ("--pipeline",)], ids=["plain", "pipelined"])
def test_swaks_is_told_of_an_unknown_recipient(make_server, words):
    s = make_server()
    r = swaks(s, *words, to=f"nobody@{DOMAIN}")
    assert r.returncode == 24, r.stdout  # none of the recipients was accepted
    assert f"550 5.1.1 <nobody@{DOMAIN}>: " in r.stdout and "check the spelling" in r.stdout
    r = swaks(s, *words, to=f"nobody@{DOMAIN},bob@{DOMAIN}")
    assert r.returncode == 0, r.stdout
    message, = s.wait_for_mail("bob")
    assert message["Delivered-To"] == f"bob@{DOMAIN}"
    s.audit()


# ---- Postfix as client

def message_ids(files):
    return {re.search(rb"^Message-Id: (\S+)", p.read_bytes(), re.M | re.I)[1] for p in files}


@pytest.mark.parametrize("words", [(), ("-d",)], ids=["connection-each", "connections-kept"])
def test_smtp_source_loses_nothing(make_server, words):
    s = make_server()
    smtp_source("-s", "50", "-m", "2000", "-l", "3000", *words, "-f", "load@example.org", "-t", f"bob@{DOMAIN}",
                f"inet:127.0.0.1:{s.port}")
    wait_for("2000 messages", lambda: len(s.mailbox("bob")) >= 2000, 120)
    files = s.mailbox("bob")
    assert len(files) == len(message_ids(files)) == 2000
    wait_for("an empty queue", lambda: "empty" in s.run("queue", "list"))
    assert "2000" in s.audit()


def test_postfix_returns_our_reasons(make_server, postfix):
    """A mail that is honest, but sent from elsewhere, comes back: its sender can read why, and who can act."""
    zone = {"_dmarc.example.org": {"TXT": [txt("v=DMARC1; p=reject")]}}
    with FakeDns(zone) as dns, smtplib.SMTP("127.0.0.1", postfix.port, "client.test", 20) as client:
        make_server(f"listen 127.0.0.1:{postfix.home_port}\ntrusted 192.0.2.0/24\ndns {dns.server}\n"
                    f"authenticate {DOMAIN} refuse")
        client.sendmail("u0@relay.test", f"bob@{DOMAIN}", b"From: <alice@example.org>\r\n\r\nhello\r\n")
        notice, = postfix.wait_for_mail("u0")
    text = next(p for p in notice.walk() if p.get_content_type() == "text/plain").get_content()
    assert "550-5.7.26 This mail says that it is from example.org" in unfolded(text), text
    assert "To the operator of example.org: Sign the mail by DKIM as example.org" in \
        re.sub(r" 550.5\.7\.26 ", " ", unfolded(text))
    said = subprocess.run([PLAINPOST, "explain", "-"], input=notice.as_bytes(), capture_output=True, timeout=60)
    assert "could not verify that the message really comes from your domain" in unfolded(said.stdout.decode())


def test_smtp_source_through_plainpost_to_postfix(make_server, postfix):
    s = make_server(route(postfix))
    smtp_source("-s", "20", "-m", "500", "-l", "3000", "-d", "-f", "load@example.org", "-t", "u1@relay.test",
                f"inet:127.0.0.1:{s.port}")
    files = postfix.wait_for_files("u1", 500, 120)
    assert len(files) == len(message_ids(files)) == 500
    wait_for("an empty queue", lambda: "empty" in s.run("queue", "list"))
    s.audit()


def test_postfix_relays_to_plainpost(make_server, postfix):
    s = make_server(f"listen 127.0.0.1:{postfix.home_port}")
    smtp_source("-s", "5", "-m", "100", "-l", "3000", "-f", "load@example.org", "-t", f"bob@{DOMAIN}",
                f"inet:127.0.0.1:{postfix.port}")
    messages = s.wait_for_mail("bob", 100, 60)
    assert len({m["Message-Id"] for m in messages}) == len(messages) == 100
    assert "postfix.relay.test" in messages[0]["Received"]
    s.audit()


def test_postfix_reports_what_plainpost_refuses(make_server, postfix):
    s = make_server(f"listen 127.0.0.1:{postfix.home_port}")
    assert swaks(postfix, sender=f"alice@{DOMAIN}", to=f"nobody@{DOMAIN}").returncode == 0
    notice, = s.wait_for_mail("alice")
    _, _, (recipient,), _ = report_of(notice)
    assert recipient["Status"] == "5.1.1"
    assert f"550 5.1.1 <nobody@{DOMAIN}>: " in unfolded(recipient["Diagnostic-Code"])
    s.audit()


# ---- Postfix as next hop

@pytest.mark.parametrize("port", ["port", "old_port"])
def test_postfix_takes_what_plainpost_relays(make_server, postfix, port):
    s = make_server(f"route relay.test 127.0.0.1:{getattr(postfix, port)}")
    queue_id = s.send(["u1@relay.test", "u2@relay.test", f"bob@{DOMAIN}"], "for three")
    for user in ("u1", "u2"):
        message, = postfix.wait_for_mail(user)
        assert message["Return-Path"] == f"<alice@{DOMAIN}>"
        assert message["Delivered-To"] == f"{user}@relay.test"
        assert queue_id in message.get_all("Received")[1]
    s.wait_for_mail("bob")
    story = unfolded(s.wait_for_word(queue_id, "relayed"))
    assert re.search(r"250 2\.0\.0 Ok: queued as [0-9A-F]+", story)
    assert not s.mailbox("alice")
    s.audit()


@pytest.mark.parametrize("port", ["port", "old_port"])
@pytest.mark.parametrize("to, headers, size, status, words, own_words", [
    ("nobody@relay.test", "", 10, "5.1.1",
     "550 5.1.1 <nobody@relay.test>: Recipient address rejected: User unknown in virtual mailbox table", None),
    ("someone@elsewhere.test", "", 10, "5.7.1",
     "554 5.7.1 <someone@elsewhere.test>: Relay access denied", None),
    ("u1@relay.test", "X-Refuse: yes\r\n", 10, "5.7.1",
     "550 5.7.1 We take no mail about herons on a Tuesday", None),
    # A server that told its limit is not asked in vain.
    ("u1@relay.test", "", 300_000, "5.3.4", "552 5.3.4 Error: message file too big", "takes at most 200000"),
], ids=["user", "relaying", "content", "size"])
def test_refusals_come_back_in_postfix_s_words(make_server, postfix, port, to, headers, size, status, words,
                                               own_words):
    s = make_server(f"route relay.test 127.0.0.1:{getattr(postfix, port)}\n"
                    f"route elsewhere.test 127.0.0.1:{getattr(postfix, port)}")
    queue_id = s.send([to, f"bob@{DOMAIN}"], "Herons", "\r\n".join(["x" * 70] * (size // 70)), headers=headers)
    notice, = s.wait_for_mail("alice")
    text, _, (recipient,), _ = report_of(notice)
    assert recipient["Final-Recipient"].replace(" ", "") == f"rfc822;{to}"
    assert recipient["Action"] == "failed" and recipient["Status"] == status
    story = s.run("trace", queue_id)
    if own_words and port == "port":
        assert own_words in unfolded(text) and own_words in unfolded(story)
    else:
        for told in (recipient["Diagnostic-Code"], text, story):
            assert words in unfolded(told)
        assert recipient["Remote-MTA"] == "dns; [127.0.0.1]"
    s.wait_for_mail("bob")
    s.audit()


def test_what_postfix_puts_off_is_tried_again_and_reported_when_it_expires(make_server, postfix):
    s = make_server(route(postfix, "expire 3s"))
    queue_id = s.send(["later@relay.test", "u1@relay.test"])
    postfix.wait_for_mail("u1")
    words = "450 4.2.0 <later@relay.test>: Recipient address rejected: The cat sleeps on the keyboard"
    assert words in unfolded(s.wait_for_word(queue_id, "delayed"))
    notice, = s.wait_for_mail("alice")
    text, _, (recipient,), _ = report_of(notice)
    assert recipient["Final-Recipient"].endswith("later@relay.test")
    assert recipient["Status"].startswith("4.")
    assert words in unfolded(recipient["Diagnostic-Code"]) and words in unfolded(text)
    assert "could not be reached" not in text  # it answered
    assert len(postfix.files("u1")) == 1
    s.audit()


def test_dsn_parameters_reach_postfix(make_server, postfix):
    s = make_server(route(postfix, f"listen 127.0.0.1:{postfix.home_port}"))
    s.send("u3@relay.test", "Registered", "the body",
           mail_options=["RET=HDRS", "ENVID=trip+2B1"],
           rcpt_options=["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;first+2Baddress@example.org"])
    postfix.wait_for_mail("u3")
    notice, = s.wait_for_mail("alice")  # Postfix's own, by way of plainpost
    _, per_message, (recipient,), returned = report_of(notice)
    assert "postfix.relay.test" in per_message["Reporting-MTA"]
    assert per_message["Original-Envelope-Id"] == "trip+1"
    assert recipient["Action"] == "delivered"
    assert recipient["Original-Recipient"].replace(" ", "") == "rfc822;first+address@example.org"
    assert returned.get_content_type() == "text/rfc822-headers"

    for notify in ("NEVER", "FAILURE", "DELAY,FAILURE"):
        s.send("u4@relay.test", notify, rcpt_options=[f"NOTIFY={notify}"])
    postfix.wait_for_files("u4", 3)
    s.send("u5@relay.test", "last", rcpt_options=["NOTIFY=SUCCESS"])
    assert len(s.wait_for_mail("alice", 2)) == 2  # nothing for u4 came before it
    s.audit()


def test_dsn_parameters_reach_postfix_and_count_when_it_fails(make_server, postfix):
    s = make_server(f"route gone.test 127.0.0.1:{postfix.port}\nlisten 127.0.0.1:{postfix.home_port}")
    for ret, kind in (("FULL", "message/rfc822"), ("HDRS", "text/rfc822-headers")):
        s.send("someone@gone.test", ret, "the body", mail_options=[f"RET={ret}", f"ENVID={ret}"],
               rcpt_options=["NOTIFY=FAILURE"])
        notice, = [n for n in s.wait_for_mail("alice", 1 + (ret == "HDRS")) if ret in n.as_string()]
        _, per_message, (recipient,), returned = report_of(notice)
        assert "postfix.relay.test" in per_message["Reporting-MTA"]
        assert per_message["Original-Envelope-Id"] == ret and recipient["Action"] == "failed"
        assert returned.get_content_type() == kind
        assert ("the body" in notice.as_string()) == (ret == "FULL")
    for notify in ("NEVER", "SUCCESS", "DELAY"):
        s.send("someone@gone.test", notify, rcpt_options=[f"NOTIFY={notify}"])
    s.send("someone@gone.test", "last")
    wait_for("the last notice", lambda: any("last" in n.as_string() for n in s.messages("alice")))
    assert len(s.mailbox("alice")) == 3
    s.audit()


def test_a_server_without_dsn_gets_none_of_its_parameters(make_server, postfix):
    s = make_server(f"route relay.test 127.0.0.1:{postfix.old_port}")
    s.send("u3@relay.test", mail_options=["RET=HDRS", "ENVID=1"],
           rcpt_options=["NOTIFY=FAILURE", "ORCPT=rfc822;x@example.org"])
    postfix.wait_for_mail("u3")  # it would have refused them with 555
    s.audit()


@pytest.mark.parametrize("to, action", [("u3@relay.test", "relayed"), (f"bob@{DOMAIN}", "delivered")])
def test_success_is_reported_by_the_last_server_that_knows_dsn(make_server, postfix, to, action):
    s = make_server(f"route relay.test 127.0.0.1:{postfix.old_port}")
    queue_id = s.send(to, mail_options=["ENVID=1"], rcpt_options=["NOTIFY=SUCCESS"])
    s.wait_for_word(queue_id, action)
    notice, = wait_for("the notice", lambda: s.messages("alice"), 3)
    _, per_message, (recipient,), _ = report_of(notice)
    assert recipient["Action"] == action and per_message["Original-Envelope-Id"] == "1"


# ---- real mail

@pytest.mark.parametrize("name", ["utf8-8bit", "latin1-8bit"])
def test_real_8bit_mail_is_returned_as_it_was_sent(make_server, postfix, name):
    original = (ROOT / "tests" / "mail" / f"{name}.eml").read_bytes()
    s = make_server(route(postfix))
    with s.client() as c:
        c.ehlo()
        c.mail(f"alice@{DOMAIN}", ["BODY=8BITMIME"])
        c.rcpt("nobody@relay.test")
        assert c.data(original.replace(b"\n", b"\r\n"))[0] == 250
    notice, = s.wait_for_mail("alice")
    assert notice["Content-Transfer-Encoding"] == "8bit"
    assert notice["Subject"].endswith(str(email.message_from_bytes(original, policy=email.policy.default)["Subject"]))
    assert original in s.mailbox("alice")[0].read_bytes()
    s.audit()


@pytest.mark.parametrize("name", ["utf8-8bit", "latin1-8bit", "utf8-header-raw"])
def test_real_8bit_mail_says_the_same_to_a_server_for_7_bits(make_server, postfix, name):
    original = (ROOT / "tests" / "mail" / f"{name}.eml").read_bytes()
    s = make_server(f"route relay.test 127.0.0.1:{postfix.old_port}")
    with s.client() as c:
        c.sendmail("anna@example.org", ["u2@relay.test"], original.replace(b"\n", b"\r\n"), ["BODY=8BITMIME"])
    relayed, = postfix.wait_for_files("u2")
    kept = relayed.read_bytes()
    assert kept[kept.index(b"\n\n"):].isascii()
    sent, came = (email.message_from_bytes(m, policy=email.policy.default) for m in (original, kept))
    assert [p.get_payload(decode=True) for p in came.walk()] == [p.get_payload(decode=True) for p in sent.walk()]
    assert came["Subject"] == sent["Subject"]
    s.audit()


@pytest.mark.parametrize("path", REAL_MAIL, ids=lambda p: p.stem)
def test_real_mail_arrives_as_it_was_sent(make_server, postfix, path):
    original = path.read_bytes()
    s = make_server(route(postfix))
    with s.client() as c:
        c.ehlo()
        c.mail("anna@example.org", [] if original.isascii() else ["BODY=8BITMIME"])
        for to in (f"bob@{DOMAIN}", "u1@relay.test"):
            assert c.rcpt(to)[0] == 250
        code, words = c.data(original.replace(b"\n", b"\r\n"))
        assert code == 250, words
    if not original.endswith(b"\n"):
        original += b"\n"  # SMTP knows no text without
    s.wait_for_mail("bob")
    assert text_behind_trace(s.mailbox("bob")[0].read_bytes(), original) == original
    relayed, = postfix.wait_for_files("u1")
    assert text_behind_trace(relayed.read_bytes(), original) == original
    s.audit()


# ---- the peer itself

def processes_of(work):
    """All that see the directory mounted, which are those in Postfix's namespace."""
    def sees(process):
        try:
            return f"/{work.parent.name}/{work.name} /mnt/work " in (process / "mountinfo").read_text()
        except OSError:
            return False
    return [p.name for p in pathlib.Path("/proc").glob("[0-9]*") if sees(p)]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("who", ["script", "parent"])
def test_postfix_ends_with_its_script_and_with_what_started_that(tmp_path, who, end):
    port = free_port()
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(f"""
            import subprocess
            p = subprocess.Popen([{str(SCRIPT)!r}, "run", "--work", {str(tmp_path)!r}, "--port", "{port}"],
                                 stdout=subprocess.PIPE)
            print(p.pid, p.stdout.readline().decode().strip(), flush=True)
            p.wait()""")], stdout=subprocess.PIPE, text=True)
    script, word = parent.stdout.readline().split()
    try:
        assert word == "ready"
        assert len(processes_of(tmp_path)) > 1
    finally:
        os.kill(int(script) if who == "script" else parent.pid, end)
    wait_for("the end of Postfix", lambda: not processes_of(tmp_path) and not answers(port))
    parent.wait(10)


def test_postfix_ends_when_its_time_is_over(tmp_path):
    p = Postfix(tmp_path, seconds=5)
    p.process.wait(20)
    assert not processes_of(tmp_path) and not answers(p.port)


def test_without_root_it_says_so(tmp_path):
    r = subprocess.run(["unshare", "--user", SCRIPT, "run", "--work", tmp_path, "--port", str(free_port())],
                       capture_output=True, text=True, timeout=60)
    assert r.returncode == 1 and "run the tests as root" in r.stderr, r.stderr


def test_without_the_network_it_says_so(tmp_path):
    copy = tmp_path / "tests" / "peers" / SCRIPT.name
    copy.parent.mkdir(parents=True)
    for script in (SCRIPT, SCRIPT.with_name("fetch.sh")):
        shutil.copy(script, copy.parent)
    r = subprocess.run(["unshare", "--net", copy, "fetch"], capture_output=True, text=True, timeout=200)
    assert r.returncode == 1 and "needs the network once" in r.stderr, r.stderr
    assert not list((tmp_path / ".peers").glob("postfix"))
