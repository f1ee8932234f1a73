#!/bin/sh
# Install the programs that some tests run exported rules in, write recordings with, or send mail
# through, on Debian and its kin, as root. Without them those tests are skipped, and fail where CI=true.
set -eu

wanted=""
command -v spamassassin >/dev/null || wanted="$wanted spamassassin"
command -v sieve-test >/dev/null || wanted="$wanted dovecot-sieve"
command -v ffmpeg >/dev/null || wanted="$wanted ffmpeg"
command -v spamc >/dev/null || wanted="$wanted spamc"
command -v maildrop >/dev/null || wanted="$wanted maildrop"
command -v fdm >/dev/null || wanted="$wanted fdm"
command -v procmail >/dev/null || wanted="$wanted procmail"
[ -x /usr/lib/dovecot/imap ] || wanted="$wanted dovecot-imapd"
[ -x /usr/lib/dovecot/lmtp ] || wanted="$wanted dovecot-lmtpd"
command -v openssl >/dev/null || wanted="$wanted openssl"
command -v curl >/dev/null || wanted="$wanted curl"
command -v postfix >/dev/null || wanted="$wanted postfix"
command -v swaks >/dev/null || wanted="$wanted swaks"
[ -z "$wanted" ] && exit 0
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# Tests run a Postfix of their own: the machine's stays without a configuration, and down.
if command -v debconf-set-selections >/dev/null; then
  echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
fi
# shellcheck disable=SC2086 # several words are meant
apt-get install -y -qq --no-install-recommends $wanted >/dev/null
