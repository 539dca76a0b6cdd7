# Sourced by ./run, ./test, fuzz/run and the programs of bench/, at the root: what they build, with what it needs.
. ./packaging/install.sh
libraries=(build-essential pkg-config meson ninja-build gettext libsqlite3-dev libxxhash-dev libjansson-dev
    libunbound-dev libidn2-dev libmicrohttpd-dev libcurl4-openssl-dev libssl-dev libpsl-dev zlib1g-dev libexpat1-dev
    libsodium-dev libidn-dev libunistring-dev libpam0g-dev libmaxminddb-dev)
sanitizers=(clang lld libclang-rt-14-dev llvm)

build() { # DIRECTORY MESON-OPTION...
    local directory=$1
    shift
    { [ -f "$directory/build.ninja" ] || /usr/bin/meson setup "$directory" "$@"; } && ninja -C "$directory"
}

# The server as people run it.
build_release() {
    need "${libraries[@]}"
    build build-release -Dbuildtype=release -Dtests=none >build-release.log 2>&1 || { cat build-release.log; exit 1; }
    rm -f build-release.log
}

# The server, the tests and the fuzz targets, with sanitizers that watch what they do: one build for all, by clang.
# Without optimization, which would take three times as long as all else, and without the checks for null pointers,
# which fail anyhow, and for alignment, of which gcc warns: a third of the code that is left. At fixed addresses, because
# the tests start the program thousands of times, and the fuzzer's tables have half a million pointers to move.
build_sanitized() {
    need "${libraries[@]}" "${sanitizers[@]}"
    CC=clang CC_LD=lld LDFLAGS=-no-pie build build-test -Dwerror=true -Dbuildtype=debug \
        -Db_sanitize=address,undefined -Dc_args=-fno-sanitize=null,alignment -Db_lundef=false -Dfuzz=true
}
