import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Lease } from '../../core/bus/lease.ts';
import { ntpServers } from '../../core/dhcp/ntp-servers.ts';
import { readRecord } from '../../core/dhcp/read.ts';
import { parseRecord } from '../../core/dhcp/record.ts';
import { Refusal } from '../../core/dhcp/refusal.ts';
import { eventsOf, type Recorded, recorded, told } from './replay.ts';

const dhclient = (env: Record<string, string>): Recorded => ({
  argv: [],
  env: { interface: 'eth0', pid: '7', ...env },
});

const bound = (env: Record<string, string>) => {
  const found = told(
    dhclient({ reason: 'BOUND', new_ip_address: '192.0.2.7', new_subnet_mask: '255.255.255.0', ...env }),
  );
  assert.ok(typeof found === 'object');
  return found;
};

/** What all three clients were given by one server. */
const common = {
  family: 'inet',
  address: '192.0.2.54',
  prefixlen: 24,
  broadcast: '192.0.2.255',
  routers: ['192.0.2.1'],
  routes: [{ dst: '198.51.100.0/24', gateway: '192.0.2.9' }],
  mtu: 1400,
  dns: ['192.0.2.1', '192.0.2.2'],
  domain: 'example.test',
  search: ['a.example.test', 'b.example.test'],
  ntp: ['192.0.2.3'],
  lease: 120,
  renew: 60,
  rebind: 105,
  server: '192.0.2.1',
};

function essence(lease: Lease | undefined): object {
  const { client: _, pid: __, since: ___, other: ____, ...rest } = lease!;
  return rest;
}

describe('records of DHCP clients', () => {
  it('of dhclient become events', () => {
    const events = eventsOf(recorded('dhclient'));
    assert.deepEqual(
      events.map(({ name }) => name),
      ['dhcp.preinit', 'dhcp.bound', 'dhcp.released'],
    );
    assert.deepEqual(essence(events[1]!.report.lease), common);
    assert.equal(events[1]!.report.pid, 38);
    assert.equal(events[2]!.report.lease, undefined);
    assert.deepEqual(essence(events[2]!.report.old), common);
  });

  it('of udhcpc become events, one that tells of a lost lease among them', () => {
    const events = eventsOf(recorded('udhcpc'));
    assert.deepEqual(
      events.map(({ name }) => name),
      ['dhcp.preinit', 'dhcp.bound', 'dhcp.renewed', 'dhcp.expired'],
    );
    assert.deepEqual(essence(events[1]!.report.lease), common);
    assert.deepEqual(events[3]!.report.old, events[2]!.report.lease);
  });

  it('of dhcpcd become events, without those that tell nothing of a lease', () => {
    const events = eventsOf(recorded('dhcpcd'));
    assert.deepEqual(
      events.map(({ name }) => name),
      ['dhcp.preinit', 'dhcp.bound', 'dhcp.expired', 'dhcp.stopped'],
    );
    assert.deepEqual(essence(events[1]!.report.lease), common);
    assert.equal(events[2]!.report.lease, undefined);
  });

  it('of dhclient -6 are put together: it tells of each address and prefix by itself', () => {
    const v6 = (reason: string, env: Record<string, string>) => dhclient({ reason, ...env });
    const address = {
      ip6_address: '2001:DB8::5',
      ip6_prefixlen: '128',
      preferred_life: '60',
      max_life: '120',
    };
    const prefix = { ip6_prefix: '2001:db8:1::/48', preferred_life: '60', max_life: '4294967295' };
    const named = (start: string, values: Record<string, string>) =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [`${start}_${name}`, value]));
    const events = eventsOf([
      v6('BOUND6', { ...named('new', address), new_dhcp6_name_servers: '2001:db8::53 fe80::1' }),
      v6('BOUND6', named('new', prefix)),
      v6('EXPIRE6', named('old', address)),
      v6('EXPIRE6', named('old', prefix)),
    ]);
    const [, both, rest, none] = events.map(({ report }) => report.lease);
    const addresses = [{ address: '2001:db8::5', prefixlen: 128, preferred: 60, valid: 120 }];
    const prefixes = [{ prefix: '2001:db8:1::/48', preferred: 60 }];
    assert.deepEqual([both!.addresses, both!.prefixes], [addresses, prefixes]);
    assert.deepEqual(events[0]!.report.lease!.dns, ['2001:db8::53', 'fe80::1']);
    assert.deepEqual([rest!.addresses, rest!.prefixes], [undefined, prefixes]);
    assert.equal(none, undefined);
  });

  it('of dhcpcd for DHCPv6 have numbered addresses and prefixes', () => {
    const [event] = eventsOf([
      {
        argv: [],
        env: {
          interface: 'eth0',
          protocol: 'dhcp6',
          reason: 'BOUND6',
          new_dhcp6_ia_na1_iaid: '01020304',
          new_dhcp6_ia_na1_ia_addr1: '2001:db8::5',
          new_dhcp6_ia_na1_ia_addr1_pltime: '60',
          new_dhcp6_ia_na1_ia_addr1_vltime: '120',
          new_dhcp6_ia_pd2_prefix1: '2001:db8:1::',
          new_dhcp6_ia_pd2_prefix1_length: '56',
        },
      },
    ]);
    assert.deepEqual(event!.report.lease!.addresses, [
      { address: '2001:db8::5', prefixlen: 128, preferred: 60, valid: 120 },
    ]);
    assert.deepEqual(event!.report.lease!.prefixes, [{ prefix: '2001:db8:1::/56' }]);
  });
});

describe('time servers of DHCPv6', () => {
  const address = '0:1:0:10:20:1:d:b8:0:0:0:0:0:0:0:0:0:0:0:7';
  const group = '0:2:0:10:ff:5:0:0:0:0:0:0:0:0:0:0:0:0:1:1';
  const name = (...labels: string[]) => {
    const bytes = [...labels.flatMap(label => [label.length, ...Buffer.from(label)]), 0];
    return [0, 3, 0, bytes.length, ...bytes].map(octet => octet.toString(16)).join(':');
  };

  it('are addresses and names, and no groups', () => {
    assert.deepEqual(ntpServers([address, group, name('ntp', 'lab', 'test')].join(':')), [
      '2001:db8::7',
      'ntp.lab.test',
    ]);
    assert.deepEqual(ntpServers(group), []);
  });

  it('are refused where a server sends anything else', () => {
    for (const text of [
      '',
      'ntp.lab.test',
      address.slice(0, -2),
      `${address}:0`,
      '0:1:0:4:c0:0:2:1',
      '0:1:0:10:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0',
      '0:9:0:0',
      '0:3:0:1:0',
      '0:3:0:2:3f:61',
      '0:3:0:2:c0:0',
      '0:3:0:3:1:61:1',
      `${name('a')}:7:7`,
      name('$(reboot)'),
      name('a', 'b;c'),
      Array.from({ length: 65 }, () => address).join(':'),
      Array.from({ length: 5000 }, () => '0').join(':'),
    ])
      assert.throws(() => ntpServers(text), Refusal, text);
  });
});

describe('the options of a hostile server', () => {
  const hostile: [variable: string, value: string][] = [
    ['new_domain_name', '$(reboot)'],
    ['new_domain_name', 'a`reboot`.test'],
    ['new_domain_name', 'a;reboot'],
    ['new_domain_name', 'a'.repeat(255)],
    ['new_domain_name', '-a.test'],
    ['new_domain_search', 'good.test "bad.test'],
    ['new_host_name', "x'; reboot #"],
    ['new_host_name', 'ünïcode'],
    ['new_subnet_mask', '255.0.255.0'],
    ['new_subnet_mask', '0.0.0.0'],
    ['new_routers', '224.0.0.1'],
    ['new_routers', '127.0.0.1'],
    ['new_routers', '192.0.2.1; reboot'],
    ['new_broadcast_address', '192.0.2.999'],
    ['new_interface_mtu', '0'],
    ['new_interface_mtu', '65536'],
    ['new_interface_mtu', '1e3'],
    ['new_domain_name_servers', '0.0.0.0'],
    ['new_domain_name_servers', Array.from({ length: 65 }, () => '192.0.2.1').join(' ')],
    ['new_ntp_servers', 'ntp.example.test'],
    ['new_rfc3442_classless_static_routes', '33 192 0 2 0 192 0 2 1'],
    ['new_rfc3442_classless_static_routes', '24 192 0 2'],
    ['new_rfc3442_classless_static_routes', '24 192 0 256 192 0 2 1'],
    ['new_static_routes', '192.0.2.0'],
    ['new_dhcp_lease_time', '-1'],
    ['new_dhcp_server_identifier', '255.255.255.255'],
    ['new_smtp_server', 'mail'],
    ['new_wpad', 'http://wpad/$(reboot)'],
    ['new_wpad', 'file:///etc/shadow'],
    ['new_pcode', '$(reboot)'],
    ['new_tcode', '../../etc/shadow'],
    ['new_vendor_thing', '$(reboot)'],
    ['new_vendor_thing', '\x1b[2J'],
    ['new_filename', 'a|b'],
  ];

  for (const [variable, value] of hostile) {
    it(`are refused by name: ${variable}=${JSON.stringify(value.slice(0, 40))}`, () => {
      const { now, refused } = bound({ [variable]: value });
      assert.deepEqual(
        refused.map(({ option }) => option),
        [variable],
      );
      assert.equal(now?.address, '192.0.2.7');
      const shown = JSON.stringify([now, refused]);
      if (value.length > 6) assert.equal(shown.includes(JSON.stringify(value).slice(1, -1)), false, shown);
    });
  }

  it('make no lease without an address of one machine', () => {
    for (const address of [
      '0.0.0.0',
      '224.0.0.1',
      '127.0.0.1',
      '255.255.255.255',
      '1.2.3',
      '::1',
      '01.2.3.4',
    ]) {
      const { now, refused } = bound({ new_ip_address: address });
      assert.equal(now, undefined);
      assert.deepEqual(refused[0]!.option, 'new_ip_address');
    }
  });

  it('leave an address without a good netmask by itself', () => {
    assert.equal(bound({ new_subnet_mask: '255.0.255.0' }).now!.prefixlen, 32);
  });

  it('are refused where they are no UTF-8', () => {
    const bytes = Buffer.concat([
      Buffer.from('reason=BOUND\0interface=eth0\0new_ip_address=192.0.2.7\0new_domain_name=a'),
      Buffer.from([0xff, 0xfe, 0]),
    ]);
    const found = readRecord(parseRecord(bytes), 0);
    assert.ok(typeof found === 'object');
    assert.deepEqual(found.refused, [
      { option: 'new_domain_name', reason: 'it is no UTF-8, or has control characters' },
    ]);
  });

  it('cannot make a record of another interface, or none', () => {
    for (const name of ['', '../../etc', 'a b', '.', 'a\tb', 'x'.repeat(200)])
      assert.equal(told(dhclient({ reason: 'BOUND', interface: name })), 'it names no interface');
  });

  it('never get anything out that is not what its field says, and never throw', () => {
    const safe = /^[A-Za-z0-9 ._:,/@%+=?<>-]*$/;
    const names = [
      ...[
        'ip_address',
        'subnet_mask',
        'routers',
        'domain_name',
        'domain_search',
        'host_name',
        'wpad',
        'tcode',
        'pcode',
      ],
      ...[
        'rfc3442_classless_static_routes',
        'static_routes',
        'interface_mtu',
        'ntp_servers',
        'foo',
        'dhcp_lease_time',
      ],
      ...['ip6_address', 'ip6_prefix', 'max_life', 'dhcp6_name_servers', 'dhcp6_server_id', 'subnet_cidr'],
    ];
    const reasons = ['BOUND', 'BOUND6', 'EXPIRE', 'REBIND6', 'toString', '__proto__', 'FAIL'];
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.stringMatching(/^[0-9. ]{0,40}$/),
      fc.stringMatching(/^[0-9a-f:/ ]{0,40}$/),
      fc.constantFrom('192.0.2.7', '2001:db8::1', '24 10 0 0 1 2 3 4', 'a.b'),
    );
    const record = fc.record({
      reason: fc.constantFrom(...reasons),
      options: fc.dictionary(fc.constantFrom(...names.map(name => `new_${name}`)), value),
      dhcpcd: fc.boolean(),
    });
    const check = (data: unknown): void => {
      if (typeof data === 'string') assert.match(data, safe);
      else if (typeof data === 'object' && data !== null) Object.values(data).forEach(check);
    };
    fc.assert(
      fc.property(record, ({ reason, options, dhcpcd }) => {
        const found = told(dhclient({ ...options, reason, ...(dhcpcd && { protocol: 'dhcp' }) }));
        if (typeof found === 'object') check([found.now, found.before]);
      }),
      { numRuns: 2000 },
    );
  });

  it('can be any bytes at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), bytes => {
        readRecord(parseRecord(bytes), 0);
        readRecord(parseRecord(Buffer.concat([Buffer.from('reason=BOUND\0interface=e\0'), bytes])), 0);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a lease', () => {
  it('has the classless routes of RFC 3442 without the bits of hosts, and those on the link', () => {
    const routes = '0 192 0 2 1 8 10 0 0 0 0 32 198 51 100 7 192 0 2 9 22 10 1 3 192 0 2 9';
    assert.deepEqual(bound({ new_rfc3442_classless_static_routes: routes }).now!.routes, [
      { dst: 'default', gateway: '192.0.2.1' },
      { dst: '10.0.0.0/8' },
      { dst: '198.51.100.7/32', gateway: '192.0.2.9' },
      { dst: '10.1.0.0/22', gateway: '192.0.2.9' },
    ]);
  });

  it('has static routes only where it has no classless ones', () => {
    const old = { new_static_routes: '10.0.0.0 192.0.2.9' };
    assert.deepEqual(bound(old).now!.routes, [{ dst: '10.0.0.0/8', gateway: '192.0.2.9' }]);
    const both = { ...old, new_rfc3442_classless_static_routes: '0 192 0 2 1' };
    assert.deepEqual(bound(both).now!.routes, [{ dst: 'default', gateway: '192.0.2.1' }]);
  });

  it('without an end has no time', () => {
    assert.equal(bound({ new_dhcp_lease_time: '4294967295' }).now!.lease, undefined);
  });

  it('has mail servers, proxy file and time zone', () => {
    const { now, refused } = bound({
      new_smtp_server: '192.0.2.25',
      new_wpad: 'http://wpad.example.test/wpad.dat\\000',
      new_pcode: 'CET-1CEST,M3.5.0,M10.5.0/3',
      new_tcode: 'Europe/Berlin',
    });
    assert.deepEqual(refused, []);
    assert.deepEqual(now!.smtp, ['192.0.2.25']);
    assert.equal(now!.wpad, 'http://wpad.example.test/wpad.dat');
    assert.deepEqual(now!.timezone, { posix: 'CET-1CEST,M3.5.0,M10.5.0/3', name: 'Europe/Berlin' });
  });
});
