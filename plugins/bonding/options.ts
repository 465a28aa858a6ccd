import { isIPv4 } from 'node:net';
import {
  type Check,
  checkedOption,
  hardwareAddress,
  type OptionValues,
  oneOf,
  wholeNumber,
  wordsOf,
} from 'netconf/plugin';

const modes = [
  'balance-rr',
  'active-backup',
  'balance-xor',
  'broadcast',
  '802.3ad',
  'balance-tlb',
  'balance-alb',
] as const;
const withActive = ['active-backup', 'balance-tlb', 'balance-alb'];
const most = 2 ** 31 - 1;
const milliseconds = wholeNumber(0, most, 'milliseconds');
const targets: Check = {
  expected: 'up to 16 IPv4 addresses',
  read: text => {
    const all = text.split(/[\s,]+/).filter(word => word !== '');
    return all.length <= 16 && all.every(word => isIPv4(word)) ? all.join(',') : undefined;
  },
};

interface Setting {
  /** The kernel's word, as iproute2 and sysfs have it. */
  word: string;
  check: Check;
  /** The modes in which the kernel takes it; without them all (drivers/net/bonding/bond_options.c). */
  modes?: readonly string[];
  /** Only with this one, which is not zero. */
  needs?: string;
}

/** The options of ifenslave, and what else the kernel has, each the kernel's word behind `bond-`. */
const settings: Readonly<Record<string, Setting>> = Object.fromEntries(
  (
    [
      ['mode', oneOf(...modes)],
      ['miimon', milliseconds],
      ['updelay', milliseconds, { needs: 'bond-miimon' }],
      ['downdelay', milliseconds, { needs: 'bond-miimon' }],
      ['peer_notify_delay', wholeNumber(0, 300_000, 'milliseconds'), { needs: 'bond-miimon' }],
      ['use_carrier', oneOf('0', '1')],
      ['arp_interval', milliseconds, { modes: modes.slice(0, 4), needs: 'bond-arp-ip-target' }],
      ['arp_ip_target', targets],
      ['arp_missed_max', wholeNumber(1, 255)],
      [
        'arp_validate',
        oneOf('none', 'active', 'backup', 'all', 'filter', 'filter_active', 'filter_backup'),
        { modes: modes.slice(0, 4) },
      ],
      ['arp_all_targets', oneOf('any', 'all')],
      ['primary_reselect', oneOf('always', 'better', 'failure'), { modes: withActive }],
      ['fail_over_mac', oneOf('none', 'active', 'follow')],
      ['xmit_hash_policy', oneOf('layer2', 'layer3+4', 'layer2+3', 'encap2+3', 'encap3+4', 'vlan+srcmac')],
      ['resend_igmp', wholeNumber(0, 255)],
      ['num_grat_arp', wholeNumber(0, 255)],
      ['all_slaves_active', oneOf('0', '1')],
      ['min_links', wholeNumber(0, most)],
      ['lp_interval', wholeNumber(1, most, 'seconds')],
      ['packets_per_slave', wholeNumber(0, 65_535), { modes: ['balance-rr'] }],
      ['tlb_dynamic_lb', oneOf('0', '1'), { modes: ['balance-tlb', 'balance-alb'] }],
      ['lacp_active', oneOf('off', 'on'), { modes: ['802.3ad'] }],
      ['lacp_rate', oneOf('slow', 'fast'), { modes: ['802.3ad'] }],
      ['ad_select', oneOf('stable', 'bandwidth', 'count')],
      ['ad_actor_sys_prio', wholeNumber(1, 65_535), { modes: ['802.3ad'] }],
      ['ad_actor_system', hardwareAddress, { modes: ['802.3ad'] }],
      ['ad_user_port_key', wholeNumber(0, 1023), { modes: ['802.3ad'] }],
    ] as [string, Check, Partial<Setting>?][]
  ).map(([word, check, more]) => [`bond-${word.replaceAll('_', '-')}`, { word, check, ...more }]),
);

/** Other names of the same: the kernel has one counter for both protocols. */
const aliases: Readonly<Record<string, string>> = {
  'bond-num-unsol-na': 'bond-num-grat-arp',
  slaves: 'bond-slaves',
  'bond-members': 'bond-slaves',
};

/** ifenslave's name, its former one, and that of ifupdown-ng. */
const slaveLists = ['bond-slaves', 'slaves', 'bond-members'];

/** What a stanza says of a bond, checked. */
export interface Bond {
  /** In the words of a list of members. */
  slaves: readonly string[];
  /** The kernel's words and values, in an order that it takes. */
  settings: readonly (readonly [word: string, value: string])[];
  /** Of these the first that is a slave. */
  primary: readonly string[];
  /** The slave that is to be active when the bond comes up. */
  active?: string;
  /** Queue of a slave, by its name. */
  queues: Readonly<Record<string, string>>;
}

/** With other names made one, what the configuration says beneath what the stanza does, and `defaults` beneath both. */
export function bondOptions(options: OptionValues, defaults: OptionValues): OptionValues {
  const all = new Map(isBond(options) ? defaults : []);
  for (const isBeneath of [true, false]) {
    const layer = new Map([...options].filter(([, { beneath = false }]) => beneath === isBeneath));
    for (const [name, option] of layer) {
      const known = aliases[name] ?? name;
      if (known === name || !layer.has(known)) all.set(known, option);
    }
  }
  return all;
}

/** As ifenslave has it: who names a mode or slaves is a bond. */
export function isBond(options: OptionValues): boolean {
  if (options.get('bond-master')?.value.trim()) return false;
  return [...slaveLists, 'bond-mode'].some(name => options.get(name)?.value.trim());
}

/** Throws an Error with place, option and what was expected. */
export function readBond(options: OptionValues): Bond {
  refuseUnknown(options);
  const values = new Map<string, string>();
  for (const [name, { check }] of Object.entries(settings)) {
    const value = checkedOption(options, name, check);
    if (value !== undefined) values.set(name, value);
  }
  refuseContradictions(options, values);
  const active = options.get('bond-active-slave')?.value.trim() || undefined;
  return {
    slaves: slavesIn(options),
    settings: [...values].map(([name, value]) => [settings[name]!.word, value] as const),
    primary: wordsOf(options.get('bond-primary')?.value ?? ''),
    ...(active !== undefined && active !== 'none' && { active }),
    queues: queuesIn(options),
  };
}

/** `all` stands for those whose names begin with `eth`. */
export function slavesIn(options: OptionValues): string[] {
  const list = bondOptions(options, new Map()).get('bond-slaves');
  return wordsOf(list?.value ?? '').flatMap(word => {
    if (word === 'none') return [];
    return word === 'all' ? ['regex', 'eth.*', 'noregex'] : [word];
  });
}

const others = [
  'bond-slaves',
  'bond-primary',
  'bond-active-slave',
  'bond-queue-id',
  'bond-master',
  'bond-give-a-chance',
];

function refuseUnknown(options: OptionValues): void {
  for (const [name, { place }] of options) {
    if (!name.startsWith('bond-') || name in settings || others.includes(name)) continue;
    throw new Error(`${place}: there is no option ${name}`);
  }
}

function refuseContradictions(options: OptionValues, values: ReadonlyMap<string, string>): void {
  const isSet = (name: string) => !['0', 'none'].includes(values.get(name) ?? '0');
  const mode = values.get('bond-mode') ?? modes[0];
  const refuse = (name: string, reason: string): never => {
    throw new Error(`${options.get(name)?.place}: ${name}: ${reason}`);
  };
  for (const name of values.keys()) {
    const { modes: fitting, needs } = settings[name]!;
    if (fitting !== undefined && isSet(name) && !fitting.includes(mode))
      refuse(name, `belongs to the mode ${fitting.join(', ')}; the mode is ${mode}`);
    if (needs !== undefined && isSet(name) && !isSet(needs)) refuse(name, `expected ${needs} beside it`);
  }
  if (isSet('bond-arp-interval') && isSet('bond-miimon'))
    refuse('bond-arp-interval', 'expected either this or bond-miimon: the kernel watches links in one way');
  for (const name of ['bond-primary', 'bond-active-slave']) {
    if (options.get(name)?.value.trim() && !withActive.includes(mode))
      refuse(name, `belongs to the mode ${withActive.join(', ')}; the mode is ${mode}`);
  }
}

/** `eth0:1 eth1:2` */
function queuesIn(options: OptionValues): Record<string, string> {
  const option = options.get('bond-queue-id');
  const queues: Record<string, string> = {};
  for (const word of wordsOf(option?.value ?? '')) {
    const [, slave, queue] = /^(.+):(\d{1,5})$/.exec(word) ?? [];
    if (slave === undefined || Number(queue) > 65_535)
      throw new Error(`${option?.place}: bond-queue-id '${word}': expected SLAVE:NUMBER, up to 65535`);
    queues[slave] = String(Number(queue));
  }
  return queues;
}
