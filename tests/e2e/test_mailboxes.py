"""Mailboxes that other programs use too, each with the real one."""
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
        assert usage_in(box)[0] == messages
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
