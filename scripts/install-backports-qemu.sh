#!/bin/sh
# Unpacks the QEMU of this Debian's backports beside the one that is installed, for the tests that cover two versions:
# 10.0 on Debian 12, 11 on Debian 13. A release without backports has no second one. Nothing is installed or configured: packages are fetched with a state of apt's own (debian-apt.sh) and
# unpacked under the target directory, with the libraries that this system lacks. Running it again does nothing when the
# result still works.
#
#   scripts/install-backports-qemu.sh [TARGET]      (default: /opt/qemu-backports)
set -eu

target=${1:-/opt/qemu-backports}
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-unknown}")-backports
wrapper=$target/qemu-system-x86_64

if [ -x "$wrapper" ] && "$wrapper" --version >/dev/null 2>&1; then
  echo "qemu: $("$wrapper" --version | head -n 1) is already in $target"
  exit 0
fi

mkdir -p "$target"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
architecture=$(dpkg --print-architecture)
scripts=$(cd "$(dirname "$0")" && pwd)
apt() {
  "$scripts/debian-apt.sh" "$work" "$suite" "$architecture" apt-get "$@"
}

apt update
# What an installation would fetch: QEMU, its firmware, and every library that is missing or too old here.
apt install --yes --download-only --no-install-recommends --target-release "$suite" qemu-system-x86 qemu-system-gui qemu-block-extra
for package in qemu-system-modules-opengl qemu-system-modules-spice; do
  # Modules of the installed version would be loaded in their place, and QEMU aborts on a foreign one.
  (cd "$work/archives" && apt --target-release "$suite" download "$package") || true
done
# What is up to date in the system is not fetched by the installation above.
for package in seabios ipxe-qemu; do
  ls "$work/archives/$package"_* >/dev/null 2>&1 || (cd "$work/archives" && apt --target-release "$suite" download "$package")
done

for deb in "$work/archives"/*.deb; do
  dpkg-deb -x "$deb" "$target"
done

modules=$(dirname "$(find "$target/usr/lib" -name ui-opengl.so | head -n 1)")
libraries=$(dirname "$modules")
cat >"$wrapper" <<WRAPPER
#!/bin/sh
LD_LIBRARY_PATH=$libraries:$libraries/pulseaudio:$libraries/ceph\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}
QEMU_MODULE_DIR=$modules
export LD_LIBRARY_PATH QEMU_MODULE_DIR
exec $target/usr/bin/qemu-system-x86_64 "\$@"
WRAPPER
chmod 755 "$wrapper"
cat >"$target/README" <<README
QEMU of Debian's suite $suite, unpacked (not installed) by scripts/install-backports-qemu.sh.
Start it with $wrapper, which finds its own libraries, modules and firmware.
README
"$wrapper" --version
