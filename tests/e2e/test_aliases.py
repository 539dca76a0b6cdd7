"""Aliases: what they lead to, who is told when that fails, and that all of it adds up."""
from conftest import DOMAIN, wait_for
from hop import Hop

TABLE = """\
# people
info:       bob
team:       alice, bob,
            :include:members
me:         me, bob
loop-a:     loop-b
loop-b:     loop-a
bob-abroad@{domain}  bob+abroad@{domain}
list:       bob, gone@{domain}
owner-list: carol
dead:       gone@{domain}
@catch.test everything@{domain}
everything: bob
"""


def start(make_server, tmp_path, more=""):
    (tmp_path / "members").write_text("# members\ncarol\nbob\n")
    table = TABLE.format(domain=DOMAIN).replace(":include:members",
                                                f":include:{tmp_path}/members")
    (tmp_path / "aliases").write_text(table + more)
    users = (f"domain {DOMAIN}\ndomain catch.test\nalice@{DOMAIN}\nbob@{DOMAIN}\ncarol@{DOMAIN}\n"
             f"me@{DOMAIN}\n")
    return make_server(f"aliases {tmp_path}/aliases\n", users=users)


def test_a_forward_that_comes_back_is_refused(make_server, tmp_path):
    with Hop() as hop:
        (tmp_path / "aliases").write_text("away: someone@away.test\nkept: bob, someone@away.test\n")
        s = make_server(f"aliases {tmp_path}/aliases\nroute away.test 127.0.0.1:{hop.port}\n")
        for number, (alias, copies) in enumerate((("away", 0), ("kept", 1)), 1):
            s.send(f"{alias}@{DOMAIN}")
            wait_for("the forward", lambda: len(hop.taken) == number)
            content = hop.taken[-1].content
            assert content.startswith(f"Delivered-To: {alias}@{DOMAIN}\r\nReceived:".encode())
            with s.client() as c:
                c.ehlo()
                for to, code in (([f"{alias.upper()}@{DOMAIN}"], 554), ([f"alice@{DOMAIN}"], 250)):
                    c.mail("someone@away.test")
                    for address in to:
                        assert c.rcpt(address)[0] == 250
                    answer, words = c.data(content)
                    assert answer == code, words
                    assert code != 554 or words.startswith(b"5.4.6 ") and b"in a circle" in words
            s.wait_for_mail("alice", number)
            wait_for("copies for bob", lambda: len(s.mailbox("bob")) == copies)
        with s.client() as c:  # a mailbox leaves the same trace
            c.ehlo()
            c.mail("x@example.org")
            c.rcpt(f"bob@{DOMAIN}")
            assert c.data(s.mailbox("bob")[0].read_bytes().replace(b"\n", b"\r\n"))[0] == 554
            # What others have delivered is nothing to us.
            c.mail("x@example.org")
            c.rcpt("someone@away.test")
            assert c.data(b"Delivered-To: someone@away.test\r\nSubject: x\r\n\r\n")[0] == 250
        s.audit()


def test_an_alias_leads_to_its_members_once_each(make_server, tmp_path):
    s = start(make_server, tmp_path)
    queue_id = s.send([f"team@{DOMAIN}", f"Bob@{DOMAIN}", f"info@{DOMAIN}"])
    for user in ("alice", "bob", "carol"):
        s.wait_for_mail(user)
    text = s.wait_for_word(queue_id, "3 delivered")
    assert f"team@{DOMAIN} is an alias of alice@{DOMAIN}, carol@{DOMAIN}" in " ".join(text.split())
    assert f"info@{DOMAIN} is an alias of somebody who gets it already" in " ".join(text.split())
    assert len(s.messages("bob")) == 1
    audit = s.audit()
    assert "that aliases led to" in audit


def test_an_alias_that_names_itself_means_the_mailbox(make_server, tmp_path):
    s = start(make_server, tmp_path)
    s.send(f"me@{DOMAIN}")
    s.wait_for_mail("me")
    s.wait_for_mail("bob")
    s.audit()


def test_an_alias_in_a_circle_is_reported(make_server, tmp_path):
    s = start(make_server, tmp_path)
    queue_id = s.send(f"loop-a@{DOMAIN}")
    s.wait_for_word(queue_id, "reported")
    notice, = s.wait_for_mail("alice")
    assert f"loop-a@{DOMAIN}" in notice["Subject"]
    assert "5.4.6" in notice.as_string() and "circle" in notice.as_string()
    s.audit()


def test_tags_and_whole_domains(make_server, tmp_path):
    s = start(make_server, tmp_path)
    s.send([f"bob+news@{DOMAIN}", f"bob-abroad@{DOMAIN}", "whoever@catch.test"])
    messages = s.wait_for_mail("bob", 3)
    assert sorted(m["Delivered-To"] for m in messages) == [
        f"bob+abroad@{DOMAIN}", f"bob+news@{DOMAIN}", f"bob@{DOMAIN}"]
    s.audit()


def test_the_sender_is_told_the_address_that_he_used(make_server, tmp_path):
    s = start(make_server, tmp_path)
    queue_id = s.send(f"dead@{DOMAIN}")
    s.wait_for_word(queue_id, "reported")
    notice, = s.wait_for_mail("alice")
    text = notice.as_string()
    assert f"dead@{DOMAIN}" in notice["Subject"]
    assert "gone@" not in text.split("message/rfc822")[0]
    s.audit()


def test_the_owner_of_a_list_is_told_of_its_members(make_server, tmp_path):
    s = start(make_server, tmp_path)
    s.send(f"list@{DOMAIN}")
    message, = s.wait_for_mail("bob")
    assert message["Return-Path"] == f"<owner-list@{DOMAIN}>"
    notice, = s.wait_for_mail("carol")
    assert f"gone@{DOMAIN}" in notice["Subject"]
    assert not s.messages("alice")
    s.audit()


def test_the_table_is_read_again_when_it_or_what_it_includes_changes(make_server, tmp_path):
    s = start(make_server, tmp_path)
    (tmp_path / "members").write_text("me\n")
    wait_for("the new table", lambda: "read again" in s.log.read_text())
    s.send(f"team@{DOMAIN}")
    s.wait_for_mail("me")
    assert not s.messages("carol")
    (tmp_path / "aliases").write_text("team: alice, \"open\n")
    wait_for("the fault in the log", lambda: "aliases:1:" in s.log.read_text())
    s.send(f"team@{DOMAIN}")
    s.wait_for_mail("me", 2)


def test_recipients_are_what_they_were_after_a_restart(make_server, tmp_path):
    s = start(make_server, tmp_path, "away: x@far.test, y@far.test, bob\n")
    s.stop()
    s.config.write_text(s.config.read_text() +
                        "route far.test 127.0.0.1:1\nretry-first 1h\n")
    s.start()
    queue_id = s.send(f"away@{DOMAIN}")
    s.wait_for_word(queue_id, "delayed")
    s.kill()
    s.start()
    text = s.wait_for_word(queue_id, "2 still in the queue")
    assert "1 delivered" in text
    s.audit()
