"""Whom we let in: lists in the DNS, reverse names, EHLO; greylisting; and that an operator finds what was refused."""
import json
import smtplib
import socket
import time

import pytest
from conftest import DOMAIN, free_port, wait_for
from fake_dns import FAIL, SILENCE, FakeDns, host_name, txt
from peer_postfix import Postfix
from talk import Talk

ZONE = {
    "7.2.0.192.in-addr.arpa": {"PTR": [host_name("mail.fine.example")]},
    "mail.fine.example": {"A": ["192.0.2.7"]},
    "66.2.0.192.zen.example": {"A": ["127.0.0.2"], "TXT": [txt("Spam came from it: https://zen.example/66")]},
    "8.2.0.192.in-addr.arpa": {"PTR": [host_name("192-0-2-8.dsl.example")]},
    "192-0-2-8.dsl.example": {"A": ["192.0.2.8"]},
    "50.2.0.192.zen.example": {"A": ["127.255.255.254"]},  # "not to those who ask like you"
    "51.2.0.192.in-addr.arpa": FAIL,
    "52.2.0.192.in-addr.arpa": SILENCE,
}
LISTS = "dns-list zen.example points 127.0.0.2=9 see https://zen.example/remove\n"
MAIN_CF = """compatibility_level = 3.6
myhostname = relay.example
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
default_transport = smtp:[127.0.0.1]:{port}
smtp_dns_support_level = disabled
smtp_host_lookup = native
maximal_queue_lifetime = 1h
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
"""
POINTS = "greylist-points 3\nrefuse-points 8\ngreylist-wait 1s\n"


class Client(Talk):
    """One that comes through a proxy, which says who it is."""

    def __init__(self, server, address, hello="mail.fine.example"):
        self.socket, self.kept = socket.socket(), b""
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", server.proxied))
        self.send(f"PROXY {'TCP6' if ':' in address else 'TCP4'} {address} {address} 40000 25\r\n")
        self.greeting = self.read()
        self.say(f"EHLO {hello}").must_be(250, "")

    def rcpt(self, sender="a@x.example", to=f"alice@{DOMAIN}"):
        self.say(f"MAIL FROM:<{sender}>").must_be(250, "2.1.0")
        return self.say(f"RCPT TO:<{to}>")


@pytest.fixture
def make(make_server):
    def make(dns, options=POINTS + LISTS, **more):
        port = free_port()
        s = make_server(f"dns {dns.server}\nlisten 127.0.0.1:{port} proxy 127.0.0.1\n{options}", **more)
        s.proxied = port
        return s
    return make


def refusals(server, what):
    r = server.run("trace", "--json", "--refused", what, check=False)
    return json.loads(r.stdout)


def waits_a_moment(reply):
    reply.must_be(451, "4.7.1", "greylisted: ", "as mail servers do by themselves", "no name in the reverse DNS")
    time.sleep(1.2)


def test_a_client_is_known_by_the_dns(make):
    with FakeDns(ZONE) as dns:
        s = make(dns, POINTS + LISTS + "let-in 192.0.2.60\n")
        with Client(s, "192.0.2.7") as c:
            c.rcpt().must_be(250, "2.1.5")
            c.say("RSET")
            c.rcpt(to=f"nobody@{DOMAIN}").must_be(550, "5.1.1")
        with Client(s, "192.0.2.8") as c:  # two points, and nothing follows
            c.rcpt().must_be(250, "2.1.5")
        asked = len(dns.asked)
        with Client(s, "192.0.2.66") as c:
            c.rcpt(to=f"nobody@{DOMAIN}").must_be(550, "5.1.1")
            assert len(dns.asked) == asked  # who guesses addresses costs no question
            c.say("RSET")
            c.rcpt().must_be(550, "5.7.1", f"<alice@{DOMAIN}>: mail from 192.0.2.66 is not taken here",
                             "192.0.2.66 is on the list zen.example, which says: Spam came from it: https://zen.example/66.",
                             "192.0.2.66 has no name in the reverse DNS (no PTR record).",
                             "have 192.0.2.66 taken off the list zen.example: https://zen.example/remove",
                             f"write to postmaster@mx.{DOMAIN}")
            asked = len(dns.asked)
            c.say("RCPT TO:<bob@home.test>").must_be(550, "5.7.1", "is on the list zen.example")
            c.say("RCPT TO:<postmaster>").must_be(250, "2.1.5")
        with Client(s, "192.0.2.66") as c:  # it is still known
            c.rcpt().must_be(550, "5.7.1", "is on the list zen.example")
            assert len(dns.asked) == asked
        with Client(s, "192.0.2.60", hello="x") as c:
            c.rcpt().must_be(250, "2.1.5")
        s.send(f"alice@{DOMAIN}")  # loopback is trusted
        # an operator finds it by sender, recipient and client
        told = s.run("trace", "a@x.example")
        assert f"Refused: mail from a@x.example to alice@{DOMAIN}\n" in told and "and 1 times more" in told
        assert "The client was 192.0.2.66, which calls itself mail.fine.example\n" in told
        assert "Because of: zen.example=9 no-reverse-name=3\n" in told and "  It heard: 550 5.7.1\n" in told
        both = s.run("trace", f"alice@{DOMAIN}")
        assert "accepted from" in both and "Refused: mail from a@x.example" in both.split("accepted from")[1]
        assert {r["to"] for r in refusals(s, "192.0.2.66")} == {f"{user}@{DOMAIN}" for user in ("alice", "bob", "nobody")}
        r, = (r for r in refusals(s, "A@x.example") if r["to"] == f"alice@{DOMAIN}")
        assert (r["event"], r["count"], r["code"], r["status"], r["client"]) == ("refused", 2, 550, "5.7.1", "192.0.2.66")
        assert r["because"] == "zen.example=9 no-reverse-name=3" and "is on the list" in r["words"]
        assert all("id" in story for story in s.stories(f"alice@{DOMAIN}"))  # programs get one kind
        r = s.run("trace", "--refused", "nobody@far.example", check=False)
        assert r.returncode == 1 and "a client's (192.0.2.7)" in r.stderr
        log = s.log.read_text()
        assert 'points="zen.example=9 no-reverse-name=3" code=550' in log and "<U+000A>" not in log
        # what would be done
        r = s.run("test-client", "192.0.2.66", check=False)
        assert r.returncode == 1 and "192.0.2.66 is refused (from 8 points on).\nIt has 12 points:\n" in r.stdout
        assert "     9  192.0.2.66 is on the list zen.example, which says" in r.stdout and "550 5.7.1" in r.stdout
        r = s.run("test-client", "--json", "--helo", "friend", "192.0.2.8", check=False)
        found = json.loads(r.stdout)
        assert r.returncode == 75 and found["verdict"] == "greylisted" and found["points"] == 4
        assert {f["what"] for f in found["findings"]} == {"generic-name", "hello-malformed"}
        r = s.run("test-address", "--client", "192.0.2.66", f"alice@{DOMAIN}", check=False)
        assert r.returncode == 1 and "\nAt RCPT this client hears:\n  550-5.7.1 " in r.stdout
        assert "\nIt has 12 points, and hears this for them; see plainpost-test-client(1).\n" in r.stdout
        r = s.run("test-address", "--json", "--client", "192.0.2.13", f"bob@{DOMAIN}", check=False)
        reply, = json.loads(r.stdout)["replies"]
        assert (r.returncode, reply["code"], reply["points"], reply["for_points"]) == (75, 451, 3, True)
        for words in (("--client", "192.0.2.66", f"postmaster@{DOMAIN}"), ("--client", "192.0.2.60", f"bob@{DOMAIN}")):
            assert " points" not in s.run("test-address", *words)
        assert "trusted network" in s.run("test-client", "127.0.0.1")
        assert "whatever its points" in s.run("test-client", "192.0.2.60")
        assert s.stop() == 0


def test_who_comes_again_gets_in(make):
    with FakeDns(ZONE) as dns:
        s = make(dns)
        with Client(s, "192.0.2.9") as c:
            c.rcpt(sender="").must_be(250, "2.1.5")  # who asks whether an address is there does not come again
            c.say("RSET")
            first = c.rcpt()
            c.say("RCPT TO:<bob@home.test>").must_be(451, "4.7.1")
        waits_a_moment(first)  # it is on the disk by then, too
        s.kill()
        s.start()
        with Client(s, "192.0.2.10") as c:  # of the same network
            c.rcpt().must_be(250, "2.1.5")
            c.say("RCPT TO:<carol@home.test>").must_be(250, "2.1.5")
        with Client(s, "192.0.2.11") as c:
            c.rcpt(sender="other@x.example").must_be(250, "2.1.5")
            c.data().must_be(250, "2.0.0")
        s.wait_for_mail("alice")
        assert "came-again client=192.0.2.10 from=a@x.example to=alice@home.test" in s.log.read_text()
        assert "has come again before" in s.run("test-client", "192.0.2.12")
        said = s.run("test-address", "--client", "192.0.2.12", f"alice@{DOMAIN}")
        assert "It has 3 points, and is let in.\n" in said
        assert [r["code"] for r in refusals(s, "192.0.2.9")] == [451, 451]
        (s.config).write_text(s.config.read_text().replace("greylist-points 3\n", ""))
        s.run("reload")
        with Client(s, "198.51.100.1") as c:
            c.rcpt().must_be(250, "2.1.5")
        assert s.stop() == 0


def test_a_dns_that_is_dead_keeps_nobody_out(make):
    with FakeDns(ZONE) as dns:
        s = make(dns, "greylist-points 1\nrefuse-points 8\npoints-no-reverse-name 0\n" + LISTS)
        with Client(s, "192.0.2.50") as c:
            c.rcpt().must_be(250, "2.1.5")
        wait_for("a line in the log", lambda: 'client-unknown client=192.0.2.50 list=zen.example why="it answers '
                                              '127.255.255.254' in s.log.read_text())
        with Client(s, "192.0.2.51") as c:
            c.rcpt().must_be(250, "2.1.5")
        c = Client(s, "192.0.2.52")  # it goes while it waits
        c.send("MAIL FROM:<a@x.example>\r\nRCPT TO:<alice@home.test>\r\n")
        c.read()
        wait_for("the question", lambda: any(q[0].startswith("52.2.") for q in dns.asked))
        c.socket.close()
        c = Client(s, "192.0.2.52")  # and one is still there at the end
        c.send("MAIL FROM:<a@x.example>\r\nRCPT TO:<alice@home.test>\r\n")
        c.read()
        assert s.stop() == 0
        c.read().must_be(421, "4.3.2")
        c.socket.close()


def test_a_real_server_comes_again(make, tmp_path):
    """Postfix, whose name is not in the DNS."""
    with FakeDns(ZONE) as dns:
        s = make(dns, "trusted 10.9.9.9/32\ngreylist-points 1\ngreylist-wait 1s\n")
        conf = tmp_path / "conf"
        conf.mkdir()
        (conf / "main.cf").write_text(MAIN_CF.format(port=s.port))
        (conf / "passwd").write_text("root:x:0:0::/root:/bin/sh\n")
        postfix = Postfix(tmp_path / "postfix", conf=conf)
        try:
            with smtplib.SMTP("127.0.0.1", postfix.port, timeout=20) as c:
                for user in ("alice", "bob"):
                    c.sendmail("x@client.example", f"{user}@{DOMAIN}", "Subject: hello\r\n\r\ntext\r\n")
            for user in ("alice", "bob"):
                s.wait_for_mail(user)
            assert "status=deferred (host 127.0.0.1[127.0.0.1] said: 451-4.7.1 <alice@home.test>: greylisted" in postfix.log()
        finally:
            postfix.stop()
        assert 'points="hello-unknown=2" code=451' in s.log.read_text()
        story = s.run("trace", f"alice@{DOMAIN}")  # all of it: it waited, and it came
        assert "accepted from relay.example" in story and "greylisted: 127.0.0.1 is not known here yet" in story
        assert s.stop() == 0
