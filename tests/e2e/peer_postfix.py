"""Debian's Postfix, run by tests/peers/postfix.sh: a real next hop, and a real load generator."""
import email
import email.policy
import re
import shutil
import subprocess

from conftest import PEERS, free_port, wait_for

SCRIPT = PEERS / "postfix.sh"
# What servers put before a message that they deliver or pass on.
TRACE_FIELD = re.compile(rb"(Return-Path|Delivered-To|X-Original-To|Received):[^\n]*\n([ \t][^\n]*\n)*")


def text_behind_trace(kept, original):
    """What was delivered, without the trace fields that were put in front; `original` may begin with such fields
    of its own, so only as many are taken away as are too many."""
    while len(kept) > len(original) and (field := TRACE_FIELD.match(kept)):
        kept = kept[field.end():]
    return kept


class Postfix:
    def __init__(self, work, seconds=900, conf=None, tls=None):
        self.work, self.port, self.old_port, self.home_port = work, free_port(), free_port(), free_port()
        work.mkdir(exist_ok=True)
        with open(work / "err", "wb") as errors:
            self.process = subprocess.Popen(
                [SCRIPT, "run", "--work", work, "--port", str(self.port), "--old-port", str(self.old_port),
                 "--home", f"home.test=127.0.0.1:{self.home_port}", "--for", str(seconds),
                 *(["--conf", conf] if conf else []), *(["--tls", tls] if tls else [])],
                stdout=subprocess.PIPE, stderr=errors, text=True)
        if self.process.stdout.readline() != "ready\n":
            self.stop()
            raise AssertionError("There is no Postfix to test with. " + (work / "err").read_text())

    def stop(self):
        self.process.terminate()
        self.process.wait(20)

    def log(self):
        return (self.work / "log").read_text(errors="replace")

    def files(self, user):
        return sorted((self.work / "mail" / user / "new").glob("*"))

    def empty(self):
        for box in (self.work / "mail").glob("*"):
            shutil.rmtree(box)

    def wait_for_files(self, user, count=1, seconds=15):
        return wait_for(f"{count} messages for {user} at Postfix",
                        lambda: len(f := self.files(user)) >= count and f, seconds)

    def wait_for_mail(self, user, count=1, seconds=15):
        return [email.message_from_bytes(p.read_bytes(), policy=email.policy.default)
                for p in self.wait_for_files(user, count, seconds)]


def smtp_source(*words):
    r = subprocess.run([SCRIPT, "smtp-source", *words], capture_output=True, text=True, timeout=300)
    assert r.returncode == 0, r.stdout + r.stderr
