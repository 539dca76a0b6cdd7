"""Storms of notices: what would be too many for one address becomes a digest."""
import csv
import io
import json
import re
import subprocess
import time

from conftest import DOMAIN, PLAINPOST, wait_for
from hop import Hop

ALICE, BOB = f"alice@{DOMAIN}", f"bob@{DOMAIN}"


def route(hop, options=""):
    return f"route partner.test 127.0.0.1:{hop.port}\n{options}\n"


def refusing():
    return Hop(lambda to: "552 5.2.2 over quota" if to.startswith("full") else
               "451 4.2.1 later" if to.startswith("busy") else "550 5.1.1 no such user")


def send_many(server, addresses, sender=ALICE, headers=""):
    with server.client() as s:
        s.ehlo()
        for i, to in enumerate(addresses):
            s.sendmail(sender, to, f"From: <{sender}>\r\nTo: <{to}>\r\nSubject: letter {i}\r\n{headers}\r\ntext\r\n")


def is_digest(message):
    return message.get_content_type() == "multipart/mixed"


def digests(server, user="alice"):
    return [m for m in server.messages(user) if is_digest(m)]


def wait_for_digest(server, user="alice", seconds=30):
    found, = wait_for(f"a digest for {user}", lambda: digests(server, user), seconds)
    return found


def table(digest):
    part = next(p for p in digest.walk() if p.get_content_type() == "text/csv")
    return list(csv.DictReader(io.StringIO(part.get_content())))


def text(digest):
    return next(p for p in digest.walk() if p.get_content_type() == "text/plain").get_content()


def queue_id(digest):
    return re.fullmatch(r"<([0-9a-z]{11})@.*>", digest["Message-ID"])[1]


def figures(server):
    return json.loads(server.run("audit", "--json"))


def settled(server):
    return figures(server)["queued"] == 0


def test_a_thousand_failures_are_a_few_notices_and_a_digest(make_server):
    addresses = [f"{'full' if i % 4 == 0 else 'gone'}{i}@partner.test" for i in range(1000)]
    with refusing() as hop:
        s = make_server(route(hop, "storm-notices 20\ndigest-after 15s"))
        begun = time.monotonic()
        send_many(s, addresses)
        wait_for("all attempts", lambda: settled(s), 60)
        assert time.monotonic() - begun < 60
        digest = wait_for_digest(s)
        singly = [m for m in s.messages("alice") if not is_digest(m)]
        assert len(singly) == 20 and all(m.get_content_type() == "multipart/report" for m in singly)

        told = {m["X-Failed-Recipients"] for m in singly}
        rows = table(digest)
        assert len(rows) == 980 and told | {r["recipient"] for r in rows} == set(addresses)
        assert digest["Subject"].startswith("980 of your messages did not arrive since ")
        by_cause = {c: sum(r["cause"] == c for r in rows) for c in ("inbox-full", "address-not-found")}
        words = text(digest)
        assert f"Inbox full ({by_cause['inbox-full']})" in words
        assert f"Address not found ({by_cause['address-not-found']})" in words
        assert sum(by_cause.values()) == 980 and "no such user" in words and "If you did not send" in words

        found = json.loads(s.run("trace", "--json", "--in", queue_id(digest)))
        assert {r["queue_id"] for r in rows} == {m["id"] for m in found} and len(found) == 980
        assert f"--in {queue_id(digest)}" in words
        story = s.run("trace", rows[0]["queue_id"])
        assert f"reported in a digest to {ALICE} in {queue_id(digest)}" in story
        assert "1 failed and reported to the sender." in story
        f = figures(s)
        assert (f["failed_reported"], f["failed_owed"], f["failed_unreported"]) == (1000, 0, 0)
        s.audit()
        time.sleep(2)
        assert len(s.messages("alice")) == 21
        assert s.check_notices() == 21


def test_explain_knows_a_digest_of_ours(make_server):
    with refusing() as hop:
        s = make_server(route(hop, "storm-notices 1\ndigest-after 0s"))
        send_many(s, [f"gone{i}@partner.test" for i in range(5)])
        wait_for_digest(s)
        path = next(p for p in s.mailbox("alice") if b"text/csv" in p.read_bytes())
        r = subprocess.run([PLAINPOST, "explain", "--json", path], capture_output=True, text=True)
        said = json.loads(r.stdout)
        assert said["kind"] == "failure", said
        assert all(to["cause"] == "address-not-found" for to in said["recipients"])
        assert said["recipients"][0]["address"].endswith("@partner.test")


def test_the_trace_says_that_a_digest_is_to_come_and_a_kill_forgets_nothing(make_server):
    with refusing() as hop:
        s = make_server(route(hop, "storm-notices 2\ndigest-after 8s"))
        send_many(s, [f"gone{i}@partner.test" for i in range(10)])
        wait_for("all attempts", lambda: settled(s))
        assert figures(s)["failed_owed"] == 8
        stories = s.run("trace", "--all", ALICE)
        assert stories.count(f"will be reported in a digest to {ALICE}") == 8
        assert stories.count("1 failed, and will be reported in a digest.") == 8
        s.audit()
        s.kill()
        s.start()
        assert len(table(wait_for_digest(s))) == 8
        assert figures(s)["failed_owed"] == 0
        s.audit()
        s.kill()
        s.start()
        time.sleep(3)
        assert len(digests(s)) == 1
        s.audit()


def test_kills_at_any_time_tell_each_failure_once(make_server):
    """Again and again, while notices and digests are made."""
    addresses = [f"gone{i}@partner.test" for i in range(120)]
    with refusing() as hop:
        s = make_server(route(hop, "storm-notices 5\ndigest-after 1s\nstop-timeout 1s"))
        for n in range(6):
            send_many(s, addresses[n * 20:n * 20 + 20])
            time.sleep(0.15 * n)
            s.kill()
            s.start()
        wait_for("all attempts", lambda: settled(s), 60)
        wait_for("all digests, or that they wait for their hour",
                 lambda: figures(s)["failed_owed"] == 0 or digests(s), 30)
        time.sleep(1)
        s.audit()
        told = [r["recipient"] for d in digests(s) for r in table(d)]
        singly = [m["X-Failed-Recipients"] for m in s.messages("alice") if not is_digest(m)]
        owed = figures(s)["failed_owed"]
        assert len(told) == len(set(told)) and not set(told) & set(singly)
        assert len(set(told)) + len(set(singly)) + owed == 120


def test_postmaster_gets_one_digest_of_all_that_nobody_else_can_be_told(make_server, tmp_path):
    """Mail with forged senders, to recipients that are not there: each notice comes back."""
    (tmp_path / "aliases").write_text("postmaster: bob\n")
    ghosts = [f"ghost{i}@partner.test" for i in range(12)]
    with refusing() as hop:
        s = make_server(route(hop, f"aliases {tmp_path / 'aliases'}\nstorm-notices 2\ndigest-after 5s"))
        for i, ghost in enumerate(ghosts):
            send_many(s, [f"gone{i}@partner.test"], ghost)
        digest = wait_for_digest(s, "bob")
        assert digest["To"] == f"postmaster@{DOMAIN}"
        assert digest["Subject"] == "10 failures could not be reported to their senders"
        assert "10 notices to senders could not be delivered." in text(digest)
        singly = [m["X-Failed-Recipients"] for m in s.messages("bob") if not is_digest(m)]
        assert sorted(singly + [r["recipient"] for r in table(digest)]) == sorted(ghosts)
        row = table(digest)[0]
        assert f"reported in a digest to postmaster in {queue_id(digest)}" in s.run("trace", row["queue_id"])
        assert len(json.loads(s.run("trace", "--json", "--in", queue_id(digest)))) == 10
        wait_for("all attempts", lambda: settled(s))
        assert figures(s)["failed_owed"] == 0
        s.audit()


def test_programs_get_no_digests(make_server):
    with refusing() as hop:
        s = make_server(route(hop, "storm-notices 2\ndigest-after 0s"),
                        users=f"domain {DOMAIN}\nalice@{DOMAIN}\nbob@{DOMAIN}\nbounces+7@{DOMAIN}\n")
        send_many(s, [f"gone{i}@partner.test" for i in range(6)], f"bounces+7@{DOMAIN}")
        send_many(s, [f"gone{i}@partner.test" for i in range(6)], BOB, "Auto-Submitted: auto-generated\r\n")
        assert len(s.wait_for_mail("bob", 6)) == 6 and not digests(s, "bob")
        wait_for("all", lambda: settled(s))
        assert figures(s)["failed_reported"] == 12


def test_delays_and_all_notices_together(make_server):
    with refusing() as hop:
        s = make_server(route(hop, "storm-notices 100\nnotice-rate 3/1m\ndigest-after 2s\ndelay-notice 2s\n"
                                   "delay-notice-again 1h\nretry-first 1h\nretry-max 1h"))
        send_many(s, ["busy1@partner.test", "busy2@partner.test"], BOB, "Accept-Language: de\r\n")
        send_many(s, [f"gone{i}@partner.test" for i in range(5)])
        digest = wait_for_digest(s)
        assert [r["result"] for r in table(digest)] == ["failed", "failed"]
        german = wait_for_digest(s, "bob")
        assert [r["result"] for r in table(german)] == ["delayed", "delayed"]
        assert german["Subject"] == "2 Ihrer Nachrichten sind noch nicht angekommen"
        assert "need not do anything" not in text(german)
        assert s.run("trace", BOB).count("reported in a digest to bob@") == 2
        s.audit()


def test_an_address_gets_one_digest_an_hour_across_a_restart(make_server):
    with refusing() as hop:
        s = make_server(route(hop, "storm-notices 1\ndigest-after 1s"))
        send_many(s, [f"gone{i}@partner.test" for i in range(3)])
        wait_for_digest(s)
        send_many(s, ["gone9@partner.test"])
        wait_for("the next failure", lambda: figures(s)["failed_owed"] == 1)
        time.sleep(3)
        assert len(digests(s)) == 1
        s.kill()
        s.start()  # the hour goes on
        time.sleep(3)
        assert len(digests(s)) == 1 and figures(s)["failed_owed"] == 1
        s.audit()
