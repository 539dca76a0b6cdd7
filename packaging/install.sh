# Sourced by ./run and ./test: install the Debian packages that are missing.
need() {
    local missing=() package
    for package; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok' ||
            missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    local sudo=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || {
            echo "These Debian packages are needed: ${missing[*]}" >&2
            echo "Please install them as root: apt-get install ${missing[*]}" >&2
            exit 1
        }
        sudo=sudo
    fi
    echo "Installing: ${missing[*]}"
    local log
    log=$(mktemp)
    if ! { $sudo apt-get update -q &&
        $sudo env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -q --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        exit 1
    fi
    rm -f "$log"
}

# Servers that tests talk to: their programs are wanted, not services that start with the machine.
need_peers() { # PACKAGE...
    local policy=/usr/sbin/policy-rc.d made='' service
    dpkg-query -W -f '${Status}\n' "$@" 2>/dev/null | grep -c '^install ok' | grep -qx $# && return
    if [ "$(id -u)" = 0 ] && [ ! -e $policy ]; then
        made=yes
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod 755 $policy
    fi
    need "$@"
    [ -z "$made" ] || rm -f $policy
    for service in rspamd opendkim nsd unbound dovecot haproxy nginx; do
        [ ! -d /run/systemd/system ] || systemctl disable --now "$service" >/dev/null 2>&1
    done
}
