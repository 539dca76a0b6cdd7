"""Time and memory of `plainpost explain --json` for messages of a size and of a tenth of it:
explain_sizes.py PLAINPOST [MEGABYTES]. Exit status 0: time grows no faster than the size (10 times,
and half as much again for what else goes on), and no more memory is used than 4 times the size."""
import pathlib
import resource
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import explain_cases  # noqa: E402

MOST_GROWTH, MOST_MEMORY, LEAST_SECONDS, LONGEST = 15, 4, 0.1, 60


def measure(command, path):
    """(seconds of processor, peak bytes): the better of two runs, as others use the machine too."""
    return min(measure_once(command, path) for _ in range(2))


def measure_once(command, path):
    # A process that Python itself starts would begin with Python's own peak: so time(1) starts it.
    done = subprocess.run(["/usr/bin/time", "-q", "-f", "%U %S %M", *command, str(path)],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU,
                                                                (LONGEST, LONGEST)))
    user, system, kilobytes = done.stderr.split()[-3:]
    seconds = float(user) + float(system)
    has_answer = 0 <= done.returncode < 64  # the status tells the kind of message
    return (seconds if has_answer else float("inf")), int(kilobytes) * 1024


def main():
    command = [sys.argv[1], "explain", "--json"]
    size = float(sys.argv[2] if len(sys.argv) > 2 else 25) * 1000000
    bad = 0
    with tempfile.TemporaryDirectory() as place:
        path = pathlib.Path(place) / "message.eml"
        path.write_bytes(b"")
        _, empty = measure(command, path)
        small = dict(explain_cases.cases(int(size / 10)))
        print(f"{'case':<26}{'MB':>7}{'s':>8}{'MB/s':>8}{'growth':>8}{'memory':>8}")
        for name, message in explain_cases.cases(int(size)):
            path.write_bytes(small[name].encode("latin-1"))
            before, _ = measure(command, path)
            path.write_bytes(message.encode("latin-1"))
            seconds, peak = measure(command, path)
            growth = seconds / max(before, 0.03)
            memory = (peak - empty) / len(message)
            is_bad = (growth > MOST_GROWTH and seconds > LEAST_SECONDS) or \
                (memory > MOST_MEMORY and peak - empty > 4000000)
            bad += is_bad
            print(f"{name:<26}{len(message) / 1e6:>7.1f}{seconds:>8.3f}"
                  f"{len(message) / 1e6 / max(seconds, 1e-9):>8.0f}{growth:>8.1f}{memory:>8.2f}"
                  f"{'   TOO MUCH' if is_bad else ''}", flush=True)
    print(f"{bad} grow too fast or take too much memory")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
