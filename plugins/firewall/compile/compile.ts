import { type Prefix, parsePrefix } from '../rules/prefix.ts';
import type { Rule, RuleSet } from '../rules/resolved.ts';
import { rulesOf } from '../rules/stages.ts';
import { masqueradeRules, stageRules, translationRules } from './chain.ts';
import { prefixOf } from './match.ts';
import { type Chain, match, meta, type NftRule, oneOf, payload, plainRule, type Statement } from './nft.ts';
import { type SetOf, Sets } from './sets.ts';
import { type Spoofing, settingsOf } from './settings.ts';

export interface CompileOptions {
  spoofing: Spoofing;
  /** Follow FTP's data connections: the kernel has nf_conntrack_ftp. */
  ftp: boolean;
}

/** What the table is to be. */
export interface Compiled {
  chains: Chain[];
  sets: SetOf[];
  /** Settings of the kernel that go with it. */
  settings: Record<string, number>;
  /** Has a helper for FTP. */
  ftp: boolean;
}

/** Hooks of one kind run in the order of these (linux/netfilter_ipv4.h): before reassembly; after conntrack; then NAT. */
const priority = { fragments: -450, incoming: -150, destination: -100, filter: 0, source: 100 };

/** From rules to chains. Pure. */
export function compile(
  { networks, rules, spoofProtection: isWanted }: RuleSet,
  options: CompileOptions,
): Compiled {
  const sets = new Sets(networks);
  const spoofing = isWanted ? options.spoofing : undefined;
  const chains = [
    ...fragments(rules, sets),
    ...incoming(rules, sets, spoofing, options.ftp),
    ...translation(rules, sets),
    ...forwarding(rules, sets),
    ...own(rules, sets),
    ...sourceAddress(
      rules,
      sets,
      networks.flatMap(({ links }) => links),
    ),
  ];
  return {
    chains,
    settings: settingsOf(rules, sets, spoofing),
    sets: sets.used,
    ftp: options.ftp && rules.length > 0,
  };
}

const accept: Statement = { accept: null };
const drop: Statement = { drop: null };
const toItself = {
  in: plainRule([match(meta('iif'), 'lo')], accept),
  out: plainRule([match(meta('oif'), 'lo')], accept),
};

/** What ARP is to IPv4, which no rule of this table sees either: RFC 4861, from the link alone. */
const neighbourDiscovery = plainRule(
  [
    match(payload('icmpv6', 'type'), {
      set: ['nd-router-solicit', 'nd-router-advert', 'nd-neighbor-solicit', 'nd-neighbor-advert'],
    }),
    match(payload('ip6', 'hoplimit'), 255),
  ],
  accept,
);

function fragments(rules: readonly Rule[], sets: Sets): Chain[] {
  if (rulesOf(rules, 'fragments').length === 0) return [];
  const stage = stageRules(rules, 'fragments', sets, accept);
  return [
    ...stage.chains,
    {
      name: 'fragments',
      hook: { type: 'filter', hook: 'prerouting', prio: priority.fragments, policy: 'accept' },
      rules: [toItself.in, ...stage.rules],
    },
  ];
}

function incoming(rules: readonly Rule[], sets: Sets, spoofing: Spoofing | undefined, ftp: boolean): Chain[] {
  const stage = stageRules(rules, 'incoming', sets, accept);
  const decides = rulesOf(rules, 'incoming').length > 0;
  return [
    ...stage.chains,
    {
      name: 'incoming',
      hook: { type: 'filter', hook: 'prerouting', prio: priority.incoming, policy: 'accept' },
      rules: [
        toItself.in,
        ...spoofProtection(spoofing),
        ...(ftp ? followFtp(rules) : []),
        ...(decides ? [neighbourDiscovery, ...stage.rules] : []),
      ],
    },
  ];
}

function spoofProtection(spoofing: Spoofing | undefined): NftRule[] {
  if (spoofing === undefined || spoofing === 'off') return [];
  const flags = spoofing === 'strict' ? ['saddr', 'iif'] : ['saddr'];
  return [
    {
      ...plainRule([match({ fib: { result: 'oif', flags } }, false)], drop),
      comment: 'spoof protection: no way back to the source',
    },
  ];
}

/** FTP says in its control connection where the data will come from. */
function followFtp(rules: readonly Rule[]): NftRule[] {
  if (rules.length === 0) return [];
  const redirected = rules.flatMap(({ action, to }) =>
    action.kind === 'redirect' && action.port === 21 && to?.not !== true ? (to?.ports ?? []) : [],
  );
  const ports = [...new Set([21, ...redirected.flatMap(([first, last]) => (first === last ? [first] : []))])];
  return [
    plainRule(
      [
        match(meta('l4proto'), 'tcp'),
        match(payload('tcp', 'dport'), oneOf(ports)),
        match({ ct: { key: 'state' } }, 'new', 'in'),
      ],
      { 'ct helper': 'ftp' },
    ),
  ];
}

/** There even if it is empty, as that of source addresses: without them known connections lose their other address. */
function translation(rules: readonly Rule[], sets: Sets): Chain[] {
  if (rules.length === 0) return [];
  const stage = translationRules(rules, sets);
  return [
    ...stage.chains,
    {
      name: 'translation',
      hook: { type: 'nat', hook: 'prerouting', prio: priority.destination, policy: 'accept' },
      rules: stage.rules,
    },
  ];
}

/** Nothing is forwarded that no rule lets through; where no rule is about forwarding, it is not this table's matter. */
function forwarding(rules: readonly Rule[], sets: Sets): Chain[] {
  const forwards = rulesOf(rules, 'forwarding').some(({ action }) => action.kind !== 'accept');
  const leaves = rulesOf(rules, 'outgoing').length > 0;
  if (!forwards && !leaves) return [];
  const pass: Statement = leaves ? { goto: { target: 'outgoing' } } : accept;
  const last = leaves ? stageRules(rules, 'outgoing', sets, accept) : { rules: [], chains: [] };
  const stage = forwards
    ? stageRules(rules, 'forwarding', sets, pass)
    : { rules: [plainRule([], pass)], chains: [] };
  return [
    ...last.chains,
    ...(leaves ? [{ name: 'outgoing', rules: [...last.rules, plainRule([], accept)] }] : []),
    ...stage.chains,
    {
      name: 'forwarding',
      hook: { type: 'filter', hook: 'forward', prio: priority.filter, policy: forwards ? 'drop' : 'accept' },
      rules: [
        ...(forwards ? [plainRule([match({ ct: { key: 'state' } }, 'invalid', 'in')], drop)] : []),
        ...stage.rules,
      ],
    },
  ];
}

function own(rules: readonly Rule[], sets: Sets): Chain[] {
  if (rulesOf(rules, 'own').length === 0) return [];
  const stage = stageRules(rules, 'own', sets, accept);
  // What is marked finds its way anew.
  const isRouted = rulesOf(rules, 'own').some(
    ({ said }) => said.setMark !== undefined || said.setTos !== undefined,
  );
  return [
    ...stage.chains,
    {
      name: 'own',
      hook: { type: isRouted ? 'route' : 'filter', hook: 'output', prio: priority.filter, policy: 'accept' },
      rules: [toItself.out, neighbourDiscovery, ...stage.rules],
    },
  ];
}

function sourceAddress(rules: readonly Rule[], sets: Sets, links: readonly string[]): Chain[] {
  const stage = masqueradeRules(rules, sets);
  const hairpins = [...new Set(links)].length === 0 ? [] : hairpin(rules, [...new Set(links)]);
  if (rules.length === 0) return [];
  return [
    ...stage.chains,
    {
      name: 'source_address',
      hook: { type: 'nat', hook: 'postrouting', prio: priority.source, policy: 'accept' },
      // Own packets have come in by no link, and keep their address.
      rules: [plainRule([match(meta('iif'), 0)], accept), ...hairpins, ...stage.rules],
    },
  ];
}

/** Who is redirected to a host beside it would be answered by that host itself, and know nothing of it. */
function hairpin(rules: readonly Rule[], links: readonly string[]): NftRule[] {
  const targets = rules.flatMap(({ action }) =>
    action.kind === 'redirect' ? (parsePrefix(action.address) ?? []) : [],
  );
  const pairs = { set: links.map(link => ({ concat: [link, link] })) };
  return ([4, 6] as const).flatMap(family => {
    const hosts = unique(targets.filter(target => target.family === family));
    if (hosts.length === 0) return [];
    return [
      plainRule(
        [
          match({ ct: { key: 'status' } }, 'dnat', 'in'),
          match(payload(family === 4 ? 'ip' : 'ip6', 'daddr'), oneOf(hosts.map(prefixOf))),
          match({ concat: [meta('iifname'), meta('oifname')] }, pairs),
        ],
        { masquerade: null },
      ),
    ];
  });
}

function unique(prefixes: readonly Prefix[]): Prefix[] {
  return [...new Map(prefixes.map(prefix => [prefix.bits, prefix])).values()];
}
