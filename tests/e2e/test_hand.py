"""The queue in the operator's hand, and in that of a user: choosing, holding, ending, redirecting, suspending; who
may do what; top and watch."""
import contextlib
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import threading
import time

import pytest

from conftest import DOMAIN, PLAINPOST, wait_for

CLOSED = "route partner.test 127.0.0.1:1\nroute other.test 127.0.0.1:2\nretry-first 1h\nretry-max 1h\n"
ALICE = f"alice@{DOMAIN}"
USER = 65534  # nobody: he has an account


def ids(server, *choice):
    return [json.loads(line)["id"] for line in server.run("queue", "ls", "--json", *choice).splitlines()]


def audit(server):
    found = json.loads(server.run("audit", "--json"))
    assert found["adds_up"], found
    return found


def queued(server, *recipients, **more):
    """A message whose recipients have all been tried."""
    queue_id = server.send(list(recipients), **more)
    wait_for("the first attempts", lambda: server.run("trace", queue_id).count(" delayed: ") == len(recipients))
    return queue_id


@pytest.fixture
def server(make_server):
    return make_server(CLOSED)


def test_choosing_is_an_and_of_all_that_is_said(server):
    s = server
    first = queued(s, "dave@partner.test", "eve@other.test")
    second = queued(s, "dave@partner.test", sender=f"bob@{DOMAIN}")
    both = [first, second]
    for choice, meant in (
            ([], both),
            (["--from", ALICE], [first]),
            (["--from", f"@{DOMAIN}", "--to", "dave@*"], both),
            (["--to", "@other.test"], [first]),
            (["--destination", "127.0.0.1:2"], [first]),
            (["--destination", "partner.test", "--from", "bob@*"], [second]),
            (["--cause", "could-not-reach"], both),
            (["--cause", "refused", "--newer", "1h"], both),
            (["--cause", "inbox-full"], []),
            (["--older", "1h"], []),
            (["--held"], []),
            (["--limit=1"], [first]),
            (["--id", second], [second])):
        assert ids(s, *choice) == meant, choice
    assert "No message in the queue is like that." in s.run("queue", "ls", "--held")
    shown = s.run("queue", "show", first)
    assert "eve@other.test: next attempt in" in shown and "goes to 127.0.0.1:2" in shown
    assert "Connection refused" in shown
    detail, = (json.loads(line) for line in s.run("queue", "show", "--json", first).splitlines())
    assert [r["destination"] for r in detail["to_each"]] == ["127.0.0.1:1", "127.0.0.1:2"]


def test_what_it_touches_is_told_and_nothing_happens_unasked(server):
    s = server
    queue_id = queued(s, "dave@partner.test", "eve@other.test")
    for words in (["remove"], ["bounce", "--why", "x"], ["redirect", ALICE], ["hold"]):
        r = s.run("queue", *words, check=False)
        assert r.returncode == 2 and "which messages?" in r.stderr and "--all" in r.stderr, words
    dry = s.run("queue", "remove", "--to", "@other.test", "--dry-run")
    assert "This removes 1 recipient of 1 message for good" in dry and "to eve@other.test:" in dry
    r = s.run("queue", "remove", "--to", "@other.test", check=False)
    assert r.returncode == 1 and "This removes 1 recipient" in r.stderr and "say --yes" in r.stderr
    r = s.run("queue", "remove", queue_id, check=False)  # for good: an id is not enough
    assert r.returncode == 1 and "say --yes" in r.stderr
    r = s.run("queue", "hold", "--from", ALICE, check=False)
    assert r.returncode == 1 and "This puts 1 message on hold" in r.stderr
    assert ids(s) == [queue_id] and not ids(s, "--held")
    r = s.run("queue", "remove", "--from", "nobody@x.test", "--yes", check=False)
    assert r.returncode == 1 and "there is no message" in r.stderr


def test_a_person_at_a_terminal_is_asked(server):
    s = server
    queued(s, "dave@partner.test")
    for answer, left in (("n", 1), ("y", 0)):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(PLAINPOST, [PLAINPOST, "-c", str(s.config), "queue", "remove", "--all"])
        seen = read_until(terminal, "[y/N]")
        assert "This removes 1 message for good." in seen and "dave@partner.test" in seen
        os.write(terminal, f"{answer}\n".encode())
        read_until(terminal, "nothing was done" if left else "1 message is removed.")
        os.waitpid(pid, 0)
        os.close(terminal)
        assert len(ids(s)) == left


def test_remove_bounce_and_redirect_end_recipients_in_one_step(server, tmp_path):
    s = server
    queue_id = queued(s, "dave@partner.test", "eve@other.test", "fay@partner.test")
    assert "1 message is removed." in s.run("queue", "remove", "--to", "eve@*", "--why", "a mistake", "--yes")
    assert "discarded: a mistake" in s.run("trace", queue_id)
    s.run("queue", "bounce", "--to", "fay@*", "--why", "the project has ended", "--yes")
    notice = s.wait_for_mail("alice")[0].as_string()
    assert "the project has ended" in notice and "fay@partner.test" in notice and "5.7.1" in notice
    assert len(ids(s)) == 1
    assert "1 message is redirected." in s.run("queue", "redirect", queue_id, f"bob@{DOMAIN}", "--why", "he moved",
                                               "--yes")
    message, = s.wait_for_mail("bob")
    assert message["Subject"] == "hello"
    story = " ".join(s.run("trace", queue_id).split())
    new, = re.findall(rf"dave@partner.test redirected by the operator to bob@{DOMAIN} in (\w+): he moved", story)
    s.wait_for_word(new, "1 delivered")
    assert f"redirected out of {queue_id}" in s.run("trace", new)
    assert not ids(s)
    found = audit(s)
    assert found["queued"] == 0 and found["expanded_from"] == found["expanded_into"] == 2
    assert found["discarded"] == found["failed_reported"] == 1
    s.stop()
    s.start()  # the same after the journal was read
    assert not ids(s) and audit(s) == found


def test_the_failure_of_a_redirected_recipient_is_told_as_the_sender_knows_him(server):
    s = server
    queued(s, "dave@partner.test")
    s.run("queue", "redirect", "--all", f"secret@{DOMAIN}", "--yes")  # no such mailbox
    notice, = s.wait_for_mail("alice")
    assert "dave@partner.test" in notice.as_string() and "secret" not in notice["Subject"]
    report = [p for p in notice.walk() if p.get_content_type() == "message/delivery-status"][0].as_string()
    assert "rfc822; dave@partner.test" in report and "secret" not in report
    audit(s)


def test_holding_by_what_messages_have_in_common(server):
    s = server
    held, free = queued(s, "dave@partner.test"), queued(s, "eve@other.test")
    assert "1 message is on hold now." in s.run("queue", "hold", "--to", "@partner.test", "--why", "looks odd",
                                                "--yes")
    assert ids(s, "--held") == [held]
    assert "on hold, looks odd" in s.run("queue", "ls", "--held")
    s.run("queue", "redirect", held, "eve@other.test", "--yes")
    assert "it was redirected while on hold" in s.run("queue", "ls", "--held")
    assert "1 message is released." in s.run("queue", "release", "--held", "--yes")
    assert not ids(s, "--held") and free in ids(s)
    assert "2 messages are tried again now." in s.run("queue", "retry", "all", "--yes")
    audit(s)


def test_a_suspended_destination_waits_over_a_restart(make_server, next_hop):
    s = make_server(f"route partner.test 127.0.0.1:{next_hop.port}\nretry-first 1s\n")
    assert "Nothing is suspended." in s.run("queue", "suspended")
    s.run("queue", "suspend", "Partner.test", "--why", "they move house")
    queue_id = s.send(["ok@partner.test", f"bob@{DOMAIN}"])
    s.wait_for_mail("bob")
    story = s.wait_for_word(queue_id, "waits: mail to partner.test was suspended by the operator")
    assert "they move house" in story
    s.kill()
    s.start()
    assert re.search(r"partner.test  for .*; 1 message came due: they move house",
                     wait_for("it to wait again", lambda: "1 message came" in (t := s.run("queue", "suspended")) and t))
    assert ids(s, "--cause", "suspended") == [queue_id]
    assert not next_hop.messages()
    assert s.run("trace", queue_id).count("waits:") == 1  # told once
    r = s.run("queue", "resume", "example.org", check=False)
    assert r.returncode == 1 and "example.org is not suspended" in r.stderr
    assert "goes again" in s.run("queue", "resume", "partner.test")
    s.wait_for_word(queue_id, "relayed")
    assert "Nothing is suspended." in s.run("queue", "suspended")
    s.run("queue", "suspend", f"127.0.0.1:{next_hop.port}")  # by the name of the destination, and without a reason
    queue_id = s.send("ok@partner.test")
    s.wait_for_word(queue_id, "waits:")
    s.run("queue", "resume", f"127.0.0.1:{next_hop.port}")
    s.wait_for_word(queue_id, "relayed")
    audit(s)


# ---- users

@pytest.fixture
def public():
    """A folder that other users can reach; pytest's they can't."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="plainpost-hand-"))
    path.chmod(0o755)
    shutil.copy(PLAINPOST, path / "plainpost")
    yield path
    shutil.rmtree(path)


def as_user(public, *words, uid=USER, groups=(), stdin=None):
    return subprocess.run([public / "plainpost", "-c", public / "conf", *words], input=stdin, capture_output=True,
                          text=True, timeout=60, user=uid, group=uid, extra_groups=groups)


@pytest.mark.skipif(os.geteuid() != 0, reason="other users are needed, and only root can be them")
def test_users_see_what_they_have_handed_in_and_no_more(make_server, public):
    aliases = public / "aliases"
    aliases.write_text(f"team@{DOMAIN}: hidden@partner.test\n")
    s = make_server(CLOSED + f"control {public}/control\ndrop {public}/drop\naliases {aliases}\noperators daemon\n"
                    "trusted 127.0.0.0/8\n")
    shutil.copy(s.config, public / "conf")
    (public / "conf").chmod(0o644)
    of_others = queued(s, "dave@partner.test")
    r = as_user(public, "sendmail", "eve@other.test", f"team@{DOMAIN}", stdin="Subject: mine\n\ntext\n")
    assert r.returncode == 0, r.stderr
    own = wait_for("his mail", lambda: [i for i in ids(s, "--cause", "refused") if i != of_others])[0]

    listed = as_user(public, "queue", "ls")
    assert listed.returncode == 0, listed.stderr
    assert own in listed.stdout and of_others not in listed.stdout
    assert as_user(public, "sendmail", "-bp").stdout.split()[0] == own
    told = as_user(public, "trace", own)
    assert told.returncode == 0 and "eve@other.test delayed" in told.stdout
    assert f"team@{DOMAIN} is an alias on this server" in told.stdout
    for words in (("trace", own), ("trace", "--json", own), ("queue", "show", own), ("queue", "show", "--json", own)):
        assert "hidden@" not in as_user(public, *words).stdout, words
    assert "hidden@partner.test" in s.run("trace", own)
    s.run("queue", "redirect", "--to", "eve@*", own, "hidden@other.test", "--why", "to hidden@", "--yes")
    assert "eve@other.test redirected by the operator to hidden@other.test" in " ".join(s.run("trace", own).split())
    elsewhere = [i for i in ids(s) if i not in (own, of_others)][0]
    for i in (own, elsewhere):
        told = as_user(public, "trace", i).stdout + as_user(public, "trace", "--json", i).stdout
        assert "eve@other.test redirected by the operator\n" in told and "hidden@" not in told
    assert json.loads(as_user(public, "trace", "--json", own).stdout)[0]["id"] == own
    for words in (("trace", of_others), ("trace", ALICE), ("trace", "dave@partner.test"), ("queue", "show", of_others)):
        assert as_user(public, *words).returncode == 1, words
    for words in (("queue", "remove", own, "--yes"), ("queue", "hold", own), ("queue", "retry", "--all", "--yes"),
                  ("queue", "suspend", "x.test"), ("queue", "suspended"), ("top", "--once"), ("sendmail", "-q"), ("reload",)):
        r = as_user(public, *words)
        assert r.returncode != 0 and "only operators may do this" in r.stderr, words
    assert set(ids(s)) == {own, of_others, elsewhere}

    with watching(s, program=[public / "plainpost", "-c", public / "conf"], user=USER, group=USER) as lines:
        s.send(f"bob@{DOMAIN}")  # another's
        s.wait_for_mail("bob")
        as_user(public, "sendmail", f"bob@{DOMAIN}", stdin="Subject: seen\n\ntext\n")
        assert f"delivered into the mailbox" in wait_for("his own", lambda: [x for x in lines() if "delivered" in x])[0]
        assert all(ALICE not in line for line in lines())

    # a member of the group is an operator, also when it is not his first group; and it may become another group
    text = s.config.read_text()
    s.config.write_text(text.replace("operators daemon", "operators bin"))
    assert "operators: daemon, now bin" in as_user(public, "reload", groups=(1,)).stdout
    assert as_user(public, "top", "--once", groups=(1,)).returncode == 1
    s.config.write_text(text.replace("operators daemon", "operators nobody-of-that-name"))
    r = as_user(public, "reload", groups=(2,))
    assert r.returncode == 1 and 'there is no group "nobody-of-that-name"' in r.stderr
    s.config.write_text(text)
    assert as_user(public, "reload", groups=(2,)).returncode == 0
    assert as_user(public, "queue", "remove", "--all", "--yes", groups=(1,)).returncode == 0
    assert not ids(s)
    notice = json.loads(s.run("trace", "--json", own))[0]
    assert [e["event"] for e in notice["events"]].count("discarded") == 1
    audit(s)


# ---- who is slow, or hostile

def connect(server):
    c = socket.socket(socket.AF_UNIX)
    c.settimeout(20)
    c.connect(str(server.state / "control"))
    return c


def test_hostile_clients_hold_nobody_up(server):
    s = server
    queue_id = queued(s, "dave@partner.test")
    idle = [connect(s) for _ in range(20)]
    for text in (b"\n\n", b"\0\xff" * 100 + b"\n\n", b"remove\n\n", b"hold\nid x\n\n", b"list\nolder 99999999999999d\n\n",
                 b"x" * 70000, b"trace\nwhat " + b"*" * 60000 + b"\n\n", b"remove\nid " + queue_id.encode() + b"\n\ngxgo\n"):
        with connect(s) as c:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                c.sendall(text)
                c.shutdown(socket.SHUT_WR)
                while c.recv(65536):
                    pass
    with connect(s) as c:  # goes away in the middle of its answer
        c.sendall(b"list\n\n")
    with connect(s) as c:  # a word that comes in pieces
        c.sendall(b"hold\nid " + queue_id.encode() + b"\n")
        c.sendall(b"\n")
        wait_for("the choice", lambda: b"selected 1 1" in c.recv(65536, socket.MSG_PEEK))
        c.sendall(b"g")
        c.sendall(b"o\n")
        wait_for("the end", lambda: b"done 1 0\nend\n" in c.recv(65536, socket.MSG_PEEK))
    assert ids(s, "--held") == [queue_id]
    s.send(f"bob@{DOMAIN}")
    s.wait_for_mail("bob")
    for c in idle:
        c.close()


def test_the_end_finds_those_who_ask(server):
    """Answers of several pieces are being made, and what waits is being counted, when the server is told to stop."""
    s = server
    with s.client() as client:
        for i in range(400):
            client.sendmail(ALICE, ["dave@partner.test"], f"From: {ALICE}\r\nSubject: {'x' * 150}\r\n\r\ntext\r\n")
    ends = threading.Event()

    def ask(text):
        while not ends.is_set():
            with contextlib.suppress(OSError), connect(s) as c:
                c.sendall(text)
                while c.recv(65536):
                    pass

    for _ in range(3):
        ends.clear()
        askers = [threading.Thread(target=ask, args=(text,)) for text in [b"list\n\n"] * 5 + [b"top\n\n"] * 2]
        for t in askers:
            t.start()
        time.sleep(0.2)
        assert s.stop() == 0  # else the sanitizers have found something
        ends.set()
        for t in askers:
            t.join()
        s.start()
    assert len(ids(s)) == 400


# ---- watch and top

@contextlib.contextmanager
def watching(server, *words, program=None, **more):
    program = program or [PLAINPOST, "-c", server.config]
    with tempfile.TemporaryFile("w+") as out:
        p = subprocess.Popen([*program, "watch", *words], stdout=out, stderr=out, **more)
        time.sleep(0.3)  # until it watches: nothing tells

        def lines():
            out.seek(0)
            return out.read().splitlines()
        try:
            yield lines
        finally:
            p.terminate()
            p.wait(10)


def test_watch_shows_stories_as_they_happen(server):
    s = server
    with watching(s) as everything, watching(s, "--to", "*@other.test", "--json") as some:
        queue_id = queued(s, "dave@partner.test", "eve@other.test")
        s.run("queue", "remove", queue_id, "--yes")
        wait_for("the end", lambda: sum("discarded" in x for x in everything()) == 2)
        assert re.match(rf"\d\d:\d\d:\d\d  {queue_id}  accepted from .* for dave@partner.test and 1 other, "
                        rf"from {ALICE}", everything()[0])
        assert any(re.search(r"dave@partner.test  delayed: .* next attempt in .*Connection refused", x)
                   for x in everything())
        wait_for("three lines", lambda: len(some()) == 3)
        assert [json.loads(x)["event"] for x in some()] == ["accepted", "delayed", "discarded"]


def test_a_watcher_that_reads_nothing_holds_nobody_up(server):
    s = server
    with connect(s) as c:
        c.sendall(b"watch\njson\n\n")
        wait_for("ok", lambda: c.recv(3, socket.MSG_PEEK) == b"ok\n")
        with s.client() as client:
            for _ in range(25):
                client.sendmail(ALICE, [f"{i:03}{'x' * 60}@partner.test" for i in range(100)],
                                f"From: {ALICE}\r\n\r\ntext\r\n")
        wait_for("all attempts", lambda: json.loads(s.run("top", "--json"))["flow"]["delayed"] == 2500)
        told = b""
        while b'"skipped":' not in told:
            told += c.recv(65536)
        skipped = int(re.search(rb'{"skipped":(\d+)}\n', told)[1])
        assert skipped + told.count(b'"event":') >= 2500  # each line is shown or counted


def test_top_once_and_in_a_terminal(make_server):
    s = make_server(CLOSED)
    queued(s, "dave@partner.test", "eve@other.test")
    s.run("queue", "suspend", "other.test", "--why", "they are ill")
    s.run("queue", "retry", "--all", "--yes")
    screen = wait_for("the suspension", lambda: "came" in s.run("queue", "suspended") and
                      "1 message:" in (t := s.run("top", "--once")) and t)
    assert "1 message for 2 recipients" in screen and "the oldest for" in screen
    assert re.search(r"127.0.0.1:1 +1 +0 of \d+  (not reached|waits|busy)", screen)
    assert "Connection refused" in screen and "The receiving server is not running (refused)" in screen
    assert "suspended: other.test for" in screen and "they are ill" in screen
    now = json.loads(s.run("top", "--once", "--json"))
    assert now["messages"] == 1 and now["flow"]["accepted"] == 1
    assert s.run("top", check=False).returncode == 1  # no terminal

    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(PLAINPOST, [PLAINPOST, "-c", str(s.config), "top"])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 70, 0, 0))
    before = termios.tcgetattr(terminal)
    assert "1 message for 2 recipients" in read_until(terminal, "q ends")
    os.kill(pid, signal.SIGWINCH)
    read_until(terminal, "in the queue")
    s.send(f"bob@{DOMAIN}")
    read_until(terminal, "in a second")
    os.write(terminal, b"q")
    seen = read_until(terminal, "\x1b[?1049l")
    assert "\x1b[?25h" in seen
    assert os.waitpid(pid, 0)[1] == 0
    assert termios.tcgetattr(terminal)[3] == before[3] | termios.ICANON | termios.ECHO | termios.ISIG
    os.close(terminal)


def read_until(terminal, word, seconds=20):
    seen, end = "", time.monotonic() + seconds
    while word not in seen:
        assert time.monotonic() < end, seen
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                seen += os.read(terminal, 65536).decode(errors="replace")
            except OSError:  # its program has ended
                assert word in seen, seen
    return seen
