/** Which step does the work of a method of interfaces(5). What is not here (ipx) nobody does. */
const steps: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  inet: {
    loopback: 'Loopback',
    static: 'Static',
    manual: 'Manual',
    dhcp: 'DHCP',
    bootp: 'Bootp',
    tunnel: 'Tunnel',
    ppp: 'PPP',
    wvdial: 'WvDial',
    ipv4ll: 'LinkLocal',
  },
  inet6: {
    auto: 'Auto',
    loopback: 'Loopback',
    static: 'Static',
    manual: 'Manual',
    dhcp: 'DHCP',
    tunnel: 'Tunnel',
    v4tunnel: 'V4Tunnel',
    '6to4': 'SixToFour',
  },
  can: { static: 'CAN' },
};

export function stepOf(family: string, method: string): string {
  return steps[family]?.[method] ?? family.toUpperCase();
}
