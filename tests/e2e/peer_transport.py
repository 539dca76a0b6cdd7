"""A laboratory for DANE and MTA-STS: signed zones, a resolver that validates (Debian's unbound), certificates, mail
servers with TLS and a web server, all in a network of the test's own (peer_dns.py)."""
import datetime
import http.server
import os
import shutil
import signal
import ssl
import subprocess
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

import certificates
from conftest import wait_for
from peer_dns import Nsd, listens


def run(*words, **arguments):
    return subprocess.run([str(w) for w in words], check=True, capture_output=True, text=True, timeout=60,
                          **arguments).stdout.strip()


class Authority(certificates.Authority):
    def whole(self, *names):
        """A certificate for these names, with ours behind it, and its key, in one file."""
        certificate, key = self.issue(names[0], *names)
        whole = certificate.with_suffix(".whole")
        whole.write_text(certificate.read_text() + self.certificate.read_text() + key.read_text())
        return whole


def tlsa(usage, selector, file):
    """A TLSA record with SHA-256 of the first certificate in the file, or of its public key."""
    if selector == 0:
        form = subprocess.run(["openssl", "x509", "-in", file, "-outform", "DER"], check=True, capture_output=True)
    else:
        key = subprocess.run(["openssl", "x509", "-in", file, "-noout", "-pubkey"], check=True, capture_output=True)
        form = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=key.stdout, check=True,
                              capture_output=True)
    digest = subprocess.run(["openssl", "dgst", "-sha256", "-r"], input=form.stdout, check=True, capture_output=True)
    return f"TLSA {usage} {selector} 1 {digest.stdout.split()[0].decode()}"


def sign_zone(work, zone, text, forge=None):
    """The zone's text, signed by ldns; its key is added to the trust anchors. `forge`: (what, by what) to change
    after that."""
    file = work / f"{zone}plain"
    file.write_text(f"$ORIGIN {zone}\n{Nsd.head}{text}")
    key = run("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", zone, cwd=work)
    day = [(datetime.date.today() + datetime.timedelta(d)).strftime("%Y%m%d") for d in (-1, 30)]
    run("ldns-signzone", "-i", day[0], "-e", day[1], "-f", f"{zone}signed", file.name, key, cwd=work)
    with open(work / "anchors", "a") as anchors:
        anchors.write((work / f"{key}.key").read_text())
    signed = (work / f"{zone}signed").read_text()
    if forge:
        assert forge[0] in signed, signed
        signed = signed.replace(*forge)
    return signed


class Unbound:
    """Validates what nsd serves."""
    address = "127.0.0.1"

    def __init__(self, work, anchors):
        self.work = work
        work.mkdir(parents=True, exist_ok=True)
        (work / "unbound.conf").write_text(
            f'server:\n  interface: {self.address}\n  port: 53\n  username: ""\n  chroot: ""\n  directory: "{work}"\n'
            f'  pidfile: ""\n  logfile: "{work}/log"\n  use-syslog: no\n  do-daemonize: no\n  num-threads: 1\n'
            f'  do-not-query-localhost: no\n  access-control: 127.0.0.0/8 allow\n  module-config: "validator iterator"\n'
            f'  trust-anchor-file: "{anchors}"\n  unblock-lan-zones: yes\n  insecure-lan-zones: yes\n  val-log-level: 2\n  local-zone: "test." nodefault\n  do-ip6: no\n'
            f'forward-zone:\n  name: "."\n  forward-addr: {Nsd.address}\nremote-control:\n  control-enable: no\n')
        self.process = subprocess.Popen([shutil.which("unbound", path="/usr/sbin:/usr/bin"), "-d", "-c",
                                         work / "unbound.conf"], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, start_new_session=True)
        wait_for("unbound", lambda: listens(self.address, 53) and self.asked("ns.test", "A"))

    def asked(self, name, record, *options):
        """What it says; "" when nobody answers."""
        r = subprocess.run(["drill", *options, name, f"@{self.address}", record], capture_output=True, text=True,
                           timeout=20)
        return r.stdout if "opcode: QUERY, rcode: " in r.stdout else ""

    def verdict(self, name, record):
        """"secure", "insecure", or "bogus": no answer, but there is one for who does not want it checked."""
        answer = self.asked(name, record, "-D")
        head = answer.split(";; QUESTION")[0]
        if "rcode: SERVFAIL" in head:
            return "bogus" if "rcode: NOERROR" in self.asked(name, record, "-D", "-o", "CD") else "failed"
        return "secure" if " ad " in head else "insecure"

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(10)


class Handler:
    def __init__(self, sink):
        self.sink = sink

    async def handle_DATA(self, server, session, envelope):
        with self.sink.lock:
            self.sink.mails.append({"to": envelope.rcpt_tos, "tls": session.ssl is not None, "name": self.sink.name,
                                    "content": envelope.content})
        return "250 2.0.0 kept"


class Promiser(Handler):
    """Offers REQUIRETLS once there is TLS."""

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [responses[0], *(["250-REQUIRETLS"] if session.ssl else []), *responses[1:]]


class Promising(SMTP):
    async def smtp_MAIL(self, arg):
        self.event_handler.sink.required.append(arg.endswith(" REQUIRETLS"))
        await super().smtp_MAIL(arg.removesuffix(" REQUIRETLS"))


class TlsSink(Controller):
    """A mail server on port 25 that takes everything; with a certificate (Authority.whole) it offers STARTTLS. `name`
    is what the last client has called it (SNI). `promises`: it knows REQUIRETLS, and `required` has which messages
    came with it."""
    def __init__(self, address, certificate=None, promises=False):
        self.promises, self.required = promises, []
        self.mails, self.lock, self.name, self.tls, self.is_up = [], threading.Lock(), None, None, True
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate)
            self.tls.sni_callback = self.take_name
        super().__init__((Promiser if promises else Handler)(self), hostname=address, port=25, ready_timeout=20)
        self.start()

    def stop(self, no_assert=False):
        if self.is_up:
            super().stop(no_assert)
        self.is_up = False

    def take_name(self, connection, name, context):
        self.name = name

    def factory(self):
        return (Promising if self.promises else SMTP)(self.handler, hostname="sink.test", enable_SMTPUTF8=True, loop=self.loop, tls_context=self.tls)

    def to(self, address):
        with self.lock:
            return [m for m in self.mails if address in m["to"]]


class PolicyServer:
    """The web servers of policies, on one address: `policies` by host, each a text, or a status."""
    def __init__(self, address, certificate):
        self.policies, self.asked, self.types = {}, [], {}
        server = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                host = self.headers["Host"]
                server.asked.append(host + self.path)
                policy = server.policies.get(host, 404)
                status = policy if isinstance(policy, int) else 200
                self.send_response(status)
                if status in (301, 302):
                    self.send_header("Location", "https://mta-sts.sts-good.test/.well-known/mta-sts.txt")
                self.send_header("Content-Type", server.types.get(host, "text/plain; charset=utf-8"))
                self.end_headers()
                self.wfile.write(b"" if isinstance(policy, int) else policy.encode())

            def log_message(self, *_):
                pass
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.server = http.server.ThreadingHTTPServer((address, 443), Answer)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.thread = threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class DanePostfix:
    """Debian's Postfix, which sends by DANE and asks unbound: what is right is what it does, too."""
    def __init__(self, work, script):
        conf = work / "conf"
        conf.mkdir(parents=True)
        (conf / "resolv.conf").write_text(f"nameserver {Unbound.address}\noptions trust-ad\n")
        (conf / "passwd").write_text("")
        (conf / "main.cf").write_text(
            "compatibility_level = 3.6\nmyhostname = postfix.home.test\nmydestination =\nmynetworks = 127.0.0.0/8\n"
            "alias_maps =\nalias_database =\nsmtp_dns_support_level = dnssec\nsmtp_tls_security_level = dane\n"
            "smtp_host_lookup = dns\nsmtp_tls_loglevel = 1\nsmtpd_relay_restrictions = permit_mynetworks, reject\n"
            "smtp_tls_CAfile =\n")
        self.work, self.port = work, 2599
        with open(work / "err", "wb") as errors:
            self.process = subprocess.Popen([script, "run", "--work", work, "--port", str(self.port), "--conf", conf,
                                             "--for", "300"], stdout=subprocess.PIPE, stderr=errors, text=True)
        assert self.process.stdout.readline() == "ready\n", (work / "err").read_text()

    def log(self):
        return (self.work / "log").read_text(errors="replace")

    def outcome(self, address, seconds=40):
        """"sent", "deferred" or "bounced", once it is known."""
        def found():
            lines = [line for line in self.log().splitlines() if f"to=<{address}>" in line and " status=" in line]
            return lines and lines[-1].split(" status=")[1].split()[0]
        return wait_for(f"what becomes of {address} at Postfix", found, seconds)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
