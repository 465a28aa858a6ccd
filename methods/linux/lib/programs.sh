# shellcheck shell=sh
# Methods that leave the work to another program: it is started once, and stopped if the handle says that it was started.

# plain_word OPTION VALUE: what a program may get as one argument that is no option, and no way out of its directory.
plain_word() {
  case $2 in
  -* | *..* | *[!A-Za-z0-9_.:@/+-]*) refuse "$1" "$2" 'no name' ;;
  esac
  [ "${#2}" -le 128 ] || refuse "$1" "$2" 'longer than 128 characters'
}

# run_connection ARGUMENT: of a method with start and stop; stop finds in argument what start was called with.
run_connection() {
  read_handle
  argument=$1
  case ${MODE-} in
  up)
    declare_wants
    case $own_notes in
    "$nl") start ;;
    *) [ -e "/sys/class/net/$device" ] || start ;;
    esac
    ;;
  down)
    [ "$own_notes" != "$nl" ] || return 0
    argument=${own_notes#"$nl"started}
    argument=${argument%%"$nl"*}
    argument=${argument# }
    plain_word provider "$argument"
    stop
    remove_handle
    ;;
  query)
    declare_wants
    if [ -e "/sys/class/net/$device" ]; then printf 'present link %s\n' "$device"; else printf 'missing link %s\n' "$device"; fi
    ;;
  *) fail 'MODE is none of up, down, query' ;;
  esac
}

# start_program PROGRAM ARGUMENT...
start_program() {
  write_handle "+ note started${argument:+ $argument}$nl"
  run_program "$@"
}

run_program() {
  if [ -n "$dry_run" ]; then
    printf '%s\n' "$*"
    return
  fi
  command -v "$1" >/dev/null || fail "there is no program $1"
  "$@" || fail "$1 ended with status $?"
}
