import assert from 'node:assert/strict';
import type { Operation } from 'netconf/plugin';
import { merge } from '../../../plugins/resolv-conf/merge.ts';
import type { Contribution } from '../../../plugins/resolv-conf/model.ts';
import { ofLease } from '../../../plugins/resolv-conf/sources/lease.ts';
import { ofOperation } from '../../../plugins/resolv-conf/sources/stanza.ts';
import { ofVpn } from '../../../plugins/resolv-conf/sources/vpn.ts';
import { authorOf, compose } from '../../../plugins/resolv-conf/text.ts';
import { domain, option, server, sortPair } from '../../../plugins/resolv-conf/values.ts';

const refuses = (work: () => unknown, why: RegExp) => assert.throws(work, { message: why });

describe('an address of a name server', () => {
  it('is IPv4 or IPv6 in its canonical form', () => {
    assert.equal(server('10.0.0.53', 'eth0', 'network'), '10.0.0.53');
    assert.equal(server('2001:DB8:0:0::53', 'eth0', 'network'), '2001:db8::53');
  });

  it('of the link alone has the interface as its zone', () => {
    assert.equal(server('fe80::1', 'eth0', 'network'), 'fe80::1%eth0');
    assert.equal(server('fe80::1%eth0', 'eth0', 'network'), 'fe80::1%eth0');
    assert.equal(server('fe80::1%eth1', 'eth0', 'own'), 'fe80::1%eth1');
    refuses(() => server('fe80::1%eth1', 'eth0', 'network'), /zone/);
    refuses(() => server('fe80::1%a\nb', 'eth0', 'own'), /zone|no address/);
    refuses(() => server('2001:db8::53%eth0', 'eth0', 'own'), /zone/);
  });

  it('is none of a host that cannot be asked', () => {
    for (const [address, why] of [
      ['0.0.0.0', /unspecified/],
      ['0.1.2.3', /unspecified/],
      ['::', /unspecified/],
      ['224.0.0.251', /multicast/],
      ['ff02::fb', /multicast/],
      ['255.255.255.255', /broadcast/],
      ['240.0.0.1', /reserved/],
      ['::ffff:10.0.0.1', /within/],
      ['10.0.0', /no address/],
      ['010.0.0.1', /no address/],
      ['10.0.0.1\nnameserver 6.6.6.6', /no address/],
      ['$(reboot)', /no address/],
      ['', /no address/],
      ['example.org', /no address/],
    ] as const)
      refuses(() => server(address, 'eth0', 'own'), why);
  });

  it('may be of this machine when its administrator says so, and not when the network does', () => {
    for (const address of ['127.0.0.1', '127.0.0.53', '::1']) {
      assert.equal(server(address, 'eth0', 'own'), address);
      refuses(() => server(address, 'eth0', 'network'), /this machine itself/);
    }
  });
});

describe('a search domain', () => {
  it('is a name of the DNS, in small letters and without its final dot', () => {
    assert.equal(domain('Office.Example.', 'network'), 'office.example');
    assert.equal(domain('_tcp.xn--4gbrim.example', 'network'), '_tcp.xn--4gbrim.example');
  });

  it('has labels of 1 to 63 letters, digits, hyphens and underscores, and 253 characters', () => {
    const long = `${'a'.repeat(63)}.`.repeat(3);
    assert.equal(domain(`${long}${'a'.repeat(61)}`, 'network').length, 253);
    for (const name of [
      `${long}${'a'.repeat(62)}`,
      'a'.repeat(64),
      'a..b',
      '-a.b',
      'a-.b',
      '.a',
      '',
      'a b',
      'a\nnameserver 6.6.6.6',
      'a;b',
      '$(reboot)',
      'ü.example',
      'a/b',
      'a\0b',
    ])
      refuses(() => domain(name, 'own'), /name/);
  });

  it('may be the root when the administrator says so', () => {
    assert.equal(domain('.', 'own'), '.');
    refuses(() => domain('.', 'network'), /name/);
  });
});

describe('options and sort lists', () => {
  it('are those of resolv.conf(5), with numbers that libc takes', () => {
    for (const each of ['ndots:15', 'timeout:30', 'attempts:5', 'rotate', 'edns0', 'trust-ad', 'no-aaaa'])
      assert.equal(option(each), each);
    for (const each of ['ndots:16', 'ndots', 'timeout:31', 'attempts:6', 'a b', 'Rotate', 'x\ny', '-x'])
      refuses(() => option(each), /option|takes a number/);
    assert.equal(sortPair('130.155.160.0/255.255.240.0'), '130.155.160.0/255.255.240.0');
    for (const each of ['130.155.160.0/24', '::1', 'a', '1.2.3.4/1.2.3.4/1.2.3.4'])
      refuses(() => sortPair(each), /IPv4/);
  });
});

describe('the options of an operation', () => {
  const operation = (more: object): Operation =>
    ({
      interface: 'eth0',
      parameters: {},
      options: {},
      stanza: { family: 'inet', method: 'manual', step: 'Manual', options: [] },
      ...more,
    }) as unknown as Operation;
  const stanza = (...options: [string, string][]) => ({
    stanza: { family: 'inet', method: 'manual', step: 'Manual', options },
  });

  it('are those of the request, else of the stanza, else of the policy', () => {
    const parameters = {
      'dns-nameservers': '10.0.0.1',
      'dns-search': 'a.example',
      'dns-domain': 'b.example',
    };
    const own = stanza(['dns-nameservers', '10.0.0.2 10.0.0.3'], ['dns-search', 'c.example']);
    const options = { set: [['dns-search', 'd.example']] };
    const reading = ofOperation(operation({ parameters, ...own, options }));
    assert.deepEqual(reading?.servers, ['10.0.0.2', '10.0.0.3']);
    assert.deepEqual(reading?.search, ['b.example', 'd.example']);
  });

  it('may name one server several times, each with words after it, and be of an alias', () => {
    const own = stanza(['dns-nameserver', 'fe80::1 office'], ['dns_nameserver', '10.0.0.2']);
    const reading = ofOperation(operation({ interface: 'eth0:1', ...own }));
    assert.deepEqual(reading?.servers, ['fe80::1%eth0', '10.0.0.2']);
    assert.equal(ofOperation(operation(stanza(['address', '10.0.0.1']))), undefined);
  });
});

describe('what comes from the network', () => {
  it('is taken as far as it is good, and the rest is named', () => {
    const lease = { family: 'inet', client: 'dhclient', since: 0 } as const;
    const reading = ofLease(
      { ...lease, dns: ['10.0.0.1', '127.0.0.1', '10.0.0.1'], search: ['a.b', 'c\nd'] },
      'eth0',
    );
    assert.deepEqual([reading.servers, reading.search], [['10.0.0.1'], ['a.b']]);
    assert.deepEqual(reading.refused, [
      { value: '"127.0.0.1"', reason: 'an address of this machine itself' },
      { value: '"c\\nd"', reason: 'no name of the DNS' },
    ]);
  });

  it('may have any shape at all', () => {
    assert.equal(ofVpn({}, 'tun0'), undefined);
    assert.equal(ofVpn({ name: 7 }, 'tun0'), undefined);
    const reading = ofVpn(
      { name: 'of\nfice', dns: [1, null, {}, '10.8.0.1'], search: 'x', domain: ['y'] },
      'tun0',
    );
    assert.equal(reading?.name, 'of?fice');
    assert.deepEqual([reading?.servers, reading?.search], [['10.8.0.1'], []]);
    assert.equal(reading?.refused.length, 4);
    const many = ofVpn(
      { name: 'x', dns: Array.from({ length: 1e5 }, (_, at) => `10.0.${at >> 8}.${at & 255}`) },
      'tun0',
    );
    assert.equal(many?.servers.length, 64);
  });
});

const one = (on: string, more: Partial<Contribution>): Contribution => ({
  interface: on,
  kind: 'dhcp',
  name: 'inet',
  since: 1,
  servers: [],
  search: [],
  options: [],
  sortlist: [],
  ...more,
});

describe('the merged list', () => {
  const all = [
    one('wlan0', { servers: ['10.2.0.1', '10.0.0.1'], since: 1 }),
    one('eth0', { servers: ['10.0.0.1'], since: 2 }),
    one('eth0', { kind: 'interfaces', servers: ['10.0.0.9'], options: ['ndots:3'], since: 3 }),
    one('wwan0', { servers: ['10.3.0.1'], options: ['ndots:5', 'rotate'], since: 0 }),
    one('tun0', { kind: 'vpn', name: 'office', servers: ['10.8.0.1'], since: 4 }),
  ];
  const metrics = new Map([
    ['eth0', 100],
    ['wlan0', 600],
  ]);
  const rules = { order: [], ignore: [] };
  const serversOf = (rules: { order: string[]; ignore: string[] }) =>
    merge(all, metrics, rules).servers.map(({ value }) => value);

  it('has the VPN first, then what has the default route with the lowest metric, then what came first', () => {
    assert.deepEqual(serversOf(rules), ['10.8.0.1', '10.0.0.9', '10.0.0.1', '10.2.0.1', '10.3.0.1']);
  });

  it('has what the rules say before all else, and nothing of what is to be ignored', () => {
    const ordered = serversOf({ order: ['ww*', 'eth*'], ignore: ['wlan?'] });
    assert.deepEqual(ordered, ['10.3.0.1', '10.0.0.9', '10.0.0.1', '10.8.0.1']);
  });

  it('has an option once, with the value that counts most', () => {
    const { options } = merge(all, metrics, rules);
    assert.deepEqual(
      options.map(({ value }) => value),
      ['ndots:3', 'rotate'],
    );
  });
});

describe('the text', () => {
  it('tells what libc does not take instead of leaving it out', () => {
    const servers = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'];
    const search = Array.from({ length: 7 }, (_, at) => `d${at}.example`);
    const merged = merge([one('eth0', { servers, search })], new Map(), { order: [], ignore: [] });
    const { text, limits } = compose(merged, '/saved');
    assert.match(text, /^# Not asked, since libc takes 3:\n# {3}10\.0\.0\.4: eth0, dhcp inet$/m);
    assert.ok(text.includes(`\nsearch ${search.join(' ')}\n`));
    assert.match(limits.join('\n'), /not 10\.0\.0\.4\n.*7 domains and \d+ characters/);
  });

  it('is known again, and a change in it is seen', () => {
    const merged = merge([one('eth0', { servers: ['10.0.0.1'] })], new Map(), { order: [], ignore: [] });
    const { text } = compose(merged, '/saved');
    assert.equal(authorOf(text), 'netconf');
    assert.equal(authorOf(`${text}nameserver 10.0.0.2\n`), 'edited');
    assert.equal(authorOf(text.slice(0, -1)), 'edited');
    assert.equal(authorOf(text.slice(text.indexOf('\n') + 1)), 'other');
    assert.equal(authorOf(''), 'other');
  });
});
