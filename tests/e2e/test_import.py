"""plainpost import postfix, beside the real Postfix: what postconf(1) says of the same files, and where mail for the
same addresses ends."""
import collections
import email
import os
import re
import smtplib
import subprocess

import pytest
from certificates import Authority
from conftest import PLAINPOST, NextHop, Server, wait_for
from peer_postfix import SCRIPT, Postfix

MASTER_CF = "smtp inet n - y - - smtpd\nsmtps inet n - y - - smtpd\n  -o smtpd_tls_wrappermode=yes\n"
PASSWD = "root:x:0:0:root:/root:/bin/bash\nwww:x:33:33::/var/www:/bin/false\n" + "".join(
    f"{name}:x:{64700 + n if name == 'nob' else 1000 + n}:65534:{name},,,:/home/{name}:/bin/bash\n"
    for n, name in enumerate(["alice", "bob", "carol", "dave", "nob"]))


def run_import(*words, check=True):
    r = subprocess.run([PLAINPOST, "import", *words], capture_output=True, text=True, timeout=60)
    if check:
        assert r.returncode == 0, r.stdout + r.stderr
    return r


def postconf(directory, *words):
    r = subprocess.run([SCRIPT, "postconf", "-c", directory, *words], capture_output=True, text=True, timeout=60)
    assert r.returncode == 0, r.stderr
    return dict(line.partition(" = ")[::2] if " = " in line else (line.removesuffix(" ="), "")
                for line in r.stdout.splitlines())


def put(root, name, text):
    path = root / "etc" / "postfix" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def root(tmp_path):
    put(tmp_path / "root", "master.cf", MASTER_CF)
    (tmp_path / "root" / "etc" / "passwd").write_text(PASSWD)
    return tmp_path / "root"


# ---- settings

def test_debian_s_own_main_cf(root, tmp_path):
    subprocess.run([SCRIPT, "fetch"], check=True, timeout=300)
    debian = SCRIPT.parents[2] / ".peers" / "postfix" / "usr" / "share" / "postfix"
    certificate, key = Authority(tmp_path).issue("mx", "mx.example.org")
    main_cf = "".join((debian / name).read_text() for name in ("main.cf.debian", "main.cf.tls"))
    for files, made in (("certs/ssl-cert-snakeoil.pem", certificate), ("private/ssl-cert-snakeoil.key", key)):
        assert f"/etc/ssl/{files}" in main_cf
        main_cf = main_cf.replace(f"/etc/ssl/{files}", str(made))
    put(root, "main.cf", main_cf +
        "myhostname = mx.example.org\nmyorigin = /etc/mailname\nmydestination = $myhostname, example.org, localhost\n"
        "relayhost =\nmynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128\nalias_maps = hash:/etc/aliases\n"
        "alias_database = hash:/etc/aliases\nmailbox_size_limit = 0\nrecipient_delimiter = +\ninet_interfaces = all\n"
        "inet_protocols = all\nsmtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated"
        " defer_unauth_destination\n")
    put(root, "master.cf", (debian / "master.cf.dist").read_text())
    (root / "etc" / "aliases").write_text("postmaster: root\nroot: alice\n")
    (root / "etc" / "mailname").write_text("example.org\n")
    told = run_import("postfix", "--root", str(root), "--to", str(tmp_path / "to")).stdout
    assert "They are fine" in told and "knows no such setting" not in told
    lines = (tmp_path / "to" / "plainpost.conf").read_text().splitlines()
    assert {"hostname mx.example.org", "listen [::]:25", "trusted 127.0.0.0/8", "max-message-size 10240000",
            "route * mx", f"tls-certificate {certificate} {key}"} <= set(lines)
    assert "root:" in (tmp_path / "to" / "aliases").read_text()
    assert "alice@example.org" in (tmp_path / "to" / "users").read_text().splitlines()
    checked = subprocess.run([PLAINPOST, "-c", tmp_path / "to" / "plainpost.conf", "config", "check"],
                             capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stderr


def test_every_setting_of_postfix_is_told_of(root, tmp_path):
    put(root, "main.cf", "")
    every = postconf(root / "etc" / "postfix", "-d")
    assert len(every) > 800
    put(root, "main.cf", "".join(f"{name} = 1\n" for name in every if name != "alias_maps"))
    told = run_import("postfix", "--root", str(root), "--dry-run").stdout
    headings = re.split(r"\n(?=\S)", told)
    assert len(headings) == 5, headings  # read, carried, lost, unneeded, nothing written
    assert "knows no such setting" not in told and "own name" not in told
    assert not [name for name in every if not re.search(rf"^  {name}\b", told, re.M)]


EXPANSIONS = """
myhostname = mx.example.org
mydestination = $myhostname, $(mydomain),
    # a comment in between
  ${mydomain}

    localhost.${mydomain}
empty =
full = yes
relayhost = ${full?[smart.example.net]:587}
smtpd_banner = ${empty?no}${empty:$myhostname ESMTP $$5}
mail_name = ${full?{a{b}c}:{d}} ${empty?{a}:{d $full}} ${nowhere:{none}}
syslog_name = ${{$full} == {yes} ? {equal} : {other}}-${{2} < {10} ? {number} : {text}}-${{b} >= {a} ? {x} : {y}}
message_size_limit = 1
message_size_limit = ${compatibility_level}000000
compatibility_level = 3.6
myorigin = ${{$compatibility_level} >=level {3.10} ? {new.example.org} : {old.example.org}}
home_mailbox = ${full ? {Maildir/}}
"""


def test_values_are_those_that_postconf_tells(root, tmp_path):
    put(root, "main.cf", EXPANSIONS)
    theirs = postconf(root / "etc" / "postfix", "-x", "mydestination", "relayhost", "smtpd_banner", "mail_name",
                      "syslog_name", "message_size_limit", "myorigin", "home_mailbox")
    assert len(theirs) == 8
    for name in theirs:  # a route to nowhere shows what its words stand for
        put(root, "main.cf", EXPANSIONS + f"transport_maps = inline:{{ {{ x.test = error:<${name}> }} }}\n")
        to = tmp_path / name
        run_import("postfix", "--root", str(root), "--to", str(to), check=False)
        ours = re.search(r'^route x.test refuse "?<(.*?)>"?$', (to / "plainpost.conf").read_text(), re.M)[1]
        assert " ".join(ours.split()) == " ".join(theirs[name].split()), name


def test_what_is_there_is_not_written_over(root, tmp_path):
    put(root, "main.cf", "myhostname = mx.example.org\nalias_maps =\n")
    to = tmp_path / "to"
    run_import("postfix", "--root", str(root), "--to", str(to))
    (to / "users").write_text("mine")
    r = run_import("postfix", "--root", str(root), "--to", str(to), check=False)
    assert r.returncode == 1 and "is there already" in r.stderr
    assert (to / "users").read_text() == "mine"
    run_import("postfix", "--root", str(root), "--to", str(to), "--force")
    assert "alice@mx.example.org" in (to / "users").read_text()
    assert sorted(os.listdir(to)) == ["aliases", "plainpost.conf", "users"]


@pytest.mark.parametrize("words, status, told", [
    ([], 2, "use it as"),
    (["exim"], 2, "use it as"),
    (["postfix", "--to"], 2, "use it as"),
    (["postfix", "/nonexistent", "--dry-run"], 1, "cannot read /nonexistent/main.cf: No such file"),
], ids=["nothing", "other", "unfinished", "missing"])
def test_what_cannot_be_imported_is_told(words, status, told):
    r = run_import(*words, check=False)
    assert r.returncode == status and told in r.stderr


# ---- the same addresses end at the same places

MAIN_CF = """
compatibility_level = 3.6
myhostname = mx.example.org
myorigin = example.org
mydestination = $myhostname, example.org, localhost
mynetworks = !127.0.0.2, 127.0.0.0/29
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
alias_maps = hash:$config_directory/aliases
mail_spool_directory = /mnt/mail/
recipient_delimiter = +

virtual_alias_domains = alias.test, old.test
virtual_alias_maps = texthash:$config_directory/virtual
virtual_mailbox_domains = box.test, all.test
virtual_mailbox_base = /mnt/mail/v
virtual_mailbox_maps = texthash:$config_directory/boxes
virtual_uid_maps = static:64613
virtual_gid_maps = static:64613
relay_domains = relay.test
relay_recipient_maps = inline:{{ inner@relay.test=x, open@relay.test=x }}
transport_maps = inline:{{ {{ relay.test = smtp:[127.0.0.1]:{hop} }}, {{ shut.test = error:5.1.2 nobody lives there }},
    {{ .wide.test = relay:[127.0.0.1]:{hop} }}, {{ gone@relay.test = discard: }} }}
relayhost = [127.0.0.1]:{hop}
"""
ALIASES = """
postmaster: root
root: alice
staff: alice, bob,
    carol@box.test
Carol: carol, bob
alice: alice
"spaced name": bob
outside: someone@else.test
"""
VIRTUAL = """
info@alias.test    alice@example.org
sales@alias.test   bob, open@relay.test
@old.test          @alias.test
webmaster          carol@box.test
dave@example.org   erin@box.test
chain@alias.test   staff@localhost
kept@box.test      kept@box.test
@all.test          bob@example.org
mine@all.test      mine@all.test
root@mx.example.org root@mx.example.org
"""
BOXES = """
carol@box.test    box/carol/
erin@box.test     box/erin/
kept@box.test     box/kept/
mine@all.test     all/mine/
lost@all.test     all/lost/
@box.test         box/rest/
"""
ADDRESSES = [f"{name}@{domain}" for domain in ("example.org", "mx.example.org", "localhost") for name in
             ("alice", "bob", "carol", "dave", "root", "staff", "webmaster", "ghost", "www", "alice+x", "outside")] + [
    "info@alias.test", "sales@alias.test", "chain@alias.test", "alice@alias.test", "root@alias.test", "ghost@alias.test",
    "info@old.test", "chain@old.test", "ghost@old.test", "carol@box.test", "erin@box.test", "kept@box.test",
    "anybody@box.test", "mine@all.test", "lost@all.test", "other@all.test", "inner@relay.test", "open@relay.test",
    "ghost@relay.test", "x@shut.test", "x@far.test", "x@a.wide.test", "x@sub.box.test", "INFO@Alias.Test"]
REFUSED_AT_ONCE = ["ghost@old.test"]  # Postfix takes any name there, and returns it as a bounce
TRUSTED, STRANGER = "127.0.0.1", "127.0.0.2"


def verdicts(port, source):
    """2 or 5 for each address."""
    found = {}
    with smtplib.SMTP("127.0.0.1", port, "client.test", 20, (source, 0)) as s:
        s.ehlo()
        for n, address in enumerate(ADDRESSES):
            if n % 15 == 0:  # patience with those who ask for unknown users is short
                s.quit()
                s.connect("127.0.0.1", port, (source, 0))
                s.ehlo()
            s.mail("sender@example.com")
            found[address] = s.rcpt(address)[0] // 100
            s.rset()
    return found


def send_each(port, addresses):
    with smtplib.SMTP("127.0.0.1", port, "client.test", 20, (TRUSTED, 0)) as s:
        for address in addresses:
            s.sendmail("sender@example.com", address, f"From: sender@example.com\nSubject: {address}\n\ntext\n")


def subject(path):
    return str(email.message_from_bytes(path.read_bytes())["Subject"])


def arrived(boxes, hop, after):
    """For each address the places where its mail came to: Maildirs, and addresses at the next hop."""
    places = collections.defaultdict(list)
    for path in boxes.glob("**/new/*"):
        places[subject(path)].append(f"box {path.parents[1].relative_to(boxes)}")
    for path, envelope in list(zip(hop.messages(), hop.envelopes()))[after:]:
        places[subject(path)] += [f"hop {to}" for to in envelope["recipients"]]
    return {address: sorted(found) for address, found in places.items()}


def all_are_removed(log):
    """Those that local(8) forwards too."""
    return set(re.findall(r"(?:cleanup|qmgr)\[\d+\]: ([0-9A-F]+): ", log)) == set(re.findall(r"(\w+): removed", log))


def imported_server(tmp_path, root, boxes):
    s = Server(tmp_path)
    run_import("postfix", "--root", str(root), "--to", str(tmp_path / "to"))
    text = (tmp_path / "to" / "plainpost.conf").read_text()
    for name, value in {"listen": f"127.0.0.1:{s.port}", "state": s.state, "mailboxes": s.mail,
                        "drop": tmp_path / "drop"}.items():
        text, count = re.subn(rf"^{name} .*$", f"{name} {value}", text, flags=re.M)
        assert count == 1, text
    s.config.write_text(text)
    users = tmp_path / "to" / "users"
    users.write_text(users.read_text().replace("/mnt/mail/", f"{boxes}/"))
    return s


def test_the_same_addresses_end_at_the_same_places(root, tmp_path):
    hop = NextHop(tmp_path)
    boxes = tmp_path / "boxes"
    put(root, "main.cf", MAIN_CF.format(hop=hop.port))
    put(root, "aliases", ALIASES)
    put(root, "virtual", VIRTUAL)
    put(root, "boxes", BOXES)
    put(root, "passwd", PASSWD)
    postfix = server = None
    try:
        postfix = Postfix(tmp_path / "postfix", conf=root / "etc" / "postfix")
        server = imported_server(tmp_path, root, boxes).start()
        theirs = {source: verdicts(postfix.port, source) for source in (TRUSTED, STRANGER)}
        ours = {source: verdicts(server.port, source) for source in (TRUSTED, STRANGER)}
        different = {(source, address, code) for source in ours for address, code in ours[source].items()
                     if theirs[source][address] != code}
        assert different == {(source, address, 5) for source in ours for address in REFUSED_AT_ONCE}
        # A control: without these the comparison would say nothing.
        assert theirs[TRUSTED]["x@far.test"] == theirs[STRANGER]["inner@relay.test"] == 2
        assert theirs[STRANGER]["x@far.test"] == theirs[STRANGER]["ghost@example.org"] == 5

        taken = [address for address, code in ours[TRUSTED].items() if code == 2]
        assert len(taken) > 40
        send_each(postfix.port, taken)
        wait_for("Postfix to deliver", lambda: set(arrived(postfix.work / "mail", hop, 0)) == set(taken))
        wait_for("an empty queue at Postfix", lambda: all_are_removed(postfix.log()))
        at_postfix, at_hop = arrived(postfix.work / "mail", hop, 0), len(hop.messages())
        send_each(server.port, taken)
        wait_for("an empty queue", lambda: "empty" in server.run("queue", "list"))
        assert arrived(boxes, hop, at_hop) == at_postfix
        server.audit()
    finally:
        for running in (postfix, server, hop):
            if running:
                running.stop()
