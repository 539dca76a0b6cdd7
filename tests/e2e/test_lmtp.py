"""Mailboxes behind LMTP: a real Dovecot, and a small server of our own for what Dovecot can't be brought to do."""
import pytest

import peer_dovecot
from conftest import DOMAIN, free_port, wait_for
from peer_dns import Scripted
from peer_dovecot import Dovecot
from talk import Talk
from test_content import BINARY, contents, in_chunks
from test_main_job import report_of

needs_dovecot = pytest.mark.skipif(peer_dovecot.why_not() is not None, reason=str(peer_dovecot.why_not()))

USERS = {"dora@dove.test": None, "emil@dove.test": None, "full@dove.test": "1K"}
LARGE = "All of this does not fit into a mailbox of one KB.\r\n" * 50


@pytest.fixture
def make(request):
    made = []

    def one(kind, *arguments, **options):
        made.append(kind(*arguments, **options))
        return made[-1]
    yield one
    for m in made:
        m.stop()


def events(server, queue_id, recipient):
    return [e for s in server.stories(queue_id) for e in s["events"] if e.get("recipient") == recipient]


@needs_dovecot
@pytest.mark.parametrize("way", ["tcp", "unix"])
def test_dovecot_answers_for_each_recipient(make_server, make, way):
    d = make(Dovecot, USERS)
    where = f"127.0.0.1:{d.port}" if way == "tcp" else str(d.socket)
    told = where if way == "tcp" else f"localhost ({d.socket})"
    s = make_server(f"route dove.test lmtp:{where}\n")
    queue_id = s.send(["dora@dove.test", "full@dove.test", "nobody@dove.test", "emil@dove.test"], "Large", LARGE)
    notice, = s.wait_for_mail("alice")
    text, _, recipients, _ = report_of(notice)
    failed = {r["Final-Recipient"].split(";")[1].strip(): r for r in recipients}
    assert {to: r["Status"] for to, r in failed.items()} == {"full@dove.test": "5.2.2", "nobody@dove.test": "5.1.1"}
    assert "552 5.2.2 <full@dove.test> Quota exceeded (mailbox for user is full)" in \
        " ".join(failed["full@dove.test"]["Diagnostic-Code"].split())
    assert "Inbox full" in text and "Address not found" in text
    trace = " ".join(s.wait_for_word(queue_id, "reported").split())
    for user in ("dora", "emil"):
        mail, = d.mails(f"{user}@dove.test")
        assert LARGE.replace("\r\n", "\n") in mail.read_text()
        assert f"{user}@dove.test delivered into the mailbox by {told}, which took it: 250 2.0.0" in trace
    assert [e["cause"] for e in events(s, queue_id, "full@dove.test")] == ["inbox-full"]
    assert [e["cause"] for e in events(s, queue_id, "nobody@dove.test")] == ["address-not-found"]
    assert "What became of it: 2 delivered, 2 failed and reported to the sender." in trace
    s.audit()


@needs_dovecot
def test_dovecot_gets_binary_content_in_a_form_that_it_takes(make_server, make):
    d = make(Dovecot, USERS)
    s = make_server(f"route dove.test lmtp:{d.socket}\n")
    with Talk(s) as t:
        in_chunks(t, BINARY, "BINARYMIME", ["dora@dove.test", "emil@dove.test"])
    for user in ("dora", "emil"):
        mail, = wait_for("the mail", lambda: d.mails(f"{user}@dove.test"))
        assert contents(mail.read_bytes().replace(b"\n", b"\r\n")) == contents(BINARY)
    s.audit()


@needs_dovecot
def test_a_mailbox_that_is_full_for_now_gets_its_mail_when_there_is_room(make_server, make):
    d = make(Dovecot, USERS, is_full_for_now=True)
    s = make_server(f"route dove.test lmtp:{d.socket}\nretry-first 1s\nretry-max 2s\n")
    queue_id = s.send(["full@dove.test", "dora@dove.test"], "Large", LARGE)
    s.wait_for_word(queue_id, "delayed: Inbox full")
    first = events(s, queue_id, "full@dove.test")[0]
    assert (first["event"], first["code"], first["status"], first["cause"]) == ("delayed", 452, "4.2.2", "inbox-full")
    d.set_users({**USERS, "full@dove.test": "1M"})
    wait_for("the mail", lambda: d.mails("full@dove.test"))
    s.wait_for_word(queue_id, "2 delivered")
    assert len(d.mails("dora@dove.test")) == 1
    s.audit()


@needs_dovecot
def test_mail_waits_for_a_dovecot_that_is_down(make_server, make):
    d = make(Dovecot, USERS)
    d.halt()
    s = make_server(f"route dove.test lmtp:{d.socket}\nretry-first 1s\nretry-max 2s\n")
    queue_id = s.send("dora@dove.test")
    trace = " ".join(s.wait_for_word(queue_id, "delayed").split())
    assert "4.4.1 could not connect: " in trace
    assert [e["cause"] for e in events(s, queue_id, "dora@dove.test")][:1] == ["could-not-reach"]
    d.start()
    s.wait_for_word(queue_id, "delivered into the mailbox by localhost")
    s.audit()


@needs_dovecot
def test_our_own_users_can_have_their_mail_there(make_server, make):
    d = make(Dovecot, {f"alice@{DOMAIN}": None, f"bob@{DOMAIN}": "1K"})
    s = make_server(f"route {DOMAIN} lmtp:{d.socket}\n")
    with s.client() as c:
        c.ehlo()
        c.mail("x@example.org")
        assert c.rcpt(f"nobody@{DOMAIN}")[0] == 550
    s.send(f"bob@{DOMAIN}", "Large", LARGE)
    notice, = wait_for("the notice", lambda: d.mails(f"alice@{DOMAIN}"))
    assert "Inbox full" in notice.read_text() and not s.mailbox("alice")
    s.audit()


# ---- what Dovecot does not do

def lmtp(answers):
    return ["220 peer.test LMTP", "250 peer.test", "250 ok", *answers]


def test_a_server_that_ends_between_its_replies_is_asked_again_for_the_rest(make_server, make):
    peer = make(Scripted, "127.0.0.1", lmtp(["250 a", "250 b", "354 go", "250 2.0.0 a has it", None]), free_port())
    s = make_server(f"route peer.test lmtp:127.0.0.1:{peer.port}\nretry-first 1s\nretry-max 2s\n")
    queue_id = s.send(["a@peer.test", "b@peer.test"])
    s.wait_for_word(queue_id, "delayed")
    peer.script = lmtp(["250 b", "354 go", "250 2.0.0 b has it", "221 bye"])
    s.wait_for_word(queue_id, "2 delivered")
    assert [e["event"] for e in events(s, queue_id, "a@peer.test")] == ["delivered"]
    assert [(e["event"], e.get("status")) for e in events(s, queue_id, "b@peer.test")][0] == ("delayed", "4.4.2")
    assert [line for line in peer.lines if line.startswith("RCPT")] == [
        "RCPT TO:<a@peer.test>", "RCPT TO:<b@peer.test>", "RCPT TO:<b@peer.test>"]
    s.audit()


def test_a_reply_too_many_is_no_answer_to_the_next_message(make_server, make):
    peer = make(Scripted, "127.0.0.1", lmtp(["250 a", "354 go", "250 2.0.0 kept\r\n550 5.1.1 who?", "550 no"]),
                free_port())
    s = make_server(f"route peer.test lmtp:127.0.0.1:{peer.port}\nidle-connection 20s\nloops 1\n")
    for _ in range(2):
        s.wait_for_word(s.send("a@peer.test"), "1 delivered")
    assert peer.connections == 2
    s.audit()


def test_a_route_to_an_smtp_server_waits_for_the_operator(make_server, next_hop):
    s = make_server(f"route partner.test lmtp:127.0.0.1:{next_hop.port}\n")
    queue_id = s.send("a@partner.test")
    trace = " ".join(s.wait_for_word(queue_id, "delayed").split())
    assert "Your own mail server is not set up rightly" in trace
    assert "4.3.5 the server does not speak LMTP; it answered LHLO with: 500" in trace
    s.audit()
