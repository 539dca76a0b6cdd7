"""Filters by the milter protocol: Debian's rspamd and opendkim, and for what those never do one of our own that dies,
hangs or talks nonsense."""
import shutil
import socket
import struct
import subprocess
import threading

from conftest import answers, free_port, wait_for

RSPAMD = """
options {{ pidfile = "{work}/pid"; control_socket = "{work}/control"; cache_file = "{work}/cache";
    stats_file = "{work}/stats"; tempdir = "{work}"; filters = []; gtube_patterns = "all"; enable_test_patterns = true;
    dns {{ nameserver = ["127.0.0.1:9"]; }} }}
logging {{ type = "console"; level = "error"; }}
actions {{ reject = 15; add_header = 6; rewrite_subject = 8; subject = "[spam] %s"; }}
"""
WORKER = """worker "rspamd_proxy" {{ bind_socket = "127.0.0.1:{port}"; milter = yes; count = 1; timeout = 20s; {more}
    upstream "local" {{ default = yes; self_scan = yes; }} }}
"""
GTUBE = "JS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"  # behind a letter that says what to do


class Process:
    hurries = False

    def __init__(self, words, log, is_up):
        self.process = subprocess.Popen(words, stdout=open(log, "wb"), stderr=subprocess.STDOUT,
                                        cwd=log.parent)  # where rspamd leaves its figures
        wait_for(words[0], lambda: self.process.poll() is None and is_up(), 60)

    def stop(self):
        self.process.kill() if self.hurries else self.process.terminate()
        self.process.wait(20)


class Rspamd(Process):
    """One for each of these: refuses, holds, discards what is spam for sure."""
    def __init__(self, work):
        self.refuses, self.holds, self.discards = free_port(), free_port(), free_port()
        text = RSPAMD.format(work=work)
        for port, more in ((self.refuses, ""), (self.holds, "quarantine_on_reject = true;"),
                           (self.discards, "discard_on_reject = true;")):
            text += WORKER.format(port=port, more=more)
        (work / "rspamd.conf").write_text(text)
        super().__init__(["rspamd", "-f", "-i", "-c", work / "rspamd.conf"], work / "rspamd.log",
                         lambda: all(map(answers, (self.refuses, self.holds, self.discards))))


class OpenDkim(Process):
    hurries = True  # it takes five seconds to end by itself

    def __init__(self, work, mode, domain, selector, key, public, more="", port=None):
        path, self.port = work / f"opendkim-{mode}.sock", port
        self.place = f"unix:{path}"
        keys = work / "public-keys"
        keys.write_text(f"{selector}._domainkey.{domain} {public}\n")
        config = work / f"opendkim-{mode}.conf"
        config.write_text(f"Mode {mode}\nDomain {domain}\nSelector {selector}\nKeyFile {key}\nBackground no\n"
                          f"Socket {f'inet:{port}@127.0.0.1' if port else f'local:{path}'}\nTestPublicKeys {keys}\nRequireSafeKeys no\n"
                          f"Canonicalization relaxed/simple\nAlwaysAddARHeader yes\nAuthservID checker.test\n"
                          f"PidFile {work}/opendkim-{mode}.pid\n" + more)
        super().__init__(["opendkim", "-f", "-x", config], work / f"opendkim-{mode}.log",
                         lambda: answers(port) if port else path.exists())


def why_not():
    """Why this machine can't have them; None: it can."""
    missing = [p for p in ("rspamd", "opendkim") if not shutil.which(p)]
    return f"needs Debian's packages {' and '.join(missing)}" if missing else None


def packet(kind, data=b""):
    return struct.pack(">I", 1 + len(data)) + kind + data


class Script:
    """A filter that answers "continue", but at each step that is named in `at`: bytes are sent as they are, None ends
    the connection, ... says nothing at all, and of a list
    each is for one time. `said` has all kinds of packets that it got."""
    def __init__(self, at=None, steps=0):
        self.at, self.steps, self.said, self.connections, self.open = at or {}, steps, [], 0, set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def hang_up(self):
        for connection in list(self.open):
            connection.shutdown(socket.SHUT_RDWR)
        wait_for("the end of all connections", lambda: not self.open)

    def serve(self, connection):
        self.open.add(connection)
        try:
            self.answer(connection)
        finally:
            self.open.discard(connection)

    def answer(self, connection):
        with connection, connection.makefile("rb") as lines:
            while len(head := lines.read(5)) == 5:
                data = lines.read(struct.unpack(">I", head[:4])[0] - 1)
                kind = head[4:].decode()
                self.said.append((kind, data))
                answer = self.at.get(kind, packet(b"O", struct.pack(">III", 6, 0x1FF, self.steps)) if kind == "O" else
                                     b"" if kind in "ADKQ" else packet(b"c"))
                if isinstance(answer, list):
                    answer = answer.pop(0)
                if answer is None:
                    return
                if answer is not ...:
                    connection.sendall(answer)

    def kinds(self):
        return "".join(kind for kind, _ in self.said if kind != "D")

    def macros(self, step):
        """Of the last one for this step."""
        words = [data for kind, data in self.said if kind == "D" and data[:1].decode() == step][-1][1:].split(b"\0")
        return {k.decode(): v.decode() for k, v in zip(words[::2], words[1::2])}

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)  # also for who waits in accept
        self.listener.close()
