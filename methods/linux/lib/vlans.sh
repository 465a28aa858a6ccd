# shellcheck shell=sh
# VLANs of a bridge's port, or of the bridge itself: VLANS, lines as `bridge -compressvlans vlan show` prints them (`10-20`,
# `1 PVID Egress Untagged`).

# settle_vlans LINK [self]: adds first, then takes away what is not wanted, so that traffic of what stays is not cut.
settle_vlans() {
  wanted_vlans=${VLANS-}
  if [ -z "$wanted_vlans" ]; then
    has vlans || return 0
    # Those that a bridge gives each port.
    wanted_vlans='1 PVID Egress Untagged'
  fi
  have_vlans=$nl$(vlans_of "$1")$nl batch=''
  add_vlans "$1" "${2-}"
  remove_vlans "$1" "${2-}"
  [ -n "$batch" ] || return 0
  note vlans
  if [ -n "$NETCONF_DRY_RUN" ]; then
    printf '%s' "$batch" | sed 's/^/bridge /'
  elif ! said=$(printf '%s' "$batch" | bridge -batch - 2>&1); then
    fail "$IFACE: the VLANs of $1: $(first_line "$said")"
  fi
}

# The first column, of the port's name, is empty in all lines but the first.
vlans_of() {
  bridge -compressvlans vlan show dev "$1" 2>/dev/null | sed -e 1d -e "s/^$1[[:space:]]/ /" -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//' -e '/^$/d'
}

add_vlans() {
  while read -r range flags; do
    [ -n "$range" ] || continue
    case $have_vlans in *"$nl$range${flags:+ $flags}$nl"*) continue ;; esac
    words=''
    case $flags in *PVID*) words=' pvid' ;; esac
    case $flags in *Untagged*) words="$words untagged" ;; esac
    batch="${batch}vlan add vid $range dev $1$words${2:+ $2}$nl"
  done <<EOT
$wanted_vlans
EOT
}

remove_vlans() {
  while read -r range flags; do
    [ -n "$range" ] || continue
    case $nl$wanted_vlans$nl in *"$nl$range${flags:+ $flags}$nl"*) continue ;; esac
    at=${range%-*} end=${range#*-}
    while [ "$at" -le "$end" ]; do
      is_wanted_vlan "$at" || batch="${batch}vlan del vid $at dev $1${2:+ $2}$nl"
      at=$((at + 1))
    done
  done <<EOT
$have_vlans
EOT
}

is_wanted_vlan() {
  while read -r wanted_range _; do
    [ -n "$wanted_range" ] && [ "$1" -ge "${wanted_range%-*}" ] && [ "$1" -le "${wanted_range#*-}" ] && return
  done <<EOT
$wanted_vlans
EOT
  return 1
}
