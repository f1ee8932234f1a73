# A mail was moved, copied or saved into Junk: it is spam.
require ["copy", "environment", "imapsieve", "variables", "vnd.dovecot.imapsieve", "vnd.dovecot.pipe"];

# Who sorts junk into folders of Junk says nothing new of it. (What is saved comes from where it goes.)
if allof (environment :is "imap.cause" "COPY",
          environment :matches "vnd.dovecot.mailbox-from" ["Junk", "Junk/*", "Junk.*"]) {
    stop;
}
if environment :matches "imap.user" "*" {
    set "user" "${1}";
}
pipe :copy "chaffinch-flag" ["spam", "${user}"];
