"""How does plainpost live with a great queue? bench/backlog builds what this needs, and calls it.

A server takes mail for a next hop that can't be reached until so much of it waits; then it is asked
how fast it takes other mail, how much memory it has, and how long it takes to start again.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import measure

CLOSED = "127.0.0.1:9"  # "discard": nobody listens there
MB = 1024


def accept_rate(server, options):
    """Of mail that is sent on at once."""
    return measure.run_mail(server, ["--bytes", str(options.bytes)], "relay.test",
                            options.seconds)["acknowledged_per_s"]


def fill(server, options):
    words = ["--queued", "--domain", "backlog.test", "--bytes", str(options.bytes),
             "--per-connection", "0", "--messages", str(options.messages)]
    with measure.flood(server, words, options.fill_limit) as process:
        return json.loads(measure.go_on(process))


def anonymous_kb(pid):
    """Its own memory: not the pages of files, which the system takes back when it needs them."""
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1])
    raise measure.Failed(f"/proc/{pid}/smaps_rollup says nothing of Anonymous")


def memory(server):
    pid = server.process.pid
    return (f"{measure.memory_kb_of(pid) / MB:.0f} MB (PSS), "
            f"{anonymous_kb(pid) / MB:.0f} MB of its own")


def settle(server):
    """Wait until the server has nothing to do any more."""
    quiet = 0
    while quiet < 3:
        before = measure.cpu_seconds_of(server.process.pid)
        time.sleep(1)
        used = measure.cpu_seconds_of(server.process.pid) - before
        quiet = quiet + 1 if used < 0.1 else 0


def start_again(server, is_cold):
    measure.stop(server.process)
    subprocess.run(["sync"], check=True)
    if is_cold:
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("3")
    before = time.monotonic()
    server.start()
    return time.monotonic() - before


def run(options, work):
    further = f"route backlog.test {CLOSED}\nretry-first 1h\n"
    with measure.Server(options.build, work, 0, further) as server:
        empty = accept_rate(server, options)
        print(f"accepted a second with an empty queue: {empty}; {memory(server)}", flush=True)
        row = fill(server, options)
        print(f"filled: {row['acknowledged']} messages, {row['acknowledged_per_s']} a second; "
              f"{memory(server)}", flush=True)
        settle(server)
        print(f"when all is quiet: {memory(server)}", flush=True)
        full = accept_rate(server, options)
        print(f"accepted a second: {full}, {full / empty:.0%} of an empty queue's", flush=True)
        for is_cold in (False, True):
            took = start_again(server, is_cold)
            print(f"started again, {'nothing' if is_cold else 'all'} of its files in the cache: "
                  f"{took:.2f} s until it takes connections; {memory(server)}", flush=True)
        print(f"accepted a second then: {accept_rate(server, options)}", flush=True)


def main():
    p = argparse.ArgumentParser(prog="bench/backlog", description="plainpost with a great queue")
    p.add_argument("--messages", type=int, default=1000000, help="that wait (1000000)")
    p.add_argument("--bytes", type=int, default=4096, help="of a message (4096)")
    p.add_argument("--seconds", type=int, default=10, help="of each measurement of a rate (10)")
    p.add_argument("--fill-limit", type=int, default=1800, help="seconds for filling (1800)")
    p.add_argument("--work", type=pathlib.Path, default=None, help="on the disk to be measured")
    p.add_argument("--build", type=pathlib.Path, default=measure.ROOT / "build-release")
    options = p.parse_args()
    with tempfile.TemporaryDirectory(prefix="backlog-", dir=options.work) as work:
        try:
            run(options, pathlib.Path(work))
        except measure.Failed as e:
            sys.exit(f"bench/backlog: {e}")


if __name__ == "__main__":
    main()
