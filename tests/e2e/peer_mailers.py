"""Debian's Exim and OpenSMTPD, unpacked and run by tests/peers/unpacked.sh. Each takes mail for u1 and u2 at
relay.test into Maildirs, sends on what is for home.test, and refuses all else."""
import subprocess

from conftest import PEERS, answers, free_port, wait_for

EXIM = """
primary_hostname = exim.relay.test
spool_directory = /mnt/spool/exim4
log_file_path = /mnt/work/logs/%slog
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
tls_advertise_hosts =
keep_environment =
host_lookup =
rfc1413_query_timeout = 0s
message_size_limit = 200K
accept_8bitmime = true
acl_smtp_rcpt = rcpt
acl_smtp_data = data
begin acl
rcpt:
  deny   domains = relay.test
         ! local_parts = u1 : u2 : later
         message = The cat knows nobody of that name
  defer  local_parts = later
         message = The cat sleeps on the keyboard
  accept domains = relay.test : home.test
  deny   message = relay not permitted
data:
  deny   condition = ${{if def:h_X-Refuse:}}
         message = We take no mail about herons on a Tuesday
  accept
begin routers
home:
  driver = manualroute
  domains = home.test
  transport = out
  route_list = home.test 127.0.0.1
  self = send
  no_more
here:
  driver = accept
  local_parts = u1 : u2
  transport = box
begin transports
out:
  driver = smtp
  port = {home_port}
  hosts_avoid_tls = *
box:
  driver = appendfile
  directory = /mnt/work/mail/$local_part_data
  maildir_format
  create_directory
  user = Debian-exim
  return_path_add
begin retry
* * F,1s,1s
"""
OPENSMTPD = """
table users {{ "u1" = "vmail", "u2" = "vmail" }}
listen on 127.0.0.1 port {port} hostname smtpd.relay.test
smtp max-message-size 200K
action "in" maildir "/mnt/work/mail/%{{dest.user}}" virtual <users>
action "out" relay host smtp://127.0.0.1:{home_port}
match from any for domain "relay.test" action "in"
match from any for domain "home.test" action "out"
"""


class Mailer:
    def __init__(self, work):
        self.work, self.port, self.home_port = work, free_port(), free_port()
        self.configuration(EXIM if self.package.startswith("exim") else OPENSMTPD)
        for name in ("mail", "logs"):
            (work / name).mkdir()
            (work / name).chmod(0o1777)
        with open(work / "err", "wb") as errors:
            self.process = subprocess.Popen([PEERS / "unpacked.sh", self.package, work, self.users, *self.command],
                                            stdout=errors, stderr=errors)

        def up():
            assert self.process.poll() is None, self.log()
            return answers(self.port)
        try:
            wait_for(self.package, up, 200)  # it may have to be fetched
        except AssertionError:
            self.stop()
            raise

    def configuration(self, text):
        path = self.work / self.place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(port=self.port, home_port=self.home_port))

    def stop(self):
        self.process.kill()
        self.process.wait(10)

    def log(self):
        return "".join(p.read_text(errors="replace") for p in (*self.work.glob("logs/*"), self.work / "err"))

    def files(self, user):
        return sorted((self.work / "mail" / user / "new").glob("*"))

    def wait_for_files(self, user, count):
        return wait_for(f"{count} messages for {user} at {self.package}",
                        lambda: len(f := self.files(user)) >= count and f)


class Exim(Mailer):
    package, place, users = "exim4-daemon-light", "etc/exim4/exim4.conf", "Debian-exim"
    command = ["/usr/sbin/exim4", "-bdf", "-q1m"]
    refusals = [("nobody@relay.test", "", "550 The cat knows nobody of that name"),
                ("someone@elsewhere.test", "", "550 relay not permitted"),
                ("u1@relay.test", "X-Refuse: yes\r\n", "550 We take no mail about herons on a Tuesday")]


class OpenSmtpd(Mailer):
    package, place, users = "opensmtpd", "smtpd.conf", "opensmtpd opensmtpq vmail"
    command = ["/usr/sbin/smtpd", "-d", "-f", "/mnt/work/smtpd.conf"]
    refusals = [("nobody@relay.test", "", "524 5.2.4 Mailing list expansion problem: <nobody@relay.test>"),
                ("someone@elsewhere.test", "", "550 Invalid recipient")]
