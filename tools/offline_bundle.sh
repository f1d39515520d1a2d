#!/usr/bin/env bash
# Collects what a build of engram needs beside a compiler and CMake, for a machine that can install nothing:
#   tools/offline_bundle.sh FOLDER
# then there: cmake --preset release -DENGRAM_BUNDLE=FOLDER
# Taken from the packages of this machine: headers of nlohmann-json, CLI11, Random123, xxHash, Eigen and GoogleTest, and
# GoogleTest as a static library, built from source where the package ships no library.
set -euo pipefail

if [ $# -ne 1 ] || [ "${1#-}" != "$1" ]; then
  echo "usage: $0 FOLDER" >&2
  exit 2
fi
out=$1
mkdir -p "$out/include" "$out/lib"
out=$(cd "$out" && pwd)

include_roots="/usr/include /usr/local/include"
# copy NAME PACKAGE: a header or a folder of headers.
copy() {
  for root in $include_roots; do
    if [ -e "$root/$1" ]; then
      cp -rL "$root/$1" "$out/include/"
      return
    fi
  done
  echo "$0: $1 not found under $include_roots; install the package $2" >&2
  exit 1
}
copy nlohmann nlohmann-json3-dev
copy CLI libcli11-dev
copy Random123 librandom123-dev
copy xxhash.h libxxhash-dev
# XXH3 may be a header of its own that xxhash.h includes.
if [ -e /usr/include/xxh3.h ]; then cp /usr/include/xxh3.h "$out/include/"; fi
copy eigen3 libeigen3-dev
copy gtest libgtest-dev

library=$(find /usr/lib /usr/local/lib -name libgtest.a -print -quit 2>/dev/null || true)
if [ -n "$library" ]; then
  cp "$library" "$out/lib/libgtest.a"
elif [ -e /usr/src/googletest/googletest/src/gtest-all.cc ]; then
  object=$(mktemp -d)
  trap 'rm -rf "$object"' EXIT
  "${CXX:-c++}" -std=c++17 -O2 -fPIC -I/usr/src/googletest/googletest -I"$out/include" \
    -c /usr/src/googletest/googletest/src/gtest-all.cc -o "$object/gtest-all.o"
  ar rcs "$out/lib/libgtest.a" "$object/gtest-all.o"
else
  echo "$0: neither libgtest.a nor /usr/src/googletest; install the package libgtest-dev" >&2
  exit 1
fi
echo "$out: $(du -sh "$out" | cut -f1), for cmake -DENGRAM_BUNDLE=$out"
