import {
  type Check,
  checkedOption,
  hardwareAddress,
  hundredths,
  type OptionValues,
  wholeNumber,
  wordsOf,
} from 'netconf/plugin';
import { type Vlans, vlanLines, vlansIn } from './vlans.ts';

/** bridge-utils takes `on` and `yes` for on, anything else for off. */
const onOff: Check = {
  expected: 'on or off',
  read: text => {
    if (/^(on|yes|true|1)$/i.test(text)) return '1';
    return /^(off|no|false|0)$/i.test(text) ? '0' : undefined;
  },
};

/** The options of bridge-utils that are the bridge's own: the kernel's word, and what it takes (net/bridge). */
const settings: Readonly<Record<string, readonly [word: string, check: Check]>> = {
  'bridge-ageing': ['ageing_time', hundredths(0, 1_000_000)],
  'bridge-bridgeprio': ['priority', wholeNumber(0, 65_535)],
  'bridge-fd': ['forward_delay', hundredths(0, 1_000_000)],
  'bridge-hello': ['hello_time', hundredths(1, 10)],
  'bridge-maxage': ['max_age', hundredths(6, 40)],
  'bridge-stp': ['stp_state', onOff],
  'bridge-vlan-aware': ['vlan_filtering', onOff],
};

const others = [
  'bridge-ports',
  'bridge-waitport',
  'bridge-maxwait',
  'bridge-hw',
  'bridge-gcint',
  'bridge-pathcost',
  'bridge-portprio',
  'bridge-vids',
  'bridge-pvid',
  'bridge-port-vids',
  'bridge-port-pvids',
  'bridge-access',
  'bridge-allow-untagged',
];

/** What a stanza says of a bridge, checked. */
export interface Bridge {
  /** In the words of bridge_ports. */
  ports: readonly string[];
  settings: readonly (readonly [word: string, value: string])[];
  /** A hardware address, or the interface that has it. */
  hardware?: { address: string } | { of: string };
  /** Seconds to wait for links to appear, and for which: all ports where none are named. */
  waitPort?: { seconds: number; links: readonly string[] };
  /** Seconds to wait for ports to forward; twice the forward delay, and a bit, where it is not said. */
  maxWait?: number;
  /** Of ports, by name. */
  costs: Readonly<Record<string, string>>;
  priorities: Readonly<Record<string, string>>;
  mtu?: string;
  /** Undefined where the bridge knows no VLANs. */
  vlans?: Vlans;
  /** What is said and means nothing any more. */
  notes: readonly string[];
}

/** The words of bridge_ports; undefined for no bridge. `none` is none, `all` what bridge-utils takes for Ethernet. */
export function portsIn(options: OptionValues): string[] | undefined {
  const words = wordsOf(options.get('bridge-ports')?.value ?? '');
  if (words.length === 0) return undefined;
  const all = ['regex', 'eth.*', 'em.*', 'en.*', 'p[0-9].*', 'noregex'];
  return words.flatMap(word => (word === 'none' ? [] : word === 'all' ? all : [word]));
}

/** Throws an Error with place, option and what was expected. */
export function readBridge(options: OptionValues): Bridge {
  for (const [name, { place }] of options) {
    if (!name.startsWith('bridge-') || name in settings || others.includes(name)) continue;
    throw new Error(`${place}: there is no option ${name}`);
  }
  const values = Object.entries(settings).flatMap(([name, [word, check]]) => {
    const value = checkedOption(options, name, check);
    return value === undefined ? [] : [[word, value] as const];
  });
  const notes = [];
  if (options.has('bridge-gcint'))
    notes.push('bridge_gcint means nothing: the kernel collects garbage when it is due');
  const kernel = new Map(values);
  const delay = Number(kernel.get('forward_delay') ?? 1500);
  if (kernel.get('stp_state') === '1' && (delay < 200 || delay > 3000)) {
    const { place, value } = options.get('bridge-fd') ?? {};
    // The kernel's own answer to a delay that is too short.
    if (delay >= 200)
      throw new Error(`${place}: bridge-fd '${value}': expected seconds from 2 to 30 with bridge-stp`);
    notes.push(`with bridge_stp the shortest bridge_fd is 2 seconds: ${value} becomes 2`);
    kernel.set('forward_delay', '200');
  }
  const isAware = kernel.get('vlan_filtering') === '1';
  const hardware = hardwareIn(options);
  const waitPort = waitPortIn(options);
  const maxWait = checkedOption(options, 'bridge-maxwait', wholeNumber(0, 3600, 'seconds'));
  const mtu = checkedOption(options, 'mtu', wholeNumber(68, 65_535));
  refuseVlans(options, isAware);
  return {
    ports: portsIn(options) ?? [],
    settings: [...kernel],
    ...(hardware && { hardware }),
    ...(waitPort && { waitPort }),
    ...(maxWait !== undefined && { maxWait: Number(maxWait) }),
    costs: pairsIn(options, 'bridge-pathcost', wholeNumber(1, 65_535)),
    priorities: pairsIn(options, 'bridge-portprio', wholeNumber(0, 63)),
    ...(mtu !== undefined && { mtu }),
    ...(isAware && { vlans: vlansIn(options) }),
    notes,
  };
}

/** What a port's own stanza says of its VLANs, as lines for the method; undefined for nothing. */
export function portVlansIn(options: OptionValues): string | undefined {
  const names = ['bridge-vids', 'bridge-pvid', 'bridge-access', 'bridge-allow-untagged'];
  return names.some(name => options.has(name)) ? vlanLines(vlansIn(options)) : undefined;
}

function refuseVlans(options: OptionValues, isAware: boolean): void {
  if (isAware) return;
  for (const name of ['bridge-vids', 'bridge-pvid', 'bridge-port-vids', 'bridge-port-pvids']) {
    const option = options.get(name);
    if (option !== undefined)
      throw new Error(`${option.place}: ${name}: expected bridge_vlan_aware yes beside it`);
  }
}

function hardwareIn(options: OptionValues): Bridge['hardware'] {
  const option = options.get('bridge-hw');
  const text = option?.value.trim() ?? '';
  if (text === '') return undefined;
  if (!text.includes(':')) return { of: text };
  return { address: checkedOption(options, 'bridge-hw', hardwareAddress)! };
}

function waitPortIn(options: OptionValues): Bridge['waitPort'] {
  const option = options.get('bridge-waitport');
  const [seconds, ...links] = wordsOf(option?.value ?? '');
  if (seconds === undefined) return undefined;
  if (!/^\d{1,4}$/.test(seconds))
    throw new Error(
      `${option?.place}: bridge-waitport '${seconds}': expected seconds, and then perhaps ports`,
    );
  return { seconds: Number(seconds), links };
}

/** `PORT VALUE`, once or several times. */
function pairsIn(options: OptionValues, name: string, check: Check): Record<string, string> {
  const option = options.get(name);
  const words = wordsOf(option?.value ?? '');
  const pairs: Record<string, string> = {};
  for (let at = 0; at < words.length; at += 2) {
    const [port = '', text = ''] = words.slice(at, at + 2);
    const value = check.read(text);
    if (value === undefined)
      throw new Error(`${option?.place}: ${name} '${port} ${text}': expected a port and ${check.expected}`);
    pairs[port] = value;
  }
  return pairs;
}
