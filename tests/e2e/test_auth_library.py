"""libplainpost-auth as another program meets it: installed, found by pkg-config, static and shared. It asks the system
for nothing, shows no name but its own, and judges as dkimpy and the command do."""
import re
import subprocess

import dkim
import pytest
from conftest import PLAINPOST, ROOT
from fake_dns import FakeDns, txt
from libraries import BUILDS, functions_of, installed_library, needed

HEADER = (ROOT / "include" / "plainpost" / "auth.h").read_text()
FILES = ["libplainpost-auth.so", "libplainpost-auth.a"]

# What none of its names may be: files, sockets, clocks, threads, the environment.
FORBIDDEN = re.compile(
    r"f?open|fopen\w*|fdopen|read|write|pread|send\w*|recv\w*|socket|connect|bind|poll|select|epoll\w*|time|clock\w*|"
    r"gettimeofday|gmtime\w*|localtime\w*|pthread\w*|(secure_)?getenv|setlocale|rand\w*|getrandom|res_\w+|getaddrinfo|fork|"
    r"exec\w*|kill|signal|dlopen|psl_load_file|psl_latest|BIO_new_file|BIO_new_fp|BIO_s_file|BIO_s_fd|BIO_s_socket")


@pytest.fixture(scope="module", params=BUILDS, ids=lambda build: build.name)
def installed(request, tmp_path_factory):
    with installed_library("plainpost-auth", request.param, tmp_path_factory.mktemp("installed")) as library:
        yield library


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    return subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, check=True).stdout


def record_of(pem):
    der = subprocess.run(["openssl", "pkey", "-pubout", "-outform", "DER"], input=pem, capture_output=True,
                         check=True).stdout
    import base64
    return "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode()


@pytest.mark.parametrize("is_static", [False, True], ids=["shared", "static"])
def test_the_example(installed, tmp_path, pem, is_static):
    program = installed.compile(tmp_path / "example", ROOT / "doc" / "auth-example.c", is_static=is_static,
                                standard="-std=gnu99", more=[ROOT / "tests" / "library" / "auth_dns.c", "-lresolv"])
    assert ("libplainpost-auth.so.0" in needed(program)) == (not is_static)
    message = b"From: Alice <alice@example.org>\r\nTo: bob@example.net\r\nSubject: Hello\r\n\r\nHello!\r\n"
    signed = dkim.sign(message, b"s1", b"example.org", pem, include_headers=[b"from", b"to", b"subject"]) + message
    zone = {"example.org": {"TXT": [txt("v=spf1 mx -all")], "MX": ["10 mx.example.org."]},
            "mx.example.org": {"CNAME": ["host.example.org."]}, "host.example.org": {"A": ["192.0.2.7"]},
            "_dmarc.example.org": {"TXT": [txt("v=DMARC1; p=reject")]},
            "s1._domainkey.example.org": {"TXT": [txt(record_of(pem))]}}
    (tmp_path / "message").write_bytes(signed)
    with FakeDns(zone) as dns:
        def run(client, octets):
            r = subprocess.run([program, client, "mx.example.org", "alice@example.org"], input=octets,
                               capture_output=True, env={**installed.environment, "DNS_PORT": str(dns.port)}, timeout=30)
            assert r.returncode == 0, r.stderr.decode()
            return r.stdout.decode().replace("\r\n", "\n")
        said = run("192.0.2.7", signed)
        same = subprocess.run([PLAINPOST, "check", "message", tmp_path / "message", "--ip", "192.0.2.7", "--sender",
                               "alice@example.org", "--helo", "mx.example.org", "--dns", dns.server],
                              capture_output=True, text=True).stdout
        changed = run("198.51.100.1", signed.replace(b"Hello!", b"Hullo!").replace(b"\r\n", b"\n"))
    assert said.startswith("Authentication-Results: mx.example.net;\n")
    assert said.split("SPF: ")[0].split(";", 1)[1] == same.split(";", 1)[1], same
    assert "spf=pass" in said and "dkim=pass" in said and "dmarc=pass" in said
    assert "spf=fail" in changed and "dkim=fail" in changed and "dmarc=fail" in changed
    assert "DKIM: example.org: fail the body was changed" in changed, changed


@pytest.mark.parametrize("standard", ["-std=c++98", "-std=c++20"])
def test_the_header_is_of_every_c_plus_plus(installed, tmp_path, standard):
    source = tmp_path / "header.cc"
    text = (ROOT / "tests" / "library" / "auth_header.cc").read_text()
    source.write_text(text.replace("nullptr", "0") if standard == "-std=c++98" else text)
    more = ["-Wno-long-long"] if standard == "-std=c++98" else []
    program = installed.compile(tmp_path / "header", source, "c++", standard, more=more)
    assert subprocess.run([program], env=installed.environment, timeout=30).returncode == 0


def test_threads_do_not_meet(installed, tmp_path, pem):
    program = installed.compile(tmp_path / "threads", ROOT / "tests" / "library" / "auth_threads.c", more=["-pthread"])
    r = subprocess.run([program], input=pem, capture_output=True, env=installed.environment, timeout=60)
    assert r.returncode == 0 and r.stdout == b"200 of 200\n", r.stderr.decode()[-3000:]


@pytest.mark.parametrize("library", FILES)
def test_it_asks_the_system_for_nothing(installed, library):
    asked = installed.asks_for(installed.folder / library)
    assert "calloc" in asked and "EVP_DigestVerify" in asked and "psl_builtin" in asked
    assert not [name for name in asked if FORBIDDEN.fullmatch(name)]


def test_what_else_it_needs_is_said(installed):
    needs = {re.match(r"lib([a-z]+)", name)[1] for name in installed.needs()}
    assert needs == {"c", "crypto", "idn", "psl"}
    assert {"-lcrypto", "-lidn2", "-lpsl"} <= set(installed.pkg_config("--libs", "--static"))
    assert not {"-lcrypto", "-lidn2", "-lpsl"} & set(installed.pkg_config("--libs"))


@pytest.mark.parametrize("library", FILES)
def test_it_shows_no_name_but_its_own(installed, library):
    assert installed.shows(installed.folder / library) == functions_of(HEADER)


def test_it_keeps_no_state(installed):
    """Nothing that could be written to: no data, and nothing that starts as zeros."""
    if installed.sanitizers:
        pytest.skip("the sanitizers keep state of their own")
    sizes = installed.state()
    assert sizes and not any(sizes.values()), sizes


def test_versions_agree(installed):
    installed.assert_versions_agree(HEADER, "PLAINPOST_AUTH_VERSION")
