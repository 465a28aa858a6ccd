# shellcheck shell=sh
# Links that a method makes itself: tunnels. want_device is `KIND WORDS`, the words of `ip link add NAME type KIND`.

plan_device() {
  [ -n "$want_device" ] || return 0
  if [ "$present" = no ]; then
    added="$added+ device $want_device$nl"
    batch="${batch}link add $device type $want_device$nl"
  elif [ "$own_device" = "$want_device" ] && is_own_device; then
    return
  elif [ "${own_device%% *}" = "${want_device%% *}" ] && is_own_device; then
    added="$added+ device $want_device$nl"
    batch="${batch}link change $device type $want_device$nl"
  elif is_own_device; then
    # Of another kind: a new one, which has nothing of the old.
    added="$added+ device $want_device$nl"
    batch="${batch}link delete dev $device${nl}link add $device type $want_device$nl"
    link_flags='' link_mtu='' link_address='' have_addresses=$nl have_routes=$nl
  else
    fail "there is an interface of this name already, which netconf did not make"
  fi
}

# Is the link still of the kind that the handle says? The kernel has names of its own for the types of links.
is_own_device() {
  case ${own_device%% *}:$link_kind in
  ipip:ipip | ip6tnl:tunnel6 | sit:sit | gre:gre | ip6gre:gre6) ;;
  *) return 1 ;;
  esac
}

query_device() {
  [ -n "$want_device" ] || return 0
  if [ "$own_device" = "$want_device" ] && is_own_device; then
    printf 'present device %s\n' "$want_device"
  else
    printf 'different device %s\n' "$want_device"
  fi
}
