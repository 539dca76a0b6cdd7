"""What a service manager and the server tell each other: ready, alive, stopping; and sockets that it opens for us."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

import pytest
from conftest import DOMAIN, ROOT, Server, answers, free_port, wait_for
from hop import Hop
from talk import Talk
from test_disk import faults, shim  # noqa: F401 (fixtures)


class Manager:
    """The end of NOTIFY_SOCKET that systemd has."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.environment = {"NOTIFY_SOCKET": str(address).replace("\0", "@")}

    def hear(self, seconds=20):
        self.socket.settimeout(seconds)
        return dict(line.split("=", 1) for line in self.socket.recv(4096).decode().splitlines())

    def count_pings(self, seconds):
        end, pings = time.monotonic() + seconds, 0
        while (left := end - time.monotonic()) > 0:
            try:
                pings += self.hear(left) == {"WATCHDOG": "1"}
            except TimeoutError:
                break
        return pings


@pytest.fixture
def manager(tmp_path):
    m = Manager(str(tmp_path / "notify"))
    yield m
    m.socket.close()


def test_it_says_when_it_is_ready_and_when_it_ends(tmp_path):
    m = Manager(f"\0plainpost-test-{os.getpid()}")  # an abstract one, as user managers have
    s = Server(tmp_path, environment=m.environment)
    s.process = subprocess.Popen(s.command, stderr=open(s.log, "ab"), env=s.environment)
    assert m.hear(30) == {"READY": "1", "STATUS": f"Takes mail as mx.{DOMAIN}"}
    assert answers(s.port)  # not before it is so
    with Talk(s) as t:
        s.process.send_signal(signal.SIGTERM)
        t.read().must_be(421, "4.3.2", "shutting down")
        t.must_be_closed()
    said = m.hear()
    assert said.pop("STOPPING") == "1" and said.pop("STATUS")
    assert int(said.pop("EXTEND_TIMEOUT_USEC")) >= 10e6 and not said
    assert s.process.wait(20) == 0
    m.socket.close()


def test_signs_of_life_end_when_a_thread_hangs(make_server, manager, faults):
    s = make_server(environment={**manager.environment, **faults.environment, "WATCHDOG_USEC": "400000"})
    assert "READY" in manager.hear()
    assert manager.count_pings(1.2) >= 5  # one is wanted in 400 ms
    faults.begin("sync 3s /journal/")
    with Talk(s) as t:
        t.mail()
        t.say("DATA")
        t.send("Subject: x\r\n\r\nx\r\n.\r\n")  # the writer of the store hangs
        manager.count_pings(0.3)  # those that were on their way
        assert manager.count_pings(1.2) == 0
        assert "thread of the store does not answer" in s.log.read_text()
        faults.end()
        t.read().must_be(250, "2.0.0")
    assert manager.hear(10) == {"WATCHDOG": "1"}
    wait_for("the news", lambda: "the thread of the store answers again" in s.log.read_text())


def test_what_is_said_to_another_process_is_not_for_us(make_server, manager):
    other = {"WATCHDOG_USEC": "100000", "WATCHDOG_PID": "1", "LISTEN_PID": "1", "LISTEN_FDS": "1"}
    s = make_server(environment={**manager.environment, **other})
    assert "READY" in manager.hear()
    assert manager.count_pings(0.5) == 0
    assert "handed-down" not in s.log.read_text() and "socket-unused" not in s.log.read_text()


def test_it_says_when_it_reads_its_configuration(make_server, manager):
    s = make_server(environment=manager.environment)
    assert "READY" in manager.hear()
    good = s.config.read_text()
    s.config.write_text(good + "listen nowhere\n")
    s.process.send_signal(signal.SIGHUP)
    said = manager.hear()
    assert said["RELOADING"] == "1" and 0 < int(said["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
    assert manager.hear()["STATUS"].endswith("could not be read again, see the log")
    s.config.write_text(good.replace(f"hostname mx.{DOMAIN}", f"hostname other.{DOMAIN}"))
    s.run("reload")
    assert manager.hear()["RELOADING"] == "1"
    assert manager.hear() == {"READY": "1", "STATUS": f"Takes mail as other.{DOMAIN}"}


class Activated(Server):
    """Started by the first connection, with sockets that somebody else has opened."""

    def __init__(self, work, places, names, options=""):
        super().__init__(work, options)
        listen = [word for place in (f"127.0.0.1:{self.port}", *places) for word in ("-l", place)]
        self.command = ["systemd-socket-activate", *listen, f"--fdname={names}",
                        *("-E" + name for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ),
                        *self.program, "-c", self.config, "serve"]

    def start(self):
        self.process = subprocess.Popen(self.command, stderr=open(self.log, "ab"))
        wait_for("systemd-socket-activate", lambda: "Listening on" in self.log.read_text())
        return self


@pytest.mark.skipif(not shutil.which("systemd-socket-activate"), reason="systemd is not installed")
def test_sockets_of_the_service_manager_are_used(tmp_path):
    port, path = free_port(), tmp_path / "submit"
    s = Activated(tmp_path, [str(path), f"127.0.0.1:{port}"], "smtp:local:extra", f"listen {path}\nloops 2").start()
    try:
        queue_id = s.send(f"bob@{DOMAIN}")  # this starts it, and waits until it is there
        assert s.wait_for_word(queue_id, "delivered")
        with socket.socket(socket.AF_UNIX) as c:
            c.settimeout(20)
            c.connect(str(path))
            assert c.recv(1000).startswith(b"220 ")
        log = s.log.read_text()
        assert f"the socket for 127.0.0.1:{s.port} was opened by the service manager" in log and '\\"smtp\\"' in log
        assert f"the socket for {path} was opened by the service manager" in log
        assert f"handed down a socket for 127.0.0.1:{port}" in log and '\\"extra\\"' in log
        assert not answers(port)  # nobody is left waiting there
        s.run("reload")
        with Talk(s) as t:  # it is still the same socket
            t.mail()
            t.data().must_be(250, "2.0.0")
    finally:
        status = s.stop()
    assert status == 0 and "Sanitizer" not in s.log.read_text()
    assert path.exists()  # it is the service manager's


def test_a_second_signal_ends_it_at_once(make_server):
    with Hop() as hop:
        s = make_server(f"route * 127.0.0.1:{hop.port}\nstop-timeout 1h")
        hop.hold()
        s.send("x@example.org")
        wait_for("the message there", lambda: hop.in_message)
        s.process.send_signal(signal.SIGTERM)
        wait_for("the beginning of the end", lambda: " ending " in s.log.read_text())
        time.sleep(0.2)
        assert s.process.poll() is None  # it has an hour for what is under way
        s.process.send_signal(signal.SIGTERM)
        assert s.process.wait(5) == -signal.SIGTERM
        assert "ended-at-once" in s.log.read_text()
        s.process = None
        hop.let_go()
        s.start()  # nothing is lost
        wait_for("the message again", lambda: hop.taken and not s.run("queue", "list", "--json"))
        s.stop()


def test_what_is_under_way_is_bounded_at_the_end(make_server):
    with Hop() as hop:
        s = make_server(f"route * 127.0.0.1:{hop.port}\nstop-timeout 300ms")
        hop.hold()
        s.send("x@example.org")
        wait_for("the message there", lambda: hop.in_message)
        begin = time.monotonic()
        assert s.stop() == 0
        assert 0.3 <= time.monotonic() - begin < 5
        hop.let_go()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_the_units_are_understood(tmp_path):
    """As installed: every line is known to systemd, and the program and its configuration are where it says."""
    build = pathlib.Path(os.environ.get("PLAINPOST", ROOT / "build-test" / "plainpost")).parent
    unit = (build / "packaging" / "systemd" / "plainpost.service").read_text()
    program = next(line for line in unit.splitlines() if line.startswith("ExecStart=")).split("=")[1].split()[0]
    (tmp_path / "plainpost.service").write_text(unit.replace(program, "/bin/true"))
    shutil.copy(ROOT / "packaging" / "systemd" / "plainpost.socket", tmp_path)
    r = subprocess.run(["systemd-analyze", "verify", "--man=no", tmp_path / "plainpost.service",
                        tmp_path / "plainpost.socket"], capture_output=True, text=True, timeout=60)
    said = [line for line in r.stderr.splitlines() if "plainpost" in line]
    assert r.returncode == 0 and not said, r.stderr
    (tmp_path / "plainpost.service").write_text(unit.replace("ProtectClock=", "ProtectClocks="))
    r = subprocess.run(["systemd-analyze", "verify", "--man=no", tmp_path / "plainpost.service"],
                       capture_output=True, text=True, timeout=60)
    assert "ProtectClocks" in r.stderr  # it would say so
    (tmp_path / "root" / "etc").mkdir(parents=True)
    for tool, name in (("systemd-sysusers", "sysusers"), ("systemd-tmpfiles", "tmpfiles")):
        made = subprocess.run([tool, *(["--create"] if name == "tmpfiles" else []), "--root", tmp_path / "root",
                               ROOT / "packaging" / "systemd" / f"plainpost.{name}"],
                              capture_output=True, text=True, timeout=60)
        assert made.returncode == 0, made.stderr
    assert "plainpost" in (tmp_path / "root" / "etc" / "passwd").read_text()
    if os.getuid() == 0:
        assert (tmp_path / "root/var/spool/plainpost/drop").stat().st_mode & 0o7777 == 0o3733
