"""What the queue does with next hops that are slow, busy, dead or hang: how many at a time, who waits for whom."""
import collections
import json
import socket
import time

import pytest
from conftest import DOMAIN, free_port, wait_for
from hop import Hop


def route(hop, domain="hop.test"):
    return f"route {domain} 127.0.0.1:{hop.port}\n"


def send_many(server, count, to="bob@hop.test", sender=f"alice@{DOMAIN}"):
    ids = []
    with server.client() as c:
        c.ehlo()
        for n in range(count):
            c.mail(sender)
            c.rcpt(to)
            ids.append(c.data(f"Subject: {n}\r\n\r\n{n}\r\n".encode())[1].decode().split()[-1])
    return ids


def test_a_next_hop_gets_no_more_at_a_time_than_it_may(make_server):
    with Hop() as hop:
        hop.hold()
        s = make_server(route(hop) + "destination-concurrency 3\n")
        send_many(s, 40)
        wait_for("three at a time", lambda: hop.in_message == 3)
        time.sleep(0.5)
        assert hop.most_in_message == 3 and hop.most_open == 3
        hop.let_go()
        wait_for("all", lambda: len(hop.taken) == 40)
        assert hop.most_in_message == 3
        assert len({t.content for t in hop.taken}) == 40
        assert hop.connections < 10, "connections are used again"
        assert hop.most_commands_at_once >= 3, "commands are pipelined"
    s.audit()


def test_it_begins_with_few_and_takes_more_as_it_goes_well(make_server):
    with Hop() as hop:
        hop.hold()
        s = make_server(route(hop))
        send_many(s, 60)
        wait_for("a few at a time", lambda: hop.in_message == 5)
        time.sleep(0.3)
        assert hop.most_in_message == 5
        hop.delay = 0.05
        hop.let_go()
        wait_for("all", lambda: len(hop.taken) == 60)
        assert 10 <= hop.most_in_message <= 20
    s.audit()


def test_a_next_hop_that_is_busy_gets_less(make_server):
    busy = {"until": 0.0}

    def message(recipients, content):
        return "421 4.3.2 too many sessions, please slow down" if time.monotonic() < busy["until"] else None
    with Hop(message=message, delay=0.02) as hop:
        s = make_server(route(hop) + "retry-first 1s\nretry-max 1s\n")
        send_many(s, 50)
        wait_for("the first round", lambda: len(hop.taken) >= 50)
        busy["until"] = time.monotonic() + 1
        ids = send_many(s, 50)
        wait_for("all", lambda: len(hop.taken) == 100, 40)
        log = s.log.read_text()
        assert "slower destination=127.0.0.1:" in log and "slow down" in log
        text = [s.run("trace", i) for i in ids]
        assert any("421 4.3.2 too many sessions" in t for t in text)
    s.audit()


def test_all_recipients_of_a_message_go_in_one_transaction_and_the_rest_at_once(make_server):
    def recipient(address):
        counts["now"] += 1
        return "452 4.5.3 Too many recipients" if (counts["now"] - 1) % 30 >= 10 and counts["limited"] else None
    counts = collections.Counter()
    with Hop(recipient=recipient) as hop:
        s = make_server(route(hop) + "retry-first 1h\n")
        to = [f"u{n}@hop.test" for n in range(30)]
        s.send(to)
        wait_for("one transaction", lambda: len(hop.taken) == 1)
        assert sorted(hop.taken[0].recipients) == sorted(to)
    with Hop(recipient=lambda a: "452 4.5.3 Too many recipients" if len(current) >= 10 else current.append(a),
             message=lambda recipients, content: current.clear()) as hop:
        current = []
        s.stop()
        s.config.write_text(s.config.read_text().replace("retry-first", route(hop, "few.test") + "retry-first"))
        s.start()
        queue_id = s.send([f"u{n}@few.test" for n in range(30)])
        wait_for("all of them, long before an hour is over", lambda: len(hop.recipients()) == 30)
        assert len(set(hop.recipients())) == 30
        s.wait_for_word(queue_id, "30 relayed")
    s.audit()


def test_it_waits_as_long_as_the_server_asks(make_server):
    with Hop(recipient=lambda address: "450 4.7.1 Greylisted, try again in 2 seconds" if first.pop("x", None) else None
             ) as hop:
        first = {"x": 1}
        s = make_server(route(hop) + "retry-first 1h\n")
        queue_id = s.send("bob@hop.test")
        s.wait_for_word(queue_id, "next attempt in 2 seconds")
        began = time.monotonic()
        s.wait_for_word(queue_id, "1 relayed")
        assert time.monotonic() - began < 10
        assert 1.9 < hop.attempts[1][0] - hop.attempts[0][0] < 6
    s.audit()


def test_bad_destinations_delay_nobody_else(make_server):
    """One refuses, one hangs, one says "later"; mail for the good one goes at once."""
    with socket.socket() as hanging, Hop() as good, Hop(message=lambda r, c: "451 4.3.0 later") as later:
        hanging.bind(("127.0.0.1", 0))
        hanging.listen(1000)  # it never says a word
        s = make_server(route(good, "good.test") + route(later, "later.test") +
                        f"route dead.test 127.0.0.1:{free_port()}\n"
                        f"route hang.test 127.0.0.1:{hanging.getsockname()[1]}\nreply-timeout 60s\n")
        for bad in ("dead.test", "hang.test", "later.test"):
            send_many(s, 100, f"x@{bad}")
        began = time.monotonic()
        send_many(s, 50, "bob@good.test")
        wait_for("the good mail", lambda: len(good.taken) == 50)
        assert time.monotonic() - began < 5
        r = json.loads("[" + ",".join(s.run("queue", "list", "--json").splitlines()) + "]")
        assert len(r) == 300
    s.audit()


def test_who_sends_little_does_not_wait_behind_who_sends_much(make_server):
    with Hop(delay=0.02) as hop:
        hop.hold()
        s = make_server(route(hop) + "destination-concurrency 2\n")
        send_many(s, 300, sender=f"bob@{DOMAIN}")
        s.send("carol@hop.test")
        hop.let_go()
        wait_for("the single mail", lambda: "carol@hop.test" in hop.recipients())
        assert len(hop.taken) < 60, "it overtook most of the others"
        wait_for("all", lambda: len(hop.taken) == 301, 60)
    s.audit()


def test_intervals_grow(make_server):
    with Hop(recipient=lambda address: "450 4.2.0 not now") as hop:
        s = make_server(route(hop) + "retry-first 500ms\nretry-max 1m\nexpire 8s\n")
        queue_id = s.send("bob@hop.test")
        s.wait_for_word(queue_id, "given up", 30)
        times = [t for t, _ in hop.attempts]
        gaps = [b - a for a, b in zip(times, times[1:])]
        assert len(gaps) >= 3
        for n, gap in enumerate(gaps[:-1]):  # the last one is cut short by the end
            assert 0.5 * 2 ** n * 0.85 < gap < 0.5 * 2 ** n * 1.15 + 1, gaps
    notice, = s.wait_for_mail("alice")
    assert "bob@hop.test" in notice["Subject"]
    s.audit()


def test_a_message_on_hold_while_it_is_under_way(make_server):
    with Hop(message=lambda r, c: "451 4.3.0 later" if len(tries) < 1 and not tries.append(1) else None) as hop:
        tries = []
        hop.hold()
        s = make_server(route(hop) + "retry-first 1s\n")
        queue_id = s.send("bob@hop.test")
        wait_for("it is under way", lambda: hop.in_message == 1)
        s.run("queue", "hold", queue_id, "--why", "let me look")
        hop.let_go()
        s.wait_for_word(queue_id, "delayed")
        time.sleep(2.5)
        assert len(hop.attempts) == 1
        assert "on hold, let me look" in s.run("queue", "list")
        s.stop()
        s.start()  # what an operator decided holds
        time.sleep(1.5)
        assert len(hop.attempts) == 1
        s.run("queue", "release", queue_id)
        s.wait_for_word(queue_id, "1 relayed")
    s.audit()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_restart_goes_on_with_a_full_queue(make_server, end):
    port = free_port()
    s = make_server(f"route hop.test 127.0.0.1:{port}\nretry-first 1h\n")
    send_many(s, 200)
    wait_for("all are asleep", lambda: s.log.read_text().count(" delayed ") == 200)
    getattr(s, end)()
    s.start()
    wait_for("they are known", lambda: "200 in the queue" in s.log.read_text())
    time.sleep(0.5)
    with Hop(port=port) as hop:
        assert not hop.attempts, "nothing is due"
        assert s.run("queue", "retry", "all", "--yes") == "200 messages are tried again now.\n"
        wait_for("all", lambda: len(hop.taken) == 200)
        assert len({t.content for t in hop.taken}) == 200
        wait_for("an empty queue", lambda: "empty" in s.run("queue", "list"))
    s.audit()
