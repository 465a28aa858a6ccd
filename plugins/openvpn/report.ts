import { readFileSync, statSync } from 'node:fs';
import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { VpnData } from 'netconf/plugin';

/** What one family has within the tunnel. */
export interface Inside {
  /** `10.8.0.2/24`, or an address alone with a peer. */
  address: string;
  peer?: string;
  /** Lines as the method `static` takes them. */
  routes: readonly string[];
}

/** What an OpenVPN has agreed with its peer on: the environment of its route-up script, all of it checked. */
export interface Pushed {
  inet?: Inside;
  inet6?: Inside;
  mtu?: number;
  /** The peer within. */
  gateway?: string;
  /** Where the peer is. */
  server?: string;
  port?: number;
  protocol?: 'udp' | 'tcp';
  dns: readonly string[];
  search: readonly string[];
  domain?: string;
  /** What was pushed and cannot be used, with the reason. */
  refused: readonly string[];
}

/** Bytes: certificates' names are in it, and each route in three lines. */
const largest = 1_048_576;
const mostRoutes = 1000;
const mostNames = 32;

/** What the report script has written; undefined where there is none that can be read. */
export function readReport(path: string): Record<string, string> | undefined {
  try {
    if (statSync(path).size > largest) return undefined;
    const pairs = readFileSync(path, 'utf8')
      .split('\0')
      .map(pair => /^([A-Za-z0-9_]+)=(.*)$/s.exec(pair));
    return Object.fromEntries(pairs.flatMap(pair => (pair === null ? [] : [[pair[1]!, pair[2]!]])));
  } catch {
    return undefined;
  }
}

/** openvpn(8), "Environmental variables". Peers say most of it: what is no address, number or name is refused. */
export function pushedIn(variables: Readonly<Record<string, string>>): Pushed {
  const refused: string[] = [];
  const names = namesIn(variables, refused);
  const inet = insideIPv4(variables, refused);
  const inet6 = insideIPv6(variables, refused);
  const mtu = Number(variables.tun_mtu);
  const server = variables.trusted_ip ?? variables.trusted_ip6;
  const gateway = variables.route_vpn_gateway ?? '';
  const port = Number(variables.trusted_port);
  const protocol = /^(udp|tcp)/.exec(variables.proto_1 ?? '')?.[1] as 'udp' | 'tcp' | undefined;
  return {
    ...names,
    ...(inet !== undefined && { inet }),
    ...(inet6 !== undefined && { inet6 }),
    ...(Number.isSafeInteger(mtu) && mtu >= 576 && mtu <= 65_535 && { mtu }),
    ...(isIPv4(gateway) && { gateway }),
    ...(server !== undefined && isIP(server) !== 0 && { server }),
    ...(Number.isSafeInteger(port) && port > 0 && port < 65_536 && { port }),
    ...(protocol !== undefined && { protocol }),
    refused,
  };
}

function insideIPv4(variables: Readonly<Record<string, string>>, refused: string[]): Inside | undefined {
  const { ifconfig_local: local, ifconfig_netmask: mask, ifconfig_remote: peer } = variables;
  if (local === undefined) return undefined;
  const length = mask === undefined ? undefined : lengthOf(mask);
  if (!isIPv4(local) || (peer === undefined ? length === undefined : !isIPv4(peer))) {
    refused.push(`the address ${shown(local)} ${shown(mask ?? peer ?? '')}`);
    return undefined;
  }
  const routes = routesIn(variables, 'route_network_', (destination, at) => {
    const netmask = lengthOf(variables[`route_netmask_${at}`] ?? '255.255.255.255');
    return isIPv4(destination) && netmask !== undefined ? `${destination}/${netmask}` : undefined;
  });
  refused.push(...routes.refused);
  const found = { routes: routes.lines(variables, 'route_', isIPv4) };
  return peer === undefined
    ? { address: `${local}/${length}`, ...found }
    : { address: local, peer, ...found };
}

function insideIPv6(variables: Readonly<Record<string, string>>, refused: string[]): Inside | undefined {
  const { ifconfig_ipv6_local: local, ifconfig_ipv6_netbits: netbits = '64' } = variables;
  if (local === undefined) return undefined;
  if (!isIPv6(local) || !/^\d{1,3}$/.test(netbits) || Number(netbits) > 128) {
    refused.push(`the address ${shown(local)}/${shown(netbits)}`);
    return undefined;
  }
  const routes = routesIn(variables, 'route_ipv6_network_', destination => {
    const [address = '', length = '128', more] = destination.split('/');
    const good = isIPv6(address) && /^\d{1,3}$/.test(length) && Number(length) <= 128 && more === undefined;
    return good ? `${address}/${length}` : undefined;
  });
  refused.push(...routes.refused);
  return { address: `${local}/${netbits}`, routes: routes.lines(variables, 'route_ipv6_', isIPv6) };
}

/** The numbered routes of a family: `route_network_1`, with its gateway and metric beside it. */
function routesIn(
  variables: Readonly<Record<string, string>>,
  prefix: string,
  read: (destination: string, at: number) => string | undefined,
) {
  const refused: string[] = [];
  const found: [at: number, destination: string][] = [];
  for (let at = 1; variables[`${prefix}${at}`] !== undefined; at++) {
    const destination = read(variables[`${prefix}${at}`]!, at);
    if (destination === undefined) refused.push(`the route ${shown(variables[`${prefix}${at}`]!)}`);
    else if (found.length < mostRoutes) found.push([at, destination]);
    else {
      refused.push(`routes beyond ${mostRoutes}`);
      break;
    }
  }
  const lines = (
    all: Readonly<Record<string, string>>,
    names: string,
    isAddress: (text: string) => boolean,
  ) =>
    found.map(([at, destination]) => {
      const gateway = all[`${names}gateway_${at}`] ?? '';
      const metric = all[`${names}metric_${at}`] ?? '';
      const via = isAddress(gateway) && !/^(0\.0\.0\.0|::)$/.test(gateway) ? ` via ${gateway}` : '';
      return `${destination}${via}${/^[1-9]\d{0,8}$/.test(metric) ? ` metric ${metric}` : ''}`;
    });
  return { refused, lines };
}

/** Name servers and domains: `foreign_option_1=dhcp-option DNS 10.8.0.53`, and those of OpenVPN 2.6's `dns`. */
function namesIn(variables: Readonly<Record<string, string>>, refused: string[]) {
  const dns: string[] = [];
  const search: string[] = [];
  let domain: string | undefined;
  const server = (address: string) => {
    if (isIP(address) === 0) refused.push(`the name server ${shown(address)}`);
    else if (!dns.includes(address) && dns.length < mostNames) dns.push(address);
  };
  const suffix = (name: string) => {
    if (!isDomain(name)) refused.push(`the domain ${shown(name)}`);
    else if (!search.includes(name) && search.length < mostNames) search.push(name);
  };
  for (let at = 1; variables[`foreign_option_${at}`] !== undefined; at++) {
    const [word, kind = '', value = ''] = variables[`foreign_option_${at}`]!.split(' ');
    if (word !== 'dhcp-option') continue;
    if (kind === 'DNS' || kind === 'DNS6') server(value);
    else if (
      (kind === 'DOMAIN' || kind === 'ADAPTER_DOMAIN_SUFFIX') &&
      domain === undefined &&
      isDomain(value)
    )
      domain = value;
    else if (/^(DOMAIN|DOMAIN-SEARCH|ADAPTER_DOMAIN_SUFFIX)$/.test(kind)) suffix(value);
  }
  for (const [name, value] of Object.entries(variables).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (/^dns_server_\d+_address_\d+$/.test(name)) server(value.replace(/^\[(.*)\]$/, '$1'));
    else if (/^dns_search_domain_\d+$/.test(name)) suffix(value);
  }
  return { dns, search, ...(domain !== undefined && { domain }) };
}

/** What `vpn.up` tells of it. */
export function dataOf(name: string, dev: string, pushed: Pushed): VpnData {
  const { server, port, protocol, dns, search, domain, inet, inet6 } = pushed;
  const addresses = [inet, inet6].flatMap(inside => (inside === undefined ? [] : [inside.address]));
  return {
    name,
    dev,
    server: server ?? '',
    ...(port !== undefined && { port }),
    ...(protocol !== undefined && { protocol }),
    addresses,
    dns: [...dns],
    search: [...search],
    ...(domain !== undefined && { domain }),
  };
}

/** Length of a netmask; undefined where its ones are not in one piece. */
function lengthOf(mask: string): number | undefined {
  if (!isIPv4(mask)) return undefined;
  const bits = mask
    .split('.')
    .map(byte => Number(byte).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : undefined;
}

/** RFC 1123, with the underscore that some have. */
function isDomain(name: string): boolean {
  const labels = name.replace(/\.$/, '').split('.');
  return (
    name.length <= 253 &&
    labels.every(label => /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label))
  );
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}
