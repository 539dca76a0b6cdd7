"""The log in its forms, as those who take it see it: a reader of JSON, rsyslog, systemd's journal."""
import json
import re
import subprocess

import pytest
from conftest import DOMAIN, PEERS, wait_for

SENDER = r'"o\"neil = id=1"@example.org'
EVENTS = {"ready", "accepted", "delivered", "refused", "ending", "ended"}


def run_through(server):
    """Something of each kind, then the end."""
    queue_id = server.send(f"alice@{DOMAIN}", "logged", sender=SENDER)
    server.wait_for_mail("alice")
    with server.client() as c:
        c.ehlo()
        c.mail("someone@example.org")
        assert c.rcpt(f"nobody@{DOMAIN}")[0] == 550
    server.stop()
    return queue_id


@pytest.fixture
def take_log(tmp_path):
    """Starts who takes the log, and waits for its socket."""
    running = []

    def start(socket, *command):
        running.append(subprocess.Popen([str(word) for word in command]))
        wait_for(socket.name, lambda: socket.is_socket() or running[0].poll() is not None, 60)  # it may be fetched
        assert running[0].poll() is None
        return socket
    yield start
    for process in running:
        process.kill()
        process.wait(10)


def test_json(make_server):
    s = make_server("log json")
    queue_id = run_through(s)
    lines = [json.loads(line) for line in s.log.read_text().splitlines()]
    assert EVENTS <= {line["event"] for line in lines}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]) for line in lines)
    accepted, = [line for line in lines if line["event"] == "accepted"]
    assert accepted["id"] == queue_id and accepted["from"] == SENDER
    assert accepted["recipients"] == 1 and accepted["bytes"] > 50 and accepted["level"] == "info"
    refused, = [line for line in lines if line["event"] == "refused"]
    assert refused["code"] == 550 and refused["to"] == f"nobody@{DOMAIN}"


def test_syslog(make_server, take_log, tmp_path):
    (tmp_path / "rsyslog.conf").write_text("""
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="/mnt/work/dev.log" RateLimit.Interval="0")
template(name="t" type="string" string="%syslogfacility-text% %syslogseverity-text% %programname% %procid%%msg%\\n")
action(type="omfile" file="/mnt/work/messages" template="t")
""")
    socket = take_log(tmp_path / "dev.log", PEERS / "unpacked.sh", "rsyslog", tmp_path, "-", "/usr/sbin/rsyslogd", "-n",
                      "-f", "/mnt/work/rsyslog.conf", "-i", "/mnt/work/pid")
    s = make_server(f"log syslog:{socket}")
    queue_id = run_through(s)
    text = wait_for("the last line", lambda: " ended " in (t := (tmp_path / "messages").read_text()) and t)
    lines = text.splitlines()
    assert EVENTS <= {line.split()[4] for line in lines}
    assert all(line.startswith(f"mail info plainpost {s.process.pid} ") for line in lines)
    assert f"mail info plainpost {s.process.pid} delivered id={queue_id} to=alice@{DOMAIN} attempts=1" in lines
    assert not s.log.read_text()


def test_the_journal(make_server, take_log, tmp_path):
    socket = take_log(tmp_path / "run" / "systemd" / "journal" / "socket", PEERS / "journald.sh", tmp_path)
    s = make_server(f"log journald:{socket}")
    queue_id = run_through(s)

    def entries():
        r = subprocess.run(["journalctl", "-D", tmp_path / "run" / "log" / "journal", "-t", "plainpost", "-o", "json"],
                           capture_output=True, text=True, timeout=30)
        found = [json.loads(line) for line in r.stdout.splitlines()]
        return "ended" in [e["PLAINPOST_EVENT"] for e in found] and found
    found = wait_for("the last entry", entries)
    assert EVENTS <= {e["PLAINPOST_EVENT"] for e in found}
    assert {(e["PRIORITY"], e["SYSLOG_FACILITY"]) for e in found} == {("6", "2")}
    accepted, = [e for e in found if e["PLAINPOST_EVENT"] == "accepted"]
    assert accepted["PLAINPOST_ID"] == queue_id and accepted["PLAINPOST_FROM"] == SENDER
    assert accepted["MESSAGE"].startswith(f"accepted id={queue_id} client=127.0.0.1")


def test_nobody_takes_the_log(make_server, tmp_path):
    s = make_server(f"log syslog:{tmp_path / 'nowhere'}")
    s.send(f"alice@{DOMAIN}")
    s.wait_for_mail("alice")
    s.stop()
    told = s.log.read_text()
    assert told.count("the log can't be written to") == 1 and re.search(r"\d lines of the log were lost", told)
