#!/bin/bash
# Debian's Postfix as a peer in tests: a next hop on loopback, and its load generator. Nothing is installed: the
# package is unpacked into .peers/ once, and Postfix runs in mount and process namespaces of its own.
#
# usage: postfix.sh fetch
#        postfix.sh run --work DIRECTORY --port PORT [--old-port PORT] [--home DOMAIN=HOST:PORT] [--for SECONDS]
#                       [--conf DIRECTORY] [--tls DIRECTORY]
#        postfix.sh smtp-source ARG...       (sends mail, see smtp-source(1))
#        postfix.sh postconf ARG...          (shows a configuration, see postconf(1))
#
# `run` says "ready" when it takes mail, and logs to DIRECTORY/log. It ends on SIGTERM, when its parent ends, or
# after SECONDS (600), and everything that it started ends with it. It needs root. What it does with mail:
#   for u0@relay.test ... u19@relay.test   into the Maildirs DIRECTORY/mail/u0 ...
#   for others at relay.test               550 5.1.1 at RCPT
#   for later@relay.test                   450 4.2.0 at RCPT, always
#   with a field "X-Refuse: yes"           550 5.7.1 after the message
#   of more than 200000 bytes              552 5.3.4: in reply to MAIL, or after the message when its size was not told
#   for DOMAIN of --home                   on to HOST:PORT
#   for gone.test                          accepted, and returned as a failure
# It tries each delivery once.
# --old-port is a second port, which offers no ESMTP extension.
# With --tls it takes and sends mail by TLS, with the certificate DIRECTORY/mx.pem and its key mx.key, and to --home only
# so, to a server that has the name mx.DOMAIN by the authority ca.pem.
# With --conf all of that is what DIRECTORY/main.cf says instead, which finds its tables in $config_directory (a table
# "aliases" is made from its text), has the accounts of DIRECTORY/passwd, and may deliver into /mnt/mail, which is
# DIRECTORY/mail of --work. With maximal_queue_lifetime in it, there are more attempts than one. If DIRECTORY has a resolv.conf, that says which name servers it asks, and it sends where the
# DNS says, as main.cf wants.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
peer=$root/.peers/postfix
users=20 largest=200000

fail() {
	echo "postfix.sh: $*" >&2
	exit 1
}

usage() {
	sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
	exit 2
}

fetch() { "$(dirname "${BASH_SOURCE[0]}")/fetch.sh" postfix; }

libraries() { # usage: libraries PREFIX
	echo "$1/usr/lib/postfix:$1/usr/lib/$(uname -m)-linux-gnu:$1/lib/$(uname -m)-linux-gnu"
}

stays_here() {
	cat <<E
# nothing leaves this machine
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtp_tls_security_level = none
E
}

plumbing() {
	cat <<E

queue_directory = /mnt/spool
data_directory = /mnt/data
command_directory = /mnt/postfix/usr/sbin
daemon_directory = /mnt/postfix/usr/lib/postfix/sbin
shlib_directory = /mnt/postfix/usr/lib/postfix
import_environment = MAIL_CONFIG MAIL_LOGTAG TZ LD_LIBRARY_PATH
mail_owner = peer-postfix
setgid_group = peer-postdrop
maillog_file_prefixes = /mnt/work
maillog_file = /mnt/work/log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
smtpd_tls_security_level = none
$([ -e /mnt/conf/resolv.conf ] || stays_here)

in_flow_delay = 0
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
# one attempt to deliver
$(grep -s ^maximal_queue_lifetime /mnt/conf/main.cf || echo maximal_queue_lifetime = 0)
bounce_queue_lifetime = 0
E
	[ -z "$tls" ] || cat <<E

smtpd_tls_security_level = may
smtpd_tls_cert_file = /mnt/conf/mx.pem
smtpd_tls_key_file = /mnt/conf/mx.key
smtpd_tls_received_header = yes
smtp_tls_security_level = secure
smtp_tls_secure_cert_match = mx.$home_domain
smtp_tls_CAfile = /mnt/conf/ca.pem
smtp_tls_loglevel = 1
smtpd_tls_loglevel = 1
E
}

main_cf() {
	cat <<E
compatibility_level = 3.6
myhostname = postfix.relay.test
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
default_transport = error:5.4.4 this Postfix sends nothing there
transport_maps = inline:{ ${home_domain:-home.invalid}=smtp:[${home_host:-127.0.0.1}]:${home_port:-1}, gone.test=smtp:[127.0.0.1]:1 }

relay_domains = ${home_domain:-home.invalid}, gone.test
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access inline:{ { later@relay.test = 450 4.2.0 The cat sleeps on the keyboard } }
smtpd_delay_reject = no
virtual_mailbox_domains = relay.test
virtual_mailbox_base = /mnt/mail
virtual_mailbox_maps = texthash:/mnt/conf/users
virtual_uid_maps = static:64613
virtual_gid_maps = static:64613
virtual_mailbox_limit = 0
message_size_limit = $largest
header_checks = regexp:/mnt/conf/header_checks

# mail is delivered as it came
local_header_rewrite_clients =
message_drop_headers =
disable_mime_output_conversion = yes
line_length_limit = 65536
E
}

master_cf() {
	echo "127.0.0.1:$port inet n - n - 100 smtpd"
	[ -z "$old_port" ] || echo "127.0.0.1:$old_port inet n - n - 100 smtpd" \
		"-o smtpd_discard_ehlo_keywords=size,pipelining,8bitmime,dsn,enhancedstatuscodes,smtputf8,chunking,vrfy,etrn"
	cat <<E
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
local unix - n n - - local
discard unix - - n - - discard
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
E
}

# In the namespaces, as process 1: with it everything ends.
inside() {
	mount -t tmpfs -o mode=755 tmpfs /mnt
	mkdir /mnt/postfix /mnt/work /mnt/mail /mnt/conf /mnt/data /mnt/spool
	mount --bind "$peer" /mnt/postfix
	mount --bind "$work" /mnt/work
	for file in passwd group; do
		grep -v '^peer-' "/etc/$file" >"/mnt/$file" || true
	done
	[ -z "$conf" ] || cp "$conf/passwd" /mnt/passwd
	printf 'peer-%s:x:%s:%s::/nonexistent:/usr/sbin/nologin\n' \
		postfix 64611 64611 mail 64613 64613 >>/mnt/passwd
	printf 'peer-%s:x:%s:\n' postfix 64611 postdrop 64612 mail 64613 >>/mnt/group
	mount --bind /mnt/passwd /etc/passwd
	mount --bind /mnt/group /etc/group
	for ((i = 0; i < users; i++)); do echo "u$i@relay.test u$i/"; done >/mnt/conf/users
	echo '/^X-Refuse: yes/ REJECT 5.7.1 We take no mail about herons on a Tuesday' >/mnt/conf/header_checks
	if [ -n "$conf" ]; then cp -r "$conf/." /mnt/conf; else main_cf >/mnt/conf/main.cf; fi
	[ -z "$tls" ] || cp "$tls"/{mx.pem,mx.key,ca.pem} /mnt/conf
	[ ! -e /mnt/conf/resolv.conf ] || mount --bind /mnt/conf/resolv.conf /etc/resolv.conf
	plumbing >>/mnt/conf/main.cf
	master_cf >/mnt/conf/master.cf
	for d in active bounce corrupt defer deferred flush hold incoming private saved trace; do
		install -d -m 700 -o peer-postfix "/mnt/spool/$d"
	done
	install -d -m 730 -o peer-postfix -g peer-postdrop /mnt/spool/maildrop
	install -d -m 710 -o peer-postfix -g peer-postdrop /mnt/spool/public
	install -d -m 755 /mnt/spool/pid
	chown peer-postfix /mnt/data
	install -d -m 755 -o peer-mail -g peer-mail /mnt/work/mail
	mount --bind /mnt/work/mail /mnt/mail # DIRECTORY may be closed to peer-mail
	cd /
	LD_LIBRARY_PATH=$(libraries /mnt/postfix)
	export LD_LIBRARY_PATH
	if [ -n "$conf" ]; then
		chmod 1777 /mnt/mail
		[ ! -e /mnt/conf/aliases ] || /mnt/postfix/usr/sbin/postalias -c /mnt/conf hash:/mnt/conf/aliases
	fi
	# Not in place of this shell: master changes its user for a while, and the kernel then forgets that it should die
	# with its parent.
	timeout --kill-after 1 "$seconds" /mnt/postfix/usr/lib/postfix/sbin/master -c /mnt/conf -d
}

answers() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

run() {
	local child='' status=0
	[ "$(id -u)" = 0 ] || fail "Postfix as a peer needs root (for its namespaces and its users); run the tests as root"
	unshare --mount --pid --fork true 2>/dev/null ||
		fail "this machine allows no new mount and process namespaces (unshare --mount --pid), which Postfix as a peer" \
			"needs; in a container, that takes --privileged or --cap-add SYS_ADMIN"
	fetch
	trap '[ -z "$child" ] || kill -KILL "$child" 2>/dev/null; exit 0' TERM INT HUP
	# Whichever of the processes between the caller and Postfix dies, the rest dies with it.
	setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child "${BASH_SOURCE[0]}" inside \
		"$work" "$seconds" "$port" "$old_port" "$home_domain" "$home_host" "$home_port" "$conf" "$tls" >&2 </dev/null &
	child=$!
	until answers "$port"; do
		kill -0 "$child" 2>/dev/null || fail "Postfix did not start; see above and $work/log"
		sleep 0.05
	done
	echo ready
	wait "$child" || status=$?
	exit "$status"
}

work='' port='' old_port='' home_domain='' home_host='' home_port='' conf='' tls='' seconds=600
verb=${1:-}
[ $# = 0 ] || shift
case $verb in
fetch)
	fetch
	;;
smtp-source)
	fetch
	LD_LIBRARY_PATH=$(libraries "$peer") exec "$peer/usr/sbin/smtp-source" "$@"
	;;
postconf)
	fetch
	LD_LIBRARY_PATH=$(libraries "$peer") exec "$peer/usr/sbin/postconf" "$@"
	;;
run)
	if [ -z "${POSTFIX_PEER_PARENT:-}" ]; then
		POSTFIX_PEER_PARENT=$PPID exec setpriv --pdeathsig TERM "$BASH" "${BASH_SOURCE[0]}" run "$@"
	fi
	[ "$PPID" = "$POSTFIX_PEER_PARENT" ] || exit 0 # it has gone already
	while [ $# -gt 1 ]; do
		case $1 in
		--work) work=$(mkdir -p "$2" && cd "$2" && pwd) ;;
		--port) port=$2 ;;
		--old-port) old_port=$2 ;;
		--home) IFS='=:' read -r home_domain home_host home_port <<<"$2" ;;
		--conf) conf=$(cd "$2" && pwd) ;;
		--tls) tls=$(cd "$2" && pwd) ;;
		--for) seconds=$2 ;;
		*) usage ;;
		esac
		shift 2
	done
	if [ $# -gt 0 ] || [ -z "$work" ] || [ -z "$port" ]; then usage; fi
	run
	;;
inside)
	work=$1 seconds=$2 port=$3 old_port=$4 home_domain=$5 home_host=$6 home_port=$7 conf=$8 tls=$9
	inside
	;;
*)
	usage
	;;
esac
