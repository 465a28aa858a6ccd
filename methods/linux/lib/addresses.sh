# shellcheck shell=sh
# The options that say addresses: address netmask broadcast pointopoint scope label, lifetimes.

# Networks of the addresses that are declared: lines of ADDRESS LENGTH.
own_networks=$nl
usual_broadcast=+

# The functions of ipv4.sh or ipv6.sh, as the family is.
address_of_family() {
  case $family in
  inet) ipv4_canonical "$1" ;;
  *) ipv6_canonical "$1" ;;
  esac
}

network_of_family() {
  case $family in
  inet) ipv4_network "$1" "$2" ;;
  *) ipv6_network "$1" "$2" ;;
  esac
}

length_of_family() {
  case $family in
  inet) ipv4_length "$1" ;;
  *) ipv6_length "$1" ;;
  esac
}

# host OPTION VALUE: sets result to the address of one host.
host() {
  if ! address_of_family "$2"; then refuse "$1" "$2" "no $family address"; fi
  case $family in
  inet) ipv4_is_host "$result" ;;
  *) ipv6_is_host "$result" ;;
  esac || refuse "$1" "$2" 'no address of one host'
}

# Declares each address of the option `address`, and what belongs to it.
want_option_addresses() {
  scope_number
  label=${IF_LABEL:-$IFACE}
  case $family in
  inet6) label= ;;
  *) case $label in
    "$device" | "$device":*) [ "${#label}" -le 15 ] && case $label in *[!A-Za-z0-9_.:@%+=,~-]*) false ;; esac ;;
    *) false ;;
    esac || refuse label "$label" "no label of $device: it begins with the interface's name, and a colon" ;;
  esac
  [ -z "${IF_NETMASK-}" ] || length_of_family "$IF_NETMASK" || refuse netmask "$IF_NETMASK" 'no netmask'
  valid=forever preferred=forever nodad=
  if [ -n "${IF_VALID_LIFETIME-}" ]; then
    lifetime valid-lifetime "$IF_VALID_LIFETIME"
    valid=$result preferred=$result
    [ "$valid" != 0 ] || refuse valid-lifetime 0 'over before it begins'
  fi
  if [ -n "${IF_PREFERRED_LIFETIME-}" ]; then
    lifetime preferred-lifetime "$IF_PREFERRED_LIFETIME"
    preferred=$result
    case $valid:$preferred in
    forever:*) ;;
    *:forever) refuse preferred-lifetime forever 'longer than valid-lifetime' ;;
    *) [ "$preferred" -le "$valid" ] || refuse preferred-lifetime "$preferred" 'longer than valid-lifetime' ;;
    esac
  fi
  integer dad-attempts "${IF_DAD_ATTEMPTS:-60}" 0 10000
  [ "${IF_DAD_ATTEMPTS:-60}" != 0 ] || nodad=nodad
  while read -r word others; do
    while [ -n "$word" ]; do
      want_option_address "$word"
      read -r word others <<EOF
$others
EOF
    done
  done <<EOF
${IF_ADDRESS-}
EOF
  [ "$want_addresses" != "$nl" ] || fail 'option address: is missing'
}

want_option_address() {
  host address "${1%%/*}"
  address=$result
  case $1 in
  */*) netmask=${1#*/} option=address ;;
  *) netmask=${IF_NETMASK-} option=netmask ;;
  esac
  if [ -n "$netmask" ] || [ "$1" != "${1%/}" ]; then
    length_of_family "$netmask" || refuse "$option" "$netmask" 'no netmask'
    length=$result
  elif [ "$family" = inet ]; then
    ipv4_class_length "$address"
    length=$result
  else
    length=128
  fi
  broadcast=
  if [ -n "${IF_POINTOPOINT-}" ]; then
    host pointopoint "$IF_POINTOPOINT"
    key="$address peer $result/32"
    [ "$family" = inet ] || key="$address peer $result/128"
    [ "$want_addresses" = "$nl" ] || refuse address "$1" 'one more than a point-to-point link has'
  else
    key=$address/$length
    own_networks="$own_networks$address $length$nl"
  fi
  if [ "$family" = inet ]; then
    if [ -n "${IF_BROADCAST-}" ] || [ -z "${IF_POINTOPOINT-}" ]; then want_broadcast "${IF_BROADCAST:-$usual_broadcast}"; fi
    case $address in
    127.*) address_scope=${scope_option:-254} ;;
    *) address_scope=${scope_option:-0} ;;
    esac
  else
    address_scope=$scope_option
  fi
  wants_address "$key" || want_addresses="$want_addresses$key|$broadcast|$address_scope|$label|$valid|$preferred|$nodad$nl"
}

# + sets all bits of the host, - none.
want_broadcast() {
  case $1 in
  '') return ;;
  +)
    case $address in 127.*) return ;; esac
    ipv4_broadcast "$address" "$length"
    ;;
  -)
    ipv4_network "$address" "$length"
    ;;
  *) ipv4_canonical "$1" || refuse broadcast "$1" 'no inet address, nor + or -' ;;
  esac
  broadcast=$result
}

# Sets scope_option to the number of a name of ip-address(8).
scope_number() {
  case ${IF_SCOPE-} in
  '') scope_option= ;;
  global) scope_option=0 ;;
  site) scope_option=200 ;;
  link) scope_option=253 ;;
  host) scope_option=254 ;;
  *)
    integer scope "$IF_SCOPE" 0 255
    scope_option=$IF_SCOPE
    ;;
  esac
}

. "$lib/routes.sh"
