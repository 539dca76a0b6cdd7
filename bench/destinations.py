"""Do next hops that are ill hold up mail for those that are well? bench/destinations builds what this needs, and
calls it.

10,000 next hops get mail: each has an address of its own in 127.10.0.0/16. In the first run all of them take it. In
the second 500 hang (they take connections and never say a word, or never answer the final dot), 500 refuse
connections, and 500 say 451. What counts is how long mail for the others takes from its 250 to its arrival.
"""
import argparse
import asyncio
import contextlib
import itertools
import pathlib
import re
import resource
import sys
import tempfile
import time

import measure

HOPS, ILL_OF_A_KIND = 10000, 500
SESSIONS = 30
BAR = 2  # times the undisturbed p99


def address_of(hop):
    return f"127.10.{hop // 250}.{1 + hop % 250}"


class Hops:
    """All next hops, in one process. A port for each way to behave, at all addresses."""

    def __init__(self):
        self.arrived = {}
        self.ports = {}

    async def __aenter__(self):
        behaviours = {"well": self.take, "busy": self.put_off, "mute": self.say_nothing, "stuck": self.get_stuck}
        self.servers = []
        for name, behaviour in behaviours.items():
            server = await asyncio.start_server(behaviour, "0.0.0.0", 0, backlog=4096)
            self.ports[name] = server.sockets[0].getsockname()[1]
            self.servers.append(server)
        self.ports["closed"] = measure.free_port()
        return self

    async def __aexit__(self, *_):
        for server in self.servers:
            server.close()

    async def take(self, reader, writer):
        await self.talk(reader, writer, b"250 2.1.5 Ok", self.note)

    async def put_off(self, reader, writer):
        await self.talk(reader, writer, b"451 4.3.0 not now", self.note)

    async def get_stuck(self, reader, writer):
        await self.talk(reader, writer, b"250 2.1.5 Ok", lambda text: asyncio.sleep(3600))

    async def say_nothing(self, reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await reader.read()

    async def note(self, text):
        self.arrived[int(re.search(rb"^Subject: (\d+)", text, re.MULTILINE).group(1))] = time.monotonic()

    async def talk(self, reader, writer, to_recipient, take):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.write(b"220 hop.test ESMTP\r\n")
            recipients = 0
            while line := await reader.readline():
                verb = line[:4].upper()
                if verb == b"EHLO":
                    writer.write(b"250-hop.test\r\n250 PIPELINING\r\n")
                elif verb == b"RCPT":
                    recipients += to_recipient.startswith(b"250")
                    writer.write(to_recipient + b"\r\n")
                elif verb == b"DATA" and recipients:
                    writer.write(b"354 Go ahead\r\n")
                    text = await reader.readuntil(b"\r\n.\r\n")
                    await take(text)
                    recipients = 0
                    writer.write(b"250 2.0.0 Ok\r\n")
                elif verb == b"DATA":
                    writer.write(b"554 5.5.1 No valid recipients\r\n")
                elif verb == b"QUIT":
                    writer.write(b"221 2.0.0 Bye\r\n")
                    break
                else:
                    writer.write(b"250 2.0.0 Ok\r\n")
        writer.close()


class Senders:
    """Mail at a steady rate, for each next hop in turn, whatever the server's answers take."""

    def __init__(self, port, rate, seconds):
        self.port, self.rate, self.seconds = port, rate, seconds
        self.taken = {}
        self.numbers = itertools.count()

    async def run(self):
        self.began = time.monotonic()
        await asyncio.gather(*(self.session() for _ in range(SESSIONS)))

    async def session(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)

        async def ask(words, expected):
            writer.write(words)
            answer = await reader.readline()
            while answer[3:4] == b"-":
                answer = await reader.readline()
            if not answer.startswith(expected):
                raise measure.Failed(f"{words[:60]} was answered with {answer}")
        await ask(b"", b"220")
        await ask(b"EHLO source.test\r\n", b"250")
        while (number := next(self.numbers)) < self.rate * self.seconds:
            await asyncio.sleep(max(0, self.began + number / self.rate - time.monotonic()))
            await ask(b"MAIL FROM:<a@source.test>\r\n", b"250")
            await ask(b"RCPT TO:<a@d%d.test>\r\n" % (number * 7919 % HOPS), b"250")  # all of them, well mixed
            await ask(b"DATA\r\n", b"354")
            await ask(b"Subject: %d\r\n\r\n%s\r\n.\r\n" % (number, b"x" * 70), b"250")
            self.taken[number] = time.monotonic()
        writer.close()


def behaviours(are_ill):
    """Of each next hop."""
    if not are_ill:
        return ["well"] * HOPS
    half = ILL_OF_A_KIND // 2
    return (["mute"] * half + ["stuck"] * half + ["closed"] * ILL_OF_A_KIND + ["busy"] * ILL_OF_A_KIND
            + ["well"] * (HOPS - 3 * ILL_OF_A_KIND))


async def run(options, work, are_ill):
    async with Hops() as hops:
        each = behaviours(are_ill)
        routes = "".join(f"route d{hop}.test {address_of(hop)}:{hops.ports[how]}\n" for hop, how in enumerate(each))
        with measure.Server(options.build, work, 0, routes) as server:
            senders = Senders(server.port, options.rate, options.seconds)
            await senders.run()
            await asyncio.sleep(3)
    counted = [n for n in senders.taken if each[n * 7919 % HOPS] == "well"]
    lost = [n for n in counted if n not in hops.arrived]
    late = sorted(hops.arrived[n] - senders.taken[n] for n in counted if n not in lost)
    p50, p99 = (1000 * max(0, late[int(len(late) * part)]) for part in (0.5, 0.99))
    print(f"{'with 1,500 that are ill' if are_ill else 'all are well':24}{len(counted):7} for those that are well, "
          f"{len(lost)} not there 3 s after the last; p50 {p50:.1f} ms, p99 {p99:.1f} ms", flush=True)
    return p99, len(lost)


def main():
    p = argparse.ArgumentParser(prog="bench/destinations", description="plainpost with next hops that are ill")
    p.add_argument("--rate", type=int, default=300, help="messages a second (300)")
    p.add_argument("--seconds", type=int, default=40, help="of each run (40)")
    p.add_argument("--work", type=pathlib.Path, default=None, help="on the disk to be measured")
    p.add_argument("--build", type=pathlib.Path, default=measure.ROOT / "build-release")
    options = p.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    results = []
    try:
        for are_ill in (False, True):
            with tempfile.TemporaryDirectory(prefix="destinations-", dir=options.work) as work:
                results.append(asyncio.run(run(options, pathlib.Path(work), are_ill)))
    except measure.Failed as e:
        sys.exit(f"bench/destinations: {e}")
    (well, _), (ill, lost) = results
    is_met = ill <= BAR * well and not lost
    print(f"\nThe bar: p99 at most {BAR} times as late as undisturbed, and nothing left behind: "
          f"{'met' if is_met else 'MISSED'} ({ill / well:.1f} times).")


if __name__ == "__main__":
    main()
