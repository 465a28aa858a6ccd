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
is 'networking stops' systemctl stop networking
is 'eth0 is down without its lease' sh -c '! ip -o address show dev eth0 | grep -q "inet "'
is 'no client is left' [ -z "$(pids)" ]
[ "$status" = 0 ] || journalctl -u netconfd -u networking --no-pager -o cat | tail -n 40
echo "status $status"
systemctl poweroff --force --force
