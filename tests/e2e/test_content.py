"""Content that is more than lines of ASCII: how it comes in (BDAT, BINARYMIME), what mailboxes make of it, and in which
form it goes out to servers that take less. Judged by Python's email package, which is no relative of ours."""
import email
import email.policy
import itertools

import pytest

import peer_exim
from conftest import DOMAIN, wait_for
from hop import Hop
from talk import Talk

BYTES = bytes(range(256)) + b"\r\n.\r\n\n.\n\r\r--c\r\n" + bytes(range(255, -1, -1))  # what could go wrong
TEXT = "Grüße aus Ærø\r\n.\r\n..\r\nFrom here\r\ntrailing \r\n--b-no\r\nŽ=20\r\n"
HEAD = "From: <alice@example.org>\r\nSubject: s\r\nMIME-Version: 1.0\r\n"

EIGHT = (HEAD + "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
         "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + TEXT
         + "\r\n--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
         "Subject: inside\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
         "MIME-Version: 1.0\r\n\r\n" + TEXT + "\r\n--b--\r\n").encode()
BINARY = (HEAD + "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: binary\r\n\r\n"
          "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + TEXT
          + "\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n"
          ).encode() + BYTES + b"\r\n--b--\r\n"
SIGNED = (HEAD + "Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"\r\n\r\n"
          "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + TEXT
          + "\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nxyz\r\n--b--\r\n").encode()
PLAIN = (HEAD + "\r\n.\r\n..\r\nQUIT\r\n.\r\n").encode()

EXTENSIONS = {"old": (), "pipelining": ("PIPELINING", "SIZE"), "eight": ("PIPELINING", "8BITMIME"),
              "chunks": ("PIPELINING", "8BITMIME", "CHUNKING"),
              "binary": ("8BITMIME", "CHUNKING", "BINARYMIME"),
              "all": ("PIPELINING", "8BITMIME", "CHUNKING", "BINARYMIME", "SIZE")}


def contents(message):
    """The decoded content of every part that has one. A multipart's last line end is the delimiter's."""
    m = email.message_from_bytes(message, policy=email.policy.default)
    return [(p.get_content_type(), p.get_payload(decode=True)) for p in m.walk() if not p.is_multipart()]


def in_chunks(talk, message, body, to, sizes=(7, 100, 0, 1)):
    """By BDAT, in pieces that end anywhere, all of it at once."""
    commands = f"MAIL FROM:<alice@{DOMAIN}> BODY={body}\r\n" + "".join(f"RCPT TO:<{a}>\r\n" for a in to)
    out, replies = commands.encode(), 1 + len(to)
    for size in itertools.cycle(sizes):
        piece, message = message[:size], message[size:]
        out += f"BDAT {len(piece)}{'' if message else ' LAST'}\r\n".encode() + piece
        replies += 1
        if not message:
            break
    talk.send(out)
    answers = [talk.read() for _ in range(replies)]
    assert [a.code for a in answers] == [250] * replies, answers
    return answers[-1].text.split()[-1]


def test_what_comes_in_chunks(make_server):
    s = make_server()
    with Talk(s, hello=False) as t:
        offered = t.say("EHLO client.test").text
        assert {"CHUNKING", "BINARYMIME"} <= set(offered.split()) and "LIMITS RCPTMAX=1000" in offered
        in_chunks(t, PLAIN, "7BIT", [f"bob@{DOMAIN}"], sizes=(1, 3))
        t.mail()  # what can't be taken is told, and the next command is found
        t.send(b"BDAT 8 LAST\r\na\0\r\n.\r\n\nNOOP\r\n")
        t.read().must_be(550, "5.6.0", "NUL")
        t.read().must_be(250, "2.0.0")
        t.mail(parameters=" BODY=BINARYMIME")
        t.say("DATA").must_be(503, "5.5.1", "BDAT")
        t.say("RSET").must_be(250, "2.0.0")
        t.send(b"BDAT 6\r\nQUIT\r\n")
        t.read().must_be(503, "5.5.1", "MAIL FROM")
        t.say("BDAT many").must_be(521, "5.5.4", "BDAT 1000 LAST")
        t.must_be_closed()
    s.wait_for_mail("bob")
    kept, = s.mailbox("bob")
    assert contents(kept.read_bytes())[0][1] == b".\n..\nQUIT\n.\n"
    s.audit()


def test_chunks_count_against_memory_and_size(make_server):
    s = make_server("max-memory-in-flight 2MB\nmax-message-size 2MB")
    piece = (b"x" * 98 + b"\r\n") * 5000
    with Talk(s) as first, Talk(s) as t:
        first.mail()
        t.mail()
        for talk in (first, first, t, t):
            talk.send(b"BDAT 500000\r\n" + piece)
            talk.read().must_be(250, "2.0.0")
        t.send((b"BDAT 500000\r\n" + piece) * 2 + b"BDAT 0 LAST\r\n")
        answers = [t.read() for _ in range(3)]
        for answer in answers[1:]:  # when it became too much, and from then on
            answer.must_be(452, "4.3.1", "try again")
        first.send(b"BDAT 0 LAST\r\n")
        first.read().must_be(250, "2.0.0")
        t.mail()
        t.send(b"BDAT 2500000 LAST\r\n" + piece * 5)
        t.read().must_be(552, "5.3.4", "too large")
        in_chunks(t, PLAIN, "7BIT", [f"bob@{DOMAIN}"])  # the memory is free again
    s.wait_for_mail("bob", 2)
    s.audit()


def test_a_mailbox_holds_binary_content_encoded(make_server):
    s = make_server()
    with Talk(s) as t:
        in_chunks(t, BINARY, "BINARYMIME", [f"bob@{DOMAIN}"])
        one = HEAD.encode() + b"Content-Type: image/x\r\nContent-Transfer-Encoding: binary\r\n\r\n" + BYTES
        in_chunks(t, one, "BINARYMIME", [f"alice@{DOMAIN}"], sizes=(999,))
    s.wait_for_mail("bob")
    kept = s.mailbox("bob")[0].read_bytes()
    assert not any(c in kept for c in (b"\0", b"\r"))
    assert contents(kept.replace(b"\n", b"\r\n")) == contents(BINARY)
    assert contents(kept.replace(b"\n", b"\r\n"))[1][1] == BYTES
    s.wait_for_mail("alice")
    assert contents(s.mailbox("alice")[0].read_bytes())[0][1] == BYTES
    s.audit()


@pytest.fixture
def hops():
    made = {name: Hop(extensions=e) for name, e in EXTENSIONS.items()}
    yield made
    for hop in made.values():
        hop.stop()


def taken(hop, count=1):
    return wait_for("the message at its next hop", lambda: len(hop.taken) >= count and hop.taken[count - 1]).content


def behind_trace(content):
    """What was sent, without the Received field that we put before it."""
    return content[content.index(b"From: <alice@example.org>"):]


def test_each_next_hop_gets_what_it_can_take(make_server, hops):
    s = make_server("".join(f"route {n}.test 127.0.0.1:{h.port}\n" for n, h in hops.items()))
    everybody = [f"x@{n}.test" for n in hops]
    with Talk(s) as t:
        in_chunks(t, EIGHT, "8BITMIME", everybody)
        for name, hop in hops.items():
            content, can = taken(hop), EXTENSIONS[name]
            assert contents(content) == contents(EIGHT), name
            if "8BITMIME" in can:
                assert behind_trace(content) == EIGHT and "BODY=8BITMIME" in hop.commands[0]
            else:
                assert content.isascii() and "BODY" not in hop.commands[0]
                assert max(map(len, content.split(b"\r\n"))) <= 998
                m = email.message_from_bytes(content, policy=email.policy.default)
                assert m["Content-Transfer-Encoding"] == "7bit" and not m.defects
            assert len(hop.commands) == 1
        in_chunks(t, BINARY, "BINARYMIME", everybody)
        for name, hop in hops.items():
            content, can = taken(hop, 2), EXTENSIONS[name]
            assert contents(content) == contents(BINARY) and contents(content)[1][1] == BYTES, name
            if "BINARYMIME" in can:
                assert behind_trace(content) == BINARY and "BODY=BINARYMIME" in hop.commands[1]
                assert hop.commands[2] == f"BDAT {len(content)} LAST"
            else:
                assert b"\0" not in content and b"\n" not in content.replace(b"\r\n", b"")
                assert content.isascii() or "8BITMIME" in can
                assert ("BODY=8BITMIME" in hop.commands[1]) == ("8BITMIME" in can)
            if "SIZE" in can:
                assert f"SIZE={len(content)}" in hop.commands[1]  # as it goes out
        in_chunks(t, PLAIN, "7BIT", everybody)
        for hop in hops.values():
            assert behind_trace(taken(hop, 3)) == PLAIN
    s.audit()


def test_what_is_signed_is_not_changed_but_returned(make_server, hops):
    s = make_server("".join(f"route {n}.test 127.0.0.1:{hops[n].port}\n" for n in ("old", "eight", "all")))
    with Talk(s) as t:
        in_chunks(t, SIGNED, "8BITMIME", ["x@old.test", "x@eight.test"])
        assert behind_trace(taken(hops["eight"])) == SIGNED
        notice, = s.wait_for_mail("alice")
        text = " ".join(notice.get_body(("plain",)).get_content().split())
        assert "8BITMIME" in text and "multipart/signed" in text and "can't handle this kind of message" in text
        status = notice.get_payload()[1].get_payload()[1]
        assert status["Status"] == "5.6.3" and status["Final-Recipient"].endswith("x@old.test")
        # A signed message that is binary in name only goes as it is.
        in_chunks(t, SIGNED, "BINARYMIME", ["x@eight.test", "x@all.test"])
        assert behind_trace(taken(hops["eight"], 2)) == behind_trace(taken(hops["all"])) == SIGNED
    assert not hops["old"].taken and not hops["old"].commands
    s.audit()


def test_exim_sends_in_chunks(make_server, tmp_path):
    if why := peer_exim.why_not():
        pytest.skip(why)
    s = make_server()
    exim = peer_exim.Exim(tmp_path / "exim", s.port)
    body = b"".join(b"%d\r\n.\r\nQUIT\r\n" % n for n in range(3000)) + TEXT.encode()
    exim.send("a@example.org", [f"bob@{DOMAIN}", f"nobody@{DOMAIN}"],
              b"Subject: long\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
              b"MIME-Version: 1.0\n\n" + body.replace(b"\r\n", b"\n"))
    s.wait_for_mail("bob")
    assert contents(s.mailbox("bob")[0].read_bytes())[0][1] == body.replace(b"\r\n", b"\n")
    log = exim.log()
    delivered, = (line for line in log.splitlines() if f"=> bob@{DOMAIN}" in line)
    assert " K " in delivered, log  # it says so of BDAT
    assert "550 5.1.1" in log and "Completed" in log
    s.audit()
