"""How long others wait for a session while a server makes handshakes, or looks at passwords: see README.md, "With TLS".

usage: noop.py PORT SECONDS [handshakes TLS_PORT RATE | logins LOGIN_PORT USER PASSWORD CLIENTS]

Says NOOP in a plain session at PORT, one every 2 ms, and prints the median, the 99th percentile and the worst time of
the replies, in ms; and what was done meanwhile."""
import base64
import multiprocessing
import socket
import ssl
import statistics
import sys
import time


def connect(port):
    s = socket.create_connection(("127.0.0.1", port), timeout=30)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s, s.makefile("rb")


def reply(lines):
    while (line := lines.readline())[3:4] == b"-":
        pass
    return line


def say(s, lines, words):
    s.sendall(words.encode() + b"\r\n")
    return reply(lines)


def shake_hands(port, rate, until, done):
    context = ssl._create_unverified_context()
    context.options |= ssl.OP_NO_TICKET
    due = time.monotonic()
    while (now := time.monotonic()) < until:
        time.sleep(max(0, due - now))
        due = max(due + 1 / rate, time.monotonic() - 1)
        s, lines = connect(port)
        reply(lines)
        say(s, lines, "EHLO load.test")
        say(s, lines, "STARTTLS")
        context.wrap_socket(s).close()
        with done:
            done.value += 1


def log_in(port, user, password, until, done):
    words = "AUTH PLAIN " + base64.b64encode(f"\0{user}\0{password}".encode()).decode()
    while time.monotonic() < until:
        s, lines = connect(port)
        reply(lines)
        say(s, lines, "EHLO load.test")
        assert say(s, lines, words).startswith(b"235")
        s.close()
        with done:
            done.value += 1


def start_load(words, until, done):
    if not words:
        return []
    if words[0] == "handshakes":
        port, rate = int(words[1]), float(words[2])
        of_each = [(shake_hands, (port, rate / 4, until, done))] * 4
    else:
        of_each = [(log_in, (int(words[1]), words[2], words[3], until, done))] * int(words[4])
    load = [multiprocessing.Process(target=run, args=arguments) for run, arguments in of_each]
    for process in load:
        process.start()
    return load


def main():
    port, seconds = int(sys.argv[1]), float(sys.argv[2])
    done = multiprocessing.Value("i", 0)
    load = start_load(sys.argv[3:], time.monotonic() + seconds + 1, done)
    time.sleep(0.5)
    s, lines = connect(port)
    reply(lines)
    say(s, lines, "EHLO bench.test")
    took, end, before = [], time.monotonic() + seconds, done.value
    while time.monotonic() < end:
        start = time.perf_counter()
        assert say(s, lines, "NOOP").startswith(b"250")
        took.append((time.perf_counter() - start) * 1000)
        time.sleep(0.002)
    rate = (done.value - before) / seconds
    for process in load:
        process.join()
    print(f"{len(took)} NOOPs: median {statistics.median(took):.2f}, 99 % {statistics.quantiles(took, n=100)[98]:.2f}, "
          f"worst {max(took):.2f} ms; {rate:.0f} a second meanwhile")


main()
