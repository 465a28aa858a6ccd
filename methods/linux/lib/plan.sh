# shellcheck shell=sh
# From what is declared, what the kernel has and what the handle says to the least change:
#   batch      lines for `ip -batch`, in their order
#   early late lines of NAME VALUE for /proc/sys, before and after the batch
#   added      lines for the handle, before anything is done
#   removed    lines for the handle, when all is done

plan_nothing() {
  batch='' early=$nl late=$nl added='' removed='' promote='' again='' replaced=$nl
}

# Lines of `route show` for each destination of interest, once.
route_questions() {
  questions=$nl
  for_each "$want_routes$own_routes" ask_for_route
  questions=${questions#"$nl"}
}

ask_for_route() {
  destination=${item%%[ |]*}
  case $family:$destination in
  inet:default) destination=0.0.0.0/0 ;;
  inet6:default) destination=::/0 ;;
  esac
  question="route show table all dev $device exact $destination"
  case $questions in
  *"$nl$question$nl"*) ;;
  *) questions="$questions$question$nl" ;;
  esac
}

plan_sysctls() {
  for_each "$want_sysctls" plan_sysctl
}

plan_sysctl() {
  name=${item% *} wanted=${item#* }
  read_sysctl "$name" || return 0
  [ "$value" != "$wanted" ] || return 0
  former=$value
  case $own_sysctls in
  *"$nl$name $value "*)
    former=${own_sysctls#*"$nl$name $value "}
    former=${former%%"$nl"*}
    ;;
  esac
  added="$added+ sysctl $name $wanted was $former$nl"
  case $name in
  */mtu) late="$late$name $wanted$nl" ;;
  *) early="$early$name $wanted$nl" ;;
  esac
  # Addresses that came by autoconfiguration go when it ends, as with ifupdown.
  case $name:$wanted in */autoconf:0) drop_advertised_addresses ;; esac
}

drop_advertised_addresses() {
  for_each "$have_addresses" drop_advertised_address
}

drop_advertised_address() {
  case $item in *' mngtmpaddr '*) batch="${batch}address del ${item%%|*} dev $device$nl" ;; esac
}

plan_hwaddress() {
  case $want_hwaddress in
  '') return ;;
  random)
    if [ -n "$own_hwaddress" ] && [ "$own_hwaddress" = "$link_address" ]; then
      want_hwaddress=$own_hwaddress
    else
      random_hardware_address
      want_hwaddress=$result
    fi
    ;;
  esac
  [ "$want_hwaddress" != "$link_address" ] || return 0
  former=$link_address
  [ "$own_hwaddress" != "$link_address" ] || former=$own_hwaddress_was
  # What a new link had before it was made is nothing.
  [ -z "$former" ] || added="$added+ hwaddress $want_hwaddress was $former$nl"
  batch="${batch}link set dev $device address $want_hwaddress$nl"
}

# A smaller MTU of inet6 is its own, a larger one that of the link, as with ifupdown.
plan_mtu() {
  [ -n "$want_mtu" ] || return 0
  if [ "$family" = inet6 ] && [ "$own_mtu" != "$want_mtu" ] && [ "$want_mtu" -lt "${link_mtu:-0}" ]; then
    want_sysctl "net/ipv6/conf/$device/mtu" "$want_mtu"
    want_mtu=
    return
  fi
  [ "$want_mtu" != "$link_mtu" ] || return 0
  former=$link_mtu
  [ "$own_mtu" != "$link_mtu" ] || former=$own_mtu_was
  [ -z "$former" ] || added="$added+ mtu $want_mtu was $former$nl"
  batch="${batch}link set dev $device mtu $want_mtu$nl"
}

plan_up() {
  if [ -n "$want_down" ] && is_up; then
    [ -n "$own_down" ] || added="$added+ link down$nl"
    batch="${batch}link set dev $device down$nl"
  fi
  [ -n "$want_up" ] || return 0
  is_up && return
  [ -n "$own_up" ] || added="$added+ link up$nl"
  batch="${batch}link set dev $device up$nl"
}

plan_addresses() {
  for_each "$want_addresses" plan_address
}

plan_address() {
  IFS='|' read -r key broadcast scope label valid preferred nodad <<EOF
$item
EOF
  words="$key${broadcast:+ broadcast $broadcast}${scope:+ scope $scope} dev $device${label:+ label $label}"
  [ "$valid$preferred" = foreverforever ] || words="$words valid_lft $valid preferred_lft $preferred"
  if ! have_address "$key"; then
    added="$added+ address $key$nl"
    batch="${batch}address add $words${nodad:+ nodad}$nl"
    return
  fi
  IFS='|' read -r has_broadcast has_scope has_label has_valid has_preferred flags <<EOF
$found
EOF
  if is_own_address "$key"; then
    case $flags in *' dadfailed '*) has_scope=failed ;; esac
    if [ "$family" = inet6 ] && [ "$has_scope" != failed ]; then scope=$has_scope; fi
    if [ "$broadcast|$scope|$label" != "$has_broadcast|$has_scope|$has_label" ]; then
      batch="${batch}address del $key dev $device${nl}address add $words${nodad:+ nodad}$nl"
      promote=yes again=yes
      return
    fi
  fi
  if ! same_lifetime "$valid" "$has_valid" || ! same_lifetime "$preferred" "$has_preferred"; then
    batch="${batch}address replace $key dev $device valid_lft $valid preferred_lft $preferred$nl"
  fi
}

is_own_address() {
  case $own_addresses in *"$nl$1$nl"*) ;; *) return 1 ;; esac
}

# Seconds that have passed since it was set count as nothing for a moment: two runs in a row change nothing.
same_lifetime() {
  case $1:$2 in
  forever:forever) ;;
  forever:* | *:forever) return 1 ;;
  *) [ "$2" -le "$1" ] && [ "$2" -ge $(($1 - 3)) ] ;;
  esac
}

plan_routes() {
  for_each "$want_routes" plan_route
}

plan_route() {
  route=${item%%|*} onlink=${item##*|}
  if have_route "$route"; then
    # An address that goes and comes back may have taken it along.
    [ "$again$found" != "yes$NETCONF_PROTOCOL" ] ||
      batch="${batch}route replace $route${onlink:+ onlink} dev $device proto $NETCONF_PROTOCOL$nl"
    return
  fi
  added="$added+ route $route$nl"
  verb=add
  if [ "$family" = inet ]; then
    route_key "$route"
    wanted=$result
    wanted_route=$route
    for_each "$own_routes" find_replaced
    route=$wanted_route
  fi
  batch="${batch}route $verb $route${onlink:+ onlink} dev $device proto $NETCONF_PROTOCOL$nl"
}

# Of equal destination, metric and table IPv4 has one route: an own one is replaced, without a moment without.
find_replaced() {
  [ "$verb" = add ] || return 0
  route_key "$item"
  [ "$result" = "$wanted" ] || return 0
  have_route "$item" && [ "$found" = "$NETCONF_PROTOCOL" ] || return 0
  verb=replace
  replaced="$replaced$item$nl"
}

# Sets result to a route without its gateway and source.
route_key() {
  result=$1
  case $result in
  *' via '*)
    tail=${result#* via }
    case $tail in *' '*) tail=" ${tail#* }" ;; *) tail= ;; esac
    result=${result%% via *}$tail
    ;;
  esac
  result=${result%% src *}
}

plan_note() {
  [ -n "$want_note" ] || return 0
  case $own_notes$have_addresses in
  *"$nl$want_note$nl"* | *' mngtmpaddr '*) ;;
  *) added="$added+ note $want_note$nl" ;;
  esac
}
