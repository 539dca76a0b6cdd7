#!/bin/sh
# One object of the room and of all that it needs, in which only what the public header names can be seen: our
# names must not meet those of the program that it is linked into.
# Usage: one_object.sh OBJCOPY OBJECT ARCHIVE ROOM BELOW CC...
set -eu
objcopy=$1 object=$2 archive=$3 room=$4 below=$5
shift 5
"$@" -r -nostdlib -o "$object" -Wl,--whole-archive "$room" -Wl,--no-whole-archive "$below"
"$objcopy" --localize-hidden "$object"
rm -f "$archive"
ar crs "$archive" "$object"
