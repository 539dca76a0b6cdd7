"""Programs hear what became of each mail: all of it, in its order, and know that it was us."""
import hashlib
import hmac
import http.server
import json
import threading
import time

import pytest
from conftest import DOMAIN, free_port, wait_for
from hop import Hop
from test_metrics import Figures

SECRET = "a secret that both of us know"


class Hook:
    """Takes what is posted, in a way that can be changed: "take", "503", "hang", "drop"."""

    def __init__(self):
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.attempts += 1
                hook.check(self.headers, body)
                if hook.way == "hang":
                    hook.released.wait(40)
                if hook.way in ("hang", "drop"):
                    self.close_connection = True
                    return
                if hook.way == "take":
                    hook.batches.append(json.loads(body))
                self.send_response(204 if hook.way == "take" else int(hook.way))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words):
                pass

        self.port, self.way, self.attempts, self.batches, self.faults = free_port(), "take", 0, [], []
        self.released = threading.Event()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def check(self, headers, body):
        fields = dict(f.split("=", 1) for f in headers["Plainpost-Signature"].split(","))
        right = hmac.new(SECRET.encode(), fields["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right, fields["v1"]) or abs(time.time() - int(fields["t"])) > 60 \
                or headers["Content-Type"] != "application/json":
            self.faults.append((dict(headers), body))

    def events(self):
        return [e for batch in self.batches for e in batch]

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def hook(tmp_path):
    (tmp_path / "secret").write_text(SECRET + "\n")
    h = Hook()
    yield h
    h.close()
    assert not h.faults


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def told(events, queue_id):
    return [e["event"] for e in events if e["queue_id"] == queue_id]


def wait_for_told(read, queue_id, *words):
    wait_for(f"{words} of {queue_id}", lambda: told(read(), queue_id) == list(words))
    return [e for e in read() if e["queue_id"] == queue_id]


def once(events):
    """Without what came twice; the order in which each came first."""
    return list({e["id"]: e for e in events}.values())


def test_a_file_has_all_that_happens(make_server, tmp_path):
    answers = {"later@next.test": "451 4.7.1 greylisted, come back later",
               "never@next.test": "550 5.1.1 no such user \x1b[2J", "rule@next.test": "554 5.7.1 not from you"}
    (tmp_path / "aliases").write_text("team: never@next.test\n")
    log = tmp_path / "events"
    with Hop(lambda a: answers.get(a)) as hop:
        s = make_server(f"events file {log}\naliases {tmp_path / 'aliases'}\nroute next.test 127.0.0.1:{hop.port}\n")
        good = s.send([f"alice@{DOMAIN}"], headers="Message-ID: <one@client.test>\r\n", mail_options=["ENVID=QQ+2B1"])
        accepted, delivered = wait_for_told(lambda: lines(log), good, "accepted", "delivered")
        assert accepted["version"] == 1 and accepted["recipients"] == 1 and accepted["size"] > 50
        assert accepted["sender"] == f"alice@{DOMAIN}" and accepted["origin"] == "client"
        for e in (accepted, delivered):
            assert e["message_id"] == "<one@client.test>" and e["envelope_id"] == "QQ+1"
        assert delivered["recipient"] == delivered["address"] == f"alice@{DOMAIN}" and delivered["attempt"] == 1

        bad = s.send([f"team@{DOMAIN}"])
        expanded, failed = wait_for_told(lambda: lines(log), bad, "accepted", "expanded", "failed")[1:]
        assert expanded["address"] == f"team@{DOMAIN}"
        assert failed["recipient"] == f"team@{DOMAIN}" and failed["address"] == "never@next.test"
        assert (failed["code"], failed["status"], failed["cause"]) == (550, "5.1.1", "address-not-found")
        assert failed["judgement"] == {"permanence": "permanent", "about": "address", "confidence": "certain"}
        assert failed["words"] == "no such user <U+001B>[2J" and failed["remote"] is True
        assert failed["server"] == f"127.0.0.1:{hop.port}"
        notice = wait_for_told(lambda: lines(log), failed["notification"], "accepted", "delivered")[0]
        assert notice["origin"] == "notification" and notice["about"] == bad and notice["sender"] == ""

        # blocked by a rule: nobody may give up the address for that
        blocked = wait_for_told(lambda: lines(log), s.send(["rule@next.test"]), "accepted", "failed")[1]
        assert blocked["judgement"]["about"] != "address" and blocked["judgement"]["confidence"] == "unknown"

        late = s.send(["later@next.test"])
        delayed = wait_for_told(lambda: lines(log), late, "accepted", "delayed")[1]
        assert delayed["judgement"]["permanence"] == "temporary" and delayed["variant"] == "greylisted"
        assert delayed["next_attempt"] > delayed["time"] and "notification" not in delayed
        s.run("queue", "hold", "--why", "a look", late)
        s.run("queue", "release", late)
        wait_for("its release", lambda: "released" in told(lines(log), late))
        held = [e for e in lines(log) if e["queue_id"] == late][2]
        assert held["event"] == "held" and held["words"] == "a look"
        s.stop()
        # everything once, in one order, also over a restart; and what the ledger tells is the same
        s.start()
        more = s.send([f"bob@{DOMAIN}"])
        wait_for_told(lambda: lines(log), more, "accepted", "delivered")
        events = lines(log)
        assert [e["id"] for e in events] == sorted({e["id"] for e in events})
        for queue_id in (good, late):
            assert [e["event"] for e in s.stories(queue_id)[0]["events"]] == told(events, queue_id)[1:]
        # whoever takes the file away gets the next events in a new one
        log.rename(tmp_path / "old")
        wait_for_told(lambda: lines(log), s.send([f"bob@{DOMAIN}"]), "accepted", "delivered")
        assert lines(tmp_path / "old") == events


def test_a_notice_that_comes_later(make_server, tmp_path):
    log = tmp_path / "events"
    with Hop(lambda a: {"never@next.test": "550 5.1.1 nobody", "later@next.test": "450 4.2.1 busy"}.get(a)) as hop:
        s = make_server(f"events file {log}\ngather-notices 1s\nroute next.test 127.0.0.1:{hop.port}\n"
                        "delay-notice 1s\n")
        bad = s.send(["never@next.test", "later@next.test"])
        read = lambda: [e for e in lines(log) if e["queue_id"] == bad]  # noqa: E731
        wait_for("the failure", lambda: "failed" in told(read(), bad))
        wait_for("both notices", lambda: told(read(), bad).count("reported") == 2)
        events = {(e["event"], e["recipient"]): e for e in read() if "recipient" in e}
        failed, reported = events["failed", "never@next.test"], events["reported", "never@next.test"]
        assert "notification" not in failed and reported["of"] == "failed" and reported["notification"]
        assert events["reported", "later@next.test"]["of"] == "delayed"


def test_a_command_takes_lines_or_is_tried_again(make_server, tmp_path):
    taker = tmp_path / "taker"
    taker.write_text(f"""#!/bin/sh
[ -e {tmp_path}/broken ] && {{ cat >> {tmp_path}/refused; echo not now; exit 75; }}
cat >> {tmp_path}/taken
""")
    taker.chmod(0o755)
    s = make_server(f'events command "{taker} --all"\n')
    first = s.send([f"alice@{DOMAIN}"])
    wait_for_told(lambda: lines(tmp_path / "taken"), first, "accepted", "delivered")
    (tmp_path / "broken").touch()
    second = s.send([f"alice@{DOMAIN}"])
    wait_for("an attempt", lambda: told(lines(tmp_path / "refused"), second))
    assert not told(lines(tmp_path / "taken"), second)
    (tmp_path / "broken").unlink()
    wait_for_told(lambda: lines(tmp_path / "taken"), second, "accepted", "delivered")
    assert lines(tmp_path / "taken") == once(lines(tmp_path / "taken"))


def test_a_webhook_in_all_weathers(make_server, hook, tmp_path):
    """It fails, hangs, drops connections, goes away and comes back, and the server is killed meanwhile: in the end it
    has the same as a file beside it, in the same order."""
    log, port = tmp_path / "events", free_port()
    s = make_server(f"events file {log}\nevents webhook http://127.0.0.1:{hook.port}/mail?key=1\n"
                    f"events-secret {tmp_path / 'secret'}\nmetrics 127.0.0.1:{port}\n")
    ids = [s.send([f"alice@{DOMAIN}", f"bob@{DOMAIN}"], subject="first")]
    wait_for_told(hook.events, ids[0], "accepted", "delivered", "delivered")
    for way in ("503", "drop", "404", "hang", "302"):
        hook.way, before = way, hook.attempts
        ids.append(s.send([f"alice@{DOMAIN}", f"bob@{DOMAIN}"], subject=way))
        wait_for("an attempt", lambda: hook.attempts > before, 60)
        if way in ("drop", "hang"):
            s.kill()
            s.start()
        if way == "503":
            assert wait_for("the figures", lambda: (f := Figures(port))["plainpost_events_behind", "webhook"]
                            and f)["plainpost_events_behind", "file"] == 0
    wait_for("the last in the file", lambda: told(lines(log), ids[-1]) == ["accepted", "delivered", "delivered"])
    assert not told(hook.events(), ids[-1])
    hook.way = "take"
    hook.released.set()
    wait_for("all", lambda: told(once(hook.events()), ids[-1]) == ["accepted", "delivered", "delivered"], 60)
    want = once(lines(log))
    wait_for("the rest", lambda: len(once(hook.events())) == len(want))
    assert once(hook.events()) == want
    for queue_id in ids:
        assert told(want, queue_id) == ["accepted", "delivered", "delivered"]
    assert [e["id"] for e in want] == sorted(e["id"] for e in want)
    # within a batch, and from one to the next, nothing goes back but to tell a batch again
    for batch in hook.batches:
        assert [e["id"] for e in batch] == sorted({e["id"] for e in batch})
    s.audit()


def test_many_events_in_pieces(make_server, hook, tmp_path):
    s = make_server(f"events webhook http://127.0.0.1:{hook.port}/\nevents-secret {tmp_path / 'secret'}\n"
                    "route * discard \"only for the numbers\"\n")
    hook.way = "503"
    count = 3
    ids = [s.send([f"u{i}@next.test" for i in range(700)]) for _ in range(count)]
    wait_for("an attempt", lambda: hook.attempts)
    hook.way = "take"
    wait_for("all", lambda: len(hook.events()) == count * 701, 60)
    assert max(len(b) for b in hook.batches) <= 500 < len(hook.events())
    assert hook.events() == once(hook.events())
    assert {e["queue_id"] for e in hook.events()} == set(ids)


def test_another_configuration(make_server, hook, tmp_path):
    log = tmp_path / "events"
    s = make_server()
    before = s.send([f"alice@{DOMAIN}"])
    s.wait_for_mail("alice")
    s.run("audit")
    good = s.config.read_text()
    # not without a secret, and not with one that can be guessed
    s.config.write_text(good + f"events webhook http://127.0.0.1:{hook.port}/\n")
    r = s.run("reload", check=False)
    assert r.returncode and "events-secret" in r.stdout + r.stderr
    (tmp_path / "short").write_text("short\n")
    s.config.write_text(good + f"events webhook http://127.0.0.1:{hook.port}/\nevents-secret {tmp_path / 'short'}\n")
    r = s.run("reload", check=False)
    assert r.returncode and "too short" in r.stdout + r.stderr
    s.config.write_text(good + f"events file {log}\nevents webhook http://127.0.0.1:{hook.port}/\n"
                        f"events-secret {tmp_path / 'secret'}\n")
    s.run("reload")
    wait_for("the places", lambda: len(list((s.state / "events").glob("*"))) == 4)  # of messages and of accounts
    now = s.send([f"alice@{DOMAIN}"])
    for read in (lambda: lines(log), hook.events):
        wait_for_told(read, now, "accepted", "delivered")
        assert not told(read(), before)  # who is new is told from now on
    # who is no more told, and comes back, goes on where it was
    s.config.write_text(good + f"events webhook http://127.0.0.1:{hook.port}/\nevents-secret {tmp_path / 'secret'}\n")
    s.run("reload")
    meanwhile = s.send([f"alice@{DOMAIN}"])
    wait_for_told(hook.events, meanwhile, "accepted", "delivered")
    assert not told(lines(log), meanwhile)
    s.config.write_text(good + f"events file {log}\n")
    s.run("reload")
    wait_for_told(lambda: lines(log), meanwhile, "accepted", "delivered")
    s.config.write_text(good)
    s.run("reload")
    s.audit()


def test_another_ledger(make_server, tmp_path):
    """Who moves it away has the journal told again, and no silence."""
    log = tmp_path / "events"
    s = make_server(f"events file {log}\n")
    wait_for_told(lambda: lines(log), s.send([f"alice@{DOMAIN}"]), "accepted", "delivered")
    s.stop()
    for p in [*s.state.glob("ledger.sqlite*"), *(s.state / "journal").glob("*")]:
        p.unlink()
    s.start()
    again = s.send([f"alice@{DOMAIN}"])
    wait_for_told(lambda: once(lines(log)), again, "accepted", "delivered")
