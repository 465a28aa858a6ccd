# shellcheck shell=sh
# Links that a method makes as a whole, without what `ip link change` could change of them: tun, wireguard. In the handle
# stands `making`, and after it is there `made INDEX`: by its index it is found again under any name. A method that
# sources this has a function `kind_of NAME`, which prints a word where the link is of its kind.
set -fu
LC_ALL=C
export LC_ALL

check_name() {
  case ${IFACE-} in
  '' | . | .. | -* | *[!A-Za-z0-9_.-]*) fail 'IFACE is no name that such a link can have' ;;
  esac
  [ "${#IFACE}" -le 15 ] || fail "$IFACE: the name is longer than 15 characters"
}

exists() { [ -e "/sys/class/net/$1" ]; }

# make COMMAND...
make() {
  note making
  change "$@"
  [ -n "${NETCONF_DRY_RUN-}" ] || note "made $(cat "/sys/class/net/$IFACE/ifindex")"
}

# Sets name to the link that the handle says, if it is there and of this kind, and kind to that.
find_made() {
  index='' name='' kind=''
  [ -f "${NETCONF_HANDLE-}" ] || return 0
  while IFS= read -r line; do
    case $line in
    making) name=$IFACE ;;
    'made '*) index=${line#made } ;;
    esac
  done <"$NETCONF_HANDLE"
  [ -z "$index" ] || name=$(name_of "$index")
  [ -z "$name" ] || kind=$(kind_of "$name")
}

name_of() {
  set +f
  for file in /sys/class/net/*/ifindex; do
    if [ "$(cat "$file" 2>/dev/null)" = "$1" ]; then
      file=${file%/ifindex}
      echo "${file##*/}"
    fi
  done
  set -f
}

forget() {
  [ -n "${NETCONF_DRY_RUN-}" ] || rm -f "${NETCONF_HANDLE-}"
}

note() {
  if [ -n "${NETCONF_DRY_RUN-}" ] || [ -z "${NETCONF_HANDLE-}" ]; then return; fi
  printf '%s\n' "$1" >>"$NETCONF_HANDLE" || fail "cannot write $NETCONF_HANDLE"
}

change() {
  if [ -n "${NETCONF_DRY_RUN-}" ]; then
    echo "$*"
    return
  fi
  said=$("$@" 2>&1) || fail "$IFACE: $*: $said"
}

fail() {
  echo "$1" >&2
  exit 1
}
