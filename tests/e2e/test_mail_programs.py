"""Programs by which people send mail, with TLS and AUTH: nodemailer, mutt and git send-email, each as Debian has it.
(gsasl, msmtp, curl and swaks: test_login.py.)"""
import os
import shutil
import subprocess

import pytest

from certificates import Authority
from conftest import DOMAIN, free_port
from test_login import ALICE, BOB, NO_DELAY, PASSWORD, Submission


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def submission(make_server, tmp_path, authority):
    """At `port` by STARTTLS, at `implicit` from the first byte; nobody sends without TLS, or without a password."""
    certificate, key = authority.issue("localhost", "localhost")
    implicit = free_port()
    s = Submission(make_server, tmp_path, listen="submission tls required",
                   options=NO_DELAY + f"tls-certificate {certificate} {key}\nroute * 127.0.0.1:1\n"
                   f"listen 127.0.0.1:{implicit} submission tls implicit")
    s.implicit, s.authority = implicit, authority.certificate
    return s


def arrived(submission, subject, count=1):
    """It came by TLS from Alice, who has logged in."""
    mail = submission.server.wait_for_mail("bob", count)[-1]
    assert subject in [m["Subject"] for m in submission.server.messages("bob")]
    assert " with ESMTPSA (TLS1.3 " in mail["Received"]
    line = [line for line in submission.log().split("\n") if " accepted " in line][-1]
    assert f"login={ALICE}" in line.replace('"', ""), line


def run(words, home, needs, **arguments):
    assert shutil.which(words[0]), f"this test needs {words[0]}; please install it: apt-get install {needs}"
    return subprocess.run(words, capture_output=True, text=True, timeout=60,
                          env={"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "NODE_PATH": "/usr/share/nodejs",
                               "GIT_COMMITTER_NAME": "Alice", "GIT_COMMITTER_EMAIL": ALICE,
                               "GIT_AUTHOR_NAME": "Alice", "GIT_AUTHOR_EMAIL": ALICE}, **arguments)


NODEMAILER = """
const [port, secure, method, user, pass, to, ca] = process.argv.slice(2);
const transport = require('nodemailer').createTransport({
  host: 'localhost', port: +port, secure: secure === 'yes', requireTLS: secure !== 'yes', authMethod: method || undefined,
  auth: {user, pass}, tls: {ca: require('fs').readFileSync(ca), servername: 'localhost'}, localAddress: '127.0.0.1'});
transport.sendMail({from: user, to, subject: 'from nodemailer', text: 'Grüße'})
  .then(r => console.log(r.response), e => { console.error(e.message); process.exit(1) });
"""


@pytest.mark.parametrize("secure", ["no", "yes"])
def test_nodemailer_sends(submission, tmp_path, secure):
    script = tmp_path / "send.js"
    script.write_text(NODEMAILER)
    port = submission.implicit if secure == "yes" else submission.port

    def send(password, method=""):
        return run(["node", script, str(port), secure, method, ALICE, password, BOB, submission.authority], tmp_path,
                   "node-nodemailer")
    r = send(PASSWORD)
    assert r.returncode == 0 and r.stdout.startswith("250 2.0.0"), r.stderr
    r = send(PASSWORD, "LOGIN")
    assert r.returncode == 0, r.stderr
    arrived(submission, "from nodemailer", 2)
    r = send("not that")
    assert r.returncode == 1 and "535 5.7.8" in r.stderr, r.stderr


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_mutt_sends(submission, tmp_path, scheme):
    port = submission.implicit if scheme == "smtps" else submission.port
    configuration = tmp_path / "muttrc"

    def send(password):
        configuration.write_text(
            f'set smtp_url="{scheme}://{ALICE.replace("@", "%40")}@localhost:{port}/"\nset smtp_pass="{password}"\n'
            f'set from="{ALICE}" use_from=yes use_envelope_from=yes copy=no ssl_force_tls=yes\n'
            f'set ssl_ca_certificates_file="{submission.authority}" certificate_file="{tmp_path}/known"\n')
        return run(["mutt", "-F", configuration, "-s", "from mutt", "--", BOB], tmp_path, "mutt", input="hello\n")
    r = send(PASSWORD)
    assert r.returncode == 0, r.stdout + r.stderr
    arrived(submission, "from mutt")
    r = send("not that")
    assert r.returncode != 0 and "user name and password do not fit" in submission.log(), r.stdout + r.stderr


@pytest.mark.parametrize("encryption", ["tls", "ssl"])
def test_git_sends_a_patch(submission, tmp_path, encryption):
    port = submission.implicit if encryption == "ssl" else submission.port
    patch = tmp_path / "0001.patch"
    patch.write_text(f"From: Alice <{ALICE}>\nSubject: [PATCH] from git\nDate: Fri, 27 Nov 2026 12:00:00 +0000\n\nWhy\n---\n")

    def send(password):
        return run(["git", "send-email", "--smtp-server=localhost", f"--smtp-server-port={port}", "--confirm=never",
                    f"--smtp-encryption={encryption}", f"--smtp-ssl-cert-path={submission.authority}",
                    f"--smtp-user={ALICE}", f"--smtp-pass={password}", f"--from={ALICE}", f"--to={BOB}",
                    "--suppress-cc=all", patch], tmp_path, "git-email", cwd=tmp_path)
    r = send(PASSWORD)
    assert r.returncode == 0 and "Result: 250" in r.stdout, r.stdout + r.stderr
    arrived(submission, "[PATCH] from git")
    r = send("not that")
    assert r.returncode != 0 and "5.7.8" in r.stdout + r.stderr, r.stdout + r.stderr
