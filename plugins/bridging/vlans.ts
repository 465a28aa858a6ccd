import { checkedOption, type OptionValues, wholeNumber, wordsOf } from 'netconf/plugin';

/** VLANs of a port: those that it carries tagged, and the one of what comes without a tag. */
export interface Vlans {
  ranges: readonly Range[];
  /** 0: nothing without a tag. Undefined: as the bridge has it, 1. */
  untagged?: number;
  /** By port. */
  portRanges: Readonly<Record<string, readonly Range[]>>;
  portUntagged: Readonly<Record<string, number>>;
}

type Range = readonly [first: number, last: number];

const id = wholeNumber(1, 4094);

/**
 * `bridge_vids`, `bridge_pvid`, `bridge_access` and `bridge_allow_untagged`, of a bridge or in a port's own stanza, and
 * `bridge_port_vids` and `bridge_port_pvids`, `PORT=…`. Throws an Error with place and what was expected.
 */
export function vlansIn(options: OptionValues): Vlans {
  const access = checkedOption(options, 'bridge-access', id);
  const pvid = access ?? checkedOption(options, 'bridge-pvid', id);
  const refusesUntagged = /^(no|off|0|false)$/i.test(
    options.get('bridge-allow-untagged')?.value.trim() ?? '',
  );
  const untagged = pvid === undefined ? (refusesUntagged ? 0 : undefined) : Number(pvid);
  return {
    ranges:
      access === undefined ? rangesIn(options, 'bridge-vids', options.get('bridge-vids')?.value ?? '') : [],
    ...(untagged !== undefined && { untagged }),
    portRanges: Object.fromEntries(
      assignments(options, 'bridge-port-vids').map(([port, text]) => [
        port,
        rangesIn(options, 'bridge-port-vids', text),
      ]),
    ),
    portUntagged: Object.fromEntries(
      assignments(options, 'bridge-port-pvids').map(([port, text]) => {
        if (id.read(text) === undefined) throw expected(options, 'bridge-port-pvids', `${port}=${text}`);
        return [port, Number(text)];
      }),
    ),
  };
}

/** As `bridge -compressvlans vlan show` has them, for all ports or for one of them; empty where nothing is said. */
export function vlanLines({ ranges, untagged, portRanges, portUntagged }: Vlans, port = ''): string {
  const own = portRanges[port] ?? ranges;
  const without = portUntagged[port] ?? untagged;
  if (own.length === 0 && without === undefined) return '';
  const one = without ?? 1;
  const around = ([first, last]: Range): Range[] => {
    const sides: Range[] = [
      [first, Math.min(last, one - 1)],
      [Math.max(first, one + 1), last],
    ];
    return one < first || one > last ? [[first, last]] : sides.filter(([from, to]) => from <= to);
  };
  const all: { range: Range; flags: string }[] = own.flatMap(around).map(range => ({ range, flags: '' }));
  if (one > 0) all.push({ range: [one, one], flags: ' PVID Egress Untagged' });
  all.sort((a, b) => a.range[0] - b.range[0]);
  return all
    .map(({ range: [from, to], flags }) => `${from === to ? from : `${from}-${to}`}${flags}`)
    .join('\n');
}

/** `2-4 7 9,10`, in order and joined where they touch. */
function rangesIn(options: OptionValues, name: string, text: string): Range[] {
  const all = text.split(/[\s,]+/).flatMap((word): Range[] => {
    if (word === '') return [];
    const [, first, last = first] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(word) ?? [];
    const range: Range = [Number(first), Number(last)];
    if (first === undefined || range[0] < 1 || range[1] > 4094 || range[0] > range[1])
      throw expected(options, name, word);
    return [range];
  });
  all.sort((a, b) => a[0] - b[0]);
  const joined: Range[] = [];
  for (const [first, last] of all) {
    const before = joined.at(-1);
    if (before !== undefined && first <= before[1] + 1)
      joined[joined.length - 1] = [before[0], Math.max(before[1], last)];
    else joined.push([first, last]);
  }
  return joined;
}

function assignments(options: OptionValues, name: string): [port: string, text: string][] {
  return wordsOf(options.get(name)?.value ?? '').map(word => {
    const at = word.indexOf('=');
    if (at < 1) throw expected(options, name, word);
    return [word.slice(0, at), word.slice(at + 1)];
  });
}

function expected(options: OptionValues, name: string, word: string): Error {
  const place = options.get(name)?.place;
  const form = name.startsWith('bridge-port') ? 'PORT=VLAN, VLANs' : 'VLANs';
  return new Error(`${place}: ${name} '${word}': expected ${form} from 1 to 4094, such as 10 or 20-29`);
}
