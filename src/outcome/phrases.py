"""Compile data/phrases into one automaton (Aho-Corasick) as C tables.

usage: phrases.py PHRASES CAUSE_H > phrases.c

A state is a place in the tree of phrases; a step takes one byte along an edge, or, where there is none, falls back
to a shorter beginning: at most two steps a byte on average. So the tables stay small, in whatever language.
"""
import collections
import re
import sys


def read_names(header, prefix):
    """The enum's members as the data file writes them: CAUSE_INBOX_FULL is inbox-full."""
    return {m.lower().replace("_", "-"): f"{prefix}_{m}"
            for m in re.findall(rf"^\s+{prefix}_([A-Z_]+)\b", header, re.M)}


def read_phrases(path, causes, variants):
    seen = {}
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.rstrip("\n")
        if not line.strip() or line.startswith("#"):
            continue
        is_weak = "~" in line and "|" not in line
        name, bar, phrase = line.partition("~" if is_weak else "|")
        phrase = " ".join(phrase.split())
        cause, _, variant = name.strip().partition("/")
        where = f"{path}:{number}"
        if not bar or cause not in causes or (variant and variant not in variants):
            sys.exit(f"{where}: write it as CAUSE | phrase, CAUSE/VARIANT | phrase, or with ~ in place of |")
        if phrase != phrase.lower() or len(phrase.encode()) < 3:
            sys.exit(f"{where}: a phrase is in lower case and has at least three bytes")
        if seen.get(phrase, (name.strip(), is_weak)) != (name.strip(), is_weak):
            sys.exit(f"{where}: this phrase already means {seen[phrase][0]}")
        seen[phrase] = (name.strip(), is_weak)
    return {p: (causes[n.partition("/")[0]], variants[n.partition("/")[2] or "none"], weak)
            for p, (n, weak) in seen.items()}


def build(phrases):
    """The tree of all phrases: edges, where to go on when there is none (the longest end of what was read that begins
    another phrase), and the longest phrases that end in a state, strong and weak ones."""
    goto, ends = [{}], [[-1, -1]]
    for index, (text, (_, _, is_weak)) in enumerate(phrases.items()):
        state = 0
        for b in text.encode():
            if b not in goto[state]:
                goto.append({})
                ends.append([-1, -1])
                goto[state][b] = len(goto) - 1
            state = goto[state][b]
        ends[state][is_weak] = index
    fail = [0] * len(goto)
    queue = collections.deque(goto[0].values())
    while queue:
        state = queue.popleft()
        for b, target in goto[state].items():
            at = fail[state]
            while at and b not in goto[at]:
                at = fail[at]
            fail[target] = goto[at].get(b, 0)
            queue.append(target)
        for kind in (0, 1):  # a shorter one that ends here loses to a longer one of its kind
            if ends[state][kind] < 0:
                ends[state][kind] = ends[fail[state]][kind]
    return goto, fail, ends


def rows(numbers):
    text = [str(n) for n in numbers]
    return ",\n".join(",".join(text[i:i + 24]) for i in range(0, len(text), 24))


def main():
    header = open(sys.argv[2], encoding="utf-8").read()
    phrases = read_phrases(sys.argv[1], read_names(header, "CAUSE"), read_names(header, "VARIANT"))
    goto, fail, ends = build(phrases)
    if len(goto) > 65535:
        sys.exit("too many phrases for 16-bit states")
    edges = [sorted(g.items()) for g in goto]
    starts = [0]
    for e in edges:
        starts.append(starts[-1] + len(e))
    print('/* Made by phrases.py from data/phrases: change those. */\n#include "outcome/phrases.h"\n')
    for name, type_, numbers in (
            ("phrases_root[256]", "uint16_t", [goto[0].get(b, 0) for b in range(256)]),
            ("phrases_edges[]", "uint32_t", starts),
            ("phrases_edge_byte[]", "unsigned char", [b for e in edges for b, _ in e]),
            ("phrases_edge_to[]", "uint16_t", [t for e in edges for _, t in e]),
            ("phrases_fail[]", "uint16_t", fail),
            ("phrases_strong[]", "int16_t", [e[0] for e in ends]),
            ("phrases_weak[]", "int16_t", [e[1] for e in ends])):
        print(f"const {type_} {name} = {{\n{rows(numbers)}\n}};")
    print("const struct phrase phrases[] = {")
    for text, (cause, variant, _) in phrases.items():
        print(f"    {{{{{cause}, {variant}}}, {len(text.encode())}}},")
    print("};")


main()
