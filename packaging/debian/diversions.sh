# shellcheck shell=sh
# Debian 12 has these files in its database without /usr, on disk they are the same: both names are diverted, and the
# one that ifupdown owns is moved (what dpkg's documents call the aliasing problem of the merged /usr).
diverted='@DIVERTED@'

alias_of() {
    case $1 in
    /usr/sbin/* | /usr/lib/*) echo "${1#/usr}" ;;
    esac
}

divert() {
    for path in $diverted; do
        alias=$(alias_of "$path")
        move=--rename
        if [ -n "$alias" ]; then
            alias_move=--no-rename
            if dpkg-query --search "$alias" >/dev/null 2>&1; then
                alias_move=--rename
                move=--no-rename
            fi
            dpkg-divert --package netconf --quiet --add "$alias_move" --divert "$alias.ifupdown-alias" "$alias"
        fi
        dpkg-divert --package netconf --quiet --add "$move" --divert "$path.ifupdown" "$path"
    done
}

give_back() {
    for path in $diverted; do
        alias=$(alias_of "$path")
        move=--rename
        if [ -n "$alias" ]; then
            alias_move=--no-rename
            if [ -e "${DPKG_ROOT:-}$alias.ifupdown-alias" ] || [ -L "${DPKG_ROOT:-}$alias.ifupdown-alias" ]; then
                alias_move=--rename
                move=--no-rename
            fi
            dpkg-divert --package netconf --quiet --remove "$alias_move" --divert "$alias.ifupdown-alias" "$alias"
        fi
        dpkg-divert --package netconf --quiet --remove "$move" --divert "$path.ifupdown" "$path"
    done
}
