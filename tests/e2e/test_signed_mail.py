"""What users send is signed by DKIM: as dkimpy, opendkim and rspamd see it, behind filters, and at a Postfix."""
import contextlib
import json
import os
import smtplib
import socket
import struct
import subprocess
import urllib.request

import dkim
import pytest
from conftest import DOMAIN, PLAINPOST, Server, answers, free_port, wait_for
from fake_dns import FakeDns, txt
from hop import Hop
from peer_filters import RSPAMD, GTUBE, OpenDkim, Process, Rspamd, why_not
from peer_postfix import Postfix
from talk import Talk
from test_content import BINARY, contents, in_chunks
from test_dkim import NOTICE, explain
from test_sendmail import Program, drop_file, envelope
from test_signing import ED25519, RSA, make_key, whose

needs_filters = pytest.mark.skipif(why_not() is not None, reason=why_not() or "")
OTHERS = "relay.test"
RSA_NAME, ED_NAME = f"rsa._domainkey.{DOMAIN}", f"ed._domainkey.{DOMAIN}"


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    work = tmp_path_factory.mktemp("keys")
    records = {RSA_NAME: make_key(work / "rsa.pem", *RSA), ED_NAME: make_key(work / "ed.pem", *ED25519)}
    options = f"dkim-key {DOMAIN} rsa {work / 'rsa.pem'}\ndkim-key {DOMAIN} ed {work / 'ed.pem'}\n"
    return work, records, options


def mail(author=f"alice@{DOMAIN}", body="Hello!\r\n", fields=""):
    return (f"From: Alice <{author}>\r\nTo: <u0@{OTHERS}>\r\nSubject: Minutes of\r\n Monday\r\nDate: Fri, 27 Nov 2026 "
            f"12:00:00 +0000\r\nMessage-ID: <m1@{DOMAIN}>\r\n{fields}\r\n{body}").encode()


def signatures(raw):
    return raw.replace(b"\r\n", b"\n").split(b"\n\n")[0].count(b"DKIM-Signature:")


def behind_trace(raw):
    """From our signature on, or the author."""
    raw = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    places = [p for p in (raw.find(b"DKIM-Signature:"), raw.find(b"From: ")) if p >= 0]
    return raw[min(places):]


def send(port, text, to=f"u0@{OTHERS}", sender=f"alice@{DOMAIN}", login=None):
    with smtplib.SMTP("127.0.0.1", port, local_hostname="client.test", timeout=30) as s:
        if login:
            s.login(*login)
        s.sendmail(sender, to, text, ["BODY=8BITMIME"] if not text.isascii() else [])


LINES = "".join(f"line  {i} \t of\tmany{' ' * (i % 3)}\r\n" for i in range(3000))
BODIES = {"plain": "Hello!\r\n", "none": "", "blank": "\r\n", "blanks": " \t\r\n\r\n  \r\n", "end": "x\r\n\r\n\r\n",
          "lead": "\r\n\r\n x\r\n", "dots": ".\r\n..\r\n.x\r\n", "runs": "a  b\t\tc  \r\n\t\r\nd\r\n", "long": "x" * 990 + "\r\n",
          "large": LINES, "8bit": "Grüße aus Köln\r\n", "from": "From me to you\r\n"}


@pytest.fixture(scope="module")
def signed(keys, tmp_path_factory):
    """What the next hop gets of all these, by their names."""
    work = tmp_path_factory.mktemp("signed")
    with Hop() as hop:
        server = Server(work, f"{keys[2]}route {OTHERS} 127.0.0.1:{hop.port}\n").start()
        for name, body in BODIES.items():
            send(server.port, mail(fields=f"X-Name: {name}\r\n", body="").replace(b"\r\n\r\n", b"\r\n\r\n" + body.encode()))
        wait_for("all of it", lambda: len(hop.taken) == len(BODIES))
        assert server.stop() == 0
        assert f'signed="{DOMAIN}:rsa {DOMAIN}:ed"' in server.log.read_text()
        found = {t.content.split(b"X-Name: ")[1].split(b"\r\n")[0].decode(): behind_trace(t.content) for t in hop.taken}
    assert found.keys() == BODIES.keys()
    return found


@pytest.mark.parametrize("name", BODIES)
def test_dkimpy_believes_it(keys, signed, name):
    records, raw = keys[1], signed[name]
    assert whose(raw, records) == ["ed", "rsa"] and signatures(raw) == 2
    assert whose(raw.replace(b"Minutes of\r\n Monday", b"Minutes of\r\n\t  Monday"), records) == ["ed", "rsa"]
    for changed in (raw.replace(b"Minutes", b"Hours"), b"Reply-To: <eve@example.org>\r\n" + raw, raw + b"x\r\n"):
        assert whose(changed, records) == []


@needs_filters
def test_opendkim_believes_it(keys, signed, tmp_path):
    work, records, _ = keys
    (tmp_path / "keys").write_text("".join(f"{name} {record.decode()}\n" for name, record in records.items()))
    (tmp_path / "conf").write_text(f"Mode v\nTestPublicKeys {tmp_path / 'keys'}\nUserID root\n")
    for name, raw in signed.items():
        (tmp_path / "mail").write_bytes(raw)
        r = subprocess.run(["opendkim", "-x", tmp_path / "conf", "-t", tmp_path / "mail"], capture_output=True, text=True)
        assert r.stderr.count("succeeded") + r.stdout.count("succeeded") == 1, (name, r)
        (tmp_path / "mail").write_bytes(raw.replace(b"Minutes", b"Hours"))
        r = subprocess.run(["opendkim", "-x", tmp_path / "conf", "-t", tmp_path / "mail"], capture_output=True, text=True)
        assert "succeeded" not in r.stdout + r.stderr, (name, r)


class RspamdChecks(Process):
    """Answers over HTTP what it thinks of a message."""
    def __init__(self, work, dns):
        self.port = free_port()
        text = RSPAMD.format(work=work).replace("filters = []", 'filters = ["dkim"]').replace("127.0.0.1:9", dns.server)
        text += (f'worker "normal" {{ bind_socket = "127.0.0.1:{self.port}"; count = 1; }}\n'
                 'dkim { symbol_allow = "R_DKIM_ALLOW"; symbol_reject = "R_DKIM_REJECT"; }\n'
                 'group "dkim" { symbol "R_DKIM_ALLOW" { weight = -0.1; } symbol "R_DKIM_REJECT" { weight = 1; } }\n')
        (work / "checks.conf").write_text(text)
        super().__init__(["rspamd", "-f", "-i", "-c", work / "checks.conf"], work / "checks.log",
                         lambda: answers(self.port))

    def finds(self, raw):
        found = json.load(urllib.request.urlopen(f"http://127.0.0.1:{self.port}/checkv2", raw, timeout=20))
        return {s: sorted(found["symbols"][s]["options"]) for s in found["symbols"] if s.startswith("R_DKIM")}


@needs_filters
def test_rspamd_believes_it(keys, signed, tmp_path):
    with FakeDns({name: {"TXT": [txt(record)]} for name, record in keys[1].items()}) as dns:
        peer = RspamdChecks(tmp_path, dns)
        try:
            for name, raw in signed.items():
                if name == "blanks":  # rspamd 3.4 sees a line there; RFC 6376 3.4.4, dkimpy and opendkim do not
                    continue
                assert peer.finds(raw) == {"R_DKIM_ALLOW": [f"{DOMAIN}:s=ed", f"{DOMAIN}:s=rsa"]}, name
            assert "R_DKIM_ALLOW" not in peer.finds(signed["plain"].replace(b"Minutes", b"Hours"))
        finally:
            peer.stop()


@needs_filters
def test_we_believe_opendkim(make_server, keys, tmp_path):
    work, records, _ = keys
    signer = OpenDkim(tmp_path, "s", DOMAIN, "rsa", work / "rsa.pem", records[RSA_NAME].decode())
    try:
        server = make_server(f"filter {signer.place} name signer\n")
        for name, body in BODIES.items():
            send(server.port, mail(body="").replace(b"\r\n\r\n", b"\r\n\r\n" + body.encode()), to=f"bob@{DOMAIN}")
        wait_for("all of it", lambda: len(server.mailbox("bob")) == len(BODIES))
    finally:
        signer.stop()
    with FakeDns({RSA_NAME: {"TXT": [txt(records[RSA_NAME])]}}) as dns:
        def check(raw):
            return subprocess.run([PLAINPOST, "check", "dkim", "-", "--dns", dns.server], input=raw,
                                  capture_output=True).stdout.decode()
        for path in server.mailbox("bob"):
            raw = path.read_bytes()
            assert check(raw) == f"pass {DOMAIN} rsa\n", raw
        assert check(raw.replace(b"Minutes", b"Hours")).startswith(f"fail {DOMAIN} rsa: ")
        old = subprocess.run(["opendkim-testmsg", "-d", DOMAIN, "-s", "rsa", "-k", work / "rsa.pem"], input=raw,
                             capture_output=True).stdout  # it knows nothing else
        assert check(old).startswith("permerror: it is made with SHA-1")


def test_whose_mail_is_signed(make_server, keys, tmp_path):
    """Of those who have logged in, of trusted networks, of programs here; by the keys of the author's domain."""
    strangers, submission, metrics, logins = free_port(), free_port(), free_port(), tmp_path / "logins"
    logins.write_text("")
    logins.chmod(0o600)
    server = make_server(f"{keys[2]}dkim-key news.{DOMAIN} rsa {keys[0] / 'rsa.pem'}\nlogins {logins}\n"
                         f"listen 127.0.0.1:{strangers} trusted none\nmetrics 127.0.0.1:{metrics}\n"
                         f"listen 127.0.0.1:{submission} submission\n")
    box = lambda count: [behind_trace(p.read_bytes()) for p in
                         sorted(wait_for("mail", lambda: len(server.mailbox("bob")) == count and server.mailbox("bob")),
                                key=lambda p: p.stat().st_mtime_ns)]
    signers = lambda raw: [line.split(b" d=")[-1].split(b";")[0].strip().decode()
                           for line in raw.split(b"\r\n\r\n")[0].split(b"DKIM-Signature:")[1:]
                           for line in [line.replace(b"\r\n\td=", b" d=")]]
    bob, count = f"bob@{DOMAIN}", 0

    def sent(expected, *arguments, **named):
        nonlocal count
        send(*arguments, **{"to": bob, **named})
        count += 1
        raw = box(count)[-1]
        assert signers(raw) == expected, raw
        return raw
    subprocess.run([PLAINPOST, "-c", server.config, "user", "add", f"alice@{DOMAIN}"], input=b"a long password\n",
                   check=True, capture_output=True)
    wait_for("the login", lambda: b"alice" in logins.read_bytes())
    sent([DOMAIN, DOMAIN], submission, f"From: alice@{DOMAIN}\r\n\r\nx\r\n", login=(f"alice@{DOMAIN}", "a long password"))
    sent([DOMAIN, DOMAIN], server.port, mail(f"alice@mail.{DOMAIN}"))
    sent([f"news.{DOMAIN}"], server.port, mail(f"alice@x.news.{DOMAIN}"))
    sent([], server.port, mail("eve@example.org"))
    sent([], server.port, mail(fields="From: eve@example.org\r\n"))
    sent([], strangers, mail(), sender="eve@example.org")
    sendmail = Program(server)
    sendmail.hand_in(bob, text=f"From: root@{DOMAIN}\nSubject: x\n\nx\n")
    count += 1
    raw = box(count)[-1]
    assert signers(raw) == [DOMAIN, DOMAIN] and whose(raw, keys[1]) == ["ed", "rsa"]
    # What is not taken from a program comes back to its sender in a notice, which is signed, too.
    drop_file(server, envelope("Received: x\n" * 200 + "\nx\n"))
    server.wait_for_mail("alice")
    raw = server.mailbox("alice")[0].read_bytes().replace(b"\n", b"\r\n")
    assert whose(raw[raw.index(b"DKIM-Signature:"):], keys[1]) == ["ed", "rsa"]
    # Too many fields for a signature: it goes without.
    many = "".join(f"List-Id: <{i}.{DOMAIN}>\r\n" for i in range(400))
    sent([], server.port, mail(fields=many))
    assert "not-signed" in server.log.read_text()
    figures = urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics", timeout=10).read().decode()
    for result, expected in (("signed", 4), ("already", 0), ("failed", 1)):
        assert f'plainpost_signed_total{{result="{result}"}} {expected}\n' in figures, figures
    server.audit()


def test_who_goes_while_it_is_signed(make_server, keys):
    """Clients vanish behind the final dot, and at last the server ends: what was said to be taken is there, once."""
    server = make_server(keys[2])

    def begin(n):
        s = server.client()
        s.ehlo()
        assert s.mail(f"alice@{DOMAIN}")[0] == 250 and s.rcpt(f"bob@{DOMAIN}")[0] == 250 and s.docmd("DATA")[0] == 354
        s.send(mail(fields=f"X-Number: {n}\r\n", body=LINES) + b".\r\n")
        return s
    for n in range(30):
        s = begin(n)
        s.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()
    waiting = [begin(n) for n in range(100, 130)]
    server.process.terminate()
    taken = set()
    for n, s in enumerate(waiting, 100):
        with contextlib.suppress(smtplib.SMTPServerDisconnected, ConnectionError):
            code, words = s.getreply()
            assert code in (250, 421), words
            taken |= {str(n)} if code == 250 else set()
    assert server.process.wait(30) == 0
    server.start()
    wait_for("the queue to be empty", lambda: "The queue is empty." in server.run("queue", "ls"))
    got = [m["X-Number"] for m in server.messages("bob")]
    assert len(got) == len(set(got)) and taken <= set(got)
    assert all(m["DKIM-Signature"] for m in server.messages("bob"))
    server.audit()


@needs_filters
def test_what_is_signed_already(make_server, keys, tmp_path):
    """By a filter, or where it came from: nothing is signed twice, unless the signature does not hold any more."""
    work, records, options = keys
    signer = OpenDkim(tmp_path, "sv", DOMAIN, "rsa", work / "rsa.pem", records[RSA_NAME].decode())
    plain = free_port()
    server = make_server(f"{options}filter {signer.place} name signer\nlisten 127.0.0.1:{plain} filters no\n")
    try:
        send(server.port, mail(), to=f"bob@{DOMAIN}")
        [by_filter] = map(behind_trace, [wait_for("mail", lambda: server.mailbox("bob"))[0].read_bytes()])
        assert signatures(by_filter) == 1 and b"c=relaxed/simple" in by_filter
        assert whose(by_filter, records) == ["rsa"]
    finally:
        signer.stop()
    # It comes again, from one of our own networks: as it was, from a list that changed it, and by another's key.
    foreign = by_filter.replace(b"s=rsa", b"s=other")
    for n, (text, expected) in enumerate(((by_filter, ["rsa"]), (by_filter + b"--\r\nlist\r\n", ["ed", "rsa"]),
                                          (by_filter.replace(b"Minutes", b"[l] Minutes"), ["ed", "rsa"]), (foreign, []))):
        send(plain, text, to=f"alice@{DOMAIN}")
        got = wait_for("mail", lambda: len(server.mailbox("alice")) == n + 1 and server.mailbox("alice"))
        raw = behind_trace(max(got, key=lambda p: p.stat().st_mtime_ns).read_bytes())
        assert whose(raw, records) == expected and signatures(raw) == (1 if n in (0, 3) else 3), raw


def test_in_which_form_it_is_signed(make_server, keys):
    """Binary mail becomes text before it is signed, so that the signature holds wherever it goes."""
    with Hop() as hop, Hop(extensions=("PIPELINING",)) as old:
        server = make_server(f"{keys[2]}route {OTHERS} 127.0.0.1:{hop.port}\nroute old.test 127.0.0.1:{old.port}\n")
        with Talk(server) as t:
            in_chunks(t, BINARY.replace(b"From:", b"X-Old:").replace(b"Subject:", f"From: alice@{DOMAIN}\r\nSubject:".encode(), 1),
                      "BINARYMIME", [f"u0@{OTHERS}"])
        wait_for("the message", lambda: hop.taken)
        raw = behind_trace(hop.taken[0].content)
        assert whose(raw, keys[1]) == ["ed", "rsa"] and "BODY=8BITMIME" in hop.commands[0]
        assert contents(raw) == contents(BINARY)
        # Whoever still lacks 8BITMIME gets ASCII, and no signature that holds.
        send(server.port, mail(body="").replace(b"\r\n\r\n", "\r\n\r\nGrüße\r\n".encode()), to="u0@old.test")
        wait_for("the message", lambda: old.taken)
        assert old.taken[0].content.isascii() and whose(behind_trace(old.taken[0].content), keys[1]) == []


def test_what_an_alias_leads_on_keeps_its_signature(make_server, keys, signed, tmp_path):
    """Mail of a stranger, though it claims to be from here: nothing is signed, and nothing breaks."""
    entrance = free_port()
    (tmp_path / "aliases").write_text(f"away: u0@{OTHERS}\n")
    with Hop() as hop:
        make_server(f"{keys[2]}aliases {tmp_path}/aliases\nlisten 127.0.0.1:{entrance} trusted none\n"
                    f"route {OTHERS} 127.0.0.1:{hop.port}\n")
        send(entrance, signed["runs"], to=f"away@{DOMAIN}", sender="eve@example.org")
        send(entrance, mail(), to=f"away@{DOMAIN}", sender="eve@example.org")
        wait_for("both", lambda: len(hop.taken) == 2)
        contents = sorted((t.content for t in hop.taken), key=signatures)
        assert [signatures(c) for c in contents] == [0, 2]
        assert whose(behind_trace(contents[1]), keys[1]) == ["ed", "rsa"]


def test_returned_mail_of_a_user_is_known(keys, signed):
    """The signature that we have made is proof for plainpost explain, by the header alone; after refolding too."""
    work, records, _ = keys
    public = work / "rsa.record"
    public.write_bytes(records[RSA_NAME])
    named = f"--dkim-key={DOMAIN}:rsa={public}"

    def provenance(header):
        text = NOTICE.replace("alice@example.org", f"alice@{DOMAIN}") % ("text/rfc822-headers", header)
        return json.loads(explain("--json", named, text=text).stdout)["verdict"]["provenance"]
    header = signed["plain"].decode().split("\r\n\r\n")[0].replace("\r\n", "\n") + "\n"
    assert provenance(header) == "proven"
    assert provenance(header.replace("Minutes of\n Monday", "Minutes of Monday")) == "proven"
    assert provenance(header.replace("Date: Fri,", "Date:\n\tFri,")) == "proven"
    assert provenance("Received: from a by b\n" + header) == "proven"
    for name in ("Alice", "u0@", "Minutes", "27 Nov", "m1@"):
        assert name in header and provenance(header.replace(name, "x" + name)) != "proven", name
    for field in ("From: <x@example.org>", "Subject: x", "Reply-To: <x@example.org>", "Content-Type: text/html"):
        assert provenance(field + "\n" + header) != "proven", field


POSTFIX = f"""
compatibility_level = 3.6
myhostname = postfix.{OTHERS}
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
smtpd_relay_restrictions = reject_unauth_destination
virtual_mailbox_domains = {OTHERS}
virtual_mailbox_base = /mnt/mail
virtual_mailbox_maps = texthash:/mnt/conf/users
virtual_uid_maps = static:64613
virtual_gid_maps = static:64613
smtpd_milters = inet:127.0.0.1:%d
milter_default_action = tempfail
"""


@needs_filters
@pytest.mark.skipif(os.getuid() != 0, reason="Postfix needs root, and namespaces of its own")
def test_behind_filters_and_on_to_postfix(make_server, keys, tmp_path):
    """rspamd changes the subject, opendkim looks at it and says what it thinks, we sign what they have made of it, and an
    opendkim at Postfix checks that."""
    work, records, options = keys
    for name in ("ours", "theirs", "rspamd", "conf"):
        (tmp_path / name).mkdir()
    rspamd = Rspamd(tmp_path / "rspamd")
    ours = OpenDkim(tmp_path / "ours", "v", DOMAIN, "rsa", work / "rsa.pem", records[RSA_NAME].decode(),
                    "InternalHosts 192.0.2.1\n")
    theirs = OpenDkim(tmp_path / "theirs", "v", DOMAIN, "rsa", work / "rsa.pem", records[RSA_NAME].decode(),
                      "AuthservID postfix.test\nInternalHosts 192.0.2.1\n", port=free_port())
    (tmp_path / "conf" / "main.cf").write_text(POSTFIX % theirs.port)
    (tmp_path / "conf" / "passwd").write_text("root:x:0:0::/:/bin/sh\n")
    postfix = Postfix(tmp_path / "postfix", conf=tmp_path / "conf")
    try:
        server = make_server(f"{options.splitlines()[0]}\nfilter inet:127.0.0.1:{rspamd.refuses} name rspamd\n"
                             f"filter {ours.place} name opendkim\nroute {OTHERS} 127.0.0.1:{postfix.port}\n")
        send(server.port, mail(body="Z" + GTUBE + "\r\n"))
        [m] = postfix.wait_for_mail("u0")
        results = {r.split(";")[0].split(" ")[0]: r for r in m.get_all("Authentication-Results")}
        assert m["Subject"] == "[spam] Minutes of Monday" and results.keys() == {"checker.test", "postfix.test"}, m
        assert "dkim=none" in results["checker.test"]  # before we had signed it
        assert "dkim=pass" in results["postfix.test"] and f"header.d={DOMAIN}" in results["postfix.test"], results
        raw = behind_trace(postfix.files("u0")[0].read_bytes())
        assert whose(raw, records) == ["rsa"]
        server.audit()
    finally:
        postfix.stop()
        for peer in (ours, theirs, rspamd):
            peer.stop()
