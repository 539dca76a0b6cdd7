"""What senders may want of the way of a message: not before, by when, how urgent. With clients and next hops that know
these words, and with real ones that do not."""
import datetime
import re
import smtplib
import time

import pytest
from conftest import DOMAIN, Server, wait_for
from hop import Hop
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
