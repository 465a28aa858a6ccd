import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { FirewallEnd, FirewallNetwork, FirewallPart, FirewallRule } from 'netconf/plugin';
import { type Compiled, compile } from '../../../plugins/firewall/compile/compile.ts';
import { documentOf } from '../../../plugins/firewall/compile/document.ts';
import { elementsOf } from '../../../plugins/firewall/compile/sets.ts';
import { type Decision, decide } from '../../../plugins/firewall/model/decide.ts';
import { address, type Packet } from '../../../plugins/firewall/model/packet.ts';
import { parsePrefix, prefixText } from '../../../plugins/firewall/rules/prefix.ts';
import { resolve } from '../../../plugins/firewall/rules/resolve.ts';
import { ruleText } from '../../../plugins/firewall/words/rule.ts';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { type Arrival, links, Router, route } from './router.ts';

const networkNames = ['lan', 'dmz', 'net "of\n names', 'Ümlaut; drop', ''];
const prefixes4 = ['10.1.0.0/24', '10.2.0.0/24', '10.0.0.0/8', '198.51.100.0/24', '10.3.0.0/25', '0.0.0.0/0'];
const prefixes6 = ['fd01::/64', 'fd02::/64', 'fd00::/8', '2001:db8::/32', '::/0'];
const hosts4 = ['10.1.0.2', '10.1.0.3', '10.2.0.2', '10.2.0.3', '10.3.0.2', '198.51.100.7', '192.0.2.9'];
const hosts6 = ['fd01::2', 'fd01::3', 'fd02::2', 'fd02::3', 'fd03::2', '2001:db8::7', '2001:dead::9'];
const own4 = ['10.1.0.1', '10.2.0.1', '10.3.0.1'];
const own6 = ['fd01::1', 'fd02::1', 'fd03::1'];
const portRanges: [number, number][][] = [
  [[80, 80]],
  [
    [21, 21],
    [400, 500],
  ],
  [[0, 79]],
  [[1024, 33_000]],
];

const some = <T>(values: readonly T[], max = values.length) =>
  fc.uniqueArray(fc.constantFrom(...values), { maxLength: max });
const sometimes = <T extends object>(arbitrary: fc.Arbitrary<T>, weight = 1) =>
  fc.oneof({ arbitrary: fc.constant({}), weight: 3 }, { arbitrary, weight });

const network = (name: string): fc.Arbitrary<FirewallNetwork> =>
  fc
    .record({
      links: some(links, 2),
      prefixes: fc.oneof(some(prefixes4, 2), some(prefixes6, 2), some([...prefixes4, ...prefixes6], 3)),
      dynamic: fc.boolean(),
    })
    .map(({ links: by, prefixes, dynamic }) => {
      const isNothing = by.length + prefixes.length === 0;
      return { name, links: isNothing ? ['ra'] : by, prefixes, dynamic: dynamic && by.length > 0 };
    });

const end: fc.Arbitrary<FirewallEnd> = fc
  .tuple(
    fc.oneof(
      fc.record({ network: fc.constantFrom(...networkNames) }),
      fc.record({ addresses: some([...hosts4, ...hosts6, ...prefixes4, ...prefixes6], 3) }),
      fc.record({ network: fc.constantFrom(...networkNames), addresses: some([...hosts4, ...hosts6], 4) }),
      fc.constant({}),
    ),
    sometimes(fc.record({ ports: fc.constantFrom(...portRanges) })),
    sometimes(fc.constant({ not: true })),
  )
  .map(parts => Object.assign({}, ...parts) as FirewallEnd)
  .filter(({ addresses }) => addresses === undefined || addresses.length > 0);

const direction = sometimes(fc.constantFrom({ direction: 'incoming' }, { direction: 'outgoing' }), 6);
const action: fc.Arbitrary<FirewallRule['action']> = fc.oneof(
  fc.constantFrom({ kind: 'forward' }, { kind: 'masquerade' }, { kind: 'none' }),
  fc
    .tuple(fc.constantFrom('accept', 'deny', 'reject', 'return'), direction)
    .map(([kind, more]) => ({ kind, ...more })),
  fc
    .tuple(fc.constantFrom('10.2.0.3', 'fd02::3', '10.1.0.2'), sometimes(fc.constant({ port: 5000 })))
    .map(([to, more]) => ({ kind: 'redirect', address: to, ...more })),
  fc.constant({ kind: 'transproxy', port: 8080 }),
) as fc.Arbitrary<FirewallRule['action']>;

const not = sometimes(fc.constant({ not: true }));
const said = <K extends string>(name: K, value: fc.Arbitrary<unknown>) =>
  sometimes(fc.tuple(value, not).map(([one, more]) => ({ [name]: { value: one, ...more } })));

const rule: fc.Arbitrary<FirewallRule> = fc
  .tuple(
    fc.record({ from: fc.array(end, { maxLength: 2 }), to: fc.array(end, { maxLength: 2 }), action }),
    said('protocol', fc.constantFrom('tcp', 'udp', 'icmp', '17')),
    said('firstPacket', fc.constant(true)),
    said('mark', fc.constantFrom(0, 7)),
    said('tos', fc.constantFrom(0, 16, 17)),
    sometimes(fc.constant({ fragment: { value: true, not: true } })),
    sometimes(fc.constant({ bidirectional: true })),
    sometimes(fc.constant({ setMark: 7 })),
    sometimes(fc.constantFrom({ setTos: 16 }, { setTos: 17 })),
  )
  .map(parts => Object.assign({}, ...parts) as FirewallRule);

/** Several parts: names are looked up in all, and a rule may return from its own. Rules that contradict themselves are left out. */
const partsOf = (
  networks: fc.Arbitrary<FirewallNetwork[]>,
  rules: fc.Arbitrary<FirewallRule[]>,
): fc.Arbitrary<FirewallPart[]> =>
  fc.tuple(networks, rules).map(([networks, rules]) => {
    const before: FirewallPart = { plugin: 'names', networks: networks.slice(0, 2), rules: [] };
    const good: FirewallRule[] = [];
    for (const each of rules) {
      const part = { plugin: 'rules', networks: networks.slice(2), rules: [...good, each] };
      if (resolve([before, part]).problems.length === 0) good.push(each);
    }
    const half = good.length >> 1;
    return [
      before,
      { plugin: 'rules', networks: networks.slice(2), rules: good.slice(0, half) },
      { plugin: 'more', networks: [], rules: good.slice(half) },
    ];
  });

const parts = partsOf(
  fc.tuple(...networkNames.map(network)),
  fc.array(rule, { minLength: 1, maxLength: 24 }),
);

const packetOf = (hosts: readonly string[], own: readonly string[], icmp: number): fc.Arbitrary<Packet> =>
  fc
    .record({
      source: fc.constantFrom(...hosts),
      destination: fc.constantFrom(...hosts, ...own),
      protocol: fc.constantFrom(6, 6, 17, icmp),
      destinationPort: fc.constantFrom(21, 80, 443, 5000),
      syn: fc.boolean(),
      tos: fc.constantFrom(0, 0, 16, 17, 19),
      isOwn: fc.constantFrom(false, false, false, true),
      isSpoofed: fc.constantFrom(false, false, false, false, false, true),
      another: fc.constantFrom(...links),
    })
    .map(({ source, destination, protocol, destinationPort, syn, tos, isOwn, isSpoofed, another }) => {
      const to = address(destination);
      const common = {
        destination: to,
        protocol,
        tos,
        ...(protocol !== icmp && { destinationPort }),
        ...(protocol === 6 && { syn }),
      };
      const out = route(to);
      // A packet of its own goes out under the address of the link.
      if (isOwn && out !== undefined) return { ...common, source: address(own[links.indexOf(out)]!), out };
      const from = address(source);
      return { ...common, source: from, in: isSpoofed ? another : (route(from) ?? 'rc') };
    });

const packets = fc.array(fc.oneof(packetOf(hosts4, own4, 1), packetOf(hosts6, own6, 58)), {
  minLength: 30,
  maxLength: 30,
});

/** Networks of one link each, and many rules from them: what is looked up by the link. */
const linked = partsOf(
  fc.constant([
    ...links.map((link, at) => ({
      name: networkNames[at]!,
      links: [link],
      prefixes: at === 1 ? [`10.${at + 1}.0.0/24`, `fd0${at + 1}::/64`] : [],
      dynamic: false,
    })),
    { name: networkNames[3]!, links: ['ra', 'rc'], prefixes: [], dynamic: true },
    { name: networkNames[4]!, links: [], prefixes: ['0.0.0.0/0', '::/0'], dynamic: false },
  ]),
  fc.array(
    fc
      .tuple(rule, fc.constantFrom(...networkNames.slice(0, 4)), fc.integer({ min: 0, max: 9 }))
      .map(([each, from, chance]) => (chance === 0 ? each : { ...each, from: [{ network: from }] })),
    { minLength: 25, maxLength: 60 },
  ),
);

describe('a random rule set', function () {
  this.timeout(120_000);
  const folder = new Folder();
  let router: Router;
  let id = 0;

  before(async function () {
    needs(this, { root: true, programs: ['ip', 'nft', 'python3'] });
    router = new Router();
    await router.ready();
  });
  after(async () => {
    folder[Symbol.dispose]();
    await router?.[Symbol.asyncDispose]();
  });

  it('decides the same of random packets in the kernel as in the reference model', () => agree(parts, 40));

  it('does so, too, where rules are looked up by the link', () =>
    agree(linked, 12, compiled => compiled.chains.some(({ name }) => /_\d+_\d+$/.test(name))));

  async function agree(
    sets: fc.Arbitrary<FirewallPart[]>,
    runs: number,
    isMeant: (compiled: Compiled) => boolean = () => true,
  ): Promise<void> {
    const addresses = (link: string) => {
      const n = links.indexOf(link as (typeof links)[number]) + 1;
      return [parsePrefix(`10.${n}.0.0/24`)!, parsePrefix(`fd0${n}::/64`)!];
    };
    const world = { addresses, route, isSpoofed: (packet: Packet) => route(packet.source) !== packet.in };
    let meant = 0;
    const property = fc.asyncProperty(sets, packets, async (wanted, sent) => {
      const { set, problems } = resolve(wanted);
      assert.deepEqual(problems, []);
      const compiled = compile(set, { spoofing: 'strict', ftp: true });
      if (isMeant(compiled)) meant++;
      const document = documentOf(compiled, each => elementsOf(each, addresses));
      router.lab.exec('router', 'nft', '-j', '-f', folder.write('table.json', document));
      const numbered = sent.map(packet => {
        id++;
        return { ...packet, id, sourcePort: 1024 + ((id * 7919) % 60_000) };
      });
      const expected = numbered.map(packet => expect(packet, decide(set, packet, world)));
      router.arrivals.length = 0;
      router.send(numbered);
      const seen = () => numbered.map(packet => observe(packet.id, router.arrivals));
      // What is to come is waited for; what is not has come by then, too.
      const all = () => seen().every((what, at) => what === expected[at]);
      await until('packets', all, 1500).catch(() => undefined);
      await new Promise(done => setTimeout(done, 30));
      const wrong = seen().flatMap((what, at) =>
        what === expected[at]
          ? []
          : [`${shown(numbered[at]!)}\n  in the kernel ${what}\n  in the model  ${expected[at]}`],
      );
      assert.deepEqual(wrong, [], `${wrong.join('\n')}\n${set.rules.map(ruleText).join('\n')}`);
    });
    await fc.assert(property, {
      numRuns: Number(process.env.FIREWALL_RUNS ?? runs),
      endOnFailure: process.env.FIREWALL_SHRINK === undefined,
    });
    assert.ok(meant > runs / 2, `${meant} of ${runs} rule sets were of the kind that is meant`);
  }
});

/** Where it is to arrive, and as what. */
function expect(packet: Packet, { verdict, packet: after, masquerade, destination }: Decision): string {
  if (verdict === 'deny') return 'nothing';
  if (verdict === 'reject') return packet.in === undefined ? 'nothing' : 'refused';
  const port = after.destinationPort ?? 0;
  const isProxied = destination !== undefined && destination.address === undefined;
  if (after.out === undefined || isProxied)
    return `local ${isProxied ? '' : prefixText(after.destination)}:${port}`;
  const own = after.source.family === 4 ? own4 : own6;
  const source = masquerade
    ? own[links.indexOf(after.out as (typeof links)[number])]
    : prefixText(after.source);
  return `${after.out} ${source} > ${prefixText(after.destination)}:${port} tos ${after.tos ?? 0}`;
}

function observe(id: number, arrivals: readonly Arrival[]): string {
  const of = arrivals.filter(arrival => arrival.id === id);
  // What is told of a packet that arrived is not the firewall's.
  const whole = of.filter(({ error }) => !error);
  const seen = whole.map(({ where, source, destination, dport, tos }) => {
    if (where !== 'local') return `${where.slice(1)} ${source} > ${destination}:${dport} tos ${tos}`;
    return `local ${dport === 8080 ? '' : destination}:${dport}`;
  });
  if (seen.length > 0) return seen.join(' and ');
  return of.some(({ where }) => where !== 'local') ? 'refused' : 'nothing';
}

function shown({
  in: came,
  source,
  destination,
  protocol,
  sourcePort,
  destinationPort,
  syn,
  tos,
}: Packet): string {
  return `${came ?? 'own'} ${prefixText(source)}:${sourcePort} > ${prefixText(destination)}:${destinationPort ?? ''} protocol ${protocol}${syn ? ' syn' : ''} tos ${tos}`;
}
