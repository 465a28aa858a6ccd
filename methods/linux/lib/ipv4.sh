# shellcheck shell=sh
# IPv4 addresses by the shell's own arithmetic. Functions answer in `result`: a command substitution costs a process.

# The 32 bits of a dotted quad. Fails for anything else; a leading zero is one for some programs and octal for others.
ipv4_number() {
  case $1 in
  '' | *[!0-9.]* | ????????????????*) return 1 ;;
  esac
  IFS=. read -r q1 q2 q3 q4 q5 <<EOF
$1
EOF
  [ -z "$q5" ] || return 1
  result=0
  for quad in "$q1" "$q2" "$q3" "$q4"; do
    case $quad in
    '' | 0?* | ????*) return 1 ;;
    esac
    [ "$quad" -le 255 ] || return 1
    result=$((result << 8 | quad))
  done
  case $1 in *.) return 1 ;; esac
}

ipv4_text() {
  result=$(($1 >> 24 & 255)).$(($1 >> 16 & 255)).$(($1 >> 8 & 255)).$(($1 & 255))
}

# The mask of a prefix length.
ipv4_mask() {
  result=$((0xffffffff << (32 - $1) & 0xffffffff))
}

# An address, as the kernel prints it.
ipv4_canonical() {
  ipv4_number "$1" || return 1
  result=$1
}

# Is it an address of one host?
ipv4_is_host() {
  case $1 in
  0.* | 22[4-9].* | 2[3-5]?.*) return 1 ;;
  esac
}

# The length that a netmask says: dotted, or already a length.
ipv4_length() {
  case $1 in
  [0-9] | [12][0-9] | 3[0-2]) result=$1 ;;
  *.*)
    ipv4_number "$1" || return 1
    host=$((~result & 0xffffffff))
    [ $((host & (host + 1))) -eq 0 ] || return 1
    result=32
    while [ "$host" -gt 0 ]; do
      host=$((host >> 1))
      result=$((result - 1))
    done
    ;;
  *) return 1 ;;
  esac
}

# Without a netmask the address's class says the length, as ifupdown does.
ipv4_class_length() {
  case $1 in
  ?.* | ??.* | 1[01]?.* | 12[0-7].*) result=8 ;;
  1[2-8]?.* | 19[01].*) result=16 ;;
  *) result=24 ;;
  esac
}

# The network of ADDRESS LENGTH.
ipv4_network() {
  ipv4_number "$1" || return 1
  bits=$result
  ipv4_mask "$2"
  ipv4_text $((bits & result))
}

# The broadcast address of ADDRESS LENGTH; none for networks of one or two addresses (RFC 3021).
ipv4_broadcast() {
  if [ "$2" -ge 31 ]; then
    result=
    return
  fi
  ipv4_number "$1" || return 1
  bits=$result
  ipv4_mask "$2"
  ipv4_text $((bits | (~result & 0xffffffff)))
}
