import type { Address } from './addresses.ts';
import type { Enabled, Settings } from './model.ts';
import type { Options } from './options.ts';
import { type Place, spot } from './source.ts';
import { readAddress, readBandwidth, readBoolean, readHardwareAddress, readNumber } from './values.ts';

/** What a network says for all its interfaces, and an interface for itself. */
export interface Common {
  settings: Settings;
  enabled?: Enabled;
  defaultRoute?: boolean | 'onconnect';
  broadcast?: { address: Address; place: Place };
}

/** What cards with jumpers wanted to be told, and what is said in its place. */
const obsolete: Readonly<Record<string, string>> = {
  irq: 'the kernel finds it by itself; for an ISA card it is an option of its module in /etc/modprobe.d',
  io_addr: 'the kernel finds it by itself; for an ISA card it is an option of its module in /etc/modprobe.d',
  mem_addr: 'the kernel finds it by itself; for an ISA card it is an option of its module in /etc/modprobe.d',
  media:
    'links negotiate it; ethtool(8) sets speed and duplex by hand: option link-speed 100; option link-duplex full',
};

export function readCommon(options: Options): Common {
  const { problems } = options;
  for (const [name, hint] of Object.entries(obsolete)) {
    const option = options.get(name);
    if (option !== undefined) problems.warn(option, `${name} has no effect any more`, hint);
  }
  const nonsense = options.get('broadcastv6');
  if (nonsense !== undefined)
    problems.error(nonsense, 'IPv6 has no broadcast addresses', 'leave broadcastv6 out');
  const enabled = options.value('enabled', 'true, false or hotplug', readEnabled);
  const defaultRoute = options.value('setdefaultroute', 'true, false or onconnect', readDefaultRoute);
  const broadcast = options.value('broadcastv4', 'an IPv4 address', readAddress(4));
  return {
    settings: settingsOf(options),
    ...(enabled !== undefined && { enabled }),
    ...(defaultRoute !== undefined && { defaultRoute }),
    ...(broadcast !== undefined && {
      broadcast: { address: broadcast, place: spot(options.get('broadcastv4')!.values[0]!) },
    }),
  };
}

function settingsOf(options: Options): Settings {
  const arp = options.value('arp', 'true or false', readBoolean);
  const allmulti = options.value('allmulti', 'true or false', readBoolean);
  const metric = options.value('metric', 'a number from 0 to 4294967295', readNumber(0, 4_294_967_295));
  const mtu = options.value('mtu', 'a number from 68 to 65535', readNumber(68, 65_535));
  const bandwidth = options.value(
    'bandwidth',
    'bits in a second, such as 14400, 512kbit or 10mbit',
    readBandwidth,
  );
  const hwaddress = options.value(
    'hwaddress',
    'six bytes with colons between, or random',
    readHardwareAddress,
  );
  return {
    ...(arp !== undefined && { arp }),
    ...(allmulti !== undefined && { allmulti }),
    ...(metric !== undefined && { metric }),
    ...(mtu !== undefined && { mtu }),
    ...(bandwidth !== undefined && { bandwidth }),
    ...(hwaddress !== undefined && { hwaddress }),
  };
}

function readEnabled(text: string): Enabled | undefined {
  return text.toLowerCase() === 'hotplug' ? 'hotplug' : readBoolean(text);
}

function readDefaultRoute(text: string): boolean | 'onconnect' | undefined {
  return text.toLowerCase() === 'onconnect' ? 'onconnect' : readBoolean(text);
}
