"""Debian's Exim as a client that sends by BDAT (CHUNKING, RFC 3030). Nothing is installed: the package is unpacked
into .peers/ once, and Exim runs in a mount namespace of its own, for one message at a time."""
import fcntl
import os
import pathlib
import shutil
import subprocess

from conftest import ROOT

PEER = ROOT / ".peers" / "exim"
USER = 64614
CONFIG = """
exim_path = {exim}
exim_user = Debian-exim
exim_group = Debian-exim
spool_directory = {work}/spool
log_file_path = {work}/log/%s
primary_hostname = exim.test
keep_environment =
accept_8bitmime = true
begin routers
hop:
  driver = manualroute
  route_list = * 127.0.0.1
  transport = out
  self = send
begin transports
out:
  driver = smtp
  port = {port}
  hosts_avoid_tls = *
"""


def why_not():
    if os.getuid() != 0:
        return "needs root, for Exim's user and a mount namespace"
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        return "this machine allows no new mount namespaces (unshare --mount)"
    return None


def fetch():
    PEER.parent.mkdir(exist_ok=True)
    with open(PEER.parent / "exim.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if PEER.exists():
            return
        part = PEER.parent / "exim.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        r = subprocess.run(["apt-get", "-q", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=2", "-o",
                            "Acquire::http::Timeout=20", "download", "exim4-daemon-light"],
                           cwd=part, capture_output=True, text=True, timeout=180)
        assert r.returncode == 0, "can't fetch Debian's exim4-daemon-light: it needs the network once\n" + r.stderr
        deb, = part.glob("*.deb")
        subprocess.run(["dpkg", "-x", deb, part], check=True)
        deb.unlink()
        part.rename(PEER)


class Exim:
    def __init__(self, work, port):
        fetch()
        self.work, self.exim = work, PEER / "usr" / "sbin" / "exim4"
        for name in ("spool", "log"):
            (work / name).mkdir(parents=True)
            os.chown(work / name, USER, USER)
        for parent in (work, *work.parents):  # its user has to get there
            if parent.owner() == "root" and parent != pathlib.Path("/"):
                parent.chmod(parent.stat().st_mode | 0o011)
        (work / "conf").write_text(CONFIG.format(exim=self.exim, work=work, port=port))
        for name, line in (("passwd", f"Debian-exim:x:{USER}:{USER}::/nonexistent:/usr/sbin/nologin\n"),
                           ("group", f"Debian-exim:x:{USER}:\n")):
            there = pathlib.Path("/etc", name).read_text()
            (work / name).write_text("".join(x for x in there.splitlines(True) if not x.startswith("Debian-exim:"))
                                     + line)

    def send(self, sender, recipients, message):
        """Delivers it, or tries to, before it returns; then `log` says how that went."""
        inside = ('mount --bind "$0/passwd" /etc/passwd && mount --bind "$0/group" /etc/group && exec "$@"')
        r = subprocess.run(["unshare", "--mount", "sh", "-c", inside, self.work, self.exim, "-C", self.work / "conf",
                            "-odi", "-oi", "-f", sender, *recipients],
                           input=message, capture_output=True, timeout=60)
        assert r.returncode == 0, r.stderr

    def log(self):
        return (self.work / "log" / "main").read_text()
