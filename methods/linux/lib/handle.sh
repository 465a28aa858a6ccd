# shellcheck shell=sh
# The handle: a file that says what this method added, line by line, so that it takes back that and nothing else.
#
#   + address 192.0.2.2/24                        is about to be added
#   + mtu 1400 was 1500                           is about to be set, in place of
#   - address 192.0.2.2/24                        has been taken back
#
# Lines are appended before a change is made, so that an end in the middle of one leaves a handle that says enough; what
# stands in it is believed only where the kernel agrees. It lies in /run: the kernel's state, of which it tells, does not
# outlive a crash of the machine either, so that it need not reach a disk. A last line without its end is none.

# Sets own_up own_down own_mtu own_hwaddress (VALUE and _was), own_device, and the lists own_sysctls (NAME VALUE WAS),
# own_addresses, own_routes and own_notes.
read_handle() {
  own_up='' own_down='' own_mtu='' own_mtu_was='' own_hwaddress='' own_hwaddress_was='' own_device=''
  own_sysctls=$nl own_addresses=$nl own_routes=$nl own_notes=$nl
  torn='' handle_lines=0
  [ -f "${NETCONF_HANDLE-}" ] || return 0
  while IFS= read -r line; do
    handle_lines=$((handle_lines + 1))
    entry=${line#? }
    # Longer than any that was written is none.
    [ "${#line}" -le 512 ] || line=
    case $line in
    '# '*) ;;
    '+ '*) read_entry add ;;
    '- '*) read_entry drop ;;
    *) torn=yes ;;
    esac
    line=
  done <"$NETCONF_HANDLE"
  [ -z "$line" ] || torn=yes
}

read_entry() {
  kind=${entry%% *}
  body=${entry#* }
  case $kind in
  address) case $body in *[!0-9a-fper.:/\ ]*) torn=yes ;; *) keep own_addresses "$body" "$1" ;; esac ;;
  route)
    case ${body%% *} in
    default) ;;
    *[!0-9a-f.:/]*)
      torn=yes
      return
      ;;
    esac
    keep own_routes "$body" "$1"
    ;;
  sysctl) read_setting "$1" ;;
  mtu | hwaddress) read_link_setting "$1" ;;
  link) case $body:$1 in up:add) own_up=yes ;; up:drop) own_up= ;; down:add) own_down=yes ;; down:drop) own_down= ;; *) torn=yes ;; esac ;;
  device) case $1 in add) own_device=$body ;; *) own_device= ;; esac ;;
  note) keep own_notes "$body" "$1" ;;
  *) torn=yes ;;
  esac
}

# keep LIST TEXT add|drop, each text once.
keep() {
  case $1 in
  own_addresses) list=$own_addresses ;;
  own_routes) list=$own_routes ;;
  own_sysctls) list=$own_sysctls ;;
  *) list=$own_notes ;;
  esac
  case $list in
  *"$nl$2$nl"*) list=${list%%"$nl$2$nl"*}$nl${list#*"$nl$2$nl"} ;;
  esac
  [ "$3" = drop ] || list=$list$2$nl
  case $1 in
  own_addresses) own_addresses=$list ;;
  own_routes) own_routes=$list ;;
  own_sysctls) own_sysctls=$list ;;
  *) own_notes=$list ;;
  esac
}

# sysctl net/ipv6/conf/eth0/autoconf 0 was 1: settings of this interface only, numbers only. The latest line counts.
read_setting() {
  read -r name value was former more <<EOF
$body
EOF
  case $name:$was:$more in
  net/ipv[46]/conf/"$device"/*:was:) ;;
  *)
    torn=yes
    return
    ;;
  esac
  case ${name#net/ipv[46]/conf/"$device"/}$value$former in
  '' | *[!a-z0-9_-]*)
    torn=yes
    return
    ;;
  esac
  forget_setting
  [ "$1" = drop ] || own_sysctls="$own_sysctls$name $value $former$nl"
}

# Takes the setting of this name out of own_sysctls.
forget_setting() {
  case $own_sysctls in
  *"$nl$name "*)
    tail=${own_sysctls#*"$nl$name "}
    own_sysctls=${own_sysctls%%"$nl$name "*}$nl${tail#*"$nl"}
    ;;
  esac
}

# mtu 1400 was 1500
read_link_setting() {
  value=${body%% was *}
  former=${body##* was }
  case $value$former in
  '' | *[!0-9a-f:]*)
    torn=yes
    return
    ;;
  esac
  [ "$1" = add ] || value='' former=''
  case $kind in
  mtu) own_mtu=$value own_mtu_was=$former ;;
  *) own_hwaddress=$value own_hwaddress_was=$former ;;
  esac
}

# Appends the lines $1. A handle that has become long, or holds what is no line, is written anew, all at once.
write_handle() {
  [ -z "$dry_run" ] && [ -n "$1" ] || return 0
  [ -n "${NETCONF_HANDLE-}" ] || fail 'NETCONF_HANDLE names no file'
  if [ -n "$torn" ] || [ "$handle_lines" -gt 200 ]; then
    rewrite_handle
  elif [ "$handle_lines" = 0 ]; then
    append_to_handle "# What netconf's method ${0##*/} added to $IFACE$nl"
  fi
  append_to_handle "$1"
  handle_lines=$((handle_lines + 1))
}

append_to_handle() {
  { printf '%s' "$1" >>"$NETCONF_HANDLE"; } 2>/dev/null || fail "the handle $NETCONF_HANDLE cannot be written"
}

rewrite_handle() {
  text="# What netconf's method ${0##*/} added to $IFACE$nl"
  [ -z "$own_device" ] || text="${text}+ device $own_device$nl"
  [ -z "$own_up" ] || text="${text}+ link up$nl"
  [ -z "$own_down" ] || text="${text}+ link down$nl"
  [ -z "$own_mtu" ] || text="${text}+ mtu $own_mtu was $own_mtu_was$nl"
  [ -z "$own_hwaddress" ] || text="${text}+ hwaddress $own_hwaddress was $own_hwaddress_was$nl"
  while read -r name value former; do
    [ -z "$name" ] || text="${text}+ sysctl $name $value was $former$nl"
  done <<EOF
$own_sysctls
EOF
  for_each "$own_addresses" add_handle_line address
  for_each "$own_routes" add_handle_line route
  for_each "$own_notes" add_handle_line note
  if ! { printf '%s' "$text" >"$NETCONF_HANDLE.new" && mv -f "$NETCONF_HANDLE.new" "$NETCONF_HANDLE"; } 2>/dev/null; then
    fail "the handle $NETCONF_HANDLE cannot be written"
  fi
  torn='' handle_lines=1
}

add_handle_line() {
  text="${text}+ $1 $item$nl"
}

# for_each LIST FUNCTION [ARGUMENT]...: runs it once for each line, which is in item.
for_each() {
  list=$1
  shift
  while IFS= read -r item; do
    [ -z "$item" ] || "$@"
  done <<EOF
$list
EOF
}

# After all has been taken back.
remove_handle() {
  [ -n "$dry_run" ] || [ ! -e "${NETCONF_HANDLE-}" ] || rm -f "$NETCONF_HANDLE"
}
