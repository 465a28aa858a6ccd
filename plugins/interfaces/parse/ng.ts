import { type IfaceLine, readIfaceLine } from './iface-line.ts';
import type { InterfaceStanza, Interfaces } from './model.ts';
import { type Option, Options } from './options.ts';
import { cutWord } from './text.ts';

/**
 * The dialect of ifupdown-ng 0.11 and ifupdown2 3.0, as far as it says something else than interfaces(5): `iface NAME`
 * without family and method, `template NAME`, `inherit NAME` within a stanza, `use EXECUTOR`, several addresses of
 * both families in one stanza, `point-to-point`, `alias`. What has no equal here (ranges of names, Mako templates,
 * executors other than dhcp, loopback and ipv6-ra) is kept as an option.
 */
export interface NgLine {
  begin?: IfaceLine;
  inherit?: string;
  /** The line as interfaces(5) has it. */
  option?: string;
}

const renamed: Readonly<Record<string, string>> = { 'point-to-point': 'pointopoint', alias: 'description' };

/** Undefined for what is as in interfaces(5). */
export function readNgLine(word: string, rest: string, inStanza: boolean): NgLine | undefined {
  const name = cutWord(rest)?.word;
  if (word === 'template' && name !== undefined) return { begin: { name } };
  if (!inStanza || name === undefined) return undefined;
  if (word === 'inherit') return { inherit: name };
  const known = Object.hasOwn(renamed, word) ? renamed[word] : undefined;
  return known === undefined ? undefined : { option: `${known} ${rest}` };
}

/** Family and method may be missing; `finishNg` finds them out. */
export function readNgIfaceLine(text: string): IfaceLine | string {
  const first = cutWord(text);
  const second = cutWord(first?.rest ?? '');
  if (first !== undefined && second === undefined) return { name: first.word };
  const bareFamily = second?.word === 'inet' || second?.word === 'inet6';
  if (first !== undefined && bareFamily && second.rest === '')
    return { name: first.word, family: second.word };
  return readIfaceLine(text);
}

/** Makes stanzas of one family and method each from those that name none. */
export function finishNg(interfaces: Interfaces): void {
  interfaces.stanzas = interfaces.stanzas.flatMap(stanza =>
    stanza.family === '' || stanza.method === '' ? split(stanza) : [stanza],
  );
  interfaces.ownLoopback ||= interfaces.stanzas.some(({ method }) => method === 'loopback');
}

const families = ['inet', 'inet6'] as const;
type Family = (typeof families)[number];

function split(stanza: InterfaceStanza): InterfaceStanza[] {
  const value = (name: string) => stanza.options.get(name)?.value;
  const uses = (value('use') ?? '').split(/\s+/);
  const wanted = families.filter(family => stanza.family === '' || stanza.family === family);
  const kinds = wanted.flatMap(family => {
    const found: [Family, string][] = [];
    if (family === 'inet' && uses.includes('dhcp')) found.push([family, 'dhcp']);
    if (family === 'inet6' && uses.includes('ipv6-ra')) found.push([family, 'auto']);
    if (ofFamily(value('address'), family) !== '') found.push([family, 'static']);
    return found;
  });
  if (kinds.length === 0) {
    const isLoopback = uses.includes('loopback') || (stanza.name === 'lo' && stanza.family === '');
    kinds.push([wanted[0] ?? 'inet', isLoopback ? 'loopback' : 'manual']);
  }
  return kinds.map(([family, method], index) => ({
    ...stanza,
    family,
    method,
    options: optionsOf(stanza, family, method, index === 0),
  }));
}

/** Addresses go with their family; all else, commands too, with the first stanza. */
function optionsOf(stanza: InterfaceStanza, family: Family, method: string, first: boolean): Options {
  const options = new Options();
  const isStatic = method === 'static';
  for (const option of stanza.options) {
    const { name, value, place } = option;
    if (name === 'address' || name === 'gateway' || name === 'netmask') {
      const own = name === 'netmask' ? netmaskOf(value, family) : ofFamily(value, family);
      if (isStatic && own !== '')
        options.set(name, name === 'address' ? withPrefix(own, stanza, family) : own, place);
    } else if (first) {
      copyOption(options, option);
    }
  }
  return options;
}

function copyOption(options: Options, { name, value, place }: Option): void {
  options.set(name, value, place);
}

function ofFamily(values: string | undefined, family: Family): string {
  const all = (values ?? '').split('\n').filter(value => value !== '');
  return all.filter(value => value.includes(':') === (family === 'inet6')).join('\n');
}

function netmaskOf(value: string, family: Family): string {
  if (family === 'inet') return value.includes('.') || Number(value) <= 32 ? value : '';
  return value.includes('.') ? '' : value;
}

/** Without prefix length and netmask ifupdown-ng takes /24 and /64. */
function withPrefix(addresses: string, stanza: InterfaceStanza, family: Family): string {
  if (netmaskOf(stanza.options.get('netmask')?.value ?? '', family) !== '') return addresses;
  const prefix = family === 'inet' ? 24 : 64;
  return addresses
    .split('\n')
    .map(address => (address.includes('/') ? address : `${address}/${prefix}`))
    .join('\n');
}
