"""A flood of notices about mail that somebody forged, to one user, and true ones among them: see README.md, "Floods".

usage: storms.py [--bare] [--burst N] [--sessions N] [--seconds N] [--rate N] [--true N]

Starts a server of its own on loopback, sends some messages from here that really leave, and then notices as a Postfix
elsewhere writes them, of 4 KB: a burst as fast as they are taken, then so many a second for so long. Most return messages
that never were here; the true ones, at random places, return those that were. Prints what the processor did for each, and
what stands in the inbox.

--bare: notices that return nothing, and come to the plain address of a user whose mail leaves under signed return paths,
who has sent 2,000 messages in the last weeks; what may be true names one to whom she has written."""
import argparse
import contextlib
import email.utils
import json
import os
import pathlib
import random
import shutil
import socket
import socketserver
import sqlite3
import subprocess
import tempfile
import threading
import time

PLAINPOST = pathlib.Path(__file__).resolve().parent.parent / "build-release" / "plainpost"
ALICE, PARTNER, STRANGER = "alice@home.test", "carol@partner.test", "127.0.0.8"
LATER = 7200  # seconds: what is younger than the ledger can be missed in it
TICK = 100  # of /proc, a second
OTHERS = [f"mx{n}.partner{n % 97}.test" for n in range(500)]
SENT, DAY = 2000, 86400  # messages; seconds


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Taker(socketserver.StreamRequestHandler):
    """A next hop that takes everything."""

    def handle(self):
        self.wfile.write(b"220 ready\r\n")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n")
            if word == b"QUIT":
                return


class Takers(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


class Client:
    """One session; commands and the message go out together, as PIPELINING allows."""

    def __init__(self, port, address):
        self.socket = socket.create_connection(("127.0.0.1", port), 30, (address, 0))
        self.lines = self.socket.makefile("rb")
        self.reply()
        self.say("EHLO mx.partner.test\r\n")

    def reply(self):
        while (line := self.lines.readline())[3:4] == b"-":
            pass
        return line

    def say(self, words):
        self.socket.sendall(words.encode())
        return self.reply()

    def send(self, sender, to, message):
        self.socket.sendall(f"MAIL FROM:<{sender}>\r\nRCPT TO:<{to}>\r\nDATA\r\n".encode())
        for code in (b"250", b"250", b"354"):
            assert (line := self.reply()).startswith(code), line
        self.socket.sendall(message.encode() + b".\r\n")
        return self.reply()


def friend(n):
    return f"friend{n % 400}@partner.test"


def bare(to, n):
    whole = notice(f"<{n}>", "", n, to)
    return whole[:whole.index("--b\r\nContent-Type: message/rfc822")] + "--b--\r\n"


def notice(id, subject, n, to=None):
    host, to = OTHERS[n % len(OTHERS)], to or f"user{n}@partner{n % 97}.test"
    body = "".join(f"Line {i} of what somebody wrote, with some more words in it, {n}.\n" for i in range(40))
    return (f"From: MAILER-DAEMON@{host} (Mail Delivery System)\nTo: {ALICE}\n"
            f"Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\nMessage-ID: <{n}.x@{host}>\n"
            f"Date: {email.utils.formatdate()}\nMIME-Version: 1.0\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\nThis is a MIME-encapsulated '
            f"message.\n\n--b\nContent-Type: text/plain\n\nThis is the mail system at host {host}.\n\nI'm sorry to have to "
            f"inform you that your message could not be delivered.\n\n<{to}>: host {host}[192.0.2.7] said: 550 5.1.1 no such "
            f"user (in reply to RCPT TO command)\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; {host}"
            f"\n\nFinal-Recipient: rfc822; {to}\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such "
            f"user\n\n--b\nContent-Type: message/rfc822\n\nReceived: from host{n}.invalid (host{n}.invalid [198.51.100.7])\n"
            f"\tby {host} (Postfix) with ESMTP id 4{n}; {email.utils.formatdate()}\nFrom: {ALICE}\nTo: {to}\n"
            f"Subject: {subject}\nDate: {email.utils.formatdate(time.time() + LATER)}\nMessage-ID: {id}\nContent-Type: "
            f"text/plain\n\n{body}\n--b--\n").replace("\n", "\r\n")


class House:
    def __init__(self, work, signs):
        self.port, hop = free_port(), free_port()
        self.work, self.config = work, work / "plainpost.conf"
        (work / "users").write_text(f"domain home.test\n{ALICE}\n")
        self.config.write_text(f"hostname mx.home.test\nlisten 127.0.0.1:{self.port}\nstate {work}/state\n"
                               f"users {work}/users\nmailboxes {work}/mail\ntrusted 127.0.0.1/32\nauthenticate * off\n"
                               f"route partner.test 127.0.0.1:{hop}\nforged-digest-after 10s\n"
                               "max-messages-per-session 1000000\n" + (self.signing() if signs else ""))
        self.takers = Takers(("127.0.0.1", hop), Taker)
        threading.Thread(target=self.takers.serve_forever, daemon=True).start()
        self.start()

    def start(self):
        self.process = subprocess.Popen([PLAINPOST, "-c", self.config, "serve"], stderr=open(self.work / "log", "w"))
        while socket.socket().connect_ex(("127.0.0.1", self.port)):
            time.sleep(0.05)

    def signing(self):
        """For longer than a notice may take."""
        secrets = self.work / "secrets"
        secrets.write_text("0123456789abcdef" * 4 + "\n")
        secrets.chmod(0o600)
        os.utime(secrets, (time.time() - 40 * DAY,) * 2)
        return f"sign-return-paths home.test\nreturn-path-secrets {secrets}\n"

    def age(self):
        """As if it had kept its ledger for longer than that, too."""
        self.process.terminate()
        self.process.wait(30)
        with contextlib.closing(sqlite3.connect(self.work / "state" / "ledger.sqlite", isolation_level=None)) as db:
            db.execute("UPDATE reach SET since = since - ?", (40 * DAY * 1000,))
        self.start()

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def memory(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) // 1024

    def inbox(self):
        return [p.read_text(errors="replace") for p in self.work.glob("mail/home.test/alice/new/*")]

    def run(self, *words):
        return subprocess.run([PLAINPOST, "-c", self.config, *words], capture_output=True, text=True)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        self.takers.shutdown()


def send_true(house, count):
    client = Client(house.port, "127.0.0.1")
    ids = [f"<{n}.{time.monotonic_ns()}@client.test>" for n in range(count)]
    for n, id in enumerate(ids):
        line = client.send(ALICE, PARTNER, f"From: {ALICE}\r\nTo: {PARTNER}\r\nSubject: Minutes {n}\r\nDate: "
                           f"{email.utils.formatdate(time.time() + LATER)}\r\nMessage-ID: {id}\r\n\r\ntext\r\n")
        assert line.startswith(b"250"), line
    return ids


def send_many(house):
    client = Client(house.port, "127.0.0.1")
    for n in range(SENT):
        line = client.send(ALICE, friend(n), f"From: {ALICE}\r\nTo: {friend(n)}\r\nSubject: Letter {n} about the roof of the "
                           f"old barn\r\nMessage-ID: <{n}.{time.monotonic_ns()}@client.test>\r\n\r\ntext\r\n")
        assert line.startswith(b"250"), line
    return [friend(n) for n in range(SENT)]


def messages(count, true, first, is_bare):
    """So many forged ones, with the true ones at random places among them."""
    if is_bare:
        all = [bare(None, first + n) for n in range(count)]
        true = [bare(to, first + count + n) for n, to in enumerate(true)]
    else:
        all = [notice(f"<{first + n}@elsewhere.invalid>", "Cheap watches", first + n) for n in range(count)]
        true = [notice(id, f"Minutes {n}", first + count + n, PARTNER) for n, id in enumerate(true)]
    for one in true:
        all.insert(random.randrange(100, len(all)), one)
    return all


def burst(house, all, sessions):
    shares = [all[i::sessions] for i in range(sessions)]

    def run(share):
        client = Client(house.port, STRANGER)
        for message in share:
            line = client.send("", ALICE, message)
            assert line.startswith(b"250"), line
    threads = [threading.Thread(target=run, args=(share,)) for share in shares]
    begun, cpu = time.monotonic(), house.cpu()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    took = time.monotonic() - begun
    time.sleep(20)  # the ledger, and the digest
    used = house.cpu() - cpu
    each = used / len(all)
    print(f"burst: {len(all)} notices in {took:.1f} s ({len(all) / took:.0f}/s), {each * 1e6:.0f} µs of processor each, the "
          f"digest included; 100,000 in an hour: {each * 100000 / 36:.2f} % of a core; {house.memory()} MB")


def paced(house, all, rate):
    client, cpu, begun = Client(house.port, STRANGER), house.cpu(), time.monotonic()
    for n, message in enumerate(all):
        time.sleep(max(0, begun + n / rate - time.monotonic()))
        line = client.send("", ALICE, message)
        assert line.startswith(b"250"), line
    took, used = time.monotonic() - begun, house.cpu() - cpu
    print(f"paced: {len(all)} notices in {took:.0f} s ({len(all) / took:.1f}/s): {100 * used / took:.2f} % of a core, "
          f"{used / len(all) * 1e6:.0f} µs each; {house.memory()} MB")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--bare", action="store_true")
    p.add_argument("--burst", type=int, default=10000)
    p.add_argument("--sessions", type=int, default=10)
    p.add_argument("--seconds", type=int, default=300)
    p.add_argument("--rate", type=float, default=28)
    p.add_argument("--true", type=int, default=50)
    o = p.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="storms-"))
    house = House(work, o.bare)
    true = send_many(house)[:o.true] if o.bare else send_true(house, o.true)
    time.sleep(2)
    if o.bare:
        house.age()
    half = len(true) // 2
    if o.burst:
        burst(house, messages(o.burst, true[:half], 0, o.bare), o.sessions)
    else:
        half = 0
    count = int(o.seconds * o.rate)
    if count:
        paced(house, messages(count, true[half:], o.burst + len(true), o.bare), o.rate)
        time.sleep(2)
    inbox = house.inbox()
    returned = "".join(inbox)
    found = sum(word in returned for word in (true if count else true[:half]))
    digests = sum("forged-notices.csv" in m for m in inbox)
    said = json.loads(house.run("audit", "--json").stdout)
    print(f"inbox: {digests} digest, {found} of {len(true) if count else half} true notices, "
          f"{len(inbox) - digests - found} others; discarded {said['discarded']}")
    print("audit:", "clean" if house.run("audit").returncode == 0 else house.run("audit").stdout)
    house.stop()
    shutil.rmtree(work)


main()
