"""Addresses that get no mail: by an operator, by themselves, and what those hear who write to them."""
import json

import pytest
from conftest import DOMAIN, wait_for
from hop import Hop


def refused(server, address):
    """The reply to RCPT."""
    with server.client() as c:
        c.ehlo()
        c.mail(f"alice@{DOMAIN}")
        code, words = c.rcpt(address)
        return code, words.decode()


def listed(server):
    return [json.loads(line) for line in server.run("suppress", "ls", "--json").splitlines()]


def test_an_operator_decides(make_server, tmp_path):
    (tmp_path / "aliases").write_text("team: bob@next.test, carol@next.test\n")
    with Hop() as hop:
        s = make_server(f"route next.test 127.0.0.1:{hop.port}\naliases {tmp_path / 'aliases'}\n")
        assert s.run("suppress", "ls") == "No address is suppressed.\n" and listed(s) == []
        assert "gets no mail" in s.run("suppress", "add", "Bob@next.test", "--why", "asked us to stop; twice")
        for _ in range(2):
            code, words = refused(s, "bob@NEXT.test")
            assert code == 550 and words.startswith("5.1.1 <bob@NEXT.test> is on this server's list of addresses that "
                                                    "can't get mail, since ")
            assert ": asked us to stop; twice; please check the address" in words
            assert refused(s, "carol@next.test")[0] == 250
            entry, = listed(s)
            assert entry["address"] == "Bob@next.test" and entry["why"] == "asked us to stop; twice"
            assert "queue_id" not in entry
            s.kill()  # it was on the disk before the answer
            s.start()
        r = s.run("test-address", "bob@next.test", check=False)
        assert "asked us to stop" in " ".join(r.stdout.split())
        # by an alias: the others get it, and the sender hears why, not where the alias leads
        s.send(f"team@{DOMAIN}")
        wait_for("carol's", lambda: len(hop.taken) == 1)
        notice, = s.wait_for_mail("alice")
        text = notice.get_body().get_content()
        assert "asked us to stop" in text and f"team@{DOMAIN}" in text and "bob@next.test" not in str(notice).lower()
        r = s.run("suppress", "add", "bob@next.test", "--why", "again", check=False)
        assert r.returncode == 1 and "already on the list" in r.stderr
        assert "gets mail again" in s.run("suppress", "remove", "BOB@next.test")
        r = s.run("suppress", "remove", "bob@next.test", check=False)
        assert r.returncode == 1 and "not on the list" in r.stderr
        assert refused(s, "bob@next.test")[0] == 250
        s.audit()


@pytest.mark.parametrize("words, told", [
    (["add", "bob@next.test"], "--why"), (["add", "bob", "--why", "x"], "is no address"), (["add"], "use it as"),
    ([], "use it as"), (["ls", "bob@next.test"], "use it as"), (["remove"], "use it as"), (["burn", "x@y.test"], "use it as")])
def test_what_is_not_understood(make_server, words, told):
    r = make_server().run("suppress", *words, check=False)
    assert r.returncode == 2 and told in r.stderr


def test_what_waits_is_not_touched(make_server):
    answers = {"bob@next.test": "451 4.7.1 come back later"}
    with Hop(lambda a: answers.get(a)) as hop:
        s = make_server(f"route next.test 127.0.0.1:{hop.port}\nretry-first 1m\n")
        queue_id = s.send("bob@next.test")
        s.wait_for_word(queue_id, "come back later")
        s.run("suppress", "add", "bob@next.test", "--why", "for now")
        answers.clear()
        s.run("queue", "retry", queue_id)
        wait_for("the mail", lambda: len(hop.taken) == 1)
        assert refused(s, "bob@next.test")[0] == 550


def test_what_failed_for_good_is_listed_by_itself(make_server):
    answers = {"gone@next.test": "550 5.1.1 no such user here", "full@next.test": "552 5.2.2 mailbox full",
               "spam@next.test": "550 5.1.1 blocked using zen.spamhaus.org", "rule@next.test": "554 5.7.1 no",
               "vague@next.test": "550 user unknown", "off@next.test": "550 5.2.1 disabled"}
    with Hop(lambda a: answers.get(a)) as hop:
        s = make_server(f"route next.test 127.0.0.1:{hop.port}\nsuppress-failed yes\n")
        queue_id = s.send(list(answers))
        s.wait_for_word(queue_id, "6 failed")
        entry, = wait_for("the list", lambda: listed(s))
        assert entry["address"] == "gone@next.test" and entry["queue_id"] == queue_id
        assert entry["why"] == "550 5.1.1 no such user here"
        text = s.run("suppress", "ls")
        assert text.startswith("gone@next.test  since 20") and f"because {queue_id} failed" in text
        code, words = refused(s, "gone@next.test")
        assert code == 550 and "550 5.1.1 no such user here" in words
        # not without the option
        good = s.config.read_text()
        s.config.write_text(good.replace("suppress-failed yes", ""))
        s.run("reload")
        s.run("suppress", "remove", "gone@next.test")
        again = s.send("gone@next.test")
        s.wait_for_word(again, "1 failed")
        assert listed(s) == []
