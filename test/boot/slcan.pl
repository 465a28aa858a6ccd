# Gives a pseudo-terminal the line discipline of a serial CAN adapter, and writes what the kernel says to the adapter into
# the file that the argument names. The link can0 lives as long as this does.
use strict;
use warnings;
use Fcntl;
my ($file) = @ARGV;
sysopen(my $master, '/dev/ptmx', O_RDWR | O_NOCTTY) or die "ptmx: $!";
my $unlock = pack 'i', 0;
ioctl($master, 0x40045431, $unlock) or die "TIOCSPTLCK: $!";
my $number = pack 'I', 0;
ioctl($master, 0x80045430, $number) or die "TIOCGPTN: $!";
sysopen(my $slave, '/dev/pts/' . unpack('I', $number), O_RDWR | O_NOCTTY) or die "pts: $!";
ioctl($slave, 0x5423, pack('i', 17)) or die "TIOCSETD: $!";
while (sysread($master, my $said, 64)) {
    open(my $out, '>>', $file) or die "$file: $!";
    $said =~ tr/\r/\n/;
    print $out $said;
    close $out;
}
