# shellcheck shell=sh
# What the kernel has of what is declared: a line each, `present`, `missing` or `different` first. Changes nothing.

query() {
  read_handle
  own_routes=$nl
  route_questions
  look "$questions"
  if [ "$present" = no ]; then
    printf 'missing link %s\n' "$device"
    return
  fi
  if [ -n "$want_up" ]; then if is_up; then printf 'present link up\n'; else printf 'missing link up\n'; fi; fi
  query_device
  [ "$family" != can ] || query_controller
  [ "$want_hwaddress" != random ] || want_hwaddress=$link_address
  query_value hwaddress "$want_hwaddress" "$link_address"
  if [ "$family" = inet6 ] && [ "${want_mtu:-0}" -lt "${link_mtu:-0}" ]; then
    read_sysctl "net/ipv6/conf/$device/mtu" && link_mtu=$value
  fi
  query_value mtu "$want_mtu" "$link_mtu"
  for_each "$want_sysctls" query_sysctl
  for_each "$want_addresses" query_address
  for_each "$want_routes" query_route
}

# query_value NAME DECLARED ACTUAL
query_value() {
  if [ -z "$2" ]; then
    return
  elif [ "$2" = "$3" ]; then
    printf 'present %s %s\n' "$1" "$2"
  else
    printf 'different %s %s: it is %s\n' "$1" "$2" "${3:-none}"
  fi
}

query_sysctl() {
  read_sysctl "${item% *}"
  query_value "sysctl ${item% *}" "${item#* }" "$value"
}

query_address() {
  IFS='|' read -r key broadcast scope label valid preferred nodad <<EOF
$item
EOF
  if ! have_address "$key"; then
    printf 'missing address %s\n' "$key"
    return
  fi
  IFS='|' read -r has_broadcast has_scope has_label has_valid has_preferred flags <<EOF
$found
EOF
  case $flags in
  *' dadfailed '*)
    printf 'different address %s: another host on this link has it\n' "$key"
    return
    ;;
  esac
  if [ "$family" = inet ] && [ "$broadcast $scope $label" != "$has_broadcast $has_scope $has_label" ]; then
    printf 'different address %s: it has broadcast %s, scope %s, label %s\n' "$key" "${has_broadcast:-none}" "$has_scope" "$has_label"
  else
    printf 'present address %s\n' "$key"
  fi
}

query_route() {
  route=${item%%|*}
  if have_route "$route"; then
    printf 'present route %s\n' "$route"
    return
  fi
  case $have_routes in
  *"$nl${route%% *} "* | *"$nl${route%% *}|"*) printf 'different route %s: there is another to %s\n' "$route" "${route%% *}" ;;
  *) printf 'missing route %s\n' "$route" ;;
  esac
}
