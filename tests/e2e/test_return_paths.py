"""Signed return paths: what leaves from here has them, and what comes back to them is known."""
import os
import re
import time

import return_tags
from conftest import DOMAIN, wait_for
from hop import Hop
from return_tags import TAGGED

ALICE, BOB = f"alice@{DOMAIN}", f"bob@{DOMAIN}"
AWAY = "someone@away.test"
SECRET = "a secret of the test"
OUTSIDE = "127.0.0.9"  # nobody trusts who comes from there


def start(make_server, tmp_path, hop, options=""):
    (tmp_path / "aliases").write_text(f"away: {AWAY}\n")
    secrets = tmp_path / "secrets"
    secrets.write_text(SECRET + "\n")
    secrets.chmod(0o600)
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
