"""What Prometheus is told: in its format, and true."""
import http.client
import json
import re
import shutil
import subprocess

import pytest
from conftest import DOMAIN, answers, free_port, wait_for
from hop import Hop
from prometheus_client.parser import text_string_to_metric_families
from talk import Talk
from test_disk import faults, shim  # noqa: F401 (fixtures)


class Page:
    def __init__(self, port, path="/metrics", method="GET"):
        c = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        c.request(method, path)
        r = c.getresponse()
        self.status, self.headers, self.text = r.status, r.headers, r.read().decode()
        c.close()


class Figures:
    """Parsed by Prometheus' own library for Python; its conventions are checked besides."""

    def __init__(self, port):
        page = Page(port)
        assert page.status == 200 and page.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        self.text, self.values, self.kinds = page.text, {}, {}
        for family in text_string_to_metric_families(page.text):
            self.kinds[family.name] = family.type
            assert family.documentation.endswith("."), family.documentation
            for s in family.samples:
                key = (s.name, *sorted(s.labels.values()))
                assert key not in self.values, key
                self.values[key] = s.value
            if family.type == "histogram":
                self.check_histogram(family)

    @staticmethod
    def check_histogram(family):
        buckets = [(float(s.labels["le"]), s.value) for s in family.samples if s.name.endswith("_bucket")]
        assert buckets == sorted(buckets) and buckets[-1][0] == float("inf")
        assert [s.value for s in family.samples if s.name.endswith("_count")] == [buckets[-1][1]]

    def __getitem__(self, key):
        return self.values[(key,) if isinstance(key, str) else key]

    def sum(self, name):
        return sum(v for k, v in self.values.items() if k[0] == name)

    def add_up(self):
        """The invariant, at any moment."""
        assert self.sum("plainpost_recipients_total") == \
            self.sum("plainpost_recipients_finished_total") + \
            self.sum("plainpost_recipients_failed_total") + self["plainpost_queue_recipients"]
        assert self["plainpost_recipients_unaccounted"] == 0
        return self


@pytest.fixture
def watched(make_server):
    def make(options="", **arguments):
        port = free_port()
        s = make_server(f"metrics 127.0.0.1:{port}\n{options}", **arguments)
        s.metrics = port
        wait_for("the metrics", lambda: answers(port))
        return s
    return make


def test_figures_are_those_of_the_records(watched, tmp_path):
    (tmp_path / "aliases").write_text("team: alice, bob, x@gone.test\n")
    with Hop(lambda a: {"later@next.test": "450 4.2.1 busy", "never@next.test": "550 5.1.1 nobody"}.get(a)) as hop:
        s = watched(f"aliases {tmp_path / 'aliases'}\nroute next.test 127.0.0.1:{hop.port}\n"
                    "route gone.test discard \"we do not write there\"\n")
        assert Figures(s.metrics).add_up().sum("plainpost_recipients_total") == 0
        s.send([f"team@{DOMAIN}", f"bob@{DOMAIN}", "ok@next.test", "later@next.test", "never@next.test"])
        with Talk(s) as t:
            t.say("MAIL FROM:<x@example.org>")
            t.say(f"RCPT TO:<nobody@{DOMAIN}>").must_be(550, "5.1.1")
            t.say("NONSENSE").must_be(500, "5.5.1")
            now = wait_for("the others to have gone",
                           lambda: (n := Figures(s.metrics))["plainpost_smtp_sessions"] == 1 and n)
            assert now["plainpost_smtp_connections_total"] >= 2
        wait_for("all that can be done", lambda: (n := Figures(s.metrics).add_up())["plainpost_queue_recipients"] == 1
                 and n["plainpost_recipients_finished_total", "delivered"] == 3)
        f = Figures(s.metrics)
        assert f["plainpost_recipients_total", "accepted"] == 5
        assert f["plainpost_recipients_total", "expanded"] == 2  # bob is there already
        assert f["plainpost_recipients_total", "generated"] == 1  # the notification about never@
        assert f["plainpost_recipients_finished_total", "delivered"] == 3  # alice, bob, the notification
        assert f["plainpost_recipients_finished_total", "relayed"] == 1
        assert f["plainpost_recipients_finished_total", "discarded"] == 1
        assert f["plainpost_recipients_failed_total", "address-not-found"] == 1
        assert f["plainpost_failures_reported_total"] == 1
        assert f.sum("plainpost_attempts_delayed_total") == 1
        assert f["plainpost_smtp_refusals_total", "address-not-found"] == 1
        assert f["plainpost_smtp_refusals_total", "protocol"] == 1
        assert f["plainpost_log_lines_lost_total"] == 0
        assert f["plainpost_messages_accepted_total", "smtp"] == f["plainpost_accept_seconds_count"] == 1
        assert f["plainpost_delivery_seconds_count"] == 4
        assert f["plainpost_relay_connections_total", "connected"] >= 1
        assert f["plainpost_store_commits_total"] >= 3 and f["plainpost_store_written_bytes_total"] > 500
        assert f["plainpost_store_group_commits_sum"] == f["plainpost_store_commits_total"]
        assert f["plainpost_queue_oldest_seconds"] > 0 and f["process_resident_memory_bytes"] > 1e6
        # the same as the records say
        audit = json.loads(s.run("audit", "--json"))
        said = json.dumps(audit)
        for name, value in (("delivered", 3), ("relayed", 1), ("discarded", 1), ("queued", 1), ("generated", 1)):
            assert f'"{name}": {value}' in said, said
        s.stop()
        s.start()
        wait_for("the metrics", lambda: answers(s.metrics))
        f = Figures(s.metrics).add_up()
        assert f["plainpost_recipients_total", "recovered"] == f["plainpost_queue_recipients"] == 1
        assert f["plainpost_queue_messages", "asleep"] + f["plainpost_queue_messages", "awake"] == 1
        queue_id = json.loads(s.run("queue", "list", "--json"))["id"]
        s.run("queue", "hold", queue_id)
        assert Figures(s.metrics).add_up()["plainpost_queue_held_messages"] == 1
        s.run("queue", "release", queue_id)
        assert Figures(s.metrics).add_up()["plainpost_queue_held_messages"] == 0


def test_the_format_is_what_prometheus_wants(watched):
    s = watched()
    text = Figures(s.metrics).text
    if shutil.which("promtool"):  # of Debian's package prometheus, which is large
        r = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=30)
        assert r.returncode == 0, r.stdout + r.stderr
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    assert list(kinds) == re.findall(r"^# HELP (\S+) \S", text, re.M) and len(kinds) > 25
    for name, kind in kinds.items():
        assert re.fullmatch(r"(plainpost|process)_[a-z_]+", name)
        assert name.endswith("_total") == (kind == "counter"), name
        assert not re.search(r"_(count|sum|bucket|info|ms|milliseconds|minutes|kilobytes)$", name), name
    assert text.endswith("\n") and len(text.splitlines()) < 400  # however much mail there is


def test_pages(watched):
    s = watched()
    assert (h := Page(s.metrics, "/healthz")).status == 200 and h.text == "ok\n"
    assert Page(s.metrics, "/metrics", "HEAD").text == ""
    assert Page(s.metrics, "/").status == 404
    wrong = Page(s.metrics, "/metrics", "POST")
    assert wrong.status == 405 and wrong.headers["Allow"] == "GET, HEAD"
    c = http.client.HTTPConnection("127.0.0.1", s.metrics, timeout=20)
    for _ in range(3):  # a connection can be used again
        c.request("GET", "/healthz")
        assert c.getresponse().read() == b"ok\n"
    c.close()
    # another configuration: another port, and none
    good, other = s.config.read_text(), free_port()
    s.config.write_text(good.replace(f"metrics 127.0.0.1:{s.metrics}", f"metrics 127.0.0.1:{other}"))
    s.run("reload")
    assert Page(other, "/healthz").status == 200 and not answers(s.metrics)
    s.config.write_text(good.replace(f"metrics 127.0.0.1:{s.metrics}", ""))
    s.run("reload")
    assert not answers(other)


def test_trouble_shows(watched, faults):  # noqa: F811
    s = watched(environment={**faults.environment, "WATCHDOG_USEC": "400000"})
    faults.begin("sync 2s /journal/")
    with Talk(s) as t:
        t.mail()
        t.say("DATA")
        t.send("Subject: x\r\n\r\nx\r\n.\r\n")
        ill = wait_for("the news", lambda: (h := Page(s.metrics, "/healthz")).status == 503 and h)
        assert "a thread does not answer" in ill.text
        assert Figures(s.metrics)["plainpost_healthy"] == 0
        t.read().must_be(250, "2.0.0")
    wait_for("its recovery", lambda: Page(s.metrics, "/healthz").status == 200)
    faults.begin("sync EIO /journal/")
    with Talk(s) as t:
        t.mail()
        t.data().must_be(451, "4.3.0")
    assert "the disk has failed" in Page(s.metrics, "/healthz").text
    f = Figures(s.metrics)
    assert f["plainpost_smtp_refusals_total", "server-problem"] == 1
