"""Is the code built as doc/tour.md says? Rooms include only what stands below them, the files of a room call each
other in one direction, no file is too long, SQL and TLS stand in one room each, and what is pure touches no socket,
file, clock or thread.

usage: house.py [--self-test]
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# What a room may include besides itself and base. A room that is not here may not exist.
ALL_BELOW_RECEIVE = "mail smtp sasl config sys outcome auth entry transport milter aggregate bounce explain provenance guard sending store queue account address login signing evidence"
ROOMS = {
    "base": "",
    "mail": "",
    "smtp": "mail",
    "sasl": "mail",
    "guard": "mail",
    "config": "mail guard",
    "import": "mail config",
    "transport": "mail smtp",
    "doctor": "mail auth transport",
    "aggregate": "mail smtp auth",
    "sys": "",
    "milter": "mail smtp",
    "acme": "mail config sys",
    "outcome": "mail smtp",
    "auth": "mail smtp",
    "entry": "mail smtp config outcome auth",
    "bounce": "mail smtp outcome guard",
    "explain": "mail smtp outcome bounce",
    "provenance": "mail auth bounce",
    "abuse": "mail config auth aggregate bounce",
    "sending": "mail config guard",
    "store": "mail outcome entry sys",
    "queue": "mail outcome bounce store sys",
    "account": "mail config outcome bounce guard store queue sys",
    "address": "mail config outcome auth store sys",
    "login": "mail sasl config store sys address",
    "signing": "mail config sys auth",
    "evidence": "mail config outcome auth bounce provenance guard store account address signing sys",
    "receive": ALL_BELOW_RECEIVE,
    "deliver": ALL_BELOW_RECEIVE,
    "events": "mail smtp config sys outcome store",
    "control": ALL_BELOW_RECEIVE,
    "web": ALL_BELOW_RECEIVE + " control acme",
    "daemon": ALL_BELOW_RECEIVE + " receive deliver events control web acme doctor",
    "cli": ALL_BELOW_RECEIVE + " receive deliver events control web daemon import auth acme doctor abuse",
}
PURE = "base mail smtp sasl config import outcome auth entry milter transport aggregate doctor bounce explain guard sending provenance abuse".split()
IMPURE = re.compile(
    r"#include <(sys/socket|sys/epoll|sys/stat|sys/random|netinet/\S+|arpa/\S+|fcntl|unistd|pthread|threads|"
    r"time|signal|poll|dirent)\.h>|\b(fopen|socket|clock_gettime|gettimeofday|time|rand|random|getenv)\(")
# Files of one room that call each other in a circle, each with its reason. All others call in one direction.
CIRCLES = {
    "receive": "session.c",  # a session asks its judges, and goes on when one of them answers, some time later
    "deliver": "connection.c",  # one state machine of a connection: opening, encrypting and logging in are its steps
    "control": "server.c",  # a conversation is sent, worked on, acted on and ended, by turns
}
SQL = ["store"]  # the only place with it
TLS = ["sys"]  # likewise
LONGEST_FILE, LONGEST_TEST, LONGEST_HEADER, LONGEST_FUNCTION = 600, 700, 200, 80


def without_comments(text):
    return re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.S)


def includes(text):
    return re.findall(r'^#include "([^"]+)"', text, flags=re.M)


def functions(text):
    """(name, first line, number of lines) of every function body."""
    lines = text.split("\n")
    start = None
    for number, line in enumerate(lines):
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            name = re.findall(r"(\w+)\(", "\n".join(lines[max(0, start - 6):start]))
            yield (name[-1] if name else "?"), start + 1, number - start + 1
            start = None


# At the start of a line a definition begins, or a declaration; what is static is its file's own.
SIGNATURE = re.compile(r"^(static )?[A-Za-z_][\w \n*]*?\b(\w+)\((?:[^;{}()]|\([^()]*\))*\)[^;{}()]*(?=\n\{|;)", re.M)
USE = re.compile(r"(?<![\w.>])(?<!struct )(?<!enum )([a-z]\w+)")


def calls(files):
    """Which file of a room uses functions of which other one: {room: {file: {file, ...}}}."""
    defines, uses = {}, {}
    for path, text in files.items():
        if path.count("/") < 2 or not path.endswith(".c") or path.endswith(("_test.c", "_fuzz.c", "_trial.c")):
            continue
        _, room, name = path.split("/", 2)
        text = re.sub(r'"(?:\\.|[^"\\\n])*"', "", without_comments(text))
        own = SIGNATURE.findall(text)
        statics = {function for static, function in own if static}
        uses.setdefault(room, {})[name] = set(USE.findall(text)) - statics
        for static, function in own:
            if not static:
                defines.setdefault(room, {}).setdefault(function, set()).add(name)
    return {room: {name: {min(defines.get(room, {})[word]) for word in words
                          if len(defines.get(room, {}).get(word, ())) == 1} - {name}
                   for name, words in by_file.items()}
            for room, by_file in uses.items()}


def circles(graph):
    """The sets of files that call each other, directly or around: strongly connected ones (Tarjan)."""
    low, stack, found, number = {}, [], [], {}

    def visit(file):
        low[file] = number[file] = len(number)
        stack.append(file)
        for other in sorted(graph[file]):
            if other not in number:
                visit(other)
            if other in stack:
                low[file] = min(low[file], low[other])
        if low[file] == number[file]:
            at = stack.index(file)
            found.append(sorted(stack[at:]))
            del stack[at:]
    for file in sorted(graph):
        if file not in number:
            visit(file)
    return [circle for circle in found if len(circle) > 1]


def faults_of(path, text):
    room = path.split("/")[1]
    if path.count("/") < 2:
        return
    if room not in ROOMS:
        yield f"{path}: the room src/{room} is not in the plan (ROOMS in tests/house.py, doc/tour.md)"
        return
    is_test = path.endswith(("_test.c", "_fuzz.c"))
    allowed = {room, "base", *ROOMS[room].split()}
    for name in includes(text):
        if name.split("/")[0] not in allowed:
            yield f"{path}: includes {name}, but src/{room} may include only {' '.join(sorted(allowed))}"
    if room in PURE and not is_test:
        for found in IMPURE.finditer(without_comments(text)):
            yield f"{path}: “{found.group()}” in a pure room; pass it in as an argument"
    if room not in SQL and not is_test and "#include <sqlite3.h>" in text:
        yield f"{path}: SQL outside of src/{SQL[0]}; ask it through src/store/table.h"
    if room not in TLS and "#include <openssl/ssl.h>" in text:
        yield f"{path}: TLS outside of src/{TLS[0]}; use it through src/sys/tls.h"
    limit = LONGEST_HEADER if path.endswith(".h") else LONGEST_TEST if is_test else LONGEST_FILE
    if text.count("\n") > limit:
        yield f"{path}: {text.count(chr(10))} lines, more than {limit}; it holds more than one thing"
    if path.endswith(".c") and not is_test:
        for name, line, length in functions(text):
            if length > LONGEST_FUNCTION:
                yield f"{path}:{line}: {name} has {length} lines, more than {LONGEST_FUNCTION}"


def cycles(graph):
    """Each cycle between rooms once, as text."""
    done, path = set(), []

    def visit(room):
        if room in path:
            yield " → ".join(path[path.index(room):] + [room])
            return
        if room in done:
            return
        path.append(room)
        for other in sorted(graph.get(room, ())):
            yield from visit(other)
        path.pop()
        done.add(room)
    for room in sorted(graph):
        yield from visit(room)


def look(files):
    faults, graph = [], {}
    for path, text in sorted(files.items()):
        faults += faults_of(path, text)
        if path.count("/") >= 2:
            room = path.split("/")[1]
            graph.setdefault(room, set()).update(
                name.split("/")[0] for name in includes(text)
                if name.split("/")[0] != room)
    faults += [f"src/{room}: these call each other in a circle: {' '.join(circle)}"
               for room, by_file in sorted(calls(files).items())
               for circle in circles(by_file) if CIRCLES.get(room) not in circle]
    return faults + [f"a cycle between rooms: {c}" for c in cycles(graph)]


def self_test():
    """Every rule must be able to fail."""
    cases = {
        "an upward include": {"src/mail/a.c": '#include "queue/queue.h"\n'},
        "a neighbour": {"src/receive/a.c": '#include "deliver/relay.h"\n'},
        "a cycle": {"src/mail/a.h": '#include "smtp/b.h"\n', "src/smtp/b.h": '#include "mail/a.h"\n'},
        "a clock in a pure room": {"src/smtp/a.c": "    clock_gettime(CLOCK_REALTIME, &t);\n"},
        "a socket in a pure room": {"src/bounce/a.c": "#include <sys/socket.h>\n"},
        "SQL in another room": {"src/address/a.c": "#include <sqlite3.h>\n"},
        "TLS in another room": {"src/receive/a.c": "#include <openssl/ssl.h>\n"},
        "a long file": {"src/sys/a.c": "\n" * 601},
        "a long function": {"src/sys/a.c": "int f(void)\n{\n" + "    g();\n" * 80 + "}\n"},
        "an unknown room": {"src/attic/a.c": "\n"},
        "a circle of files": {"src/sys/a.c": "int first(void)\n{\n    return second();\n}\n",
                              "src/sys/b.c": "struct s *second(void)\n{\n    return third;\n}\n",
                              "src/sys/c.c": "void third(int (*of)(void),\n           int n)\n{\n    first();\n}\n"},
    }
    missed = [name for name, files in cases.items() if not look(files)]
    clean = {"src/mail/a.c": '#include "base/span.h"\n\nvoid first(struct second *x)\n{\n    x->second = "second()"; /* second() */\n}\n',
             "src/mail/b.c": "static int third(void)\n{\n    return 1;\n}\n\nint second(void)\n{\n    return first(0) + third();\n}\n",
             "src/mail/c.c": "int third(void)\n{\n    return second();\n}\n", "src/cli/b.c": '#include "mail/a.h"\n'}
    missed += look(clean)
    return missed


def main():
    if sys.argv[1:] == ["--self-test"]:
        missed = self_test()
        for name in missed:
            print(f"house: not noticed: {name}")
        return 1 if missed else 0
    files = {str(p.relative_to(ROOT)): p.read_text() for p in (ROOT / "src").rglob("*.[ch]")}
    faults = look(files)
    for fault in faults:
        print(fault)
    return 1 if faults or not files else 0


if __name__ == "__main__":
    sys.exit(main())
