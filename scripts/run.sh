#!/bin/sh
# The main job on real mail, in a home folder of its own: fetch, learn, explain, judge.
set -eu
chaffinch=.venv/bin/chaffinch
rm -rf "$CHAFFINCH_HOME"

"$chaffinch" data get spamassassin
echo
echo "== Learning: each mail is judged, then its true label is learned =="
"$chaffinch" learn mail spamassassin
echo
echo "== What the experience teaches =="
"$chaffinch" explain mail
echo
echo "== Judging three mails of our own =="
"$chaffinch" predict mail examples/*.eml
echo
echo "Go on with: CHAFFINCH_HOME=$CHAFFINCH_HOME $chaffinch --help"
