#!/bin/sh
# Formats all C, C++ and CUDA files; with --check it names those that are not formatted. Versions of clang-format differ, so
# only that of Debian 12 counts: with another one this exits with 77, which ctest shows as skipped.
set -eu
cd "$(dirname "$0")/.."
if ! clang-format --version 2>/dev/null | grep -q 'version 14\.'; then
  echo "SKIPPED: clang-format 14 is not installed"
  exit 77
fi
if [ "${1:-}" = --check ]; then how="--dry-run -Werror"; else how=-i; fi
# shellcheck disable=SC2086  # two words
find apps bench conformance engine examples include kernels python tests -type f \
  \( -name '*.[ch]pp' -o -name '*.cu' -o -name '*.ipp' -o -name '*.c' \) -print0 | xargs -0 clang-format $how
