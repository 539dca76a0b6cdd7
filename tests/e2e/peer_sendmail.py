"""Debian's sendmail, unpacked and run by tests/peers/unpacked.sh: a server that we did not write and that knows DELIVERBY
(RFC 2852). It takes all mail, and keeps it in its queue with what was said of the time."""
import re
import smtplib
import socket
import subprocess

from conftest import PEERS, free_port, wait_for

CONFIG = """V10
Djsendmail.test
DnMAILER-DAEMON
O QueueDirectory=/mnt/work/queue
O DaemonPortOptions=Port={port}, Addr=127.0.0.1
O DeliverByMin={least}
O DeliveryMode=q
O PidFile=/mnt/work/pid
O HelpFile=/dev/null
O LogLevel=0
Troot
Mlocal, P=/bin/false, F=lsDFMmn, T=DNS/RFC822/SMTP, A=false
Mprog, P=/bin/false, F=lsDFMoqeu9, A=false
S3
R$* < $* > $*\t$2
S4
S0
R$*\t$#local $: $1
"""
MODES = {1: "N", 2: "R", 0x11: "NT", 0x12: "RT"}


class Sendmail:
    def __init__(self, work, least):
        self.queue, self.port = work / "queue", free_port()
        self.queue.mkdir(parents=True, mode=0o700)
        (work / "etc").mkdir()
        name = socket.gethostname()  # it waits for a minute where it has no name with dots
        (work / "etc" / "hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {name}.test {name}\n")
        (work / "sendmail.cf").write_text(CONFIG.format(port=self.port, least=least))
        with open(work / "out", "wb") as out:
            self.process = subprocess.Popen(
                [PEERS / "unpacked.sh", "sendmail-bin", work, "-", "/usr/libexec/sendmail/sendmail", "-bD", "-C",
                 "/mnt/work/sendmail.cf"], stdout=out, stderr=out)

        def is_up():
            assert self.process.poll() is None, (work / "out").read_text()
            try:
                with smtplib.SMTP("127.0.0.1", self.port, timeout=5) as c:
                    c.ehlo()
                    return c.esmtp_features["deliverby"] == str(least)
            except OSError:
                return False
        wait_for("sendmail", is_up, 60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(10)

    def messages(self):
        """Of each in its queue: the recipient, the seconds in which it is to arrive, and what then."""
        found = []
        for file in self.queue.glob("qf*"):
            text = file.read_bytes()
            flag, seconds = re.search(rb"^!(.) (-?\d+)$", text, re.MULTILINE | re.DOTALL).groups()
            found.append((re.search(rb"^R[A-Z]*:<(.*)>$", text, re.MULTILINE)[1].decode(), int(seconds), MODES[flag[0]]))
        return sorted(found)
