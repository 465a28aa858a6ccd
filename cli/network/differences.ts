import type { Stanza } from 'netconf/plugin';
import type { Unit } from '../../plugins/network-file/units.ts';
import type { AddressNow, Kernel, LinkNow } from './kernel.ts';

/** One thing in which the kernel is not as the network file has it. */
export interface Difference {
  interface: string;
  /** `missing`: declared, and not there. `different`: there, but otherwise. `extra`: there, and not declared. */
  kind: 'missing' | 'different' | 'extra';
  what: string;
  /** FILE:LINE, where it is declared. */
  place?: string;
}

/** Pure: what is declared, what the kernel has, and the bandwidth of links that are limited. */
export function differencesOf(
  units: readonly Unit[],
  { links, routes }: Kernel,
  limits: ReadonlyMap<string, number>,
): Difference[] {
  const byName = new Map(links.map(link => [link.ifname, link]));
  const declared = new Set(
    units.flatMap(({ name, stanzas }) => routesOf(stanzas).map(({ text }) => `${name} ${text}`)),
  );
  const found = units.flatMap(unit => {
    const link = byName.get(unit.name);
    const place = unit.stanzas[0]?.place;
    if (link === undefined) {
      // Who comes and goes is not missed.
      const isMissed = unit.classes.includes('auto');
      return isMissed
        ? [{ interface: unit.name, kind: 'missing', what: 'link', ...placed(place) } satisfies Difference]
        : [];
    }
    const own = routes.filter(({ dev }) => dev === unit.name).map(route => routeText(route));
    return [
      ...linkDifferences(unit, link, limits.get(unit.name)),
      ...portDifferences(unit, byName),
      ...addressDifferences(unit, link),
      ...routeDifferences(unit, own),
    ];
  });
  const extra = routes
    .filter(
      route =>
        route.protocol === '110' &&
        route.dev !== undefined &&
        !declared.has(`${route.dev} ${routeText(route)}`),
    )
    .map(
      (route): Difference => ({ interface: route.dev!, kind: 'extra', what: `route ${routeText(route)}` }),
    );
  // A lease's are netconf's, too.
  const leased = new Set(
    units.filter(({ stanzas }) => stanzas.some(({ method }) => method === 'dhcp')).map(({ name }) => name),
  );
  return [...found, ...extra.filter(({ interface: on }) => !leased.has(on))];
}

function linkDifferences(
  { name, stanzas }: Unit,
  { flags, mtu, address }: LinkNow,
  limit: number | undefined,
): Difference[] {
  const flag = (is: boolean) => (is ? 'on' : 'off');
  const now: Readonly<Record<string, string | undefined>> = {
    mtu: String(mtu),
    hwaddress: address,
    arp: flag(!flags.includes('NOARP')),
    allmulti: flag(flags.includes('ALLMULTI')),
    bandwidth: limit === undefined ? 'unlimited' : String(limit),
  };
  const found = Object.entries(now).flatMap(([option, value]): Difference[] => {
    const stanza = stanzas.find(({ options }) => options.some(([each]) => each === option));
    const wanted = optionOf(stanzas, option);
    if (stanza === undefined || wanted === undefined || wanted === value || wanted === 'random') return [];
    // tc keeps bytes.
    if (option === 'bandwidth' && limit !== undefined && Math.abs(limit - Number(wanted)) <= 8) return [];
    return [
      {
        interface: name,
        kind: 'different',
        what: `${option} ${wanted}: it is ${value}`,
        ...placed(stanza.place),
      },
    ];
  });
  if (flags.includes('UP')) return found;
  return [
    { interface: name, kind: 'different', what: 'link up: it is down', ...placed(stanzas[0]?.place) },
    ...found,
  ];
}

function portDifferences({ name, stanzas }: Unit, links: ReadonlyMap<string, LinkNow>): Difference[] {
  const ports = (optionOf(stanzas, 'bridge_ports') ?? '').split(' ').filter(port => port !== '');
  return ports.flatMap(port =>
    links.get(port)?.master === name
      ? []
      : [
          {
            interface: name,
            kind: 'missing',
            what: `port ${port}`,
            ...placed(stanzas[0]?.place),
          } satisfies Difference,
        ],
  );
}

function addressDifferences({ name, stanzas }: Unit, { addr_info: now = [] }: LinkNow): Difference[] {
  const differences: Difference[] = [];
  const wanted = new Set<string>();
  for (const { family, options, place, method } of stanzas) {
    const values = (option: string) => options.filter(([each]) => each === option).map(([, value]) => value);
    const [peer] = values('pointopoint');
    for (const text of values('address')) {
      const key = peer === undefined ? text : `${text.split('/')[0]} peer ${peer}`;
      wanted.add(key);
      const [broadcast] = values('broadcast');
      const found = now.find(each => keyOf(each) === key);
      if (found === undefined)
        differences.push({ interface: name, kind: 'missing', what: `address ${key}`, ...placed(place) });
      else if (broadcast !== undefined && found.broadcast !== broadcast)
        differences.push({
          interface: name,
          kind: 'different',
          what: `broadcast ${broadcast} of ${text}: it is ${found.broadcast ?? 'none'}`,
          ...placed(place),
        });
    }
    const isFound = ['dhcp', 'bootp', 'auto', 'ppp', 'ipv4ll'].includes(method);
    if (
      isFound &&
      !now.some(
        each =>
          each.family === family &&
          !wanted.has(keyOf(each)) &&
          (each.scope !== 'link' || method === 'ipv4ll'),
      )
    )
      differences.push({
        interface: name,
        kind: 'missing',
        what: `an address by ${method}`,
        ...placed(place),
      });
  }
  for (const each of now) {
    const isOpen = stanzas.some(
      ({ family, method }) => family === each.family && method !== 'static' && method !== 'manual',
    );
    if (each.scope === 'link' || each.dynamic || isOpen || wanted.has(keyOf(each)) || name === 'lo') continue;
    differences.push({ interface: name, kind: 'extra', what: `address ${keyOf(each)}` });
  }
  return differences;
}

function keyOf({ local, prefixlen, address }: AddressNow): string {
  return address === undefined ? `${local}/${prefixlen}` : `${local} peer ${address}`;
}

function routeDifferences({ name, stanzas }: Unit, now: readonly string[]): Difference[] {
  return routesOf(stanzas).flatMap(({ text, place }) =>
    now.includes(text) || / table /.test(text)
      ? []
      : [{ interface: name, kind: 'missing', what: `route ${text}`, ...placed(place) } satisfies Difference],
  );
}

function routesOf(stanzas: readonly Stanza[]): { text: string; place: string | undefined }[] {
  return stanzas.flatMap(({ options, place, family }) =>
    options
      .filter(([name]) => name === 'routes' || name === 'ways')
      .map(([, value]) => ({ text: usual(value, family), place })),
  );
}

/** As the kernel prints it: a host without its length, IPv6 with the metric that it has anyway. */
function usual(text: string, family: string): string {
  const plain = text.replace(/^(\S+)\/(32|128)\b/, (all, host: string, length: string) =>
    length === (family === 'inet' ? '32' : '128') ? host : all,
  );
  return family === 'inet6' && !plain.includes(' metric ')
    ? plain.replace(/( table | src |$)/, ' metric 1024$1')
    : plain;
}

function routeText({
  dst,
  gateway,
  metric,
  prefsrc,
}: {
  dst: string;
  gateway?: string;
  metric?: number;
  prefsrc?: string;
}): string {
  return [
    dst,
    ...(gateway === undefined ? [] : ['via', gateway]),
    ...(metric === undefined ? [] : ['metric', String(metric)]),
    ...(prefsrc === undefined ? [] : ['src', prefsrc]),
  ].join(' ');
}

export function optionOf(stanzas: readonly Stanza[], option: string): string | undefined {
  return stanzas.flatMap(({ options }) => options.filter(([name]) => name === option)).at(0)?.[1];
}

function placed(place: string | undefined): { place?: string } {
  return place === undefined ? {} : { place };
}
