import { isIP } from 'node:net';
import { type FirewallNetwork, type FirewallRule, failureOf, type Netconf } from 'netconf/plugin';
import type { Peer } from './events.ts';
import type { GuardOptions } from './options.ts';

/** What is blocked, and what passes all the same. */
export interface Block extends Pick<GuardOptions, 'allow' | 'marks'> {
  vpn: string;
  links: readonly string[];
  peer: Peer | undefined;
  /** All may pass, since the VPN stands. */
  open: boolean;
}

/** Makes the guard's own table. Rejects with the sentence why it is not there. */
export function put(netconf: Pick<Netconf, 'runMethod'>, block: Block): Promise<void> {
  const { vpn, links, peer, allow, marks, open } = block;
  const { server = '', protocol, port } = peer ?? {};
  const endpoint = [server, ...(protocol === undefined || port === undefined ? [] : [protocol, port])];
  return method(netconf, vpn, 'up', {
    IF_LINKS: links.join('\n'),
    IF_MARKS: marks.join('\n'),
    ...(server !== '' && { IF_ENDPOINTS: endpoint.join(' ') }),
    ...(allow.length > 0 && { IF_ALLOW: allow.join('\n') }),
    IF_OPEN: open ? 'yes' : 'no',
  });
}

/** Takes it away. Rejects with the sentence why it is still there. */
export function takeAway(netconf: Pick<Netconf, 'runMethod'>, vpn: string): Promise<void> {
  return method(netconf, vpn, 'down', {});
}

async function method(
  netconf: Pick<Netconf, 'runMethod'>,
  vpn: string,
  mode: 'up' | 'down',
  environment: Record<string, string>,
): Promise<void> {
  const run = await netconf.runMethod('guard', {
    mode,
    interface: vpn,
    handle: 'guard',
    environment: { FAMILY: 'inet', METHOD: 'guard', LOGICAL: vpn, ...environment },
  });
  const failure = failureOf(run);
  if (failure === undefined) return;
  const said = run.output.trimEnd().split('\n').at(-1);
  const what = mode === 'up' ? 'what leaves in the clear is not blocked' : 'the block stays';
  throw new Error(`${what}: ${said || failure}`);
}

type Passing = Pick<FirewallRule, 'protocol' | 'mark'> & {
  /** Ports of the sender, first and last. */
  from?: readonly [number, number];
  addresses?: readonly string[];
  port?: number;
};

/** What the own table does, as rules of the firewall. What may pass is left to the rules of others. */
export function rulesOf({ vpn, links, peer, allow, marks, open }: Block): {
  networks: FirewallNetwork[];
  rules: FirewallRule[];
} {
  if (links.length === 0 || open) return { networks: [], rules: [] };
  const network = `insecure, guarded by ${vpn}`;
  const passing: Passing[] = [
    ...marks.map(mark => ({ mark: { value: mark } })),
    { protocol: { value: 'udp' }, from: [68, 68], port: 67 },
    { protocol: { value: 'udp' }, from: [546, 546], port: 547 },
    // All routers that know of MLD (RFC 3810, 5.2.14): of neighbour discovery no rule is asked.
    { protocol: { value: 'icmpv6' }, addresses: ['ff02::16'] },
    ...endpointOf(peer),
    ...allow.map(exceptionOf),
  ];
  return {
    networks: [{ name: network, links, prefixes: [], dynamic: false }],
    rules: [
      ...passing.map(
        ({ from, addresses, port, ...matches }): FirewallRule => ({
          ...matches,
          from: from === undefined ? [] : [{ ports: [from] }],
          to: [
            {
              network,
              ...(addresses && { addresses }),
              ...(port !== undefined && { ports: [[port, port]] }),
            },
          ],
          action: { kind: 'return', direction: 'outgoing' },
        }),
      ),
      { from: [], to: [{ network }], action: { kind: 'deny', direction: 'outgoing' } },
    ],
  };
}

function endpointOf(peer: Peer | undefined): Passing[] {
  if (peer === undefined || isIP(peer.server) === 0) return [];
  const { server, port, protocol } = peer;
  const isWhole = port !== undefined && protocol !== undefined;
  return [{ addresses: [server], ...(isWhole && { port, protocol: { value: protocol } }) }];
}

/** `dns`, or `ADDRESS[/LENGTH] [udp|tcp [PORT]]`. */
function exceptionOf(text: string): Passing {
  if (text === 'dns') return { port: 53 };
  const [address = '', protocol, port] = text.split(' ');
  return {
    addresses: [address],
    ...(protocol !== undefined && { protocol: { value: protocol } }),
    ...(port !== undefined && { port: Number(port) }),
  };
}
