# shellcheck shell=sh
# The options of tunnels: endpoint local ttl dstaddr, and what a tunnel has in common with other links.

# Sets result to the words of `ip link add` for the outer addresses, of the family $1.
outer_options() {
  inner=$family
  family=$1
  [ -n "${IF_ENDPOINT-}" ] || fail 'option endpoint: is missing'
  host endpoint "$IF_ENDPOINT"
  outer="remote $result"
  if [ -n "${IF_LOCAL-}" ]; then
    host local "$IF_LOCAL"
    outer="$outer local $result"
  fi
  ttl_option
  outer=$outer$ttl
  family=$inner
}

ttl_option() {
  ttl=
  case ${IF_TTL-} in
  '') ;;
  inherit) ttl=' ttl inherit' ;;
  *)
    integer ttl "$IF_TTL" 0 255
    ttl=" ttl $IF_TTL"
    ;;
  esac
}

# Address, gateway and MTU within the tunnel.
inner_options() {
  usual_broadcast=''
  link_options
  IF_POINTOPOINT=${IF_DSTADDR:-${IF_POINTOPOINT-}}
  [ -z "${IF_ADDRESS-}" ] || want_option_addresses
  want_gateway
  want_option_routes
  want_up=yes
}
