"""SIGKILL at random moments under load, again and again: what was answered with 250 is neither lost nor, without
a reason, there twice.

Why it may be there twice at all: the next hop has taken a message, and the daemon is killed before that outcome
is in the journal (outcomes wait up to 20 ms for the next sync). So the two arrivals at the next hop must come from
different lives of the daemon, and the first of them just before its life ended (or just after: of what was on its
way). In mailboxes nothing may be there twice: the second delivery finds the file of the first. A notification is made
in the very commit that closes its recipient, so there is one of it. A message without an answer is there for all of
its recipients or for none.

PLAINPOST_KILL_ROUNDS=500 makes it run longer, PLAINPOST_KILL_SEED=N repeats a run's choices.
"""
import asyncio
import collections
import hashlib
import json
import os
import random
import re
import time

from conftest import DOMAIN, wait_for
from hop import Hop

ROUNDS = int(os.environ.get("PLAINPOST_KILL_ROUNDS", 15))
SEED = int(os.environ.get("PLAINPOST_KILL_SEED", random.randrange(1 << 32)))
SESSIONS = 50
# From the next hop's reply to a durable outcome, on a machine that is busy with other things.
SOON = 1.0

OPTIONS = """route partner.test 127.0.0.1:{port}
retry-first 300ms
retry-max 1s
max-message-size 256KB
segment-size 3MB
destination-concurrency 10
storm-notices 0
"""
USERS = f"alice@{DOMAIN}\n" + "".join(f"u{i}@{DOMAIN}\n" for i in range(5))


class Load:
    """Sessions that send numbered messages until they are told to stop, and know what they were answered."""

    def __init__(self, port, chance):
        self.port, self.chance = port, chance
        self.numbers = iter(range(10 ** 9))
        self.recipients = {}  # number: addresses
        self.accepted, self.unanswered = set(), set()
        self.stops = False

    def recipients_of(self, number):
        kinds = self.chance.choice([("u",), ("ok",), ("u", "ok"), ("ok", "later"), ("u", "refuse"), ("later",),
                                    ("u", "ok", "later", "refuse"), ("refuse-content",)])
        local = {"u": f"u{number % 5}@{DOMAIN}"}
        return [local.get(k, f"{k}-{number}@partner.test") for k in kinds]

    def content_of(self, number):
        size = self.chance.choice([10, 1000, 1000, 5000, 40_000])
        body = b"".join(b"%08d %s\r\n" % (number, hashlib.sha256(b"%d" % i).hexdigest().encode())
                        for i in range(size // 75 + 1))
        return (b"Subject: number %d.\r\nX-Digest: %s\r\n\r\n"
                % (number, hashlib.sha256(body).hexdigest().encode())) + body

    async def reply(self, reader):
        line = await reader.readuntil(b"\r\n")
        while line[3:4] == b"-":
            line = await reader.readuntil(b"\r\n")
        return int(line[:3])

    async def message(self, reader, writer):
        number = next(self.numbers)
        self.recipients[number] = to = self.recipients_of(number)
        content = self.content_of(number)
        writer.write((f"MAIL FROM:<alice@{DOMAIN}>\r\n" + "".join(f"RCPT TO:<{a}>\r\n" for a in to)
                      + "DATA\r\n").encode())
        codes = [await self.reply(reader) for _ in range(len(to) + 2)]
        assert codes == [250] * (len(to) + 1) + [354], codes
        writer.write(content)
        self.unanswered.add(number)  # what comes of it is not known until the reply
        writer.write(b".\r\n")
        code = await self.reply(reader)
        assert code == 250, code
        self.unanswered.discard(number)
        self.accepted.add(number)

    async def session(self):
        while not self.stops:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            try:
                await self.reply(reader)
                writer.write(b"EHLO client.test\r\n")
                await self.reply(reader)
                for _ in range(self.chance.randrange(1, 20)):
                    if self.stops:
                        break
                    await self.message(reader, writer)
                    await asyncio.sleep(self.chance.random() * 0.5)
            except (OSError, EOFError):
                pass
            finally:
                writer.close()


def next_hop_of(chance):
    put_off = set()

    def recipient(address):
        kind, _, number = address.split("@")[0].rpartition("-")
        if kind == "refuse":
            return "550 5.1.1 There is nobody of that name"
        if kind == "later" and address not in put_off:
            put_off.add(address)
            return "451 4.7.1 Please come back later"
        return None

    def message(recipients, content):
        return "554 5.7.1 We do not want that" if recipients[0].startswith("refuse-content") else None
    return Hop(recipient, message, delay=0.01)


async def kill_rounds(server, hop, load, chance):
    """The times of the kills."""
    kills, loop = [], asyncio.get_running_loop()
    sessions = [asyncio.create_task(load.session()) for _ in range(SESSIONS)]
    try:
        for i in range(ROUNDS):
            await asyncio.sleep(chance.choice([0.05, 0.3, 1.0]) * (0.5 + chance.random()))
            kills.append(time.monotonic())
            server.process.kill()
            server.process.wait(10)
            await loop.run_in_executor(None, hop.end_life)
            if i % 6 == 5:  # the records add up in this state too, and reading them changes nothing
                await loop.run_in_executor(None, server.audit)
            await loop.run_in_executor(None, server.start)
    finally:
        load.stops = True
        done, late = await asyncio.wait(sessions, timeout=30)
    assert not late
    for task in done:
        task.result()
    return kills


# ---- what must hold afterwards

def check_content(content):
    """The number of a message that came whole."""
    digest = re.search(rb"^X-Digest: (\w+)", content, re.M)[1].decode()
    body = re.split(rb"\r?\n\r?\n", content, maxsplit=1)[1].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert hashlib.sha256(body).hexdigest() == digest, content[:2000]
    return int(re.search(rb"^Subject: number (\d+)\.", content, re.M)[1])


def arrivals(server, hop):
    """By (number, address): what the next hop took of it (Taken), and None for each file in a mailbox and each
    notice about it."""
    found = collections.defaultdict(list)
    for t in hop.taken:
        number = check_content(t.content)
        for address in t.recipients:
            assert address.split("@")[0].endswith(f"-{number}"), (address, number)
            found[number, address].append(t)
    for i in range(5):
        for path in server.mailbox(f"u{i}"):
            found[check_content(path.read_bytes()), f"u{i}@{DOMAIN}"].append(None)
    for path in server.mailbox("alice"):
        content = path.read_bytes()
        for address in re.findall(rb"^Final-Recipient: rfc822; ?(\S+)", content, re.M):
            number = int(re.search(rb"-(\d+)@", address)[1])
            found[number, address.decode()].append(None)
    return found


def check_twice(what, arrived, kills):
    """How long before a kill each arrival was that came once more."""
    assert None not in arrived, f"{what} is there {len(arrived)} times, in a mailbox or as a notice"
    for first, second in zip(arrived, arrived[1:]):
        assert first.life < second.life, f"{what} came twice without a kill, {second.time - first.time:.2f} s apart"
        before = kills[first.life] - first.time
        assert before < SOON, f"{what} came once more, though it had arrived {before:.2f} s before the kill"
        yield before


def check_all(load, found, kills):
    again = []
    for number, recipients in load.recipients.items():
        there = [a for a in recipients if found.get((number, a))]
        if number in load.accepted:
            assert there == recipients, f"LOST: {number} was answered with 250; {set(recipients) - set(there)}"
        elif number in load.unanswered:
            assert there in ([], recipients), f"{number} had no answer, and is there for {there} of {recipients}"
        else:
            assert not there, f"{number} was never sent to its end, and is there for {there}"
    for what, arrived in found.items():
        if len(arrived) > 1:
            again += check_twice(what, arrived, kills)
    return again


def test_kill_at_random_moments(make_server):
    print(f"PLAINPOST_KILL_SEED={SEED} PLAINPOST_KILL_ROUNDS={ROUNDS}")
    chance = random.Random(SEED)
    with next_hop_of(chance) as hop:
        server = make_server(OPTIONS.format(port=hop.port), users=USERS)
        load = Load(server.port, random.Random(chance.random()))
        kills = asyncio.run(kill_rounds(server, hop, load, chance))
        # not by its list alone: a notification comes into it when it is durable
        wait_for("an empty queue", lambda: json.loads(server.run("audit", "--json"))["queued"] == 0, 60)
        assert "empty" in server.run("queue", "list")
        server.stop()
        found = arrivals(server, hop)
    again = check_all(load, found, kills)
    server.audit()
    print(f"{len(load.accepted)} messages answered with 250, {len(load.unanswered)} without an answer, "
          f"{len(found)} arrivals; {len(again)} came once more, {min(again, default=0):.3f} to "
          f"{max(again, default=0):.3f} s before a kill")
    assert len(load.accepted) > 5 * ROUNDS and load.unanswered, "this was no test: too little mail was under way"
    for path in list(server.state.glob("journal/*")):
        assert path.stat().st_size <= 3 << 20
