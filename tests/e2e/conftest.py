"""A plainpost of its own for each test, on loopback, with its state in the test's directory."""
import contextlib
import email
import email.policy
import itertools
import json
import os
import pathlib
import random
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
import notice_check  # noqa: E402, beside this folder
PLAINPOST = os.environ.get("PLAINPOST", str(ROOT / "build-test" / "plainpost"))
STRICT = ROOT / "build-strict" / "plainpost"
QUICK = STRICT if STRICT.exists() else PLAINPOST  # without sanitizers: for what is called hundreds of times
DOMAIN = "home.test"
PEERS = ROOT / "tests" / "peers"
# Those that the system trusts would be read at each start, for longer than all else that it does; a test has its own.
os.environ["SSL_CERT_FILE"] = os.devnull
# Leaks are looked for in servers: to look takes a command longer than all that it does.
os.environ["ASAN_OPTIONS"] = "detect_leaks=0"
MOST_LOOKED_AT = 100  # messages in mailboxes, for notices among them


def ports_of_this_worker():
    """Below those that the system gives to clients, and none of those who test beside us; each comes once in 2,700."""
    first = 10000 + 2700 * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 8)
    return itertools.cycle(random.sample(range(first, first + 2700), 2700))


PORTS = ports_of_this_worker()


def free_port():
    """Nobody else gets it before it is used."""
    for port in PORTS:
        with contextlib.suppress(OSError), socket.socket() as s:
            s.bind(("127.0.0.1", port))
            return port


def wait_for(what, condition, seconds=20):
    end, pause = time.monotonic() + seconds, 0.02
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(pause)
        pause = min(pause * 1.2, 0.08)  # most of what others must wait for is somebody's looking
    raise AssertionError(f"gave up waiting for {what} after {seconds} s")


def answers(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


TAKE_LONG = ["test_peers", "test_login", "test_accounts", "test_sendmail", "test_triage", "test_events",
             "test_storms", "test_acme", "test_queue", "test_disk", "test_floods", "test_limits", "test_hand",
             "test_mailers", "test_addresses", "test_card_for_all", "test_tls_out", "test_day", "test_core_files"]


def pytest_collection_modifyitems(items):
    """Whoever works at one of these when all others are done would be waited for."""
    items.sort(key=lambda i: TAKE_LONG.index(i.path.stem) if i.path.stem in TAKE_LONG else len(TAKE_LONG))


@pytest.hookimpl(tryfirst=True, hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    item.has_failed = getattr(item, "has_failed", False) or report.failed


@pytest.fixture
def tmp_path(tmp_path, request):
    """What a test that passed leaves behind is some MB, and there are hundreds of tests."""
    yield tmp_path
    if not request.node.has_failed:
        shutil.rmtree(tmp_path, ignore_errors=True)


def check_notices(paths):
    """How many of these messages are notices of ours. Each is built to the letter (tests/notice_check.py)."""
    ours, count = f"\nFrom: Mail Delivery Subsystem <mailer-daemon@mx.{DOMAIN}>".encode(), 0
    for path in itertools.islice(paths, MOST_LOOKED_AT):
        raw = path.read_bytes()
        if ours in b"\n" + raw.replace(b"\r", b"").split(b"\n\n")[0]:
            assert notice_check.faults(raw) == [], path
            count += 1
    return count


class Server:
    small_segments = "segment-size 5MB\nmax-message-size 3MB\n"  # there are many servers
    users = f"domain {DOMAIN}\nalice@{DOMAIN}\nbob@{DOMAIN}\ncarol@{DOMAIN} quota 1KB\n"

    def __init__(self, work, options="", environment=None, users=None, state=None, mail=None, prefix=(),
                 users_option=None, program=None):
        self.work, self.port = work, free_port()
        self.program, self.quick = [*prefix, program or PLAINPOST], [*prefix, program or QUICK]
        self.options_of_asan = (environment or {}).get("ASAN_OPTIONS", "")
        self.environment = {**os.environ, **(environment or {})}
        self.config, self.users_file = work / "plainpost.conf", work / "users"
        self.state, self.mail, self.log = state or work / "state", mail or work / "mail", work / "log"
        self.users_file.write_text(users or self.users)
        if "segment-size" not in options and "max-message-size" not in options:
            options = self.small_segments + options
        if "gather-notices" not in options:  # most tests wait for one notice, and not for a minute
            options = "gather-notices 0s\n" + options
        self.config.write_text(
            f"hostname mx.{DOMAIN}\nlisten 127.0.0.1:{self.port}\nstate {self.state}\n"
            f"users {users_option or self.users_file}\nmailboxes {self.mail}\n{options}\n")
        self.process, self.command = None, [*self.program, "-c", self.config, "serve"]

    def start(self):
        self.process = subprocess.Popen(
            self.command, stderr=open(self.log, "ab"),
            env={**(self.environment or os.environ), "ASAN_OPTIONS": self.options_of_asan})

        def up():
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            return answers(self.port)
        wait_for("the server", up, 30)
        return self

    def stop(self):
        """The exit status; a sanitizer's finding is an error too."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)
        return self.process.returncode if self.process else 0

    def kill(self):
        self.process.kill()
        self.process.wait(10)

    def client(self, **arguments):
        return smtplib.SMTP("127.0.0.1", self.port, local_hostname="client.test", timeout=20,
                            **arguments)

    def send(self, to, subject="hello", body="text", sender=f"alice@{DOMAIN}", headers="",
             mail_options=(), rcpt_options=()):
        """Returns the queue id."""
        to = [to] if isinstance(to, str) else to
        text = f"From: <{sender}>\r\nSubject: {subject}\r\n{headers}\r\n{body}\r\n"
        with self.client() as s:
            s.ehlo()
            code, words = s.mail(sender, list(mail_options))
            assert code == 250, words
            for address in to:
                code, words = s.rcpt(address, list(rcpt_options))
                assert code == 250, words
            code, words = s.data(text.encode())
            assert code == 250, words
            return words.decode().split()[-1]

    def run(self, *words, check=True, program=None):
        r = subprocess.run([*(program or self.program), "-c", self.config, *words], capture_output=True, text=True,
                           timeout=60, env=self.environment)
        if check:
            assert r.returncode == 0, r.stdout + r.stderr
        return r.stdout if check else r

    def stories(self, what):
        r = self.run("trace", "--json", what, check=False, program=self.quick)
        return json.loads(r.stdout) if r.returncode == 0 else []

    def wait_for_word(self, queue_id, word, seconds=20):
        def story():
            return self.run("trace", queue_id, check=False, program=self.quick).stdout
        return wait_for(f"“{word}” in the story of {queue_id}", lambda: word in (t := story()) and t, seconds)

    def mailbox(self, user):
        box = self.mail / DOMAIN / user
        return sorted(p for d in ("new", "cur") for p in (box / d).glob("*"))

    def messages(self, user):
        return [email.message_from_bytes(p.read_bytes(), policy=email.policy.default)
                for p in self.mailbox(user)]

    def wait_for_mail(self, user, count=1, seconds=20):
        return wait_for(f"{count} messages for {user}",
                        lambda: len(self.mailbox(user)) >= count and self.messages(user), seconds)

    def check_notices(self):
        """All notices of ours that came into mailboxes here are built to the letter; how many."""
        return check_notices(itertools.chain(self.mail.glob("*/*/new/*"), self.mail.glob("*/*/cur/*")))

    def audit(self):
        r = self.run("audit", check=False)
        assert r.returncode == 0, r.stdout + r.stderr
        return r.stdout


@pytest.fixture
def make_server(tmp_path):
    servers = []

    def make(options="", **arguments):
        servers.append(Server(tmp_path, options, **arguments))
        return servers[-1].start()
    yield make
    for s in servers:
        status = s.stop()
        s.check_notices()
        text = s.log.read_text(errors="replace")
        assert "Sanitizer" not in text and "runtime error" not in text, text[-4000:]
        assert status in (0, -signal.SIGKILL), text[-4000:]


class NextHop:
    def __init__(self, work, *options):
        self.port, self.store = free_port(), work / "partner"
        self.process = subprocess.Popen(
            ["/usr/bin/python3", PEERS / "next_hop.py", "--listen", f"127.0.0.1:{self.port}",
             "--store", self.store, *options], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline().strip() == "ready"

    def messages(self):
        return sorted(self.store.glob("*.eml"))

    def envelopes(self):
        return [json.loads(p.read_text()) for p in sorted(self.store.glob("*.json"))]

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)


@pytest.fixture
def next_hop(tmp_path):
    hop = NextHop(tmp_path)
    yield hop
    hop.stop()
    check_notices(iter(hop.messages()))
