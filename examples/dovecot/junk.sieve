# On delivery, before the user's own rules: what Chaffinch called spam goes into Junk.
require ["fileinto", "mailbox"];

if header :is "X-Chaffinch-Status" "spam" {
    fileinto :create "Junk";
    stop;
}
