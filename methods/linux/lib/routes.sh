# shellcheck shell=sh
# The options that say ways: gateway metric routes.

# Declares the default route of the option `gateway`.
want_gateway() {
  metric=
  if [ -n "${IF_METRIC-}" ]; then
    integer metric "$IF_METRIC" 0 4294967295
    metric=$IF_METRIC
  fi
  [ -n "${IF_GATEWAY-}" ] || return 0
  host gateway "$IF_GATEWAY"
  gateway=$result
  destination=default table='' source=''
  want_route ''
}

# Declares the routes of the option `routes`, each a line PREFIX [via GATEWAY] [metric N] [table N] [src ADDRESS] [onlink].
want_option_routes() {
  while read -r prefix rest; do
    [ -z "$prefix" ] || want_option_route "$prefix $rest"
  done <<EOF
${IF_ROUTES-}
EOF
}

want_option_route() {
  line=$1 gateway='' metric='' table='' source='' onlink=''
  while [ -n "$rest" ]; do
    read -r word value rest <<EOF
$rest
EOF
    case $word in
    via)
      host routes "$value"
      gateway=$result
      ;;
    metric)
      integer routes "$value" 0 4294967295
      metric=$value
      ;;
    table)
      case $value in main) value=254 ;; esac
      integer routes "$value" 1 4294967295
      [ "$value" != 255 ] || refuse routes "$line" 'a route of the local table, which is the kernel'"'"'s'
      table=$value
      ;;
    src)
      host routes "$value"
      source=$result
      ;;
    onlink)
      onlink=onlink
      rest="$value${rest:+ $rest}"
      ;;
    *) refuse routes "$line" 'no PREFIX [via GATEWAY] [metric N] [table N] [src ADDRESS] [onlink]' ;;
    esac
  done
  destination_of "$prefix" || refuse routes "$prefix" "no $family prefix"
  want_route "$onlink"
}

# Sets destination to a prefix as the kernel prints it: bits of the host are cut off (RFC 3442), one host has no length.
destination_of() {
  case $1 in
  default)
    destination=default
    return
    ;;
  */*)
    address_of_family "${1%%/*}" && address=$result || return 1
    length_of_family "${1#*/}" || return 1
    length=$result
    ;;
  *)
    address_of_family "$1" || return 1
    destination=$result
    return
    ;;
  esac
  network_of_family "$address" "$length" || return 1
  case $family:$length in
  *:0) destination=default ;;
  inet:32 | inet6:128) destination=$result ;;
  *) destination=$result/$length ;;
  esac
}

# want_route ONLINK: of destination, gateway, metric, table and source. A gateway outside all networks of the interface
# can be asked for all the same: it is on the link.
want_route() {
  onlink=$1
  if [ -n "$gateway" ] && ! is_near "$gateway"; then onlink=onlink; fi
  route_text
  wants_route "$route" || want_routes="$want_routes$route|$onlink$nl"
}

# Is the address $1 in a network of the addresses that are declared?
is_near() {
  case $1 in fe80:*) return 0 ;; esac
  case $want_addresses in *" peer $1/"*) return 0 ;; esac
  while read -r address length; do
    [ -n "$address" ] || continue
    network_of_family "$address" "$length"
    near=$result
    network_of_family "$1" "$length"
    [ "$result" != "$near" ] || return 0
  done <<EOF
$own_networks
EOF
  return 1
}
