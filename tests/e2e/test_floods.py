"""Floods of notices about mail that somebody forged: the inbox holds one digest and all that is true."""
import contextlib
import csv
import email.utils
import io
import json
import os
import re
import smtplib
import sqlite3
import time
import urllib.request

import pytest
from conftest import DOMAIN, free_port, wait_for
from fake_dns import FakeDns, txt
from hop import Hop

ALICE, BOB, PARTNER = f"alice@{DOMAIN}", f"bob@{DOMAIN}", "carol@partner.test"
STRANGER = "127.0.0.8"
SECRET = "a secret of the test"
LATER = 7200  # seconds: since before then, all that was sent is known


def notice(id, subject, sender=ALICE, to=ALICE, recipient=PARTNER):
    """As a Postfix elsewhere writes it, of a message with that Message-ID."""
    return (f"From: MAILER-DAEMON@mx.partner.test (Mail Delivery System)\nTo: {to}\n"
            "Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\n"
            f"Message-ID: <{time.monotonic_ns()}@mx.partner.test>\nDate: {email.utils.formatdate()}\nMIME-Version: 1.0\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n\n'
            f"<{recipient}>: host mx.partner.test[192.0.2.7] said: 550 5.1.1 no such user (in reply to RCPT TO command)\n"
            "\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.partner.test\n\n"
            f"Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: 5.1.1\n\n--b\n"
            f"Content-Type: text/rfc822-headers\n\nFrom: {sender}\nTo: {recipient}\nSubject: {subject}\n"
            f"Date: {email.utils.formatdate(time.time() + LATER)}\nMessage-ID: {id}\n\n--b--\n").replace("\n", "\r\n").encode()


def forged(to=ALICE):
    """To somebody to whom they never wrote."""
    return notice(f"<{time.monotonic_ns()}@elsewhere.test>", "Cheap watches", to, to, "eve@partner.test")


def hand_in(server, messages, to=ALICE, ip=STRANGER):
    """The last reply to each, all in one session."""
    replies = []
    with smtplib.SMTP("127.0.0.1", server.port, "mx.partner.test", 30, (ip, 0)) as s:
        s.ehlo()
        for message in messages:
            assert s.mail("")[0] == 250
            code, words = s.rcpt(to)
            if code == 250:
                code, words = s.data(message)
            else:
                s.rset()
            replies.append((code, words.decode()))
    return replies


def ids(replies):
    assert {code for code, _ in replies} == {250}, replies
    return [words.split()[-1] for _, words in replies]


def send_true(server, count):
    """Messages that really leave from here; their Message-IDs."""
    sent = [f"<{time.monotonic_ns()}.{n}@client.test>" for n in range(count)]
    for n, id in enumerate(sent):
        server.send(PARTNER, f"Minutes {n}", headers=(
            f"Message-ID: {id}\r\nDate: {email.utils.formatdate(time.time() + LATER)}\r\nTo: {PARTNER}\r\n"))
    return sent


def is_digest(message):
    return message.get_content_type() == "multipart/mixed"


def digests(server, user="alice"):
    return [m for m in server.messages(user) if is_digest(m)]


def wait_for_digests(server, count=1, user="alice", seconds=30):
    return wait_for(f"{count} digests for {user}", lambda: len(d := digests(server, user)) >= count and d, seconds)


def text(message):
    part = next(p for p in message.walk() if p.get_content_type() == "text/plain")
    return part.get_content()


def rows(digest):
    part = next(p for p in digest.walk() if p.get_content_type() == "text/csv")
    return list(csv.DictReader(io.StringIO(part.get_content())))


def flat(text):
    return " ".join(text.split())


def digest_id(digest):
    return re.fullmatch(r"<([0-9a-z]{11})@.*>", digest["Message-ID"])[1]


@pytest.fixture
def make(make_server):
    def one(options="", **arguments):
        s = make_server(f"trusted 127.0.0.1/32\nauthenticate * off\ngreylist-points 0\n{options}", **arguments)
        s.send(BOB)  # the ledger begins
        return s
    return one


def test_the_inbox_holds_one_digest_and_all_that_is_true(make):
    with Hop() as hop:
        metrics = free_port()
        s = make(f"route partner.test 127.0.0.1:{hop.port}\nforged-notices 3/1h\nforged-digest-after 8s\n"
                 f"metrics 127.0.0.1:{metrics}\n")
        true = send_true(s, 5)
        kept = ids(hand_in(s, [forged() for _ in range(25)]))[3:]
        ids(hand_in(s, [notice(id, f"Minutes {n}") for n, id in enumerate(true)]))
        kept += ids(hand_in(s, [forged() for _ in range(15)]))

        story = flat(s.wait_for_word(kept[0], "discarded"))
        assert "discarded: one of a flood of notices about mail that somebody forged (not-yours, very-likely)" in story
        assert f"will be reported in a digest to {ALICE}" in story and "1 discarded" in story

        figures = urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics").read().decode()
        assert 'plainpost_notices_of_floods_total{what="kept-out"} 37\n' in figures
        assert "plainpost_flooded_mailboxes 1\n" in figures

        digest, = wait_for_digests(s)
        assert digest["Subject"].startswith("37 notices about mail that you did not send, since ")
        words = text(digest)
        assert "They were kept out of your inbox." in flat(words) and "Your account is fine" in words
        assert f"plainpost doctor {DOMAIN}" in words and f"plainpost trace --in {digest_id(digest)}" in words
        table = rows(digest)
        assert sorted(r["queue_id"] for r in table) == sorted(kept) and len(kept) == 37
        assert table[0]["server"] == f"mx.partner.test [{STRANGER}]"
        assert table[0]["subject"] == "Undelivered Mail Returned to Sender"

        found = json.loads(s.run("trace", "--json", "--in", digest_id(digest)))
        assert {m["id"] for m in found} == set(kept)
        for id in kept[:3] + kept[-3:]:
            assert f"reported in a digest to {ALICE} in {digest_id(digest)}" in flat(s.run("trace", id))
        assert "digest of notices about forged mail" in s.run("trace", digest_id(digest))

        inbox = [m for m in s.messages("alice") if not is_digest(m)]
        assert sum("Cheap watches" in m.as_string() for m in inbox) == 3
        returned = "".join(m.as_string() for m in inbox)
        assert all(id in returned for id in true) and len(inbox) == 8
        s.audit()
        assert s.check_notices() == 1


def test_a_kill_forgets_nothing_and_the_flood_goes_on(make):
    s = make("forged-notices 2/1h\nforged-digest-after 8s\n")
    kept = ids(hand_in(s, [forged() for _ in range(12)]))[2:]
    s.kill()
    s.start()
    digest, = wait_for_digests(s)
    assert sorted(r["queue_id"] for r in rows(digest)) == sorted(kept)
    more = ids(hand_in(s, [forged() for _ in range(4)]))
    assert all("discarded" in s.wait_for_word(id, "discarded") for id in more)
    assert len([m for m in s.messages("alice") if not is_digest(m)]) == 2
    s.audit()


def test_digests_of_a_flood_thread_and_tell_of_all(make):
    """The next one is due in a day: what the ledger knows is made older in its place."""
    s = make("forged-notices 2/1h\nforged-digest-after 1s\n")
    kept = ids(hand_in(s, [forged() for _ in range(6)]))[2:]
    first, = wait_for_digests(s)
    told = len(rows(first))
    s.wait_for_word(kept[0], digest_id(first))
    assert s.stop() == 0
    with sqlite3.connect(s.state / "ledger.sqlite") as db:
        db.execute("UPDATE owed SET digest = digest - ?", (25 * 3600 * 10**6,))
    s.start()
    ids(hand_in(s, [forged() for _ in range(6)]))
    found = wait_for_digests(s, 2)
    second = next(m for m in found if m["Message-ID"] != first["Message-ID"])
    assert second["In-Reply-To"] and second["References"] == second["In-Reply-To"]
    assert "of them are new since the last summary" in text(second)
    assert second["Subject"].startswith(f"{told + len(rows(second))} notices about mail")


def test_others_languages_and_other_mailboxes(make):
    users = f"domain {DOMAIN}\nalice@{DOMAIN} language de\nbob@{DOMAIN}\n"
    s = make("forged-notices 2/1h\nforged-digest-after 2s\n", users=users)
    ids(hand_in(s, [forged() for _ in range(5)], f"Alice+shop@{DOMAIN}"))
    ids(hand_in(s, [forged(BOB) for _ in range(2)], BOB))
    digest, = wait_for_digests(s)
    assert digest["To"] == ALICE and "Meldungen über Mail, die nicht von Ihnen ist" in text(digest)
    assert len(s.messages("bob")) == 3 and not digests(s, "bob")
    s.audit()


def test_each_recipient_is_asked_about_by_himself(make, tmp_path):
    """One notice for two, and one for an alias of both: only alice is flooded."""
    (tmp_path / "aliases").write_text(f"team@{DOMAIN}: alice, bob\n")
    s = make(f"aliases {tmp_path}/aliases\nforged-notices 2/1h\nforged-digest-after 3s\n")
    s.wait_for_word(s.send(BOB, sender=f"team@{DOMAIN}"), "1 delivered")  # they write from here, too
    ids(hand_in(s, [forged() for _ in range(3)]))
    with s.client(source_address=(STRANGER, 0)) as c:
        c.ehlo()
        c.sendmail("", [ALICE, BOB], forged())
    id, = ids(hand_in(s, [forged(f"team@{DOMAIN}")], f"team@{DOMAIN}"))
    story = flat(s.wait_for_word(id, "1 delivered"))
    assert f"{ALICE} discarded: one of a flood" in story and f"{BOB} delivered" in story
    assert "1 delivered, 1 discarded" in story
    digest, = wait_for_digests(s)
    assert len(rows(digest)) == 3 and id in {r["queue_id"] for r in rows(digest)}
    assert len(s.messages("bob")) == 4 and not digests(s, "bob")
    assert len(s.messages("alice")) == 3
    s.audit()


def test_in_a_flood_they_may_be_refused(make):
    s = make("forged-notices 2/1h\nforged-flood refuse\n")
    replies = hand_in(s, [forged() for _ in range(5)])
    assert [code for code, _ in replies] == [250, 250, 550, 550, 550]
    words = " ".join(replies[-1][1].replace("\n5.7.1", "").split())
    assert words.startswith("5.7.1 ") and f"forges the address {ALICE}" in words
    wait_for("two notices", lambda: len(s.messages("alice")) == 2)
    assert "SPF, DKIM, DMARC" in s.run("trace", ALICE)
    s.audit()


def bare(recipient, to=ALICE):
    """Names a recipient, and returns nothing of the message."""
    head, _, rest = notice("<x@y.test>", "x", to, to, recipient).partition(b"--b\r\nContent-Type: text/rfc822-headers")
    return head + b"--b--\r\n"


@pytest.mark.parametrize("days", [29, 27])
def test_in_a_flood_the_plain_address_may_be_kept_for_what_is_proven(make, tmp_path, days):
    """Signed return paths are as old as their secrets."""
    secrets = tmp_path / "secrets"
    secrets.write_text(f"{SECRET}\n")
    secrets.chmod(0o600)
    os.utime(secrets, (time.time() - days * 86400,) * 2)
    with Hop() as hop:
        s = make(f"route * 127.0.0.1:{hop.port}\nforged-notices 2/1h\nforged-flood refuse-untagged\n"
                 f"sign-return-paths {DOMAIN}\nsign-return-paths-except list.test\nreturn-path-secrets {secrets}\n")
        true, = send_true(s, 1)
        wait_for("it to leave", lambda: hop.taken)
        tagged = re.search("MAIL FROM:<(.*?)>", " ".join(hop.commands))[1]
        stranger = "eve@partner.test"
        ids(hand_in(s, [bare(stranger)]))  # there is no flood
        ids(hand_in(s, [forged(), forged()]))
        assert hand_in(s, [forged()])[0][0] == 550
        (code, words), = hand_in(s, [bare(stranger)], ip="127.0.0.9")
        if days < 28:
            assert code == 250
        else:
            said = " ".join(words.replace("\n5.7.1", "").split())
            assert code == 550 and said.startswith("5.7.1 Nothing in this notice shows"), said
            assert f"forges the address {ALICE}." in said and "signed return path" in said
            wait_for("it in the book", lambda: "Nothing in this notice shows" in s.run("trace", ALICE))
        ids(hand_in(s, [notice(true, "Minutes"), bare(PARTNER), bare("members@list.test"), bare(BOB)]))
        ids(hand_in(s, [bare(PARTNER)], tagged))
        ids(hand_in(s, [bare(stranger, BOB)], BOB))  # who has no flood
        s.audit()


def test_what_can_not_be_judged_in_a_flood_is_asked_to_come_again(make):
    """The ledger can't be asked: another program reads it for a backup, say."""
    s = make("forged-notices 2/1h\n")
    ids(hand_in(s, [forged() for _ in range(4)]))
    with contextlib.closing(sqlite3.connect(s.state / "ledger.sqlite", isolation_level=None)) as busy:
        busy.execute("BEGIN IMMEDIATE")
        s.send(BOB)  # which the ledger does not get now
        (code, words), = hand_in(s, [forged()])
        assert code == 451 and "Please try again" in words
        busy.execute("ROLLBACK")
    ids(hand_in(s, [forged()]))
    assert len(s.messages("alice")) == 2


def test_postmaster_is_told_of_a_forged_domain_once(make):
    with FakeDns({DOMAIN: {"TXT": [txt("v=spf1 ip4:192.0.2.1 ?all")]}, f"_dmarc.{DOMAIN}": {}}) as server:
        s = make(f"dns {server.server}\nforged-domain 20/1h\nforged-notices none\n"
                 "max-errors 1000\n", users=f"domain {DOMAIN}\npostmaster@{DOMAIN}\nalice@{DOMAIN}\nbob@{DOMAIN}\n")
        for n in range(10):
            assert hand_in(s, [b""] * 2, f"ghost{n}@{DOMAIN}", f"127.0.1.{n + 1}")[0][0] == 550
        ids(hand_in(s, [forged() for _ in range(5)], ip="127.0.1.99"))
        letter, = s.wait_for_mail("postmaster")
        assert letter["Subject"] == f"Somebody forges addresses of {DOMAIN}"
        words = letter.get_content()
        assert "20 such notices have come" in flat(words) and "There is no DMARC record." in words
        assert "The SPF record says nothing about servers that it does not name." in flat(words)
        assert re.search(rf'_dmarc\.{re.escape(DOMAIN)}\S* .*"v=DMARC1; p=none', words)
        assert f"plainpost doctor {DOMAIN}" in words and f"plainpost dkim new {DOMAIN}" in words
        assert " forged-domain domain=" in s.log.read_text()
        time.sleep(1)
        assert len(s.messages("postmaster")) == 1
        s.audit()


def made_up(n, name=None):
    """Of a storm: as many servers return it as addresses were made up."""
    return name or f"u{n}x@{DOMAIN}", f"127.0.1.{n % 9 + 1}"


def test_what_a_catch_all_gets_of_made_up_addresses_is_told_in_a_digest(make, tmp_path):
    """Nothing can be disproven of them; but nobody uses them, and in such a storm they come from everywhere. What is
    about true mail comes through, and so does what is for an address that somebody uses."""
    (tmp_path / "aliases").write_text(f"@{DOMAIN}: alice\nsales@{DOMAIN}: bob\n")
    with Hop() as hop:
        s = make(f"aliases {tmp_path}/aliases\nroute * 127.0.0.1:{hop.port}\nforged-domain 12/1h\n"
                 "forged-digest-after 10s\n",
                 users=f"domain {DOMAIN}\npostmaster@{DOMAIN}\nalice@{DOMAIN}\nbob@{DOMAIN}\n")
        shop, order, letter = f"shop@{DOMAIN}", f"<{time.monotonic_ns()}@client.test>", send_true(s, 1)[0]
        s.send(PARTNER, "Order", sender=shop, headers=f"Message-ID: {order}\r\n")
        s.wait_for_word(s.send(f"news@{DOMAIN}", sender="list@elsewhere.test"), "1 delivered")
        before = len(s.messages("alice"))

        def come(n, message=None, name=None):
            to, ip = made_up(n, name)
            return ids(hand_in(s, [message or notice(f"<{time.monotonic_ns()}@elsewhere.test>", "Cheap watches", to, to,
                                                     "eve@partner.test")], to, ip))[0]
        first = [come(n) for n in range(12)]
        s.wait_for_word(first[-1], "discarded")  # the twelfth is a case
        kept = first[11:] + [come(n) for n in range(12, 24)] + [come(24, bare("eve@partner.test"))]
        returns_nothing = kept.pop()  # whether it was sent ten days ago nobody knows
        through = [come(25, notice(order, "Order", shop, shop), shop), come(26, notice(letter, "Minutes 0"), ALICE),
                   come(27, name=f"news@{DOMAIN}"), come(28, name=f"sales@{DOMAIN}"), come(29, name=f"bob+x@{DOMAIN}")]
        for id in [*through, returns_nothing]:
            s.wait_for_word(id, "1 delivered")
        for id in kept:
            story = flat(s.wait_for_word(id, "discarded"))
            assert "one of a flood of notices for addresses that somebody made up" in story, story
        digest, = wait_for_digests(s)
        assert digest["To"] == ALICE and {r["queue_id"] for r in rows(digest)} == set(kept)
        assert f"13 of them came to made-up addresses at {DOMAIN}" in flat(text(digest))
        assert len(s.messages("alice")) == before + 11 + 4 + 1 and len(s.messages("bob")) == 3
        assert " forged-domain " in s.log.read_text() and "made-up=12" in s.log.read_text()
        s.audit()
