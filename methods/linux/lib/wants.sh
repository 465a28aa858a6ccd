# shellcheck shell=sh
# What a method declares. Values have been checked before they come here.

want_up='' want_down='' want_mtu='' want_hwaddress='' want_device='' want_note=''
# What holds where the options say nothing; empty leaves things as they are.
usual_autoconf='' usual_accept_ra=''
# Lines of NAME VALUE, below /proc/sys.
want_sysctls=$nl
# Lines of KEY|BROADCAST|SCOPE|LABEL|VALID|PREFERRED|NODAD, KEY as in have_addresses.
want_addresses=$nl
# Lines of ROUTE|ONLINK, ROUTE as in a handle.
want_routes=$nl

want_sysctl() {
  want_sysctls="$want_sysctls$1 $2$nl"
}

wants_sysctl() {
  case $want_sysctls in *"$nl$1 "*) ;; *) return 1 ;; esac
}

wants_address() {
  case $want_addresses in *"$nl$1|"*) ;; *) return 1 ;; esac
}

wants_route() {
  case $want_routes in *"$nl$1|"*) ;; *) return 1 ;; esac
}

# The options of every link: hwaddress, mtu, and for inet6 what the kernel does by itself.
link_options() {
  case ${IF_HWADDRESS-} in
  '') ;;
  random | 'ether random') want_hwaddress=random ;;
  *)
    hardware_address hwaddress "$IF_HWADDRESS"
    want_hwaddress=$result
    ;;
  esac
  lowest=68
  [ "$family" = inet ] || lowest=1280
  if [ -n "${IF_MTU-}" ]; then
    integer mtu "$IF_MTU" "$lowest" 2147483647
    want_mtu=$IF_MTU
  fi
  [ "$family" = inet6 ] || return 0
  if [ -n "${IF_PRIVEXT-}" ]; then
    integer privext "$IF_PRIVEXT" 0 2
    want_sysctl "net/ipv6/conf/$device/use_tempaddr" "$IF_PRIVEXT"
  fi
  accept_ra=${IF_ACCEPT_RA:-$usual_accept_ra}
  if [ -n "$accept_ra" ]; then
    integer accept_ra "$accept_ra" 0 2
    want_sysctl "net/ipv6/conf/$device/accept_ra" "$accept_ra"
  fi
  autoconf=${IF_AUTOCONF:-$usual_autoconf}
  if [ -n "$autoconf" ]; then
    integer autoconf "$autoconf" 0 1
    want_sysctl "net/ipv6/conf/$device/autoconf" "$autoconf"
  fi
}
