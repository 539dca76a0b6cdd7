"""A day and a night of retries and expiries, two hours a second: next hops that are away for hours, that put mail off,
that refuse; mailboxes here; and a server that is killed twice.

The clock runs 720 times as fast (libfaketime), and an hour has six minutes, for all that the configuration says. What
waits for a person or a machine has an hour of sixty, which are five seconds of ours: half a second, with hours of
sixty throughout, is too little on a busy machine."""
import collections
import datetime
import email.utils
import glob
import itertools
import re
import smtplib
import threading
import time

import pytest
from conftest import DOMAIN, STRICT, Server, free_port, wait_for
from hop import Hop

HOUR = 360  # seconds of the server's clock
RATE = 2 * HOUR  # two hours a second
HOURS, EXPIRE = 24, 10
FAKETIME = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")

pytestmark = [
    pytest.mark.skipif(not FAKETIME, reason="Debian's package faketime is not installed"),
    pytest.mark.skipif(not STRICT.exists(), reason="./test builds the program without sanitizers in build-strict"),
]

PATIENCE = "".join(f"{name} 1h\n" for name in (
    "command-timeout", "data-timeout", "connect-timeout", "reply-timeout", "message-timeout", "idle-connection"))


class Clock:
    def __init__(self):
        self.began, self.date = time.monotonic(), time.time()

    def hours(self):
        return (time.monotonic() - self.began) * RATE / HOUR

    def preload(self):
        """For a program that starts now. Whole seconds only: so it may begin a moment late, never early."""
        start = datetime.datetime.fromtimestamp(self.date + self.hours() * HOUR + 1)
        return {"LD_PRELOAD": FAKETIME[0], "FAKETIME": f"@{start:%Y-%m-%d %H:%M:%S} x{RATE}"}


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def hop(clock):
    def recipient(address):
        if "@gone." in address:
            return "550 5.1.1 nobody here of that name"
        if "@never." in address or ("@busy." in address and 5 < clock.hours() < 9):
            return "451 4.3.0 not now"
        return None
    with Hop(recipient, extensions=("PIPELINING", "8BITMIME", "DELIVERBY")) as h:
        yield h


class Away:
    """Nobody listens there until the sixth hour: each message has hours left, and an attempt every two."""

    def __init__(self, clock):
        self.port, self.hop, self.clock = free_port(), None, clock
        self.thread = threading.Thread(target=self.come_back)
        self.thread.start()

    def come_back(self):
        while self.clock.hours() < 6:
            time.sleep(0.01)
        self.hop = Hop(port=self.port, extensions=("PIPELINING", "8BITMIME", "DELIVERBY"))


@pytest.fixture
def away(clock):
    a = Away(clock)
    yield a
    a.thread.join(20)
    a.hop.stop()


@pytest.fixture
def server(tmp_path, clock, hop, away):
    routes = "".join(f"route {domain}.test 127.0.0.1:{hop.port}\n" for domain in ("good", "gone", "never", "busy"))
    s = Server(tmp_path, f"{routes}route away.test 127.0.0.1:{away.port}\n"
                         f"expire {EXPIRE * HOUR}s\nretry-first {HOUR // 12}s\nretry-max {2 * HOUR}s\n"
                         f"delay-notice {4 * HOUR}s\ndelay-notice-again {HOURS * HOUR}s\nmin-data-rate 0\nmax-errors 10000\n"
                         f"storm-notices 0\n{PATIENCE}")
    s.program[0] = s.command[0] = STRICT  # the sanitizers want to be the first library that is loaded
    s.environment.update(clock.preload())
    yield s.start()
    s.stop()


ALICE, CAROL = f"alice@{DOMAIN}", f"carol@{DOMAIN}"  # carol's mailbox is soon full
BY = {1: [f"BY={5 * HOUR};R"], 2: [f"BY={5 * HOUR};N"]}  # of every eight messages, in five hours (DELIVERBY)
LATE = {1: ("failed", "5.4.7"), 2: ("delayed", "4.4.7")}
TO = [ALICE, CAROL, "a@good.test", "b@gone.test", "c@never.test", "d@busy.test", "e@away.test"]
KILLS = [4, 16]  # hours


def send_for_a_day(server, clock):
    """Who got which number, all with a 250, and the hour in which the last one without a time of its own went to each;
    a mailbox that is known to be full refuses. The server is killed between two mails, and started again. Where
    starting takes hours, the day is longer: there is much mail in it, and between two kills."""
    accepted, last, kills = {}, {}, [(hours, 30 * (i + 1)) for i, hours in enumerate(KILLS)]
    client = server.client()
    for number in itertools.count():
        if clock.hours() > HOURS and number >= 100:
            break
        if kills and clock.hours() > kills[0][0] and number >= kills[0][1]:
            kills.pop(0)
            server.kill()
            server.environment.update(clock.preload())
            server.start()
            client = server.client()
        to = {TO[number % len(TO)], TO[(number + number // len(TO)) % len(TO)]}
        if number % 8 not in BY:
            last.update(dict.fromkeys(to, clock.hours()))
        try:
            refused = client.sendmail(f"bob@{DOMAIN}", sorted(to), f"Subject: number {number}\r\n\r\ntext\r\n",
                                      BY.get(number % 8, []))
        except smtplib.SMTPRecipientsRefused as e:
            refused = e.recipients
        assert all(words.startswith(b"5.2.2") for _, words in refused.values()) and set(refused) <= {CAROL}, refused
        accepted[number] = to - set(refused)
        time.sleep(0.015)
    client.quit()
    return accepted, last


def audit(server):
    """The server waits a minute for whoever asks, too, which is over in 83 ms: then it is asked again."""
    r = server.run("audit", check=False)
    assert r.returncode == 0 or "the server ended before it had answered" in r.stderr, r.stdout + r.stderr
    return r.stdout


def number_in(text):
    return int(re.search(r"^Subject:.*number (\d+)", text, re.MULTILINE).group(1))


def test_a_day_of_retries_and_expiries(server, clock, hop, away):
    accepted, last = send_for_a_day(server, clock)
    wait_for("an empty queue", lambda: re.search(r"still in the queue +0\n", audit(server)), 40)
    assert clock.hours() > last["c@never.test"] + EXPIRE

    arrived, reported, delayed = collections.Counter(), collections.Counter(), collections.Counter()
    late = set()
    for t in [*hop.taken, *away.hop.taken]:
        arrived.update((to, number_in(t.content.decode())) for to in t.recipients)
    for user in ("alice", "carol"):
        arrived.update((f"{user}@{DOMAIN}", number_in(m.read_text())) for m in server.mailbox(user))
    for m in server.messages("bob"):
        status = next(p for p in m.walk() if p.get_content_type() == "message/delivery-status")
        for block in status.get_payload()[1:]:
            told = delayed if block["Action"] == "delayed" else reported
            one = block["Final-Recipient"].split("; ")[1], int(m["Subject"].rpartition(" ")[2])
            told[one] += 1
            if LATE.get(one[1] % 8) == (block["Action"], block["Status"]):
                late.add(one)
                by = email.utils.parsedate_to_datetime(status.get_payload()[0]["Deliver-By-Date"])
                assert m["Date"].datetime >= by, "nobody is told before it is late"

    for number, to in accepted.items():
        for address in to:
            one = (address, number)
            assert bool(arrived[one]) != bool(reported[one]), one
            assert reported[one] <= 1, one
            may_be_late = number % 8 == 1 and address in ("d@busy.test", "e@away.test")
            assert bool(reported[one]) == (address in ("b@gone.test", "c@never.test")) or address == CAROL or (
                may_be_late and one in late), one
            assert one in late or address != "c@never.test" or number % 8 not in BY, one
    assert sum(map(len, accepted.values())) == len(arrived) + len(reported), "and nothing else"
    assert all(n <= 1 + (one in late and one[1] % 8 == 2) for one, n in delayed.items()), "and a day is not over"
    assert all(delayed[one] for one in reported if one[0] == "c@never.test")
    assert {address for address, _ in delayed} <= {"c@never.test", "d@busy.test", "e@away.test"}
    assert {address for address, _ in reported if address[:2] not in ("d@", "e@")} == {CAROL, "b@gone.test", "c@never.test"}
    assert sum(arrived.values()) - len(arrived) <= 5 * len(KILLS), "twice is only what was under way at a kill"
