import { checkedOption, hardwareAddress, type OptionValues, oneOf } from 'netconf/plugin';

export interface Settings {
  address?: string;
  /** Lines of a name below /proc/sys/net/ipv4/conf/IFACE and a number. */
  sysctls?: string;
}

const names = ['hw-mac-address', 'ip-proxy-arp', 'ip-rp-filter'];

/** What else the scripts of Debian's package vlan set on a link, VLAN or not. Throws an Error with place and expectation. */
export function readSettings(options: OptionValues): Settings {
  if (!hasSettings(options)) return {};
  const address = checkedOption(options, 'hw-mac-address', hardwareAddress);
  const proxyArp = checkedOption(options, 'ip-proxy-arp', oneOf('0', '1'));
  const filter = checkedOption(options, 'ip-rp-filter', oneOf('0', '1', '2'));
  const lines = [
    ...(proxyArp === undefined ? [] : [`proxy_arp ${proxyArp}`]),
    ...(filter === undefined ? [] : [`rp_filter ${filter}`]),
  ];
  return {
    ...(address !== undefined && { address }),
    ...(lines.length > 0 && { sysctls: lines.join('\n') }),
  };
}

export function hasSettings(options: OptionValues): boolean {
  return names.some(name => options.has(name));
}
