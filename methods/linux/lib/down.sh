# shellcheck shell=sh
# Taking back what the handle says, and what others have on the link.

# Takes back what the handle says. Others may have changed things between the look and the change: then once more.
take_down() {
  read_handle
  want_up='' want_down='' want_mtu='' want_hwaddress='' want_device='' want_note=''
  want_sysctls=$nl want_addresses=$nl want_routes=$nl
  force=force
  for attempt in first second; do
    route_questions
    [ -z "$own_up$own_device" ] || questions="${questions}route show table all dev $device$nl"
    look "$questions"
    [ "$present" = yes ] || break
    find_others
    plan_nothing
    if [ -n "$others$other_routes" ] || ! is_own_device; then plan_stale; fi
    plan_link_down
    [ "$family" != can ] || plan_controller_down
    [ -z "$others" ] || plan_promotion
    plan_stale_settings
    apply && break
    [ "$attempt" = first ] || fail "$problem"
    read_handle
  done
  if [ "$present" = yes ] && [ -n "$others$other_routes" ] && [ -n "$own_up$own_device" ]; then
    printf '%s stays up: it carries %s, which netconf did not add\n' "$IFACE" "${others:-$other_routes}"
  else
    remove_handle
  fi
}

# Sets others to the addresses that neither the handle nor the kernel itself has put there, and other_routes to the ways
# of others that need no gateway; restore to lines that put those back when they went along with the last address.
find_others() {
  others='' other_routes='' restore='' other_ipv4=''
  for_each "$have_addresses" find_other_address
  while read -r word rest; do
    find_other_route
  done <<EOF
$seen
EOF
}

find_other_address() {
  key=${item%%|*}
  is_own_address "$key" && return
  # A tunnel of IPv6 over IPv4 has ::192.0.2.2/96 of the kernel (RFC 4291, 2.5.5.1).
  case $link_kind:$key in sit:::*.*/96) return ;; esac
  case $device:$item in
  lo:127.0.0.1/8* | lo:::1/128*) ;;
  *' mngtmpaddr '* | *' temporary '*) ;;
  *:fe80:*' dynamic '*) ;;
  *:fe80:*) is_kernels_link_local || others="$others${others:+, }$key" ;;
  *)
    others="$others${others:+, }$key"
    case $key in *:*) ;; *) other_ipv4=yes ;; esac
    ;;
  esac
}

# The kernel gives each link that is up one address of fe80::/64, made of a hardware address (perhaps a former one) or of a
# secret; where it says whose an address is (IFA_PROTO), that counts.
is_kernels_link_local() {
  case $item in
  *' proto 2 '* | *' proto kernel_ll '* | *' stable-privacy '*) return 0 ;;
  *' proto '*) return 1 ;;
  *'/64|'*) ;;
  *) return 1 ;;
  esac
  [ "$link_kind" = ether ] || return 0
  ipv6_groups "${key%/*}"
  case $g6:$g7 in
  *ff:fe??) ;;
  *) return 1 ;;
  esac
}

find_other_route() {
  case $word in
  [0-9]*: | ff00::/8) return ;;
  *[.:]*/* | *[.:]*[.:]* | default) ;;
  *) return ;;
  esac
  case " $rest" in
  *' proto 2 '* | *' proto 9 '* | *" proto $NETCONF_PROTOCOL "* | *' via '* | *' inet '*) return ;;
  esac
  other_routes="$other_routes${other_routes:+, }the route $word"
  case $word$rest in *:* | *' pref '*) ;; *) restore="${restore}route add $word ${rest%%linkdown*} dev $device$nl" ;; esac
}

# The link, or the tunnel, that the handle says: when it carries nothing of others.
plan_link_down() {
  if [ -n "$others$other_routes" ]; then
    [ -n "$other_ipv4" ] || [ "$family" != inet ] || batch=$batch$restore
    [ -z "$own_up" ] || drop_advertised
    return
  fi
  if [ -n "$own_device" ]; then
    removed="$removed- device $own_device$nl"
    is_own_device && batch="${batch}link delete dev $device$nl"
    return
  fi
  if [ -n "$own_up" ]; then
    removed="$removed- link up$nl"
    is_up && batch="${batch}link set dev $device down$nl"
  elif [ -n "$own_down" ]; then
    removed="$removed- link down$nl"
    is_up || batch="${batch}link set dev $device up$nl"
  else
    drop_advertised
  fi
}

# Addresses and routes of router advertisements that came because the method asked for them.
drop_advertised() {
  case $own_notes in *"${nl}router advertisements$nl"*) ;; *) return ;; esac
  removed="$removed- note router advertisements$nl"
  drop_advertised_addresses
  batch="${batch}route flush dev $device proto ra$nl"
}
