#!/bin/sh
# Emits an event of one's own over the control socket, with a shell and whatever connects to Unix sockets here:
#
#     emit.sh home-lan-connected SSID=home INTERFACE=wlan0
#
# Varlink (varlink.org) is one JSON object and a NUL byte, each way. Inside a hook script there is no need for any of
# this: write a line to file descriptor 3.
set -eu

socket=${NETCONF_SOCKET:-/run/netconf/control}

usage() {
    echo "usage: ${0##*/} EVENT [KEY=VALUE]..." >&2
    exit 2
}

# A JSON string. A shell's variables hold no NUL; line ends and other control characters are refused.
quote() {
    case $1 in
        *[[:cntrl:]]*) echo "${0##*/}: a control character in $1" >&2; exit 2 ;;
    esac
    printf '"%s"' "$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')"
}

# Standard input to the socket, its answer to standard output.
talk() {
    if command -v socat >/dev/null 2>&1; then
        socat -t 10 - "UNIX-CONNECT:$socket"
    elif command -v nc >/dev/null 2>&1; then
        nc -N -U "$socket"
    else
        # Of Debian's essential packages, perl-base is the one that can.
        perl -MIO::Socket::UNIX -e '
            $| = 1;
            my $peer = IO::Socket::UNIX->new(Peer => shift) or die "$!\n";
            local $/;
            print $peer scalar <STDIN>;
            $peer->shutdown(1);
            print scalar <$peer>;' "$socket"
    fi
}

[ $# -ge 1 ] || usage
parameters="\"event\":$(quote "$1")"
shift
data=
for pair in "$@"; do
    case $pair in
        INTERFACE=*) parameters="$parameters,\"interface\":$(quote "${pair#*=}")" ;;
        ?*=*) data="$data${data:+,}$(quote "${pair%%=*}"):$(quote "${pair#*=}")" ;;
        *) usage ;;
    esac
done

call="{\"method\":\"io.netconf.Emit\",\"parameters\":{$parameters,\"data\":{$data}}}"
answer=$(printf '%s\0' "$call" | talk | tr -d '\0')
case $answer in
    '') echo "${0##*/}: no answer from $socket" >&2; exit 1 ;;
    *'"error"'*) echo "$answer" >&2; exit 1 ;;
    *) echo "$answer" ;;
esac
