#!/usr/bin/env bash
# Runs a command with a suite's root as its /, in mount and process namespaces of its own: with the command everything
# ends that it started. What it writes is gone afterwards, so that each run finds the root as it was made, and any number
# can run side by side.
#
#   scripts/suites/in-root.sh [--keep] [--bind PATH[:AT]]... SUITE COMMAND [ARGUMENT...]
#
# --keep writes into the root itself (to make it). --bind shows a file or folder of this machine, read and write, at the
# same path or at AT. /dev has the devices that every program needs, and KVM if this machine has it. The environment is a new
# one; the network is the machine's. Must be run by root.
set -euo pipefail

export ROOTS=${QMPD_SUITES:-${XDG_CACHE_HOME:-$HOME/.cache}/qmpd-suites}
export KEEP='' BINDS=''
while :; do
  case ${1:-} in
    --keep) KEEP=yes; shift ;;
    --bind) BINDS+="$2"$'\n'; shift 2 ;;
    *) break ;;
  esac
done
[ $# -ge 2 ] || { echo 'usage: in-root.sh [--keep] [--bind PATH[:AT]]... SUITE COMMAND [ARGUMENT...]' >&2; exit 2; }
export SUITE=$1
shift
[ -d "$ROOTS/$SUITE/usr" ] || { echo "in-root: no root $ROOTS/$SUITE: make it with make-root.sh" >&2; exit 2; }

enter='
  set -eu
  if [ "$KEEP" ]; then
    root=$ROOTS/$SUITE
    mount --bind "$root" "$root"
  else
    # Memory of this mount, over the root that is only read.
    mount -t tmpfs -o mode=755 tmpfs "$ROOTS"/.enter
    mkdir "$ROOTS"/.enter/written "$ROOTS"/.enter/work "$ROOTS"/.enter/root
    root=$ROOTS/.enter/root
    mount -t overlay -o "lowerdir=$ROOTS/$SUITE,upperdir=$ROOTS/.enter/written,workdir=$ROOTS/.enter/work" overlay "$root"
  fi
  mount -t proc proc "$root/proc"
  mount -t sysfs -o ro sysfs "$root/sys"
  mount -t tmpfs -o mode=755 tmpfs "$root/run"
  mkdir -p "$root/run/lock"
  [ "$KEEP" ] || mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  mkdir "$root/dev/pts" "$root/dev/shm"
  device() { mknod -m 666 "$root/dev/$1" c "$2" "$3"; }
  device null 1 3; device zero 1 5; device full 1 7; device random 1 8; device urandom 1 9; device tty 5 0
  [ ! -e /dev/kvm ] || device kvm 10 232
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
  ln -s pts/ptmx "$root/dev/ptmx"
  mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
  ln -s /proc/self/fd "$root/dev/fd"
  ln -s fd/0 "$root/dev/stdin"; ln -s fd/1 "$root/dev/stdout"; ln -s fd/2 "$root/dev/stderr"
  while IFS= read -r bind; do
    [ "$bind" ] || continue
    from=${bind%%:*} at=${bind#*:}
    if [ -d "$from" ]; then mkdir -p "$root/$at"; else mkdir -p "$(dirname "$root/$at")"; touch "$root/$at"; fi
    mount --rbind "$from" "$root/$at"
  done <<<"$BINDS"
  cd "$root"
  mkdir -p .outside
  pivot_root . .outside
  cd /
  umount -l /.outside
  rmdir /.outside 2>/dev/null || :
  exec env -i HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
'
mkdir -p "$ROOTS/.enter"
exec unshare --mount --propagation private --pid --fork --kill-child bash -c "$enter" in-root "$@"
