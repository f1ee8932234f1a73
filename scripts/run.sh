#!/bin/sh
# The main job on real mail, in a home folder of its own: fetch, learn, explain, judge.
# A second run goes on with what is there: it learns nothing anew, and takes no flag back.
set -eu
chaffinch=.venv/bin/chaffinch
# Not CHAFFINCH_HOME, which may be where somebody's own flags are.
home=${RUN_HOME:-$PWD/.run}
made=$home/made-by-make-run

if [ -e "$home" ] && [ ! -e "$made" ] && [ -n "$(ls -A "$home")" ]; then
  echo "make run: $home holds what make run did not put there: name another folder," \
    "as in 'make run RUN_HOME=/tmp/run', or remove that one if nothing in it is wanted" >&2
  exit 1
fi
mkdir -p "$home"
[ -e "$made" ] || : > "$made"
CHAFFINCH_HOME=$home
export CHAFFINCH_HOME

if grep -q learned "$made"; then
  echo "Going on with what $home has learned; to begin anew, remove it."
else
  "$chaffinch" data get spamassassin
  echo
  echo "== Learning: each mail is judged, then its true label is learned =="
  "$chaffinch" learn mail spamassassin
  echo learned > "$made"
fi
echo
echo "== What the experience teaches =="
"$chaffinch" explain mail
echo
echo "== Judging three mails of our own =="
"$chaffinch" predict mail examples/*.eml
echo
echo "Go on with: CHAFFINCH_HOME=$home $chaffinch --help"
