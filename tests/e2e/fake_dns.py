"""A name server on loopback that answers from a table, also what no real one would serve: odd names, failures,
silence. Zones of Debian's nsd (peer_dns.py) are for all that is ordinary."""
import socket
import struct
import threading

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from conftest import free_port

FAIL, SILENCE = "FAIL", "SILENCE"


def txt(*strings):
    """TXT is bytes, whatever they are; a text without strings is none that a record could hold: one that is empty."""
    pieces = [s.encode("latin-1") if isinstance(s, str) else s for s in strings] or [b""]
    pieces = [p[i:i + 255] for p in pieces for i in range(0, len(p) or 1, 255)]
    return b"".join(bytes([len(p)]) + p for p in pieces)


def name_of(text):
    """Labels are what stands between dots: no byte is special."""
    return dns.name.Name([label.encode("latin-1") for label in text.lower().split(".") if label] + [b""])


class FakeDns:
    """`names`: {name: {type: [wire data or text of a record] or FAIL or SILENCE}, or FAIL, or SILENCE}."""

    def __init__(self, names):
        self.set(names)
        self.asked = []
        self.port = free_port()
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", self.port))
        self.tcp = socket.socket()
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.tcp.bind(("127.0.0.1", self.port))
        self.tcp.listen(16)
        for run in (self.serve_udp, self.serve_tcp):
            threading.Thread(target=run, daemon=True).start()

    def set(self, names):
        self.names = {name_of(n): records for n, records in names.items()}

    @property
    def server(self):
        return f"127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.udp.close()
        self.tcp.close()

    def serve_udp(self):
        while True:
            try:
                query, who = self.udp.recvfrom(4096)
                answer = self.answer(query)
                if answer and len(answer) > 1200:  # come again by TCP
                    answer = answer[:2] + bytes([answer[2] | 2]) + answer[3:12]
                    answer = answer[:4] + b"\0" * 8
                if answer:
                    self.udp.sendto(answer, who)
            except OSError:
                return

    def serve_tcp(self):
        while True:
            try:
                connection, _ = self.tcp.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                try:
                    length, = struct.unpack("!H", connection.recv(2, socket.MSG_WAITALL))
                    answer = self.answer(connection.recv(length, socket.MSG_WAITALL))
                    if answer:
                        connection.sendall(struct.pack("!H", len(answer)) + answer)
                except (OSError, struct.error):
                    pass

    def records_of(self, name, rdtype):
        """(the records or FAIL or SILENCE or None, whether the name exists)"""
        known = self.names.get(name)
        if isinstance(known, dict):
            return known.get(rdtype, known.get("*")), True
        below = any(other.is_subdomain(name) for other in self.names)
        return known, below

    def answer(self, query):
        question = dns.message.from_wire(query)
        answer = dns.message.make_response(question, recursion_available=True)
        q = question.question[0]
        name, rdtype = q.name, dns.rdatatype.to_text(q.rdtype)
        self.asked.append((name.to_text(), rdtype))
        for _ in range(10):  # an alias, and what it leads to
            found, exists = self.records_of(dns.name.Name([x.lower() for x in name.labels]), rdtype)
            if found == SILENCE:
                return None
            if found == FAIL:
                answer.set_rcode(dns.rcode.SERVFAIL)
                break
            alias = None if found else self.records_of(dns.name.Name([x.lower() for x in name.labels]), "CNAME")[0]
            kind = "CNAME" if alias else rdtype
            if found or alias:
                answer.answer.append(self.rrset(name, kind, found or alias))
            if not alias:
                if not exists:
                    answer.set_rcode(dns.rcode.NXDOMAIN)
                break
            name = answer.answer[-1][0].target
        else:
            answer.set_rcode(dns.rcode.SERVFAIL)
        return answer.to_wire(max_size=65535)

    @staticmethod
    def rrset(name, kind, records):
        rdtype = dns.rdatatype.from_text(kind)
        rrset = dns.rrset.RRset(name, dns.rdataclass.IN, rdtype)
        for record in records:
            if isinstance(record, bytes):
                rdata = dns.rdata.from_wire(dns.rdataclass.IN, rdtype, record, 0, len(record))
            else:
                rdata = dns.rdata.from_text(dns.rdataclass.IN, rdtype, record)
            rrset.add(rdata, 1)
        return rrset


def mx(preference, host):
    return struct.pack("!H", preference) + name_of(host).to_wire()


def host_name(host):
    return name_of(host).to_wire()
