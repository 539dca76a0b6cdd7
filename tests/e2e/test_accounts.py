"""A password is stolen, and its account sends spam to strangers: how much leaves, who is told, what people can do."""
import json
import os
import pwd
import re
import smtplib
import sqlite3
import subprocess
import time

import pytest

from conftest import DOMAIN, PLAINPOST, wait_for
from hop import Hop
from test_floods import bare, digest_id, digests, flat, hand_in, ids as taken, is_digest, notice, rows, text, wait_for_digests
from test_login import ALICE, BOB, NO_DELAY, PASSWORD, Submission

CAROL = f"carol@{DOMAIN}"
SPAM = ("Dear friend, you have won a wonderful prize in our great lottery of this year. Please open the page below and "
        "tell us where to send the money, before the offer ends on Sunday.\r\nhttp://prizes.invalid/win/{}\r\n")


class Accounts(Submission):
    """`hop` is where all other servers are."""
    def __init__(self, make_server, tmp_path, hop, mode="hold", options="", listen="submission", **arguments):
        super().__init__(make_server, tmp_path, f"{NO_DELAY}guard-accounts {mode}\nroute * 127.0.0.1:{hop.port}\n"
                         f"max-messages-per-session 1000\n{options}", listen=listen, **arguments)
        self.hop = hop

    def log_in(self, source="127.0.0.1", name="thief.invalid"):
        s = smtplib.SMTP("127.0.0.1", self.port, local_hostname=name, timeout=60, source_address=(source, 0))
        s.ehlo()
        s.login(ALICE, PASSWORD)
        return s

    def spam(self, count, source="127.0.0.9", to="stranger{}@victim.test", first=0):
        """Taken one by one, each from a session that goes on; returns the queue ids."""
        ids = []
        with self.log_in(source) as s:
            for i in range(first, first + count):
                ids.append(self.send(s, [to.format(i)], "You have won", SPAM.format(i)))
        return ids

    @staticmethod
    def send(s, to, subject, body):
        s.mail(ALICE)
        for address in to:
            code, words = s.rcpt(address)
            assert code == 250, words
        code, words = s.data(f"From: {ALICE}\r\nSubject: {subject}\r\n\r\n{body}\r\n".encode())
        assert code == 250, words
        return words.decode().split()[-1]

    def write(self, to, subject="hello", body="How are you?"):
        """As alice herself does."""
        with self.log_in("127.0.0.1", "laptop.test") as s:
            return self.send(s, [to] if isinstance(to, str) else to, subject, body)

    def account(self, *words, check=True):
        return self.server.run("account", *words, check=check)

    def shown(self, name=ALICE):
        return json.loads(self.account("show", name, "--json"))

    def changes(self, name=ALICE):
        return [line for line in self.shown(name)["history"] if line["what"] == "changed"]


@pytest.fixture
def hop():
    with Hop() as h:
        yield h


@pytest.fixture
def accounts(make_server, tmp_path, hop):
    return Accounts(make_server, tmp_path, hop)


def reached(hop):
    return [a for a in hop.recipients() if a.endswith("@victim.test")]


def test_little_gets_away_and_colleagues_are_served(accounts, hop):
    ids = accounts.spam(200)
    story = accounts.server.wait_for_word(ids[-1], "held: ")
    assert 8 <= len(reached(hop)) <= 50, len(reached(hop))
    words = " ".join(story.split())
    assert f"held: mail of the account {ALICE} to other servers waits until somebody has looked at it." in words
    assert "would not stand out" in words
    accounts.write(BOB, "lunch")  # for here
    [mail] = accounts.server.wait_for_mail("bob")
    assert mail["Subject"] == "lunch"
    accounts.write([CAROL, "friend@elsewhere.test"], "both")  # the one goes, the other waits
    accounts.server.wait_for_mail("carol")
    before = len(hop.taken)
    shown = accounts.shown()
    assert shown["level"] == "red" and shown["held"] and len(shown["samples"]) == 5
    assert shown["held_recipients"] >= 150 and shown["held_messages"] >= 150
    assert {"slowed", "held"} <= {line["what"] for line in shown["history"]}
    told = accounts.account("ls")
    assert told.startswith(f"{ALICE}  red, held since "), told
    text = accounts.account("show", ALICE)
    assert "Some of what is held:" in text and "“You have won”" in text and "by guard: " in text
    accounts.server.audit()
    accounts.server.kill()  # what is decided is on the disk
    accounts.server.start()
    accounts.spam(5, first=1000)
    story = accounts.server.wait_for_word(accounts.write("other@elsewhere.test"), "held: ")
    assert len(hop.taken) == before
    accounts.server.audit()


def test_who_is_told(make_server, tmp_path, hop):
    accounts = Accounts(make_server, tmp_path, hop, options="gather-notices 1s\n",
                        users=f"domain {DOMAIN}\nalice@{DOMAIN} language de\nbob@{DOMAIN}\ncarol@{DOMAIN}\n"
                              f"postmaster@{DOMAIN}\n")
    accounts.spam(100)
    mails = {m["Subject"]: m for m in accounts.server.wait_for_mail("alice", 2)}  # written at once, in any order
    held = mails.pop("Ihre Mail wird angehalten, bis jemand sie geprüft hat")
    assert list(mails) == ["Ihre Mail wird langsam verschickt"]
    text = held.get_body().get_content()
    assert "stranger" in text and "You have won" in text and "Wenn Sie es nicht waren" in text
    assert text.count("@victim.test") == 5 and "In English" in text
    [mail] = accounts.server.wait_for_mail("postmaster")
    text = mail.get_body().get_content()
    assert mail["Subject"] == f"Mail of the account {ALICE} is held" and f"plainpost account revoke {ALICE}" in text
    accounts.spam(20, first=500)
    accounts.account("revoke", ALICE, "--yes")
    mails = accounts.server.wait_for_mail("alice", 3)  # and no more of what came later
    assert mails[-1]["Subject"] == "Jemand anderes hat über Ihr Konto Mail gesendet"
    assert len(accounts.server.wait_for_mail("postmaster", 2)) == 2
    accounts.server.audit()


def test_a_crash_before_the_letter(make_server, tmp_path, hop):
    accounts = Accounts(make_server, tmp_path, hop, options="gather-notices 5s\n")
    ids = accounts.spam(60)
    accounts.server.wait_for_word(ids[-1], "held: ")
    accounts.server.kill()
    assert accounts.server.mailbox("alice") == []
    accounts.server.start()
    mail = next(m for m in accounts.server.wait_for_mail("alice", 2)  # she is postmaster, too
                if m["Subject"] == "Your mail is held until somebody has looked at it")
    assert "What stood out" in mail.get_body().get_content()
    wait_for("the line in its history", lambda: accounts.shown()["history"][0]["what"] == "told")


def test_it_was_me(accounts, hop):
    ids = accounts.spam(100)
    accounts.server.wait_for_word(ids[-1], "held: ")
    r = accounts.account("release", ALICE, check=False)
    assert r.returncode == 1 and "nothing was done" in r.stderr and "goes on its way now" in r.stderr
    assert "goes again" in accounts.account("release", ALICE, "--yes", "--why", "a letter to our customers")
    wait_for("all of it", lambda: len(set(reached(hop))) == 100)
    assert len(reached(hop)) == 100
    shown = accounts.shown()
    assert shown["level"] == "green" and not shown["held"] and shown["samples"] == []
    line = next(x for x in shown["history"] if x["what"] == "released")
    assert line["why"] == "a letter to our customers" and "uid" in line["by"]
    accounts.server.wait_for_word(ids[-1], "relayed to")
    accounts.server.audit()


def test_it_was_not_me(accounts, hop):
    ids = accounts.spam(100)
    accounts.server.wait_for_word(ids[-1], "held: ")
    before = len(reached(hop))
    assert "is removed" in accounts.account("revoke", ALICE, "--yes")
    accounts.server.wait_for_word(ids[-1], "removed, since somebody else")
    accounts.write("friend@elsewhere.test")  # she has her account back
    wait_for("hers", lambda: "friend@elsewhere.test" in hop.recipients())
    accounts.server.kill()
    accounts.server.start()
    accounts.server.run("queue", "retry", "all", "--yes")
    accounts.server.wait_for_word(ids[-1], "removed, since somebody else")
    assert len(reached(hop)) == before
    assert "It can be restored until" in accounts.account("show", ALICE)
    accounts.account("restore", ALICE, "--yes")  # it was a mistake
    wait_for("all of it", lambda: len(set(reached(hop))) == 100)
    accounts.server.audit()


def named(subject):
    """With a Message-ID, which stands behind it in the header."""
    id = f"<{time.monotonic_ns()}@client.test>"
    return f"{subject}\r\nMessage-ID: {id}", id


def test_what_comes_back_of_a_misused_account_is_told_at_once(make_server, tmp_path, hop):
    """Notices about her own mail, of before and of after, come one by one."""
    a = Accounts(make_server, tmp_path, hop, "note", "trusted 127.0.0.1/32\nauthenticate * off\ngreylist-points 0\n"
                 f"forged-digest-after 6s\nsign-return-paths {DOMAIN}\n")

    def write(to, subject, source="127.0.0.1", name="laptop.test"):
        subject, id = named(subject)
        with a.log_in(source, name) as s:
            return id, a.send(s, [to], subject, "How are you?")

    before, _ = write("old@elsewhere.test", "before")
    time.sleep(0.01)
    begin = time.time()
    spam, stories = zip(*(write(f"stranger{n}@victim.test", f"You have won {n}", "127.0.0.9", "thief.invalid")
                          for n in range(8)))
    first, = taken(hand_in(a.server, [notice(spam[0], "You have won 0", recipient="stranger0@victim.test")]))
    a.server.wait_for_word(first, "1 delivered")  # nobody knows yet that it was not she
    a.account("revoke", ALICE, "--yes")
    with sqlite3.connect(a.server.state / "accounts.sqlite") as db:  # in place of an hour's waiting
        db.execute("UPDATE removal SET from_ms = ?", (int(begin * 1000),))
    after, _ = write("new@elsewhere.test", "after")

    def back(id, subject, to):
        return notice(id, subject, recipient=to)
    kept = taken(hand_in(a.server, [back(id, f"You have won {n}", f"stranger{n}@victim.test")
                                    for n, id in enumerate(spam)]))
    tag = wait_for("its return path", lambda: re.search(f"MAIL FROM:<([^>]*{stories[0]}[^>]*)>", " ".join(hop.commands)))[1]
    kept += taken(hand_in(a.server, [bare("stranger0@victim.test", tag)], tag))  # which proves it, alone
    a.server.kill()
    a.server.start()
    own = taken(hand_in(a.server, [back(before, "before", "old@elsewhere.test"),
                                   back(after, "after", "new@elsewhere.test")]))
    for id in own:
        a.server.wait_for_word(id, "1 delivered")
    story = flat(a.server.wait_for_word(kept[3], "discarded"))
    assert (f"kept out of the inbox: it is about mail that somebody else sent through the account {ALICE}, "
            f"which was revoked ({stories[3]})") in story
    assert f"will be reported in a digest to {ALICE}" in story and "account-abused" in story
    digest, = wait_for_digests(a.server)
    assert digest["Subject"].startswith("9 notices about mail that somebody else sent through your account, since ")
    words = flat(text(digest))
    assert "Somebody else has used your account to send mail." in words and "nothing to do for any of these" in words
    assert {r["queue_id"] for r in rows(digest)} == set(kept)
    assert f"reported in a digest to {ALICE} in {digest_id(digest)}" in flat(a.server.run("trace", kept[0]))
    assert "somebody else sent through the account" in a.server.run("trace", digest_id(digest))
    returned = [m.as_string() for m in a.server.messages("alice") if not is_digest(m)]
    assert [sum(id in m for m in returned) for id in (before, after, *spam)] == [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]
    a.server.config.write_text(a.server.config.read_text().replace("digest-after 6s", "digest-after 0s"))
    a.server.kill()
    a.server.start()
    id, = taken(hand_in(a.server, [back(spam[2], "You have won 2", "stranger2@victim.test")]))
    a.server.wait_for_word(id, "will be reported in a digest")
    time.sleep(0.5)
    assert len(digests(a.server)) == 1  # what is new is told tomorrow, whoever remembers today's
    a.account("restore", ALICE, "--yes")  # it was she, after all
    id, = taken(hand_in(a.server, [back(spam[1], "You have won 1", "stranger1@victim.test")]))
    a.server.wait_for_word(id, "1 delivered")
    a.server.audit()


def test_whoever_got_in_is_thrown_out(accounts, hop):
    accounts.user("app-password", ALICE, "phone")
    accounts.user("app-password", ALICE, "laptop")
    ids = accounts.spam(50)
    accounts.server.wait_for_word(ids[-1], "held: ")
    wait_for("some of it", lambda: len(reached(hop)) >= 8)
    thief = accounts.log_in("127.0.0.9")
    told = accounts.account("revoke", ALICE, "--yes")
    assert "2 app passwords of it are gone" in told and "its sessions are ended" in told
    with pytest.raises(smtplib.SMTPServerDisconnected):
        code, words = thief.noop()
        assert code == 421 and b"Somebody else may know the password" in words
        thief.noop()
    assert "app-password" not in accounts.user("ls").stdout
    accounts.log_in("127.0.0.1").quit()  # her own password is hers to change
    shown = accounts.shown()
    assert {r["to"] for r in shown["reached"]} == set(reached(hop))
    assert f"To whom it has gone already ({len(reached(hop))})" in accounts.account("show", ALICE)
    mail = wait_for("the letter", lambda: [m for m in accounts.server.messages("alice")
                                           if "Somebody else has sent mail" in m["Subject"]])[0]
    text = mail.get_body().get_content()
    assert all(a in text for a in reached(hop)) and "please do not open its links" in " ".join(text.split())


def test_a_note_holds_nothing(make_server, tmp_path, hop):
    accounts = Accounts(make_server, tmp_path, hop, mode="note")
    ids = accounts.spam(60)
    wait_for("all of it", lambda: len(reached(hop)) == 60)
    accounts.server.wait_for_word(ids[-1], "relayed to")
    shown = accounts.shown()
    assert shown["level"] == "red" and not shown["held"]
    assert shown["history"] and all(line["noted"] for line in shown["history"])
    assert "red, only noted since" in accounts.account("ls")
    assert "would be held" in accounts.server.run("trace", ids[-1])


def test_programs_hear_of_it(make_server, tmp_path, hop):
    accounts = Accounts(make_server, tmp_path, hop, options=f"events file {tmp_path / 'events.jsonl'}\n")

    def events():
        lines = (tmp_path / "events.jsonl").read_text().splitlines() if (tmp_path / "events.jsonl").exists() else []
        found = {e["id"]: e for e in map(json.loads, lines) if e["event"].startswith("account-")}
        return [e for e in found.values() if e["event"] != "account-told"]  # what a crash has repeated has the same name
    ids = accounts.spam(60)
    accounts.server.wait_for_word(ids[-1], "held: ")
    accounts.account("release", ALICE, "--yes", "--why", "it was she")
    wait_for("three events", lambda: len(events()) >= 3)
    accounts.server.kill()
    accounts.server.start()
    accounts.account("hold", ALICE, "--why", "a test")
    found = wait_for("the fourth", lambda: len(events()) >= 4 and events())
    assert [e["event"] for e in found] == ["account-slowed", "account-held", "account-released", "account-held"]
    assert all(e["account"] == ALICE and e["version"] == 1 for e in found) and len({e["id"] for e in found}) == 4
    assert found[2]["words"] == "it was she" and found[1]["by"] == "guard" and "would not stand out" in found[1]["words"]


def test_a_newsletter_is_declared(accounts, hop):
    accounts.account("profile", ALICE, "newsletter", "500")
    with accounts.log_in("127.0.0.1", "laptop.test") as s:
        for i in range(3):
            accounts.send(s, [f"reader{i}-{k}@victim.test" for k in range(50)], "News", SPAM.format(1))
    wait_for("all of it", lambda: len(reached(hop)) == 150)
    assert accounts.shown()["profile"] == "newsletter"


def test_users_of_this_machine_are_accounts(make_server, hop):
    """A program that was broken into sends by sendmail(1)."""
    s = make_server(f"guard-accounts hold\nroute * 127.0.0.1:{hop.port}\nguard-limit new-hour 2\nguard-limit text 2\n"
                    "guard-limit burst 1\n", users=f"domain {DOMAIN}\nalice@{DOMAIN}\nbob@{DOMAIN}\ndomain mx.{DOMAIN}\n")
    name = pwd.getpwuid(os.geteuid()).pw_name
    for i in range(6):
        subprocess.run([PLAINPOST, "-c", s.config, "sendmail", f"stranger{i}@victim.test"], check=True, timeout=60,
                       input=f"Subject: You have won\n\n{SPAM.format(1)}".encode())
        wait_for("its story", lambda: s.stories(f"stranger{i}@victim.test"))
    assert 1 <= len(reached(hop)) <= 2
    assert s.run("account", "ls").startswith(f"{name}  red, held since")
    subprocess.run([PLAINPOST, "-c", s.config, "sendmail", BOB], check=True, timeout=60, input=b"Subject: disk full\n\nx\n")
    s.wait_for_mail("bob")
    s.run("account", "release", name, "--yes")
    wait_for("all of it", lambda: len(set(reached(hop))) == 6)
    s.audit()


def test_an_operator_holds_whom_he_likes(accounts, hop):
    accounts.account("hold", ALICE, "--why", "her laptop is lost")
    queue_id = accounts.write("friend@elsewhere.test")
    assert "her laptop is lost" in " ".join(accounts.server.wait_for_word(queue_id, "held: ").split())
    assert "her laptop is lost" in accounts.account("show", ALICE)
    accounts.account("release", ALICE, "--yes")
    wait_for("it", lambda: len(hop.taken) == 1)


def test_who_is_slowed_leaves_one_by_one(make_server, tmp_path, hop):
    accounts = Accounts(make_server, tmp_path, hop, options="guard-limit new-hour 3\nguard-limit pace-hour 1\n")
    queue_id = accounts.write([f"friend{i}@elsewhere.test" for i in range(6)])
    accounts.server.wait_for_word(queue_id, "slowed, leaves in")
    wait_for("all of them", lambda: len(hop.recipients()) == 6)
    times = sorted(t.time for t in hop.taken for _ in t.recipients)
    assert times[2] - times[0] < 0.9 and times[5] - times[2] > 1.9, times
    assert accounts.shown()["level"] == "yellow"
    accounts.server.audit()


@pytest.mark.parametrize("is_told_to_reload", (False, True))
def test_forwarding_that_was_changed_is_a_sign(make_server, tmp_path, hop, is_told_to_reload):
    """Who has the password also lets answers go to himself; that is seen by itself, and on a reload."""
    table = tmp_path / "aliases"
    table.write_text(f"{BOB}: {CAROL}\n")
    accounts = Accounts(make_server, tmp_path, hop, options=f"aliases {table}\n")
    accounts.write("friend@elsewhere.test")
    wait_for("her first mail", lambda: hop.taken)
    table.write_text(f"{BOB}: {CAROL}\n{ALICE}: thief@elsewhere.test\n")
    if is_told_to_reload:
        accounts.server.run("reload")

    [line] = wait_for("the change", accounts.changes)
    assert line["by"] == "aliases" and line["why"] == "its mail goes to thief@elsewhere.test now"
    assert "changed, by aliases: its mail goes to thief@elsewhere.test now" in accounts.account("show", ALICE)
    letter, = accounts.server.wait_for_mail("alice")  # her own mailbox, where nothing else comes by now
    words = flat(text(letter))
    assert letter["Subject"] == "Your mail is now sent on elsewhere" and "sent on to: thief@elsewhere.test" in words
    assert "If it was you You need do nothing." in words and "Choose a new password" in words
    wait_for("the line in her history", lambda: f"warned, by guard: {ALICE}" in accounts.account("show", ALICE))
    queue_id = accounts.write([f"stranger{i}@victim.test" for i in range(9)])
    story = accounts.server.wait_for_word(queue_id, "slowed, leaves in")
    assert "the forwarding or the filters of this account were changed" in " ".join(story.split())
    assert accounts.shown()["level"] == "yellow"
    assert "Your mail is now" not in str(hop.taken) and len(accounts.server.mailbox("alice")) == 1
    accounts.server.audit()


def test_forwarding_is_compared_with_what_it_was(make_server, tmp_path, hop):
    """A thief's alias is seen when it was made while no server ran, and when it only stands behind another one. Its
    owner is told by letter."""
    table = tmp_path / "aliases"
    table.write_text(f"{ALICE}: {ALICE}\nbob: {CAROL}\n")
    accounts = Accounts(make_server, tmp_path, hop, options=f"aliases {table}\ngather-notices 1h\n")
    server = accounts.server
    accounts.write("friend@elsewhere.test")
    wait_for("her first mail", lambda: hop.taken)
    for is_away, lines, who in (
            (True, f"{ALICE}: thief@elsewhere.test\n", "thief"),
            (True, f"{ALICE}: {ALICE}\n", None),  # to fewer than before
            (False, f"{ALICE}: {ALICE}\nalice: team\nteam: x@elsewhere.test\n", None),  # what stands behind is hidden
            (False, "alice: team\nteam: x@elsewhere.test\n", "x"),
            (False, "alice: team\nteam: x@elsewhere.test, y@elsewhere.test\n", "y")):
        before = accounts.changes()
        if is_away:
            server.kill()
        table.write_text(lines)
        if is_away:
            server.start()
        else:
            server.run("reload")
        if who:
            now = wait_for(who, lambda: len(accounts.changes()) > len(before) and accounts.changes())
            assert now[0]["why"] == f"its mail goes to {who}@elsewhere.test now" and now[0]["by"] == "aliases"
            assert now[1:] == before

    def letters(count):
        """She is told of all of it, whatever was killed before the letter was written; and once a day."""
        return [flat(text(m)).partition("sent on to: ")[2].partition(" If it was you")[0]
                for m in server.wait_for_mail("alice", count)]
    server.kill()
    server.config.write_text(server.config.read_text().replace("gather-notices 1h", "gather-notices 0s"))
    server.start()
    assert letters(1) == ["thief@elsewhere.test x@elsewhere.test y@elsewhere.test"]
    wait_for("the line in her history", lambda: accounts.shown()["history"][0]["what"] == "warned")
    table.write_text("alice: team\nteam: z@elsewhere.test, bob\n")
    server.run("reload")
    wait_for("the change", lambda: "z@elsewhere.test and others" in accounts.changes()[0]["why"])
    server.kill()
    assert len(letters(1)) == 1  # the next one is due in a day
    with sqlite3.connect(server.state / "accounts.sqlite") as book:
        book.execute("UPDATE letter SET time_ms = time_ms - ?", (24 * 3600 * 1000,))
    book.close()
    server.start()
    assert sorted(letters(2))[1] == "z@elsewhere.test"
    assert "this server's guard of accounts" in server.run("trace", digest_id(server.messages("alice")[0]))
    server.audit()


@pytest.mark.parametrize("count", (100, 101))
def test_tables_made_anew_are_nobodys_news(make_server, tmp_path, hop, count):
    """Of a hundred accounts whose mail goes elsewhere at once it is told; of more, that is what an operator has done."""
    table = tmp_path / "aliases"
    table.write_text("")
    accounts = Accounts(make_server, tmp_path, hop, options=f"aliases {table}\n")
    accounts.server.stop()
    names = [f"user{i}@{DOMAIN}" for i in range(count)]
    with sqlite3.connect(accounts.server.state / "accounts.sqlite") as book:
        book.executemany("INSERT INTO account VALUES (?, x'', 0, NULL, 0, 0)", [(name,) for name in names])
        book.executemany("INSERT INTO forwarding VALUES (?, 'aliases', x'00')", [(name,) for name in names])
    book.close()

    def history():
        with sqlite3.connect(accounts.server.state / "accounts.sqlite") as b:
            lines = b.execute("SELECT name, why FROM line WHERE what = 'changed'").fetchall()
        b.close()
        return lines
    table.write_text("".join(f"{name}: one@elsewhere.test\n" for name in names))
    accounts.server.start()
    is_told = f"the mail of {count} accounts goes elsewhere than before"
    if count > 100:
        wait_for("a line of the log", lambda: is_told in accounts.log())
    else:
        wait_for("each account's history", lambda: len(history()) == count)
    before = history()
    table.write_text("".join(f"{name}: one@elsewhere.test\n" for name in names[:-1]) + f"{names[-1]}: two@elsewhere.test\n")
    accounts.server.run("reload")
    wait_for("the one change", lambda: len(history()) > len(before))
    assert history()[len(before):] == [(names[-1], "its mail goes to two@elsewhere.test now")]
    assert len(before) == (0 if count > 100 else count) and (is_told in accounts.log()) == (count > 100)


def test_who_knows_of_a_change_tells_it(make_server, tmp_path, hop):
    """A webmail, or a script of Dovecot's: of forwarding and filters that are not in our tables."""
    events = tmp_path / "events.jsonl"
    accounts = Accounts(make_server, tmp_path, hop, options=f"events file {events}\n")

    def written(*names):
        """The latest events of these names, when all are there."""
        lines = [json.loads(line) for line in events.read_text().splitlines()] if events.exists() else []
        found = {e["event"]: e for e in lines if e["event"] in names}
        return set(names) <= found.keys() and found
    told = accounts.account("changed", ALICE, "--what", "password", "--why", "by its owner")
    assert told == f"{ALICE}: noted that its password was changed.\n"
    accounts.write([f"stranger{i}@victim.test" for i in range(9)])
    wait_for("all of them", lambda: len(reached(hop)) == 9)
    accounts.account("changed", ALICE, "--what", "filter", "--why", "sieve script “vacation”")
    assert [(line["what"], line["why"]) for line in accounts.shown()["history"] if line["what"] != "warned"] == [
        ("changed", "its filters were changed: sieve script “vacation”"),
        ("password", "its password was changed: by its owner")]
    assert "changed, by operator (uid " in accounts.account("show", ALICE)
    assert " account-changed " in accounts.log() and " account-password " in accounts.log()
    letter, = accounts.server.wait_for_mail("alice")
    assert letter["Subject"] == "The password of your account was changed"
    told = wait_for("the events", lambda: written("account-password", "account-changed", "account-warned", "accepted"))
    assert told["account-warned"]["words"] == ALICE
    assert told["account-changed"]["account"] == ALICE
    assert told["account-changed"]["words"] == "its filters were changed: sieve script “vacation”"
    queue_id = accounts.write([f"stranger{i}@victim.test" for i in range(9, 18)])
    story = accounts.server.wait_for_word(queue_id, "slowed, leaves in")
    assert "the forwarding or the filters of this account were changed" in " ".join(story.split())
    wait_for("its event", lambda: queue_id in events.read_text())  # the first of a message is that it was accepted
    replayed = accounts.server.run("guard", "replay", events)
    assert "the forwarding or the filters of this account were changed" in " ".join(replayed.split()), replayed
    accounts.server.audit()


@pytest.mark.parametrize("words, status, told", [
    (["show", "nobody@example.org"], 1, "nothing is known of an account"), (["hold", "x"], 2, "will read why"),
    (["release", "nobody", "--yes"], 1, "nothing is known of an account"), ([], 2, "use it as"),
    (["profile", "x", "bulk", "5"], 2, "a profile is person"), (["profile", "x"], 2, "use it as"),
    (["burn", "x"], 2, "use it as"), (["ls", "x"], 2, "use it as"), (["changed", "x"], 2, "what was changed?"),
    (["changed", "x", "--what"], 2, "use it as: plainpost account changed NAME --what forwarding|filter|password ["),
    (["changed", "x", "--what", "mind"], 2, "--what filter"), (["hold", "x", "--what", "filter"], 2, "use it as")])
def test_what_is_not_understood(make_server, words, status, told):
    r = make_server().run("account", *words, check=False)
    assert r.returncode == status and told in r.stderr
