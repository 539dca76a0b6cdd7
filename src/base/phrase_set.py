"""Sets of phrases as C tables (phrase_set.h), for the scripts that compile data files.

A phrase is filed under four of its bytes, those that the fewest others of its set have: so hardly any place of a text
makes anybody look into the table, and who looks finds one or two phrases to compare.
"""
import collections

MULTIPLIER = 0x9E3779B1  # as in phrase_set.c
PLACES = 32  # bits a phrase, at least: so few of them are set that most places of a text meet none
BUCKET = 16  # bits that share a bucket


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def rows(numbers):
    text = [str(n) for n in numbers]
    return ",\n".join(",".join(text[i:i + 24]) for i in range(0, len(text), 24))


def grams(text):
    data = text.encode()
    return [data[i:i + 4] for i in range(len(data) - 3)]


def hash_of(gram, bits):
    return (int.from_bytes(gram, "little") * MULTIPLIER & 0xFFFFFFFF) >> (32 - bits)


def file_phrases(phrases, bits):
    """By bucket: where in the phrase its four bytes stand, and the phrase. And which bits are set."""
    texts = {text for text, _, _ in phrases}
    shared = collections.Counter(g for text in texts for g in set(grams(text)))
    common = collections.Counter(b for text in texts for b in text.encode())
    buckets, is_set = collections.defaultdict(list), set()
    for phrase in phrases:
        all_grams = grams(phrase[0])
        ahead = min(range(len(all_grams)),
                    key=lambda i: (shared[all_grams[i]], sum(common[b] for b in all_grams[i])))
        place = hash_of(all_grams[ahead], bits)
        is_set.add(place)
        buckets[place // BUCKET].append((ahead, *phrase))
    return buckets, is_set


def print_set(name, phrases):
    """The set phrase_set_NAME of (text, list, order)."""
    shorts = [p for p in phrases if len(p[0].encode()) < 4]
    bits = max(8, (len(phrases) * PLACES - 1).bit_length())
    buckets, is_set = file_phrases([p for p in phrases if p not in shorts], bits)
    words = [sum(1 << b for b in range(64) if w * 64 + b in is_set) for w in range((1 << bits) // 64)]
    print(f"static const uint64_t bits_of_{name}[] = {{\n{rows(f'{w:#x}' for w in words)}\n}};")
    starts = [0]
    print(f"static const struct phrase phrases_of_{name}[] = {{")
    for b in range((1 << bits) // BUCKET):
        for ahead, text, of, order in buckets[b]:
            print(f"    {{{quoted(text)}, {len(text.encode())}, {ahead}, {of}, {order}}},")
        starts.append(starts[-1] + len(buckets[b]))
    for text, of, order in shorts:
        print(f"    {{{quoted(text)}, {len(text.encode())}, 0, {of}, {order}}},")
    print(f"}};\nstatic const uint16_t starts_of_{name}[] = {{\n{rows(starts)}\n}};")
    print(f"const struct phrase_set phrase_set_{name} = {{bits_of_{name}, starts_of_{name}, phrases_of_{name}, "
          f"{len(phrases)}, {len(shorts)}, {32 - bits}}};\n")
