# shellcheck shell=sh
# Doing what was planned, and saying what went wrong.

# Makes the kernel match what is declared.
bring_up() {
  read_handle
  route_questions
  look "$questions"
  plan_nothing
  if [ "$present" = no ]; then
    if [ -z "$want_device$dry_run" ]; then
      fail 'there is no such interface'
    fi
  fi
  plan_device
  plan_timing
  plan_hwaddress
  plan_mtu
  plan_sysctls
  plan_up
  plan_addresses
  plan_routes
  plan_stale
  plan_promotion
  plan_stale_settings
  plan_note
  apply
  settle
}

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

plan_note() {
  [ -n "$want_note" ] || return 0
  case $own_notes$have_addresses in
  *"$nl$want_note$nl"* | *' mngtmpaddr '*) ;;
  *) added="$added+ note $want_note$nl" ;;
  esac
}

apply() {
  write_handle "$added"
  for_each "$early" apply_sysctl
  run_batch || return
  for_each "$late" apply_sysctl
  write_handle "$removed"
}

apply_sysctl() {
  write_sysctl "${item% *}" "${item#* }"
}

# One process for all changes. On the way down each is tried, on the way up the first that fails is the last.
run_batch() {
  [ -n "$batch" ] || return 0
  if [ -n "$dry_run" ]; then
    for_each "$batch" print_command
    return
  fi
  case $family in inet6) version=-6 ;; *) version=-4 ;; esac
  said=$(ip "$version" ${force:+"-$force"} -batch - 2>&1 <<EOF
$batch
EOF
  ) && return
  explain
  [ -n "$force" ] || fail "$problem"
  return 1
}

print_command() {
  case $item in
  link*) printf 'ip %s\n' "$item" ;;
  *) if [ "$family" = inet6 ]; then printf 'ip -6 %s\n' "$item"; else printf 'ip %s\n' "$item"; fi ;;
  esac
}

# Sets problem to the kernel's words and the line that they are about: `ip` ends with "Command failed -:LINE".
explain() {
  last_words "$said"
  number=${said#*Command failed -:}
  number=${number%%[!0-9]*}
  command=
  count=0
  [ -z "$number" ] || while IFS= read -r line; do
    count=$((count + 1))
    [ "$count" -ne "$number" ] || command=$line
  done <<EOF
$batch
EOF
  problem="ip${command:+ $command}: ${problem:-it failed}"
  case $command:$problem in
  'route add default'*'File exists'*)
    problem="$problem (another default route has this metric: the option metric gives this one its own)"
    ;;
  'address '*:*disabled* | 'address '*'Permission denied'*) problem="$problem (is IPv6 switched off here?)" ;;
  'link set '*' type can '*)
    problem="$problem (is this a CAN controller, and the module can_dev there?)"
    ;;
  'link add '*'Unknown device type'* | 'link add '*'not supported'*)
    problem="$problem (this kernel has no module $module)"
    ;;
  esac
}

# Waits for duplicate address detection of what is declared, as long as dad-attempts and dad-interval say. A link without
# carrier has nobody to ask: then it goes on by itself once there is one, and says so by an event.
settle() {
  [ "$family" = inet6 ] && [ -n "$batch" ] && [ -z "$dry_run" ] && [ "$want_addresses" != "$nl" ] || return 0
  attempts=${IF_DAD_ATTEMPTS:-60}
  pause=${IF_DAD_INTERVAL:-0.1}
  while [ "$attempts" -gt 0 ]; do
    look ''
    case $link_flags in *,LOWER_UP,*) ;; *) return 0 ;; esac
    tentative=
    for_each "$want_addresses" find_tentative
    [ -n "$tentative" ] || return 0
    attempts=$((attempts - 1))
    sleep "$pause"
  done
  [ "${IF_DAD_ATTEMPTS:-60}" = 0 ] || fail "duplicate address detection of $tentative takes too long"
}

find_tentative() {
  have_address "${item%%|*}" || fail "the address ${item%%|*} has gone again"
  case $found in
  *' dadfailed '*) fail "the address ${item%%|*} is in use by another host on this link" ;;
  *' tentative '*) tentative=${item%%|*} ;;
  esac
}
