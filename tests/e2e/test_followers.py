"""Commands of the next message go out right behind the end of the one before, to next hops of every temper."""
import pytest
from conftest import DOMAIN, wait_for
from hop import Hop

MESSAGES = 60


@pytest.mark.parametrize("behind", ["taken", "lost", "refused", "closed"])
def test_all_arrives_once_whatever_becomes_of_followers(make_server, behind):
    with Hop(delay=0.01, behind=behind) as hop:
        s = make_server(f"route hop.test 127.0.0.1:{hop.port}\ndestination-concurrency 2\nreply-timeout 2s\n")
        s.run("queue", "suspend", "hop.test")  # so that there is a queue, however slow this machine is
        with s.client() as client:
            for i in range(MESSAGES):
                client.sendmail(f"bob@{DOMAIN}", [f"u{i}@hop.test"], f"Subject: {i}\r\n\r\ntext\r\n")
        s.run("queue", "resume", "hop.test")
        wait_for("all of it", lambda: len(hop.taken) >= MESSAGES, 20)
        s.stop()
        assert sorted(hop.recipients()) == sorted(f"u{i}@hop.test" for i in range(MESSAGES))
        assert hop.most_in_message <= 2
        if behind == "taken":
            assert hop.followers > MESSAGES / 4 and hop.connections == 2
        elif behind != "closed":
            assert 1 <= hop.followers <= 2, "it is not tried again with this next hop"
        assert "delayed" not in s.log.read_text().split("info resumed ")[1], "nobody has noticed anything"
    s.audit()


def test_a_connection_breaks_just_when_the_next_message_begins(make_server):
    with Hop(extensions=(), resets=True) as hop:
        s = make_server(f"route hop.test 127.0.0.1:{hop.port}\ndestination-concurrency 1\n")
        s.run("queue", "suspend", "hop.test")
        with s.client() as client:
            for i in range(MESSAGES):
                client.sendmail(f"bob@{DOMAIN}", [f"u{i}@hop.test"], f"Subject: {i}\r\n\r\ntext\r\n")
        s.run("queue", "resume", "hop.test")
        wait_for("all of it", lambda: len(hop.taken) >= MESSAGES, 20)
        assert sorted(hop.recipients()) == sorted(f"u{i}@hop.test" for i in range(MESSAGES))


def test_nothing_follows_where_it_may_not(make_server):
    """A next hop without PIPELINING; messages that must be brought into another form."""
    for extensions, text in (((), "text"), (("PIPELINING",), "t\u00ebxt")):
        with Hop(delay=0.01, extensions=extensions) as hop:
            s = make_server(f"route hop.test 127.0.0.1:{hop.port}\ndestination-concurrency 2\n")
            with s.client() as client:
                for i in range(20):
                    client.sendmail(f"bob@{DOMAIN}", [f"u{i}@hop.test"],
                                    f"Subject: {i}\r\n\r\n{text}\r\n".encode(), ["BODY=8BITMIME"])
            wait_for("all of it", lambda: len(hop.taken) >= 20, 20)
            assert hop.followers == 0 and len(hop.recipients()) == 20
            s.stop()
