import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfiguration } from '../../../plugins/wireguard/configuration.ts';
import { partsOf } from '../../../plugins/wireguard/routes.ts';

const folder = mkdtempSync(join(tmpdir(), 'netconf-wg-'));
const file = join(folder, 'wg0.conf');
const key = 'cGVybWFuZW50bHkgc2VjcmV0LCBhbmQgbm90IHRvbGQ=';

function read(...lines: string[]) {
  writeFileSync(file, lines.join('\n'));
  return readConfiguration(file, path => ({ path }));
}

describe('a configuration file of WireGuard', () => {
  after(() => rmSync(folder, { recursive: true }));

  it('has what wg-quick reads, and no key is kept of it', () => {
    const found = read(
      '[Interface] # mine',
      `PrivateKey = ${key}`,
      'Address = 10.31.0.1/24,fd00:31::1/64',
      'address=10.32.0.1',
      'DNS = 10.31.0.53, corp.example',
      'MTU = 1380',
      'PostUp = iptables -F',
      '[Peer]',
      `PublicKey = ${key}`,
      'AllowedIPs = 10.31.0.0/24, 0.0.0.0/0',
      'Endpoint = vpn.example:51820',
      'PersistentKeepalive = 25',
      '[peer]',
      'AllowedIPs = fd00:31::2',
    );
    const { path: _, ...rest } = found;
    assert.deepEqual(rest, {
      addresses: ['10.31.0.1/24', 'fd00:31::1/64', '10.32.0.1/32'],
      dns: ['10.31.0.53'],
      search: ['corp.example'],
      mtu: 1380,
      table: 'auto',
      peers: [
        { allowed: ['10.31.0.0/24', '0.0.0.0/0'], hasEndpoint: true, keepsAlive: true },
        { allowed: ['fd00:31::2/128'], hasEndpoint: false, keepsAlive: false },
      ],
      notices: [`${file}:7: PostUp is not followed: interfaces(5) and hook scripts have commands`],
    });
    assert.doesNotMatch(JSON.stringify(found), new RegExp(key));
  });

  it('is told with its line where something is wrong, without the value', () => {
    for (const [lines, message] of [
      [['Address = 10.0.0.1'], /wg0\.conf:1: nothing that wg\(8\)/],
      [['[Interface]', 'Address = 10.0.0.1/33'], /:2: Address: no address or prefix/],
      [['[Interface]', `Address = ${key}`], /:2: Address: no address or prefix$/],
      [['[Interface]', 'DNS = a..b'], /:2: DNS/],
      [['[Interface]', 'MTU = big'], /:2: MTU/],
      [['[Interface]', 'Table = red'], /:2: Table/],
      [['[Interface]', 'AllowedIPs = 10.0.0.0/8'], /:2: nothing that/],
      [['[Peer]', 'AllowedIPs = x'], /:2: AllowedIPs/],
      [['[Peer]', 'reboot'], /:2: nothing that/],
    ] as const) {
      assert.throws(
        () => read(...lines),
        (error: Error) => message.test(error.message) && !error.message.includes(key),
      );
    }
  });

  it('leads to routes: not where the kernel has them, and in a table of their own where the peer would be swallowed', () => {
    const peer = ['[Peer]', 'AllowedIPs = 10.31.0.9/32, 10.99.0.0/16, 192.0.0.0/8, fd00:31::/64'];
    const configuration = read('[Interface]', 'Address = 10.31.0.1/24, fd00:31::1/64', ...peer);
    assert.deepEqual(partsOf(configuration, ['192.0.2.1']), [
      {
        family: 'inet',
        addresses: { IF_ADDRESS: '10.31.0.1/24', IF_ROUTES: '10.99.0.0/16\n192.0.0.0/8 table 28259' },
        rules: { IF_TABLE: '28259', IF_SERVERS: '192.0.2.1' },
      },
      { family: 'inet6', addresses: { IF_ADDRESS: 'fd00:31::1/64', IF_DAD_ATTEMPTS: '0' } },
    ]);
    const own = ['[Interface]', 'Address = 10.31.0.1/24'];
    const off = partsOf(read(...own, 'Table = off', ...peer), []);
    assert.deepEqual(off[0]!.addresses, { IF_ADDRESS: '10.31.0.1/24' });
    const table = partsOf(read(...own, 'Table = 77', '[Peer]', 'AllowedIPs = 0.0.0.0/0'), []);
    assert.equal(table[0]!.addresses.IF_ROUTES, '0.0.0.0/0 table 77');
    assert.equal(table[0]!.rules, undefined);
  });
});
