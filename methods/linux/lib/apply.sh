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
      case $device in
      ?*.[0-9]*) fail "there is no such interface: it would be a VLAN on ${device%.*}, which the plugin vlan makes (is plugins.vlan false?)" ;;
      *) fail 'there is no such interface' ;;
      esac
    fi
  fi
  plan_device
  [ "$family" != can ] || plan_controller
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
    case $have_controller:$command:$problem in
    "$nl":*) problem="$problem (is this a CAN controller, and the module can_dev there?)" ;;
    *' type can bitrate '*) problem="$problem (has this controller such a bit rate?)" ;;
    *'not supported'*) problem="$problem (this controller does not have it)" ;;
    esac
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
