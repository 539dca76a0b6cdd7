"""The command line: what is wrong is told with how it is meant; never a crash, never silence."""
import os
import re
import socket
import subprocess

import pytest
from conftest import DOMAIN, PLAINPOST, ROOT, free_port


def plainpost(*words, cwd=None):
    return subprocess.run([PLAINPOST, *map(str, words)], capture_output=True, text=True, timeout=30, cwd=cwd)


def told(r, status, *parts):
    """The exit status; one message on standard error that names us, and has these parts."""
    assert r.returncode == status, (r.returncode, r.stdout, r.stderr)
    assert "Sanitizer" not in r.stderr and "runtime error" not in r.stderr, r.stderr
    assert r.stderr.startswith(("plainpost: ", "usage: ")) and r.stderr.endswith("\n"), r.stderr
    for part in parts:
        assert part in r.stderr, (part, r.stderr)


def test_help_names_every_command():
    r = plainpost("--help")
    assert r.returncode == 0 and not r.stderr
    for command in ("serve", "reload", "trace", "audit", "queue", "top", "watch", "config", "sendmail", "fake-bounce",
                    "bounce-text"):
        assert re.search(rf"^  {command} +\w", r.stdout, re.M), command
    assert plainpost("help").stdout == r.stdout
    for words in (("trace", "--help"), ("help", "trace")):
        r = plainpost(*words)
        assert r.returncode == 0 and not r.stderr
        assert r.stdout.startswith("plainpost trace: tell what became") and "man plainpost-trace\n" in r.stdout
    assert re.fullmatch(r"plainpost \d+\.\d+\.\d+\n", plainpost("--version").stdout)


@pytest.mark.parametrize("words, parts", [
    ((), ("usage: plainpost [-c FILE] COMMAND",)),
    (("-c",), ("-c wants the file of the configuration",)),
    (("-x",), ('there is no option "-x"', "--help")),
    (("--jason", "trace"), ('there is no option "--jason"',)),
    (("sevre",), ('there is no command "sevre"; is "serve" meant?', "--help")),
    (("quue", "ls"), ('is "queue" meant?',)),
    (("restart",), ('there is no command "restart"; "plainpost --help" lists them',)),
    (("help", "tracer"), ('is "trace" meant?',)),
    (("serve", "now"), ("use it as: plainpost [-c FILE] serve",)),
    (("trace",), ("use it as: plainpost trace",)),
    (("trace", "--jason", "x"), ("use it as: plainpost trace",)),
    (("trace", "a", "b"), ("use it as: plainpost trace",)),
    (("audit", "all"), ("use it as: plainpost audit [--json]",)),
    (("queue",), ("use it as: plainpost queue ls",)),
    (("queue", "lst"), ("use it as: plainpost queue ls",)),
    (("queue", "hold"), ("which messages?", "--from")),
    (("queue", "retry"), ("which messages?", "--all")),
    (("queue", "hold", "short"), ("a queue id is wanted", "--why")),
    (("queue", "ls", "--from"), ("--from wants a value",)),
    (("queue", "ls", "--form=x"), ("nothing is known of --form=x",)),
    (("queue", "ls", "--older", "soon"), ("--older",)),
    (("queue", "bounce", "--all"), ("--why",)),
    (("queue", "redirect", "--all"), ("where to?", "new address is wanted")),
    (("queue", "redirect", "--all", "bob"), ('"bob" is no address to redirect to',)),
    (("guard", "replay", "--limit", "old=3", "x"), ('there is no limit "old"; "plainpost guard limits"',)),
    (("seal", "--nonsense"), ("--nonsense: there is no such option, or its value is missing",)),
    (("watch", "nonsense"), ("a queue id is wanted", "use it as: plainpost watch")),
    (("top", "--twice"), ("use it as: plainpost top",)),
    (("config",), ("use it as: plainpost [-c FILE] config check|show",)),
    (("config", "chekc"), ("use it as: plainpost [-c FILE] config check|show",)),
])
def test_a_wrong_command_line_is_told_how_it_is_meant(words, parts, tmp_path):
    told(plainpost(*words, cwd=tmp_path), 2, *parts)
    assert not list(tmp_path.iterdir())


def test_a_configuration_that_is_not_there(tmp_path):
    told(plainpost("-c", tmp_path / "gone", "config", "check"), 1, "cannot read the configuration file",
         "No such file or directory")
    told(plainpost("-c", tmp_path, "config", "check"), 1, "cannot read the configuration file")


@pytest.mark.parametrize("text, parts", [
    ("hostname mx.home.test\nlissten 127.0.0.1:25\n", (":2:", '"lissten" is not an option', '"listen"?')),
    ("max-errors lots\n", (":1:", 'max-errors can\'t be "lots"', "a whole number")),
    ("\n\nexpire 900d\n", (":3:", "expire must be between 1s and 60d")),
    ("route example.org\n", (":1:", "route * mx")),
    ("state \"var\n", (":1:", 'add a "')),
    ("trusted 10.0.0.0/33\n", (":1:", "192.0.2.0/24")),
    ("\x00\x01\x02\n", (":1:", "control character")),
    ("users nowhere/users\n", ("cannot read nowhere/users",)),
])
def test_a_faulty_configuration_is_told_with_line_and_remedy(text, parts, tmp_path):
    (tmp_path / "x.conf").write_text(text)
    told(plainpost("-c", "x.conf", "config", "check", cwd=tmp_path), 1, *parts)
    told(plainpost("-c", "x.conf", "serve", cwd=tmp_path), 1, *parts)


@pytest.mark.parametrize("users, parts", [
    ("alice@home.test\nbob\n", ("users:2:", "alice@example.org")),
    ("alice@home.test quota lots\n", ("users:1:", "quota 500MB")),
    ("alice@home.test\nALICE@home.test\n", ("users:2:", "keep one of the two")),
    ("domain ..\n", ("users:1:", "domain example.org")),
])
def test_a_faulty_users_file_is_told_with_line_and_remedy(users, parts, tmp_path):
    (tmp_path / "x.conf").write_text("users users\n")
    (tmp_path / "users").write_text(users)
    told(plainpost("-c", "x.conf", "config", "check", cwd=tmp_path), 1, *parts)


@pytest.mark.parametrize("logins, parts", [
    ("alice@home.test hunter2\n", ("logins: line 1:",)),
    (None, ("logins",)),
])
def test_a_faulty_file_of_logins_is_told(logins, parts, tmp_path):
    (tmp_path / "x.conf").write_text("logins logins\n")
    if logins:
        (tmp_path / "logins").write_text(logins)
        (tmp_path / "logins").chmod(0o600)
    r = plainpost("-c", "x.conf", "config", "check", cwd=tmp_path)
    told(r, 1, *parts)
    assert "hunter2" not in r.stdout + r.stderr and not (tmp_path / "var").exists()


def test_what_is_checked_is_what_is_shown(tmp_path):
    shown = plainpost("config", "default", cwd=tmp_path).stdout
    (tmp_path / "x.conf").write_text(shown)
    assert plainpost("-c", "x.conf", "config", "show", cwd=tmp_path).stdout == shown
    r = plainpost("-c", "x.conf", "config", "check", cwd=tmp_path)
    assert r.returncode == 0 and "is fine" in r.stdout


def test_serving_where_it_cannot_be(tmp_path):
    def serve(*lines):
        (tmp_path / "x.conf").write_text("\n".join(lines) + "\n")
        return plainpost("-c", "x.conf", "serve", cwd=tmp_path)
    told(serve("listen 192.0.2.1:2525"), 1, "cannot listen on 192.0.2.1:2525")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        told(serve(f"listen 127.0.0.1:{port}"), 1, f"cannot listen on 127.0.0.1:{port}", "in use")
    told(serve("listen gone.invalid:25"), 1, "gone.invalid")
    (tmp_path / "file").write_text("x")
    told(serve(f"listen 127.0.0.1:{free_port()}", "state file"), 1, "file")
    told(serve(f"listen 127.0.0.1:{free_port()}", "dns-anchor gone"), 1, "trust anchors in gone")


@pytest.mark.skipif(os.geteuid() != 0, reason="another user is needed, and only root can be one")
def test_a_state_that_belongs_to_somebody_else(tmp_path):
    (tmp_path / "x.conf").write_text(f"listen 127.0.0.1:{free_port()}\nstate {tmp_path}/state\n")
    (tmp_path / "state").mkdir(mode=0o700)
    for d in (tmp_path, *tmp_path.parents[:2]):
        d.chmod(0o755)
    r = subprocess.run(["setpriv", "--reuid", "65534", "--clear-groups", PLAINPOST, "-c", tmp_path / "x.conf",
                        "serve"], capture_output=True, text=True, timeout=30)
    told(r, 1, "state", "Permission denied")


def test_asking_where_nothing_is(tmp_path):
    told(plainpost("trace", f"alice@{DOMAIN}", cwd=tmp_path), 1, "there is no mail in var yet")
    told(plainpost("audit", cwd=tmp_path), 1, "there is no mail in var yet")
    told(plainpost("queue", "list", cwd=tmp_path), 1, "no plainpost runs on var", "plainpost serve")


def test_asking_for_what_nobody_knows(make_server):
    s = make_server()
    s.send(f"bob@{DOMAIN}")
    s.wait_for_mail("bob")
    r = s.run("trace", "carol@nowhere.test", check=False)
    told(r, 1, 'nothing is known of "carol@nowhere.test"', "a queue id")
    told(s.run("trace", "x\x1b[2Jy\u202e", check=False), 1, "x<U+001B>[2Jy<U+202E>")
    assert s.run("trace", "--json", "carol@nowhere.test", check=False).stdout.strip() == "[]"
    for words in (("hold", "00000000000"), ("release", "00000000000"), ("retry", "00000000000")):
        told(s.run("queue", *words, check=False), 1, "there is no")
    assert "queue is empty" in s.run("queue", "list")


def test_everything_has_a_manual_page():
    """Every command, and every file that people or programs write; all are installed, and name only pages there are."""
    commands = re.findall(r"^  ([a-z][a-z-]*) ", plainpost("--help").stdout, re.M)
    pages = {p.name.removesuffix(".in") for p in (ROOT / "man").glob("plainpost*")}
    assert len(commands) > 5
    for command in commands:
        assert {f"plainpost-{command}.1", f"plainpost-{command}.8"} & pages, command
    assert {"plainpost.1", "plainpost.conf.5", "plainpost-users.5", "plainpost-aliases.5", "plainpost-drop.5"} <= pages
    built = (ROOT / "man" / "meson.build").read_text()
    for page in pages:
        assert f"'{page}" in built, page
    for path in (ROOT / "man").glob("plainpost*"):
        for name, section in re.findall(r"\.Xr (plainpost\S*) (\d)", path.read_text()):
            assert f"{name}.{section}" in pages, (path, name)


def test_the_example_of_the_drop_format_works(make_server):
    s = make_server()
    example = (ROOT / "man" / "plainpost-drop.5").read_text().split(".Sh EXAMPLES")[1]
    script = re.search(r"\.Bd.*?\n(.*?)\.Ed", example, re.S).group(1).replace(r"\-", "-").replace(r"\e", "\\")
    script = script.replace("/var/spool/plainpost/drop", str(s.state / "drop")).replace("ops@example.org", f"bob@{DOMAIN}")
    subprocess.run(["sh", "-eu", "-c", script], check=True, timeout=20)
    [m] = s.wait_for_mail("bob")
    assert m["Subject"] == "disk" and m.get_content() == "It is nearly full.\n"
