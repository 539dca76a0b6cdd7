"""A small real SMTP server to be the next hop in tests and in ./run. Needs Debian's python3-aiosmtpd.

usage: next_hop.py --listen HOST:PORT --store DIRECTORY [--slow SECONDS]

Every message that it takes becomes NUMBER.eml, with its envelope in NUMBER.json. What it does depends on the
local part of the recipient:

  refuse            550 at RCPT: there is nobody of that name
  full              552 at RCPT: the mailbox is over quota
  grey              451 at the first RCPT, accepted afterwards
  refuse-content    554 after the message: its content is refused
  tempfail          451 after the message, always
  drop              the connection breaks after the message
"""
import argparse
import asyncio
import itertools
import json
import pathlib
import sys

from aiosmtpd.smtp import SMTP

AT_RCPT = {
    "refuse": "550 5.1.1 The email account that you tried to reach does not exist",
    "full": "552 5.2.2 user is over quota",
}
AFTER_DATA = {
    "refuse-content": "554 5.7.1 Message rejected as spam by content scan",
    "tempfail": "451 4.3.0 Temporary failure, please try again later",
}


class Handler:
    def __init__(self, options):
        self.store = pathlib.Path(options.store)
        self.store.mkdir(parents=True, exist_ok=True)
        self.slow = options.slow
        self.numbers = itertools.count(1)
        self.greylisted = set()

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        local = address.split("@")[0]
        if local in AT_RCPT:
            return AT_RCPT[local]
        if local == "grey" and address not in self.greylisted:
            self.greylisted.add(address)
            return "451 4.7.1 Greylisted, please come back later"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(self.slow)
        for address in envelope.rcpt_tos:
            local = address.split("@")[0]
            if local == "drop":
                server.transport.abort()
            if local in AFTER_DATA:
                return AFTER_DATA[local]
        number = f"{next(self.numbers):06}"
        (self.store / f"{number}.json").write_text(json.dumps({
            "sender": envelope.mail_from, "recipients": envelope.rcpt_tos,
            "mail_options": envelope.mail_options, "rcpt_options": envelope.rcpt_options}))
        part = self.store / f"{number}.part"
        part.write_bytes(envelope.original_content)
        part.rename(self.store / f"{number}.eml")
        return f"250 2.0.0 Ok: queued as {number}"


async def serve(options):
    host, _, port = options.listen.rpartition(":")
    handler = Handler(options)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="partner.test", enable_SMTPUTF8=True, loop=loop,
                     data_size_limit=100_000_000), host, int(port))
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--listen", required=True)
    parser.add_argument("--store", required=True)
    parser.add_argument("--slow", type=float, default=0)
    try:
        asyncio.run(serve(parser.parse_args()))
    except KeyboardInterrupt:
        sys.exit(0)


main()
