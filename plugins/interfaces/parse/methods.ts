/** Families and methods of interfaces(5), as Debian's ifupdown is built on Linux; `meta` is its own for `ifup -a`. */
export const methods: Readonly<Record<string, ReadonlySet<string>>> = {
  inet: new Set(['bootp', 'dhcp', 'ipv4ll', 'loopback', 'manual', 'ppp', 'static', 'tunnel', 'wvdial']),
  inet6: new Set(['6to4', 'auto', 'dhcp', 'loopback', 'manual', 'static', 'tunnel', 'v4tunnel']),
  ipx: new Set(['dynamic', 'static']),
  can: new Set(['static']),
  meta: new Set(['none']),
};

export function isFamily(name: string): boolean {
  return Object.hasOwn(methods, name);
}

export function isMethod(family: string, name: string): boolean {
  return isFamily(family) && methods[family]?.has(name) === true;
}
