# shellcheck shell=sh
# IPv6 addresses in the form of the kernel's tools (RFC 5952, inet_ntop(3)). Functions answer in `result`.

# Sets g1 to g8 to the groups of an address: lower case, no leading zeros.
ipv6_groups() {
  case $1 in
  '' | *[!0-9a-fA-F:.]* | *:::* | *::*::*) return 1 ;;
  *:*) ;;
  *) return 1 ;;
  esac
  lower_case "$1"
  text=$result
  case $text in
  *.*)
    ipv4_number "${text##*:}" || return 1
    text=${text%:*}:$(printf '%x:%x' $((result >> 16)) $((result & 65535)))
    ;;
  esac
  case $text in
  *::*) text=${text%%::*}:+:${text#*::} ;;
  esac
  case $text in
  +:*) ;;
  :+:*) text=${text#:} ;;
  :*) return 1 ;;
  esac
  case $text in
  *+:) text=${text%:} ;;
  *:) return 1 ;;
  esac
  IFS=: read -r g1 g2 g3 g4 g5 g6 g7 g8 g9 <<EOF
$text
EOF
  [ -z "$g9" ] || return 1
  ipv6_fill || return 1
  ipv6_plain "$g1" && g1=$result && ipv6_plain "$g2" && g2=$result &&
    ipv6_plain "$g3" && g3=$result && ipv6_plain "$g4" && g4=$result &&
    ipv6_plain "$g5" && g5=$result && ipv6_plain "$g6" && g6=$result &&
    ipv6_plain "$g7" && g7=$result && ipv6_plain "$g8" && g8=$result
}

# Puts zeros where `+` stands.
ipv6_fill() {
  groups=0
  gap=
  for group in "$g1" "$g2" "$g3" "$g4" "$g5" "$g6" "$g7" "$g8"; do
    case $group in
    '') continue ;;
    +) gap=1 ;;
    *) groups=$((groups + 1)) ;;
    esac
  done
  if [ -z "$gap" ]; then
    [ "$groups" -eq 8 ]
    return
  fi
  [ "$groups" -le 7 ] || return 1
  zeros=
  while [ "$groups" -lt 8 ]; do
    zeros=$zeros:0
    groups=$((groups + 1))
  done
  filled=
  for group in "$g1" "$g2" "$g3" "$g4" "$g5" "$g6" "$g7" "$g8"; do
    case $group in
    '') ;;
    +) filled=$filled$zeros ;;
    *) filled=$filled:$group ;;
    esac
  done
  IFS=: read -r g1 g2 g3 g4 g5 g6 g7 g8 <<EOF
${filled#:}
EOF
}

ipv6_plain() {
  case $1 in
  '' | ?????*) return 1 ;;
  esac
  result=${1#"${1%%[!0]*}"}
  result=${result:-0}
}

# Sets result to the address of g1 to g8: the longest run of two zeros or more becomes `::`, of equals the first.
ipv6_join() {
  case $g1:$g2:$g3:$g4:$g5 in
  0:0:0:0:0)
    # As inet_ntop(3): addresses of IPv4 within IPv6 are written with their dots.
    case $g6:$g7 in
    ffff:* | 0:[!0]*)
      ipv4_text $((0x$g7 << 16 | 0x$g8))
      case $g6 in 0) result=::$result ;; *) result=::ffff:$result ;; esac
      return
      ;;
    esac
    ;;
  esac
  text=:$g1:$g2:$g3:$g4:$g5:$g6:$g7:$g8:
  for run in :0:0:0:0:0:0:0:0: :0:0:0:0:0:0:0: :0:0:0:0:0:0: :0:0:0:0:0: :0:0:0:0: :0:0:0: :0:0:; do
    case $text in
    *"$run"*)
      text=${text%%"$run"*}::${text#*"$run"}
      case $text in ::*) ;; *) text=${text#:} ;; esac
      case $text in *::) ;; *) text=${text%:} ;; esac
      result=$text
      return
      ;;
    esac
  done
  text=${text#:}
  result=${text%:}
}

# An address, as the kernel prints it.
ipv6_canonical() {
  ipv6_groups "$1" && ipv6_join
}

# Is it an address of one host?
ipv6_is_host() {
  case $1 in
  :: | ff??:*) return 1 ;;
  esac
}

ipv6_length() {
  case $1 in
  [0-9] | [1-9][0-9] | 1[01][0-9] | 12[0-8]) result=$1 ;;
  *) return 1 ;;
  esac
}

# The network of ADDRESS LENGTH.
ipv6_network() {
  ipv6_groups "$1" || return 1
  left=$2
  filled=
  for group in "$g1" "$g2" "$g3" "$g4" "$g5" "$g6" "$g7" "$g8"; do
    if [ "$left" -le 0 ]; then
      group=0
    elif [ "$left" -lt 16 ]; then
      group=$(printf '%x' $((0x$group & 0xffff << (16 - left) & 0xffff)))
    fi
    left=$((left - 16))
    filled=$filled:$group
  done
  IFS=: read -r g1 g2 g3 g4 g5 g6 g7 g8 <<EOF
${filled#:}
EOF
  ipv6_join
}
