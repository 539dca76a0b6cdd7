"""The main job with Python's smtplib as client and a small real server as next hop."""
import email
import json
import re
import time

from conftest import DOMAIN, wait_for


def route(hop):
    return f"route partner.test 127.0.0.1:{hop.port}\nretry-first 1s\n"


def report_of(message):
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "delivery-status"
    _, status, returned = message.iter_parts()
    assert status.get_content_type() == "message/delivery-status"
    blocks = status.get_payload()
    return text_of(message), blocks[0], blocks[1:], returned


def text_of(notice):
    return notice.get_body(("plain",)).get_content()


def test_a_message_is_delivered(make_server):
    s = make_server()
    queue_id = s.send(f"bob@{DOMAIN}", "hello", "first\r\n.dot\r\nlast")
    message, = s.wait_for_mail("bob")
    assert message["Return-Path"] == f"<alice@{DOMAIN}>"
    assert message["Delivered-To"] == f"bob@{DOMAIN}"
    assert queue_id in message["Received"] and "client.test" in message["Received"]
    assert message.get_content() == "first\n.dot\nlast\n"
    s.wait_for_word(queue_id, "delivered")
    s.audit()


def test_unknown_users_and_strangers_domains_are_refused_in_words(make_server):
    s = make_server("trusted 192.0.2.0/24\n")
    with s.client() as c:
        c.ehlo()
        assert "dsn" not in c.esmtp_features
        c.mail("x@example.org")
        code, words = c.rcpt(f"nobody@{DOMAIN}")
        assert code == 550 and words.startswith(b"5.1.1 <nobody@")
        assert b"check the spelling" in words
        code, words = c.rcpt("someone@example.net")
        assert code == 550 and words.startswith(b"5.7.1 <someone@example.net>")
        assert c.verify("bob")[0] == 252


def test_a_full_mailbox_is_reported(make_server):
    s = make_server()
    queue_id = s.send(f"carol@{DOMAIN}", "Holiday pictures", "x" * 5000,
                      mail_options=["RET=HDRS", "ENVID=trip+2B1"],
                      rcpt_options=[f"ORCPT=rfc822;carol@{DOMAIN}", "NOTIFY=FAILURE"])
    notice, = s.wait_for_mail("alice")
    assert s.check_notices() == 1
    text, per_message, (recipient,), returned = report_of(notice)
    assert notice["Return-Path"] == "<>"
    assert notice["Auto-Submitted"] == "auto-replied"
    assert f"carol@{DOMAIN}" in notice["Subject"] and "Holiday pictures" in notice["Subject"]
    assert per_message["Reporting-MTA"] == f"dns; mx.{DOMAIN}"
    assert per_message["Original-Envelope-Id"] == "trip+1"
    assert recipient["Action"] == "failed" and recipient["Status"].startswith("5.2.")
    assert recipient["Final-Recipient"].replace(" ", "") == f"rfc822;carol@{DOMAIN}"
    assert recipient["Original-Recipient"].replace(" ", "") == f"rfc822;carol@{DOMAIN}"
    assert returned.get_content_type() == "text/rfc822-headers"
    assert "x" * 100 not in notice.as_string()
    assert f"carol@{DOMAIN}" in text
    s.wait_for_word(queue_id, "reported")
    assert not s.mailbox("carol")
    s.audit()


def test_notify_never_and_the_null_reverse_path_get_no_notice(make_server, next_hop):
    s = make_server(route(next_hop))
    ids = [s.send("refuse@partner.test", rcpt_options=["NOTIFY=NEVER"]),
           s.send("refuse@partner.test", sender="")]
    for i in ids:
        s.wait_for_word(i, "refused")
    time.sleep(0.5)
    assert not s.mailbox("alice")
    s.audit()


def test_the_remote_servers_words_are_told_verbatim(make_server, next_hop):
    s = make_server(route(next_hop))
    queue_id = s.send(["refuse-content@partner.test"], "Offer", "Click here",
                      mail_options=["RET=FULL"])
    notice, = s.wait_for_mail("alice")
    text, _, (recipient,), returned = report_of(notice)
    assert recipient["Status"] == "5.7.1"
    assert recipient["Remote-MTA"] == "dns; [127.0.0.1]"
    assert "554 5.7.1 Message rejected as spam" in " ".join(recipient["Diagnostic-Code"].split())
    assert "554 5.7.1 Message rejected as spam" in " ".join(text.split())
    assert returned.get_content_type() == "message/rfc822"
    assert returned.get_payload()[0]["Subject"] == "Offer"
    story = s.stories(queue_id)[0]
    assert "blocked-content" in json.dumps(story)
    s.audit()


def test_some_recipients_fail_and_others_do_not(make_server, next_hop):
    s = make_server(route(next_hop))
    s.send(["ok@partner.test", "refuse@partner.test", f"bob@{DOMAIN}", "full@partner.test"])
    notice = s.wait_for_mail("alice")[0]
    _, _, recipients, _ = report_of(notice)
    failed = {r["Final-Recipient"].split(";")[1].strip(): r["Status"] for r in recipients}
    assert failed == {"refuse@partner.test": "5.1.1", "full@partner.test": "5.2.2"}
    s.wait_for_mail("bob")
    wait_for("the relayed copy", lambda: next_hop.envelopes())
    assert next_hop.envelopes()[0]["recipients"] == ["ok@partner.test"]
    s.audit()


def test_a_delayed_message_is_tried_again(make_server, next_hop):
    s = make_server(route(next_hop))
    queue_id = s.send("grey@partner.test")
    s.wait_for_word(queue_id, "delayed")
    s.wait_for_word(queue_id, "relayed")
    assert len(next_hop.messages()) == 1
    assert not s.mailbox("alice")
    s.audit()


def test_a_message_that_cannot_be_delivered_in_time_expires_and_is_reported(make_server):
    s = make_server("route partner.test 127.0.0.1:1\nretry-first 1s\nexpire 2s\n")
    queue_id = s.send("someone@partner.test")
    notice, = s.wait_for_mail("alice")
    _, _, (recipient,), _ = report_of(notice)
    assert recipient["Status"] == "4.4.7"
    assert recipient["Action"] == "failed"
    s.wait_for_word(queue_id, "reported")
    s.audit()


def test_hold_release_and_list(make_server, next_hop):
    s = make_server(route(next_hop).replace("1s", "30s"))
    queue_id = s.send("grey@partner.test")
    s.wait_for_word(queue_id, "delayed")
    s.run("queue", "hold", queue_id, "--why", "looks odd")
    assert "on hold, looks odd" in s.run("queue", "list")
    assert "looks odd" in s.run("trace", queue_id)
    s.stop()
    s.start()
    assert "on hold, looks odd" in s.run("queue", "list")
    s.run("queue", "release", queue_id)
    s.wait_for_word(queue_id, "relayed")
    assert "empty" in s.run("queue", "list")
    bad = s.run("queue", "hold", "nonsense", check=False)
    assert bad.returncode == 2 and "queue id" in bad.stderr
    s.audit()


def test_the_users_file_is_read_again_when_it_changes(make_server):
    s = make_server()
    s.users_file.write_text(s.users + f"dora@{DOMAIN}\n")

    def accepted():
        with s.client() as c:
            c.ehlo()
            c.mail("")
            return c.rcpt(f"dora@{DOMAIN}")[0] == 250
    wait_for("dora", accepted)
    s.users_file.write_text("this is not a users file\n")
    wait_for("the complaint", lambda: "users-unchanged" in s.log.read_text())
    assert accepted()


def test_bare_line_ends_and_nul_are_refused_in_words(make_server):
    s = make_server()
    for body in (b"a\nb", b"a\rb", b"a\0b", b"a\n.\nMAIL FROM:<x@example.org>\r\n"):
        with s.client() as c:
            c.ehlo()
            c.mail("x@example.org")
            c.rcpt(f"bob@{DOMAIN}")
            c.putcmd("data")
            assert c.getreply()[0] == 354
            c.sock.sendall(b"Subject: x\r\n\r\n" + body + b"\r\n.\r\n")
            code, words = c.getreply()
            assert 500 <= code < 600, (body, words)
            assert re.match(rb"5\.\d\.\d .{20}", words, re.S), words
            assert c.noop()[0] == 250
    assert not s.mailbox("bob")


def test_real_mail_is_kept_to_the_byte(make_server, next_hop):
    s = make_server(route(next_hop))
    body = "".join(f".line {i} ß\r\n" for i in range(3000)) + "..\r\n.\r\n..x"
    with s.client() as c:
        c.ehlo()
        c.mail("x@example.org", ["BODY=8BITMIME"])
        c.rcpt("someone@partner.test")
        c.rcpt(f"bob@{DOMAIN}")
        assert c.data(b"Subject: x\r\n\r\n" + body.encode())[0] == 250
    kept = s.wait_for_mail("bob") and s.mailbox("bob")[0].read_bytes()
    assert kept.split(b"\n\n", 1)[1] == body.encode().replace(b"\r\n", b"\n") + b"\n"
    wait_for("the relayed copy", next_hop.messages)
    relayed = next_hop.messages()[0].read_bytes()
    assert relayed.split(b"\r\n\r\n", 1)[1].rstrip(b"\r\n") == body.encode()
    s.audit()


def test_hostile_text_does_not_reach_the_terminal(make_server):
    s = make_server()
    with s.client() as c:
        c.ehlo()
        c.mail("a@example.org")
        c.rcpt(f"bob@{DOMAIN}")
        code, words = c.data(b"Subject: \x1b[31mred \xe2\x80\xaeevil\r\n\r\nx\r\n")
        queue_id = words.decode().split()[-1]
    s.wait_for_word(queue_id, "delivered")
    text = s.run("trace", queue_id)
    assert "\x1b" not in text and "\u202e" not in text and "<U+001B>" in text
    assert "\x1b" not in s.log.read_text()


def test_a_second_daemon_on_the_same_state_is_refused(make_server):
    s = make_server()
    r = s.run("serve", check=False)
    assert r.returncode == 1 and "another plainpost" in r.stderr


def test_stories_of_a_server_that_is_stopped_and_goes_on_afterwards(make_server):
    s = make_server()
    for n in range(1, 4):
        queue_id = s.send(f"bob@{DOMAIN}")
        s.wait_for_mail("bob", n)
        s.kill()  # the ledger has not heard of all, and what reads it catches up
        s.run("trace", queue_id)
        s.audit()
        s.start()
        s.wait_for_word(queue_id, "delivered")
        s.audit()
    assert len(s.stories(f"bob@{DOMAIN}")) == 3


def test_a_message_that_a_power_cut_has_torn_has_no_story(make_server):
    s = make_server()
    before = s.send(f"bob@{DOMAIN}", body="one")
    s.wait_for_word(before, "delivered")
    torn = s.send(f"bob@{DOMAIN}", body="herons in the reeds")
    s.kill()
    segment, = (p for p in (s.state / "journal").iterdir() if b"herons in the reeds" in p.read_bytes())
    segment.write_bytes(segment.read_bytes().replace(b"herons in the reeds", bytes(19)))
    assert s.run("trace", torn, check=False).returncode == 1
    assert "delivered" in s.run("trace", before)
    s.start()
    s.audit()
