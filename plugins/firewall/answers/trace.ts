import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { didYouMean } from '../../../core/base/text/near.ts';
import { decide } from '../model/decide.ts';
import type { Packet } from '../model/packet.ts';
import { addressText, covers, type Prefix, parsePrefix, prefixText, widthOf } from '../rules/prefix.ts';
import { protocolNames, protocolNumbers, tcp, withPorts } from '../rules/protocol.ts';
import { shown } from '../rules/resolve.ts';
import type { Network, RuleSet } from '../rules/resolved.ts';
import type { Firewall } from '../run/firewall.ts';
import { decisionText, type Way, wayText } from '../words/decision.ts';

const asked = v.strictObject({
  /** An address, the name of a network, or `self`. */
  from: v.string(),
  to: v.string(),
  /** Number or name of services(5). */
  port: v.optional(v.string()),
  protocol: v.optional(v.string(), 'tcp'),
});

/** What is wrong with what was asked, and what may have been meant. */
type Wrong = { error: string; hint?: string };

/** What `firewall trace` answers: an error in what was asked, or what becomes of the packet. */
export type Traced = Wrong | { verdict: 'pass' | 'deny' | 'reject'; lines: string[] };

/** Which rule decides about the first packet of a connection? By the reference model, in words. */
export async function trace(firewall: Firewall, parameters: unknown): Promise<Traced> {
  const result = v.safeParse(asked, parameters);
  if (!result.success) return { error: result.issues[0].message };
  const { from, to, port, protocol } = result.output;
  const { set, problems } = firewall.wanted();
  const [wrong] = problems;
  if (wrong !== undefined)
    return {
      error: `the rules are wrong: ${wrong.place}: ${wrong.message}`,
      hint: "'netconf firewall check' tells all that is wrong",
    };
  const [number] = protocolNumbers(protocol) ?? [];
  if (number === undefined) {
    const hint = didYouMean(protocol, protocolNames) ?? 'tcp, udp, icmp, another name, or a number up to 255';
    return { error: `${shown(protocol)} is no protocol`, hint };
  }
  const destinationPort = port === undefined ? undefined : portOf(port, protocol);
  if (withPorts.includes(number) !== (port !== undefined))
    return { error: port === undefined ? `${protocol} has ports: which one?` : `${protocol} has no ports` };
  if (port !== undefined && destinationPort === undefined) {
    const hint = `a number up to 65535, or a name that services(5) has for ${protocol}`;
    return { error: `${shown(port)} is no port`, hint };
  }
  const family = [from, to].some(end => parsePrefix(end)?.family === 6) ? 6 : 4;
  const source = endOf(from, set, family);
  const destination = endOf(to, set, source.address?.family ?? family);
  for (const { wrong } of [source, destination]) if (wrong !== undefined) return wrong;
  const both = [source, destination].flatMap(({ address }) => address ?? []);
  if (both.length === 2 && both[0]?.family !== both[1]?.family)
    return { error: `${both.map(prefixText).join(' and ')} are of two families` };
  const ways = await waysTo(firewall, [source.address, destination.address]);
  const route = (address: Prefix) =>
    ways.isOwn(address) ? undefined : (ways.to(address)?.link ?? linkOf(address, set) ?? '?');
  const back = source.address && ways.to(source.address);
  const target = destination.address ?? back?.source ?? source.address;
  const sent = source.address ?? (target && ways.to(target)?.source);
  if (target === undefined || sent === undefined)
    return { error: 'from here to here, or nowhere: no rule is asked' };
  if (to === 'self') ways.own(target);
  const out = route(target);
  const packet: Packet = {
    ...(source.address !== undefined && { in: back?.link ?? linkOf(sent, set) ?? '?' }),
    ...(out !== undefined && { out }),
    source: sent,
    destination: target,
    protocol: number === 1 && sent.family === 6 ? 58 : number,
    sourcePort: 40_000,
    ...(destinationPort !== undefined && { destinationPort }),
    ...(number === tcp && { syn: true }),
  };
  const addresses = await firewall.addressesOf(set);
  const redirects = set.rules.flatMap(({ action }) =>
    action.kind === 'redirect' ? (parsePrefix(action.address) ?? []) : [],
  );
  await ways.learn(redirects);
  const decision = decide(set, packet, { addresses, route });
  return { verdict: decision.verdict, lines: [wayText(packet, set), ...decisionText(decision)] };
}

interface End {
  address?: Prefix;
  wrong?: Wrong;
}

/** An address as it is; of a prefix or network one of its hosts. */
function endOf(text: string, { networks }: RuleSet, family: 4 | 6): End {
  if (text === 'self') return {};
  const prefix = parsePrefix(text);
  if (prefix !== undefined) return { address: hostOf(prefix) };
  const network = networks.find(({ name }) => name === text);
  if (network === undefined) {
    const names = networks.slice(0, 1000).map(({ name }) => JSON.stringify(name));
    const hint = didYouMean(JSON.stringify(text), names) ?? "'netconf firewall show' lists the networks";
    return { wrong: { error: `${shown(text)} is neither an address nor a network`, hint } };
  }
  const { prefixes } = network;
  const one = prefixes.find(each => each.family === family) ?? prefixes[0];
  if (one === undefined)
    return { wrong: { error: `${shown(text)} has no prefix of its own: name an address` } };
  return { address: hostOf(one) };
}

/** The second host, so that it is not the router in most networks; of all addresses one that is for documentation. */
function hostOf({ family, bits, length }: Prefix): Prefix {
  const width = widthOf(family);
  if (length === 0) return parsePrefix(family === 4 ? '198.51.100.1' : '2001:db8::1')!;
  return { family, bits: width - length < 2 ? bits : bits + 2n, length: width };
}

/** What the kernel says of addresses: the ways to them, and which are its own. */
interface Ways {
  to(address: Prefix): Way | undefined;
  isOwn(address: Prefix): boolean;
  own(address: Prefix): void;
  learn(addresses: readonly Prefix[]): Promise<void>;
}

async function waysTo(firewall: Firewall, first: readonly (Prefix | undefined)[]): Promise<Ways> {
  const known = new Map<string, Way>();
  const own = new Set<string>();
  const learn = async (addresses: readonly (Prefix | undefined)[]) => {
    const texts = [...new Set(addresses.flatMap(address => (address ? [addressText(address)] : [])))];
    if (texts.length === 0) return;
    for (const line of await firewall.method.routes(texts.slice(0, 200))) {
      const [, address = '', local, link, from] =
        /^(\S+) (local )?.*?dev (\S+)(?:.*? src (\S+))?/.exec(line) ?? [];
      const source = from === undefined ? undefined : parsePrefix(from);
      if (local !== undefined) own.add(address);
      else if (link !== undefined) known.set(address, { link, ...(source && { source }) });
    }
  };
  await learn(first);
  return {
    to: address => known.get(addressText(address)),
    isOwn: address => own.has(addressText(address)),
    own: address => own.add(addressText(address)),
    learn,
  };
}

/** The link of the network with the longest prefix around an address. */
function linkOf(address: Prefix, { networks }: RuleSet): string | undefined {
  const longest = (network: Network) =>
    Math.max(...network.prefixes.filter(each => covers(each, address)).map(({ length }) => length), -1);
  const around = networks.filter(network => network.links.length > 0 && longest(network) >= 0);
  return around.sort((a, b) => longest(b) - longest(a))[0]?.links[0];
}

/** A number, or a name of services(5). */
function portOf(text: string, protocol: string): number | undefined {
  if (/^\d{1,5}$/.test(text)) return Number(text) <= 65_535 ? Number(text) : undefined;
  try {
    for (const line of readFileSync('/etc/services', 'utf8').split('\n')) {
      const [name, number = '', ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
      const [port, of] = number.split('/');
      if (of === protocol && [name, ...aliases].includes(text)) return Number(port);
    }
  } catch {
    // No services are known.
  }
  return undefined;
}
