import { readFileSync } from 'node:fs';
import { parseAddress } from './addresses.ts';

/** What names in rules stand for: ports of services(5), protocols, and addresses of hosts(5). */
export interface Names {
  /** The port of a service, for a protocol or, without one, for tcp or else udp. */
  port(service: string, protocol: string | undefined): number | undefined;
  /** All names of services. */
  services(): Iterable<string>;
  /** Addresses of a host. */
  host(name: string): readonly string[];
}

/** Characters that a file of the system may have. */
const largest = 4 * 1024 * 1024;

/**
 * Names as the machine's files have them, read when the first is asked for. Name servers are not asked: rules are in force
 * before there is a network to ask over, and must not change with an answer from it.
 */
export function systemNames(directory = '/etc'): Names {
  let services: Map<string, number> | undefined;
  let hosts: Map<string, string[]> | undefined;
  const known = () => {
    services ??= parseServices(read(`${directory}/services`));
    return services;
  };
  return {
    port: (service, protocol) => {
      const named = (each: string) => known().get(`${service}/${each}`);
      return protocol === undefined ? (named('tcp') ?? named('udp')) : named(protocol);
    },
    services: () => new Set([...known().keys()].map(key => key.slice(0, key.indexOf('/')))),
    host: name => {
      hosts ??= parseHosts(read(`${directory}/hosts`));
      return hosts.get(name.toLowerCase()) ?? [];
    },
  };
}

/** `NAME/PROTOCOL` to the port. `www` has been called `http` since 2005: the one stands for the other. */
function parseServices(text: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [name, port = '', ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
    const [, number, protocol] = /^(\d{1,5})\/([a-z0-9]+)$/.exec(port) ?? [];
    if (name === undefined || number === undefined || protocol === undefined) continue;
    for (const each of [name, ...aliases])
      if (!found.has(`${each}/${protocol}`)) found.set(`${each}/${protocol}`, Number(number));
  }
  for (const [old, name] of Object.entries(usual)) if (!found.has(old)) found.set(old, name);
  return found;
}

/** What everybody knows, also where netbase is not installed. */
const usual: Readonly<Record<string, number>> = {
  'ftp/tcp': 21,
  'ssh/tcp': 22,
  'telnet/tcp': 23,
  'smtp/tcp': 25,
  'domain/tcp': 53,
  'domain/udp': 53,
  'www/tcp': 80,
  'http/tcp': 80,
  'pop3/tcp': 110,
  'ntp/udp': 123,
  'imap/tcp': 143,
  'https/tcp': 443,
};

function parseHosts(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (parseAddress(address) === undefined) continue;
    for (const name of names)
      found.set(name.toLowerCase(), [...(found.get(name.toLowerCase()) ?? []), address]);
  }
  return found;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(0, largest);
  } catch {
    return '';
  }
}
