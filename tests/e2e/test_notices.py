"""When senders are told what became of their mail, of what, and in which language."""
import time

from conftest import DOMAIN, wait_for
from hop import Hop

ALICE, BOB = f"alice@{DOMAIN}", f"bob@{DOMAIN}"


def hop_that_knows(gone=(), busy=()):
    return Hop(lambda to: "550 5.1.1 no such user" if to in gone else "451 4.2.1 come back later" if to in busy else None)


def told(notice):
    """The text, and (address, action, status) of each recipient."""
    status = next(p for p in notice.walk() if p.get_content_type() == "message/delivery-status")
    text = next(p for p in notice.walk() if p.get_content_type() == "text/plain")
    return text.get_content(), sorted((b["Final-Recipient"].split("; ")[1], b["Action"], b["Status"])
                                      for b in status.get_payload()[1:])


def route(hop, options=""):
    return f"route partner.test 127.0.0.1:{hop.port}\nmax-recipients-per-delivery 1\n{options}\n"


def test_one_notice_tells_of_all(make_server):
    """The third answer takes a second; the first two wait for it, not for the minute."""
    def slow(to):
        time.sleep(1 if to.startswith("c@") else 0)
        return "550 5.1.1 no such user" if to[0] in "ac" else None
    with Hop(slow) as hop:
        s = make_server(route(hop, "gather-notices 1m"))
        s.send(["a@partner.test", "b@partner.test", "c@partner.test"])
        notice, = s.wait_for_mail("alice")
        text, recipients = told(notice)
        assert [(a, action) for a, action, _ in recipients] == [("a@partner.test", "failed"), ("c@partner.test", "failed")]
        assert "b@partner.test" in text and "2 of the 3 recipients" in text
        s.audit()


def test_a_notice_waits_for_nobody_whose_server_is_busy_and_survives_a_kill(make_server):
    with hop_that_knows(gone=["a@partner.test"], busy=["b@partner.test"]) as hop:
        s = make_server(route(hop, "gather-notices 3s\nretry-first 1h\nretry-max 1h"))
        queue_id = s.send(["a@partner.test", "b@partner.test"])
        waiting = s.wait_for_word(queue_id, "the notice is on its way")
        assert "1 still in the queue" in waiting
        s.audit()
        s.kill()
        s.start()
        notice, = s.wait_for_mail("alice")
        assert told(notice)[1] == [("a@partner.test", "failed", "5.1.1")]
        story = s.wait_for_word(queue_id, "failed and reported to the sender")
        assert story.count("reported to alice@") == 1 and "the notice is on its way" not in story
        time.sleep(1)
        assert len(s.messages("alice")) == 1
        s.audit()


def test_a_delay_is_told_once_and_then_that_it_failed(make_server):
    with hop_that_knows(busy=["b@partner.test"]) as hop:
        s = make_server(route(hop, "delay-notice 2s\ndelay-notice-again 1m\nretry-first 1s\nretry-max 1s\nexpire 8s"))
        queue_id = s.send("b@partner.test", "Quarterly figures")
        delay, = s.wait_for_mail("alice")
        text, recipients = told(delay)
        assert recipients == [("b@partner.test", "delayed", "4.2.1")]
        assert "Quarterly figures" in delay["Subject"] and delay["Auto-Submitted"] == "auto-replied"
        assert "come back later" in text and "need not do anything" in " ".join(text.split())
        _, failure = s.wait_for_mail("alice", 2)
        assert told(failure)[1] == [("b@partner.test", "failed", "4.2.1")] or told(failure)[1][0][1] == "failed"
        story = s.run("trace", queue_id)
        assert story.count("reported to alice@") == 2
        s.audit()


def test_nobody_hears_of_a_delay_who_asked_not_to(make_server):
    with hop_that_knows(busy=["b@partner.test"]) as hop:
        s = make_server(route(hop, "delay-notice 1s\nretry-first 1s\nretry-max 1s"))
        quiet = s.send("b@partner.test", rcpt_options=["NOTIFY=FAILURE"])
        s.send("b@partner.test", "told")
        notice, = s.wait_for_mail("alice")
        assert "told" in notice["Subject"]
        time.sleep(1.5)
        assert len(s.messages("alice")) == 1 and "reported" not in s.run("trace", quiet)


def test_a_delay_that_is_over_is_told_to_our_users_who_like(make_server):
    """Only where a delay was told, only to our own, and as an answer to their message."""
    busy = ["b@partner.test"]
    with hop_that_knows(busy=busy) as hop:
        s = make_server(route(hop, "recovered-notice yes\ndelay-notice 1s\nretry-first 1s\nretry-max 1s\n"
                                   "route elsewhere.test 127.0.0.1:1"))
        s.send(["a@partner.test", "b@partner.test"], "Quarterly figures", headers="Message-ID: <one@home.test>\r\n")
        foreign = s.send("b@partner.test", sender="eve@elsewhere.test")
        s.wait_for_mail("alice")
        s.wait_for_word(foreign, "reported to eve@elsewhere.test")
        busy.clear()
        over = max(s.wait_for_mail("alice", 2), key=lambda m: m["Subject"].startswith("Passed on"))
        assert over["Subject"] == "Passed on after all for b@partner.test: Quarterly figures"
        assert over["In-Reply-To"] == "<one@home.test>"
        text, recipients = told(over)
        assert [(a, action) for a, action, _ in recipients] == [("b@partner.test", "relayed")]
        assert text.startswith("Your message was passed on after all\n") and "That is over." in text
        story = s.wait_for_word(foreign, "1 relayed")
        assert story.count("reported to") == 1
        s.audit()


def test_success_is_told_by_us_when_the_next_hop_can_t(make_server):
    with Hop() as hop:
        s = make_server(route(hop))
        s.send("a@partner.test", rcpt_options=["NOTIFY=SUCCESS", "ORCPT=rfc822;a@partner.test"], mail_options=["ENVID=x1"])
        notice, = s.wait_for_mail("alice")
        assert told(notice)[1] == [("a@partner.test", "relayed", "2.0.0")]
        s.audit()


def test_an_alias_for_several_is_told_as_expanded(make_server, tmp_path):
    (tmp_path / "aliases").write_text(f"all: alice, bob\nboss: bob\n")
    s = make_server(f"aliases {tmp_path / 'aliases'}")
    s.send(f"all@{DOMAIN}", "to all", sender=BOB, rcpt_options=["NOTIFY=SUCCESS"])
    one, two = s.wait_for_mail("bob", 2)
    notice = one if "report" in one.get_content_type() else two
    assert [(a, action) for a, action, _ in told(notice)[1]] == [(f"all@{DOMAIN}", "expanded")]
    s.send(f"boss@{DOMAIN}", "to one", rcpt_options=["NOTIFY=SUCCESS"])
    single = wait_for("a notice", lambda: [m for m in s.messages("alice") if m.get_content_type() == "multipart/report"])
    assert [(a, action) for a, action, _ in told(single[0])[1]] == [(f"boss@{DOMAIN}", "delivered")]
    s.audit()


def test_where_an_alias_leads_is_not_told_in_the_words_of_a_server_either(make_server, tmp_path):
    (tmp_path / "aliases").write_text("team: Carol@partner.test\n")
    with Hop(lambda to: f"550 5.1.1 <{to.lower()}>: no mailbox 'carol' here") as hop:
        for count, reveals in enumerate(("no", "yes"), 1):
            s = make_server(route(hop, f"aliases {tmp_path / 'aliases'}\nreveal-aliases {reveals}"))
            s.send(f"team@{DOMAIN}")
            notice = s.wait_for_mail("alice", count)[-1]
            text, recipients = told(notice)
            status = next(p for p in notice.walk() if p.get_content_type() == "message/delivery-status").as_string()
            for part in (text, status):
                assert (f"<[team@{DOMAIN}]>: no mailbox '[team@{DOMAIN}]' here" in part) == (reveals == "no")
                assert ("carol" in part.lower()) == (reveals == "yes")
            assert recipients == [(f"team@{DOMAIN}", "failed", "5.1.1")]
            s.audit()
            s.stop()


def test_an_address_that_was_written_to_before_is_asked_about(make_server):
    with hop_that_knows(gone=["crol@partner.test"]) as hop:
        s = make_server(route(hop))
        s.wait_for_word(s.send("carol@partner.test"), "1 relayed")
        s.wait_for_word(s.send("eve@partner.test", sender=BOB), "1 relayed")
        s.send("crol@partner.test")
        text, _ = told(s.wait_for_mail("alice")[0])
        assert "Did you mean carol@partner.test, to whom you wrote on" in " ".join(text.split())
        s.send("crol@partner.test", sender=BOB)
        text, _ = told(s.wait_for_mail("bob")[0])
        assert "carol" not in text and "Did you mean" not in text


def test_notices_speak_the_sender_s_language(make_server):
    with hop_that_knows(gone=["a@partner.test"]) as hop:
        s = make_server(route(hop, "notice-language fr"))
        s.send("a@partner.test", headers="Accept-Language: de-AT, en\r\n")
        german, = s.wait_for_mail("alice")
        assert german["Content-Language"] == "de, en" or german["Content-Language"].startswith("de")
        assert "Adresse nicht gefunden" in told(german)[0] and "Address not found" in told(german)[0]
        s.send("a@partner.test")
        french, = [m for m in s.wait_for_mail("alice", 2) if m["Content-Language"].startswith("fr")]
        assert "Adresse introuvable" in told(french)[0]


def test_to_the_outside_the_header_alone_is_returned(make_server):
    """Whoever is told there may never have sent it."""
    with hop_that_knows(gone=["a@partner.test"]) as hop:
        s = make_server(route(hop))
        for sender, options in ((f"x@partner.test", []), (ALICE, []), ("x@partner.test", ["RET=FULL"])):
            s.send("a@partner.test", "hello", "the body", sender=sender, mail_options=options)
        outside = wait_for("two notices", lambda: len(hop.taken) == 2 and hop.taken)
        here, = s.wait_for_mail("alice")
        assert sorted(b"the body" in t.content for t in outside) == [False, True]
        assert "the body" in here.as_string()
