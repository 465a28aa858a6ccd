/**
 * The words of the network file: which blocks stand where, which options each has, and what values these take. The
 * parser reads by this table; semicolons may be left out because it says where an option ends.
 */

/**
 * What follows an option's name. `direction`: nothing, or `incoming` or `outgoing`. `text`: nothing, or a text in quotes.
 * `number`: nothing, or a number. `pair`: a name and a value.
 */
export type Shape = 'none' | 'value' | 'direction' | 'text' | 'number' | 'pair';

export interface OptionRule {
  name: string;
  /** Its usual spelling, where there are several. @default its name */
  key: string;
  shape: Shape;
  /** What its value is, for messages. */
  expects?: string;
  /** May stand several times. */
  many?: boolean;
}

export interface BlockRule {
  keyword: string;
  /** What stands between keyword and brace. */
  name: 'none' | 'text' | 'target';
  options: ReadonlyMap<string, OptionRule>;
  blocks: readonly string[];
}

/** As this file writes them down. */
type Words = Readonly<Record<string, Omit<OptionRule, 'name' | 'key'> & { key?: string }>>;

const bool: Words[string] = { shape: 'value', expects: 'true or false' };
const v4: Words[string] = { shape: 'value', expects: 'an IPv4 address' };
const v6: Words[string] = { shape: 'value', expects: 'an IPv6 address' };
const either: Words[string] = { shape: 'value', expects: 'an address' };
const number: Words[string] = { shape: 'value', expects: 'a number' };
const text: Words[string] = { shape: 'value', expects: 'a text' };
const pair: Words[string] = { shape: 'pair', expects: 'a name and a value', many: true };
const flag: Words[string] = { shape: 'none' };
const direction: Words[string] = { shape: 'direction' };

/** Of a network, for all its interfaces, and of an interface, for itself. */
const common = {
  netmaskv4: { shape: 'value', expects: 'a mask such as 255.255.255.0, or a prefix length' },
  netmaskv6: { shape: 'value', expects: 'a prefix length' },
  netmask: {
    key: 'netmaskv4',
    shape: 'value',
    expects: 'a mask such as 255.255.255.0, or a prefix length',
  },
  broadcastv4: v4,
  broadcastv6: v6,
  broadcast: { ...v4, key: 'broadcastv4' },
  enabled: { shape: 'value', expects: 'true, false or hotplug' },
  arp: bool,
  allmulti: bool,
  metric: number,
  mtu: number,
  irq: text,
  io_addr: text,
  mem_addr: text,
  media: text,
  bandwidth: { shape: 'value', expects: 'bits in a second: 14400, 512kbit, 10mbit' },
  setdefaultroute: { shape: 'value', expects: 'true, false or onconnect' },
} as const satisfies Words;

/** Of an interface alone; in a network with one interface, or with none yet, they are looked for there. */
const own = {
  addressv4: { shape: 'value', expects: 'an IPv4 address, dhcp, bootp, dynamical or none', many: true },
  addressv6: { shape: 'value', expects: 'an IPv6 address, auto, dhcp, dynamical or none', many: true },
  address: { ...either, many: true },
  ptpaddressv4: { shape: 'value', expects: 'an IPv4 address or dynamical' },
  ptpaddressv6: { shape: 'value', expects: 'an IPv6 address or dynamical' },
  ptpaddress: { shape: 'value', expects: 'an address or dynamical' },
  tunneldest: v4,
  hwaddress: { shape: 'value', expects: 'a hardware address or random' },
  provider: text,
  methodv4: { shape: 'value', expects: 'a method of interfaces(5) for inet' },
  methodv6: { shape: 'value', expects: 'a method of interfaces(5) for inet6' },
  option: pair,
  optionv4: pair,
  optionv6: pair,
} as const satisfies Words;

const end: Words[string] = {
  shape: 'value',
  expects: 'a network in quotes, an address, a host or everywhere',
  many: true,
};

const written = {
  network: {
    name: 'text',
    options: {
      networkv4: { shape: 'value', expects: 'an IPv4 address, perhaps with a prefix length' },
      networkv6: { shape: 'value', expects: 'an IPv6 address, perhaps with a prefix length' },
      network: { shape: 'value', expects: 'an address with a prefix length', many: true },
      ...common,
    },
    blocks: ['interface'],
  },
  interface: { name: 'text', options: { ...own, ...common }, blocks: [] },
  route: {
    name: 'target',
    options: {
      gatewayv4: v4,
      gatewayv6: v6,
      gateway: either,
      metric: number,
      table: number,
      source: either,
      interface: { shape: 'value', expects: 'the name of an interface' },
      enabled: bool,
    },
    blocks: [],
  },
  bridge: {
    name: 'text',
    options: {
      from: { shape: 'value', expects: 'a network in quotes', many: true },
      to: { shape: 'value', expects: 'a network in quotes', many: true },
      stp: bool,
      enabled: bool,
    },
    blocks: [],
  },
  rule: {
    name: 'none',
    options: {
      from: end,
      to: end,
      forward: flag,
      masquerade: flag,
      deny: direction,
      reject: direction,
      accept: direction,
      log: { shape: 'text' },
      monitor: { shape: 'number' },
      protocol: { shape: 'value', expects: 'tcp, udp, icmp, another protocol or its number' },
      firstpacket: flag,
      fragment: flag,
      redirect: { shape: 'value', expects: 'the address of a host, perhaps with /PORT' },
      transproxy: { shape: 'value', expects: 'a port' },
      bidirectional: flag,
      tos: { shape: 'value', expects: 'a type of service' },
      mark: number,
      withtos: { shape: 'value', expects: 'a type of service' },
      marked: number,
    },
    blocks: [],
  },
} as const satisfies Record<string, { name: BlockRule['name']; options: Words; blocks: readonly string[] }>;

/** The file itself: what stands in no block. */
export const outermost: BlockRule = {
  keyword: 'file',
  name: 'none',
  options: mapped({ include: { shape: 'value', expects: 'the path of a file in quotes', many: true } }),
  blocks: ['network', 'route', 'bridge', 'rule'],
};

const rules: ReadonlyMap<string, BlockRule> = new Map(
  Object.entries(written).map(([keyword, rule]) => [
    keyword,
    { ...rule, keyword, options: mapped(rule.options) },
  ]),
);

function mapped(words: Words): Map<string, OptionRule> {
  return new Map(Object.entries(words).map(([name, rule]) => [name, { key: name, ...rule, name }]));
}

export function blockRule(keyword: string): BlockRule | undefined {
  return rules.get(keyword);
}

/** Blocks that have an option of this name: where it belongs. */
export function ownersOf(keyword: string): string[] {
  return [...rules.values()].flatMap(rule => (rule.options.has(keyword) ? [rule.keyword] : []));
}
