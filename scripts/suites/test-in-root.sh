#!/usr/bin/env bash
# What run.mjs has done inside of a root: a copy of the tree (from /srv/source) installed and tested as somebody would who
# has just cloned it. RUN_AS names a user other than root. Arguments go to `npm test`.
set -euo pipefail

echo "suite: node $(node --version)"
echo "suite: qemu $(qemu-system-x86_64 --version 2>/dev/null | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p')"
home=/root
[ -z "${RUN_AS:-}" ] || home=/home/$RUN_AS
cp -r /srv/source "$home/qmpd"
cd "$home/qmpd"
npm ci --cache /srv/npm --prefer-offline --no-audit --no-fund
if [ -n "${RUN_AS:-}" ]; then
  chown -R "$RUN_AS:" "$home/qmpd"
  exec setpriv --reuid "$RUN_AS" --regid "$RUN_AS" --init-groups env HOME="$home" npm test -- "$@"
fi
exec npm test -- "$@"
