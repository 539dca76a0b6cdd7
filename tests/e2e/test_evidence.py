"""What explain is told besides the notice: what was sent and to whom, and whose addresses are theirs. Of keys there is
more in test_dkim.py."""
import json
import mailbox
import subprocess

from conftest import PLAINPOST

KEY = ("v=DKIM1; k=rsa; p="
       "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDJpQ3GL+9129tksx2r1Rlf6bYMBI7IBVw5NWxwB0sgsiAHquUZJ2"
       "3g+F5qae5Gk0rtbHJ0StQbiYsF1ucS8aTzVDF0SuBjT6zKkx8BV5fWxyQ0SWu9cinFewrUIfC6tz3/JdzACH1JpDlO"
       "cnbRvQ5RqNYu33dr1Hj8cAmokX9ytQIDAQAB")
SIGNED = """\
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=home.test;
 i=@home.test; q=dns/txt; s=sel; t=1795730631; h=from : to : subject :
 date : message-id : x-twice : x-twice : x-twice : from;
 bh=Ba3gj8+xBPQLJTahTfzW6RbWQ/XPgESxkCi2B66PSQg=;
 b=MMKl5CJ0y5hJxnTeI9ObkH2z00Af7Rnv+cGX4oWSB1QzciOPorjzzpEsISpbVJgIh2lGG
 fZVfkAzPfgrg4zkPckJGk8fYGJC8kf7u/odMBKnaQrvmUGNnLDo3yO07tKnsasNBTtgXQFU
 1gZpp95m540To43X5Rk7Wsac0YIMd5U=
Received: from a by b; Tue, 24 Nov 2026 12:44:03 +0100
From: Ann  Example <ann@home.test>
To: bob@b.test
Subject: Minutes
 of\t Monday
Date: Tue, 24 Nov 2026 12:44:00 +0100
Message-ID: <1@home.test>
X-Twice: one
X-Twice: two
"""


def notice(header, date="Tue, 24 Nov 2026 12:44:05 +0100", recipient="bob@b.test"):
    return f"""Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: ann@home.test
Subject: Undelivered Mail Returned to Sender
Date: {date}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b

<{recipient}>: host mx.b.test[192.0.2.7] said: 552 5.2.2 user is over quota (in reply to RCPT TO command)

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.2.2

--b
Content-Type: text/rfc822-headers

{header}
--b--
"""


NAMELESS = """From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: ann@home.test
Subject: Undeliverable: Lunch?

Your message did not reach the following recipient:

  bob@b.test: 550 5.1.1 no such user
"""


def run(*words, text):
    r = subprocess.run([PLAINPOST, "explain", "--json", *map(str, words)], input=text, capture_output=True, text=True,
                       timeout=30)
    assert "Sanitizer" not in r.stderr, r.stderr
    return r


def verdict(*words, text):
    v = json.loads(run(*words, text=text).stdout)["verdict"]
    return v["class"], v["confidence"], [e["fact"] for e in v["evidence"]]


def test_the_head_of_a_mail_can_be_copied(tmp_path):
    """What left from here is not what the notice tells of."""
    (tmp_path / "key").write_text(KEY)
    key = f"home.test:sel={tmp_path / 'key'}"
    assert verdict("--dkim-key", key, text=notice(SIGNED))[:2] == ("genuine", "certain")
    class_, confidence, facts = verdict("--dkim-key", key, text=notice(SIGNED, recipient="eve@c.test"))
    assert (class_, confidence) == ("genuine", "very-likely") and "not-to-recipient" in facts
    late = notice(SIGNED, date="Tue, 26 Jan 2027 12:44:05 +0100")
    assert verdict("--dkim-key", key, text=late)[1] == "very-likely"


def sent(tmp_path, *headers):
    box = mailbox.mbox(tmp_path / "sent")
    for header in headers:
        box.add(header + "\ntext\n")
    box.close()
    return tmp_path / "sent"


def test_what_was_sent(tmp_path):
    mine = sent(tmp_path, "Message-ID: <1@home.test>\nTo: =?utf-8?q?B=C3=B6b?= <Bob@b.test>\n",
                "Message-ID: <2@home.test>\nTo: carol@c.test\n")
    text = notice(SIGNED)
    assert verdict("--sent", mine, text=text)[:2] == ("genuine", "certain")
    assert verdict("--sent", mine, text=text.replace("<1@", "<2@"))[1] == "very-likely"
    assert verdict("--sent", mine, text=text.replace("<1@", "<3@"))[:2] == ("not-yours", "very-likely")
    assert verdict("--sent", mine, text=text.replace("<1@", "<3@").replace("X-Twice", "List-Unsubscribe"))[0] == \
        "spam-in-bounce"


def test_a_notice_that_names_no_message(tmp_path):
    """Did I ever write there?"""
    class_, confidence, facts = verdict("--sent", sent(tmp_path, "Message-ID: <1@a>\nCc: bob@b.test\n"), text=NAMELESS)
    assert (class_, confidence) == ("genuine", "very-likely") and "wrote-to-recipient" in facts
    (tmp_path / "sent").unlink()
    class_, confidence, facts = verdict("--sent", sent(tmp_path, "Message-ID: <1@a>\nTo: carol@b.test\n"), text=NAMELESS)
    assert (class_, confidence) == ("genuine", "likely") and "never-wrote-to-recipient" in facts
    (tmp_path / "sent").write_text("")
    assert "never-wrote-to-recipient" not in verdict("--sent", tmp_path / "sent", text=NAMELESS)[2]


def test_addresses_of_mine():
    text = notice(SIGNED)
    assert verdict("--me", "eve@home.test", text=text)[:2] == ("not-yours", "likely")
    assert verdict("--me", "eve@home.test", "--me", "Ann@Home.test", text=text)[0] == "genuine"
    tagged = text.replace("ann@home.test>", "ann+shop@home.test>")
    assert verdict("--me", "ann@home.test", text=tagged)[0] == "genuine"
    sender = text.replace("From: Ann", "Sender: eve@home.test\nFrom: Ann")
    assert verdict("--me", "eve@home.test", text=sender)[0] == "genuine"
