"""Disks that fail and disks that are full: what was answered with 250 is safe, the others are told to come again,
and the log says in words what happened."""
import collections
import json
import os
import pathlib
import subprocess
import threading
import time

import pytest
from conftest import DOMAIN, ROOT, wait_for
from hop import Hop
from talk import Talk

SMALL = "max-message-size 256KB\nsegment-size 3MB\n"


# ---- calls that fail (tests/shims/disk_faults.c)

@pytest.fixture(scope="session")
def shim(tmp_path_factory):
    library = tmp_path_factory.mktemp("shim") / "disk_faults.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", library,
                    ROOT / "tests" / "shims" / "disk_faults.c", "-ldl"], check=True, timeout=60)
    return library


class Faults:
    def __init__(self, library, file):
        self.file = file
        # the shim may come before the sanitizers' library
        self.environment = {"LD_PRELOAD": str(library), "PLAINPOST_TEST_FAULTS": str(file),
                            "ASAN_OPTIONS": "verify_asan_link_order=0"}

    def begin(self, *lines):
        part = self.file.with_suffix(".part")
        part.write_text("\n".join(lines) + "\n")
        part.rename(self.file)

    def end(self):
        self.file.unlink()


@pytest.fixture
def faults(shim, tmp_path):
    return Faults(shim, tmp_path / "faults")


class Senders:
    """Threads that send numbered mail to one address; what each was answered."""

    def __init__(self, server, to, count=10):
        self.server, self.to = server, to
        self.answers = collections.defaultdict(list)  # code: numbers
        self.words = set()
        self.numbers = iter(range(10 ** 9))
        self.stops = False
        self.threads = [threading.Thread(target=self.run) for _ in range(count)]
        for t in self.threads:
            t.start()

    def run(self):
        with self.server.client() as c:
            c.ehlo()
            while not self.stops:
                number = next(self.numbers)
                c.mail("x@example.org")
                c.rcpt(self.to)
                code, words = c.data(f"Subject: number {number}\r\n\r\n{'x' * 500}\r\n")
                self.answers[code].append(number)
                if code != 250:
                    self.words.add((code, words.decode()))
                    time.sleep(0.1)

    def stop(self):
        self.stops = True
        for t in self.threads:
            t.join(30)
        return self.answers


def numbers_of(messages):
    return collections.Counter(int(m["Subject"].split()[-1]) for m in messages)


JOURNAL_FAULTS = [("sync EIO /journal/", "cannot sync", "Input/output error"),
                  ("write EIO /journal/", "cannot write to", "Input/output error"),
                  ("sync ENOSPC /journal/", "cannot sync", "No space left on device")]


@pytest.mark.parametrize("fault, tried, why", JOURNAL_FAULTS, ids=[f[0].split(" /")[0] for f in JOURNAL_FAULTS])
def test_the_queues_disk_fails(make_server, faults, fault, tried, why):
    s = make_server(environment=faults.environment)
    senders = Senders(s, f"bob@{DOMAIN}")
    wait_for("some mail", lambda: len(senders.answers[250]) > 50)
    faults.begin(fault)
    wait_for("refusals", lambda: len(senders.answers[451]) > 20)
    faults.end()  # what was not synced can't be trusted any more, whatever the disk says later
    time.sleep(0.3)
    since = len(senders.answers[250])
    time.sleep(0.3)
    answers = senders.stop()
    assert set(answers) == {250, 451} and len(answers[250]) == since
    (code, words), = senders.words
    assert words.startswith("4.3.0 This server cannot store mail safely right now; its operator has been told.")
    assert "try again later" in words
    log = s.log.read_text()
    assert log.count("store-failed") == 1
    assert tried in log and why in log and "until the disk is repaired and plainpost restarted" in log
    assert s.run("queue", "list")
    assert s.stop() == 0
    s.environment = None  # without the shim
    s.start()
    s.send(f"bob@{DOMAIN}", "number -1")
    wait_for("an empty queue", lambda: "empty" in s.run("queue", "list"))
    s.wait_for_mail("bob", len(answers[250]) + 1)
    found = numbers_of(s.messages("bob"))
    assert not set(answers[250]) - set(found), "LOST"
    assert set(found) <= {*answers[250], *answers[451], -1}
    assert max(found.values()) == 1
    s.audit()


def test_it_does_not_start_on_a_disk_that_fails(make_server, faults):
    s = make_server("route partner.test 127.0.0.1:1\nretry-first 1h", environment=faults.environment)
    queue_id = s.send("someone@partner.test")
    s.wait_for_word(queue_id, "delayed")
    s.stop()
    for fault in ("sync EIO /journal", "write EIO /journal"):
        faults.begin(fault)
        r = s.run("serve", check=False)
        assert r.returncode == 1 and "/journal" in r.stderr and "Input/output error" in r.stderr, r.stderr
        assert "Sanitizer" not in r.stderr
        faults.end()
    s.start()
    assert queue_id in s.run("queue", "list")
    s.audit()


@pytest.mark.parametrize("fault, status, tried", [
    ("write EIO /mail/", "4.3.0", "write a file in its tmp/"),
    ("sync EIO /mail/", "4.3.0", "to the disk"),
    ("sync ENOSPC /mail/", "4.3.1", "to the disk"),
], ids=["write-EIO", "sync-EIO", "sync-ENOSPC"])
def test_the_mailboxes_disk_fails(make_server, faults, fault, status, tried):
    s = make_server("retry-first 1s\nretry-max 1s", environment=faults.environment)
    s.wait_for_word(s.send(f"bob@{DOMAIN}", "before"), "delivered")
    faults.begin(fault)
    ids = [s.send(f"bob@{DOMAIN}", f"number {n}") for n in range(10)]
    for i in ids:
        s.wait_for_word(i, "delayed")
        assert f'"{status}"' in json.dumps(s.stories(i)), s.stories(i)
    assert len(s.mailbox("bob")) == 1
    log = s.log.read_text()
    assert "mailbox-trouble" in log and tried in log
    assert "may be failing" in log if status == "4.3.0" else "Free space" in log
    faults.end()
    messages = s.wait_for_mail("bob", 11)
    for i in ids:
        s.wait_for_word(i, "delivered")
    assert numbers_of(m for m in messages if m["Subject"] != "before") == {n: 1 for n in range(10)}
    assert not list((s.mail / DOMAIN / "bob" / "tmp").iterdir())
    s.audit()


@pytest.mark.parametrize("fault", ["write EIO ledger.sqlite", "sync EIO ledger.sqlite", "write ENOSPC ledger.sqlite"],
                         ids=lambda f: f.split(" ledger")[0].replace(" ", "-"))
def test_the_ledger_cannot_be_written(make_server, faults, fault):
    s = make_server(environment=faults.environment)
    faults.begin(fault)
    queue_id = s.send(f"bob@{DOMAIN}")
    s.wait_for_mail("bob")
    wait_for("the complaint", lambda: "ledger-behind" in s.log.read_text())
    assert "Mail goes on; stories will be late" in s.log.read_text()
    r = s.run("trace", queue_id, check=False)
    assert r.returncode == 1 and "cannot write the ledger" in r.stderr, r.stderr
    faults.end()
    s.wait_for_word(queue_id, "delivered")
    s.send(f"bob@{DOMAIN}")
    s.wait_for_mail("bob", 2)
    assert s.log.read_text().count("ledger-behind") == 1
    s.audit()


def test_it_ends_in_order_while_a_disk_is_too_slow_to_wait_for(make_server, faults):
    s = make_server(environment=faults.environment)
    faults.begin("sync 13s /bob/tmp/")
    queue_id = s.send(f"bob@{DOMAIN}")
    wait_for("the delivery", lambda: (t := s.mail / DOMAIN / "bob" / "tmp").exists() and list(t.iterdir()))
    assert s.stop() == 0
    faults.end()
    s.start()
    s.wait_for_word(queue_id, "delivered")
    assert len(s.mailbox("bob")) == 1
    s.audit()


# ---- disks without room

class SmallDisk:
    """A tmpfs in a mount namespace of its own, which a process holds open: /proc shows it to us."""

    def __init__(self, directory, size):
        self.directory = directory
        directory.mkdir()
        self.holder = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private", "sh", "-c",
             'mount -t tmpfs -o "size=$1" tmpfs "$2" && echo ready && exec sleep 600', "sh", str(size), directory],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self.holder.stdout.readline() != "ready\n":
            why = self.holder.communicate(timeout=10)[1].strip()
            pytest.skip(f"a small file system can't be mounted in a namespace of its own: {why}")
        self.prefix = ["nsenter", f"--mount=/proc/{self.holder.pid}/ns/mnt", "--"]

    def seen(self, path):
        return pathlib.Path(f"/proc/{self.holder.pid}/root{path}")

    def room(self):
        v = os.statvfs(self.seen(self.directory))
        return v.f_bavail * v.f_frsize

    def fill(self, but=0):
        with open(self.seen(self.directory) / "ballast", "ab") as f:
            while (left := self.room() - but) > 0:
                f.write(b"x" * min(left, 1 << 20))
                f.flush()

    def make_room(self):
        (self.seen(self.directory) / "ballast").unlink()


@pytest.fixture
def small_disk(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount a small file system")
    disks = []

    def make(size):
        disks.append(SmallDisk(tmp_path / "small", size))
        return disks[-1]
    yield make
    for d in disks:
        d.holder.kill()
        d.holder.wait(10)


def send_until_full(server, to, most=400):
    """What got 250, until the server has no room any more."""
    taken = []
    with Talk(server) as t:
        for number in range(most):
            t.mail(to=to)
            reply = t.data(f"Subject: number {number}\r\n\r\n" + ("x" * 70 + "\r\n") * 2500)
            if reply.code != 250:
                reply.must_be(452, "4.3.1", "has no room for more mail right now", "Nothing was taken", "try again later")
                t.say("NOOP").must_be(250, "2.0.0")
                return taken
            taken.append(number)
    raise AssertionError(f"{most} messages of 180 KB were taken on a full disk")


def is_accepted(server, to=f"alice@{DOMAIN}"):
    with Talk(server) as t:
        t.mail(to=to)
        return t.data().code == 250


def numbers_at(hop):
    return collections.Counter(int(t.content.split(b"Subject: number ")[1].split()[0]) for t in hop.taken)


LATER = "451 4.7.1 Please come back later"


def make_small_server(make_server, disk, hop):
    return make_server(SMALL + f"route partner.test 127.0.0.1:{hop.port}\nretry-first 500ms\nretry-max 1s",
                       state=disk.directory / "state", prefix=disk.prefix)


def test_the_queues_disk_is_full(make_server, small_disk):
    disk = small_disk(32 << 20)
    with Hop(recipient=lambda address: LATER) as hop:
        s = make_small_server(make_server, disk, hop)
        before = s.send("someone@partner.test", "number 1000")
        s.wait_for_word(before, "delayed")
        disk.fill()
        taken = send_until_full(s, "someone@partner.test")
        wait_for("the word in the log", lambda: "disk-full" in s.log.read_text())
        assert "no room for more mail in the queue; clients are asked to try again" in s.log.read_text()
        assert not is_accepted(s)
        # what is queued goes on
        hop.recipient = lambda address: None
        wait_for("the queued mail", lambda: len(hop.taken) >= len(taken) + 1)
        assert s.process.poll() is None
        disk.make_room()
        wait_for("mail to be taken again", lambda: is_accepted(s), 10)
        wait_for("an empty queue", lambda: "empty" in s.run("queue", "list"))
        assert "disk-has-room" in s.log.read_text()
        assert numbers_at(hop) == {n: 1 for n in [1000, *taken]}
        s.wait_for_word(before, "relayed")
    s.audit()


def test_our_own_mail_fills_the_disk(make_server, small_disk):
    disk = small_disk(20 << 20)
    with Hop(recipient=lambda address: LATER) as hop:
        s = make_small_server(make_server, disk, hop)
        taken = send_until_full(s, "someone@partner.test")
        assert len(taken) > 40
        hop.recipient = lambda address: None
        wait_for("mail to be taken again, without anybody's help", lambda: is_accepted(s), 30)
        wait_for("an empty queue", lambda: "empty" in s.run("queue", "list"))
        assert numbers_at(hop) == {n: 1 for n in taken}
    s.audit()


def test_it_starts_on_a_full_disk_again_and_again(make_server, small_disk):
    disk = small_disk(20 << 20)
    with Hop(recipient=lambda address: LATER) as hop:
        s = make_small_server(make_server, disk, hop)
        taken = send_until_full(s, "someone@partner.test")
        disk.fill()
        for way in (s.kill, s.stop, s.kill, s.kill):
            way()
            s.start()
            wait_for("an attempt", lambda n=len(hop.attempts): len(hop.attempts) > n + 5)
        hop.recipient = lambda address: None
        wait_for("the queued mail", lambda: len(numbers_at(hop)) == len(taken))
        disk.make_room()
        wait_for("mail to be taken again", lambda: is_accepted(s), 10)
        wait_for("an empty queue", lambda: "empty" in s.run("queue", "list"))
        assert set(numbers_at(hop)) == set(taken)
    s.audit()


def test_only_the_mailboxes_disk_is_full(make_server, small_disk):
    disk = small_disk(4 << 20)
    s = make_server("retry-first 500ms\nretry-max 1s", mail=disk.directory / "mail", prefix=disk.prefix)
    s.mail = disk.seen(s.mail)
    s.wait_for_word(s.send(f"bob@{DOMAIN}", "before"), "delivered")
    disk.fill(but=8192)
    ids = [s.send(f"bob@{DOMAIN}", f"number {n}", ("x" * 70 + "\r\n") * 300) for n in range(6)]
    for i in ids:
        s.wait_for_word(i, "delayed")
        story = json.dumps(s.stories(i))
        assert '"4.3.1"' in story and "no room left on its disk" in story, story
        assert "inbox-full" not in story  # it is not the recipient who must act
    assert "mailbox-trouble" in s.log.read_text() and "Free space (or inodes)" in s.log.read_text()
    assert len(s.mailbox("bob")) == 1
    disk.make_room()
    messages = s.wait_for_mail("bob", 7)
    assert numbers_of(m for m in messages if m["Subject"] != "before") == {n: 1 for n in range(6)}
    for i in ids:
        s.wait_for_word(i, "delivered")
    assert not s.mailbox("alice")  # nobody was told of a failure
    s.audit()
