# Runs in the guest of test/boot/run, when the machine is online.
set -u
status=0
is() {
  printf '%s: ' "$1"
  shift
  if said=$("$@" 2>&1); then echo ok; else
    echo "no: $said"
    status=1
  fi
}
has() { ip -o address show dev "$1" | grep -q "inet $2"; }
controller() { ip -d link show dev "$1" | tr -s '\n\t ' ' '; }
# like LINK MODES REST: what its controller has.
like() {
  case $(controller "$1") in
  *" can $2state ERROR-ACTIVE "*" $3 "*) ;;
  *) controller "$1" && false ;;
  esac
}
downs() { netconf history | grep link.down | grep -c "$1"; }
# carry FROM TO: a frame of CAN.
carry() {
  perl -e 'for (@ARGV) {
      socket my $socket, 29, 3, 1 or die $!;
      bind $socket, pack "S x2 i x16", 29, $_ or die $!;
      push @sockets, $socket;
    }
    alarm 20;
    syswrite $sockets[0], pack "L C x3 a8", 0x123, 2, "hi";
    sysread $sockets[1], $frame, 16;
    exit 1 if substr($frame, 8, 2) ne "hi"' "$(cat "/sys/class/net/$1/ifindex")" "$(cat "/sys/class/net/$2/ifindex")"
}
pids() { for p in /proc/[0-9]*; do tr '\0' ' ' 2>/dev/null <"$p/cmdline" | grep -q "^[^ ]*dhclient .*eth0" && echo "${p#/proc/}"; done; }

for unit in netconfd networking netconf-wait-online; do is "$unit is active" systemctl is-active "$unit"; done
is 'netconf-firewall is active' systemctl is-active netconf-firewall
is 'the rules were there before the network' sh -c 'nft list table inet netconf | grep -q 22'
is 'eth0 has its lease' has eth0 10.0.2.15/
is 'its VLAN has its address' has eth0.5 192.0.2.1/24
is 'scripts of if-up.d ran once for each stanza' sh -c '[ "$(grep -c "^eth0 post-up inet$" /run/scripts)" = 1 ] && [ "$(grep -c "^eth0.5 post-up inet$" /run/scripts)" = 1 ]'
is 'ifquery knows the state' sh -c 'ifquery --state eth0 | grep -q eth0=eth0'
is 'everything that is auto was told of' sh -c 'netconf history | grep -q interface.all-configured'
before=$(pids)
is 'one DHCP client runs' [ "$(echo "$before" | wc -w)" = 1 ]
is 'netconfd restarts' systemctl restart netconfd
is 'its client was left alone' [ "$(pids)" = "$before" ]
systemctl kill --kill-whom=main -s KILL netconfd
for _ in $(seq 60); do systemctl -q is-active netconfd && break; sleep 1; done
is 'netconfd is back after KILL' systemctl is-active netconfd
is 'the client was left alone again' [ "$(pids)" = "$before" ]
is 'eth0 still has its lease' has eth0 10.0.2.15/
is 'scripts did not run again' sh -c '[ "$(grep -c "^eth0 post-up inet$" /run/scripts)" = 1 ]'
is 'no unit has failed' sh -c '[ -z "$(systemctl --failed --plain --no-legend | grep -v -E "getty|systemd-(networkd|random|remount)")" ]'
ip -br address

is 'can0 has been configured when it came' like can0 '' 'restart-ms 100 bitrate 250000 sample-point 0.750'
before=$(downs can0)
is 'it is configured again' ifup --force can0
is 'which changed nothing' [ "$(downs can0)" = "$before" ]
all='<LOOPBACK,LISTEN-ONLY,TRIPLE-SAMPLING,ONE-SHOT,BERR-REPORTING> '
timing='restart-ms 100 bitrate 500000 sample-point 0.875'
is 'can1 comes up' ifup can1=all
is 'can1 has all that a controller can have' like can1 "$all" "$timing"
ours=$(controller can1)
is 'can1 goes down' ifdown can1
is 'can1 comes up without them' ifup can1
is 'can1 has none of them' like can1 '' 'restart-ms 0 bitrate 250000 sample-point 0.875'
is 'a frame goes from can0 to can1' carry can0 can1
is 'a frame goes from can1 to can0' carry can1 can0
is 'can1 goes down again' ifdown can1
is 'which is told' [ "$(downs can1)" -gt 0 ]
is 'a bit rate that no controller has is refused' sh -c '! ifup can1=odd 2>/run/odd && grep -q "such a bit rate" /run/odd'
mkdir /run/debian
cp /usr/sbin/ifup.ifupdown /run/debian/ifup
is "Debian's own ifup brings can1 up" /run/debian/ifup --state-dir=/run/debian can1=all
is 'and it is the same' [ "$(controller can1)" = "$ours" ]
ip -d link show dev can1
is 'networking stops' systemctl stop networking
is 'eth0 is down without its lease' sh -c '! ip -o address show dev eth0 | grep -q "inet "'
is 'no client is left' [ -z "$(pids)" ]
[ "$status" = 0 ] || journalctl -u netconfd -u networking --no-pager -o cat | tail -n 40
echo "status $status"
systemctl poweroff --force --force
