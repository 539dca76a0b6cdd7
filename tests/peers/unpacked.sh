#!/bin/bash
# Run a program of a Debian package that is not installed (see fetch.sh), as if it were: in mount and process
# namespaces of its own, in which the package's files stand in /usr, and nothing of this machine changes.
#
# usage: unpacked.sh PACKAGE WORK USERS COMMAND...
#
# WORK is /mnt/work inside, and what stands in WORK/etc in /etc; USERS (parted by blanks, "-" for none) are accounts from 64621 on, with groups of their
# own. It ends with its parent or on SIGKILL, and everything that it started ends with it. It needs root.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

fail() {
	echo "unpacked.sh: $*" >&2
	exit 1
}

if [ "${1:-}" = inside ]; then
	peer=$2 work=$3 users=$4 id=64621
	shift 4
	mount -t overlay overlay -o "lowerdir=$peer/usr:/usr" /usr
	mount -t tmpfs -o mode=755 tmpfs /mnt
	mkdir -p /mnt/work /mnt/spool /mnt/run /mnt/empty "/mnt/lib/${peer##*/}/empty"
	mount --bind "$work" /mnt/work
	mount --bind /mnt/spool /var/spool
	mount --bind /mnt/run /run # two at a time must not meet at one socket
	mount --bind /mnt/lib /var/lib
	if [ -d "$work/etc" ]; then mount -t overlay overlay -o "lowerdir=$work/etc:/etc" /etc; fi
	cp /etc/passwd /etc/group /mnt
	for user in ${users#-}; do
		echo "$user:x:$id:$id::/mnt/empty:/usr/sbin/nologin" >>/mnt/passwd
		echo "$user:x:$id:" >>/mnt/group
		id=$((id + 1))
	done
	mount --bind /mnt/passwd /etc/passwd
	mount --bind /mnt/group /etc/group
	cd /
	# A server that changes its user forgets that it is to end with its parent; this shell does not, and
	# all in its process namespace ends with it.
	"$@" <&0 &
	wait $!
	exit
fi

[ $# -ge 4 ] || fail "see its head for how to use it"
[ "$(id -u)" = 0 ] || fail "it needs root (for its namespaces and users); run the tests as root"
unshare --mount --pid --fork true 2>/dev/null ||
	fail "this machine allows no new mount and process namespaces (unshare --mount --pid); in a container, that takes" \
		"--privileged or --cap-add SYS_ADMIN"
package=$1 work=$(cd "$2" && pwd) users=$3
shift 3
"$here/fetch.sh" "$package"
exec setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child \
	"$here/unpacked.sh" inside "$here/../../.peers/$package" "$work" "$users" "$@"
