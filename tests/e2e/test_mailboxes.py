"""Mailboxes that other programs use too, each with the real one."""
import mailbox
import os
import pathlib
import shutil
import subprocess

import pytest

from conftest import DOMAIN, wait_for

needs_doveadm = pytest.mark.skipif(not shutil.which("doveadm"), reason="needs Debian's package dovecot-core")


class Doveadm:
    """Dovecot on a Maildir of ours, through its command line: its quota is that of maildirsize."""
    CONFIG = """
base_dir = {work}/run
log_path = {work}/log
ssl = no
default_internal_user = root
default_internal_group = root
first_valid_uid = 1
mail_uid = {user}
mail_gid = {user}
mail_location = maildir:{box}
mail_plugins = quota
plugin {{
  quota = maildir:User quota
  quota_rule = *:storage={storage}
  quota_rule2 = Trash:ignore
}}
"""

    USER = 1000  # it does not work as root: so the files of root are made to look like this user's

    def __init__(self, work, box, storage):
        work.mkdir()
        self.file = work / "dovecot.conf"
        self.file.write_text(self.CONFIG.format(work=work, box=box, storage=storage, user=self.USER))

    def run(self, *words, text=None):
        r = subprocess.run(["unshare", "--user", f"--map-user={self.USER}", f"--map-group={self.USER}", "doveadm", "-c", self.file, *words], input=text, text=True, capture_output=True, timeout=20,
                           env={**os.environ, "HOME": str(self.file.parent), "USER": "carol"})
        assert r.returncode == 0, r.stderr
        return r.stdout

    def usage(self):
        """Messages, KB."""
        rows = [line.split("\t") for line in self.run("-f", "tab", "quota", "get").splitlines()[1:]]
        used = {row[1]: int(row[2]) for row in rows}
        return used["MESSAGE"], used["STORAGE"]


def usage_in(box):
    lines = [line.split() for line in (box / "maildirsize").read_text().splitlines()[1:]]
    return sum(int(n) for _, n in lines), sum(int(size) for size, _ in lines)


def usage_on_disk(box):
    files = [f for d in ("cur", "new") for f in [*box.glob(f"{d}/*"), *box.glob(f".*/{d}/*")] if ".Trash" not in str(f)]
    return len(files), sum(f.stat().st_size for f in files)


@needs_doveadm
def test_dovecot_and_we_agree_how_full_a_mailbox_is(make_server, tmp_path):
    s = make_server(users=f"alice@{DOMAIN}\ncarol@{DOMAIN} quota 100KB\n")
    box = s.mail / DOMAIN / "carol"
    dovecot = Doveadm(tmp_path / "dovecot", box, "100K")

    def agree(messages):
        wait_for(f"{messages} in maildirsize", lambda: usage_in(box)[0] == messages)  # it comes behind the mail
        assert usage_in(box) == usage_on_disk(box)
        assert dovecot.usage() == (messages, (usage_in(box)[1] + 1023) // 1024)
        assert usage_in(box)[0] == messages, "Dovecot did not have to count anew"

    body = "0123456789abcdef 0123456789abcdef\r\n" * 500  # 17 KB
    for _ in range(2):
        s.send(f"carol@{DOMAIN}", body=body)
    s.wait_for_mail("carol", 2)
    agree(2)
    first_line = (box / "maildirsize").read_text().splitlines()[0]
    assert first_line == "102400S"

    dovecot.run("mailbox", "create", "Sent", "Trash")
    dovecot.run("save", "-m", "Sent", text=f"Subject: sent\n\n{body}")
    dovecot.run("save", "-m", "Trash", text=f"Subject: thrown away\n\n{body}")
    agree(3)  # its line stands behind ours
    s.send(f"carol@{DOMAIN}", body=body)
    s.wait_for_mail("carol", 3)
    agree(4)  # and ours behind its
    dovecot.run("expunge", "mailbox", "INBOX", "1")
    agree(3)
    s.send(f"carol@{DOMAIN}", body=body)
    s.wait_for_mail("carol", 3)
    agree(4)

    s.stop()
    s.start()  # what the file says is taken over
    s.send(f"carol@{DOMAIN}", body=body)
    s.wait_for_mail("carol", 4)
    agree(5)
    (box / "maildirsize").write_text("102400S\n1 1\n")  # nonsense by a third
    dovecot.run("flags", "add", "\\Seen", "mailbox", "INBOX", "all")
    queue_id = s.send(f"carol@{DOMAIN}", body=body)
    s.wait_for_word(queue_id, "failed and reported")
    dovecot.run("expunge", "mailbox", "INBOX", "1:2")
    s.send(f"carol@{DOMAIN}", body=body)
    s.wait_for_mail("carol", 3)
    agree(4)
    s.audit()


def rcpt(server, address, size=None):
    """Code, status, words."""
    with server.client() as c:
        c.ehlo()
        c.mail("x@example.org", [f"SIZE={size}"] if size else [])
        code, words = c.rcpt(address)
        status, _, text = words.decode().partition(" ")
        return code, status, text


@pytest.mark.parametrize("way", ["permanent", "temporary"])
def test_a_mailbox_that_is_known_to_be_full_is_refused_at_once(make_server, way):
    users = f"alice@{DOMAIN}\ncarol@{DOMAIN} quota 20KB\nbob@{DOMAIN} messages 1\n"
    s = make_server(f"full-mailbox {way}\nretry-first 1s\nretry-max 1s\n", users=users)
    full = (552, "5.2.2") if way == "permanent" else (452, "4.2.2")
    carol, bob = f"carol@{DOMAIN}", f"bob@{DOMAIN}"
    assert rcpt(s, carol, 30000)[:2] == (552, "5.2.3")  # whatever is in it
    assert rcpt(s, carol, 15000)[0] == 250
    body = "0123456789abcdef 0123456789abcdef\r\n" * 300  # 10 KB
    s.send([carol, bob], body=body)
    code, status, words = wait_for("carol's mailbox to be known", lambda: (r := rcpt(s, carol, 15000))[0] != 250 and r)
    assert (code, status) == full and f"<{carol}>: the recipient's mailbox is full" in words
    assert rcpt(s, f"carol+tag@{DOMAIN}", 15000)[:2] == full
    assert rcpt(s, carol, 5000)[0] == 250
    assert rcpt(s, carol)[0] == 250
    wait_for("bob's mailbox to be known", lambda: rcpt(s, bob)[:2] == full)

    queue_id = s.send(carol, body=body * 2 if way == "permanent" else body)  # it does not tell its size
    if way == "permanent":
        s.wait_for_word(queue_id, "failed and reported")
    else:
        s.wait_for_word(queue_id, "delayed: Inbox full")
    s.mailbox("carol")[0].unlink()  # by somebody who does not tell us
    s.mailbox("bob")[0].unlink()
    wait_for("carol's mailbox to be known as free", lambda: way == "temporary" or rcpt(s, carol, 15000)[0] == 250)
    wait_for("bob's mailbox to be known as free", lambda: rcpt(s, bob)[0] == 250)
    if way == "temporary":
        s.wait_for_word(queue_id, "1 delivered")
    s.send(bob)
    wait_for("bob's mailbox to be full again", lambda: rcpt(s, bob)[:2] == full)
    s.users_file.write_text(users.replace("messages 1", "messages 2"))  # another quota, at once
    os.utime(s.users_file, (1, 1))
    wait_for("bob's new quota", lambda: rcpt(s, bob)[0] == 250, 3)
    s.audit()


def test_an_mbox_is_read_and_locked_by_other_programs(make_server, tmp_path):
    box = tmp_path / "alice.mbox"
    # The reader's new file has no lock for a moment: nobody else is to lock it just then.
    s = make_server("retry-first 4s\nretry-max 4s\n", users=f"alice@{DOMAIN} mbox {box}\nbob@{DOMAIN}\n")
    sent = ["From here it goes on\r\n>From there\r\n\r\nFrom the end", "one line", "", "\r\n\r\n"]
    for n, body in enumerate(sent):
        queue_id = s.send(f"alice@{DOMAIN}", f"number {n}", body, sender=f"bob@{DOMAIN}")
        s.wait_for_word(queue_id, "delivered")
    assert box.stat().st_mode & 0o777 in (0o600, 0o640, 0o644, 0o660)
    mails = list(mailbox.mbox(box, create=False))
    assert [m["Subject"] for m in mails] == [f"number {n}" for n in range(len(sent))]
    assert mails[0].get_from().startswith(f"bob@{DOMAIN} ") and mails[0]["Delivered-To"] == f"alice@{DOMAIN}"
    for m, body in zip(mails, sent):
        lines = m.get_payload().splitlines(keepends=True)
        text = "".join(line[1:] if line.lstrip(">").startswith("From ") else line for line in lines)
        assert text.rstrip("\n") == body.replace("\r\n", "\n").rstrip("\n")
    (tmp_path / "muttrc").write_text(f"set folder={tmp_path}\nset move=no\n")
    shown = subprocess.run(["script", "-qec", f"mutt -n -F {tmp_path}/muttrc -R -f {box} -e 'push q'", "/dev/null"],
                           env={**os.environ, "TERM": "xterm", "HOME": str(tmp_path)}, stdin=subprocess.DEVNULL,
                           capture_output=True, timeout=20).stdout
    assert all(f"number {n}".encode() in shown for n in range(len(sent))), shown
    listed = subprocess.run(["s-nail", "-n", "-Sv15-compat", "-H", "-f", box], capture_output=True, text=True, timeout=20,
                            env={**os.environ, "HOME": str(tmp_path)}).stdout
    assert len([line for line in listed.splitlines() if "number" in line]) == len(sent), listed

    reader = mailbox.mbox(box, create=False)
    reader.lock()  # by fcntl(2) and a dotlock
    queue_id = s.send(f"alice@{DOMAIN}", "while it is read")
    s.wait_for_word(queue_id, "in use by another program")
    reader.remove(0)
    reader.flush()  # writes a new file in its place
    reader.unlock()
    reader.close()
    s.wait_for_word(queue_id, "1 delivered")
    assert [m["Subject"] for m in mailbox.mbox(box)] == ["number 1", "number 2", "number 3", "while it is read"]
    s.audit()


@pytest.mark.skipif(not shutil.which("dotlockfile"), reason="needs Debian's package liblockfile-bin")
def test_a_dotlock_of_liblockfile_is_waited_for(make_server, tmp_path):
    box, done = tmp_path / "alice.mbox", tmp_path / "done"
    s = make_server("retry-first 1s\nretry-max 1s\n", users=f"alice@{DOMAIN} mbox {box}\n")
    holder = subprocess.Popen(["dotlockfile", "-p", f"{box}.lock", "sh", "-c", f"echo > {tmp_path}/has; cat; echo > {done}"],
                              stdin=subprocess.PIPE)
    wait_for("the lock", (tmp_path / "has").exists)
    queue_id = s.send(f"alice@{DOMAIN}")
    s.wait_for_word(queue_id, "in use by another program")
    assert not done.exists() and (not box.exists() or box.read_text() == "")
    holder.communicate()
    s.wait_for_word(queue_id, "1 delivered")
    # While we are at work, liblockfile waits: nothing of us is left that would make it wait now.
    subprocess.run(["dotlockfile", "-r", "0", "-l", "-p", f"{box}.lock"], check=True, timeout=10)
    subprocess.run(["dotlockfile", "-u", f"{box}.lock"], check=True, timeout=10)
    s.audit()
