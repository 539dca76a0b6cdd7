"""sendmail(1), mailq, newaliases and the drop folder: with the programs that use them, without the server, against
hostile files, and through kills."""
import email.message
import os
import pathlib
import random
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import time

import pytest
from conftest import DOMAIN, PLAINPOST, ROOT, NextHop, Server, wait_for
from test_main_job import report_of

REAL_MAIL = sorted((ROOT / "tests" / "mail").glob("*.eml"))
USERS = f"domain {DOMAIN}\nalice@{DOMAIN}\nbob@{DOMAIN}\ndomain mx.{DOMAIN}\nroot@mx.{DOMAIN}\n"
EX_OK, EX_USAGE, EX_DATAERR, EX_NOUSER, EX_UNAVAILABLE, EX_TEMPFAIL, EX_CONFIG = 0, 64, 65, 67, 69, 75, 78
NOBODY, NO_ACCOUNT = 65534, 54321

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="other users are tried as root only")


class Program:
    """The program under its other names, with its configuration from the environment."""

    def __init__(self, server, folder=None):
        self.folder = folder or server.work
        self.environment = {**os.environ, "PLAINPOST_CONFIG": str(server.config), "HOME": str(self.folder)}
        for name in ("sendmail", "mailq", "newaliases"):
            (self.folder / name).symlink_to(PLAINPOST)
        self.path = self.folder / "sendmail"

    def run(self, command, text="", uid=None):
        before = ["setpriv", "--reuid", str(uid), "--regid", str(uid), "--clear-groups"] if uid else []
        text = text if isinstance(text, bytes) else text.encode()
        return subprocess.run([*before, *command], input=text, capture_output=True, timeout=60, cwd=self.folder,
                              env=self.environment)

    def __call__(self, *words, text="", name="sendmail", uid=None):
        r = self.run([self.folder / name, *words], text, uid)
        r.stdout, r.stderr = r.stdout.decode(), r.stderr.decode()
        return r

    def hand_in(self, *words, text, **arguments):
        r = self(*words, text=text, **arguments)
        assert r.returncode == 0 and not r.stderr, r.stderr


@pytest.fixture
def server(make_server):
    return make_server(users=USERS)


@pytest.fixture
def sendmail(server):
    return Program(server)


def folder_of(server):
    return server.state / "drop"


def waiting(server):
    return sorted(folder_of(server).glob("mail-*"))


def drop_file(server, text, name="mail-test"):
    """As a program would that does without sendmail."""
    new = folder_of(server) / f"new-{name}"
    new.write_bytes(text if isinstance(text, bytes) else text.encode())
    new.rename(folder_of(server) / name)


def envelope(message, to=f"bob@{DOMAIN}", sender=f"alice@{DOMAIN}"):
    return f"plainpost-drop 1\nfrom <{sender}>\nto <{to}>\nmessage {len(message.encode())}\n{message}"


def log_of(server):
    return server.log.read_text(errors="replace")


# ---- what is sent

def test_a_message_with_recipients_as_arguments(server, sendmail):
    sendmail.hand_in("-f", f"alice@{DOMAIN}", f"bob@{DOMAIN}", text="Subject: hello\n\nfirst\n..\nlast\n")
    message, = server.wait_for_mail("bob")
    assert message["Return-Path"] == f"<alice@{DOMAIN}>"
    assert message["From"] == f"alice@{DOMAIN}" and message["Date"] and message["Message-ID"]
    assert f"by mx.{DOMAIN} (from local user" in message["Received"]
    assert message.get_content() == "first\n..\nlast\n"
    story = server.run("trace", message["Message-ID"])
    assert re.search(r"accepted from local user \S+ \(uid \d+\) for bob", story), story
    server.audit()


def test_recipients_of_the_header(server, sendmail):
    sendmail.hand_in("-t", "-F", "Jürgen", "-f", f"alice@{DOMAIN}", text=(
        f"To: =?utf-8?Q?a=2C_b?= <bob@{DOMAIN}>, undisclosed:;\nCc: \"Liddell, Alice\" <alice@{DOMAIN}>\n"
        f"Bcc: root\nSubject: three\n\nx\n.\nnot this\n"))
    for user in ("alice", "bob"):
        message, = server.wait_for_mail(user)
        assert message["Bcc"] is None and "root@" not in message.as_string()
        assert message["From"].addresses[0].display_name == "Jürgen"
        assert message.get_content() == "x\n"
    story, = server.stories(f"root@mx.{DOMAIN}")
    assert len(story["recipients"]) == 3 and story["from"] == f"alice@{DOMAIN}"
    server.audit()


@pytest.mark.parametrize("words", [("-i",), ("-oi",), ("-ti",)])
def test_a_lone_dot_may_be_text(server, sendmail, words):
    sendmail.hand_in(*words, f"bob@{DOMAIN}", text="Subject: x\n\na\n.\nb\n")
    message, = server.wait_for_mail("bob")
    assert message.get_content() == "a\n.\nb\n"


@pytest.mark.parametrize("path", REAL_MAIL, ids=lambda p: p.stem)
def test_real_mail_stays_as_it_is(server, sendmail, path):
    original = path.read_bytes().replace(b"\r\n", b"\n")
    sendmail.hand_in("-i", "-f", "", f"bob@{DOMAIN}", text=original)
    kept = wait_for("the message", lambda: server.mailbox("bob"))[0].read_bytes()
    kept_header, kept_body = kept.split(b"\n\n", 1)
    if not re.match(rb"[!-9;-~]+:", original):  # it has no header
        assert kept_body.strip(b"\n") == original.strip(b"\n")
        return
    header, _, body = original.partition(b"\n\n")
    assert kept_body == body or kept_body == body + b"\n"
    for line in header.split(b"\n"):
        assert line in kept_header or line.startswith((b"Return-Path", b"Bcc")), line


def test_what_mail_cannot_carry_becomes_a_blank(server, sendmail):
    sendmail.hand_in("-t", text=f"Subject: x\rBcc: root\nTo: bob@{DOMAIN}\n\n10%\r20%\0\n".encode())
    message, = server.wait_for_mail("bob")
    assert message["Subject"] == "x Bcc: root" and message.get_content() == "10% 20% \n"
    assert len(server.stories(f"bob@{DOMAIN}")[0]["recipients"]) == 1


def test_what_the_sender_wants_to_know(server, sendmail):
    sendmail.hand_in("-N", "never", "-f", f"alice@{DOMAIN}", f"nobody@{DOMAIN}", text="\nnot told\n")
    sendmail.hand_in("-N", "failure,delay", "-R", "hdrs", "-V", "trip=1", "-f", f"alice@{DOMAIN}",
                     f"nobody@{DOMAIN}", text="Subject: told\n\nthe body\n")
    notice, = server.wait_for_mail("alice")
    _, per_message, (recipient,), returned = report_of(notice)
    assert per_message["Original-Envelope-Id"] == "trip=1" and recipient["Status"] == "5.1.1"
    assert "told" in notice["Subject"] and "the body" not in returned.as_string()
    wait_for("both stories", lambda: len([s for s in server.stories(f"nobody@{DOMAIN}") if not s["open"]]) == 2)
    assert len(server.mailbox("alice")) == 1
    server.audit()


def test_the_default_sender_is_the_user(server, sendmail):
    sendmail.hand_in("nobody@" + DOMAIN, text="Subject: x\n\n")
    name = subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip()
    story, = wait_for("the story", lambda: server.stories(f"nobody@{DOMAIN}"))
    assert story["from"] == f"{name}@mx.{DOMAIN}"


# ---- what is refused at once

@pytest.mark.parametrize("words, text, status, told", [
    ((), "x", EX_USAGE, "recipients are wanted"),
    (("-z", "bob"), "x", EX_USAGE, "no flag -z"),
    (("-bd",), "", EX_USAGE, "plainpost serve"),
    (("-f", "a b", "bob"), "", EX_USAGE, "-f takes one address"),
    (("-t",), "Subject: x\n\n", EX_DATAERR, "names no recipients"),
    (("-t",), "To: bob, a b c\n\n", EX_DATAERR, "in To: this is no address: a b c"),
    (("bob",), "Received: x\n" * 51 + "\n", EX_UNAVAILABLE, "circle"),
    (("bob",), "X: " + "x" * 300000 + "\n\n", EX_DATAERR, "header"),
    (("bob",), "\n" + "x" * 80000, EX_DATAERR, "too large"),
    (("-C", "/nonexistent/plainpost.conf", "bob"), "", EX_CONFIG, "/nonexistent/plainpost.conf"),
], ids=["nobody", "flag", "daemon", "sender", "no-recipient", "address", "loop", "header", "size", "configuration"])
def test_what_cannot_be_sent_is_told_at_once(make_server, words, text, status, told):
    s = make_server("max-message-size 70KB" if len(text) == 80001 else "", users=USERS)
    r = Program(s)(*words, text=text)
    assert r.returncode == status and told in r.stderr, (r.returncode, r.stderr)
    assert not list(folder_of(s).glob("*-*"))


def test_verifying_and_the_other_names(server, sendmail):
    r = sendmail("-bv", f"bob@{DOMAIN}")
    assert r.returncode == 0 and r.stdout == f"bob@{DOMAIN} is deliverable\n"
    r = sendmail("-bv", f"bob@{DOMAIN}", f"zelda@{DOMAIN}", "x@example.net")
    assert r.returncode == EX_NOUSER and "check the spelling" in r.stdout and "no route" in r.stdout
    for words, name in (((), "newaliases"), (("-bi",), "sendmail")):
        r = sendmail(*words, name=name)
        assert r.returncode == 0 and "by itself" in r.stdout
    for words, name in (((), "mailq"), (("-bp",), "sendmail")):
        r = sendmail(*words, name=name)
        assert r.returncode == 0 and "empty" in r.stdout
    assert sendmail("-q").returncode == 0
    server.stop()
    assert sendmail(name="mailq").returncode == EX_UNAVAILABLE


def test_the_configuration_is_found(server, sendmail):
    del sendmail.environment["PLAINPOST_CONFIG"]
    sendmail.hand_in("-C", str(server.config), f"bob@{DOMAIN}", text="\none\n")
    r = subprocess.run([PLAINPOST, "-c", server.config, "sendmail", f"bob@{DOMAIN}"], input=b"\ntwo\n", timeout=20)
    assert r.returncode == 0
    server.wait_for_mail("bob", 2)


# ---- SMTP on standard input and output

def test_smtp_on_standard_input(server, sendmail):
    r = sendmail("-bs", text=f"EHLO client.test\r\nMAIL FROM:<alice@{DOMAIN}>\r\nRCPT TO:<bob@{DOMAIN}>\r\n"
                             f"RCPT TO:<zelda@{DOMAIN}>\r\nDATA\r\nSubject: by pipe\r\n\r\nx\r\n.\r\n")
    codes = re.findall(r"^(\d+) ", r.stdout, re.M)
    assert r.returncode == 0 and codes == ["220", "250", "250", "250", "550", "354", "250", "221"], r.stdout
    message, = server.wait_for_mail("bob")
    assert message["Subject"] == "by pipe"
    server.stop()
    r = sendmail("-bs")
    assert r.returncode == EX_TEMPFAIL and r.stdout.startswith("421 4.3.2 ") and r.stdout.endswith("\r\n")


def test_smtp_is_a_conversation(server, sendmail):
    with subprocess.Popen([sendmail.path, "-bs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          env=sendmail.environment) as p:
        for say, hear in ((None, b"220 "), (b"HELO x\r\n", b"250 "), (b"NOOP\r\n", b"250 "), (b"QUIT\r\n", b"221 ")):
            if say:
                p.stdin.write(say)
                p.stdin.flush()
            assert p.stdout.readline().startswith(hear)
        assert p.wait(10) == 0  # although its input is still open


# ---- programs

def program(name, package):
    assert shutil.which(name), f"these tests need {name}; please install it: apt-get install {package}"
    return name


def test_cron(server, sendmail):
    sendmail.hand_in("-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root", text=(
        "From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@desk> backup\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\nX-Cron-Env: <SHELL=/bin/sh>\n\n"
        "fertig: übertragen\n.\n"))
    path = wait_for("the message", lambda: list((server.mail / f"mx.{DOMAIN}" / "root" / "new").glob("*")))[0]
    text = path.read_text()
    assert f"From: root@mx.{DOMAIN} (Cron Daemon)\nTo: root@mx.{DOMAIN}\n" in text
    assert text.endswith("\n\nfertig: übertragen\n.\n")


def test_mutt(server, sendmail):
    r = sendmail.run([program("mutt", "mutt"), "-n", "-F", "/dev/null",
                      "-e", f'set sendmail="{sendmail.path} -oem -oi"', "-e", f'set from="Alice <alice@{DOMAIN}>"',
                      "-e", "set copy=no use_from=yes use_envelope_from=yes",
                      "-s", "Grüße", "-b", f"alice@{DOMAIN}", "-a", str(ROOT / "LICENSE"), "--", f"bob@{DOMAIN}"],
                     "von mutt\n.\nEnde\n")
    assert r.returncode == 0, r.stdout + r.stderr
    message, = server.wait_for_mail("bob")
    server.wait_for_mail("alice")
    body, attachment = message.iter_parts()
    assert message["Subject"] == "Grüße" and message["Return-Path"] == f"<alice@{DOMAIN}>"
    assert message["Bcc"] is None and body.get_content() == "von mutt\n.\nEnde\n"
    assert attachment.get_payload(decode=True) == (ROOT / "LICENSE").read_bytes()


def test_mailx(server, sendmail):
    r = sendmail.run([program("s-nail", "s-nail"), "-:/", "-S", f"mta={sendmail.path}", "-S", "ttycharset=utf-8",
                      "-r", f"alice@{DOMAIN}", "-s", "disk is full", f"bob@{DOMAIN}"], "98 % of /\n")
    assert r.returncode == 0, r.stderr
    message, = server.wait_for_mail("bob")
    assert message["Subject"] == "disk is full" and message.get_content() == "98 % of /\n"


def test_git_send_email(server, sendmail):
    program("git", "git")
    git = ["git", "-c", "user.name=Alice", "-c", f"user.email=alice@{DOMAIN}", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "none"]):
        assert sendmail.run([*git, *command]).returncode == 0
    (sendmail.folder / "birds").write_text("heron\n.\nFrom here on\n")
    for command in (["add", "birds"], ["commit", "-q", "-m", "Über Vögel"], ["format-patch", "-q", "-1", "-o", "out"]):
        assert sendmail.run([*git, *command]).returncode == 0
    patch, = (sendmail.folder / "out").glob("*.patch")
    r = sendmail.run([*git, "send-email", f"--smtp-server={sendmail.path}", f"--to=Bob <bob@{DOMAIN}>", "--quiet",
                      "--confirm=never", "--suppress-cc=all", f"--envelope-sender=alice@{DOMAIN}", str(patch)])
    assert r.returncode == 0, r.stdout + r.stderr  # fails, with advice, where git-email is not installed
    message, = server.wait_for_mail("bob")
    assert message["Subject"] == "[PATCH] Über Vögel" and "\n+heron\n+.\n+From here on\n" in message.get_content()


@pytest.mark.skipif(not shutil.which("php"), reason="PHP is large; its mail() is tried where it is installed")
def test_php(server, sendmail):
    r = sendmail.run(["php", "-d", f"sendmail_path={sendmail.path} -t -i", "-r", f"""
        exit(mail("Bob <bob@{DOMAIN}>", "from PHP", "one\\n.\\ntwo\\n",
                  "From: alice@{DOMAIN}\\r\\nBcc: root", "-falice@{DOMAIN}") ? 0 : 1);"""])
    assert r.returncode == 0, r.stdout + r.stderr
    message, = server.wait_for_mail("bob")
    assert message["Subject"] == "from PHP" and message.get_content().rstrip() == "one\n.\ntwo"
    assert message["Return-Path"] == f"<alice@{DOMAIN}>"
    assert len(server.stories(f"bob@{DOMAIN}")[0]["recipients"]) == 2


def test_python(server, sendmail):
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Subject"] = f"alice@{DOMAIN}", f"Bob <bob@{DOMAIN}>", "from Python"
    message.set_content("long " * 3000 + "\n", cte="8bit")
    sendmail.hand_in("-t", "-oi", text=message.as_bytes())
    got, = server.wait_for_mail("bob")
    assert got.get_content() == "long " * 3000 + "\n"


# ---- the folder

def test_mail_is_kept_while_no_server_runs(make_server):
    s = make_server(users=USERS)
    sendmail = Program(s)
    s.stop()
    for n in range(5):
        sendmail.hand_in("-f", f"alice@{DOMAIN}", f"bob@{DOMAIN}", text=f"Subject: {n}\n\n")
    files = waiting(s)
    assert len(files) == 5 and not list(folder_of(s).glob("new-*"))
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o640 for p in files)
    s.start()
    assert {m["Subject"] for m in s.wait_for_mail("bob", 5)} == {str(n) for n in range(5)}
    assert not waiting(s)
    s.audit()


def test_a_folder_that_is_missing_is_told_of(server, sendmail):
    server.stop()
    shutil.rmtree(folder_of(server))
    r = sendmail("bob", text="x")
    assert r.returncode == EX_UNAVAILABLE and "no folder" in r.stderr


@only_root
def test_every_user_may_hand_in_where_it_is_configured():
    """The server is an ordinary user of its own; root and another user hand in, and can't look inside."""
    serves_as = NO_ACCOUNT + 1
    with tempfile.TemporaryDirectory() as name:
        work, private = pathlib.Path(name), pathlib.Path(name) / "server"
        work.chmod(0o755)
        private.mkdir(0o700)
        shutil.copy(PLAINPOST, work / "plainpost")
        spool = work / "spool"
        spool.mkdir()
        s = Server(work, f"drop {spool}/drop", users=USERS)
        s.config.write_text(s.config.read_text().replace(f"state {s.state}", f"state {private}/state")
                            .replace(f"mailboxes {s.mail}", f"mailboxes {private}/mail"))
        s.state, s.mail = private / "state", private / "mail"
        for path in (private, spool):
            os.chown(path, serves_as, serves_as)
        s.command = ["setpriv", "--reuid", str(serves_as), "--regid", str(serves_as), "--clear-groups",
                     work / "plainpost", "-c", s.config, "serve"]
        s.start()
        try:
            check_users_of_a_common_folder(s, Program(s, work), spool / "drop")
            s.audit()
        finally:
            status = s.stop()
        assert status == 0 and "Sanitizer" not in log_of(s), log_of(s)[-3000:]


def check_users_of_a_common_folder(s, sendmail, folder):
    for name in ("sendmail", "mailq", "newaliases"):
        (sendmail.folder / name).unlink()
        (sendmail.folder / name).symlink_to(sendmail.folder / "plainpost")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o3733
    for n, uid in enumerate((0, NOBODY)):
        sendmail.hand_in(f"bob@{DOMAIN}", text=f"Subject: from {uid}\n\n", uid=uid)
        s.wait_for_mail("bob", n + 1)
    received = {m["Subject"]: (m["Return-Path"], m["Received"]) for m in s.messages("bob")}
    for uid, name in ((0, "root"), (NOBODY, "nobody")):
        sender, trace = received[f"from {uid}"]
        assert sender == f"<{name}@mx.{DOMAIN}>" and f"(from local user {name} (uid {uid}))" in trace
    r = sendmail(f"bob@{DOMAIN}", text="x", uid=NO_ACCOUNT)
    assert r.returncode == 71 and "no account" in r.stderr
    # What waits is its owner's and the server's alone.
    s.process.send_signal(signal.SIGSTOP)
    sendmail.hand_in(f"bob@{DOMAIN}", text="Subject: secret\n\n")
    path, = folder.glob("mail-*")
    for command in (["ls", folder], ["cat", path], ["rm", "-f", path], ["mv", path, folder / "mail-mine"],
                    ["ls", folder / "taken"]):
        assert sendmail.run(command, uid=NOBODY).returncode != 0, command
    s.process.send_signal(signal.SIGCONT)
    s.wait_for_mail("bob", 3)


def test_hostile_files_do_no_harm(server, sendmail, tmp_path):
    folder, refused = folder_of(server), folder_of(server) / "refused"
    secret = tmp_path / "secret"
    secret.write_text(envelope("Subject: secret\n\n"))
    whole = envelope("Subject: x\n\nx\n")
    (folder / "mail-symlink").symlink_to(secret)
    os.mkfifo(folder / "mail-fifo")
    (folder / "mail-folder").mkdir()
    (folder / "mail-folder" / "inside").touch()
    os.link(secret, folder / "mail-link")
    drop_file(server, "", "mail-empty")
    drop_file(server, os.urandom(5000), "mail-random")
    drop_file(server, whole[:-1], "mail-short")
    drop_file(server, whole + "x", "mail-long")
    drop_file(server, whole.replace("to <bob", "to <bob\0"), "mail-nul")
    drop_file(server, whole, "mail-" + "x" * 200)  # a name that no program of ours gives
    with open(folder / "new-sparse", "wb") as f:
        f.truncate(1 << 40)
    (folder / "new-sparse").rename(folder / "mail-sparse")
    if os.geteuid() == 0:
        drop_file(server, whole, "new-stranger")
        os.chown(folder / "new-stranger", NO_ACCOUNT, NO_ACCOUNT)
        (folder / "new-stranger").rename(folder / "mail-stranger")
    drop_file(server, whole.replace("Subject: x", "Subject: y"), "mail-good")
    message, = server.wait_for_mail("bob")
    assert message["Subject"] == "y"
    expected = 10 + (os.geteuid() == 0)
    wait_for("all to be set aside", lambda: len(list(refused.iterdir())) >= expected)
    assert [p.name for p in folder.iterdir() if p.name.startswith("mail-")] == ["mail-" + "x" * 200]
    assert secret.read_text() and not list((folder / "taken").iterdir())
    assert len(re.findall("warning drop-refused", log_of(server))) == expected
    assert len(server.mailbox("bob")) == 1
    server.audit()


def test_what_the_server_cannot_take_comes_back(make_server):
    s = make_server("max-hops 10", users=USERS)
    drop_file(s, envelope("Subject: round and round\n" + "Received: x\n" * 11 + "\nx\n"))
    notice, = s.wait_for_mail("alice")
    text, _, (recipient,), returned = report_of(notice)
    assert "round and round" in notice["Subject"] and recipient["Status"] == "5.4.6"
    assert "runs in a circle" in " ".join(text.split())
    assert len(list((folder_of(s) / "refused").iterdir())) == 1 and not s.mailbox("bob")
    s.audit()


def test_what_a_dead_program_left_is_sent_if_it_is_whole(server, sendmail):
    folder, whole = folder_of(server), envelope("Subject: left behind\n\n")
    for name, text, age in (("new-young", whole, 60), ("new-old", whole, 3700), ("new-half", whole[:-5], 3700)):
        (folder / name).write_text(text)
        os.utime(folder / name, (time.time() - age,) * 2)
    sendmail.hand_in(f"alice@{DOMAIN}", text="\n")
    message, = server.wait_for_mail("bob")
    assert message["Subject"] == "left behind"
    wait_for("the half one to be set aside", lambda: list((folder / "refused").iterdir()))
    assert [p.name for p in folder.glob("*-*")] == ["new-young"]
    assert len(server.mailbox("bob")) == 1


# ---- crashes

def test_a_crash_before_the_commit_loses_nothing(server):
    server.kill()
    (folder_of(server) / "taken" / "1k136w6qen9").write_text(envelope("Subject: taken\n\n"))
    server.start()
    message, = server.wait_for_mail("bob")
    assert message["Subject"] == "taken"
    wait_for("the file to go", lambda: not waiting(server) and not list((folder_of(server) / "taken").iterdir()))
    server.audit()


@pytest.mark.parametrize("is_finished", [True, False])
def test_a_crash_after_the_commit_doubles_nothing(make_server, is_finished):
    to = f"bob@{DOMAIN}" if is_finished else "bob@partner.test"
    s = make_server("route partner.test 127.0.0.1:9\nretry-first 1h", users=USERS)
    queue_id = s.send(to)
    s.wait_for_word(queue_id, "delivered" if is_finished else "delayed")
    s.kill()
    (folder_of(s) / "taken" / queue_id).write_text(envelope("Subject: again\n\n", to=to))
    s.start()
    wait_for("the file to go", lambda: not list((folder_of(s) / "taken").iterdir()))
    time.sleep(0.5)
    assert not waiting(s) and len(s.stories(to)) == 1
    s.audit()


def test_kills_neither_lose_nor_double(tmp_path):
    """The next hop comes up at the end only, so that what arrives tells how often each message was accepted."""
    hop = NextHop(tmp_path)
    hop.stop()
    s = Server(tmp_path, f"route partner.test 127.0.0.1:{hop.port}\nretry-first 1h\n", users=USERS).start()
    sendmail, seed = Program(s), random.randrange(1 << 30)
    print("seed", seed)
    chance = random.Random(seed)
    # 44 by the program, and 13 before each of 12 kills as another program would.
    script = "for n in $(seq {0} {1}); do printf 'Subject: %s\\n\\n' $n | ./sendmail -f alice@{2} bob@partner.test " \
             "|| exit 1; done"
    writers = [subprocess.Popen(["sh", "-c", script.format(first, first + 10, DOMAIN)], cwd=sendmail.folder,
                                env=sendmail.environment) for first in (0, 11, 22, 33)]
    for kill in range(12):
        for n in range(44 + 13 * kill, 44 + 13 * (kill + 1)):
            drop_file(s, envelope(f"Subject: {n}\n\n", to="bob@partner.test"), f"mail-{n}")
        time.sleep(chance.uniform(0, 0.1))
        s.kill()
        s.start()
    assert all(w.wait(120) == 0 for w in writers)
    wait_for("all to be taken", lambda: not waiting(s) and not list((folder_of(s) / "taken").iterdir()), 60)
    hop = NextHop(tmp_path, "--listen", f"127.0.0.1:{hop.port}")
    try:
        s.run("queue", "retry", "--all", "--yes")
        wait_for("200 messages", lambda: len(hop.messages()) >= 200, 60)
        wait_for("an empty queue", lambda: "empty" in s.run("queue", "list"))
        subjects = [re.search(rb"^Subject: (\d+)", p.read_bytes(), re.M)[1] for p in hop.messages()]
        assert len(subjects) == len(set(subjects)) == 200, seed
        assert re.search(r"accepted +200\n", s.audit())
    finally:
        hop.stop()
        assert s.stop() == 0 and "Sanitizer" not in log_of(s)
