"""A network of the test's own: loopback with a DNS (Debian's nsd) and mail servers on port 25."""
import contextlib
import ctypes
import itertools
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import threading
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from conftest import wait_for

NEW_NETWORK = 0x40000000  # CLONE_NEWNET
libc = ctypes.CDLL(None, use_errno=True)


def why_not():
    """Why this machine can't have a network of its own; None: it can."""
    if os.getuid() != 0:
        return "needs root, for a network of its own"
    if not shutil.which("nsd", path=os.environ["PATH"] + ":/usr/sbin"):
        return "needs Debian's package nsd"
    if subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode:
        return "this machine allows no new network namespaces (unshare --net)"
    return None


@contextlib.contextmanager
def own_network(v6_addresses=()):
    """What this thread, and what it starts, sees as the network: a loopback where every port is free."""
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    if libc.unshare(NEW_NETWORK):
        raise OSError(ctypes.get_errno(), "unshare")
    try:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        for address in v6_addresses:
            subprocess.run(["ip", "-6", "address", "add", f"{address}/128", "dev", "lo"], check=True)
        yield
    finally:
        libc.setns(before, NEW_NETWORK)
        os.close(before)


class Nsd:
    """Serves zones, each the text of its zone file, "test." among them; without one, nsd answers SERVFAIL for it."""
    address = "127.0.0.53"
    head = ("$TTL 1\n@ SOA ns.test. hostmaster.test. 1 60 60 600 1\n@ NS ns.test.\n")

    def __init__(self, work, zones, port=53):
        self.work, self.port, self.process = work, port, None
        work.mkdir(parents=True, exist_ok=True)
        for name, text in zones.items():
            if text is not None:
                self.write(name, text)
        (work / "nsd.conf").write_text(
            f'server:\n  ip-address: {self.address}@{port}\n  username: ""\n  chroot: ""\n  zonesdir: "{work}"\n'
            f'  pidfile: ""\n  zonelistfile: "{work}/zones"\n  xfrdfile: ""\n  database: ""\n'
            f'  logfile: "{work}/log"\n  server-count: 1\n  hide-version: yes\n'
            "remote-control:\n  control-enable: no\n"
            + "".join(f'zone:\n  name: "{name}"\n  zonefile: "{name}zone"\n' for name in zones))
        self.start()

    def file(self, zone):
        return self.work / f"{zone}zone"

    def write(self, zone, text):
        """A signed zone has an SOA of its own."""
        self.file(zone).write_text(f"$ORIGIN {zone}\n" + ("" if " SOA" in text else self.head) + text)

    def start(self):
        self.process = subprocess.Popen(
            [shutil.which("nsd", path="/usr/sbin:/usr/bin"), "-d", "-c", self.work / "nsd.conf"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

        def up():
            assert self.process.poll() is None, (self.work / "log").read_text()
            return listens(self.address, self.port) and drill("ns.test", "A", "-p", str(self.port))
        wait_for("nsd", up)

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(10)

    def restart(self):
        self.stop()
        self.start()


def listens(address, port):
    """By TCP: a question by UDP that nobody takes yet costs five seconds."""
    with socket.socket() as s:
        return s.connect_ex((address, port)) == 0


def drill(name, record, *options):
    """What nsd says; "" when it says nothing."""
    r = subprocess.run(["drill", *options, name, f"@{Nsd.address}", record], capture_output=True, text=True,
                       timeout=20)
    return r.stdout if "opcode: QUERY, rcode: " in r.stdout else ""


class Handler:
    def __init__(self, sink):
        self.sink = sink

    async def handle_DATA(self, server, session, envelope):
        with self.sink.lock:
            self.sink.mails.append({"peer": session.peer[0], "to": envelope.rcpt_tos, "from": envelope.mail_from,
                                    "options": envelope.mail_options, "at": time.monotonic()})
        return "250 2.0.0 kept"


class Sink(Controller):
    """A mail server that takes everything."""
    def __init__(self, address, name="sink.test"):
        self.mails, self.lock, self.server_name = [], threading.Lock(), name
        super().__init__(Handler(self), hostname=address, port=25, ready_timeout=20)
        self.start()

    def factory(self):
        return SMTP(self.handler, hostname=self.server_name, enable_SMTPUTF8=True, loop=self.loop)

    def to(self, address):
        with self.lock:
            return [m for m in self.mails if address in m["to"]]


class Scripted:
    """A server that says these lines, one for each line that it gets and the first as a greeting. "354" takes a
    message; `None` closes the connection behind what was said last. What it gets stands in `lines`."""
    def __init__(self, address, script, port=25):
        self.script, self.port, self.lines, self.connections = script, port, [], 0
        self.listener = socket.create_server((address, port), family=socket.AF_INET6 if ":" in address else
                                             socket.AF_INET)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=[connection], daemon=True).start()

    def serve(self, connection):
        with connection, connection.makefile("rwb") as f, contextlib.suppress(OSError):
            for answer, after in itertools.zip_longest(self.script, self.script[1:], fillvalue=""):
                if answer is None:
                    return
                f.write(answer.encode() + b"\r\n")
                f.flush()
                if after is None:
                    return
                if answer.startswith("354"):
                    while f.readline() not in (b".\r\n", b""):
                        pass
                    continue
                line = f.readline()
                if not line:
                    return
                self.lines.append(line.decode().strip())
            f.readline()

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Hanging:
    """An address that answers no SYN: its backlog is full, and nobody takes from it."""
    def __init__(self, address, port=25):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.sockets = [socket.socket(family) for _ in range(3)]
        self.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sockets[0].bind((address, port))
        self.sockets[0].listen(0)
        for s in self.sockets[1:]:
            s.setblocking(False)
            s.connect_ex((address, port))

    def stop(self):
        for s in self.sockets:
            s.close()
