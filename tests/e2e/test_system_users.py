"""Users of the system, their .forward files, and commands: as root, in a name space in which /etc/passwd is the test's
own. Nothing of it is seen outside."""
import json
import os
import pathlib
import shutil
import signal
import smtplib
import subprocess
import tempfile
import time

import pytest

from conftest import DOMAIN, PLAINPOST, free_port, wait_for
from hop import Hop
from test_login import NO_DELAY, PASSWORD
from test_sending_on import AWAY, SENDER, report, sealed, sealing, send, senders  # noqa: F401, sealing: a fixture

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root can become other users")

HOST = "host.test"
ANN, BEN, RUNNER = 42001, 42002, 42003
MAIL_GROUP = 8


class System:
    """Homes, a mail spool as Debian has it, and what the server is started by."""

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="plainpost-users-"))
        self.root.chmod(0o755)
        self.spool = self.root / "spool"
        self.spool.mkdir()
        os.chown(self.spool, 0, MAIL_GROUP)
        self.spool.chmod(0o2775)
        passwd = "root:x:0:0::/root:/bin/sh\nmail:x:8:8::/var/mail:/usr/sbin/nologin\n"
        for name, uid in (("ann", ANN), ("ben", BEN), ("runner", RUNNER)):
            home = self.root / name
            home.mkdir()
            os.chown(home, uid, uid)
            passwd += f"{name}:x:{uid}:{uid}::{home}:/bin/sh\n"
        passwd += f"lost:x:42004:42004::{self.root}/not-there:/bin/sh\n"
        (self.root / "passwd").write_text(passwd)
        (self.root / "group").write_text(f"root:x:0:\nmail:x:{MAIL_GROUP}:\nann:x:{ANN}:\nextra:x:42100:ann\n")
        enter = self.root / "enter"
        enter.write_text(f"mount --bind {self.root}/passwd /etc/passwd && mount --bind {self.root}/group /etc/group "
                         '&& exec "$@"\n')
        self.prefix = ("unshare", "--mount", "--propagation", "private", "sh", str(enter))

    def file(self, user, name):
        return self.root / user / name

    def write(self, user, name, text, mode=0o600):
        path = self.file(user, name)
        path.write_text(text)
        owner = (self.root / user).stat()
        os.chown(path, owner.st_uid, owner.st_gid)
        path.chmod(mode)
        return path

    def box(self, user):
        path = self.spool / user
        return path.read_text() if path.exists() else ""


@pytest.fixture
def system():
    s = System()
    yield s
    shutil.rmtree(s.root)


@pytest.fixture
def start(make_server, system, tmp_path):
    def one(options="", aliases="", mailbox=f"mbox {system.spool}/%u", **arguments):
        (tmp_path / "aliases").write_text(aliases)
        users = f"alice@{DOMAIN}\nbob@{DOMAIN}\ndomain {HOST} system {mailbox} least-uid 40000\n"
        return make_server(f"deliver-as yes\naliases {tmp_path}/aliases\ncommand-user runner\nforward-files commands\n"
                           f"retry-first 1s\nretry-max 1s\n{options}", users=users, prefix=system.prefix, **arguments)
    return one


def failed(server, queue_id, count=1):
    """The words with which it failed, or was delayed."""
    server.wait_for_word(queue_id, "reported")
    return [e for s in server.stories(queue_id) for e in s["events"] if e["event"] in ("failed", "delayed")]


def test_a_notice_has_its_folder_there_too(start, system):
    s = start("file-notices phishing .Junk\n", mailbox="maildir ~/Maildir")
    s.wait_for_word(s.send(f"ann@{HOST}", "lunch"), "1 delivered")
    trick = ("Sign in to verify your account, or it will be closed within 24 hours: "
             f"https://login.host.invalid/?u=ann@{HOST}")
    story = s.wait_for_word(s.send(f"ann@{HOST}", "Your mailbox is full", trick, sender=""), "1 delivered")
    assert "judged phishing" in story
    box = system.file("ann", "Maildir")
    inbox, junk = [[p.read_text() for p in (box / d / "new").iterdir()] for d in ("", ".Junk")]
    assert len(inbox) == 1 and "lunch" in inbox[0] and len(junk) == 1 and "mailbox is full" in junk[0]
    assert {p.stat().st_uid for p in (box / ".Junk").rglob("*")} == {ANN}


def test_a_user_of_the_system_gets_mail_as_this_user(start, system):
    s = start()
    with s.client() as c:
        c.ehlo()
        c.mail("x@example.org")
        assert c.rcpt(f"root@{HOST}")[0] == 550 and c.rcpt(f"mail@{HOST}")[0] == 550
        assert c.rcpt(f"nobody-there@{HOST}")[0] == 550 and c.rcpt(f"ann+tag@{HOST}")[0] == 250
    s.wait_for_word(s.send(f"ann@{HOST}", "one"), "1 delivered")
    box = system.spool / "ann"
    assert (box.stat().st_uid, box.stat().st_gid, box.stat().st_mode & 0o007) == (ANN, MAIL_GROUP, 0)
    assert "Subject: one" in system.box("ann") and f"Delivered-To: ann@{HOST}" in system.box("ann")
    assert not (system.spool / "ann.lock").exists()
    lost = s.send(f"lost@{HOST}")  # the home may be on a disk that is not mounted now
    s.wait_for_word(lost, "delayed")
    assert "the home of the user lost" in s.log.read_text()
    s.audit()


def test_a_forward_file_sends_on(start, system):
    seen = system.file("ann", "seen")
    system.write("ann", ".forward", f"# my mail\n\\ann, alice@{DOMAIN}\n\"|cat > {seen}; id >> {seen}; env >> {seen}\"\n"
                                    f"{system.file('ann', 'archive')}\n")
    s = start(environment={"SECRET": "of the server"})
    queue_id = s.send(f"ann+tag@{HOST}", "hello", sender="x@example.org")
    s.wait_for_word(queue_id, "sent on by the user's .forward")
    mail, = s.wait_for_mail("alice")
    assert mail.get_all("Delivered-To") == [f"alice@{DOMAIN}", f"ann+tag@{HOST}"]
    wait_for("the others", lambda: "hello" in system.box("ann") and seen.exists() and "EXTENSION" in seen.read_text()
             and system.file("ann", "archive").exists())
    text = seen.read_text()
    assert text.startswith("From x@example.org ") and "\r" not in text and "Subject: hello\n" in text
    assert f"uid={ANN}(ann) gid={ANN}(ann) groups={ANN}(ann),42100(extra)\n" in text  # and not mail, nor root
    environment = dict(line.split("=", 1) for line in text.partition("groups=")[2].splitlines()[1:])
    assert environment.pop("PWD") == str(system.root / "ann")  # sh(1) makes these two
    environment.pop("_", None)
    assert environment == {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(system.root / "ann"), "USER": "ann",
                           "LOGNAME": "ann", "SHELL": "/bin/sh", "SENDER": "x@example.org", "LOCAL": "ann+tag",
                           "RECIPIENT": f"ann+tag@{HOST}", "DOMAIN": HOST, "EXTENSION": "tag"}
    wait_for("all to be done", lambda: not any(e["open"] for e in s.stories(f"ann+tag@{HOST}")))
    s.audit()

    # In a circle: ben sends to ann, and ann to ben.
    system.write("ann", ".forward", f"ben@{HOST}\n")
    system.write("ben", ".forward", f"ann@{HOST}\n")
    s.send(f"ann@{HOST}", "round and round", sender=f"bob@{DOMAIN}")
    notice, = s.wait_for_mail("bob")
    assert "circle" in notice.as_string()
    # What a target refuses is told under the address that the sender used.
    system.write("ann", ".forward", f"hidden@{DOMAIN}\n")
    s.send(f"ann@{HOST}", "to nobody", sender=f"bob@{DOMAIN}")
    notice = s.wait_for_mail("bob", 2)
    assert any(f"ann@{HOST}" in n.as_string() and "to nobody" in n.as_string() for n in notice)
    s.audit()


def test_what_a_forward_file_sends_on_is_sealed_and_comes_back(start, system, sealing):
    """As what an alias sends on: under a sender of ours, to whom reports are brought back."""
    options, key = sealing
    system.write("ann", ".forward", f"\\ann, {AWAY}\n")
    with Hop() as hop, Hop() as home:
        s = start(f"{options}srs srs.test\nroute away.test 127.0.0.1:{hop.port}\n"
                  f"route example.org 127.0.0.1:{home.port}\n")
        queue_id = send(s, f"ann@{HOST}")
        wait_for("the mail", lambda: hop.taken)
        content, (sender,) = hop.taken[0].content, senders(hop)
        assert sealed(content, key) and not sealed(content.replace(b"See you", b"See me"), key)
        results = " ".join(content.split(b"\r\nARC-Authentication-Results: ")[1].decode().split())
        assert results.startswith(f"i=1; mx.{DOMAIN}; spf=pass reason=\"example.org lets 127.0.0.1 send for it")
        assert sender.startswith("SRS0=") and sender.endswith("=example.org=alice@srs.test")
        wait_for("ann's own copy", lambda: "See you." in system.box("ann"))
        assert f"Return-Path: <{SENDER}>" in system.box("ann") and "ARC-Seal" not in system.box("ann")
        assert f"from {SENDER}" in s.wait_for_word(queue_id, "sent on by the user's .forward")
        report(s, sender)
        wait_for("the report", lambda: home.taken)
        assert list(home.taken[0].recipients) == [SENDER] and senders(home) == [""]
        s.audit()


def test_a_forward_file_that_changes_is_a_sign(start, system, tmp_path):
    """Of a break-in: it is noticed with the next mail that comes for the user, whatever was down meanwhile."""
    ann, logins, port = f"ann@{HOST}", tmp_path / "logins", free_port()
    (tmp_path / "user.conf").write_text(f"state {tmp_path}/state\nlogins {logins}\n")
    subprocess.run([PLAINPOST, "-c", tmp_path / "user.conf", "user", "add", ann], input=PASSWORD + "\n", text=True,
                   check=True, capture_output=True, timeout=60)
    with Hop() as hop:
        s = start(f"listen 127.0.0.1:{port} submission\nlogins {logins}\n{NO_DELAY}guard-accounts hold\n"
                  f"route * 127.0.0.1:{hop.port}\n")

        def write(to):
            with smtplib.SMTP("127.0.0.1", port, local_hostname="laptop.test", timeout=60) as c:
                c.login(ann, PASSWORD)
                c.sendmail(ann, to, f"From: {ann}\r\nSubject: hello\r\n\r\nHow are you?\r\n")

        def changes():
            history = json.loads(s.run("account", "show", ann, "--json"))["history"]
            return [(line["by"], line["why"]) for line in history if line["what"] == "changed"][::-1]
        write("friend@elsewhere.test")
        wait_for("her first mail", lambda: hop.taken)
        expected = []
        for forward, words, why in (
                (None, "1 delivered", None),
                ("\\ann, thief@elsewhere.test\n", "sent on by", "its mail goes to thief@elsewhere.test now"),
                ("thief@elsewhere.test, ann\n", "sent on by", None),
                ("|cat > /dev/null\n", "sent on by", "its mail goes to the command cat > /dev/null now"),
                (None, "1 delivered", None),
                (f"bob@{DOMAIN}, alice@{DOMAIN}\n", "sent on by", f"its mail goes to bob@{DOMAIN} and others now")):
            if why == "its mail goes to thief@elsewhere.test now":
                s.kill()
            system.file("ann", ".forward").unlink(missing_ok=True)
            if forward:
                system.write("ann", ".forward", forward)
            if why == "its mail goes to thief@elsewhere.test now":
                s.start()
            s.wait_for_word(s.send(ann), words)
            expected += [(".forward", why)] if why else []
            assert wait_for("the change", lambda: changes() == expected), (forward, changes())
        system.write("ann", ".forward", "other@elsewhere.test\n", 0o620)  # is not followed, so it leads nowhere
        s.wait_for_word(s.send(ann), "delayed")
        assert changes() == expected
        write([f"stranger{i}@victim.test" for i in range(9)])
        story = wait_for("the guard", lambda: "slowed, leaves in" in (story := s.run("trace", "stranger8@victim.test"))
                         and story)
        assert "the forwarding or the filters of this account were changed" in " ".join(story.split())
        assert system.box("ann").count("Subject: Your mail is now sent on elsewhere") == 1  # and there alone
        assert "Your mail is now" not in str(hop.taken) and len(hop.taken) > 1
        s.audit()


def test_a_forward_file_that_others_can_write_is_not_followed(start, system):
    s = start()
    system.write("ann", ".forward", f"alice@{DOMAIN}\n", 0o620)
    group = s.send(f"ann@{HOST}", "group can write")
    s.wait_for_word(group, "delayed")
    target = system.write("ben", "target", f"alice@{DOMAIN}\n")
    system.file("ben", ".forward").symlink_to(target)
    link = s.send(f"ben@{HOST}", "a link")
    s.wait_for_word(link, "delayed")
    log = s.log.read_text()
    assert "others than its owner can write it" in log and "it is a symbolic link" in log
    assert not s.mailbox("alice") and not system.box("ann")
    system.write("ann", ".forward", f"alice@{DOMAIN}\n", 0o600)
    s.wait_for_mail("alice")
    system.file("ben", ".forward").unlink()
    wait_for("ben's mail", lambda: "a link" in system.box("ben"))
    # A command that the user has taken back is not run any more.
    system.write("ann", ".forward", f"\"|echo no; touch {system.root}/ann/ran; exit 75\"\n")
    queue_id = s.send(f"ann@{HOST}", "command")
    s.wait_for_word(queue_id, "sent on")
    wait_for("the command", (system.root / "ann" / "ran").exists)
    system.write("ann", ".forward", "\\ann\n")
    wait_for("the mailbox", lambda: "command" in system.box("ann"))
    s.audit()


def test_commands_of_aliases_have_limits_and_tell_why(start, system):
    work = system.root / "runner"
    aliases = f"""
ok: "|cat > {work}/ok; id > {work}/id"
full: "|echo the archive is full; exit 69"
coded: "|echo 5.7.1 not from you; exit 1"
nouser: "|exit 67"
later: "|test -e {work}/now && exit 0; echo not now; exit 75"
missing: "|/no/such/program"
slow: "|sleep 300 & echo $! > {work}/sleeping; echo $$ > {work}/shell; wait"
loud: "|yes | head -c 3000000; exit 65"
"""
    s = start("command-time 1s\nexpire 1m\n", aliases)
    s.wait_for_word(s.send(f"ok@{DOMAIN}", "for the command"), "1 delivered")
    assert "Subject: for the command" in (work / "ok").read_text()
    assert f"uid={RUNNER}(runner) gid={RUNNER} groups={RUNNER}" in (work / "id").read_text()
    ids = {name: s.send(f"{name}@{DOMAIN}", name) for name in ("full", "coded", "nouser", "later", "missing", "slow", "loud")}
    full = failed(s, ids["full"])[-1]
    assert (full["event"], full["status"], full["words"]) == ("failed", "5.3.0", "the archive is full")
    coded = failed(s, ids["coded"])[-1]
    assert (coded["status"], coded["words"]) == ("5.7.1", "not from you")
    nouser = failed(s, ids["nouser"])[-1]
    assert (nouser["status"], nouser["cause"]) == ("5.1.1", "address-not-found")
    loud = failed(s, ids["loud"])[-1]
    assert loud["status"] == "5.6.0" and len(loud["words"]) < 5000
    trace = s.wait_for_word(ids["later"], "not now")
    assert "delayed" in trace
    (work / "now").touch()
    s.wait_for_word(ids["later"], "1 delivered")
    assert "4.3.5" in s.wait_for_word(ids["missing"], "delayed")
    s.wait_for_word(ids["slow"], "took too long")
    for name in ("sleeping", "shell"):
        pid = int((work / name).read_text())
        wait_for(f"the end of {name}", lambda: not pathlib.Path(f"/proc/{pid}").exists() or
                 (work / name).read_text().strip() != str(pid))
    s.audit()


def test_it_ends_and_starts_while_a_command_runs(start, system):
    work = system.root / "runner"
    s = start(aliases=f"long: \"|echo $$ > {work}/pid; exec sleep 60\"\n")
    s.send(f"long@{DOMAIN}")
    pid = int(wait_for("the command", lambda: (work / "pid").exists() and (work / "pid").read_text()))
    began = time.monotonic()
    s.kill()  # the helper ends by itself
    os.kill(pid, signal.SIGKILL)
    s.start()
    pid = int(wait_for("the next try", lambda: (t := (work / "pid").read_text()) and t != f"{pid}\n" and t))
    os.kill(pid, signal.SIGKILL)
    assert time.monotonic() - began < 15
    s.audit()


def test_it_is_off_unless_configured(system, make_server, tmp_path):
    s = make_server()
    children = pathlib.Path(f"/proc/{s.process.pid}/task/{s.process.pid}/children").read_text()
    assert not children.split()
    s.users_file.write_text(s.users + f"domain {HOST} system\n")
    r = s.run("config", "check", check=False)
    assert r.returncode == 1 and "deliver-as yes" in r.stdout + r.stderr
    s.users_file.write_text(s.users)
    (tmp_path / "aliases").write_text("x: |true\n")
    s.config.write_text(s.config.read_text() + f"aliases {tmp_path}/aliases\n")
    r = s.run("config", "check", check=False)
    assert r.returncode == 1 and "command-user" in r.stdout + r.stderr
