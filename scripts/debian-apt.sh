#!/bin/sh
# Runs apt-get or apt-cache with a state of its own, for one suite and one architecture of Debian's main archive: what
# the system has configured, locked or failed to update does not matter, and nothing of it changes. The mirror and its
# key are taken from the system's own apt sources.
#
#   scripts/debian-apt.sh FOLDER SUITE ARCHITECTURE apt-get|apt-cache ARGUMENT...
#
# FOLDER keeps the state between calls (lists, and in archives/ what was downloaded); the first call in a new FOLDER is
# `apt-get update`. SUITE is a release, such as bookworm, or its backports, such as bookworm-backports.
set -eu

if [ $# -lt 5 ]; then
  echo "usage: debian-apt.sh FOLDER SUITE ARCHITECTURE apt-get|apt-cache ARGUMENT..." >&2
  exit 2
fi
folder=$1 suite=$2 architecture=$3 program=$4
shift 4
release=${suite%-backports}
suites=$release
[ "$suite" = "$release" ] || suites="$release $suite"
sources=$folder/sources
mkdir -p "$folder/lists/partial" "$folder/archives/partial" "$sources"

# The stanza that serves the release's main archive (not security): its URI and key, for the suites wanted.
cat /etc/apt/sources.list.d/*.sources 2>/dev/null | awk -v release="$release" -v suites="$suites" '
  function flush() {
    if (found && uri != "" && !printed) {
      print "Types: deb"; print "URIs: " uri; print "Suites: " suites; print "Components: main"
      if (key != "") print "Signed-By: " key
      printed = 1
    }
    found = 0; uri = ""; key = ""
  }
  /^[[:space:]]*$/ { flush(); next }
  /^URIs:/ { uri = $2 }
  /^Signed-By:/ { key = $2 }
  /^Suites:/ { for (i = 2; i <= NF; i++) if ($i == release) found = 1 }
  END { flush() }
' >"$sources/debian.sources"
if [ ! -s "$sources/debian.sources" ] && [ -f /etc/apt/sources.list ]; then
  awk -v release="$release" -v suite="$suite" '
    function has_release(  i) { for (i = 3; i <= NF; i++) if ($i == release) return 1; return 0 }
    $1 == "deb" && has_release() {
      print
      if (suite != release && sub(" " release " ", " " suite " ")) print
      exit
    }
  ' /etc/apt/sources.list >"$sources/debian.list"
fi
if ! [ -s "$sources/debian.sources" ] && ! [ -s "$sources/debian.list" ]; then
  echo "debian-apt: no apt source of $release found from which to derive $suite" >&2
  exit 1
fi

exec "$program" -qq -o Debug::NoLocking=1 -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$sources" \
  -o Dir::State::Lists="$folder/lists" -o Dir::Cache="$folder" -o Dir::Cache::archives="$folder/archives" \
  -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" -o APT::Sandbox::User=root \
  -o Acquire::Retries=3 "$@"
