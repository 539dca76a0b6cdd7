"""What nobody else can be told, postmaster is told: once."""
import json
import time

from conftest import DOMAIN, wait_for
from hop import Hop

GHOST, LOST = "ghost@partner.test", "lost@partner.test"


def refuses_all():
    return Hop(lambda to: "550 5.1.1 no such user")


def with_status(messages):
    return [m for m in messages if m.get_content_type() == "multipart/report"]


def failure(s, queue_id):
    def found():
        events = json.loads(s.run("trace", "--json", queue_id, check=False).stdout)[0]["events"]
        return [e for e in events if e["event"] == "failed"]
    event, = wait_for("a failure", found)
    return event


def notice_of(s, queue_id):
    return failure(s, queue_id)["notification"]


def test_postmaster_hears_whose_mail_failed_and_who_can_not_be_told(make_server, tmp_path):
    (tmp_path / "aliases").write_text("postmaster: bob\n")
    with refuses_all() as hop:
        s = make_server(f"aliases {tmp_path / 'aliases'}\nroute partner.test 127.0.0.1:{hop.port}")
        queue_id = s.send(LOST, "Minutes", sender=GHOST)
        told, = s.wait_for_mail("bob")
        assert told["To"] == f"postmaster@{DOMAIN}" and "ghost@partner.test" in told["Subject"]
        text = next(p for p in told.walk() if p.get_content_type() == "text/plain").get_content()
        assert "A notice could not be delivered" in text and GHOST in text and LOST in text
        assert next(p for p in told.walk() if p.get_content_type() == "text/html")
        returned = next(p for p in told.walk() if p.get_content_type() == "message/rfc822").get_payload(0)
        assert returned["To"] == GHOST and "lost@partner.test" in returned["Subject"]
        story = s.wait_for_word(notice_of(s, queue_id), "failed and reported to postmaster")
        assert "reported to postmaster in" in story
        s.audit()


def test_what_postmaster_can_not_be_told_ends_there(make_server, tmp_path):
    (tmp_path / "aliases").write_text(f"postmaster: {LOST}\n")
    with refuses_all() as hop:
        s = make_server(f"aliases {tmp_path / 'aliases'}\nroute partner.test 127.0.0.1:{hop.port}")
        notice = notice_of(s, s.send(LOST, sender=GHOST))
        s.wait_for_word(notice, "reported to postmaster")
        last = notice_of(s, notice)
        story = s.wait_for_word(last, "no notice was wanted or possible")
        assert "Nobody is told: it told postmaster" in story
        event = failure(s, last)
        assert "notification" not in event and "never reported" in event["nobody_told"]
        time.sleep(1)
        assert s.messages("alice") == [] and s.messages("bob") == []
        s.audit()


def test_a_notice_of_others_and_one_of_ours_that_is_switched_off_is_told_by_the_trace_alone(make_server):
    with refuses_all() as hop:
        s = make_server(f"double-bounce none\nroute partner.test 127.0.0.1:{hop.port}")
        ours = notice_of(s, s.send(LOST, sender=GHOST))
        assert "this server does not tell postmaster" in s.wait_for_word(ours, "Nobody is told")
        theirs = s.send(LOST, sender="")
        assert "its return path is the null one" in s.wait_for_word(theirs, "Nobody is told")
        assert with_status(s.messages("alice")) == []
        s.audit()
