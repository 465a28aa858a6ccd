import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FirewallNetwork, FirewallRule } from 'netconf/plugin';

/** What the examples of the network file's proposal come to: the home network, and masquerading only. */
export interface Example {
  networks: Partial<FirewallNetwork>[];
  rules: Partial<FirewallRule>[];
}

/** The home network; of the other family the same with addresses of it. */
export function homeNetwork(family: 4 | 6): Example {
  const prefix = family === 4 ? addresses4 : addresses6;
  return {
    networks: [
      { name: 'internal', links: ['eth0', 'eth0:0'], prefixes: [prefix.internal] },
      { name: 'untrusted', links: ['eth1'], prefixes: [prefix.untrusted] },
      { name: 'vmnet', links: ['vmnet0'], prefixes: [prefix.vmnet] },
      { name: 'isdn', links: ['isdn0'], prefixes: [prefix.isdn] },
      { name: 'dialin', links: ['ppp0', 'ppp1'], prefixes: [prefix.dialin] },
      { name: 'internet', prefixes: [prefix.internet] },
    ],
    rules: [
      {
        from: [{ network: 'internal' }],
        to: [{ network: 'internet', ports: [[80, 80]] }],
        protocol: { value: 'tcp' },
        action: { kind: 'transproxy', port: 8080 },
      },
      {
        from: [{ network: 'internal' }],
        to: [{ network: 'internet' }],
        action: { kind: 'masquerade' },
      },
      {
        from: [{ network: 'internet' }],
        to: [{ ports: [[21, 21]] }],
        protocol: { value: 'tcp' },
        action: { kind: 'redirect', address: prefix.ftp },
      },
      {
        from: [{ network: 'dialin' }],
        to: [{ network: 'internet' }],
        action: { kind: 'masquerade' },
      },
      {
        from: [{ network: 'dialin' }],
        to: [{ network: 'internal' }],
        action: { kind: 'reject', direction: 'incoming' },
      },
      {
        from: [{ network: 'internal' }],
        to: [{ network: 'untrusted' }],
        action: { kind: 'forward' },
      },
      {
        from: [{ network: 'untrusted' }],
        to: [{ network: 'internal' }],
        firstPacket: { value: true },
        action: { kind: 'deny', direction: 'incoming' },
        log: true,
      },
    ],
  };
}

/** Masquerading only; of the other family the same with addresses of it. */
export function masqueradingOnly(family: 4 | 6): Example {
  const { internal } = family === 4 ? addresses4 : addresses6;
  return {
    networks: [
      { name: 'internal', links: ['eth0'], prefixes: [internal] },
      { name: 'dialout', links: ['ppp0'], dynamic: true },
    ],
    rules: [{ from: [{ network: 'internal' }], action: { kind: 'masquerade' } }],
  };
}

const addresses4 = {
  internal: '10.0.0.0/24',
  untrusted: '192.168.0.0/23',
  vmnet: '10.0.1.0/24',
  isdn: '193.170.191.32/28',
  dialin: '10.0.2.0/28',
  internet: '0.0.0.0/0',
  ftp: '10.0.0.24',
};

const addresses6 = {
  internal: 'fd00:0:0:a::/64',
  untrusted: 'fd00:0:0:b::/64',
  vmnet: 'fd00:0:0:c::/64',
  isdn: '2001:db8:191::/64',
  dialin: 'fd00:0:0:d::/64',
  internet: '::/0',
  ftp: 'fd00:0:0:a::24',
};

/** The configuration of netconfd that says it. */
export function configurationOf({ networks, rules }: Example): string {
  return JSON.stringify({ plugins: { firewall: { networks, rules } } });
}

/**
 * The texts of the proposal as they were sent, but for what nobody can follow: lines of comments that were broken on the
 * way, and an address of a network, a broadcast address and a gateway that contradict what stands beside them. With 6
 * the same for IPv6.
 */
export function textOf(name: 'home' | 'dialout' | 'home6' | 'dialout6'): string {
  const text = readFileSync(join(import.meta.dirname, `../../fixtures/network/${name}.conf`), 'utf8');
  return text
    .replace(/\n(services|be made|over a|and)\n/g, ' $1\n')
    .replace('networkv4 192.168.1.0', 'networkv4 192.168.0.0')
    .replace('broadcastv4 192.168.2.255', 'broadcastv4 192.168.1.255')
    .replace('gatewayv4 193.170.190.33', 'gatewayv4 193.170.191.33');
}
