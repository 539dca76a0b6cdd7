"""An authority for certificates: Debian's pebble, Let's Encrypt's own test server, with a DNS where every name is this
machine. Whoever speaks with it must trust it: so a server gets a view of its own of the system's authorities."""
import json
import os
import shutil
import ssl
import subprocess
import urllib.request

from conftest import answers, free_port, wait_for

SYSTEM = "/etc/ssl/certs/ca-certificates.crt"


def why_not():
    """Why this machine can't have it; None: it can."""
    if os.getuid() != 0:
        return "needs root, to have its server trust an authority of the test's own"
    if not shutil.which("pebble") or not shutil.which("uacme"):
        return "needs Debian's packages pebble and uacme"
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        return "this machine allows no new mount namespaces (unshare --mount)"
    return None


class Pebble:
    def __init__(self, work, authority, life=90 * 86400, bad_nonces=0):
        self.port, self.http, self.dns = free_port(), free_port(), free_port()
        self.management, self.authority, self.work = free_port(), authority, work
        certificate, key = authority.issue("pebble", "localhost", "IP:127.0.0.1")
        self.bundle = work / "authorities.pem"
        self.bundle.write_bytes(open(SYSTEM, "rb").read() + authority.certificate.read_bytes())
        config = work / "pebble.json"
        config.write_text(json.dumps({"pebble": {
            "listenAddress": f"127.0.0.1:{self.port}", "managementListenAddress": f"127.0.0.1:{self.management}",
            "certificate": str(certificate), "privateKey": str(key), "httpPort": self.http, "tlsPort": free_port(),
            "ocspResponderURL": "", "externalAccountBindingRequired": False, "certificateValidityPeriod": life}}))
        self.names = subprocess.Popen(
            ["pebble-challtestsrv", "-dns01", f"127.0.0.1:{self.dns}", "-http01", "", "-https01", "", "-tlsalpn01", "",
             "-management", "", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        environment = {**os.environ, "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": str(bad_nonces),
                       "PEBBLE_AUTHZREUSE": "0"}
        self.process = subprocess.Popen(["pebble", "-config", config, "-dnsserver", f"127.0.0.1:{self.dns}"],
                                        stdout=open(work / "pebble.log", "ab"), stderr=subprocess.STDOUT,
                                        env=environment)
        wait_for("pebble", lambda: answers(self.port) and answers(self.management))

    @property
    def prefix(self):
        """Before a program that is to trust it."""
        return ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" ' + SYSTEM + ' && exec "$@"', self.bundle]

    @property
    def options(self):
        return (f"acme-directory https://localhost:{self.port}/dir\nacme-terms agreed\n"
                f"acme-listen 127.0.0.1:{self.http}\n")

    def root(self):
        """The certificate that those that it gives come from."""
        context = ssl.create_default_context(cafile=self.authority.certificate)
        with urllib.request.urlopen(f"https://localhost:{self.management}/roots/0", context=context) as r:
            path = self.work / "root.pem"
            path.write_bytes(r.read())
            return path

    def log(self):
        return (self.work / "pebble.log").read_text()

    def stop(self):
        for p in (self.process, self.names):
            if p.poll() is None:
                p.terminate()
                p.wait(10)
