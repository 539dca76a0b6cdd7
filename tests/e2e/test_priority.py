"""MT-PRIORITY (RFC 6710): who may say it, and what becomes of it."""
import smtplib

from conftest import wait_for
from hop import Hop


def test_a_priority_is_passed_on_to_those_who_know_it(make_server):
    with Hop(extensions=("PIPELINING", "MT-PRIORITY")) as knows, Hop() as does_not:
        s = make_server(f"route knows.test 127.0.0.1:{knows.port}\nroute not.test 127.0.0.1:{does_not.port}\n")
        with smtplib.SMTP("127.0.0.1", s.port) as client:
            client.ehlo()
            assert client.has_extn("mt-priority")
            code, words = client.mail("a@far.test", ["MT-PRIORITY=12"])
            assert code == 501 and words.startswith(b"5.5.4 MT-PRIORITY ")
            for to in "x@knows.test", "x@not.test":
                client.sendmail("a@far.test", to, "Subject: soon\r\n\r\nHello\r\n", ["MT-PRIORITY=-4"])
        wait_for("both", lambda: knows.taken and does_not.taken)
        assert [c for c in knows.commands if "MAIL" in c.upper()][0].split("> ")[1].split().count("MT-PRIORITY=-4") == 1
        assert "PRIORITY" not in does_not.commands[0].upper()
        for hop in knows, does_not:
            received = bytes(hop.taken[0].content).split(b";")[0]
            assert received.startswith(b"Received: ") and received.endswith(b"\r\n\tPRIORITY -4")
        s.audit()
