"""The guard over accounts on a log: plainpost's own, and one that was made of another's."""
import datetime
import json
import subprocess

from conftest import DOMAIN, PLAINPOST, wait_for
from hop import Hop

ALICE = f"alice@{DOMAIN}"
BEGIN = datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.timezone.utc)


def line(seconds, **members):
    time = BEGIN + datetime.timedelta(seconds=seconds)
    return json.dumps({"time": time.strftime("%Y-%m-%dT%H:%M:%SZ"), **members})


def guard(*words, text=None):
    r = subprocess.run([PLAINPOST, "guard", "replay", "--json", *words], input=text, capture_output=True, text=True,
                       timeout=60)
    assert r.returncode == 0, r.stderr
    found = [json.loads(said) for said in r.stdout.splitlines()]
    assert found[-1]["finding"] == "all"
    return found[:-1], found[-1]


def stolen_account():
    """Ten days of Bob's own mail, and then 5,000 spams within ten minutes from elsewhere."""
    lines = [line(day * 86400, event="accepted", login="bob", client="192.0.2.1", to=[f"friend{day}@example.net"])
             for day in range(10)]
    lines += [line(864000 + n * 3 // 25, event="accepted", login="bob", client="198.51.100.7", text="00ff",
                   queue_id=f"q{n}", to=[f"victim{n}@example.net"]) for n in range(5000)]
    return "\n".join(lines) + "\n"


def test_a_break_in():
    found, figures = guard("-", text=stolen_account())
    assert [f["finding"] for f in found] == ["slowed", "held"]
    assert {r["sign"] for r in found[1]["reasons"]} == {"client", "text"}
    assert figures["recipients"] == 5010
    assert 5000 - figures["held_recipients"] <= 20
    # the same without what gave it away at once
    found, figures = guard("--without", "client", "--without", "text", "-", text=stolen_account())
    assert {r["sign"] for r in found[1]["reasons"]} == {"new-hour", "new-day", "record-hour"}
    assert 5000 - figures["held_recipients"] - figures["slowed_recipients"] == 40
    high = {"record-hour": 20000, "record-day": 20000, "record-recipients": 20000, "new-hour": 60000, "new-day": 60000,
            "client-new": 60000, "client-recipients": 60000, "text": 60000}
    words = [word for name, number in high.items() for word in ("--limit", f"{name}={number}")]
    found, figures = guard(*words, "-", text=stolen_account())
    assert not found


def test_the_servers_own_log(make_server, tmp_path):
    def refuse(address):
        return "550 5.1.1 no such user" if address.startswith("gone") else None
    log = tmp_path / "events.jsonl"
    with Hop(refuse) as hop:
        s = make_server(f"trusted 127.0.0.0/8\nroute partner.test 127.0.0.1:{hop.port}\nevents file {log}\n")
        for n in range(3):
            s.send([f"gone{n}{k}@partner.test" if k < 4 else f"r{n}{k}@partner.test" for k in range(15)]
                   + [f"bob@{DOMAIN}"], f"mail {n}")

        def events(word):
            return [e for e in map(json.loads, log.read_text().splitlines()) if e["event"] == word]
        wait_for("the events", lambda: log.exists() and len(events("failed")) == 12 and len(events("delivered")) >= 3)
    accepted = events("accepted")[0]
    assert accepted["client"] == "127.0.0.1" and len(accepted["to"]) == 16 and "login" not in accepted

    found, figures = guard(str(log))
    assert not found and figures["left_out"] == 3 and not figures["recipients"]
    found, figures = guard("--by-sender", str(log))
    assert figures["recipients"] == 45, "mail to a user here does not count"
    assert {f["account"] for f in found} == {ALICE}
    held = [f for f in found if f["finding"] == "held"]
    # which of the two it is depends on how soon the failures came
    assert len(held) == 1 and {"failures", "failure-rule"} & {r["sign"] for r in held[0]["reasons"]}


def test_what_is_no_log():
    words = [PLAINPOST, "guard", "replay", "-"]
    r = subprocess.run(words, input="Nov 24 14:14:58 mx postfix\n", capture_output=True, text=True, timeout=30)
    assert r.returncode == 1 and "-:1 is left out: it is not JSON" in r.stderr and "there is no event" in r.stderr


def test_a_look(tmp_path):
    """What a log may say of a message: the same letter to others is the same to the guard."""
    def look(name, *words):
        letter = tmp_path / "letter"
        letter.write_text(f"Subject: meeting\n\nDear {name},\n" + "the annual meeting of our house takes place on Friday "
                          "in the usual room, and everybody who wants to come along is heartily welcome. " * 3
                          + "https://shop.test/sale?for=" + name)
        r = subprocess.run([PLAINPOST, "guard", "look", *(words or [letter])], input=letter.read_text(),
                           capture_output=True, text=True, timeout=30)
        assert r.returncode == 0, r.stderr
        return json.loads(r.stdout)
    bob, carol = look("Bob"), look("Carol", "-")
    assert bob["links"] == carol["links"] == ["shop.test", "shop.test/sale"]
    assert (int(bob["text"], 16) ^ int(carol["text"], 16)).bit_count() <= 10
