# shellcheck shell=sh
# dhclient may run nothing but its own script where AppArmor confines it. What it needs for netconf is an abstraction of
# our own; the one line that includes it stands in local/, which no package owns and which the profile of dhclient reads.
# A file there that is missing when isc-dhcp-client is installed is made by that, one that is there it leaves alone.
profile=${DPKG_ROOT:-}/etc/apparmor.d/sbin.dhclient
addition=${DPKG_ROOT:-}/etc/apparmor.d/local/sbin.dhclient
line='include if exists <abstractions/netconf-dhclient>'

let_dhclient_report() {
    if ! grep -qsxF "$line" "$addition"; then
        mkdir -p "${addition%/*}"
        # Its last line may lack its end.
        [ -z "$(tail -c 1 "$addition" 2>/dev/null)" ] || echo >>"$addition"
        echo "$line" >>"$addition"
    fi
    reload_profile
}

forget_dhclient() {
    if grep -qsxF "$line" "$addition"; then
        # What else stands there is the administrator's.
        others=$(grep -vxF "$line" "$addition" || true)
        if [ -n "$others" ] || [ -e "$profile" ]; then
            printf '%s' "${others:+$others
}" >"$addition"
        else
            rm -f "$addition"
            rmdir "${addition%/*}" 2>/dev/null || true
        fi
    fi
    reload_profile
}

reload_profile() {
    [ -z "${DPKG_ROOT:-}" ] && [ -e "$profile" ] || return 0
    if aa-enabled --quiet 2>/dev/null; then apparmor_parser -r -T -W "$profile" || true; fi
}
