# How many messages a second does Sisimai read, on one core, in one process?
# Usage: explain_sisimai.pl SECONDS FOLDER. Counts processor time, as explain_rate does.
use strict;
use warnings;
use File::Find;
use Sisimai;

my ($wanted, $folder) = @ARGV;
die "usage: explain_sisimai.pl SECONDS FOLDER\n" unless defined $folder;
my @files;
find({wanted => sub { push @files, $_ if -f }, no_chdir => 1}, $folder);
my ($passes, $found, $start) = (0, 0, (times)[0] + (times)[1]);
my $took;
do {
    for my $file (@files) {
        my $reasons = Sisimai->make($file);
        $found += @$reasons if $reasons;
    }
    $passes++;
    $took = (times)[0] + (times)[1] - $start;
} while ($took < $wanted);
my $count = @files * $passes;
printf "%d messages, %d passes: %.0f messages/s, %.1f us a message, %d reasons a pass\n",
    scalar @files, $passes, $count / $took, $took / $count * 1e6, $found / $passes;
