import fc from 'fast-check';

/** One line for `ip`, with the family to give to it, and where it is to run. */
export interface Command {
  family: '' | '-4' | '-6';
  line: string;
  where?: 'other' | 'pause';
}

/** What each sequence starts from: so that most of what follows finds its link, gateway and source address. */
export const preamble: readonly Command[] = [
  'link add n1 type veth peer name n2',
  'link add n3 type bridge',
  'link set n1 up',
  'link set n2 up',
  'link set n3 up',
  'addr add 10.1.0.1/24 dev n1',
  'addr add 10.2.0.1/24 dev n3',
  'addr add fd00:1::1/64 dev n1 nodad',
  'addr add fd00:2::1/64 dev n3 nodad',
].map(line => ({ family: '', line }));

const link = fc.constantFrom('n1', 'n2', 'n3', 'n4', 'n5', 'lo');
const ordinary = fc.constantFrom('n1', 'n2', 'n3', 'n4', 'n5');
const small = fc.integer({ min: 1, max: 4 });
const address4 = fc.tuple(fc.integer({ min: 1, max: 2 }), small).map(([a, b]) => `10.${a}.0.${b}`);
const address6 = fc.tuple(fc.integer({ min: 1, max: 2 }), small).map(([a, b]) => `fd00:${a}::${b}`);
const destination4 = fc.constantFrom('default', '10.9.0.0/16', '10.9.1.0/24', '10.8.0.1', '10.1.0.128/25');
const destination6 = fc.constantFrom('default', 'fd09::/48', 'fd09:0:0:1::/64', 'fd08::1', '2001:db8::/32');
const maybe = (...words: string[]) => fc.constantFrom('', '', ...words);

/** Words with one blank between each two. */
function words(...parts: (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> {
  const arbitraries = parts.map(part => (typeof part === 'string' ? fc.constant(part) : part));
  return fc.tuple(...arbitraries).map(found => found.filter(Boolean).join(' '));
}

const links = fc.oneof(
  words('link add', ordinary, 'type veth peer name', ordinary),
  words('link add', ordinary, 'type', fc.constantFrom('bridge', 'ifb')),
  words('link add', ordinary, 'link', ordinary, 'type macvlan mode', fc.constantFrom('bridge', 'private')),
  words('link add', ordinary, 'type vxlan id', small.map(String), 'dstport 4789 dev', ordinary),
  words('tuntap add dev', ordinary, 'mode', fc.constantFrom('tun', 'tap')),
  words('link del', ordinary),
  words('link set', link, fc.constantFrom('up', 'down')),
  words('link set', link, fc.constantFrom('up', 'down')),
  words('link set', ordinary, 'name', ordinary),
  words('link set', link, 'mtu', fc.constantFrom('1280', '1400', '1500', '1200')),
  words('link set', ordinary, 'master', ordinary),
  words('link set', ordinary, 'nomaster'),
  words('link set', ordinary, 'alias', fc.constantFrom('one', 'two')),
  words('link set', ordinary, 'group', fc.constantFrom('0', '7')),
  words('link set', ordinary, 'txqueuelen', fc.constantFrom('10', '100')),
  words(
    'link set',
    ordinary,
    fc.constantFrom('promisc', 'allmulticast', 'multicast', 'arp'),
    fc.constantFrom('on', 'off'),
  ),
  words('link set', ordinary, 'address', fc.constantFrom('02:00:00:00:00:01', '02:00:00:00:00:02')),
  words('link set', ordinary, 'addrgenmode', fc.constantFrom('none', 'eui64')),
  words(
    'link set',
    ordinary,
    'type bridge',
    fc.constantFrom('stp_state 1', 'stp_state 0', 'vlan_filtering 1', 'ageing_time 1000'),
  ),
  words('link set', ordinary, 'type bridge_slave', fc.constantFrom('cost 7', 'hairpin on', 'learning off')),
  words(
    'link property',
    fc.constantFrom('add', 'del'),
    'dev',
    ordinary,
    'altname',
    fc.constantFrom('long-one', 'a-very-long-alternative-name-of-a-link'),
  ),
  words('link set', ordinary, 'netns other'),
);

const addresses = fc.oneof(
  words(
    'addr',
    fc.constantFrom('add', 'change', 'replace'),
    address4.map(a => `${a}/24`),
    'dev',
    link,
    maybe('brd +', 'label n1:1', 'metric 50'),
    maybe('valid_lft 1000 preferred_lft 500', 'scope link', 'noprefixroute'),
  ),
  words('addr add', address4, 'peer', address4, 'dev', link),
  words(
    'addr del',
    address4.map(a => `${a}/24`),
    'dev',
    link,
  ),
  words(
    'addr',
    fc.constantFrom('add', 'change', 'replace'),
    address6.map(a => `${a}/64`),
    'dev',
    link,
    maybe('nodad', 'home', 'noprefixroute', 'mngtmpaddr'),
    maybe('valid_lft 1000 preferred_lft 500', 'valid_lft 1000 preferred_lft 0', 'metric 77'),
  ),
  words('addr add', address6, 'peer', address6, 'dev', link),
  words(
    'addr del',
    address6.map(a => `${a}/64`),
    'dev',
    link,
  ),
  words('addr flush dev', link, maybe('scope global')),
);

const verb = fc.constantFrom('add', 'add', 'replace', 'append', 'prepend', 'change', 'del');
const table = maybe('table 100', 'table 70000', 'metric 5', 'metric 50', 'tos 0x10');
const hop4 = fc.oneof(
  words('via', address4),
  words('dev', link),
  words('via', address4, 'dev', link, 'onlink'),
  words('via inet6', address6, 'dev', link),
  words('nexthop via', address4, 'weight', small.map(String), 'nexthop via', address4),
  words('nexthop dev', link, 'nexthop via', address4),
  words('nhid', small.map(String)),
);
const hop6 = fc.oneof(
  words('via', address6),
  words('dev', link),
  words('via', address6, 'dev', link, 'onlink'),
  words('nexthop via', address6, 'weight', small.map(String), 'nexthop via', address6),
  words('nexthop dev', link, 'nexthop via', address6),
  words('nhid', small.map(String)),
);
const metrics = maybe(
  'mtu 1400',
  'mtu lock 1300',
  'advmss 1000',
  'initcwnd 10',
  'realm 5',
  'proto static',
  'scope link',
);
const routes4 = fc.oneof(
  words('route', verb, destination4, hop4, table, metrics),
  words('route', verb, destination4, hop4, table, 'src', address4),
  words('route', verb, fc.constantFrom('blackhole', 'unreachable', 'prohibit', 'throw'), destination4, table),
  words('route del', destination4, table),
);
const routes6 = fc.oneof(
  words(
    'route',
    verb,
    destination6,
    hop6,
    table.map(word => word.replace('tos 0x10', '')),
    maybe('mtu 1400', 'expires 1000', 'pref high', 'proto static'),
  ),
  words('route', verb, destination6, hop6, 'src', address6),
  words('route', verb, fc.constantFrom('blackhole', 'unreachable', 'prohibit'), destination6),
  words('route del', destination6),
);
const nextHops = fc.oneof(
  words(
    'nexthop',
    fc.constantFrom('add', 'replace'),
    'id',
    small.map(String),
    'via',
    address4,
    'dev',
    ordinary,
  ),
  words('nexthop', fc.constantFrom('add', 'replace'), 'id', small.map(String), 'dev', ordinary),
  words('nexthop', fc.constantFrom('add', 'replace'), 'id', small.map(String), 'blackhole'),
  words('nexthop', fc.constantFrom('add', 'replace'), 'id', fc.constantFrom('3', '4'), 'group 1/2'),
  words('nexthop del id', small.map(String)),
);
const rules = fc.oneof(
  words(
    'rule',
    fc.constantFrom('add', 'add', 'del'),
    'priority',
    fc.constantFrom('10', '20', '30'),
    maybe('not'),
    maybe('fwmark 5', 'iif n1', 'oif n4', 'to 10.0.0.0/8', 'from fd00::/16'),
    fc.constantFrom('lookup 100', 'lookup main', 'goto 30', 'blackhole', 'goto 20'),
  ),
  words('rule del priority', fc.constantFrom('10', '20', '30', '32766')),
);

const of = (family: Command['family'], lines: fc.Arbitrary<string>) =>
  lines.map((line): Command => ({ family, line }));

/** Any command; many are refused by the kernel, which is as good as any other answer. */
export const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: of('', links) },
  { weight: 4, arbitrary: of('', addresses) },
  { weight: 6, arbitrary: of('-4', routes4) },
  { weight: 6, arbitrary: of('-6', routes6) },
  { weight: 2, arbitrary: of('', nextHops) },
  { weight: 1, arbitrary: of('-4', rules) },
  { weight: 1, arbitrary: of('-6', rules) },
  {
    weight: 1,
    arbitrary: ordinary.map(
      (name): Command => ({ family: '', line: `link set ${name} netns main`, where: 'other' }),
    ),
  },
  {
    weight: 2,
    arbitrary: small.map((n): Command => ({ family: '', line: `${(n - 1) * 12}`, where: 'pause' })),
  },
);
