# shellcheck shell=sh
# What the kernel has of an interface, by one call of `ip`, in the same words as what is declared and what a handle says.

# Sets, for lines of `route show` given as $1 (or none):
#   present          no when there is no such interface
#   link_flags       UP,LOWER_UP…
#   link_mtu link_address
#   link_kind        ether, sit, gre…
#   have_addresses   lines of KEY|BROADCAST|SCOPE|LABEL|VALID|PREFERRED|FLAGS, KEY as 192.0.2.2/24 or 192.0.2.2 peer 192.0.2.1/32
#   have_routes      lines of ROUTE|PROTOCOL, ROUTE as in a handle
#   have_controller  see controller.sh; with -d in details
look() {
  present=yes link_flags='' link_mtu='' link_address='' link_kind='' key=''
  have_addresses=$nl have_routes=$nl have_controller=$nl
  if ! seen=$(ip -N ${details:+"$details"} -batch - 2>&1 <<EOF
address show dev $device
$1
EOF
  ); then
    case $seen in
    *'does not exist'* | *'annot find device'*)
      present=no
      return
      ;;
    *)
      last_words "$seen"
      fail "ip cannot show the interface: $problem"
      ;;
    esac
  fi
  while read -r word rest; do
    case $word in
    link/*)
      read_link_kind
      link_address=${rest%% *}
      ;;
    inet | inet6) read_address "$word" ;;
    valid_lft) read_lifetimes ;;
    can | bitrate) read_controller ;;
    altname | nexthop | '') ;;
    *:)
      case $rest in
      *': <'*) read_link ;;
      *) read_route "$word" ;;
      esac
      ;;
    *) read_route "$word" ;;
    esac
  done <<EOF
$seen
EOF
}

# The type of link is a number in brackets where `ip -N` has no other (linux/if_arp.h).
read_link_kind() {
  case $word in
  *'[1]') link_kind=ether ;;
  *'[768]') link_kind=ipip ;;
  *'[769]') link_kind=tunnel6 ;;
  *'[776]') link_kind=sit ;;
  *'[778]') link_kind=gre ;;
  *'[823]') link_kind=gre6 ;;
  *) link_kind=${word#link/} ;;
  esac
}

# NAME@PEER: <FLAGS> mtu 1500 qdisc …
read_link() {
  rest=${rest#*<}
  link_flags=,${rest%%>*},
  rest=${rest#*mtu }
  link_mtu=${rest%% *}
}

# Sets problem to what `ip` says last, before it names the line.
last_words() {
  problem=${1%%"$nl"Command failed*}
  problem=${problem##*"$nl"}
  problem=${problem#RTNETLINK answers: }
  problem=${problem#Error: }
}

# Sets word to the first word of rest, and takes it away.
next_word() {
  word=${rest%% *}
  case $rest in
  *' '*) rest=${rest#* } ;;
  *) rest= ;;
  esac
}

# 192.0.2.2/24 brd 192.0.2.255 scope 0 eth0; 192.0.2.2 peer 192.0.2.1/32 …; a label ends it, for IPv4.
read_address() {
  broadcast='' scope='' flags=' ' label=''
  next_word
  key=$word
  while [ -n "$rest" ]; do
    next_word
    case $word in
    peer)
      next_word
      key="$key peer $word"
      ;;
    brd)
      next_word
      broadcast=$word
      ;;
    scope)
      next_word
      scope=$word
      ;;
    metric) next_word ;;
    '') ;;
    *)
      flags="$flags$word "
      label=$word
      ;;
    esac
  done
  case $1 in inet6) label='' ;; esac
}

# valid_lft forever preferred_lft 50sec
read_lifetimes() {
  next_word
  valid=${word%sec}
  next_word
  next_word
  have_addresses="$have_addresses$key|$broadcast|$scope|$label|$valid|${word%sec}|$flags$nl"
}

# default via 192.0.2.1 table 77 proto 110 metric 5 onlink; what is no way to somewhere is left out.
read_route() {
  protocol='' gateway='' metric='' table='' source='' ours=''
  case $1 in
  *[.:]* | default) destination=$1 ;;
  # A type of its own, by number or name: local, broadcast, unreachable…
  *) return ;;
  esac
  case $1$rest in
  *:* | *' pref '*) ours=inet6 ;;
  *) ours=inet ;;
  esac
  [ "$ours" = "$family" ] || return 0
  while [ -n "$rest" ]; do
    next_word
    case $word in
    via)
      next_word
      gateway=$word
      ;;
    metric)
      next_word
      metric=$word
      ;;
    table)
      next_word
      table=$word
      ;;
    proto)
      next_word
      protocol=$word
      ;;
    src)
      next_word
      source=$word
      ;;
    esac
  done
  route_text
  have_routes="$have_routes$route|$protocol$nl"
}

# Sets route to the words of a handle: destination gateway metric table source, without what is usual.
route_text() {
  route="$destination${gateway:+ via $gateway}"
  case $metric:$family in
  '':inet6 | 0:inet6) route="$route metric 1024" ;;
  '':* | 0:*) ;;
  *) route="$route metric $metric" ;;
  esac
  case $table in
  '' | 254 | main) ;;
  *) route="$route table $table" ;;
  esac
  route="$route${source:+ src $source}"
}

# The kernel's line for the address $1, in found; fails when it has none.
have_address() {
  case $have_addresses in
  *"$nl$1|"*)
    found=${have_addresses#*"$nl$1|"}
    found=${found%%"$nl"*}
    ;;
  *) return 1 ;;
  esac
}

# The protocol of the route $1, in found; fails when there is none.
have_route() {
  case $have_routes in
  *"$nl$1|"*)
    found=${have_routes#*"$nl$1|"}
    found=${found%%"$nl"*}
    ;;
  *) return 1 ;;
  esac
}

is_up() {
  case $link_flags in *,UP,*) ;; *) return 1 ;; esac
}

# Sets value to what /proc/sys has under $1; fails where there is no such setting. The shell's own read is no use here: it
# reads byte by byte, and after the first the kernel says that it is over.
read_sysctl() {
  value=
  [ -r "/proc/sys/$1" ] && value=$(cat "/proc/sys/$1")
}

write_sysctl() {
  if [ -n "$dry_run" ]; then
    printf 'sysctl -w %s=%s\n' "$1" "$2"
  else
    { printf '%s\n' "$2" >"/proc/sys/$1"; } 2>/dev/null || fail "$1 cannot be set to $2"
  fi
}
