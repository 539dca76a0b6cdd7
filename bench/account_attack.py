"""A stolen password sends spam to strangers: how much gets away, and what becomes of the rest? bench/account_attack
builds what this needs, and calls it.

Real sessions over loopback: the thief logs in from another address than the owner, who goes on writing to a colleague.
Then the server is killed and started again, the account revoked, and all of it restored, so that it is seen that
nothing was lost.
"""
import argparse
import contextlib
import itertools
import json
import os
import pathlib
import signal
import smtplib
import subprocess
import sys
import tempfile
import time

import measure

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from hop import Hop  # noqa: E402

PROGRAM = os.environ.get("PLAINPOST", str(ROOT / "build-release" / "plainpost"))
ALICE, BOB, PASSWORD = "alice@home.test", "bob@home.test", "wonder land 42"
TEXT = ("Dear friend, you have won a wonderful prize in our great lottery of this year. Please open the page below and "
        "tell us where to send the money, before the offer ends on Sunday.\r\nhttp://prizes.invalid/win/{}\r\n")


class Server:
    def __init__(self, work, hop):
        self.port, self.work = measure.free_port(), work
        (work / "users").write_text(f"domain home.test\n{ALICE}\n{BOB}\npostmaster@home.test\n")
        self.config = work / "plainpost.conf"
        self.config.write_text(
            f"hostname mx.home.test\nlisten 127.0.0.1:{self.port} submission\nstate {work / 'state'}\n"
            f"users {work / 'users'}\nmailboxes {work / 'mail'}\nlogins {work / 'logins'}\nguard-accounts hold\n"
            f"route * 127.0.0.1:{hop.port}\nmax-messages-per-session 100000\n")
        self.run("user", "add", ALICE, input=PASSWORD + "\n")

    def run(self, *words, input=None):
        r = subprocess.run([PROGRAM, "-c", self.config, *words], input=input, capture_output=True, text=True)
        if r.returncode:
            sys.exit(f"{words}: {r.stdout}{r.stderr}")
        return r.stdout

    def start(self):
        self.process = subprocess.Popen([PROGRAM, "-c", self.config, "serve"], stderr=open(self.work / "log", "ab"))
        for _ in range(200):
            with contextlib.suppress(OSError), self.log_in("127.0.0.1"):
                return
            time.sleep(0.05)
        sys.exit((self.work / "log").read_text()[-2000:])

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def log_in(self, source, name="laptop.test"):
        s = smtplib.SMTP("127.0.0.1", self.port, local_hostname=name, timeout=60, source_address=(source, 0))
        s.ehlo()
        s.login(ALICE, PASSWORD)
        return s

    def mails(self, user):
        return len(list((self.work / "mail" / "home.test" / user / "new").glob("*")))

    def account(self):
        return json.loads(self.run("account", "show", ALICE, "--json"))


def send(session, to, subject, body):
    session.sendmail(ALICE, [to], f"From: {ALICE}\r\nSubject: {subject}\r\n\r\n{body}\r\n")


def reached(hop):
    return [a for a in hop.recipients() if a.endswith("@victim.test")]


def wait_for_quiet(hop):
    for before in itertools.count():
        time.sleep(1)
        if before and len(hop.taken) == count:
            return
        count = len(hop.taken)


def attack(server, hop, messages, seconds):
    """Returns when its account turned red, by the first message that was held."""
    began, red_after = time.monotonic(), None
    with server.log_in("127.0.0.9", "thief.invalid") as thief, server.log_in("127.0.0.1") as owner:
        for i in range(messages):
            pause = began + seconds * i / messages - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            send(thief, f"stranger{i}@victim.test", "You have won", TEXT.format(i))
            if i % 50 == 49:
                send(owner, BOB, "lunch", "How about noon?")
                if red_after is None and server.account()["held"]:
                    red_after = i
    return red_after, time.monotonic() - began


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--messages", type=int, default=5000)
    arguments.add_argument("--minutes", type=float, default=10)
    a = arguments.parse_args()
    with tempfile.TemporaryDirectory() as work, Hop() as hop:
        server = Server(pathlib.Path(work), hop)
        server.start()
        red_after, took = attack(server, hop, a.messages, a.minutes * 60)
        wait_for_quiet(hop)
        escaped = len(reached(hop))
        print(f"{a.messages} spams to strangers in {took:.0f} s: {escaped} reached one; held by the message "
              f"{red_after} at the latest")
        print(f"the owner's mail to a colleague: {server.mails('bob')} of {a.messages // 50} arrived")
        time.sleep(61)  # a notice waits for others of its kind
        print(f"letters: {server.mails('alice')} to the owner, {server.mails('postmaster')} to postmaster")
        server.kill()
        server.start()
        wait_for_quiet(hop)
        print(f"after kill -9 and a start: {len(reached(hop)) - escaped} more; held {server.account()['held_messages']}")
        server.run("account", "revoke", ALICE, "--yes")
        wait_for_quiet(hop)
        print(f"after revoke: {len(reached(hop)) - escaped} more")
        print(server.run("audit").strip())
        server.run("account", "restore", ALICE, "--yes")
        server.run("queue", "retry", "--from", ALICE, "--yes")  # what was slowed would take its time
        end = time.monotonic() + 300
        while len(set(reached(hop))) < a.messages and time.monotonic() < end:
            wait_for_quiet(hop)
        twice = len(reached(hop)) - len(set(reached(hop)))
        print(f"restored: {len(set(reached(hop)))} of {a.messages} arrived, {twice} twice")
        server.kill()
        return escaped > 50


if __name__ == "__main__":
    sys.exit(main())
