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

# This system's own release, as its sources may name it.
own=" $(. /etc/os-release && echo "${VERSION_CODENAME:-}") stable oldstable testing unstable sid "

# The stanza that serves the system's main archive (not security, not somebody else's): its URI and key, for the suites
# wanted, of whatever release they are: an archive has them all.
cat /etc/apt/sources.list.d/*.sources 2>/dev/null | awk -v own="$own" -v suites="$suites" '
  function flush() {
    if (found && main && uri != "" && !printed) {
      print "Types: deb"; print "URIs: " uri; print "Suites: " suites; print "Components: main"
      if (key != "") print "Signed-By: " key
      printed = 1
    }
    found = 0; main = 0; uri = ""; key = ""
  }
  /^[[:space:]]*$/ { flush(); next }
  /^URIs:/ { uri = $2 }
  /^Signed-By:/ { key = $2 }
  /^Suites:/ { for (i = 2; i <= NF; i++) if (index(own, " " $i " ")) found = 1 }
  /^Components:/ { for (i = 2; i <= NF; i++) if ($i == "main") main = 1 }
  END { flush() }
' >"$sources/debian.sources"
if [ ! -s "$sources/debian.sources" ] && [ -f /etc/apt/sources.list ]; then
  awk -v own="$own" -v suites="$suites" '
    # The word before the components, behind options in brackets and the URI.
    function suite_at(  i) { for (i = 2; i < NF; i++) if ($i ~ /:\/\//) return i + 1; return 0 }
    $1 == "deb" && (at = suite_at()) && index(own, " " $at " ") {
      number = split(suites, wanted, " ")
      for (i = 1; i <= number; i++) { $at = wanted[i]; print }
      exit
    }
  ' /etc/apt/sources.list >"$sources/debian.list"
fi
if ! [ -s "$sources/debian.sources" ] && ! [ -s "$sources/debian.list" ]; then
  echo "debian-apt: no apt source of this system's main archive found from which to derive $suite" >&2
  exit 1
fi

exec "$program" -qq -o Debug::NoLocking=1 -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$sources" \
  -o Dir::State::Lists="$folder/lists" -o Dir::Cache="$folder" -o Dir::Cache::archives="$folder/archives" \
  -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" -o APT::Sandbox::User=root \
  -o Acquire::Retries=3 "$@"
