"""A raw SMTP client: says exactly what a test tells it to, and reads replies strictly."""
import re
import socket

from conftest import DOMAIN

STATUS = re.compile(r"([245])\.\d{1,3}\.\d{1,3} ")


class Reply:
    def __init__(self, lines):
        self.code, self.status = int(lines[0][:3]), ""
        assert {line[:3] for line in lines} == {lines[0][:3]}, lines
        texts = [line[4:] for line in lines]
        if found := STATUS.match(texts[0]):
            self.status = found.group().strip()
            assert all(t.startswith(found.group()) for t in texts), lines
            texts = [t[found.end():] for t in texts]
        self.text = " ".join(texts)

    def __repr__(self):
        return f"{self.code} {self.status} {self.text}"

    def must_be(self, code, status, *words):
        """The code, the enhanced code, and words that a person needs."""
        assert (self.code, self.status) == (code, status), self
        for word in words:
            assert word in self.text, (word, self)
        assert len(self.text) > 15 or self.code < 400, self
        return self


class Talk:
    def __init__(self, server, hello=True, seconds=20, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(seconds)
        self.socket.connect(("127.0.0.1", server.port))
        self.kept = b""
        self.greeting = self.read()
        if hello:
            self.say("EHLO client.test").must_be(250, "")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def line(self):
        while b"\r\n" not in self.kept:
            more = self.socket.recv(65536)
            if not more:
                raise EOFError(self.kept)
            self.kept += more
        line, self.kept = self.kept.split(b"\r\n", 1)
        assert len(line) <= 510, line
        return line.decode()

    def read(self):
        lines = [self.line()]
        while lines[-1][3:4] == "-":
            lines.append(self.line())
        return Reply(lines)

    def send(self, text):
        self.socket.sendall(text if isinstance(text, bytes) else text.encode())

    def say(self, line):
        self.send(line + "\r\n")
        return self.read()

    def mail(self, sender="x@example.org", to=f"bob@{DOMAIN}", parameters=""):
        self.say(f"MAIL FROM:<{sender}>{parameters}").must_be(250, "2.1.0")
        self.say(f"RCPT TO:<{to}>").must_be(250, "2.1.5")

    def data(self, content="Subject: x\r\n\r\nx\r\n"):
        """The reply to a whole message; its dots are doubled by the caller."""
        assert self.say("DATA").code == 354
        self.send(content)
        return self.say(".")

    def must_be_closed(self):
        """The server ends the connection, and says no more."""
        rest = self.kept
        try:
            while more := self.socket.recv(65536):
                rest += more
        except ConnectionResetError:  # it had not read all that we sent
            pass
        assert not rest, rest
