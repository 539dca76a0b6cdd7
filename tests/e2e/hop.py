"""A next hop inside the test's own process, which counts, times, and does as it is told."""
import asyncio
import collections
import re
import socket
import ssl
import struct
import threading
import time

Taken = collections.namedtuple("Taken", "time connection life recipients content")


class Hop:
    """`recipient(address)` and `message(recipients, content)` give the reply; None: it is taken. `hold()` keeps
    the replies to messages back until `let_go()`. `behind`: what becomes of commands that stand right behind the end
    of a message: "taken", "lost", "refused", or the connection is "closed". `tls`: an ssl.SSLContext to offer
    STARTTLS with, or "broken": a handshake that fails; `implicit`: its handshake comes first; `injected`: what
    stands behind the reply to STARTTLS; `starttls`: that reply. `login`: the reply to AUTH. `resets`: the connection, right behind the reply to a
    message."""

    def __init__(self, recipient=lambda address: None, message=lambda recipients, content: None, delay=0.0,
                 extensions=("PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"), port=0,
                 behind="taken", tls=None, implicit=False, injected=b"", starttls=b"220 2.0.0 Go ahead\r\n",
                 resets=False, login=b"235 2.7.0 Ok\r\n", address="127.0.0.1"):
        self.login, self.logins = login, []
        self.resumed = []  # whether each session of TLS was an old one, begun again
        self.tls, self.injected, self.starttls, self.resets = tls, injected, starttls, resets
        self.secure = []  # whether each message came by TLS, and the name that the client wanted
        self.names = []
        if tls and tls != "broken":
            tls.sni_callback = lambda connection, name, context: self.names.append(name)
        self.behind, self.followers = behind, 0
        self.commands, self.hellos = [], []  # of MAIL and BDAT, as they came; and of EHLO
        self.recipient, self.message, self.delay, self.extensions = recipient, message, delay, extensions
        self.taken, self.attempts = [], []  # attempts: (time, address), of every RCPT
        self.connections = self.open = self.most_open = self.most_commands_at_once = 0
        self.in_message = self.most_in_message = 0
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.writers = set()
        self.life = 0  # counted by a test that kills the client
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = self.call(asyncio.start_server(self.session, address, port, backlog=1000,
                                                   ssl=tls if implicit else None))
        self.port = self.server.sockets[0].getsockname()[1]

    def call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def hold(self):
        self.may_answer.clear()

    def let_go(self):
        self.may_answer.set()

    def stop(self):
        if self.loop.is_closed():
            return

        async def end():
            self.server.close()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            for writer in list(self.writers):
                writer.transport.abort()
        self.may_answer.set()
        self.call(end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    def end_life(self, seconds=20):
        """After the death of the client: when everything is noted that it had sent."""
        end = time.monotonic() + seconds
        self.call(asyncio.sleep(0.02))  # connections that were not accepted yet
        while self.open:
            assert time.monotonic() < end, "connections outlive their client"
            time.sleep(0.01)
        self.life += 1

    def recipients(self):
        return [address for t in list(self.taken) for address in t.recipients]

    async def session(self, reader, writer):
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        self.writers.add(writer)
        try:
            await self.talk(reader, writer, self.connections)
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.open -= 1
            self.writers.discard(writer)
            writer.close()

    async def talk(self, reader, writer, number):
        writer.write(b"220 hop.test ESMTP\r\n")
        recipients, kept = [], b""
        while True:
            more = await reader.read(1 << 16)
            if not more:
                return
            kept += more
            self.most_commands_at_once = max(self.most_commands_at_once, kept.count(b"\r\n"))
            while b"\r\n" in kept:
                line, kept = kept.split(b"\r\n", 1)
                verb = line[:4].upper()
                if verb in (b"MAIL", b"BDAT"):
                    self.commands.append(line.decode())
                if verb == b"EHLO":
                    self.hellos.append(line.decode())
                    is_secure = writer.get_extra_info("ssl_object") is not None
                    words = ["hop.test", *self.extensions, *(["STARTTLS"] if self.tls and not is_secure else [])]
                    writer.write("".join(f"250{'- '[i + 1 == len(words)]}{w}\r\n"
                                         for i, w in enumerate(words)).encode())
                elif verb == b"STAR":
                    writer.write(self.starttls + self.injected)
                    if not self.starttls.startswith(b"220"):
                        continue
                    if self.tls == "broken":
                        await asyncio.sleep(0.2)  # not in one packet with the reply
                        writer.write(b"this is no handshake")
                        return
                    await writer.start_tls(self.tls)
                    self.resumed.append(writer.get_extra_info("ssl_object").session_reused)
                    recipients, kept = [], b""
                elif verb == b"AUTH":
                    self.logins.append(line.decode())
                    writer.write(self.login)
                elif verb == b"MAIL":
                    recipients = []
                    writer.write(b"250 2.1.0 Ok\r\n")
                elif verb == b"RCPT":
                    writer.write(self.take_recipient(line, recipients))
                elif verb == b"DATA" and not recipients:
                    writer.write(b"554 5.5.1 No valid recipients\r\n")
                elif verb == b"DATA":
                    writer.write(b"354 Go ahead\r\n")
                    kept = await self.take_message(reader, writer, kept, recipients, number)
                elif verb == b"BDAT":  # always the only chunk
                    size = int(line.split()[1])
                    assert line.split()[2] == b"LAST", line
                    while len(kept) < size:
                        kept += await reader.readexactly(size - len(kept))
                    await self.answer_message(writer, kept[:size], recipients, number)
                    kept = kept[size:]
                elif verb == b"QUIT":
                    writer.write(b"221 2.0.0 Bye\r\n")
                    return
                else:
                    writer.write(b"250 2.0.0 Ok\r\n")

    def take_recipient(self, line, recipients):
        address = re.search(rb"<(.*?)>", line)[1].decode()
        self.attempts.append((time.monotonic(), address))
        reply = self.recipient(address)
        if not reply:
            recipients.append(address)
        return f"{reply or '250 2.1.5 Ok'}\r\n".encode()

    async def take_message(self, reader, writer, kept, recipients, number):
        while not (kept.startswith(b".\r\n") or b"\r\n.\r\n" in kept):
            more = await reader.read(1 << 16)
            if not more:
                raise ConnectionError
            kept += more
        content, kept = (b"", kept[3:]) if kept.startswith(b".\r\n") else kept.split(b"\r\n.\r\n", 1)
        content = re.sub(rb"(\A|\r\n)\.", rb"\1", content + b"\r\n")
        await self.answer_message(writer, content, recipients, number)
        if not kept:
            return kept
        self.followers += 1
        if self.behind == "closed":
            await writer.drain()
            raise ConnectionError
        if self.behind == "refused":
            writer.write(b"503 5.5.1 not now\r\n" * kept.count(b"\r\n"))
        return kept if self.behind == "taken" else b""

    async def answer_message(self, writer, content, recipients, number):
        self.in_message += 1
        self.most_in_message = max(self.most_in_message, self.in_message)
        try:
            if self.delay:
                await asyncio.sleep(self.delay)
            while not self.may_answer.is_set():
                await asyncio.sleep(0.01)
            reply = self.message(recipients, content)
            if not reply:
                self.secure.append(writer.get_extra_info("ssl_object") is not None)
                self.taken.append(Taken(time.monotonic(), number, self.life, tuple(recipients), content))
            writer.write(f"{reply or '250 2.0.0 Ok: taken'}\r\n".encode())
            if self.resets:
                at_once = struct.pack("ii", 1, 0)  # the end of the connection is a reset
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
                raise ConnectionError
        finally:
            self.in_message -= 1
