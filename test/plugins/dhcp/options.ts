import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lease } from '../../../core/bus/lease.ts';
import type { Scenarios } from '../../parallel.ts';
import { until } from '../../until.ts';
import { hostileServer, raw } from './hostile-server.ts';
import { dhcpcdIn, Lab } from './lab.ts';
import { packages } from './packages.ts';

const range = '--dhcp-range=10.3.0.100,10.3.0.200,2m';

/** All that a lease may carry beyond addresses, by number where dnsmasq has no name for it. */
const carried = [
  ...['--dhcp-option=option:router,10.3.0.1', '--dhcp-option=option:dns-server,10.3.0.53,10.3.0.54'],
  ...['--domain=lab.test', '--dhcp-option=option:domain-search,a.test,b.test'],
  ...['--dhcp-option=option:ntp-server,10.3.0.123', '--dhcp-option=option:smtp-server,10.3.0.25'],
  ...[
    '--dhcp-option=252,http://wpad.lab.test/wpad.dat',
    '--dhcp-option=100,CET-1CEST',
    '--dhcp-option=101,Europe/Berlin',
  ],
  '--dhcp-option=option:classless-static-route,10.9.0.0/16,10.3.0.9,0.0.0.0/0,10.3.0.1',
];

/** What no server should send: bad lengths, 255 bytes, what a shell would run, masks with holes, an end that is none. */
const hostile = (folder: string) => {
  const run = `$(touch ${folder}/pwned)`;
  return {
    'text for a shell': [raw(12, run), raw(15, `\`touch ${folder}/pwned\``), raw(252, `http://a/${run}`)],
    'names of 255 bytes': [raw(12, 'h'.repeat(255)), raw(15, 'd'.repeat(255)), raw(101, 'x'.repeat(255))],
    'lengths that do not fit': [
      raw(3, [10, 3, 0]),
      raw(6, [10, 3, 0, 1, 7]),
      raw(26, [5]),
      raw(42, []),
      raw(1, [255]),
    ],
    'routes that are cut off': [raw(121, [33, 10, 3, 0]), raw(33, [10, 3, 0]), raw(119, [255, 255, 192])],
    'a mask with holes, and groups for machines': [
      raw(1, [255, 0, 255, 0]),
      raw(3, [224, 0, 0, 1]),
      raw(28, [0, 0, 0, 0]),
    ],
    'an option longer than the message': [raw(15, 'lab', 250)],
  };
};

const lab = (client: string, ...cfg: string[]) =>
  new Lab({
    cfg: ['timeout 20', `dhcp-client ${client}`, ...cfg],
    ...(client === 'dhcpcd' && { mounts: dhcpcdIn(packages.dhcpcd) }),
  });

async function carries(client: string): Promise<void> {
  await using own = lab(client, 'hostname box', 'client me-myself', 'vendor lab-vendor', 'leasetime 150');
  await own.start();
  await own.dnsmasq(range.replace('2m', '10m'), ...carried);
  assert.equal((await own.up()).outcome, 'BOUND', own.output());
  const status = JSON.parse(own.netconf('status', '--json')) as {
    interfaces: { interface: string; leases?: Lease[] }[];
  };
  const [lease] = status.interfaces.find(one => one.interface === 'e0')!.leases!;
  const { dns, domain, search, ntp, smtp, wpad, timezone, routes, server } = lease!;
  assert.deepEqual(
    { dns, domain, search, ntp, smtp, wpad, timezone, routes, server },
    {
      dns: ['10.3.0.53', '10.3.0.54'],
      domain: 'lab.test',
      search: ['a.test', 'b.test'],
      ntp: ['10.3.0.123'],
      smtp: ['10.3.0.25'],
      wpad: 'http://wpad.lab.test/wpad.dat',
      timezone: { posix: 'CET-1CEST', name: 'Europe/Berlin' },
      routes: [
        { dst: '10.9.0.0/16', gateway: '10.3.0.9' },
        { dst: 'default', gateway: '10.3.0.1' },
      ],
      server: '10.3.0.1',
    },
  );
  const { data } = await own.event('dhcp.bound');
  assert.deepEqual(data.lease!.smtp, smtp);
  assert.deepEqual(own.routes().sort(), ['10.9.0.0/16 10.3.0.9', 'default 10.3.0.1']);
  // What the client was to say of itself has come to the server.
  const said = own.output();
  assert.match(said, /client provides name: box/);
  assert.match(said, /vendor class: lab-vendor/);
  assert.equal(lease!.lease, 150);
  const identifier = Buffer.from('me-myself')
    .toString('hex')
    .replaceAll(/..(?=.)/g, '$&:');
  assert.ok(readFileSync(join(own.folder, 'dnsmasq.leases'), 'utf8').includes(identifier));
}

async function refuses(client: string): Promise<void> {
  await using own = lab(client);
  await own.start();
  for (const [title, options] of Object.entries(hostile(own.folder))) {
    const end = own.server('python3', '-c', hostileServer, [...options, 'ff'].join(''));
    const heard = own.output().length;
    await until('the server', () => own.output().slice(heard).includes('serving'));
    const after = own.events.length;
    const { outcome, state } = await own.up();
    // A client may find that this is no lease at all; what matters is what comes of it.
    assert.ok(['BOUND', 'TIMEOUT', 'FAIL'].includes(outcome!), `${title}: ${outcome}`);
    assert.equal(existsSync(join(own.folder, 'pwned')), false, title);
    for (const { data } of own.events.slice(after).filter(({ name }) => name.startsWith('dhcp.'))) {
      const {
        dns = [],
        routers = [],
        wpad,
        timezone,
        mtu,
        routes,
        domain = '',
        hostname = '',
      } = data.lease ?? {};
      assert.deepEqual([wpad, timezone, mtu, routes], Array(4).fill(undefined), title);
      assert.ok(![...dns, ...routers].some(address => /^(224|0)\./.test(address)), title);
      for (const name of [domain, hostname]) assert.match(name, /^[A-Za-z0-9.-]{0,253}$/, title);
      assert.doesNotMatch(JSON.stringify(data), /touch|pwned/, title);
    }
    if (state === 'configured') assert.match(own.addresses().join(), /^10\.3\.0\.66\/\d+$/, title);
    await own.down();
    assert.deepEqual([own.addresses(), own.routes()], [[], []], title);
    await end();
  }
}

/** Killed while it looks for a server: another one goes on looking. */
async function killed(client: string): Promise<void> {
  await using own = lab(client);
  await own.start();
  const up = own.up();
  const asking = async (but = 0) => until('a client', () => own.processes(client).find(pid => pid !== but));
  const pid = await asking();
  process.kill(pid, 'SIGKILL');
  await asking(pid);
  await own.dnsmasq(range);
  assert.equal((await up).outcome, 'BOUND', own.output());
  await own.down();
  assert.deepEqual(own.processes(client), []);
}

/** The same of each client: what a lease carries, and what it must not. */
export const options: Scenarios = {
  'carries the same with dhclient': () => carries('dhclient'),
  'carries the same with udhcpc': () => carries('udhcpc'),
  'carries the same with dhcpcd': () => carries('dhcpcd'),
  'is refused what is hostile, whatever its length, with dhclient': () => refuses('dhclient'),
  'is refused what is hostile, whatever its length, with udhcpc': () => refuses('udhcpc'),
  'is refused what is hostile, whatever its length, with dhcpcd': () => refuses('dhcpcd'),

  'comes though its client is killed while it asks, with dhclient': () => killed('dhclient'),
  'comes though its client is killed while it asks, with udhcpc': () => killed('udhcpc'),

  'has the client that the configuration names first': async () => {
    await using own = new Lab({ cfg: ['timeout 12'], files: {} });
    own.configure('plugins: {dhcp: {clients: [udhcpc, dhclient]}}\n');
    await own.start();
    await own.dnsmasq(range);
    assert.equal((await own.up()).outcome, 'BOUND', own.output());
    const { data } = await own.event('dhcp.bound');
    assert.deepEqual(
      [data.client, own.processes('dhclient'), own.processes('udhcpc').length],
      ['udhcpc', [], 1],
    );
  },

  'fails, with what it said, when its client ends at once again and again': async () => {
    const broken =
      '#!/bin/sh\necho "$(cat /proc/uptime)" >>"$(dirname "$0")/../starts"\necho no such device >&2\nexit 1\n';
    const mounts =
      'mkdir "$NETCONF_LAB/bin"; cp "$NETCONF_LAB/dhclient" "$NETCONF_LAB/bin/dhclient"; chmod 755 "$NETCONF_LAB/bin/dhclient"; mount --bind "$NETCONF_LAB/bin" /usr/local/sbin';
    await using own = new Lab({
      cfg: ['timeout 20', 'dhcp-client dhclient'],
      files: { dhclient: broken },
      mounts,
    });
    await own.start();
    const { outcome, message } = await own.up();
    assert.equal(outcome, 'FAIL', own.output());
    assert.match(message!, /the DHCP client ends again and again: no such device/);
    assert.match(own.output(), /its DHCP client has ended; it is started again/);
  },
};
