#!/bin/sh
# Makes the Debian package from dist/ (npm run build) and koffi's native module; prints its path.
# The same sources and the same SOURCE_DATE_EPOCH (else the time of the last commit) make the same bytes.
set -eu

usage="usage: $0 [--output DIR] [--arch ARCH] [--dist DIR]"
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
output=$top
dist=$top/dist
arch=$(dpkg --print-architecture)
while [ $# -gt 0 ]; do
    case $1 in
    --output) output=$(cd "${2:?$usage}" && pwd) && shift 2 ;;
    --arch) arch=${2:?$usage} && shift 2 ;;
    --dist) dist=$(cd "${2:?$usage}" && pwd) && shift 2 ;;
    *) echo "$usage" >&2 && exit 2 ;;
    esac
done

fail() {
    echo "build.sh: $*" >&2
    exit 1
}

case $arch in
amd64) native=x64 ;;
armhf) native=arm ;;
arm64 | riscv64 | loong64) native=$arch ;;
i386) native=ia32 ;;
ppc64el) native=ppc64 ;;
*) fail "koffi has no native module for $arch" ;;
esac
koffi=$top/node_modules/koffi
module=$top/node_modules/@koromix/koffi-linux-$native
[ -e "$dist/netconfd.cjs" ] || fail "there is no $dist/netconfd.cjs: npm run build makes it"
[ -e "$module/package.json" ] ||
    fail "koffi's module for $arch is missing: npm install --no-save --force @koromix/koffi-linux-$native"

version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$top/package.json")
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git -C "$top" log -1 --format=%ct 2>/dev/null || stat -c %Y "$top/package.json")
fi
export SOURCE_DATE_EPOCH LC_ALL=C

umask 022
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$tree"
lib=$tree/usr/lib/netconf

# The programs, laid out as dist/ is: what ships is found beside the program.
mkdir -p "$lib" "$tree/usr/sbin"
cp -R "$dist/." "$lib"
rm -rf "$lib/man" "$lib/types"
for program in "$lib"/*.cjs; do
    name=$(basename "$program" .cjs)
    sed -i '1s|^#!/usr/bin/env node$|#!/usr/bin/node|' "$program"
    ln -s "../lib/netconf/$name.cjs" "$tree/usr/sbin/$name"
done

# koffi, where Node looks for it from there, with the native module of this architecture alone.
mkdir -p "$lib/node_modules/koffi/src/koffi/src" "$lib/node_modules/@koromix/koffi-linux-$native"
for file in package.json index.cjs src/koffi/index.cjs src/koffi/src/static.cjs; do
    cp "$koffi/$file" "$lib/node_modules/koffi/$file"
done
cp -R "$module/package.json" "$module/index.js" "$module"/linux_* "$lib/node_modules/@koromix/koffi-linux-$native"

# With this machine's koffi, whatever machine the package is for.
completion() {
    NODE_PATH=$top/node_modules node "$dist/netconf.cjs" completion "$1"
}

# Manual pages, completion, documents.
doc=$tree/usr/share/doc/netconf
mkdir -p "$doc" "$tree/usr/share/bash-completion/completions" \
    "$tree/usr/share/zsh/vendor-completions" "$tree/usr/share/fish/vendor_completions.d"
for page in "$dist"/man/*; do
    section=$tree/usr/share/man/man${page##*.}
    mkdir -p "$section"
    cp "$page" "$section"
done
gzip -9n -r "$tree/usr/share/man"
completion bash >"$tree/usr/share/bash-completion/completions/netconf"
completion zsh >"$tree/usr/share/zsh/vendor-completions/_netconf"
completion fish >"$tree/usr/share/fish/vendor_completions.d/netconf.fish"
cp "$top"/docs/*.md "$doc"
cp -R "$top/examples" "$top/packaging/openrc" "$doc"
gzip -9n <"$top/CHANGELOG.md" >"$doc/changelog.gz"
cat "$here/copyright" - "$koffi/LICENSE.txt" <"$top/LICENSE" >"$doc/copyright"

# Units, and what the administrator fills.
mkdir -p "$tree/usr/lib/systemd/system" "$tree/etc"
cp "$top"/packaging/systemd/*.service "$tree/usr/lib/systemd/system"
cp -R "$here/etc/." "$tree/etc"
for directory in hooks.d plugins policy.d; do mkdir -p "$tree/etc/netconf/$directory"; done
for phase in pre-up up down post-down; do mkdir -p "$tree/etc/network/if-$phase.d"; done
mkdir -p "$tree/etc/network/interfaces.d"

find "$tree" -type d -exec chmod 755 {} +
find "$tree" -type f -exec chmod u=rwX,go=rX {} +
chmod 644 "$lib/node_modules/@koromix/koffi-linux-$native"/linux_*/*

# What of ifupdown's it stands in for is diverted, where this package brings its own.
diverted=
for path in /usr/sbin/ifup /usr/sbin/ifdown /usr/sbin/ifquery /usr/share/man/man8/ifup.8.gz \
    /usr/share/man/man8/ifdown.8.gz /usr/share/man/man8/ifquery.8.gz \
    /usr/lib/systemd/system/networking.service "/usr/lib/systemd/system/ifup@.service"; do
    [ ! -e "$tree$path" ] || diverted="$diverted $path"
done

mkdir "$tree/DEBIAN"
size=$(du -sk --apparent-size "$tree/usr" "$tree/etc" | awk '{ sum += $1 } END { print sum }')
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$arch/" -e "s/@SIZE@/$size/" "$here/control" >"$tree/DEBIAN/control"
for script in preinst postinst prerm postrm; do
    sed -e "/^@DIVERSIONS@\$/{
        r $here/diversions.sh
        d
    }" -e "/^@APPARMOR@\$/{
        r $here/apparmor.sh
        d
    }" "$here/$script" | sed -e "s|@DIVERTED@|${diverted# }|" >"$tree/DEBIAN/$script"
    chmod 755 "$tree/DEBIAN/$script"
done
(cd "$tree" && find etc -type f | sort | sed 's|^|/|' >DEBIAN/conffiles)
(cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
find "$tree" -newermt "@$SOURCE_DATE_EPOCH" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +

package=$output/netconf_${version}_$arch.deb
dpkg-deb --root-owner-group -Zxz --build "$tree" "$package" >/dev/null
echo "$package"
