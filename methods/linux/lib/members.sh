# shellcheck shell=sh
# A link, MEMBER, that belongs to another, IFACE. The handle says besides:
#   member 7                 it was let join, and has this index
#   was up, was down         before it joined
#   mtu 1400 was 1500        set for it; so hold addrgenmode and up

# A handle about another link tells nothing; one about this link tells, too, what was before when its joining was cut off.
begin_member() {
  plain IFACE "$IFACE"
  plain MEMBER "${MEMBER-}"
  look "$MEMBER"
  [ -n "$link" ] || fail "$IFACE: there is no interface $MEMBER"
  read_handle
  if belongs_to "$IFACE"; then
    return
  elif [ -n "$master" ]; then
    fail "$MEMBER belongs to $master"
  fi
  ! has "member $index" || return 0
  text=$nl
  write_handle
  note "member $index"
  if is_up; then note 'was up'; else note 'was down'; fi
}

# member_mtu MTU: that of the member, whoever is its master.
member_mtu() {
  word_of mtu
  [ -n "$1" ] && [ "$value" != "$1" ] || return 0
  remember mtu "$1"
  change ip link set dev "$MEMBER" mtu "$1"
}

# remember WORD NEW: of several changes of one setting the handle says what was before the first.
remember() {
  former=$value
  case $text in
  *"$nl$1 $value was "*)
    noted "$1 $value was"
    forget "$1 $former was $value"
    former=$value
    ;;
  esac
  note "$1 $2 was $former"
}

# Was it up before it joined, as the handle said when it was read?
was_up() {
  [ "$before" = up ]
}

# leave COMMAND: takes back what the handle says, from a link that is the same still, and then does the rest.
leave() {
  before='' name=''
  plain IFACE "$IFACE"
  plain MEMBER "${MEMBER-}"
  read_handle
  noted member
  # It may have got another name meanwhile.
  name=$(ip -o link show 2>/dev/null | sed -n "s/^${value:-none}: \([^:@]*\).*/\1/p")
  MEMBER=${name:-$MEMBER}
  look "$MEMBER"
  if [ -n "$index" ] && has "member $index"; then
    case $master in
    "$IFACE" | '')
      take_member_back
      "$1"
      ;;
    esac
  fi
  text=$nl
  write_handle
}

take_member_back() {
  noted was
  before=$value
  if has up && is_up; then
    change ip link set dev "$MEMBER" down
    flags=
  fi
  [ -z "$master" ] || change ip link set dev "$MEMBER" nomaster
  while read -r what now _ former; do
    case $what in
    mtu | addrgenmode) ;;
    *) continue ;;
    esac
    word_of "$what"
    [ "$value" != "$now" ] || change ip link set dev "$MEMBER" "$what" "$former"
  done <<EOT
$text
EOT
}
