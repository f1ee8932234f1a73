#!/bin/sh
# Install what scripts/voices.py lets speak, on Debian and its kin, as root; packages of Python go to
# .venv, which 'make setup' makes.
set -eu
cd "$(dirname "$0")/.."

wanted=""
for program in espeak-ng flite festival npm; do
  command -v $program >/dev/null || wanted="$wanted $program"
done
[ -d /usr/share/festival/voices/english/ked_diphone ] || wanted="$wanted festvox-kdlpc16k"
[ -d /usr/share/festival/voices/us/cmu_us_slt_arctic_hts ] || wanted="$wanted festvox-us-slt-hts"
if [ -n "$wanted" ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # shellcheck disable=SC2086 # several words are meant
  apt-get install -y -qq --no-install-recommends $wanted >/dev/null
fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[voices]'
