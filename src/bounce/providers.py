"""Compile data/providers into a C table.

usage: providers.py PROVIDERS > providers_table.c
"""
import re
import sys

PLACES = ["forwarding", "sessions", "phishing", "storage", "senders"]  # as in providers.h


def read(path):
    providers = []
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.strip()
        where = f"{path}:{number}"
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            providers.append({"name": line.strip("[]")})
            continue
        key, _, value = line.partition(" ")
        value = " ".join(value.split())
        if not providers or key not in ["domains", "hosts", *PLACES] or key in providers[-1]:
            sys.exit(f"{where}: “{key}” is not known here, or stands twice")
        if key in PLACES and not re.fullmatch(r"https://[A-Za-z0-9.-]+(/[A-Za-z0-9./_#-]*)?", value):
            sys.exit(f"{where}: a place is one https:// address of plain characters")
        providers[-1][key] = value
    for p in providers:
        if "domains" not in p or "hosts" not in p:
            sys.exit(f"{path}: {p['name']} has no domains or no hosts")
    return providers


def main():
    providers = read(sys.argv[1])
    print('/* Made by providers.py from data/providers: change those. */\n#include "bounce/tables.h"\n')
    print("const struct provider providers[] = {")
    for p in providers:
        places = ",\n      ".join(f'"{p[k]}"' if k in p else "NULL" for k in PLACES)
        print(f'    {{"{p["name"]}", "{p["domains"]}", "{p["hosts"]}",\n     {{{places}}}}},')
    print(f"}};\nconst size_t providers_count = {len(providers)};")


main()
