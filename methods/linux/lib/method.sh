# shellcheck shell=sh
# What every method has in common. A method sources this file, declares in the function `declare_wants` what there is to
# be, and calls `run_method`. See netconf-methods(7).
set -fu
LC_ALL=C
export LC_ALL
nl='
'
lib=${0%/*}/lib
. "$lib/values.sh"
. "$lib/handle.sh"
. "$lib/kernel.sh"
. "$lib/wants.sh"
. "$lib/plan.sh"
. "$lib/stale.sh"
. "$lib/device.sh"
. "$lib/apply.sh"

dry_run=${NETCONF_DRY_RUN-}
[ "$dry_run" != 0 ] || dry_run=
force='' module='' problem='' details=''
IFACE=${IFACE-}
family=${FAMILY:-inet}
check_interface
case $family in
inet | inet6 | can) ;;
*) fail "FAMILY is none of inet, inet6, can" ;;
esac
NETCONF_PROTOCOL=${NETCONF_PROTOCOL:-110}
integer NETCONF_PROTOCOL "$NETCONF_PROTOCOL" 1 255
. "$lib/ipv4.sh"
# What is not needed is not read: a method starts sooner.
case $family:${MODE-} in
inet:up | inet:query) ;;
*) . "$lib/ipv6.sh" ;;
esac

run_method() {
  case ${MODE-} in
  up)
    declare_wants
    bring_up
    ;;
  down)
    . "$lib/down.sh"
    take_down
    ;;
  query)
    . "$lib/query.sh"
    declare_wants
    query
    ;;
  *) fail 'MODE is none of up, down, query' ;;
  esac
}
