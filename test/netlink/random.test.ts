import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import type { Route } from '../../core/bus/objects.ts';
import { needs } from '../setup.ts';
import { type Command, command, preamble } from './commands.ts';
import { Fold } from './fold.ts';
import { Namespace, type ObservedStatus, Observer } from './namespace.ts';
import { compare, type Fields, stripped } from './same.ts';

/** For a longer hunt, or to see a failure again: other runs, another seed, the path that a failure printed. */
const { NETCONF_RANDOM_RUNS, NETCONF_RANDOM_SEED, NETCONF_RANDOM_PATH: path } = process.env;
const numRuns = Number(NETCONF_RANDOM_RUNS ?? 12);
const seed = Number(NETCONF_RANDOM_SEED ?? 1);

describe('the netlink source and any changes', function () {
  this.timeout(60_000 + numRuns * 20_000);
  let other: Namespace;
  let scene: { namespace: Namespace; observer: Observer } | undefined;
  before(function () {
    needs(this, { root: true, programs: ['ip'] });
    other = new Namespace();
  });
  afterEach(() => end());
  after(() => other?.remove());

  async function begin(options: object): Promise<{ namespace: Namespace; observer: Observer }> {
    const namespace = new Namespace();
    namespace.exec('sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=0');
    return { namespace, observer: await Observer.start(namespace, options) };
  }

  async function end(): Promise<void> {
    await scene?.observer.close();
    scene?.namespace.remove();
    scene = undefined;
  }

  async function follows(commands: readonly Command[], options: object): Promise<void> {
    scene ??= await begin(options);
    const { namespace, observer } = scene;
    try {
      reset(namespace);
      reset(other);
      const fold = new Fold(await agreed(namespace, observer));
      const from = observer.events.length;
      await run([...preamble, ...commands], namespace, other);
      const status = await agreed(namespace, observer);
      for (const event of observer.events.slice(from)) fold.take(event);
      fold.check(status);
    } catch (error) {
      await end();
      throw error;
    }
  }

  for (const [sentence, options] of [
    ['ends with the mirror equal to the kernel, and the events lead there from the mirror before', {}],
    ['does so where the smallest receive buffer loses much of what happens', { receiveBuffer: 1 }],
  ] as const) {
    it(sentence, async () => {
      const commands = fc.array(command, { minLength: 1, maxLength: 50, size: 'max' });
      const property = fc.asyncProperty(commands, found => follows(found, options));
      const limits = {
        numRuns,
        interruptAfterTimeLimit: numRuns * 20_000,
        markInterruptAsFailure: true,
        seed,
      };
      await fc.assert(property, { ...limits, ...(path !== undefined && { path }) });
    });
  }
});

/** Runs lines of `ip`; what is refused is passed over. */
function batch(namespace: Namespace, family: string, lines: readonly string[]): void {
  try {
    execFileSync('ip', ['-n', namespace.name, ...(family ? [family] : []), '-force', '-batch', '-'], {
      input: `${lines.join('\n')}\n`,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
  } catch {
    // Its status says that some line was refused.
  }
}

async function run(commands: readonly Command[], main: Namespace, other: Namespace): Promise<void> {
  let waiting: string[] = [];
  let [family, where] = ['', main];
  const flush = () => {
    if (waiting.length > 0) batch(where, family, waiting);
    waiting = [];
  };
  for (const next of commands) {
    const there = next.where === 'other' ? other : main;
    if (next.family !== family || there !== where || next.where === 'pause') flush();
    [family, where] = [next.family, there];
    if (next.where === 'pause') await new Promise(resolve => setTimeout(resolve, Number(next.line)));
    else
      waiting.push(
        next.line.replace('netns main', `netns ${main.name}`).replace('netns other', `netns ${other.name}`),
      );
  }
  flush();
}

/** As a new namespace is. */
function reset(namespace: Namespace): void {
  const links = namespace.json<{ ifname: string }[]>('link').filter(({ ifname }) => ifname !== 'lo');
  batch(namespace, '', [
    ...links.map(({ ifname }) => `link del ${ifname}`),
    'nexthop flush',
    'addr flush dev lo',
    'link set lo down',
    'link set lo mtu 65536',
    'link set lo up',
    'addr add 127.0.0.1/8 dev lo scope host',
  ]);
  for (const family of ['-4', '-6']) {
    batch(namespace, family, [
      ...['main', '100', '70000'].map(table => `route flush table ${table}`),
      'rule flush',
      'rule add priority 32766 lookup main',
      ...(family === '-4' ? ['rule add priority 32767 lookup default'] : []),
    ]);
  }
}

/** Waits until the mirror is as the kernel is; fails with the difference. */
async function agreed(namespace: Namespace, observer: Observer): Promise<ObservedStatus> {
  for (let i = 0; ; i++) {
    await new Promise(resolve => setTimeout(resolve, i < 5 ? 30 : 200));
    const status = await observer.status();
    try {
      same(status, namespace);
      return status;
    } catch (error) {
      if (i > 20) throw error;
    }
  }
}

function same(status: ObservedStatus, namespace: Namespace): void {
  const flat = (links: Fields[]) =>
    links.flatMap(({ addr_info, ...link }): Fields[] => [
      link,
      ...(addr_info as Fields[]).map(address => ({ ...address, on: link.ifname })),
    ]);
  const of = <T extends { family: string }>(family: string, all: readonly T[]) =>
    all.filter(entry => entry.family === family);
  compare(status.links.map(told), namespace.json<Fields[]>('-d link').map(told));
  compare(flat(status.addresses as unknown as Fields[]).map(told), flat(namespace.json('address')).map(told));
  const ipv4 = namespace.json<Route[]>('-4 route show table all');
  compare(of('inet', status.routes), ipv4);
  assert.deepEqual(places(of('inet', status.routes)), places(ipv4));
  compare(of('inet6', status.routes), namespace.json('-6 route show table all'));
  compare(of('inet', status.rules), namespace.json('rule'));
  compare(of('inet6', status.rules), namespace.json('-6 rule'));
}

/** A link as far as the kernel tells of it: some things it changes without a word while the link is down. */
function told(link: object): object {
  if (!('flags' in link) || (link.flags as string[]).includes('UP')) return link;
  const silent = new Set(['group', 'ifalias', 'altnames', 'linkinfo', 'inet6_addr_gen_mode']);
  return Object.fromEntries(Object.entries(link).filter(([key]) => !silent.has(key)));
}

/** The routes of each place that has several (destination, TOS, metric), in their order. */
function places(routes: readonly Route[]): Record<string, unknown[]> {
  const found: Record<string, unknown[]> = {};
  for (const route of routes) {
    const key = [route.table ?? 'main', route.dst, route.tos, route.metric].join(' ');
    found[key] = [...(found[key] ?? []), stripped(route)];
  }
  const several = Object.entries(found).filter(([, list]) => list.length > 1);
  return Object.fromEntries(several.sort(([a], [b]) => (a < b ? -1 : 1)));
}
