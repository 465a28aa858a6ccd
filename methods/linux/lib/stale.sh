# shellcheck shell=sh
# The plan for what the handle says and nothing declares any more.

# What the handle says, is declared no more, and the kernel has as it says. Ways before the addresses that they need.
plan_stale() {
  for_each "$own_routes" plan_stale_route
  for_each "$own_addresses" plan_stale_address
}

plan_stale_route() {
  wants_route "$item" && return
  removed="$removed- route $item$nl"
  case $replaced in *"$nl$item$nl"*) return ;; esac
  have_route "$item" && [ "$found" = "$NETCONF_PROTOCOL" ] || return 0
  batch="${batch}route del $item dev $device proto $NETCONF_PROTOCOL$nl"
}

plan_stale_address() {
  wants_address "$item" && return
  removed="$removed- address $item$nl"
  have_address "$item" || return 0
  batch="${batch}address del $item dev $device$nl"
  promote=yes
}

# When the first IPv4 address of a network goes, the kernel takes the others of it along, unless it is told not to.
plan_promotion() {
  [ "$family$promote" = inetyes ] || return 0
  name=net/ipv4/conf/$device/promote_secondaries
  read_sysctl "$name" && [ "$value" = 0 ] || return 0
  added="$added+ sysctl $name 1 was 0$nl"
  removed="$removed- sysctl $name 1 was 0$nl"
  early="$early$name 1$nl"
  late="$late$name 0$nl"
}

# Settings of the link that are declared no more go back to what they were, if nobody has changed them since.
plan_stale_settings() {
  if [ -n "$own_hwaddress" ] && [ -z "$want_hwaddress" ]; then
    removed="$removed- hwaddress $own_hwaddress was $own_hwaddress_was$nl"
    [ "$own_hwaddress" != "$link_address" ] || batch="${batch}link set dev $device address $own_hwaddress_was$nl"
  fi
  if [ -n "$own_mtu" ] && [ -z "$want_mtu" ]; then
    removed="$removed- mtu $own_mtu was $own_mtu_was$nl"
    [ "$own_mtu" != "$link_mtu" ] || batch="${batch}link set dev $device mtu $own_mtu_was$nl"
  fi
  for_each "$own_sysctls" plan_stale_sysctl
}

plan_stale_sysctl() {
  read -r name set former <<EOF
$item
EOF
  wants_sysctl "$name" && return
  removed="$removed- sysctl $name $set was $former$nl"
  read_sysctl "$name" && [ "$value" = "$set" ] || return 0
  late="$late$name $former$nl"
}
