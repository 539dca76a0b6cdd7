"""A database of countries in MaxMind's format (MaxMind DB File Format Specification 2.0), as small as it can be."""
import ipaddress

TEXT, UINT16, UINT32, MAP = 2, 5, 6, 7


def value(v, kind=UINT16):
    if isinstance(v, dict):
        return bytes([MAP << 5 | len(v)]) + b"".join(value(k) + (x if isinstance(x, bytes) else value(x))
                                                     for k, x in v.items())
    if isinstance(v, str):
        return bytes([TEXT << 5 | len(v.encode())]) + v.encode()
    return bytes([kind << 5 | 4]) + v.to_bytes(4, "big") if kind == UINT32 else bytes([kind << 5 | 2]) + v.to_bytes(2, "big")


def write(path, countries):
    """`countries`: {"192.0.2.0/24": "DE"}, or with names: ("DE", {"en": "Germany"}); of networks one in another, the
    wider one first."""
    nodes, data = [[None, None]], b""  # a side: None, the next node, or where its data is, as text
    for network, country in countries.items():
        code, names = country if isinstance(country, tuple) else (country, {})
        network = ipaddress.ip_network(network)
        bits = (f"{int(network.network_address):0{network.max_prefixlen}b}")[:network.prefixlen]
        bits = bits if network.version == 6 else "0" * 96 + bits
        at = 0
        for bit in map(int, bits[:-1]):
            if not isinstance(nodes[at][bit], int):
                nodes.append([nodes[at][bit]] * 2)
                nodes[at][bit] = len(nodes) - 1
            at = nodes[at][bit]
        nodes[at][int(bits[-1])] = str(len(data))
        data += value({"country": {"iso_code": code, "names": names}})
    count, tree = len(nodes), b""
    for side in (s for n in nodes for s in n):
        n = count if side is None else side if isinstance(side, int) else int(side) + count + 16
        tree += n.to_bytes(3, "big")
    about = {"binary_format_major_version": 2, "binary_format_minor_version": 0, "ip_version": 6, "record_size": 24,
             "node_count": value(count, UINT32), "build_epoch": b"\x01\x02\x01", "database_type": "Test-Country",
             "languages": b"\x00\x04", "description": {}}
    fresh = path.with_suffix(".new")  # the one that is in use is not written over
    fresh.write_bytes(tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + value(about))
    fresh.rename(path)
