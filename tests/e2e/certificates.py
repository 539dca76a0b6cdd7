"""Certificates for tests, made by openssl(1): an authority, and servers that it vouches for."""
import subprocess


def openssl(*words, prefix=()):
    r = subprocess.run([*prefix, "openssl", *words], capture_output=True, timeout=60)
    assert r.returncode == 0, r.stderr.decode()
    return r.stdout.decode()


class Authority:
    def __init__(self, folder):
        self.folder, self.certificate, self.key = folder, folder / "ca.pem", folder / "ca.key"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=Authority of a test",
                "-addext", "basicConstraints=critical,CA:TRUE", "-keyout", self.key, "-out", self.certificate)

    def issue(self, name, *names, days=90, kind="ec", begun=0):
        """(certificate, key) files, called `name`. It ends in `days`, which may be negative: it is over; `begun` days
        ago it began."""
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        request, extra = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        how = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "ec" else [kind]
        openssl("req", "-new", "-newkey", *how, "-nodes", "-subj", f"/CN={names[0]}", "-keyout", key, "-out", request)
        extra.write_text("subjectAltName=" + ",".join(n if ":" in n else f"DNS:{n}" for n in names))
        when = ["faketime", f"-{begun} days"] if begun else []
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                "-days", str(days + begun), "-extfile", extra, "-out", certificate, prefix=when)
        return certificate, key


def fingerprint(certificate):
    return openssl("x509", "-noout", "-fingerprint", "-sha256", "-in", certificate).split("=")[1].strip()
