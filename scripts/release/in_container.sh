#!/bin/sh
# Makes the binary of an architecture inside a container, whose C library it is for: sh scripts/release/in_container.sh ARCH. The images hold
# Node alone. No action runs in there, since an Alpine has no C library for the actions' own Node.
set -eu
if command -v apk >/dev/null; then
  apk add --no-cache binutils ccache cmake g++ linux-headers make ninja
else
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends binutils ccache cmake g++ make ninja-build
fi
npm ci --ignore-scripts
npm run prebuild -- "$1"
node scripts/release/check_binary.mjs
