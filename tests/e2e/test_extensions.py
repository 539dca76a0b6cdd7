"""What senders may want of the way of a message: not before, by when, how urgent. With clients and next hops that know
these words, and with real ones that do not."""
import datetime
import json
import re
import smtplib
import time

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from conftest import DOMAIN, Server, free_port, wait_for
from hop import Hop
from peer_sendmail import Sendmail
from test_login import ALICE, NO_DELAY, PASSWORD, Submission

FAR = "carol@far.test"


def deliver(client, to, *parameters, sender=ALICE, notify=()):
    """The queue id."""
    code, words = client.mail(sender, list(parameters))
    assert code == 250, words
    code, words = client.rcpt(to, list(notify))
    assert code == 250, words
    code, words = client.data(b"From: <alice@home.test>\r\nSubject: x\r\n\r\nx\r\n")
    assert code == 250, words
    return words.decode().split()[-1]


# ---- not before: FUTURERELEASE (RFC 4865)

@pytest.fixture
def submission(make_server, tmp_path):
    with Hop() as hop:
        s = Submission(make_server, tmp_path, NO_DELAY + f"route far.test 127.0.0.1:{hop.port}\nfuture-release 2d\n")
        s.hop = hop
        yield s


def logged_in(submission):
    c = submission.smtp()
    c.login(ALICE, PASSWORD)
    return c


def test_a_message_waits_until_its_time(submission):
    s = submission.server
    with s.client() as c:
        c.ehlo()
        assert not c.has_extn("futurerelease"), "it is for who submits"
        assert c.mail(ALICE, ["HOLDFOR=5"])[0] == 555
    with logged_in(submission) as c:
        c.ehlo()
        seconds, until = c.esmtp_features["futurerelease"].split()
        until = datetime.datetime.fromisoformat(until.replace("Z", "+00:00"))
        assert seconds == "172800" and abs(until.timestamp() - time.time() - 172800) < 20
        assert c.mail(ALICE, ["HOLDFOR=172801"])[0] == 501
        began = time.monotonic()
        soon = deliver(c, FAR, "HOLDFOR=2")
        tomorrow = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)).replace(microsecond=0)
        late = deliver(c, "late@far.test", f"HOLDUNTIL={tomorrow:%Y-%m-%dT%H:%M:%SZ}")
        never = deliver(c, "never@far.test", "HOLDFOR=86400")
    wait_for("the first", lambda: submission.hop.taken)
    assert 2 <= time.monotonic() - began < 12
    asked = f"held until {tomorrow:%a} {tomorrow.day} {tomorrow:%b %Y}, {tomorrow:%H:%M}"
    assert asked in " ".join(s.run("trace", late).split())
    assert "as its sender asked" in s.run("queue", "ls") and "held until" not in s.run("trace", soon).split("relayed")[1]
    # It is as fresh after a restart, and no retry sends it.
    s.kill()
    s.start()
    s.run("queue", "retry", "--all", "--yes")
    s.run("queue", "remove", never, "--yes")
    assert asked in " ".join(s.run("queue", "show", late).split())
    assert len(submission.hop.taken) == 1
    s.run("queue", "release", late, "--yes")
    wait_for("the one that was let go", lambda: len(submission.hop.taken) == 2)
    assert submission.hop.recipients() == [FAR, "late@far.test"]
    s.audit()


# ---- how urgent: MT-PRIORITY (RFC 6710)

class KnowsPriority(SMTP):
    """A server that we did not write, and a word that it does not know by itself."""
    word = " MT-PRIORITY="

    async def smtp_MAIL(self, arg):
        path, _, parameter = arg.partition(self.word)
        self.event_handler.said.append(parameter)
        await super().smtp_MAIL(path)


class Peer(Controller):
    protocol, offer = KnowsPriority, "MT-PRIORITY MIXER"

    def __init__(self):
        self.said, self.mails = [], []
        super().__init__(self, hostname="127.0.0.1", port=free_port())

    def factory(self):
        return self.protocol(self, hostname="peer.test", loop=self.loop)

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [responses[0], f"250-{self.offer}", *responses[1:]]

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(envelope.content)
        return "250 2.0.0 kept"


def test_a_priority_is_passed_on_to_those_who_know_it(make_server):
    peer = Peer()
    peer.start()
    with Hop() as does_not:
        s = make_server(f"route knows.test 127.0.0.1:{peer.port}\nroute not.test 127.0.0.1:{does_not.port}\n"
                        "highest-priority 6\n")
        with smtplib.SMTP("127.0.0.1", s.port) as c:
            c.ehlo()
            assert c.has_extn("mt-priority")
            code, words = c.mail("a@far.test", ["MT-PRIORITY=12"])
            assert code == 501 and words.startswith(b"5.5.4 MT-PRIORITY ")
            code, words = c.mail("a@far.test", ["MT-PRIORITY=9"])  # RFC 6710 4.1: the number, a blank, words
            assert code == 250 and words.startswith(b"2.3.6 6 is the priority of this message")
            c.rset()
            for to, parameter in [("x@knows.test", "MT-PRIORITY=-4"), ("x@not.test", "MT-PRIORITY=-4"),
                                  ("y@knows.test", "MT-PRIORITY=7")]:
                last = deliver(c, to, parameter, sender="a@far.test")
            deliver(c, "z@knows.test", sender="a@far.test")
        wait_for("all", lambda: len(peer.mails) == 3 and does_not.taken)
        assert sorted(peer.said) == ["-4", "0", "6"] and "PRIORITY" not in does_not.commands[0].upper()
        for mail in (*peer.mails, does_not.taken[0].content):
            received = b" ".join(bytes(mail).split(b";")[0].split())
            assert received.startswith(b"Received: from ")
            assert (b"for <z@" in received) != (re.search(rb"> PRIORITY (-4|6)$", received) is not None), received
        assert "its priority is 6 (MT-PRIORITY)" in " ".join(s.run("trace", last).split())
        assert [m["priority"] for m in s.stories("y@knows.test")] == [6]
        assert " priority=6 " in s.log.read_text()
        s.audit()
    peer.stop()


def test_who_logs_in_asks_for_nothing_urgent_unless_he_may(submission):
    with logged_in(submission) as c:
        c.ehlo()
        assert c.has_extn("mt-priority")
        code, words = c.mail(ALICE, ["MT-PRIORITY=1"])
        assert code == 250 and words.startswith(b"2.3.6 0 is the priority")
        c.rset()
        assert c.mail(ALICE, ["MT-PRIORITY=-1"])[1].startswith(b"2.1.0")


def test_what_is_urgent_goes_first_and_the_rest_is_not_forgotten(make_server):
    """All wait for one place at the next hop; each kind as its own sender would send it."""
    with Hop() as hop:
        hop.hold()
        s = make_server(f"route far.test 127.0.0.1:{hop.port}\ndestination-concurrency 1\n")
        with s.client() as c:
            c.ehlo()
            for i in range(60):
                deliver(c, f"first{i}@far.test", sender="a@far.test")
            for kind, parameter in [("low", "-4"), ("normal", "0"), ("urgent", "4")]:
                for i in range(12):
                    deliver(c, f"{kind}{i}@far.test", f"MT-PRIORITY={parameter}", sender="a@far.test")
        listed = [m for m in map(json.loads, s.run("queue", "ls", "--json").splitlines()) if m["to"].startswith("urgent")]
        assert len(listed) == 12 and all(m["priority"] == 4 for m in listed)
        assert ", priority -4: " in s.run("queue", "ls") and "its priority is 4 (MT-PRIORITY)" in s.run(
            "queue", "show", listed[0]["id"])
        hop.let_go()
        wait_for("all", lambda: len(hop.taken) == 96)
        order = [re.sub(r"\d+@.*", "", address) for address in hop.recipients()]
        came = {kind: [i for i, k in enumerate(order) if k == kind] for kind in ("urgent", "normal", "low")}
        s.audit()
    assert came["urgent"][-1] < came["normal"][0] and came["low"][0] < came["normal"][-1], order
    passed = order[came["urgent"][0]:came["urgent"][-1]]
    assert passed.count("first") in range(4, 9) and passed.count("low") in range(2, 5), passed


# ---- by when: DELIVERBY (RFC 2852)

def notices_of(server):
    """Of whom each of those to alice tells, and what."""
    found = []
    for m in server.messages("alice"):
        for part in m.walk():
            if part.get_content_type() == "message/delivery-status":
                head, *each = part.get_payload()
                assert head["Deliver-By-Date"] and head["Arrival-Date"]
                found += [(e["Final-Recipient"].split("; ")[1], e["Action"], e["Status"]) for e in each]
    return found


def test_the_time_that_is_left_is_passed_on(make_server, tmp_path):
    """To a server that we did not write; and who wants his mail back when it is late never has it passed on to one that
    does not know what that is."""
    with Hop() as does_not, Sendmail(tmp_path / "sendmail", least=100) as knows:
        s = make_server(f"route knows.test 127.0.0.1:{knows.port}\nroute not.test 127.0.0.1:{does_not.port}\n"
                        "deliver-by-minimum 60s\n")
        with s.client() as c:
            c.ehlo()
            assert c.esmtp_features["deliverby"] == "60"
            code, words = c.mail(ALICE, ["BY=59;R"])
            assert code == 555 and words.startswith(b"5.5.4 That is too soon")
            for by, to in [("120;R", "a@knows.test"), ("90;R", "b@knows.test"), ("-5;NT", "c@knows.test"),
                           ("120;R", "d@not.test"), ("120;N", "e@not.test"), ("120;N", ALICE)]:
                deliver(c, to, f"BY={by}")
        wait_for("four notices", lambda: len(s.messages("alice")) >= 5 and len(knows.messages()) == 2)
        (a, left, returned), (b, past, told) = knows.messages()
        assert (a, returned, b, told) == ("a@knows.test", "R", "c@knows.test", "NT")
        assert 110 <= left <= 120 and -15 <= past <= -5
        assert does_not.recipients() == ["e@not.test"] and "BY=" not in does_not.commands[0]
        assert sorted(notices_of(s)) == [("b@knows.test", "failed", "5.4.7"), ("c@knows.test", "relayed", "2.0.0"),
                                         ("d@not.test", "failed", "5.4.7"), ("e@not.test", "relayed", "2.0.0")]
        trace = " ".join(s.run("trace", "d@not.test").split())
        assert "to be returned if it does not arrive by" in trace and "does not promise to return the message" in trace
        s.audit()


def test_what_is_late_comes_back_and_who_wants_to_know_is_told(make_server):
    with Hop(recipient=lambda address: "451 4.3.0 not now") as hop:
        s = make_server(f"route far.test 127.0.0.1:{hop.port}\nretry-first 1s\nretry-max 1s\n")
        with s.client() as c:
            c.ehlo()
            deliver(c, "r@far.test", "BY=1;R")
            last = deliver(c, "n@far.test", "BY=1;N")
        assert "its sender is told if it does not arrive by" in " ".join(s.run("queue", "show", last).split())
        wait_for("both notices", lambda: len(s.messages("alice")) == 2)
        assert sorted(notices_of(s)) == [("n@far.test", "delayed", "4.4.7"), ("r@far.test", "failed", "5.4.7")]
        tried = len([a for _, a in hop.attempts if a == "r@far.test"])
        [late] = [m for m in s.messages("alice") if "Not yet" in m["Subject"]]
        assert "You wanted it to arrive by " in late.get_payload()[0].as_string()
        hop.recipient = lambda address: None
        wait_for("the one that goes on", lambda: hop.recipients() == ["n@far.test"])
        assert len([a for _, a in hop.attempts if a == "r@far.test"]) == tried
        s.audit()
