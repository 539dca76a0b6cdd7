"""Limits and time-outs, as a client meets them: the code, the enhanced code, and words that say what to do."""
import os
import re
import socket
import time

import pytest
from conftest import DOMAIN, wait_for
from talk import Talk

KB = 1024


def nothing_was_delivered(server, user="bob"):
    """Not even a little later: a message that was sent afterwards is there first."""
    server.send(f"alice@{DOMAIN}", "afterwards")
    server.wait_for_mail("alice")
    assert not server.mailbox(user)
    server.audit()


# ---- time

def test_a_silent_client_is_told_and_let_go(make_server):
    s = make_server("command-timeout 1s")
    with Talk(s) as silent, Talk(s) as slow:
        begin = time.monotonic()
        for _ in range(5):
            slow.say("NOOP").must_be(250, "2.0.0")
            time.sleep(0.5)
        slow.say("NOOP").must_be(250, "2.0.0")
        silent.read().must_be(421, "4.4.2", "Nothing came for too long", "connect again")
        silent.must_be_closed()
        slow.read().must_be(421, "4.4.2")
        slow.must_be_closed()
        assert time.monotonic() - begin < 8


def test_silence_inside_a_message_has_a_clock_of_its_own(make_server):
    s = make_server("command-timeout 1h\ndata-timeout 1s")
    with Talk(s) as t:
        t.mail()
        assert t.say("DATA").code == 354
        begin = time.monotonic()
        for _ in range(4):
            t.send("X-Slow: but going on\r\n")
            time.sleep(0.5)
        t.send("Subject: x\r\n\r\nhalf of a")
        t.read().must_be(421, "4.4.2", "Nothing came for too long")
        t.must_be_closed()
        assert 2.9 < time.monotonic() - begin < 10
    nothing_was_delivered(s)


def test_commands_have_less_patience_than_data(make_server):
    s = make_server("command-timeout 1s\ndata-timeout 1h")
    with Talk(s) as t:
        t.mail()
        assert t.say("DATA").code == 354
        t.send("Subject: x\r\n")
        time.sleep(2.5)
        t.send("\r\nx\r\n")
        t.say(".").must_be(250, "2.0.0")
        t.read().must_be(421, "4.4.2")
    s.wait_for_mail("bob")
    s.audit()


@pytest.mark.skipif(not os.environ.get("PLAINPOST_SLOW_TESTS"),
                    reason="takes more than a minute: it runs with PLAINPOST_SLOW_TESTS=1")
def test_a_message_that_crawls_is_cut_off_after_a_minute(make_server):
    s = make_server("min-data-rate 1000")
    with Talk(s, seconds=90) as t:
        t.mail()
        assert t.say("DATA").code == 354
        begin = time.monotonic()
        t.socket.setblocking(False)
        while time.monotonic() - begin < 80:
            t.send("crawl\r\n")
            time.sleep(0.5)
            try:
                if t.socket.recv(1, socket.MSG_PEEK):
                    break
            except BlockingIOError:
                pass
        t.socket.settimeout(5)
        t.read().must_be(421, "4.4.2", "too slowly")
        assert 60 <= time.monotonic() - begin < 65
    nothing_was_delivered(s)


def test_a_client_that_reads_no_replies_holds_nobody_up(make_server):
    s = make_server("command-timeout 2s")
    with Talk(s, receive_buffer=4 * KB) as deaf:
        deaf.socket.settimeout(0.5)
        sent = 0
        with pytest.raises(TimeoutError):  # it stops reading our commands: replies do not pile up for ever
            while sent < 100_000_000:
                sent += deaf.socket.send(b"HELP\r\n" * 10_000)
        s.send(f"bob@{DOMAIN}")
        s.wait_for_mail("bob")

        def is_gone():
            try:
                deaf.socket.send(b"x")
            except (ConnectionResetError, BrokenPipeError):
                return True
            except TimeoutError:
                return False
        wait_for("the end of the connection", is_gone)
    s.audit()


# ---- numbers

def test_too_many_sessions(make_server):
    s = make_server("max-sessions 3")
    talks = [Talk(s) for _ in range(3)]
    with Talk(s, hello=False) as t:
        t.greeting.must_be(421, "4.3.2", "Too many connections", "try again in a few minutes")
        t.must_be_closed()
    talks[0].say("QUIT").must_be(221, "2.0.0")
    talks[0].must_be_closed()
    with Talk(s) as t:
        t.say("NOOP").must_be(250, "2.0.0")
    for t in talks:
        t.socket.close()


def test_too_many_sessions_of_one_client(make_server):
    s = make_server("max-sessions-per-client 2\ntrusted 192.0.2.1")
    with Talk(s) as first, Talk(s):
        with Talk(s, hello=False) as t:
            t.greeting.must_be(421, "4.7.0", "Too many connections from 127.0.0.1", "at most 2", "try again")
            t.must_be_closed()
        with socket.create_connection(("127.0.0.1", s.port), 10, ("127.0.0.2", 0)) as other:
            assert other.recv(100).startswith(b"220 ")
        first.say("QUIT")
        first.must_be_closed()
        with Talk(s) as t:
            t.say("NOOP").must_be(250, "2.0.0")


def test_too_many_errors(make_server):
    s = make_server("max-errors 3")
    with Talk(s) as t:
        t.say("XYZZY").must_be(500, "5.5.1", "does not know that command", "HELP")
        t.say("MAIL FROM:<x@example.org>")
        t.say(f"RCPT TO:<nobody@{DOMAIN}>").must_be(550, "5.1.1", "check the spelling")
        t.say("MAIL FROM:<x@example.org>").must_be(503, "5.5.1", "RSET")
        t.read().must_be(421, "4.7.0", "Too many errors", "look at the replies above")
        t.must_be_closed()


def test_more_recipients_than_allowed(make_server):
    users = [f"u{i}@{DOMAIN}" for i in range(103)]
    s = make_server("max-recipients 100", users=f"alice@{DOMAIN}\n" + "\n".join(users))
    with Talk(s) as t:
        t.say("MAIL FROM:<x@example.org>").must_be(250, "2.1.0")
        for u in users[:100]:
            t.say(f"RCPT TO:<{u}>").must_be(250, "2.1.5")
        for u in users[100:]:
            t.say(f"RCPT TO:<{u}>").must_be(452, "4.5.3", "as many recipients", "another message")
        t.data().must_be(250, "2.0.0")
        t.mail(to=users[100])  # the rest, as it was told to
    for i in range(100):
        s.wait_for_mail(f"u{i}")
    nothing_was_delivered(s, "u100")


def test_as_many_messages_as_one_connection_may_carry(make_server):
    s = make_server("max-messages-per-session 2")
    with Talk(s) as t:
        for _ in range(2):
            t.mail()
            t.data().must_be(250, "2.0.0")
        t.say("MAIL FROM:<x@example.org>").must_be(421, "4.7.0", "as many messages", "connect again")
        t.must_be_closed()
    s.wait_for_mail("bob", 2)
    s.audit()


# ---- sizes

def message_of(size):
    head = b"Subject: x\r\n\r\n"
    body = b"0123456789abcdef" * 4 + b"\r\n"
    rest = size - len(head)
    return head + (body * (rest // len(body) + 1))[:rest - 2] + b"\r\n"


def test_a_message_that_is_too_large(make_server):
    s = make_server(f"max-message-size {64 * KB}")
    with Talk(s) as t:
        t.say(f"MAIL FROM:<x@example.org> SIZE={64 * KB + 1}").must_be(552, "5.3.4", "too large", str(64 * KB))
        for promise in ("", " SIZE=10", f" SIZE={64 * KB}"):
            t.mail(parameters=promise)
            t.data(message_of(64 * KB + 1)).must_be(552, "5.3.4", "too large", str(64 * KB))
            t.mail(parameters=promise)
            t.data(message_of(5_000_000)).must_be(552, "5.3.4", "too large")
        assert not s.mailbox("bob")
        t.mail(parameters=f" SIZE={64 * KB}")
        t.data(message_of(64 * KB)).must_be(250, "2.0.0")
    s.wait_for_mail("bob")
    s.audit()


HEADER = "Subject: x\r\n"
TEXT_LINES = [(HEADER + "\r\n" + "x" * n + "\r\n", n + 2) for n in (998, 999, 5000)]


@pytest.mark.parametrize("options, good, bad, reply", [
    ("max-header-size 16KB", HEADER + ("X-Long: " + "x" * 90 + "\r\n") * 160 + "\r\nx\r\n",
     HEADER + ("X-Long: " + "x" * 90 + "\r\n") * 170 + "\r\nx\r\n",
     (552, "5.3.4", "header of this message is too large", "fewer recipients")),
    ("max-text-line 1000", HEADER + "\r\n" + "x" * 998 + "\r\n", HEADER + "\r\n" + "x" * 999 + "\r\n",
     (550, "5.6.0", "a line of 999 characters", "at most 998", "base64")),
    ("max-text-line 1000", HEADER + "X-L: " + "x" * 993 + "\r\n\r\n", HEADER + "X-L: " + "x" * 50_000 + "\r\n\r\n",
     (550, "5.6.0", "a line of 50005 characters")),
    ("max-hops 10", "Received: by a.test\r\n" * 10 + HEADER + "\r\nx\r\n",
     "Received: by a.test\r\n" * 11 + HEADER + "\r\nx\r\n", (554, "5.4.6", "too many servers", "circle")),
], ids=["header", "line", "line-of-header", "hops"])
def test_what_a_message_may_be(make_server, options, good, bad, reply):
    s = make_server(options)
    with Talk(s) as t:
        t.mail()
        t.data(bad).must_be(*reply)
        assert not s.mailbox("bob")
        t.mail()
        t.data(good).must_be(250, "2.0.0")
    s.wait_for_mail("bob")
    s.audit()


def test_a_command_line_that_is_too_long(make_server):
    s = make_server("max-command-line 512\nmax-errors 100")
    with Talk(s) as t:
        t.say("NOOP " + "x" * 505).must_be(250, "2.0.0")
        t.say("NOOP " + "x" * 506).must_be(500, "5.5.2", "too long for a command")
        t.say("NOOP " + "x" * 1_000_000).must_be(500, "5.5.2", "too long for a command")
        for _ in range(300):  # the same in pieces: it is read to its end, and is one error
            t.send("y" * 10)
        t.say("").must_be(500, "5.5.2", "too long for a command")
        t.say("NOOP").must_be(250, "2.0.0")


def test_more_mail_at_once_than_memory_holds(make_server):
    s = make_server("max-message-size 1MB\nmax-memory-in-flight 1MB")
    half = message_of(400 * KB)
    talks = [Talk(s) for _ in range(4)]
    for t in talks:
        t.mail()
        assert t.say("DATA").code == 354
    for t in talks:
        t.send(half)
        time.sleep(0.2)
    with Talk(s) as t:
        t.say(f"MAIL FROM:<x@example.org> SIZE={900 * KB}").must_be(452, "4.3.1", "as much mail as it can hold",
                                                                   "try again")
        t.say("NOOP").must_be(250, "2.0.0")
    replies = [t.say(".") for t in talks]
    for r in replies:
        if r.code != 250:
            r.must_be(452, "4.3.1", "as much mail as it can hold", "try again")
    assert [r.code for r in replies].count(250) == 2, replies
    for t in talks:  # there is room again, in the same sessions
        t.mail()
        t.data().must_be(250, "2.0.0")
        t.socket.close()
    s.wait_for_mail("bob", 6)
    s.audit()


# ---- how it comes

def test_a_client_that_breaks_off_inside_a_message(make_server):
    s = make_server()
    for ending in ("", "x", "x\r\n", "x\r\n."):
        with Talk(s) as t:
            t.mail()
            assert t.say("DATA").code == 354
            t.send("Subject: x\r\n\r\n" + ending)
    with Talk(s) as t:  # and one whose connection is reset
        t.mail()
        assert t.say("DATA").code == 354
        t.send("Subject: x\r\n\r\n")
        t.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    nothing_was_delivered(s)
    assert "nothing is known" in s.run("trace", f"bob@{DOMAIN}", check=False).stderr


# What may be sent at once, and the codes that it must get (RFC 2920 3.1): the message is the first of its group.
GROUPS = [("EHLO client.test\r\n", [250]),
          (f"MAIL FROM:<x@example.org>\r\nRCPT TO:<nobody@{DOMAIN}>\r\nRCPT TO:<bob@{DOMAIN}>\r\nDATA\r\n",
           [250, 550, 250, 354]),
          ("Subject: one\r\n\r\n..x\r\n.\r\nMAIL FROM:<x@example.org>\r\nRCPT TO:<bob@" + DOMAIN + ">\r\nDATA\r\n",
           [250, 250, 250, 354]),
          ("Subject: two\r\n\r\ny\r\n.\r\nQUIT\r\n", [250, 221])]


@pytest.mark.parametrize("size", [1, 2, 7, 1000], ids=lambda n: f"{n}-bytes")
def test_groups_of_commands_in_any_pieces(make_server, size):
    s = make_server()
    with Talk(s, hello=False) as t:
        t.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for group, codes in GROUPS:
            for at in range(0, len(group), size):
                t.send(group[at:at + size])
                if size < 1000:
                    time.sleep(0.001)
            replies = [t.read() for _ in codes]
            assert [r.code for r in replies] == codes, replies
        t.must_be_closed()
    assert {m["Subject"] for m in s.wait_for_mail("bob", 2)} == {"one", "two"}
    s.audit()


def test_a_client_that_has_said_all_still_gets_its_answers(make_server):
    """As Exim does: it shuts its half of the connection behind QUIT."""
    s = make_server()
    message = "Subject: last\r\n\r\nx\r\n"
    with Talk(s) as t:
        t.send((f"MAIL FROM:<x@example.org>\r\nRCPT TO:<bob@{DOMAIN}>\r\nBDAT {len(message)} LAST\r\n{message}") * 3
               + "QUIT\r\n")
        t.socket.shutdown(socket.SHUT_WR)
        assert [t.read().code for _ in range(10)] == [250] * 9 + [221]
        t.must_be_closed()
    s.wait_for_mail("bob", 3)
    s.audit()


def test_last_words_reach_a_client_that_goes_on_talking(make_server):
    s = make_server()
    with Talk(s) as t:
        t.socket.sendall(b"BDAT a lot\r\n" + b"x" * 3_000_000)
        t.read().must_be(521, "5.5.4", "closing")
        t.must_be_closed()
    with Talk(s) as t:
        t.socket.sendall(b"BDAT a lot\r\n" + b"x" * 100_000)
        began = time.monotonic()
        t.read().must_be(521, "5.5.4", "closing")
        with pytest.raises(OSError):  # and not for ever
            while time.monotonic() - began < 10:
                t.socket.sendall(b"x" * 1000)
                time.sleep(0.05)
        assert time.monotonic() - began < 9


# ---- who does not wait

def test_who_does_not_wait_for_replies_is_refused(make_server):
    s = make_server()
    for early in ("EHLO client.test\r\nMAIL FROM:<x@example.org>\r\n", "HELO client.test\r\nNOOP\r\n"):
        with Talk(s, hello=False) as t:
            t.say(early.removesuffix("\r\n")).must_be(554, "5.5.0", "without waiting for our replies")
            t.must_be_closed()
    with Talk(s) as t:
        t.send(f"MAIL FROM:<x@example.org>\r\nRCPT TO:<bob@{DOMAIN}>\r\nDATA\r\nSubject: x\r\n\r\n.\r\n")
        assert [t.read().code for _ in range(3)] == [250, 250, 554]
        t.must_be_closed()
    with Talk(s, hello=False) as t:  # somebody else's browser
        t.say("POST / HTTP/1.1").must_be(554, "5.5.1", "not HTTP")
        t.must_be_closed()
    nothing_was_delivered(s)


def test_the_greeting_waits_for_strangers_and_they_for_it(make_server):
    s = make_server("greet-delay 500ms\ntrusted 127.0.0.2/32")

    def connect(source):
        t = socket.create_connection(("127.0.0.1", s.port), 20, (source, 0))
        return t, time.monotonic()
    early, _ = connect("127.0.0.1")
    patient, began = connect("127.0.0.1")
    with early, patient, connect("127.0.0.2")[0] as trusted:
        early.sendall(b"EHLO client.test\r\n")
        assert trusted.recv(100).startswith(b"220 ") and time.monotonic() - began < 0.4
        assert early.recv(1000).startswith(b"554 5.5.0 ") and time.monotonic() - began < 0.4
        assert not early.recv(1000)
        assert patient.recv(100).startswith(b"220 ") and time.monotonic() - began > 0.45
    assert "spam" not in s.log.read_text() and "refused" in s.log.read_text()


def test_many_messages_in_one_piece(make_server):
    s = make_server()
    count = 200
    message = "Subject: n\r\n\r\n" + "z" * 900 + "\r\n"
    one = f"MAIL FROM:<x@example.org>\r\nRCPT TO:<bob@{DOMAIN}>\r\nBDAT {len(message)} LAST\r\n{message}"
    with Talk(s) as t:
        t.send(one * count + "QUIT\r\n")
        replies = [t.read() for _ in range(count * 3 + 1)]
        assert [r.code for r in replies] == [250, 250, 250] * count + [221]
        ids = {re.search(r"stored as (\w+)", r.text)[1] for r in replies[2:-1:3]}
        assert len(ids) == count
    s.wait_for_mail("bob", count)
    s.audit()
