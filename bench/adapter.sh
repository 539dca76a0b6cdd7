#!/bin/bash
# Adapter of the mail server benchmark: caps | version | prepare | run. $PLAINPOST names the program.
set -eu
PLAINPOST=${PLAINPOST:-$(cd "$(dirname "$0")/.." && pwd)/build-release/plainpost}
case $1 in
caps) echo maildir dsn ;;
version) "$PLAINPOST" --version ;;
prepare)
    {
        echo "domain local.test"
        for i in $(seq 0 99); do echo "u$i@local.test  maildir $BENCH_MAILDIRS/u$i"; done
    } >"$BENCH_DIR/users"
    cat >"$BENCH_DIR/plainpost.conf" <<END
hostname mta.test
listen $BENCH_LISTEN_IP:$BENCH_LISTEN_PORT
trusted 127.0.0.0/8
state $BENCH_DIR/state
users $BENCH_DIR/users
mailboxes $BENCH_MAILDIRS
route relay.test $BENCH_RELAY_IP:$BENCH_RELAY_PORT
route sender.test $BENCH_BOUNCE_IP:$BENCH_BOUNCE_PORT
destination-concurrency $BENCH_OUTCONC
storm-notices 0
END
    chown -R "$BENCH_UID:$BENCH_GID" "$BENCH_DIR"
    ;;
run)
    exec setpriv --reuid "$BENCH_UID" --regid "$BENCH_GID" --clear-groups \
        "$PLAINPOST" -c "$BENCH_DIR/plainpost.conf" serve 2>"$BENCH_DIR/log"
    ;;
*)
    echo "adapter: caps, version, prepare or run" >&2
    exit 2
    ;;
esac
