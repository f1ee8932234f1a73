#!/usr/bin/perl
# SpamAssassin in one process: reads mails on standard input, answers on standard output.
#
#     perl spamassassin.pl bayes|full FOLDER
#
# A request is a line of one word, "judge", "spam" or "ham", and a number of bytes, and then those
# bytes. "judge" is answered by a line: whether spam (1 or 0), the score of all rules, the
# probability of Bayes ("-" where Bayes is silent), its complement, and the logarithms of the two
# tail probabilities it was made of. "spam" and "ham" learn, and are answered by "learned".
use strict;
use warnings;
use Mail::SpamAssassin;
use Mail::SpamAssassin::Bayes::CombineChi;

my ($kind, $folder) = @ARGV;

my $config = <<"END";
use_bayes 1
use_bayes_rules 1
bayes_path $folder/bayes
# What is learned is what the benchmark says, and counts from the first mail on.
bayes_auto_learn 0
bayes_min_ham_num 1
bayes_min_spam_num 1
# Old mail is as good as new one here.
bayes_auto_expire 0
END

my $bayes_only = <<"END";
loadplugin Mail::SpamAssassin::Plugin::Check
loadplugin Mail::SpamAssassin::Plugin::Bayes
body BAYES eval:check_bayes('0.00', '1.00')
score BAYES 1
END

my $spamassassin = Mail::SpamAssassin->new({
    dont_copy_prefs => 1,
    local_tests_only => 1,
    home_dir_for_helpers => $folder,
    userstate_dir => $folder,
    $kind eq 'full' ? (post_config_text => $config) : (config_text => $bayes_only . $config),
    # A file that is not there: not the user's own.
    userprefs_filename => "$folder/user_prefs",
});
$spamassassin->init(1);
$spamassassin->init_learner({});

# The probability is (1 + for_spam - for_ham) / 2; rounded, it is 1 for most spams.
my @tails;
{
    no warnings 'redefine';
    my $chi2q = \&Mail::SpamAssassin::Bayes::Combine::chi2q;
    *Mail::SpamAssassin::Bayes::Combine::chi2q = sub {
        my $tail = $chi2q->(@_);
        push @tails, [$tail, $tail > 1e-300 ? log($tail) : log_tail(@_)];
        return $tail;
    };
}

# The logarithm of what chi2q computes, where the tail is too small for a double: in the sum of
# exp(-m) * m ** i / i!, everything relative to the largest term, which is the last one there.
sub log_tail {
    my ($x2, $count) = @_;
    my $m = $x2 / 2;
    my ($term, $sum, $log_last) = (1, 1, -$m);
    $log_last += log($m / $_) for 1 .. $count - 1;
    for (my $i = $count - 1; $i > 0; $i--) {
        $term *= $i / $m;
        $sum += $term;
    }
    return $log_last + log($sum);
}

binmode STDIN;
$| = 1;
print "version $Mail::SpamAssassin::VERSION\n";
while (defined(my $request = <STDIN>)) {
    my ($what, $length) = split ' ', $request;
    my $raw = '';
    while (length($raw) < $length) {
        read(STDIN, $raw, $length - length($raw), length($raw)) or exit 1;
    }
    my $mail = $spamassassin->parse($raw);
    if ($what eq 'judge') {
        @tails = ();
        my $status = $spamassassin->check($mail);
        my $bayes = $status->{bayes_score};
        my @probability = ('-', '-', '-', '-');
        if (defined $bayes && @tails == 2) {
            my ($for_ham, $for_spam) = map { $_->[0] } @tails;
            # Not 1 - $bayes, which has fewer digits.
            @probability = map { sprintf '%.17g', $_ }
                $bayes, (1 - $for_spam + $for_ham) / 2, map { $_->[1] } @tails;
        }
        printf "%d %.17g %s\n", $status->is_spam() ? 1 : 0, $status->get_score(), "@probability";
        $status->finish();
    } else {
        my $status = $spamassassin->learn($mail, undef, $what eq 'spam' ? 1 : 0, 0);
        $status->finish();
        print "learned\n";
    }
    $mail->finish();
}
$spamassassin->finish_learner();
$spamassassin->finish();
