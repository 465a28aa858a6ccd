export interface Method {
  /** The file in `methods/linux`. */
  name: string;
  /** Where the step itself stands for a family, whatever its stanza says. */
  family?: 'inet' | 'inet6' | 'can';
}

/** Steps, each with its method. The steps of DHCP and of link-local addressing belong to the plugin that runs clients. */
export const methods: Readonly<Record<string, Method>> = {
  Auto: { name: 'auto', family: 'inet6' },
  Bootp: { name: 'bootp', family: 'inet' },
  CAN: { name: 'can', family: 'can' },
  Link: { name: 'link' },
  Loopback: { name: 'loopback' },
  Manual: { name: 'manual' },
  PPP: { name: 'ppp' },
  PowerOff: { name: 'poweroff' },
  SixToFour: { name: '6to4', family: 'inet6' },
  Static: { name: 'static' },
  Tunnel: { name: 'tunnel' },
  V4Tunnel: { name: 'v4tunnel', family: 'inet6' },
  WvDial: { name: 'wvdial' },
};
