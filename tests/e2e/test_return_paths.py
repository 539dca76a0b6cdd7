"""Signed return paths: what leaves from here has them, and what comes back to them is known."""
import email
import email.policy
import json
import os
import re
import sqlite3
import time

import return_tags
from conftest import DOMAIN, wait_for
from hop import Hop
from peer_postfix import Postfix
from return_tags import TAGGED

ALICE, BOB = f"alice@{DOMAIN}", f"bob@{DOMAIN}"
AWAY = "someone@away.test"
SECRET = "a secret of the test"
OUTSIDE = "127.0.0.9"  # nobody trusts who comes from there


def start(make_server, tmp_path, hop, options="", days=0):
    """`days`: so old is the secret."""
    (tmp_path / "aliases").write_text(f"away: {AWAY}\n")
    secrets = tmp_path / "secrets"
    secrets.write_text(SECRET + "\n")
    secrets.chmod(0o600)
    os.utime(secrets, (time.time() - days * 86400,) * 2)
    return make_server(f"sign-return-paths {DOMAIN}\nreturn-path-secrets {secrets}\naliases {tmp_path}/aliases\n"
                       f"route * 127.0.0.1:{hop.port}\ntrusted 127.0.0.1/32\n{options}\n")


def senders(hop):
    """Of what the next hop was given."""
    return [re.match("MAIL FROM:<(.*?)>", c).group(1) for c in hop.commands if c.startswith("MAIL")]


def hand_in(server, sender, to, text="Subject: hello\r\n\r\ntext\r\n", source=None):
    """The replies to RCPT, and the queue id, if there is any."""
    with server.client(source_address=source and (source, 0)) as c:
        c.ehlo()
        c.mail(sender)
        replies = [c.rcpt(address) for address in ([to] if isinstance(to, str) else to)]
        if all(code != 250 for code, _ in replies):
            return replies, None
        code, words = c.data(text.encode())
        assert code == 250, words
        return replies, words.decode().split()[-1]


def words_of(text):
    return " ".join(text.split())


def test_mail_goes_out_signed_and_what_comes_back_finds_its_sender(make_server, tmp_path):
    with Hop() as hop:
        s = start(make_server, tmp_path, hop)
        queue_id = s.send(AWAY)
        wait_for("the mail", lambda: hop.taken)
        [sender] = senders(hop)
        assert sender == return_tags.make(SECRET, ALICE, queue_id) and len(sender.split("@")[0]) <= 64
        told = words_of(s.wait_for_word(queue_id, "relayed"))
        assert f"as from {sender}, which took it" in told and f"from {ALICE}" in told
        [story] = s.stories(queue_id)
        assert story["from"] == ALICE and story["events"][0]["return_path"] == sender
        # The report, whatever has become of the letters; and the answer of a program, which has a sender.
        for address, back in [(sender, ""), (sender.upper(), ""), (sender, "robot@away.test")]:
            replies, report = hand_in(s, back, address, source=OUTSIDE)
            assert replies[0][0] == 250
            assert f"stands for the sender {ALICE.lower()}" in words_of(s.wait_for_word(report, "delivered")).lower()
        mails = s.wait_for_mail("alice", 3)
        assert {m["Return-Path"] for m in mails} == {"<>", "<robot@away.test>"}
        assert sender in [m.get_all("Delivered-To")[1] for m in mails]
        s.audit()


def test_who_keeps_the_plain_address(make_server, tmp_path):
    with Hop() as hop:
        s = start(make_server, tmp_path, hop, "sign-return-paths-except list.test\n"
                  f"sign-return-paths-except *.key.test\nsign-return-paths-except from:{BOB}\n")
        plain = ["news-20270@home.test", f"{'a' * 34}@{DOMAIN}", "prvs=1234abcdef=alice@home.test",
                 "list+someone=away.test@home.test", "eve@example.net", BOB]
        for sender in plain:
            s.send(AWAY, sender=sender)
        s.send("members@list.test")
        s.send("box@login.key.test")
        hand_in(s, "", AWAY)  # a report of somebody's
        wait_for("all of it", lambda: len(hop.taken) == len(plain) + 3)
        assert sorted(senders(hop)) == sorted([*plain, ALICE, ALICE, ""])
        # Whoever forges a sender of ours, and writes to what leads to others, gets no tag.
        hand_in(s, ALICE, f"away@{DOMAIN}", source=OUTSIDE)
        wait_for("the forged one", lambda: len(hop.taken) == len(plain) + 4)
        assert senders(hop)[-1] == ALICE
        # What stays here never had any.
        s.send(BOB)
        assert s.wait_for_mail("bob")[0]["Return-Path"] == f"<{ALICE}>"
        # Those who are signed differently don't travel together, though one next hop gets all.
        s.send([AWAY, "members@list.test", "other@away.test"])
        wait_for("both", lambda: len(hop.recipients()) == len(plain) + 7)
        both = {t.recipients: sender for t, sender in zip(hop.taken[-2:], senders(hop)[-2:])}
        assert both.pop(("members@list.test",)) == ALICE
        assert all(TAGGED.fullmatch(sender) for sender in both.values()) and len(both) <= 2
        s.audit()


def test_one_for_a_day_and_a_domain_where_that_is_wanted(make_server, tmp_path):
    with Hop() as hop:
        s = start(make_server, tmp_path, hop, "sign-return-paths-steady grey.test\n")
        for to in ["a@grey.test", "b@grey.test", AWAY, "c@grey.test"]:
            s.send(to)
        s.send("a@grey.test", sender=BOB)
        wait_for("all of it", lambda: len(hop.taken) == 5)
        found = {}
        for taken, sender in zip(hop.taken, senders(hop)):
            found.setdefault(sender, []).append(*taken.recipients)
        of_alice = return_tags.make(SECRET, ALICE, return_tags.token(SECRET, ALICE, "grey.test"))
        of_bob = return_tags.make(SECRET, BOB, return_tags.token(SECRET, BOB, "grey.test"))
        assert sorted(found.pop(of_alice)) == ["a@grey.test", "b@grey.test", "c@grey.test"]
        assert found.pop(of_bob) == ["a@grey.test"] and list(found.values()) == [[AWAY]]
        replies, report = hand_in(s, "", of_alice, source=OUTSIDE)
        assert replies[0][0] == 250 and s.wait_for_mail("alice")
        # Two domains by one next hop: each its own.
        s.send(["a@grey.test", AWAY])
        wait_for("both", lambda: len(hop.taken) == 7)
        assert of_alice in senders(hop)[-2:] and len(set(senders(hop)[-2:])) == 2


def test_what_is_forged_or_too_old_is_refused(make_server, tmp_path):
    with Hop() as hop:
        s = start(make_server, tmp_path, hop)
        good = return_tags.make(SECRET, ALICE, "1k18vnm3nvg")
        forged = good.replace("1k18vnm3nvg", "1k18vnm3nvh")
        old = return_tags.make(SECRET, ALICE, "1k18vnm3nvg", return_tags.today() - 29)
        aged = return_tags.make(SECRET, ALICE, "1k18vnm3nvg", return_tags.today() - 28)
        gone = return_tags.make("another secret", ALICE, "1k18vnm3nvg")
        nobody = return_tags.make(SECRET, f"nobody@{DOMAIN}", "1k18vnm3nvg")
        for sender in ("", "robot@away.test"):
            replies, _ = hand_in(s, sender, [forged, old, aged, gone, good, nobody, ALICE], source=OUTSIDE)
            assert [code for code, _ in replies] == [550, 550, 250, 250, 250, 550, 250]
            said = [words.decode() for _, words in replies]
            assert said[0].startswith("5.1.1 ") and "what signs it is not right" in said[0] and ALICE in said[0]
            assert said[1].startswith("5.1.1 ") and "not good any more after four weeks" in said[1]
            assert said[5].startswith(f"5.1.1 <nobody@{DOMAIN}>: there is no mailbox")
        s.wait_for_mail("alice")
        s.audit()


def test_a_message_that_is_tried_again_keeps_its_return_path(make_server, tmp_path):
    refusals = ["451 4.7.1 Greylisted"] * 2
    with Hop(recipient=lambda address: refusals.pop() if refusals else None) as hop:
        s = start(make_server, tmp_path, hop, "retry-first 100ms\n")
        queue_id = s.send(AWAY)
        wait_for("the mail", lambda: hop.taken)
        assert set(senders(hop)) == {return_tags.make(SECRET, ALICE, queue_id)}
        assert f"It went as from {senders(hop)[0]}." in words_of(s.wait_for_word(queue_id, "relayed"))


def test_a_failure_is_told_to_the_true_sender(make_server, tmp_path):
    with Hop(recipient=lambda address: "550 5.1.1 no such user") as hop:
        s = start(make_server, tmp_path, hop)
        s.send(AWAY)
        notice = s.wait_for_mail("alice")[0]
        assert notice["To"] == ALICE and "+1k" not in notice["To"]
        assert TAGGED.fullmatch(senders(hop)[0])


def test_a_new_secret_comes_and_the_old_one_stays_for_a_while(make_server, tmp_path):
    with Hop() as hop:
        s = make_server(f"sign-return-paths *\nroute * 127.0.0.1:{hop.port}\n")
        secrets = s.state / "return-path-secrets"
        [first] = secrets.read_text().split()
        assert secrets.stat().st_mode & 0o777 == 0o600
        old = return_tags.make(first, ALICE, "1k18vnm3nvg")
        os.utime(secrets, (time.time() - 31 * 86400,) * 2)
        s.run("reload")
        fresh, before = secrets.read_text().split()
        assert before == first != fresh
        queue_id = s.send(AWAY)
        wait_for("the mail", lambda: hop.taken)
        assert senders(hop) == [return_tags.make(fresh, ALICE, queue_id)]
        assert hand_in(s, "", old)[0][0][0] == 250
        # Also when the operator does not want any more of them.
        s.config.write_text(s.config.read_text().replace("sign-return-paths *\n", ""))
        s.run("reload")
        s.send(AWAY)
        wait_for("the next", lambda: len(hop.taken) == 2)
        assert senders(hop)[1] == ALICE
        assert [code for code, _ in hand_in(s, "", [old, old.replace("alice", "bob")])[0]] == [250, 550]


# ---- what that proves

def notice(recipient=AWAY, text="The message that you have sent did not reach its recipient.", returned="", to=ALICE):
    """As a server writes one that returns nothing, unless it is told to."""
    names = f"Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n" if recipient else ""
    back = f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{returned}\r\n" if returned else ""
    return (f"From: Mail Delivery System <MAILER-DAEMON@mx.away.test>\r\nTo: <{to}>\r\n"
            "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
            f"--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n\r\n{recipient}: 550 5.1.1 no such user\r\n"
            f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.away.test\r\n\r\n{names}\r\n"
            f"{back}--b--\r\n")


PHISH = ("Your mailbox is full. 12 messages wait. Sign in to release them: "
         "http://login.mailbox-upgrade.test/verify?user=alice")


class Explained:
    def __init__(self, server, path, *words):
        [found] = json.loads("[" + server.run("explain", "--json", *words, str(path), check=False).stdout + "]")
        v = found["verdict"]
        self.whole, self.sure = (v["class"], v["provenance"]), v["confidence"]
        self.facts = {e["fact"]: e.get("detail") for e in v["evidence"]}
        self.against = {e["fact"] for e in v["evidence"] if e["against"]}


class House:
    """A server that has sent one message to the world, and gets notices about it."""

    def __init__(self, make_server, tmp_path, hop, options="", to=AWAY, days=0):
        self.server = start(make_server, tmp_path, hop, options, days)
        self.id = self.server.send(to, headers="Message-ID: <one@home.test>\r\n")
        wait_for("the mail", lambda: hop.taken)
        self.sender = senders(hop)[0]
        self.count = 0

    def knows_more(self, days):
        """The ledger began so many days earlier."""
        assert self.server.stop() == 0
        with sqlite3.connect(self.server.state / "ledger.sqlite") as db:
            db.execute("UPDATE reach SET since = since - ?", (days * 86400000,))
        db.close()
        self.server.start()

    def gets(self, text, to=None, source=OUTSIDE):
        """As alice's mailbox has it, explained."""
        replies, _ = hand_in(self.server, "", to or self.sender, text, source=source)
        assert replies[0][0] == 250, replies
        self.count += 1
        known = getattr(self, "known", set())
        self.server.wait_for_mail("alice", self.count)
        [path] = set(self.server.mailbox("alice")) - known
        self.known = known | {path}
        found = Explained(self.server, path, "--me", ALICE)
        self.mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        judged = dict(w.split("=", 1) for w in "".join(self.mail["Notice-Verdict"].split()).split(";")[1:])
        # Those who judge it when it comes, and later, know the same.
        assert (judged["class"], judged["provenance"]) == found.whole, (judged, found.facts)
        counts = "own-tag" in found.facts and "own-tag" not in found.against
        assert ("own-tag" in judged.get("because", "").split(",")) == counts
        return found


def test_a_notice_that_returns_nothing_is_proven(make_server, tmp_path):
    with Hop() as hop:
        house = House(make_server, tmp_path, hop)
        found = house.gets(notice())
        assert found.whole == ("genuine", "proven") and found.sure == "certain"
        assert found.facts["own-tag"] == house.id
        assert house.mail["In-Reply-To"] == "<one@home.test>", "it stands with what it tells of"
        # Who names nobody means the only one to whom it went.
        assert house.gets(notice(recipient="")).whole[1] == "proven"
        # Without a tag it stays open.
        bare = house.gets(notice(), to=ALICE)
        assert bare.whole[1] == "unknown" and "own-tag" not in bare.facts
        # The message is found by its return path, and so is what came back to it.
        s = house.server
        assert [story["id"] for story in s.stories(house.sender)][0] == house.id
        assert len(s.stories(house.sender.upper())) == 3
        assert house.id in s.run("sent", "--json", "--id", house.sender)


def test_a_tag_alone_proves_nothing(make_server, tmp_path):
    with Hop() as hop:
        house = House(make_server, tmp_path, hop)
        # Whoever got the mail has its tag.
        phish = house.gets(notice(text=PHISH))
        assert phish.whole[0] == "phishing"
        other = house.gets(notice(recipient="somebody@else.test"))
        assert "own-tag" not in other.facts and other.whole[1] == "unknown"
        returned = house.gets(notice(returned=f"From: {ALICE}\r\nMessage-ID: <two@home.test>\r\n"))
        assert "own-tag" not in returned.facts
        # What was sent before the secret is one of others.
        forged = house.sender.replace(house.id, "1k18vnm3nvg")
        assert hand_in(house.server, "", forged, source=OUTSIDE)[0][0][0] == 550
        # It counts so often as one recipient can have notices, also after the server was gone.
        for _ in range(6):
            house.gets(notice())
        assert "own-tag" in house.gets(notice()).facts
        house.server.kill()
        house.server.start()
        worn = house.gets(notice())
        assert "own-tag" not in worn.facts and worn.whole[1] == "unknown"
        house.server.audit()


STRANGER = "eve@else.test"  # to whom alice never wrote


def test_no_tag_where_all_carry_one(make_server, tmp_path):
    with Hop(recipient=lambda address: "550 5.1.1 no such user" if address.startswith("gone@") else None) as hop:
        house = House(make_server, tmp_path, hop, "sign-return-paths-except list.test\n", days=29)
        assert house.gets(notice(STRANGER), to=ALICE).whole == ("genuine", "unknown"), "the ledger is young"
        house.knows_more(40)

        def bare(*words, **more):
            return house.gets(notice(*words, **more), to=ALICE)
        for found in [bare(STRANGER), house.gets(notice(STRANGER, to=ALICE.upper()), to=ALICE.upper())]:
            assert found.whole == ("not-yours", "disproven") and found.sure == "likely", found.facts
            assert "no-own-tag" in found.facts and "no-own-tag" not in found.against
            assert "no-own-tag" in house.mail["Notice-Verdict"]
        # What is true stays so.
        assert house.gets(notice()).whole == ("genuine", "proven")
        assert bare(returned=f"From: {ALICE}\r\nMessage-ID: <one@home.test>\r\n").whole == ("genuine", "proven")
        unknown = ("genuine", "unknown")
        assert bare().whole == unknown, "she has written to the recipient"
        assert bare(STRANGER, returned=f"From: {ALICE}\r\nTo: {AWAY}\r\n").whole == unknown, "… who sent it on"
        assert bare("members@list.test").whole == unknown, "it would leave plain"
        assert bare("").whole == unknown, "it may have gone to the list"
        assert bare(STRANGER, to="alice@university.test").whole == unknown, "it was sent on to here"
        assert house.gets(notice(STRANGER), to=ALICE, source="127.0.0.1").whole == unknown, "we trust its client"
        passed = "Received: from pc by mx2.home.test with ESMTP; Sat, 28 Nov 2026 12:00:00 +0000\r\n"
        assert bare(STRANGER, returned=f"{passed}From: {ALICE}\r\n").whole == unknown, "it passed through a server of ours"
        # A report of our own comes to the plain address, too.
        s = house.server
        s.send("gone@away.test", "Lost", headers="Message-ID: <lost@home.test>\r\n")
        house.count += 1
        s.wait_for_mail("alice", house.count)
        [path] = set(s.mailbox("alice")) - house.known
        house.known |= {path}
        assert Explained(s, path, "--me", ALICE).whole == ("genuine", "proven")
        # As soon as anything has left under the plain address, a notice may be about it.
        assert bare(STRANGER).whole == ("not-yours", "disproven")
        s.send("members@list.test")
        wait_for("it to leave", lambda: "members@list.test" in hop.recipients())
        assert bare(STRANGER).whole == unknown
        s.audit()


def test_what_left_before_there_were_tags(make_server, tmp_path):
    with Hop() as hop:
        house = House(make_server, tmp_path, hop, days=27)
        house.knows_more(40)
        assert house.gets(notice(STRANGER), to=ALICE).whole == ("genuine", "unknown")


def test_what_is_made_up_in_a_file_is_seen(make_server, tmp_path):
    with Hop() as hop:
        house = House(make_server, tmp_path, hop)
        path = tmp_path / "notice.eml"

        def explained(address, top=""):
            path.write_text(f"Return-Path: <>\r\nDelivered-To: {ALICE}\r\n{top}Delivered-To: {address}\r\n"
                            "Received: from mx.away.test by mx.home.test; Sat, 28 Nov 2026 12:00:00 +0000\r\n"
                            + notice())
            return Explained(house.server, path, "--me", ALICE)
        hand_in(house.server, "", house.sender, notice(), source=OUTSIDE)
        good = explained(house.sender)
        assert good.whole == ("genuine", "proven"), good.facts
        forged = explained(house.sender.replace(house.id, "1k18vnm3nvg"))
        assert forged.whole == ("not-yours", "disproven") and "no-own-tag" in forged.facts
        for address in [return_tags.make(SECRET, ALICE, house.id, return_tags.today() - 29),
                        return_tags.make("another", ALICE, house.id), ALICE]:
            found = explained(address)
            assert found.whole[1] == "unknown" and not {"own-tag", "no-own-tag"} & set(found.facts), address
        # What stands below the first server's line is the sender's to write.
        below = explained(house.sender, "Received: from evil.test by mx.home.test; Sat, 28 Nov 2026 12:00:00 +0000\r\n")
        assert "own-tag" not in below.facts


def test_a_steady_one_proves_who_wrote_where_and_when(make_server, tmp_path):
    with Hop() as hop:
        house = House(make_server, tmp_path, hop, "sign-return-paths-steady away.test\n")
        found = house.gets(notice())
        assert found.whole == ("genuine", "proven") and found.facts["own-tag"] is None
        assert house.gets(notice(recipient="another@away.test")).whole[1] == "unknown"
        assert house.gets(notice(recipient="")).whole[1] == "unknown"


def test_an_address_tells_what_it_is(make_server, tmp_path):
    with Hop() as hop:
        house = House(make_server, tmp_path, hop)
        told = house.server.run("test-address", house.sender)
        assert f"is a return path that this server has signed, for the message {house.id} of {ALICE}, on" in told
        assert f"stands for the sender {ALICE}" in told and "is the mailbox" in told
        told = house.server.run("test-address", house.sender.replace("alice", "carol"), check=False).stdout
        assert "looks like a return path that this server has signed, but it has not" in told
        assert "550 5.1.1" in told
        return_path = json.loads(house.server.run("test-address", "--json", house.sender))["return_path"]
        assert (return_path["state"], return_path["message"]) == ("good", house.id)


def test_postfix_returns_to_it(make_server, tmp_path):
    postfix = Postfix(tmp_path / "postfix")
    try:
        s = make_server(f"listen 127.0.0.1:{postfix.home_port}\nsign-return-paths {DOMAIN}\n"
                        f"route * 127.0.0.1:{postfix.port}\n")
        queue_id = s.send("someone@gone.test", headers="Message-ID: <one@home.test>\r\n")
        [mail] = s.wait_for_mail("alice", seconds=40)
        assert TAGGED.fullmatch(mail["To"].strip("<>"))[2] == queue_id
        found = Explained(s, s.mailbox("alice")[0], "--me", ALICE)
        assert found.whole == ("genuine", "proven") and found.facts["own-tag"] == queue_id
    finally:
        postfix.stop()
