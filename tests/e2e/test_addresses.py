"""Where addresses lead: tables in SQLite databases, relay domains, lists of any length, and what test-address
says of them."""
import concurrent.futures
import contextlib
import json
import re
import smtplib
import socket
import sqlite3
import subprocess
import time

import pytest

import peer_dns
import peer_dovecot
from conftest import DOMAIN, PLAINPOST, ROOT, free_port, wait_for
from hop import Hop
from peer_postfix import Postfix

SCHEMA = """
CREATE TABLE domains (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE users (address TEXT PRIMARY KEY, quota, messages, maildir TEXT, mbox TEXT) WITHOUT ROWID;
CREATE TABLE aliases (name TEXT, target TEXT);
CREATE TABLE recipients (address TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class Tables:
    def __init__(self, path, users=("alice", "bob"), aliases=(), mode="WAL"):
        self.path = path
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute(f"PRAGMA journal_mode = {mode}")
        self.db.executescript(SCHEMA)
        for user in users:
            self.add_user(user)
        self.db.executemany("INSERT INTO aliases VALUES (?, ?)", aliases)

    def add_user(self, user, quota=None):
        self.db.execute("INSERT INTO users VALUES (?, ?, NULL, NULL, NULL)", (f"{user}@{DOMAIN}", quota))


def rcpt(server, address, sender=f"alice@{DOMAIN}"):
    with server.client() as s:
        s.ehlo()
        s.mail(sender)
        code, words = s.rcpt(address)
        return code, words.decode()


def test_tables_of_a_database_are_read_when_they_change(make_server, tmp_path):
    t = Tables(tmp_path / "t.db", aliases=[("team", "alice, bob"), ("loop", "loop2"), ("loop2", "loop")])
    s = make_server(f"aliases sqlite:{t.path}", users_option=f"sqlite:{t.path}")
    s.send(f"team@{DOMAIN}")
    s.wait_for_mail("alice")
    s.wait_for_mail("bob")
    assert rcpt(s, f"carol@{DOMAIN}")[0] == 550
    assert rcpt(s, f"postmaster@{DOMAIN}")[0] == rcpt(s, f"abuse@{DOMAIN}")[0] == 250
    circle = s.send(f"loop@{DOMAIN}")
    assert "5.4.6" in s.wait_for_word(circle, "reported")
    # A new user gets mail, within his quota, without a word to the server.
    t.add_user("carol", "1KB")
    wait_for("carol", lambda: rcpt(s, f"carol@{DOMAIN}")[0] == 250)
    s.send(f"carol@{DOMAIN}")
    s.wait_for_mail("carol")
    assert "Inbox full" in s.wait_for_word(s.send(f"carol@{DOMAIN}", body="x" * 600), "reported")
    # A table that can't be used leaves what was known, and is told once.
    t.db.execute("ALTER TABLE users RENAME TO people")
    wait_for("the complaint", lambda: "no such table: users" in s.log.read_text())
    assert rcpt(s, f"carol@{DOMAIN}")[0] == 250
    t.db.execute("ALTER TABLE people RENAME TO users")
    t.add_user("dave")
    wait_for("dave", lambda: rcpt(s, f"dave@{DOMAIN}")[0] == 250)
    assert s.log.read_text().count("no such table: users") == 1
    assert "plainpost.conf and the users of sqlite:" in s.run("config", "check")
    s.audit()


def test_a_database_that_is_locked_or_broken_is_told(make_server, tmp_path):
    t = Tables(tmp_path / "t.db", mode="DELETE")
    s = make_server(users_option=f"sqlite:{t.path}")
    t.db.execute("BEGIN EXCLUSIVE")
    t.add_user("carol")
    t.path.touch()
    wait_for("the complaint", lambda: "another program has locked" in s.log.read_text())
    assert rcpt(s, f"alice@{DOMAIN}")[0] == 250 and rcpt(s, f"carol@{DOMAIN}")[0] == 550
    t.db.execute("COMMIT")
    wait_for("carol", lambda: rcpt(s, f"carol@{DOMAIN}")[0] == 250)
    whole = t.path.read_bytes()
    t.db.close()
    t.path.write_bytes(whole[:len(whole) // 2])
    wait_for("the complaint", lambda: "malformed" in s.log.read_text())
    assert rcpt(s, f"carol@{DOMAIN}")[0] == 250
    s.stop()
    r = s.run("serve", check=False)
    assert r.returncode == 1 and f"{t.path}: database disk image is malformed" in r.stderr
    assert "malformed" in s.run("config", "check", check=False).stderr


# ---- relay domains

RELAY = "trusted 192.0.2.1\nask-timeout 1s\nloops 1\n"


def answer(server, *addresses, sender="someone@far.test"):
    """The replies to RCPT, in one session of a stranger."""
    with server.client() as s:
        s.ehlo()
        assert s.mail(sender)[0] == 250
        replies = []
        for address in addresses:
            code, words = s.rcpt(address)
            replies.append(f"{code} {words.decode()}")
        return replies


def test_recipients_of_a_table_alone_are_taken(make_server, tmp_path):
    t = Tables(tmp_path / "t.db")
    t.db.execute("INSERT INTO recipients VALUES ('ann@away.test')")
    (tmp_path / "who").write_text("ben@text.test OK\n")
    with Hop() as hop:
        s = make_server(RELAY + f"route away.test 127.0.0.1:{hop.port}\nroute text.test 127.0.0.1:{hop.port}\n"
                        f"relay-domain away.test recipients sqlite:{t.path}\n"
                        f"relay-domain text.test recipients {tmp_path}/who\n")
        yes, no, text, no_text, tag, postmaster, elsewhere = answer(
            s, "ann@away.test", "dan@away.test", "ben@text.test", "ann@text.test", "ann+x@away.test",
            "postmaster@away.test", "ann@else.test")
        assert yes.startswith("250 ") and text.startswith("250 ") and tag.startswith("250 ")
        assert postmaster.startswith("250 ") and elsewhere.startswith("550 5.7.1 ")
        assert no.startswith("550 5.1.1 <dan@away.test>: ") and no_text.startswith("550 5.1.1 <ann@text.test>: ")
        s.send("ann@away.test", sender="someone@far.test")
        wait_for("the message", lambda: hop.recipients() == ["ann@away.test"])
        t.db.execute("INSERT INTO recipients VALUES ('dan@away.test')")
        wait_for("a new recipient", lambda: answer(s, "dan@away.test")[0].startswith("250 "))
        s.audit()


def test_a_real_next_hop_is_asked_for_its_users(make_server, tmp_path):
    (tmp_path / "postfix").mkdir()
    postfix = Postfix(tmp_path / "postfix")
    try:
        s = make_server(RELAY + f"route relay.test 127.0.0.1:{postfix.port}\nrelay-domain relay.test ask\n")
        yes, no, later, again = answer(s, "u1@relay.test", "nobody@relay.test", "later@relay.test",
                                       "Nobody@relay.test")
        assert yes.startswith("250 2.1.5 ")
        assert no.startswith("550 5.1.1 <nobody@relay.test>: the server that mail for this address goes to, 127.0.0.1, ")
        assert "Its words: 550 5.1.1 <nobody@relay.test>: Recipient address rejected: User unknown" in no
        assert later.startswith("450 4.2.0 <later@relay.test>: ") and "The cat sleeps on the keyboard" in later
        assert again.startswith("550 5.1.1 <Nobody@relay.test>: ")
        queue_id = s.send("u1@relay.test", sender="someone@far.test")
        postfix.wait_for_mail("u1")
        s.wait_for_word(queue_id, "1 relayed")
        log = postfix.log()
        # One question each, over a connection that was kept, and no message but the one.
        assert len(re.findall(r"reject: RCPT .*<nobody@relay.test>", log)) == 1
        assert log.count(" connect from ") - log.count("lost connection after CONNECT") == 1
        assert log.count("removed") == 1
        s.audit()
    finally:
        postfix.stop()


def codes_until(connection, last):
    """Of the replies, up to that one."""
    text, codes = b"", []
    while last not in codes:
        more = connection.recv(4096)
        assert more, text
        text += more
        codes = [line[:3] for line in text.decode().split("\r\n")[:-1] if line[3:4] == " "]
    return codes


def greeted(server):
    """A connection behind EHLO: from here on a client may pipeline."""
    c = socket.create_connection(("127.0.0.1", server.port), 20)
    codes_until(c, "220")
    c.sendall(b"EHLO x\r\n")
    codes_until(c, "250")
    return c


def test_questions_are_shared_and_answers_kept(make_server):
    with Hop(recipient=lambda a: a.startswith("no") and "550-5.1.1 No such\r\n550 5.1.1 user \x07here") as hop:
        s = make_server(RELAY + f"route away.test 127.0.0.1:{hop.port}\nrelay-domain away.test ask\n"
                        "ask-keep-refused 300ms\n")
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            replies = list(pool.map(lambda _: answer(s, "yes@away.test", "no@away.test"), range(20)))
        assert all(yes.startswith("250 ") and no.startswith("550 5.1.1 ") for yes, no in replies)
        assert replies[0][1].endswith("Its words: 550 5.1.1 No such user <U+0007>here")
        assert len(hop.attempts) == 2 and not hop.taken
        # Each for its own time.
        wait_for("a new question", lambda: answer(s, "no@away.test") and len(hop.attempts) > 2)
        answer(s, "yes@away.test")
        assert [a for _, a in hop.attempts].count("yes@away.test") == 1
        # A pipelined session waits in the middle, and goes on.
        with greeted(s) as c:
            c.sendall(b"MAIL FROM:<>\r\nRCPT TO:<new@away.test>\r\nRCPT TO:<no@away.test>\r\nDATA\r\n")
            assert codes_until(c, "354") == ["250", "250", "550", "354"]
            c.sendall(b"Subject: x\r\n\r\nx\r\n.\r\nQUIT\r\n")
            assert codes_until(c, "221") == ["250", "221"]
        wait_for("the message", lambda: hop.recipients() == ["new@away.test"])
        # Who hangs up while he waits, harms nobody.
        hop.recipient = lambda a: time.sleep(0.2)
        with greeted(s) as c:
            c.sendall(b"MAIL FROM:<>\r\nRCPT TO:<gone@away.test>\r\n")
            wait_for("the question", lambda: any(a == "gone@away.test" for _, a in hop.attempts))
        assert answer(s, "gone@away.test")[0].startswith("250 ")
        s.audit()


def test_while_a_next_hop_is_down_or_silent(make_server):
    with socket.socket() as silent, socket.socket() as other, Hop() as hop:
        for each in (silent, other):
            each.bind(("127.0.0.1", 0))
            each.listen()
        down = free_port()
        s = make_server(RELAY + f"route silent.test 127.0.0.1:{silent.getsockname()[1]}\n"
                        f"route other.test 127.0.0.1:{other.getsockname()[1]}\nrelay-domain other.test ask\n"
                        f"route down.test 127.0.0.1:{down}\nroute lax.test 127.0.0.1:{down}\n"
                        f"route away.test 127.0.0.1:{hop.port}\nroute no.test refuse \"5.1.2 moved\"\n"
                        "relay-domain silent.test ask\nrelay-domain down.test ask\n"
                        "relay-domain lax.test ask else accept\nrelay-domain away.test ask\n"
                        "relay-domain no.test ask\n")
        begin = time.monotonic()
        first, second, down, lax, away, no = answer(
            s, "a@silent.test", "b@silent.test", "a@down.test", "a@lax.test", "a@away.test", "a@no.test")
        # The loop's clock stands still during a round: on a busy machine its second begins earlier.
        assert 0.2 <= time.monotonic() - begin < 3, "it waits for an answer once, and within its time"
        for reply in (first, second):
            assert reply.startswith("450 4.4.2 <") and "can't be asked right now" in reply
            assert "no answer came in time" in reply and "try again later" in reply
        assert down.startswith("450 4.4.1 <a@down.test>: ") and "Connection refused" in down
        assert lax.startswith("250 ") and away.startswith("250 ")
        assert no.startswith("550 5.1.2 <a@no.test>: moved")
        log = s.log.read_text()
        assert log.count("ask-failed") == 2 and "ask-failed destination=127.0.0.1:" in log
        # The server ends although a question is under way.
        other.settimeout(20)
        with greeted(s) as c:
            c.sendall(b"MAIL FROM:<>\r\nRCPT TO:<c@other.test>\r\n")
            other.accept()
            assert s.stop() == 0


def test_trusted_clients_need_not_wait_for_a_next_hop(make_server):
    s = make_server(f"ask-timeout 1s\nroute down.test 127.0.0.1:{free_port()}\nrelay-domain down.test ask\n")
    assert answer(s, "a@down.test")[0].startswith("250 ")


# ---- long lists

MANY = 200_000
# Without sanitizers, where that was built too: they make ten seconds of one.
FAST = next((p for p in [ROOT / "build-strict" / "plainpost"] if p.exists()), PLAINPOST)


def test_a_list_may_have_two_hundred_thousand_members(make_server, tmp_path):
    for name, domain, count in (("list", "far", MANY), ("other", "farther", MANY // 2)):
        (tmp_path / name).write_text("".join(f"member{i}@{domain}{i % 50}.test\n" for i in range(count)))
    (tmp_path / "aliases").write_text(f"list: :include:{tmp_path}/list\nother: :include:{tmp_path}/other\n"
                                      "owner-list: alice\ntwice: list, other\n")
    s = make_server(f"segment-size 12MB\nmax-message-size 1MB\naliases {tmp_path}/aliases\n"
                    "route * discard \"nobody reads it\"\nroute far7.test refuse \"5.2.1 gone\"\n", program=FAST)
    # What can never get a place is refused for good, in words.
    with s.client() as c:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            c.sendmail(f"bob@{DOMAIN}", f"twice@{DOMAIN}", "Subject: x\r\n\r\nx\r\n")
        assert refused.value.smtp_code == 552
        assert refused.value.smtp_error.decode().startswith(f"5.3.4 This message is for {MANY * 3 // 2 + 3} recipients")
        # The session goes on, and what fits is taken: whole, in one step.
        c.sendmail(f"bob@{DOMAIN}", f"list@{DOMAIN}", "Subject: news\r\n\r\nx\r\n")
    notices = MANY // 50 // 1000
    s.wait_for_mail("alice", notices)
    assert len(s.mailbox("alice")) == notices
    numbers = json.loads(s.run("audit", "--json"))
    assert numbers["adds_up"] and numbers["queued"] == 0
    assert numbers["expanded_into"] == MANY + notices  # the owner is an alias
    assert numbers["discarded"] == MANY - MANY // 50 and numbers["failed_reported"] == MANY // 50
    # By sendmail(1): the sender is told.
    subprocess.run([*s.program, "-c", s.config, "sendmail", "-f", f"bob@{DOMAIN}", f"twice@{DOMAIN}"],
                   input=b"Subject: x\n\nx\n", timeout=20, check=True)
    notice, = s.wait_for_mail("bob")
    assert f"is for {MANY * 3 // 2 + 3} recipients" in " ".join(notice.as_string().split())


# ---- what test-address says

ZONE = ("ns A 127.0.0.53\nfar MX 20 b.far\nfar MX 10 a.far\na.far A 192.0.2.1\na.far AAAA 2001:db8::1\n"
        "b.far A 192.0.2.2\nnull MX 0 .\n")


def trial(server, *words):
    r = server.run("test-address", "--json", *words, check=False)
    assert not r.stderr, r.stderr
    return r.returncode, json.loads(r.stdout)


def by_address(found):
    return {r["address"]: r for r in found["recipients"]}


@pytest.mark.skipif(peer_dns.why_not() is not None, reason=str(peer_dns.why_not()))
def test_every_step_of_an_address_is_told(make_server, tmp_path):
    (tmp_path / "aliases").write_text("team: alice, bob@far.test, other, gone\nowner-team: bob\nother: carol\n")
    with contextlib.ExitStack() as stack, peer_dns.own_network(), \
            Hop(recipient=lambda a: a.startswith("no") and "550 5.1.1 No such user here") as hop:
        nsd = peer_dns.Nsd(tmp_path / "nsd", {"test.": ZONE})
        stack.callback(nsd.stop)
        s = make_server(f"trusted 192.0.2.0/24\ndns {nsd.address}:53\naliases {tmp_path}/aliases\nroute * mx\n"
                        f"route ask.test 127.0.0.1:{hop.port}\nrelay-domain ask.test ask\n"
                        "route no.test refuse \"5.2.1 closed\"\nroute down.test 127.0.0.1:1\n"
                        "relay-domain down.test ask\nask-timeout 1s\n")
        s.send(f"carol@{DOMAIN}")
        s.wait_for_mail("carol")
        assert_same = [(f"alice@{DOMAIN}", 0), (f"team@{DOMAIN}", 1), (f"nobody@{DOMAIN}", 1), ("bob@far.test", 1),
                       ("yes@ask.test", 0), ("no@ask.test", 1), ("a@down.test", 75), ("b@no.test", 1), ("@", 1)]
        # The words are those that the running server says to the same client.
        for address, status in assert_same:
            code, found = trial(s, address, "--client", "127.0.0.1", "--from", "x@far.test")
            with s.client() as c:
                c.ehlo()
                c.mail("x@far.test")
                there = c.docmd("RCPT", f"TO:<{address}>")
            assert code == status, found
            assert found["replies"][0]["reply"] == f"{there[0]} {there[1].decode()}", address
        # How an address leads on, step by step.
        code, found = trial(s, f"team@{DOMAIN}")
        steps = by_address(found)
        assert steps[f"other@{DOMAIN}"]["leads_to"] == "alias" and steps[f"team@{DOMAIN}"]["leads_to"] == "alias"
        assert steps[f"carol@{DOMAIN}"]["alias_of"] == f"other@{DOMAIN}"
        assert steps[f"alice@{DOMAIN}"]["failures_to"] == f"owner-team@{DOMAIN}"
        assert steps[f"gone@{DOMAIN}"]["leads_to"] == "nobody" and found["end"] == "undeliverable"
        carol = steps[f"carol@{DOMAIN}"]
        assert carol["quota_bytes"] == 1024 and carol["used_messages"] == 1 and 100 < carol["used_bytes"] < 1024
        ways = steps["bob@far.test"]["ways"]
        assert [(w["preference"], w["host"]) for w in ways] == [(10, "a.far.test")] * 2 + [(20, "b.far.test")]
        assert [w["address"] for w in ways] == ["[2001:db8::1]:25", "192.0.2.1:25", "192.0.2.2:25"]
        # A trusted client is another; a stranger does not relay.
        code, found = trial(s, "bob@far.test")
        assert code == 0 and [r["code"] for r in found["replies"]] == [550, 250]
        assert trial(s, "bob@far.test", "--client", "192.0.2.77")[0] == 0
        code, found = trial(s, "x@null.test")
        assert code == 1 and found["recipients"][0]["problem"].startswith("5.1.10 ")
        # Without a server it says the same.
        words = s.run("test-address", f"team@{DOMAIN}", check=False).stdout
        s.stop()
        assert s.run("test-address", f"team@{DOMAIN}", check=False).stdout == words
        assert (f"team@{DOMAIN}\n  is an alias of alice@{DOMAIN}, bob@far.test, other@{DOMAIN}, gone@{DOMAIN}\n"
                f"  its owner owner-team@{DOMAIN} is told when one of them fails\n") in words
        assert "  goes to mx:far.test, by these ways in this order:\n       10 a.far.test  [2001:db8::1]:25\n" in words
        assert "1 of the 4 that it leads to would not get it" in words
        assert hop.attempts and not hop.taken
        assert s.run("test-address", check=False).returncode == 2
        assert s.run("test-address", "--client", "x", "a@b.test", check=False).returncode == 2
        s.users_file.write_text("nonsense\n")
        r = s.run("test-address", f"alice@{DOMAIN}", check=False)
        assert r.returncode == 78 and "users:1:" in r.stderr


@pytest.mark.skipif(peer_dovecot.why_not() is not None, reason=str(peer_dovecot.why_not()))
def test_dovecot_says_by_lmtp_who_has_a_mailbox(make_server):
    dovecot = peer_dovecot.Dovecot({"alice@dove.test": None})
    try:
        s = make_server(RELAY + f"route dove.test lmtp:{dovecot.socket}\nrelay-domain dove.test ask\n")
        yes, no = answer(s, "alice@dove.test", "nobody@dove.test")
        assert yes.startswith("250 2.1.5 ")
        assert no.startswith("550 5.1.1 <nobody@dove.test>: ") and "User doesn't exist" in no
        s.wait_for_word(s.send("alice@dove.test", sender="someone@far.test"), "1 delivered")
        s.audit()
    finally:
        dovecot.stop()
