"""Replays honest traffic and attacks through the account guard and prints tables.

usage: guard            the usual limits on the parts that they were not chosen on
       guard seeds      on 20 seeds of each, a line a seed
       guard choose     what other limits would bring, on the part that they were chosen on
       guard signals [PICTURE]
                        each signal left out: what is held, what gets away; also drawn, as SVG
Each also takes --people N.
"""
import json
import pathlib
import subprocess
import sys

import guard_picture

REPLAY = pathlib.Path(__file__).resolve().parent.parent / "build-release/bench/guard_replay"
KINDS = ["strangers", "quiet", "mixed", "known"]
SIGNALS = ["new-hour", "new-day", "record-hour", "record-day", "recipients", "failures", "failure-rule", "client",
           "places", "link", "text", "refused", "changed", "lasting"]
FAMILIES = {"new": ["new-hour", "new-day"], "record": ["record-hour", "record-day"],
            "failures": ["failures", "failure-rule"], "place": ["client", "places"], "sameness": ["link", "text"]}
PARTS = [("provider", "2"), ("provider", "3"), ("provider", "4"), ("rough", "2")]
SEEDED = ["provider", "rough"]
SEEDS = range(1, 21)
# What else was looked at, one step to each side.
CHOICES = ["new-hour=30", "new-hour=60", "new-day=40", "new-day=80", "record-hour=20", "record-hour=40",
           "record-day=20", "record-day=50", "record-times=2", "record-times=5", "client-new=10", "client-new=30",
           "link=10", "link=20", "text=10", "text=20", "networks=7", "networks=15", "burst=5", "burst=12", "failures=2",
           "failures=6", "fresh-hours=12", "fresh-hours=48", "pace-hour=120", "pace-hour=900"]


def replay(part, *more):
    words = [str(REPLAY), "--part", part, *more]
    return json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def a_thousand(found, what):
    return found[what] / found["user_days"] * 1000


def at(found, kind, an_hour):
    return next(a for a in found[kind] if a["an_hour"] == an_hour)


def print_honest(found):
    print(f"{found['part']}, seed {found['seed']}: {found['people']} people, {found['user_days']} user-days, "
          f"{found['recipients']} recipients")
    print(f"  recipients in an hour of sending: p99 {found['recipients_hour_p99']}, p99.9 "
          f"{found['recipients_hour_p999']}; new ones: p99 {found['new_hour_p99']}, p99.99 {found['new_hour_p9999']}, "
          f"most {found['new_hour_max']}")
    print(f"  false holds in 1,000 user-days: {a_thousand(found, 'held'):.2f} ({found['held']}); slowed "
          f"{a_thousand(found, 'slowed'):.2f}, with {found['slowed_recipients']} recipients")
    print("  held by:", ", ".join(f"{k} {v}" for k, v in found["held_by"].items()) or "nothing")
    print(f"  {found['cost_ns'] / 1000:.2f} µs a recipient; {found['bytes']} bytes an account")


def print_attacks(found):
    print(f"  {'attack':10}{'an hour':>8}{'held':>12}{'reached: mean':>15}{'p50':>6}{'p95':>6}{'p99':>6}{'most':>6}"
          f"{'min. to hold':>14}")
    for kind in KINDS:
        for a in found[kind]:
            if not a["attacks"]:
                continue
            print(f"  {kind:10}{a['an_hour']:>8}{a['held']:>6}/{a['attacks']}{a['reached_mean']:>15}"
                  f"{a['reached_p50']:>6}{a['reached_p95']:>6}{a['reached_p99']:>6}{a['reached_max']:>6}"
                  f"{a.get('minutes_p50', '–'):>14}")


def print_released(found):
    print("  beside them, accounts in the week after “it was me”: "
          + "; ".join(f"{kind} {found[kind][0]['released']}, most reached "
                      f"{max(a['released_most'] for a in found[kind])}" for kind in KINDS))


def print_what_catches(found):
    for kind in KINDS:
        for an_hour in (10, 300):
            a = at(found, kind, an_hour)
            by = sorted(a["by"].items(), key=lambda item: -item[1])
            print(f"  what held {kind} at {an_hour} an hour: "
                  + ", ".join(f"{name} {n / max(a['held'], 1) * 100:.0f} %" for name, n in by[:6]))


def report(more):
    for part, seed in PARTS:
        found = replay(part, "--seed", seed, *more)
        print_honest(found)
        print_attacks(found)
        print_released(found)
        print_what_catches(found)
        print()


def most_reached(found, kind, least, most):
    return max(a["reached_max"] for a in found[kind] if least <= a["an_hour"] <= most)


def seeds(more):
    print(f"{'':14}{'in 1,000 days':>15}{'most reached: 300/h and more':>30}{'100/h':>16}{'10/h, 30/h':>16}"
          f"{'known 10/h':>16}")
    print(f"{'':14}{'held':>7}{'slowed':>8}{'strangers':>20}{'quiet':>10}" + f"{'str.':>8}{'quiet':>8}" * 2
          + f"{'held':>10}{'mean':>6}")
    for part in SEEDED:
        worst = 0, 0
        for seed in SEEDS:
            found = replay(part, "--seed", str(seed), *more)
            most = [most_reached(found, kind, *rates) for rates in ((300, 10000), (100, 100), (10, 30))
                    for kind in ("strangers", "quiet")]
            known = at(found, "known", 10)
            print(f"{part:10}{seed:>4}{a_thousand(found, 'held'):>7.2f}{a_thousand(found, 'slowed'):>8.2f}"
                  f"{most[0]:>20}{most[1]:>10}" + "".join(f"{n:>8}" for n in most[2:])
                  + f"{known['held'] / known['attacks'] * 100:>9.0f}%{known['reached_mean']:>6}", flush=True)
            worst = max(worst[0], a_thousand(found, "held")), max(worst[1], *most[:2])
        print(f"{part}, the worst: {worst[0]:.3f} false holds, {worst[1]} reached at 300 an hour and more\n")


def line_of(name, found):
    many, few, quiet = at(found, "strangers", 300), at(found, "strangers", 10), at(found, "quiet", 300)
    known = at(found, "known", 300)
    print(f"{name:18}{a_thousand(found, 'held'):>7.2f}{a_thousand(found, 'slowed'):>8.2f}"
          f"{many['reached_mean']:>8}{many['reached_max']:>6}{few['reached_mean']:>8}{few['reached_max']:>6}"
          f"{quiet['reached_mean']:>8}{quiet['reached_max']:>6}{at(found, 'quiet', 10)['reached_max']:>8}"
          f"{known['reached_mean']:>8}{known['held'] / known['attacks'] * 100:>6.0f}%")


def head():
    print(f"{'':18}{'in 1,000 days':>15}{'strangers 300':>14}{'10/h':>14}{'quiet 300':>14}{'10/h':>8}{'known 300':>15}")
    print(f"{'':18}{'held':>7}{'slowed':>8}{'mean':>8}{'most':>6}{'mean':>8}{'most':>6}{'mean':>8}{'most':>6}"
          f"{'most':>8}{'mean':>8}{'held':>7}")


def choose(more):
    head()
    line_of("as they are", replay("office", "--seed", "1", *more))
    for choice in CHOICES:
        line_of(choice, replay("office", "--seed", "1", *more, "--limit", choice))


def draw(found, picture):
    def mean(attacks):
        return sum(a["reached_mean"] for a in attacks) / len(attacks)
    names = list(found)
    guard_picture.draw([(n if n == names[0] else "without " + n, a_thousand(f, "held"), {k: mean(f[k]) for k in KINDS})
                        for n, f in found.items()], picture)


def signals(more, picture):
    found = {"all of them": replay("rough", "--seed", "2", *more)}
    for name in SIGNALS:
        found[name] = replay("rough", "--seed", "2", *more, "--without", name)
    families = {}
    for family, members in FAMILIES.items():
        words = [w for m in members for w in ("--without", m)]
        families[f"{family} (both)"] = replay("rough", "--seed", "2", *more, *words)
    head()
    for name, f in {**found, **families}.items():
        line_of(name, f)
    if picture:
        draw({**found, **families}, picture)


def main():
    words, more = [], []
    rest = sys.argv[1:]
    while rest:
        word = rest.pop(0)
        if word == "--people" and rest:
            more += [word, rest.pop(0)]
        else:
            words.append(word)
    if not words:
        report(more)
    elif words == ["seeds"]:
        seeds(more)
    elif words == ["choose"]:
        choose(more)
    elif words[0] == "signals" and len(words) <= 2:
        signals(more, words[1] if len(words) == 2 else None)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
