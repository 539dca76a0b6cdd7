"""Does mail flow while a crowd holds sessions open? bench/crowd builds what this needs, and calls it.

The same mail is sent twice: to a server that has nothing else to do, and to one that meanwhile holds so many sessions
that say nothing.
"""
import argparse
import contextlib
import pathlib
import resource
import sys
import tempfile
import types

import measure

OF_ONE = 2000  # sessions that one process of the crowd holds
KEPT = 200  # descriptors for the mail that flows, and for files


def limits(sessions):
    return "".join(f"{name} {sessions + 1000}\n" for name in
                   ("max-sessions", "max-sessions-per-client", "max-sessions-per-network"))


def mail(server, options):
    row = measure.run_mail(server, ["--bytes", str(options.bytes)], "relay.test", options.seconds)
    return f"{row['arrived_per_s']} messages a second, answered within {row['ack_p50_us'] / 1000:.1f} ms (p50)"


def run(options, work):
    # By a port of its own: else the kernel looks long for a free one for each connection of the mail that flows.
    door = types.SimpleNamespace(build=options.build, port=measure.free_port())
    further = limits(options.sessions) + f"command-timeout 1h\nlisten 127.0.0.1:{door.port}\n"
    with measure.Server(options.build, work, 0, further) as server, contextlib.ExitStack() as crowd:
        print(f"nobody else there: {mail(server, options)}", flush=True)
        before = measure.memory_kb_of(server.process.pid)
        for first in range(0, options.sessions, OF_ONE):
            count = min(OF_ONE, options.sessions - first)
            crowd.enter_context(measure.flood(door, ["--idle", "--sessions", str(count)], 600))
        held = measure.memory_kb_of(server.process.pid) - before
        print(f"{options.sessions} sessions held: {held / options.sessions:.2f} KB each", flush=True)
        print(f"meanwhile: {mail(server, options)}", flush=True)


def main():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1] - KEPT
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("--sessions", type=int, default=min(20000, most),
                   help="that say nothing (20000, or as many as this machine lets a process have)")
    p.add_argument("--bytes", type=int, default=10240, help="of a message (10240)")
    p.add_argument("--seconds", type=int, default=10, help="of each measurement (10)")
    p.add_argument("--work", type=pathlib.Path, default=None, help="on the disk to be measured")
    p.add_argument("--build", type=pathlib.Path, default=measure.ROOT / "build-release")
    options = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=options.work) as work:
        try:
            run(options, pathlib.Path(work))
        except measure.Failed as e:
            sys.exit(f"bench/crowd: {e}")


main()
