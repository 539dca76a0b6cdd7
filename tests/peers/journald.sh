#!/bin/bash
# systemd's journal for a test: journald.sh WORK. Its socket is WORK/run/systemd/journal/socket, its files are in
# WORK/run/log/journal. It ends with its parent or on SIGKILL. It needs root.
set -euo pipefail
if [ "${1:-}" = inside ]; then
	mkdir -p "$2/run/systemd/journal" "$2/run/log/journal"
	mount --bind "$2/run" /run
	exec /lib/systemd/systemd-journald
fi
exec setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child "${BASH_SOURCE[0]}" inside "$(cd "$1" && pwd)"
