"""The tools of the benchmark: what they say must be so, and what they can't say must not look good."""
import json
import os
import struct
import subprocess
import sys
import time

import pytest
from conftest import ROOT, free_port, wait_for

TOOLS = ROOT / "build-test" / "bench"
USERS = "domain home.test\n" + "".join(f"u{n}@home.test\n" for n in range(100))


def flood(server, *options, messages=200):
    p = subprocess.run(
        [TOOLS / "flood", "--to", f"127.0.0.1:{server.port}", "--sessions", "10", "--bytes", "2000",
         "--messages", str(messages), *map(str, options)],
        input="\n", capture_output=True, text=True, timeout=60)
    assert "Sanitizer" not in p.stderr and "runtime error" not in p.stderr, p.stderr
    lines = p.stdout.splitlines()
    return p.returncode, json.loads(lines[1]) if len(lines) > 1 else None, p.stderr


def assert_all_arrived(status, said, words):
    assert status == 0, words
    for name, count in {"acknowledged": 200, "arrived": 200, "failed": 0, "unanswered": 0,
                        "lost": 0, "repeated": 0}.items():
        assert said[name] == count, (name, said)
    assert 0 < said["ack_p50_us"] <= said["ack_p99_us"]
    assert 0 < said["arrival_p50_us"] <= said["arrival_p99_us"]
    assert 0 < said["arrived_per_s"] <= said["acknowledged_per_s"] * 1.5


@pytest.mark.parametrize("per_connection", [0, 1, 3])
def test_what_is_relayed_is_counted(make_server, per_connection):
    sink = free_port()
    s = make_server(f"route relay.test 127.0.0.1:{sink}")
    assert_all_arrived(*flood(s, "--sink", f"127.0.0.1:{sink}", "--domain", "relay.test",
                              "--per-connection", per_connection))


def test_what_is_delivered_is_counted(make_server, tmp_path):
    for n in range(100):
        for part in ("tmp", "new", "cur"):
            (tmp_path / "mail" / "home.test" / f"u{n}" / part).mkdir(parents=True)
    s = make_server(users=USERS)
    assert_all_arrived(*flood(s, "--maildirs", s.mail / "home.test", "--domain", "home.test"))


def test_mail_comes_at_the_rate_that_is_asked_for(make_server):
    sink = free_port()
    s = make_server(f"route relay.test 127.0.0.1:{sink}")
    status, said, words = flood(s, "--sink", f"127.0.0.1:{sink}", "--domain", "relay.test",
                                "--rate", 40, messages=60)
    assert status == 0, words
    assert 4 < said["acknowledged_per_s"] <= 42  # a busy machine may be late; too fast is always wrong


@pytest.mark.parametrize("domain, words", [
    ("nowhere.test", "550"),          # the server refuses
    ("relay.test", "0 arrived"),      # the server takes it, and it goes elsewhere
])
def test_a_run_with_lost_or_refused_mail_fails(make_server, next_hop, domain, words):
    s = make_server(f"route relay.test 127.0.0.1:{next_hop.port}")
    status, said, complaint = flood(s, "--sink", f"127.0.0.1:{free_port()}", "--domain", domain,
                                    "--limit", 4)
    assert (status, said) == (1, None)
    assert words in complaint


def test_idle_sessions_are_held_until_a_line_comes(make_server):
    s = make_server()
    p = subprocess.Popen([TOOLS / "flood", "--to", f"127.0.0.1:{s.port}", "--idle", "--sessions",
                          "30", "--limit", "30"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         text=True)
    assert p.stdout.readline() == "ready\n"
    assert p.poll() is None
    p.communicate("\n", timeout=20)
    assert p.returncode == 0


@pytest.mark.parametrize("address", [
    "192.0.2.1:25", "0.0.0.0:25", "128.0.0.1:25", "[::]:25", "[2001:db8::1]:25",
    "[::ffff:192.0.2.1]:25", "127.0.0.1", "127.0.0.1:65536", "localhost:25"])
@pytest.mark.parametrize("option", ["--to", "--sink"])
def test_no_other_machine_is_flooded(option, address):
    other = {"--to": "--sink", "--sink": "--to"}[option]
    p = subprocess.run([TOOLS / "flood", other, "127.0.0.1:1", option, address, "--domain", "a.test"],
                       capture_output=True, text=True, timeout=20)
    assert p.returncode == 2
    assert f"{option} can't be {address}" in p.stderr


SYNCS = """
import ctypes, os
fd = os.open("file", os.O_RDWR | os.O_CREAT)
os.fsync(fd)
os.fsync(fd)
os.fdatasync(fd)
ctypes.CDLL(None).syncfs(fd)
"""


def run_slowly(directory, **environment):
    return subprocess.run([sys.executable, "-c", SYNCS], cwd=directory, capture_output=True,
                          text=True, timeout=60,
                          env={**os.environ, "LD_PRELOAD": str(TOOLS / "slow_sync.so"),
                               **environment})


def test_syncs_are_slower_and_counted(tmp_path):
    start = time.monotonic()
    p = run_slowly(tmp_path, SLOW_SYNC_MS="200", SLOW_SYNC_COUNTS="counts")
    assert (p.returncode, p.stderr) == (0, "")
    assert time.monotonic() - start >= 4 * 0.2
    assert struct.unpack("3Q", (tmp_path / "counts").read_bytes()) == (2, 1, 1)


@pytest.mark.parametrize("environment", [
    {"SLOW_SYNC_MS": "fast"}, {"SLOW_SYNC_MS": ""}, {"SLOW_SYNC_MS": "-1"},
    {"SLOW_SYNC_MS": "10001"}, {"SLOW_SYNC_COUNTS": "missing/counts"}])
def test_a_delay_that_is_not_possible_ends_the_program(tmp_path, environment):
    p = run_slowly(tmp_path, **environment)
    assert p.returncode == 125
    assert not (tmp_path / "file").exists()


@pytest.mark.parametrize("counter", ["cpu_seconds_of(2 ** 30)", "memory_kb_of(2 ** 30)",
                                     "syncs_in(pathlib.Path('missing'))",
                                     "syncs_in(pathlib.Path('/dev/null'))"])
def test_a_counter_that_cannot_be_read_fails_the_run(counter):
    program = f"""
import sys
sys.path.insert(0, {str(ROOT / 'bench')!r})
from measure import *
measure.__globals__["run_once"] = lambda *_: {counter}
sys.argv = ["run", "--runs", "1", "--seconds", "1"]
main()
"""
    p = subprocess.run([sys.executable, "-B", "-c", program], capture_output=True, text=True,
                       timeout=20)
    assert p.returncode == 1
    assert "bench: relay 10 KB" in p.stderr and "Traceback" not in p.stderr


def test_a_server_of_the_bench_ends_with_it(tmp_path):
    """Killed without a chance to clean up, measure.py leaves no server behind."""
    program = f"""
import pathlib, sys, time
sys.path.insert(0, {str(ROOT / 'bench')!r})
import measure
server = measure.Server(pathlib.Path({str(ROOT / 'build-test')!r}), pathlib.Path({str(tmp_path)!r}), 0)
del server.environment["LD_PRELOAD"]  # a sanitizer wants to be first
with server:
    print(server.process.pid, flush=True)
    time.sleep(60)
"""
    p = subprocess.Popen([sys.executable, "-B", "-c", program], stdout=subprocess.PIPE, text=True)
    pid = int(p.stdout.readline())
    assert os.path.exists(f"/proc/{pid}")
    p.kill()
    p.wait(10)
    wait_for("the server's end", lambda: not os.path.exists(f"/proc/{pid}")
             or open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0] == "Z")
