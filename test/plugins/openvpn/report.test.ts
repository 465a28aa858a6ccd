import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { appliedOf } from '../../../plugins/openvpn/apply.ts';
import { dataOf, pushedIn, readReport } from '../../../plugins/openvpn/report.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
/** Calls of hook scripts by OpenVPN 2.6: with `--client`, a server that pushes routes, DNS and the default route. */
const calls = readFileSync(path('../../fixtures/openvpn/hooks.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line) as { argv: string[]; env: Record<string, string> });
const called = (type: string) => calls.find(({ env }) => env.script_type === type)!.env;

describe('what OpenVPN tells its route-up script', () => {
  it('has addresses, routes and name servers, as in a real call', () => {
    const pushed = pushedIn(called('route-up'));
    assert.deepEqual(pushed, {
      inet: {
        address: '10.8.0.2/24',
        routes: ['10.99.0.0/16 via 10.8.0.1', '10.98.1.0/24 via 10.8.0.1 metric 7'],
      },
      mtu: 1500,
      gateway: '10.8.0.1',
      server: '192.0.2.1',
      port: 1194,
      protocol: 'udp',
      dns: ['10.8.0.53'],
      search: [],
      domain: 'vpn.example.test',
      refused: [],
    });
    assert.deepEqual(dataOf('work', 'tun7', pushed), {
      name: 'work',
      dev: 'tun7',
      server: '192.0.2.1',
      port: 1194,
      protocol: 'udp',
      addresses: ['10.8.0.2/24'],
      dns: ['10.8.0.53'],
      search: [],
      domain: 'vpn.example.test',
    });
  });

  it('says nothing of addresses in the calls before, which are no harm', () => {
    for (const { env } of calls) assert.deepEqual(pushedIn(env).refused, []);
    assert.equal(pushedIn(called('tls-verify')).inet, undefined);
  });

  it('becomes what methods are told, with what would swallow the peer in a table of its own', () => {
    const pushed = pushedIn({
      ifconfig_local: '10.8.0.6',
      ifconfig_remote: '10.8.0.5',
      ifconfig_ipv6_local: 'fd00:8::2',
      ifconfig_ipv6_netbits: '64',
      route_network_1: '192.0.0.0',
      route_netmask_1: '255.0.0.0',
      route_ipv6_network_1: '2000::/3',
      route_ipv6_gateway_1: 'fd00:8::1',
      trusted_ip: '192.0.2.1',
    });
    const rules = { IF_TABLE: '28259', IF_SERVERS: '192.0.2.1' };
    assert.deepEqual(appliedOf(pushed, false), {
      inet: { IF_ADDRESS: '10.8.0.6', IF_POINTOPOINT: '10.8.0.5', IF_ROUTES: '192.0.0.0/8 table 28259' },
      inet6: { IF_ADDRESS: 'fd00:8::2/64', IF_ROUTES: '2000::/3 via fd00:8::1', IF_DAD_ATTEMPTS: '0' },
      rules,
    });
    const redirected = appliedOf(pushedIn({ ...called('route-up') }), true);
    assert.match(redirected.inet!.IF_ROUTES!, /\ndefault table 28259$/);
    assert.deepEqual(redirected.rules, rules);
    const tap = appliedOf(pushedIn({ ...called('route-up') }), true, 'tap');
    assert.match(tap.inet!.IF_ROUTES!, /\ndefault via 10\.8\.0\.1 table 28259$/);
    assert.deepEqual(appliedOf(pushedIn({}), true), { link: {} });
  });

  it('takes the names of OpenVPN 2.6’s option dns, and no more than can be used', () => {
    const many = Object.fromEntries(
      Array.from({ length: 2000 }, (_, at) => [`route_network_${at + 1}`, `10.${at >> 8}.${at & 255}.0`]),
    );
    const pushed = pushedIn({
      ...many,
      ifconfig_local: '10.8.0.2',
      ifconfig_netmask: '255.255.255.0',
      dns_server_1_address_1: '10.8.0.53',
      dns_server_1_address_2: '[fd00::53]',
      dns_search_domain_1: 'one.example',
      foreign_option_1: 'dhcp-option DOMAIN first.example',
      foreign_option_2: 'dhcp-option DOMAIN second.example',
      foreign_option_3: 'dhcp-option DNS6 fd00::54',
      foreign_option_4: 'dhcp-option WINS 10.8.0.9',
    });
    assert.deepEqual(pushed.dns, ['fd00::54', '10.8.0.53', 'fd00::53']);
    assert.deepEqual([pushed.domain, pushed.search], ['first.example', ['second.example', 'one.example']]);
    assert.equal(pushed.inet!.routes.length, 1000);
    assert.deepEqual(pushed.refused, ['routes beyond 1000']);
  });

  it('may hold anything: nothing throws, and what comes out is addresses, numbers and names', () => {
    const names = Object.keys(called('route-up'));
    const variables = fc.dictionary(fc.constantFrom(...names, 'ifconfig_ipv6_local', 'tun_mtu'), fc.string());
    fc.assert(
      fc.property(variables, own => {
        const { refused: _, ...pushed } = pushedIn({ ...called('route-up'), ...own });
        assert.match(JSON.stringify(pushed), /^[\w.:/ "{}[\],-]*$/);
      }),
    );
    const long = `${'a'.repeat(60)}.`.repeat(4);
    assert.equal(pushedIn({ foreign_option_1: `dhcp-option DOMAIN ${long}!` }).domain, undefined);
  });
});

describe('the script that OpenVPN runs', () => {
  const script = path('../../../methods/openvpn-report');

  for (const shell of ['dash', 'busybox sh'])
    it(`writes its environment whole, for its owner alone, under ${shell}`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'netconf-report-'));
      try {
        const file = join(folder, 'tun0.env');
        const [program, ...words] = [...shell.split(' '), script];
        const env = { NETCONF_REPORT: file, route_network_1: '10.9.0.0', odd: 'two\nlines=' };
        execFileSync(program!, words, { env });
        const found = readReport(file)!;
        assert.equal(found.odd, 'two\nlines=');
        assert.equal(found.route_network_1, '10.9.0.0');
        assert.equal(statSync(file).mode & 0o777, 0o600);
        assert.throws(() => execFileSync(program!, words, { env: { NETCONF_REPORT: 'x' }, stdio: 'pipe' }));
        assert.equal(existsSync('x'), false);
        writeFileSync(file, Buffer.alloc(2_000_000, 'x'));
        assert.equal(readReport(file), undefined);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
});
