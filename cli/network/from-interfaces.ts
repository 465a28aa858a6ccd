import type { InterfaceStanza, Interfaces } from '../../plugins/interfaces/parse/model.ts';
import {
  addressText,
  contains,
  networkOf,
  parseAddress,
  parseLength,
} from '../../plugins/network-file/language/addresses.ts';
import { quotedText } from '../../plugins/network-file/language/syntax.ts';
import { isInterfaceName, readHardwareAddress } from '../../plugins/network-file/language/values.ts';
import { valueText, type Written } from './writer.ts';

/** What was written, and sentences about what could not be. */
export interface Imported {
  blocks: Written[];
  left: string[];
}

/** A network file that says what an interfaces(5) file says: a network for each link. */
export function fromInterfaces({ classes, stanzas, mappings }: Interfaces): Imported {
  const left = mappings.map(({ patterns }) => `mapping ${patterns.join(' ')}: a network file has none`);
  const networks = new Map<string, Written>();
  const routes: Written[] = [];
  const names = new Set(stanzas.map(({ name }) => name));
  for (const name of names) {
    const own = stanzas.filter(stanza => stanza.name === name && stanza.method !== 'loopback');
    if (own.length === 0) continue;
    if (!isInterfaceName(name)) {
      left.push(`iface ${name}: no name of an interface`);
      continue;
    }
    const link = name.replace(/:.*/, '');
    const network = networks.get(link) ?? { head: `network ${quotedText(link)}`, options: [], inner: [] };
    networks.set(link, network);
    const options = own.flatMap(stanza => optionsOf(stanza, left, routes));
    const when = classOf(name, classes);
    network.inner!.push({ head: `interface ${quotedText(name)}`, options: [...options, ...when] });
  }
  for (const [word, entries] of classes)
    if (word !== 'auto' && word !== 'hotplug')
      left.push(`allow-${word} ${entries.join(' ')}: a network file has no such class`);
  return { blocks: [...networks.values(), ...routes], left };
}

function classOf(name: string, classes: ReadonlyMap<string, readonly string[]>): string[] {
  if (classes.get('auto')?.includes(name)) return [];
  return classes.get('hotplug')?.includes(name) ? ['enabled hotplug'] : ['enabled false'];
}

/** Words of the network file for the usual methods; any other is named, with its options as they are. */
function optionsOf(stanza: InterfaceStanza, left: string[], routes: Written[]): string[] {
  const { family, method, name } = stanza;
  if (family === 'inet' || family === 'inet6')
    return new StanzaWriter(stanza, family, left, routes).options();
  left.push(`iface ${name} ${family} ${method}: a network file is about IPv4 and IPv6`);
  return [];
}

const words: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  inet: { dhcp: 'dhcp', bootp: 'bootp', manual: 'none', ipv4ll: 'linklocal' },
  inet6: { auto: 'auto', dhcp: 'dhcp', manual: 'none' },
};

class StanzaWriter {
  readonly #stanza: InterfaceStanza;
  readonly #left: string[];
  readonly #routes: Written[];
  readonly #number: 4 | 6;
  readonly #told: string[] = [];
  /** Options that have been said in the file's own words. */
  readonly #used = new Set<string>();

  constructor(stanza: InterfaceStanza, family: 'inet' | 'inet6', left: string[], routes: Written[]) {
    this.#stanza = stanza;
    this.#left = left;
    this.#routes = routes;
    this.#number = family === 'inet' ? 4 : 6;
  }

  options(): string[] {
    const { family, method } = this.#stanza;
    const word = words[family]?.[method];
    if (method === 'static') this.#static();
    else if (method === 'v4tunnel' && this.#has('address', 'endpoint')) this.#tunnel();
    else if (method === 'ppp' && this.#has('provider'))
      this.#tell('addressv4 dynamical', `provider ${quotedText(this.#take('provider')!)}`);
    else
      this.#tell(word === undefined ? `methodv${this.#number} ${method}` : `addressv${this.#number} ${word}`);
    if (method === 'static' || word !== undefined) this.#link();
    if (method === 'dhcp' && this.#has('metric')) this.#tell(`metric ${this.#take('metric')}`);
    this.#rest();
    return this.#told;
  }

  #tell(...options: string[]): void {
    this.#told.push(...options);
  }

  #has(...options: string[]): boolean {
    return options.every(option => this.#stanza.options.get(option) !== undefined);
  }

  #take(option: string): string | undefined {
    this.#used.add(option);
    return this.#stanza.options.get(option)?.value;
  }

  #static(): void {
    const number = this.#number;
    const value = (option: string) => this.#stanza.options.get(option)?.value;
    const mask = value('netmask');
    const addresses = (value('address') ?? '').split(/\s+/).flatMap(each => {
      const [host = '', own = mask] = each.split('/');
      const address = parseAddress(host);
      return address === undefined
        ? []
        : [{ address, length: own === undefined ? undefined : parseLength(own, number) }];
    });
    // What is none of the usual is left as it is.
    if (addresses.length === 0 || addresses.some(({ address }) => address.family !== number)) {
      this.#tell(`methodv${number} static`);
      return;
    }
    this.#take('address');
    this.#take('netmask');
    for (const { address, length } of addresses)
      this.#tell(`addressv${number} ${addressText(address)}${length === undefined ? '' : `/${length}`}`);
    if (number === 4 && parseAddress(value('broadcast') ?? '') !== undefined)
      this.#tell(`broadcastv4 ${this.#take('broadcast')}`);
    if (parseAddress(value('pointopoint') ?? '') !== undefined)
      this.#tell(`ptpaddressv${number} ${this.#take('pointopoint')}`);
    const gateway = parseAddress(value('gateway') ?? '');
    if (gateway === undefined) return;
    this.#take('gateway');
    const metric = this.#take('metric');
    const isNear = addresses.some(
      ({ address, length }) => length !== undefined && contains(networkOf(address, length), gateway),
    );
    this.#routes.push({
      head: 'route default',
      options: [
        `gatewayv${number} ${addressText(gateway)}`,
        ...(metric === undefined ? [] : [`metric ${metric}`]),
        ...(isNear ? [] : [`interface ${quotedText(this.#stanza.name)}`]),
      ],
    });
  }

  #tunnel(): void {
    const length = this.#take('netmask');
    this.#tell(
      `addressv6 ${this.#take('address')}${length === undefined ? '' : `/${length}`}`,
      `tunneldest ${this.#take('endpoint')}`,
    );
  }

  /** A label has no link of its own: there they stay options. */
  #link(): void {
    if (this.#stanza.name.includes(':')) return;
    const mtu = this.#stanza.options.get('mtu')?.value;
    if (mtu !== undefined && /^\d+$/.test(mtu)) this.#tell(`mtu ${this.#take('mtu')}`);
    const address = this.#stanza.options.get('hwaddress')?.value.replace(/^ether /, '');
    if (address !== undefined && readHardwareAddress(address) !== undefined) {
      this.#take('hwaddress');
      this.#tell(`hwaddress ${address}`);
    }
  }

  #rest(): void {
    const { name, family, options } = this.#stanza;
    for (const { name: option, value } of options) {
      if (this.#used.has(option)) continue;
      for (const line of value.split('\n')) {
        const isSayable =
          !/[\x00-\x1f\x7f]/.test(line) && line.length <= 3000 && /^[A-Za-z0-9_-]{1,64}$/.test(option);
        if (isSayable) this.#tell(`optionv${this.#number} ${option} ${valueText(line)}`);
        else this.#left.push(`iface ${name} ${family}: the option ${option} cannot be written`);
      }
    }
  }
}
