import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { Lab } from '../dhcp/lab.ts';
import { Host } from './lab.ts';

/** A server that leases addresses of 10.N.0.0/24, for minutes; who has one asks again after three seconds. */
const leaseOf = (n: number) => [
  `--dhcp-range=10.${n}.0.100,10.${n}.0.200,2m`,
  `--dhcp-option=option:router,10.${n}.0.1`,
  '--dhcp-option=option:T1,3',
];

/** The link has its addresses by these words; whoever is in their networks may connect. Resolves with the server's end. */
async function start(lab: Lab, addresses: string, ...server: string[]): Promise<() => Promise<void>> {
  const file = join(lab.folder, 'network.conf');
  writeFileSync(
    file,
    `network "uplink" { interface "e0" { ${addresses}; enabled false } }
     rule { from "uplink" accept incoming }
     rule { protocol tcp; deny incoming }`,
  );
  lab.configure(JSON.stringify({ plugins: { 'network-file': { file }, interfaces: false } }));
  lab.policy('[IFUP]\nstartat NetworkFile\n[cfg DHCP]\ntimeout 15\ndhcp-client dhclient\n');
  const end = await lab.dnsmasq(...server);
  await lab.start();
  return end;
}

interface Nft {
  nftables: {
    table?: { name: string; handle: number };
    set?: { name: string; elem?: (string | { prefix: { addr: string; len: number } })[] };
  }[];
}

const nft = (lab: Lab, ...words: string[]) => (JSON.parse(lab.inside('nft', '-j', ...words)) as Nft).nftables;

const handle = (lab: Lab) =>
  nft(lab, 'list', 'tables').find(({ table }) => table?.name === 'netconf')!.table!.handle;

/** What stands in the set of the network. */
function elements(lab: Lab, family = 4): string {
  const { set } = nft(lab, 'list', 'sets').find(each => each.set?.name.endsWith(`_uplink_v${family}`))!;
  const shown = (set?.elem ?? []).map(one =>
    typeof one === 'string' ? one : `${one.prefix.addr}/${one.prefix.len}`,
  );
  return shown.join();
}

/** What changes in nftables, until it is stopped: lines of `nft monitor`. */
async function monitor(lab: Lab): Promise<() => Promise<string[]>> {
  const child = spawn('ip', ['netns', 'exec', lab.clientNs, 'nft', 'monitor'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let seen = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    seen += more;
  });
  // It says nothing when it begins: another table shows that it does.
  await until('nft monitor', () => {
    lab.inside('nft', 'add table ip seen; delete table ip seen');
    return seen.includes('table ip seen');
  });
  const ended = new Promise(resolve => child.once('close', resolve));
  return async () => {
    child.kill('SIGTERM');
    await ended;
    return seen
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('#') && !line.includes(' ip seen'));
  };
}

describe('a network whose addresses a server leases', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'nft', 'dnsmasq', 'dhclient'] });
  });

  it('has its sets filled by the lease, changed by the next, and emptied at its end, while the table stays', async () => {
    await using lab = new Lab();
    const end = await start(lab, 'addressv4 dhcp', ...leaseOf(3));
    const table = handle(lab);
    assert.equal(elements(lab), '');
    const stop = await monitor(lab);
    assert.equal((await lab.up()).state, 'configured');
    await until('the first lease in the set', () => elements(lab) === '10.3.0.0/24');

    // An address that no lease has anything to do with, so that a connection outlives all of them.
    lab.inside('ip', 'link', 'set', 'lo', 'up');
    lab.inside('ip', 'address', 'add', '192.0.2.2/32', 'dev', 'lo');
    const [client, server] = [new Host(lab.clientNs), new Host(lab.serverNs)];
    try {
      const outside = (...words: string[]) => execFileSync('ip', ['-n', lab.serverNs, ...words]);
      const learnWay = () =>
        outside('route', 'replace', '192.0.2.2', 'via', lab.addresses()[0]!.replace('/24', ''));
      const asks = (from: string) => server.connect({ host: '192.0.2.2', port: 7, from });
      await client.listen(7);
      learnWay();
      outside('address', 'add', '10.4.0.1/24', 'dev', 's0');
      assert.equal((await asks('10.4.0.1')).error, 'timeout');
      const first = { host: '192.0.2.2', port: 7, from: '10.3.0.1', keep: 'first' };
      assert.equal((await server.connect(first)).from, '10.3.0.1');

      // To who asks again the next server says no, and then leases what it has itself.
      await end();
      await lab.dnsmasq(...leaseOf(4));
      await until('the next lease in the set', () => elements(lab) === '10.4.0.0/24');
      assert.match(lab.addresses().join(), /^10\.4\.0\.1\d\d\/24$/);
      learnWay();
      assert.equal((await server.say('first', 'still there?')).text, 'still there?');
      assert.equal((await asks('10.3.0.1')).error, 'timeout');
      assert.equal((await asks('10.4.0.1')).from, '10.4.0.1');

      assert.equal((await lab.down()).state, 'deconfigured');
      await lab.event('dhcp.released');
      await until('an empty set', () => elements(lab) === '');
      const seen = await stop();
      assert.ok(seen.length > 0);
      for (const line of seen) assert.match(line, /^(add|delete) element inet netconf /);
      assert.equal(handle(lab), table);
    } finally {
      await Promise.all([client.end(), server.end()]);
    }
  });

  it('has them filled by a lease of DHCPv6 and by a router that advertises a prefix, too', async () => {
    for (const [addresses, range] of [
      ['addressv6 dhcp', 'fd00:3::100,fd00:3::200,64,2m'],
      ['addressv6 auto', 'fd00:3::,ra-stateless,64,2m'],
    ] as const) {
      await using lab = new Lab();
      await start(lab, addresses, '--enable-ra', `--dhcp-range=${range}`);
      const table = handle(lab);
      assert.equal(elements(lab, 6), '');
      assert.equal((await lab.up()).state, 'configured');
      await until('the prefix in the set', () => /^fd00:3::/.test(elements(lab, 6)));
      assert.equal((await lab.down()).state, 'deconfigured');
      await until('an empty set', () => elements(lab, 6) === '');
      assert.equal(handle(lab), table);
    }
  });
});
