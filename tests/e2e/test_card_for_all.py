"""The card of a notice for people who see little, or listen to it: axe-core finds nothing against it, by day and in the
dark. It is fetched by npm, once, into .peers/."""
import fcntl
import html
import json
import re
import shutil
import subprocess
import tarfile

import pytest
from conftest import PLAINPOST, ROOT
from test_page import BROWSER, FLAGS

VERSION = "4.14.1"
AXE = ROOT / ".peers" / f"axe-core-{VERSION}.js"
RUN = """
<script>
const tell = text => { document.body.innerHTML = "<pre id='found'></pre>"; document.getElementById("found").textContent = text; };
const ofAPage = {"landmark-one-main": {enabled: false}, region: {enabled: false}};  // a mail is shown inside one
axe.run(document, {resultTypes: ["violations"], rules: ofAPage}).then(
  r => tell(JSON.stringify(r.violations.map(v => [v.id, v.nodes[0].html]))), e => tell(JSON.stringify([["error", String(e)]])));
</script>"""


def fetch():
    """Why there is no axe-core; None: there is."""
    AXE.parent.mkdir(exist_ok=True)
    with open(AXE.parent / "axe-core.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if AXE.exists():
            return None
        if not shutil.which("npm"):
            return "needs npm, to fetch axe-core (apt-get install npm)"
        r = subprocess.run(["npm", "pack", "--silent", f"axe-core@{VERSION}"], cwd=AXE.parent, capture_output=True,
                           text=True, timeout=60)
        pack = AXE.parent / f"axe-core-{VERSION}.tgz"
        if r.returncode or not pack.exists():
            return "npm can't fetch axe-core: it needs the network once"
        with tarfile.open(pack) as files:
            AXE.write_bytes(files.extractfile("package/axe.min.js").read())
        pack.unlink()


@pytest.fixture(scope="module", autouse=True)
def axe():
    if not BROWSER:
        pytest.skip("chromium is not installed (apt-get install chromium)")
    if why := fetch():
        pytest.skip(why)
    return AXE.read_text().replace("</script", "<\\/script")


def card(*words):
    r = subprocess.run([PLAINPOST, "bounce-text", "preview", "--html", *words], capture_output=True, text=True, timeout=30)
    assert r.returncode == 0, r.stderr
    return r.stdout


def violations(tmp_path, page, axe, is_dark):
    path = tmp_path / "card.html"
    path.write_text(page.replace("</body>", f"<script>{axe}</script>{RUN}</body>"))
    r = subprocess.run([BROWSER, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--window-size=800,900",
                        f"--blink-settings=preferredColorScheme={0 if is_dark else 1}", "--virtual-time-budget=20000",
                        "--dump-dom", path.as_uri()], capture_output=True, text=True, timeout=60)
    found = re.search(r'<pre id="found">(.*?)</pre>', r.stdout, re.S)
    assert found, r.stderr[-2000:]
    return json.loads(html.unescape(found[1]))


@pytest.mark.parametrize("words, is_dark", [
    (("--cause", "address-not-found", "--to", "bob@gmial.example"), False),
    (("--cause", "inbox-full", "--kind", "double-bounce", "--lang", "ar"), True)], ids=["failure", "double-bounce"])
def test_nothing_stands_in_anybody_s_way(tmp_path, axe, words, is_dark):
    assert violations(tmp_path, card(*words), axe, is_dark) == []


@pytest.mark.parametrize("is_dark, damage, rule", [
    (True, (r"color:#ececec!important", "color:#333333!important"), "color-contrast"),
    (False, (r'<html lang="en"', "<html"), "html-has-lang")], ids=["dark", "language"])
def test_what_would_is_found(tmp_path, axe, is_dark, damage, rule):
    damaged = re.sub(*damage, card("--cause", "inbox-full"))
    assert rule in [found for found, _ in violations(tmp_path, damaged, axe, is_dark)]
