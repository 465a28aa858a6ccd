# shellcheck shell=sh
# What options may say. A value that is something else ends the method before it has changed anything, with a
# sentence that names option and value. What passes here is safe as a word of a line of `ip -batch`.

# One sentence on standard error, and the end.
fail() {
  printf '%s: %s\n' "$IFACE" "$1" >&2
  exit 1
}

# refuse OPTION VALUE WHY: long values are cut, and what no terminal should get is left out.
refuse() {
  shown=$(printf '%.60s' "$2" | tr -c '[:print:]' '?')
  [ "${#2}" -le 60 ] || shown=$shown...
  fail "option $1: '$shown' is $3"
}

# An interface's name becomes a word of batch lines and a part of paths below /proc/sys. A label comes after a colon.
check_interface() {
  case $IFACE in
  '' | . | .. | -* | *[!A-Za-z0-9_.:@%+=,~-]*)
    name=$(printf '%.60s' "$IFACE" | tr -c '[:print:]' '?')
    IFACE=netconf
    refuse_interface "'$name' is no name of an interface that can be configured"
    ;;
  esac
  [ "${#IFACE}" -le 15 ] || refuse_interface "the name is longer than 15 characters"
  device=${IFACE%%:*}
}

# Nothing was ever done to what is refused, so there is nothing to take back.
refuse_interface() {
  [ "${MODE-}" != down ] || [ -e "${NETCONF_HANDLE-}" ] || exit 0
  fail "$1"
}

# integer OPTION VALUE LOWEST HIGHEST; leading zeros are refused, a shell may read them as octal.
integer() {
  case $2 in
  0 | [1-9] | [1-9][0-9]*) case $2 in *[!0-9]* | ???????????*) refuse "$1" "$2" "no number from $3 to $4" ;; esac ;;
  *) refuse "$1" "$2" "no number from $3 to $4" ;;
  esac
  if [ "$2" -lt "$3" ] || [ "$2" -gt "$4" ]; then refuse "$1" "$2" "no number from $3 to $4"; fi
}

# one_of OPTION VALUE WORD...
one_of() {
  option=$1 value=$2
  shift 2
  for word; do [ "$word" != "$value" ] || return 0; done
  refuse "$option" "$value" "none of: $*"
}

# A time between two looks: 0.1, 2.
seconds() {
  case $2 in
  '' | *[!0-9.]* | *.*.* | .* | *. | ??????*) refuse "$1" "$2" 'no number of seconds' ;;
  esac
}

# Sets result to `forever`, or to seconds, of which 4294967295 is forever (RFC 4861, 2132).
lifetime() {
  case $2 in
  forever | infinity | infinite | 4294967295) result=forever ;;
  *)
    integer "$1" "$2" 0 4294967295
    result=$2
    ;;
  esac
}

# Sets result to $1 with a to f for A to F.
lower_case() {
  result=
  tail_of=$1
  while :; do
    case $tail_of in
    *[A-F]*) ;;
    *) break ;;
    esac
    head=${tail_of%%[A-F]*}
    letter=${tail_of#"$head"}
    tail_of=${letter#?}
    case $letter in
    A*) letter=a ;;
    B*) letter=b ;;
    C*) letter=c ;;
    D*) letter=d ;;
    E*) letter=e ;;
    *) letter=f ;;
    esac
    result=$result$head$letter
  done
  result=$result$tail_of
}

# Sets result to a hardware address of six bytes (20 for InfiniBand) as the kernel prints it.
hardware_address() {
  lower_case "${2#* }"
  case $2 in
  *' '*) case ${2%% *} in ether | infiniband) ;; *) refuse "$1" "$2" 'no hardware address' ;; esac ;;
  esac
  bytes=$result
  count=0
  while :; do
    case $bytes in
    [0-9a-f][0-9a-f]:*) bytes=${bytes#???} ;;
    [0-9a-f][0-9a-f]) bytes= ;;
    *) refuse "$1" "$2" 'no hardware address' ;;
    esac
    count=$((count + 1))
    [ -n "$bytes" ] || break
  done
  case $count in 6 | 20) ;; *) refuse "$1" "$2" 'no hardware address' ;; esac
  [ "$count" = 20 ] || case $result in
  ?[13579bdf]:*) refuse "$1" "$2" 'a multicast address' ;;
  00:00:00:00:00:00) refuse "$1" "$2" 'no address of one interface' ;;
  esac
}

# Sets result to a random hardware address, locally administered, of one interface.
random_hardware_address() {
  bytes=$(od -An -N6 -tx1 /dev/urandom) || fail 'no random numbers from /dev/urandom'
  read -r b1 b2 b3 b4 b5 b6 <<EOF
$bytes
EOF
  result=$(printf '%02x:%s:%s:%s:%s:%s' "$(((0x$b1 & 0xfe) | 2))" "$b2" "$b3" "$b4" "$b5" "$b6")
}
