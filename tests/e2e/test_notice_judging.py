"""Notices that come are judged before they are accepted: real sessions, a ledger that knows what was sent, and our own
signatures on what comes back."""
import contextlib
import email.utils
import json
import re
import sqlite3
import time
import urllib.request

import pytest
from conftest import DOMAIN, Server, free_port, wait_for
from hop import Hop
from test_authentication import hand_in, newest, queue_id
from test_signing import RSA, make_key

OURS, STRANGER = "127.0.0.1", "127.0.0.8"
ALICE, BOB, PARTNER, NOBODY = f"alice@{DOMAIN}", f"bob@{DOMAIN}", "carol@partner.test", "eve@partner.test"
NAME = f"mx.{DOMAIN}"
USERS = f"domain {DOMAIN}\nalice@{DOMAIN}\nbob@{DOMAIN}\nann@off.test\nann@strict.test\n"
LATER = 7200  # seconds: since before then, all that was sent is known


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    work, metrics = tmp_path_factory.mktemp("house"), free_port()
    make_key(work / "key.pem", *RSA)
    with Hop() as hop:
        s = Server(work, f"trusted {OURS}/32\nauthenticate * off\nroute partner.test 127.0.0.1:{hop.port}\n"
                   f"dkim-key {DOMAIN} s1 {work}/key.pem\nmetrics 127.0.0.1:{metrics}\n"
                   "judge-notices off.test off\njudge-notices strict.test refuse\n", users=USERS).start()
        s.metrics, s.hop = metrics, hop
        s.send(BOB)  # the ledger begins
        s.send(BOB, sender="ann@strict.test")  # she sends from here, and Bob does not
        yield s
        assert s.stop() == 0
    text = s.log.read_text()
    assert "Sanitizer" not in text and "runtime error" not in text, text[-4000:]


def notice(header, to=ALICE, recipient=PARTNER, words="552 5.2.2 user is over quota", extra=""):
    """As a Postfix elsewhere writes it."""
    return (f"{extra}From: MAILER-DAEMON@mx.partner.test (Mail Delivery System)\nTo: {to}\n"
            "Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\n"
            f"Message-ID: <{time.monotonic_ns()}@mx.partner.test>\nDate: {email.utils.formatdate()}\nMIME-Version: 1.0\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n\n'
            f"<{recipient}>: host mx.partner.test[192.0.2.7] said: {words} (in reply to RCPT TO command)\n\n--b\n"
            "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.partner.test\n\n"
            f"Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: 5.2.2\n\n--b\n"
            f"Content-Type: text/rfc822-headers\n\n{header}\n--b--\n").replace("\n", "\r\n").encode()


def stranger_wrote(sender=ALICE):
    return (f"From: {sender}\nTo: {PARTNER}\nSubject: Cheap watches\nDate: {email.utils.formatdate(time.time() + LATER)}\n"
            f"Message-ID: <{time.monotonic_ns()}@elsewhere.test>\n")


def forged(to=ALICE, recipient=NOBODY, extra=""):
    return notice(stranger_wrote(to), to, recipient, extra=extra)


def trick(to=ALICE, extra=""):
    return (f"From: Mail Administrator <support@host.invalid>\nTo: {to}\nSubject: Your mailbox is 98% full\n{extra}"
            "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n<html><body><p>Sign in to verify your account, "
            'or it will be deactivated within 24 hours.</p><a href="https://quota.host.invalid/?u='
            f'{to}">Verify</a></body></html>\n').replace("\n", "\r\n").encode()


def sent_by_alice(house, subject="Minutes"):
    """The header as it came to the next hop, signed."""
    before = len(house.hop.taken)
    house.wait_for_word(house.send(PARTNER, subject, headers=(
        f"Message-ID: <{time.monotonic_ns()}@client.test>\r\nDate: {email.utils.formatdate()}\r\nTo: {PARTNER}\r\n")), "relayed")
    content = wait_for("the message", lambda: house.hop.taken[before:])[0].content
    content = content.decode() if isinstance(content, bytes) else content
    return content.replace("\r\n", "\n").split("\n\n")[0] + "\n"


def verdicts(raw):
    """The values of our fields, each as {word: value}."""
    head = raw.replace(b"\r\n", b"\n").split(b"\n\n")[0].decode()
    values = [re.sub(r"\s+", " ", v).strip() for v in re.findall(r"^Notice-Verdict:(.*(?:\n[ \t].*)*)", head, re.M)]
    return [dict(part.strip().split("=", 1) for part in v.split(";")[1:]) for v in values if v.startswith(f"{NAME};")]


def take(house, message, to=ALICE, sender="", user="alice", domain=DOMAIN, ip=STRANGER):
    """The verdict that stands in the mailbox, the story, and its JSON."""
    id = queue_id(hand_in(house, message, sender, to, ip))
    count = 1 if isinstance(to, str) else len(to)
    story = " ".join(house.wait_for_word(id, f"{count} delivered").split())
    return verdicts(newest(house, user, domain)), story, house.stories(id)[0]


def test_a_true_notice_is_known_by_what_was_sent_and_by_our_signature(house):
    found, story, told = take(house, notice(sent_by_alice(house)))
    assert len(found) == 1 and "sent" in found[0]["because"].split(", ") and "own-signature" in found[0]["because"]
    assert (found[0]["class"], found[0]["confidence"], found[0]["provenance"]) == ("genuine", "certain", "proven")
    assert ", judged genuine (certain, proven): " in story
    assert told["judged"]["class"] == "genuine" and "own-signature" in told["judged"]["because"]
    assert " judged=genuine" in [x for x in house.log.read_text().splitlines() if " accepted " in x][-1]


def test_it_may_come_at_once(house):
    """The ledger is a moment behind; what it does not know yet was sent all the same."""
    for n in range(5):
        id = f"{time.monotonic_ns()}@client.test"
        header = (f"From: {ALICE}\nTo: {PARTNER}\nSubject: {n}\nMessage-ID: <{id}>\n"
                  f"Date: {email.utils.formatdate(time.time() + LATER)}\n")
        assert hand_in(house, (header + "\nx\n").replace("\n", "\r\n").encode(), ALICE, PARTNER, OURS)[0] == 250
        found, _, _ = take(house, notice(header))
        assert found[0]["class"] == "genuine" and "sent" in found[0]["because"].split(", "), found


def test_mail_that_never_left_from_here_is_not_yours(house):
    found, story, _ = take(house, forged())
    assert found[0]["class"] == "not-yours" and found[0]["confidence"] == "very-likely"
    assert found[0]["provenance"] == "disproven" and "not-sent" in found[0]["because"]
    assert "judged not-yours (very likely, disproven): not-sent" in story


def test_a_message_to_whom_they_know_may_have_been_renamed(house):
    """Some that pass mail on give it another Message-ID."""
    sent_by_alice(house)
    found, _, _ = take(house, forged(recipient=PARTNER))
    assert (found[0]["class"], found[0]["confidence"]) == ("not-yours", "likely")


@pytest.mark.parametrize("sender", ["", "support@host.invalid"])
def test_a_trick_is_phishing_whoever_sends_it(house, sender):
    found, story, _ = take(house, trick(), sender=sender)
    assert found[0]["class"] == "phishing" and found[0]["confidence"] == "certain" and "judged phishing" in story


def test_our_own_header_does_not_make_a_trick_true(house):
    """Whoever got a mail of Alice's has her signature."""
    words = 'see https://login.host.invalid/?u=' + ALICE + ' Please sign in to verify your account and release it'
    found, _, _ = take(house, notice(sent_by_alice(house, "Offer"), words=words).replace(b"--b\r\n\r\n", (
        b"--b\r\nContent-Type: text/html\r\n\r\n<p>Sign in to verify your account within 24 hours, and release your "
        b'messages.</p><a href="https://login.host.invalid/?u=alice@home.test">Verify</a>\r\n'), 1))
    assert found[0]["class"] == "phishing" and "own-signature" not in found[0]["because"]


def test_ordinary_mail_gets_nothing_and_forged_fields_go(house):
    extra = f"Notice-Verdict: {NAME}; class=genuine; confidence=certain\nNotice-Verdict: other.test; class=unknown\n"
    mail = f"{extra}From: <x@example.org>\nSubject: lunch\n\nAt noon?\n".replace("\n", "\r\n").encode()
    found, story, told = take(house, mail, sender="x@example.org")
    assert not found and "judged" not in story and "judged" not in told
    assert b"other.test; class=unknown" in newest(house, "alice")
    found, _, _ = take(house, forged(extra=extra))
    assert [v["class"] for v in found] == ["not-yours"]


def test_who_sends_from_elsewhere_may_have_sent_it(house):
    found, _, _ = take(house, forged(BOB), BOB, user="bob")
    assert (found[0]["class"], found[0]["confidence"], found[0]["provenance"]) == ("genuine", "likely", "unknown")


def test_off_means_off(house):
    found, story, _ = take(house, forged("ann@off.test"), "ann@off.test", user="ann",
                           domain="off.test")
    assert not found and "judged" not in story


def test_what_is_forged_or_a_trick_is_refused_where_that_is_wanted(house):
    ann = "ann@strict.test"
    code, words = hand_in(house, forged(ann), "", ann, STRANGER)
    flat = " ".join(re.sub(r"\n5\.7\.1 ", " ", words).split())
    assert code == 550 and words.startswith("5.7.1 ") and "never sent from here" in flat and ann in flat
    assert "Please tell postmaster@" in flat
    assert hand_in(house, trick(ann), "support@host.invalid", ann, STRANGER)[0] == 550
    told = house.run("trace", ann)
    assert "never sent from here" in " ".join(told.split()), told
    # what may be true is never refused: there is no date to show whether it was sent before the ledger began
    header = stranger_wrote(ann).replace("Date:", "X-Date:")
    found, _, _ = take(house, notice(header, ann), ann, user="ann", domain="strict.test")
    assert found[0]["class"] == "genuine" and found[0]["provenance"] == "unknown"
    # nor what goes to somebody else, too
    assert hand_in(house, forged(ann), "", [ann, ALICE], STRANGER)[0] == 250


def test_each_recipient_is_judged_by_himself(house):
    found, story, told = take(house, notice(sent_by_alice(house)), [ALICE, BOB])
    assert found == [{"class": "unknown", "confidence": "unknown", "provenance": "unknown"}]
    assert f"judged genuine for {ALICE} (certain, proven)" in story and f"judged not-yours for {BOB}" in story
    assert told["judged"]["others"][0]["recipient"] == BOB


def folder(house, name, user="alice"):
    return sorted((house.mail / DOMAIN / user / name / "new").glob("*"), key=lambda p: p.stat().st_mtime_ns)


def test_a_class_can_have_a_folder(make_server):
    """It is one by which an IMAP server shows it, and counts for the quota."""
    s = make_server("trusted 127.0.0.1/32\nauthenticate * off\nfile-notices phishing .Junk\n",
                    users=f"domain {DOMAIN}\nalice@{DOMAIN} quota 10KB\n")
    for _ in range(2):
        s.wait_for_word(queue_id(hand_in(s, trick(), "", ip=STRANGER)), "1 delivered")
    s.wait_for_word(s.send(ALICE), "1 delivered")
    box = s.mail / DOMAIN / "alice"
    assert len(folder(s, ".Junk")) == 2 and len(s.mailbox("alice")) == 1
    assert (box / ".Junk" / "maildirfolder").read_bytes() == b""
    assert sorted(p.name for p in (box / ".Junk").iterdir()) == ["cur", "maildirfolder", "new", "tmp"]
    sizes = sum(p.stat().st_size for p in [*folder(s, ".Junk"), *s.mailbox("alice")])
    told = [line.split() for line in (box / "maildirsize").read_text().splitlines()[1:]]
    assert [sum(int(x[i]) for x in told) for i in (0, 1)] == [sizes, 3]
    fill = b"x" * (10240 - sizes)
    code = hand_in(s, trick().replace(b"<p>", b"<p>" + fill), "", ip=STRANGER)
    assert code[0] == 552 or s.wait_for_word(queue_id(code), "failed")
    assert len(folder(s, ".Junk")) == 2


def test_a_true_notice_stands_with_its_message(house):
    header = sent_by_alice(house)
    id = re.search("^Message-ID: (<.*>)$", header, re.M).group(1)
    take(house, notice(header))
    raw = newest(house, "alice")
    assert f"\nIn-Reply-To: {id}\nReferences: {id}\n".encode() in raw.replace(b"\r\n", b"\n")
    take(house, notice(header, extra=f"References: {id}\n"))
    assert b"\nIn-Reply-To:" not in newest(house, "alice")
    take(house, forged())
    assert b"\nIn-Reply-To:" not in newest(house, "alice")


def test_a_true_notice_is_explained(make_server):
    users = f"domain {DOMAIN}\nalice@{DOMAIN} language de\nbob@{DOMAIN}\n"
    with Hop() as hop:
        s = make_server(f"trusted {OURS}/32\nauthenticate * off\nroute partner.test 127.0.0.1:{hop.port}\n"
                        "explain-notices yes\n", users=users)
        s.hop = hop
        header = sent_by_alice(s)
        whole = notice(header)
        story = s.wait_for_word(queue_id(hand_in(s, whole, "", ip=STRANGER)), "1 delivered")
        assert "judged genuine" in " ".join(story.split())
        m = s.messages("alice")[-1]
        text, attached = m.iter_parts()
        assert text.get_content_type() == "text/plain" and attached.get_content_type() == "message/rfc822"
        assert "erklärt diese Meldung" in text.get_content() and PARTNER in text.get_content()
        assert m["Subject"] == "Undelivered Mail Returned to Sender" and m["From"].startswith("MAILER-DAEMON@")
        assert m["In-Reply-To"] == re.search("^Message-ID: (<.*>)$", header, re.M).group(1)
        assert len(m.get_all("Message-ID")) == 1 and m["Notice-Verdict"].startswith(f"{NAME}; class=genuine")
        inside = newest(s, "alice").split(b"Content-Disposition: attachment\n\n", 1)[1]
        assert inside.startswith(whole.replace(b"\r\n", b"\n"))
        # a trick is not, nor what goes to several
        s.wait_for_word(queue_id(hand_in(s, trick(BOB), "", BOB, STRANGER)), "1 delivered")
        assert s.messages("bob")[-1].get_content_type() == "text/html"
        s.wait_for_word(queue_id(hand_in(s, notice(header), "", [ALICE, BOB], STRANGER)), "2 delivered")
        assert {m.get_content_type() for m in s.messages("bob")} == {"text/html", "multipart/report"}


def test_what_goes_on_to_others_has_the_field(make_server, tmp_path):
    """As it came but for the field, also where an alias leads to somebody else."""
    (tmp_path / "aliases").write_text(f"team@{DOMAIN}: carol@partner.test\n")
    with Hop() as hop:
        s = make_server(f"trusted {OURS}/32\nauthenticate * off\nroute partner.test 127.0.0.1:{hop.port}\n"
                        f"aliases {tmp_path}/aliases\nexplain-notices yes\nfile-notices genuine .Notices\n")
        team, message = f"team@{DOMAIN}", notice("Subject: x\n", f"team@{DOMAIN}")
        story = s.wait_for_word(queue_id(hand_in(s, message, "", team, STRANGER)), "relayed")
        assert "judged genuine (likely)" in " ".join(story.split())
        came = wait_for("the notice", lambda: hop.taken)[-1].content
        came = came.encode() if isinstance(came, str) else came
        assert verdicts(came)[0]["class"] == "genuine" and came.endswith(message)


def test_what_a_list_has_sent_on_is_not_forged(make_server, tmp_path):
    """Its members' notices come to its owner, and tell of what a stranger wrote."""
    (tmp_path / "aliases").write_text(f"team: carol@partner.test\nowner-team: {BOB}\n")
    with Hop() as hop:
        s = make_server(f"trusted {OURS}/32\nauthenticate * off\nroute partner.test 127.0.0.1:{hop.port}\n"
                        f"aliases {tmp_path}/aliases\n", users=f"domain {DOMAIN}\nalice@{DOMAIN}\nbob@{DOMAIN}\n")
        s.send(ALICE)
        written = stranger_wrote("dave@example.org")
        hand_in(s, (written + "\nHello.\n").replace("\n", "\r\n").encode(), "dave@example.org", f"team@{DOMAIN}", STRANGER)
        wait_for("the list's mail", lambda: hop.taken)
        found, _, _ = take(s, notice(written, f"owner-team@{DOMAIN}"), f"owner-team@{DOMAIN}", user="bob")
        assert (found[0]["class"], found[0]["provenance"]) == ("genuine", "unknown")


def test_a_signed_return_path_proves_what_returns_nothing(make_server, tmp_path):
    with Hop() as hop:
        s = make_server(f"trusted {OURS}/32\nauthenticate * off\nroute partner.test 127.0.0.1:{hop.port}\n"
                        f"sign-return-paths {DOMAIN}\nexplain-notices yes\n")
        s.wait_for_word(s.send(PARTNER), "relayed")
        path = re.match("MAIL FROM:<(.*?)>", next(c for c in hop.commands if c.startswith("MAIL"))).group(1)
        bare = (f"From: MAILER-DAEMON@mx.partner.test\nTo: <{path}>\nSubject: failure notice\n\n"
                f"Hi. This is the qmail-send program at mx.partner.test.\n\n<{PARTNER}>:\nUser is over quota.\n")
        found, story, _ = take(s, bare.replace("\n", "\r\n").encode(), path)
        assert (found[0]["class"], found[0]["provenance"]) == ("genuine", "proven") and "own-tag" in found[0]["because"]
        assert "judged genuine (" in story and "Your mail server explains this notice." in newest(s, "alice").decode()
        # without it, nobody knows
        found, _, _ = take(s, bare.replace("\n", "\r\n").encode())
        assert (found[0]["class"], found[0]["provenance"]) == ("genuine", "unknown")


def test_a_ledger_that_is_busy_holds_nothing_up_for_long(make_server, tmp_path):
    """Another program that reads it for a backup, say, and takes its time."""
    metrics = free_port()
    s = make_server(f"trusted {OURS}/32\nauthenticate * off\nmetrics 127.0.0.1:{metrics}\n")
    s.wait_for_word(s.send(BOB), "1 delivered")
    with contextlib.closing(sqlite3.connect(s.state / "ledger.sqlite", isolation_level=None)) as busy:
        busy.execute("BEGIN IMMEDIATE")
        s.send(BOB)  # which the ledger does not get now
        began = time.monotonic()
        code, words = hand_in(s, forged(), "", ALICE, STRANGER)
        assert code == 250 and 4 < time.monotonic() - began < 9, words
        busy.execute("ROLLBACK")
    story = s.wait_for_word(words.split()[-1], "1 delivered")
    assert "judged" not in story and not verdicts(newest(s, "alice"))
    assert " not-judged " in s.log.read_text()
    text = urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics", timeout=10).read().decode()
    assert 'plainpost_notices_judged_total{class="unjudged"} 1' in text
    assert take(s, forged())[0][0]["class"] == "not-yours"


def test_it_is_counted(house):
    for message in (notice(sent_by_alice(house)), forged(), trick()):
        take(house, message)
    assert hand_in(house, trick("ann@strict.test"), "", "ann@strict.test", STRANGER)[0] == 550
    text = urllib.request.urlopen(f"http://127.0.0.1:{house.metrics}/metrics", timeout=10).read().decode()
    for line in ('plainpost_notices_judged_total{class="genuine"}', 'plainpost_notices_judged_total{class="not-yours"}',
                 'plainpost_notices_judged_total{class="phishing"}', "plainpost_notices_refused_total"):
        assert int(re.search(re.escape(line) + r" (\d+)", text).group(1)) > 0, line
    assert 'plainpost_notices_judged_total{class="unjudged"} 0' in text


def test_events_have_it(make_server, tmp_path):
    s, path = make_server(f"trusted 192.0.2.0/24\nauthenticate * off\nevents file {tmp_path}/events\n"), tmp_path / "events"

    def events():
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    s.send(BOB)
    wait_for("the first event", events)  # from then on acceptances are told, too
    hand_in(s, trick(), "")
    told = wait_for("the event", lambda: [e for e in events() if e["event"] == "accepted" and not e["sender"]])
    assert told[0]["judged"]["class"] == "phishing" and "asks-to-sign-in" in told[0]["judged"]["because"]
