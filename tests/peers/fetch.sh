#!/bin/bash
# Debian packages as peers in tests, without installing them: many mail servers exclude each other, and would start.
#
# usage: fetch.sh PACKAGE
#
# Unpacks the package, and those libraries of its dependencies that this machine lacks, into .peers/PACKAGE, once.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
package=$1 peer=$root/.peers/$1 debs=$root/.peers/debs/$1

fail() {
	echo "fetch.sh: $*" >&2
	exit 1
}

packages() {
	echo "$package"
	apt-get -s install --no-install-recommends "$package" 2>/dev/null | awk '$1 == "Inst" && $2 ~ /^lib/ {print $2}'
}

[ ! -d "$peer" ] || exit 0
mkdir -p "$debs"
exec 9>"$root/.peers/lock"
flock -w 300 9 || fail "another process has been fetching packages for 5 minutes"
[ ! -d "$peer" ] || exit 0
cd "$debs"
if ! compgen -G "${package}_*.deb" >/dev/null; then
	list=$(packages)
	# shellcheck disable=SC2086
	timeout 180 apt-get -q -o Acquire::Retries=2 -o Acquire::http::Timeout=20 -o APT::Sandbox::User=root \
		download $list >../log 2>&1 || {
		rm -f ./*.deb
		sed 's/^/    /' ../log >&2
		fail "can't fetch Debian's $package package (apt-get download, above); it needs the network once," \
			"and the package lists of apt-get update"
	}
fi
part=$(mktemp -d "$root/.peers/part.XXXXXX")
chmod 755 "$part"
for deb in ./*.deb; do dpkg -x "$deb" "$part"; done
mv "$part" "$peer"
