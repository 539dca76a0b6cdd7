"""Debian's Dovecot as the server of mailboxes behind LMTP: a private configuration, on TCP and on a Unix socket."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

from conftest import answers, free_port, wait_for

MAIL_USER = 65534  # Dovecot delivers as nobody's user: it refuses to do so as root
CONFIG = """
base_dir = {work}/run
state_dir = {work}/run
log_path = {work}/log
protocols = lmtp
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
ssl = no
listen = 127.0.0.1
default_internal_user = root
default_internal_group = root
first_valid_uid = {uid}
mail_uid = {uid}
mail_gid = {uid}
mail_location = maildir:{work}/mail/%u
mail_plugins = quota
quota_full_tempfail = {tempfail}
postmaster_address = postmaster@dove.test
passdb {{
  driver = passwd-file
  args = username_format=%u {work}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {work}/users
}}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
}}
service auth {{
  unix_listener auth-client {{
    mode = 0600
  }}
  inet_listener {{
    address = 127.0.0.1
    port = {auth_port}
  }}
}}
service lmtp {{
  unix_listener lmtp {{
    mode = 0600
  }}
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {port}
  }}
}}
"""


def why_not():
    if os.getuid() != 0:
        return "Dovecot's LMTP server needs root, because it changes its user"
    if not pathlib.Path("/usr/lib/dovecot/lmtp").exists():
        return "needs Debian's package dovecot-lmtpd"
    return None


class Dovecot:
    """Users are names, or names with a quota: {"full@dove.test": "1K"}. Those who have a password may log in.
    At `auth_port` it answers for other servers."""
    def __init__(self, users, is_full_for_now=False, passwords=None, mechanisms="plain"):
        self.passwords, self.auth_port = passwords or {}, free_port()
        # Not in the test's own directory: the user of the mail can't go there, and sockets want short paths.
        self.work, self.port, self.process = pathlib.Path(tempfile.mkdtemp(prefix="dovecot-")), free_port(), None
        self.work.chmod(0o755)
        (self.work / "mail").mkdir()
        os.chown(self.work / "mail", MAIL_USER, MAIL_USER)
        self.set_users(users)
        (self.work / "dovecot.conf").write_text(CONFIG.format(
            work=self.work, uid=MAIL_USER, port=self.port, auth_port=self.auth_port, mechanisms=mechanisms, tempfail="yes" if is_full_for_now else "no"))
        self.socket, self.auth = self.work / "run" / "lmtp", self.work / "run" / "auth-client"
        self.start()

    def set_users(self, users):
        file = self.work / "users"
        before = file.stat().st_mtime if file.exists() else 0
        file.write_text("".join(
            f"{name}:{'{PLAIN}' + self.passwords[name] if name in self.passwords else ''}::::::" + (f"userdb_quota_rule=*:storage={quota}" if quota else "") + "\n"
            for name, quota in users.items()))
        os.utime(file, (max(before + 2, file.stat().st_mtime),) * 2)  # Dovecot looks at whole seconds

    def start(self):
        self.process = subprocess.Popen(["dovecot", "-F", "-c", self.work / "dovecot.conf"], start_new_session=True,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def up():
            assert self.process.poll() is None, self.log()
            return answers(self.port) and self.checks_passwords()
        wait_for("Dovecot", up)

    def checks_passwords(self):
        """Its master listens before the process that answers is there."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(1)
            try:
                s.connect(str(self.auth))
                greeting = b""
                while not greeting.endswith(b"DONE\n"):
                    piece = s.recv(4096)
                    if not piece:
                        return False
                    greeting += piece
            except OSError:
                return False
        return True

    def halt(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(20)

    def stop(self):
        self.halt()
        shutil.rmtree(self.work)

    def log(self):
        log = self.work / "log"
        return log.read_text() if log.exists() else ""

    def mails(self, user):
        return sorted((self.work / "mail" / user / "new").glob("*"))
