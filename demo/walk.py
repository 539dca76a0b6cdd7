"""A guided tour through the main job: real mail over SMTP, and what became of it.

usage: walk.py PLAINPOST     (./run calls it)
"""
import email
import email.policy
import os
import pathlib
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import textwrap
import time

HERE = pathlib.Path(__file__).resolve().parent
NEXT_HOP = HERE.parent / "tests" / "peers" / "next_hop.py"
DOMAIN = "plainpost.test"
ALICE = f"alice@{DOMAIN}"
COLOURS = sys.stdout.isatty()


def paint(code, text):
    return f"\x1b[{code}m{text}\x1b[0m" if COLOURS else text


def title(text):
    print("\n" + paint("1;34", text) + "\n" + paint("34", "─" * len(text)))


def say(text):
    print(textwrap.fill(" ".join(text.split()), 78))


def framed(text):
    for line in text.rstrip().splitlines():
        print(paint("2", "  │ ") + line)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, condition, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    sys.exit(f"run: gave up waiting for {what} after {seconds} s")


class Tour:
    def __init__(self, plainpost, work):
        self.plainpost, self.work = plainpost, work
        self.port, self.hop_port = free_port(), free_port()
        self.config = work / "plainpost.conf"
        self.processes = []
        (work / "users").write_text(
            f"domain {DOMAIN}\n{ALICE}\nbob@{DOMAIN}\ncarol@{DOMAIN}  quota 4KB\n")
        self.config.write_text(
            f"hostname {DOMAIN}\nlisten 127.0.0.1:{self.port}\nstate {work}/state\n"
            f"users {work}/users\nmailboxes {work}/mail\n"
            f"route partner.test 127.0.0.1:{self.hop_port}\nretry-first 3s\n")

    def start(self):
        hop = subprocess.Popen(
            ["/usr/bin/python3", NEXT_HOP, "--listen", f"127.0.0.1:{self.hop_port}",
             "--store", self.work / "partner"], stdout=subprocess.PIPE, text=True)
        self.processes.append(hop)
        if hop.stdout.readline().strip() != "ready":
            sys.exit("run: the partner's server did not start")
        log = open(self.work / "log", "w")
        self.processes.append(subprocess.Popen([self.plainpost, "-c", self.config, "serve"],
                                               stderr=log))
        wait_for("the server", self.answers)

    def answers(self):
        if self.processes[-1].poll() is not None:
            sys.exit("run: the server ended:\n" + (self.work / "log").read_text())
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        for p in reversed(self.processes):
            if p.poll() is None:
                p.send_signal(signal.SIGTERM)
                try:
                    p.wait(15)
                except subprocess.TimeoutExpired:
                    p.kill()

    def ask(self, *words):
        r = subprocess.run([self.plainpost, "-c", self.config, *words], capture_output=True,
                           text=True)
        return r.returncode, r.stdout + r.stderr

    def send(self, to, subject, body):
        """One real SMTP session; the id under which the server keeps the message."""
        text = (f"From: Alice <{ALICE}>\r\nTo: <{to}>\r\nSubject: {subject}\r\n"
                f"Date: {email.utils.formatdate(localtime=True)}\r\n"
                f"Message-ID: {email.utils.make_msgid(domain=DOMAIN)}\r\n\r\n{body}\r\n")
        with smtplib.SMTP("127.0.0.1", self.port, local_hostname="laptop.test", timeout=10) as s:
            s.ehlo()
            s.mail(ALICE)
            code, words = s.rcpt(to)
            if code != 250:
                return None, f"{code} {words.decode()}"
            code, words = s.data(text)
            reply = f"{code} {words.decode()}"
        print(paint("2", "  you    ") + f"{ALICE} → {to}: “{subject}”")
        print(paint("2", "  server ") + reply)
        return reply.split()[-1], reply

    def wait_for_word(self, queue_id, word):
        def told():
            _, text = self.ask("trace", queue_id)
            return text if word in text else None
        return wait_for(f"“{word}” in the story of {queue_id}", told)

    def story(self, queue_id, until):
        text = self.wait_for_word(queue_id, until)
        print(paint("2", f"\n  $ plainpost trace {queue_id}"))
        framed(text)

    def notification(self, subject_part):
        def found():
            for path in sorted((self.work / "mail" / DOMAIN / "alice" / "new").glob("*")):
                m = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                if subject_part in m["Subject"]:
                    return m
        m = wait_for(f"the notification about “{subject_part}”", found)
        print("\n  What Alice finds in her inbox:")
        framed(f"From: {m['From']}\nSubject: {m['Subject']}\n\n"
               + m.get_body(("plain",)).get_content())


def walk(tour):
    title("1. A message that arrives")
    queue_id, _ = tour.send(f"bob@{DOMAIN}", "Lunch on Friday?", "At noon, by the river?")
    tour.story(queue_id, "delivered")

    title("2. A mailbox that is full")
    say("Carol's mailbox may hold 4 KB. The first message fits, the second does not.")
    queue_id, _ = tour.send(f"carol@{DOMAIN}", "Holiday plans", "What about this? " * 150)
    tour.wait_for_word(queue_id, "delivered")
    queue_id, _ = tour.send(f"carol@{DOMAIN}", "Holiday pictures", "Look at this. " * 150)
    tour.notification("Holiday pictures")
    tour.story(queue_id, "reported")

    title("3. An address that does not exist")
    say("At home the server knows its addresses and refuses a wrong one at once, in the session:")
    _, reply = tour.send(f"nobody@{DOMAIN}", "Hello", "Hello?")
    framed(reply)
    say("Elsewhere only the other server knows. It refuses, and Alice is told why:")
    queue_id, _ = tour.send("refuse@partner.test", "Invoice 4711", "Please find it attached.")
    tour.notification("Invoice 4711")
    tour.story(queue_id, "reported")

    title("4. A message whose content the other side refuses")
    queue_id, _ = tour.send("refuse-content@partner.test", "You have won", "Click here!")
    tour.notification("You have won")
    tour.story(queue_id, "reported")

    title("5. A message that is delayed, and then arrives")
    say("The other server asks everybody to come back later. plainpost does, after 3 seconds "
        "here (5 minutes by default).")
    queue_id, _ = tour.send("grey@partner.test", "Minutes of the meeting", "As agreed.")
    tour.story(queue_id, "delayed")
    print()
    say("Three seconds later:")
    tour.story(queue_id, "relayed")

    title("6. Does everything add up?")
    status, text = tour.ask("audit")
    print(paint("2", "  $ plainpost audit"))
    framed(text)
    return status


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    os.umask(0o077)
    work = pathlib.Path(tempfile.mkdtemp(prefix="plainpost-tour-"))
    tour = Tour(str(pathlib.Path(sys.argv[1]).resolve()), work)
    title("plainpost: what became of my mail, and why?")
    say(f"A mail server starts on 127.0.0.1 port {tour.port}. Behind it stands partner.test, "
        "another small mail server. Alice sends seven messages.")
    try:
        tour.start()
        status = walk(tour)
    finally:
        tour.stop()
        shutil.rmtree(work, ignore_errors=True)
    title("How to go on")
    print(textwrap.dedent(f"""\
        ./run serve                        your own server on 127.0.0.1:2525, state under ./var
        swaks --server 127.0.0.1:2525 --from you@{DOMAIN} --to alice@{DOMAIN}
        build-release/plainpost trace alice@{DOMAIN}
        build-release/plainpost config default   every option, with its meaning
        """))
    return status


if __name__ == "__main__":
    sys.exit(main())
