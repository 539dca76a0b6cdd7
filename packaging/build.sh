# Sourced by ./run and bench/run, at the root: the release build in build-release.
. ./packaging/install.sh
build_release() {
    need build-essential pkg-config meson ninja-build gettext libsqlite3-dev libxxhash-dev libjansson-dev libunbound-dev libidn2-dev libmicrohttpd-dev libssl-dev libpsl-dev
    if [ ! -d build-release ]; then
        /usr/bin/meson setup build-release -Dbuildtype=release -Dtests=false >build-release.log 2>&1 ||
            { cat build-release.log; exit 1; }
        rm -f build-release.log
    fi
    ninja -C build-release >build-release/log 2>&1 || { cat build-release/log; exit 1; }
}
