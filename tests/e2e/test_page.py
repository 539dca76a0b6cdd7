"""The page of `plainpost explain --html` in a real browser: whatever a mail holds, no script runs and no request
leaves; it can be read in light and dark, and on a narrow screen."""
import base64
import hashlib
import http.server
import re
import shutil
import subprocess
import threading

import pytest
from conftest import PLAINPOST

BROWSER = shutil.which("chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps"]


class Listener(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(204)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *words):
        pass


@pytest.fixture
def listener():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()


def page_of(tmp_path, mail, *options):
    path = tmp_path / "notice.eml"
    path.write_bytes(mail.encode())
    r = subprocess.run([PLAINPOST, "explain", "--html", *options, path], capture_output=True, text=True, timeout=30)
    assert r.stdout.startswith("<!DOCTYPE html>"), (r.returncode, r.stderr)
    return r.stdout


def browse(tmp_path, page):
    """The page as it stands after its scripts, if any, have run."""
    path = tmp_path / "page.html"
    path.write_text(page)
    r = subprocess.run([BROWSER, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--window-size=800,900",
                        "--virtual-time-budget=3000", "--dump-dom", path.as_uri()],
                       capture_output=True, text=True, timeout=60)
    assert "</html>" in r.stdout, r.stderr[-2000:]
    return r.stdout


def attacks(port):
    here = f"http://127.0.0.1:{port}/leak"
    return [f"<script>document.title='OWNED';new Image().src='{here}'</script>",
            f"<img src='{here}' onerror=\"document.title='OWNED'\">",
            f"\"><svg onload=\"document.title='OWNED'\"><image href='{here}'/></svg>",
            f"</style><style>@import '{here}'; body {{ background: url({here}) }}</style>",
            f"</title></pre></dd></article><iframe src='{here}'></iframe>",
            f"<link rel=stylesheet href='{here}'><link rel=prefetch href='{here}'>",
            f"<meta http-equiv=refresh content='0;url={here}'>",
            f"<form action='{here}'><input autofocus onfocus=\"document.title='OWNED';form.submit()\"></form>",
            f"<base href='{here}/'><video autoplay poster='{here}' src='{here}'></video>",
            f"<a href=\"javascript:document.title='OWNED'\" ping='{here}'>x</a>"]


def notice(port):
    """Every field that a page shows holds every attack."""
    evil = " ".join(attacks(port))
    encoded = " ".join(f"=?utf-8?b?{base64.b64encode(a.encode()).decode()}?=" for a in attacks(port))
    return f"""From: Mail Delivery System {encoded} <mailer-daemon@example.org>
To: alice@gmail.com
Subject: Undelivered {encoded}
Date: Tue, 24 Nov 2026 12:44:03 +0100
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/html; charset=utf-8

<p>{evil}</p>
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; {attacks(port)[0]}

Final-Recipient: rfc822; bob{attacks(port)[1]}@gmail.com
Action: failed
Status: 5.2.2
Remote-MTA: dns; {attacks(port)[2]}
Diagnostic-Code: smtp; 552 5.2.2 {evil}

--b
Content-Type: message/rfc822

From: {encoded} <alice@gmail.com>
To: bob@gmail.com
Subject: {encoded}
Message-ID: <{attacks(port)[5]}>

{evil}
--b--
"""


@pytest.mark.skipif(not BROWSER, reason="chromium is not installed (apt-get install chromium)")
def test_no_script_runs_and_no_request_leaves(tmp_path, listener):
    port = listener.server_address[1]
    page = page_of(tmp_path, notice(port))
    assert "OWNED" in page  # shown, as text
    dom = browse(tmp_path, page)
    assert "<title>What this notice means</title>" in dom
    assert not re.search(r"<(script|img|svg|iframe|form|input|video|base|link)\b", dom)
    assert not [a for a in listener.asked if "leak" in a]

    # A page without our care is caught, so the test can fail.
    dom = browse(tmp_path, "<!DOCTYPE html><title>x</title>" + "".join(attacks(port)[:3]) + "</html>")
    assert "<title>OWNED</title>" in dom and "/leak" in listener.asked


@pytest.mark.skipif(not BROWSER, reason="chromium is not installed (apt-get install chromium)")
@pytest.mark.parametrize("language", ["en", "ar", "ru"])
def test_a_narrow_screen_is_wide_enough(tmp_path, language):
    page = page_of(tmp_path, notice(1).replace("bob<", "b" * 150 + "<"), f"--lang={language}")
    measured = re.sub(r"<meta http-equiv[^>]*>", "", page).replace("</body>", """<script>
        parent.postMessage(document.documentElement.scrollWidth <= 320 ? 'fits' : 'too wide', '*')</script></body>""")
    (tmp_path / "measured.html").write_text(measured)
    frame = """<!DOCTYPE html><title>x</title><script>onmessage = e => { document.title = e.data }</script>
        <iframe width=320 height=800 style="border: 0" src="measured.html"></iframe></html>"""
    assert "<title>fits</title>" in browse(tmp_path, frame)


def luminance(colour):
    digits = colour.lstrip("#")
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    parts = [int(digits[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(p * weight for p, weight in zip(parts, (0.2126, 0.7152, 0.0722)))


def contrast(one, two):
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_colours_can_be_read_in_light_and_dark(tmp_path):
    style = re.search(r"<style>(.*)</style>", page_of(tmp_path, notice(1)), re.S)[1]
    sets = [dict(re.findall(r"--(\w+): (#\w+)", block)) for block in re.findall(r":root \{(.*?)\}", style, re.S)]
    assert len(sets) == 2
    for colours in sets:
        for ink in ("ink", "soft", "calm", "wait", "trouble", "danger", "link"):
            assert contrast(colours[ink], colours["paper"]) >= 4.5, ink
        assert contrast(colours["ink"], colours["box"]) >= 4.5


@pytest.mark.parametrize("language", ["en", "ar", "de", "es", "fr", "it", "ja", "nl", "pl", "pt", "ru", "zh"])
def test_the_page_is_whole(tmp_path, language):
    page = page_of(tmp_path, notice(1), f"--lang={language}")
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in page
    style = re.search(r"<style>(.*)</style>", page, re.S)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page
    assert re.findall(r"<h(\d)", page)[0] == "1" and page.count("<h1>") == 1
    for tag in re.findall(r"<[^>]+>", page):
        assert "127.0.0.1" not in tag and not re.search(r"\b(src|on\w+)=", tag), tag
    opened = re.findall(r"<(article|main|section|ol|ul|li|dl|dd|dt|p|h[1-3]|pre|a|bdi)\b", page)
    closed = re.findall(r"</(article|main|section|ol|ul|li|dl|dd|dt|p|h[1-3]|pre|a|bdi)>", page)
    assert sorted(opened) == sorted(closed)
