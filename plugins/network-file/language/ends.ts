import type { FirewallEnd } from 'netconf/plugin';
import { didYouMean } from '../../../core/base/text/near.ts';
import {
  addressText,
  networkOf,
  parseAddress,
  parseLength,
  prefixText,
  sameAddress,
  widths,
} from './addresses.ts';
import type { Network } from './model.ts';
import { lookUp } from './networks.ts';
import type { Problems } from './problem.ts';
import type { Names } from './services.ts';
import type { Option, Part, Value } from './syntax.ts';

/** Of one protocol, that are remembered. */
const mostPorts = 1000;

type Ports = readonly (readonly [first: number, last: number])[];

/**
 * One end of a rule: `"internal"`, `"internet"/www`, `10.0.0.0/24`, `10.0.0.24/32/8021`, `ftp.example.org/ftp`,
 * `everywhere/ftp`. A number behind an address is a prefix length, behind anything else a port.
 */
export class EndReader {
  readonly #networks: ReadonlyMap<string, Network>;
  readonly #names: Names;
  readonly #problems: Problems;
  /** Ports by protocol and name: rules name the same few again and again. */
  readonly #ports = new Map<string | undefined, Map<string, readonly [number, number] | undefined>>();

  constructor(networks: ReadonlyMap<string, Network>, names: Names, problems: Problems) {
    this.#networks = networks;
    this.#names = names;
    this.#problems = problems;
  }

  /** @param protocol of the rule: services have their ports by it */
  read({ values: [value], not }: Option, protocol: string | undefined): FirewallEnd | undefined {
    if (value === undefined) return undefined;
    const who = this.#who(value);
    if (who === undefined) return undefined;
    const ports = this.#portsOf(who.rest, value, protocol);
    const { end } = who;
    if (not !== undefined) end.not = true;
    if (ports !== undefined) end.ports = ports;
    return end;
  }

  /** A port by its number, the name of its service, or a range of numbers. */
  port(text: string, protocol: string | undefined): readonly [number, number] | undefined {
    const known = this.#ports.get(protocol) ?? new Map<string, readonly [number, number] | undefined>();
    if (known.size === 0) this.#ports.set(protocol, known);
    else if (known.has(text)) return known.get(text);
    const port = this.#read(text, protocol);
    if (known.size < mostPorts) known.set(text, port);
    return port;
  }

  #read(text: string, protocol: string | undefined): readonly [number, number] | undefined {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
    if (first !== undefined) {
      const range = [Number(first), Number(last)] as const;
      return range[0] >= 1 && range[0] <= range[1] && range[1] <= 65_535 ? range : undefined;
    }
    const port = this.#names.port(text, protocol);
    return port === undefined ? undefined : [port, port];
  }

  #who(value: Value): { end: FirewallEnd; rest: readonly Part[] } | undefined {
    const { text, quoted, more: rest } = value;
    if (quoted) {
      const network = lookUp(text, value, this.#networks, this.#problems);
      return network === undefined ? undefined : { end: { network: text }, rest };
    }
    if (text === 'everywhere' || text === 'any') return { end: {}, rest };
    const address = parseAddress(text);
    if (address !== undefined) {
      const [mask] = rest;
      const length = mask === undefined || mask.quoted ? undefined : parseLength(mask.text, address.family);
      if (length === undefined) return { end: { addresses: [addressText(address)] }, rest };
      const prefix = networkOf(address, length);
      if (!sameAddress(prefix, address))
        this.#problems.error(
          value,
          `${text}/${mask!.text} has bits of a host: the network is ${prefixText(prefix)}`,
        );
      const isHost = length === widths[address.family];
      return {
        end: { addresses: [isHost ? addressText(address) : prefixText(prefix)] },
        rest: rest.slice(1),
      };
    }
    return this.#host(value);
  }

  #host(value: Value): { end: FirewallEnd; rest: readonly Part[] } | undefined {
    const { text, more: rest } = value;
    const addresses = this.#names.host(text);
    if (addresses.length > 0) return { end: { addresses }, rest };
    if (this.#networks.has(text))
      this.#problems.error(
        value,
        `${text} is neither an address nor a host`,
        `a network stands in quotes: "${text}"`,
      );
    else if (/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text) && !/^[\d.]+$/.test(text)) {
      const hint =
        didYouMean(text, ['everywhere']) ??
        'rules are in force before there is a name server to ask: write the address, or add the host to /etc/hosts';
      this.#problems.error(value, `the host ${text} is not in /etc/hosts`, hint);
    } else
      this.#problems.error(
        value,
        `${text} is no address`,
        'expected: a network in quotes, an address, a host or everywhere',
      );
    return undefined;
  }

  #portsOf([part, ...more]: readonly Part[], value: Value, protocol: string | undefined): Ports | undefined {
    if (part === undefined) return undefined;
    if (more.length > 0) this.#problems.error(value, `nothing can follow the service ${part.text}`);
    const ports: (readonly [number, number])[] = [];
    const words = part.text.includes(',') ? part.text.split(',') : [part.text];
    for (const each of words) {
      const port = this.port(each, protocol);
      if (port !== undefined) {
        ports.push(port);
        continue;
      }
      const isNumber = /^\d/.test(each);
      const other = isNumber ? undefined : this.#names.port(each, undefined);
      if (other !== undefined && protocol !== undefined)
        this.#problems.error(value, `the service ${each} is none of ${protocol}`);
      else if (isNumber)
        this.#problems.error(
          value,
          `${each} is no port`,
          'expected: a number from 1 to 65535, or two with - between',
        );
      else
        this.#problems.error(
          value,
          `there is no service ${each} in /etc/services`,
          didYouMean(each, this.#names.services()),
        );
    }
    return ports;
  }
}
