import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { type DaemonSetup, startDaemon, type TestDaemon, until } from '../daemon.ts';
import { needs } from '../setup.ts';

/** Declares what its options say; its step gives and takes an address, as a method would. */
const world = `import { execFileSync } from 'node:child_process';
export default {
  name: 'world',
  apply({ options, hooks }) {
    const { declared = [], fails = [] } = options;
    const stanza = { family: 'inet', method: 'static', step: 'World', options: [] };
    hooks.declared.tap('world', all => [...all, ...declared]);
    hooks.source.for('ENI').tap('world', ({ logical }) =>
      declared.some(one => one.logical === logical) ? [stanza] : undefined);
    hooks.step.for('World').tap('world', ({ interface: name, request }) => {
      const word = request === 'ifup' ? 'replace' : 'del';
      const link = name.replace(/:.*/, '');
      try {
        execFileSync('ip', ['address', word, options.address ?? '192.0.2.1/24', 'dev', link], { stdio: 'pipe' });
        if (request === 'ifup') execFileSync('ip', ['link', 'set', link, 'up']);
      } catch (error) {
        if (request === 'ifup') return { outcome: 'FAIL', message: String(error.stderr) };
      }
      return { outcome: 'OK' };
    });
  },
};`;

interface Declaration {
  interface: string;
  logical?: string;
  classes: string[];
}

function setup(declared: Declaration[], more: Partial<DaemonSetup> = {}): DaemonSetup {
  const all = declared.map(one => ({ logical: one.interface, ...one }));
  return {
    plugins: { 'world.mjs': world },
    configuration: `plugins: ${JSON.stringify({ interfaces: false, world: { declared: all } })}\n`,
    ...more,
  };
}

function addresses(daemon: TestDaemon, link: string): string[] {
  const [found] = JSON.parse(daemon.ip('-j', '-4', 'address', 'show', 'dev', link)) as {
    addr_info?: { local: string }[];
  }[];
  return (found?.addr_info ?? []).map(({ local }) => local);
}

function add(daemon: TestDaemon, name: string, far = `${name}-far`): void {
  daemon.ip('link', 'add', name, 'type', 'veth', 'peer', 'name', far);
}

describe('a link that comes', () => {
  before(function () {
    needs(this, { root: true, programs: ['ip'] });
  });

  it('is configured when a source declares it auto or allow-hotplug, and only told of when not', async () => {
    const declared = [
      { interface: 'v0', classes: ['hotplug'] },
      { interface: 'v1', classes: ['auto'] },
      { interface: 'v2', classes: ['lan'] },
    ];
    await using daemon = await startDaemon(setup(declared));
    for (const name of ['v0', 'v1', 'v2']) add(daemon, name);
    await daemon.event('interface.configured', { interface: 'v0' });
    await daemon.event('interface.configured', { interface: 'v1' });
    assert.deepEqual(addresses(daemon, 'v0'), ['192.0.2.1']);
    assert.deepEqual(addresses(daemon, 'v1'), ['192.0.2.1']);
    const found = await daemon.event('interface.found', { interface: 'v2' });
    assert.deepEqual(found.data, { reason: 'declared neither auto nor allow-hotplug' });
    const other = await daemon.event('interface.found', { interface: 'v0-far' });
    assert.deepEqual(other.data, { reason: 'no source declares it' });
    assert.deepEqual(addresses(daemon, 'v2'), []);
    const request = await daemon.event('request.ifup', { interface: 'v0' });
    assert.deepEqual(request.data, { logical: 'v0', uid: 0, class: 'hotplug' });
  });

  it('is configured under the name that it is given', async () => {
    await using daemon = await startDaemon(setup([{ interface: 'lan0', classes: ['hotplug'] }]));
    add(daemon, 'v0');
    await daemon.event('interface.found', { interface: 'v0' });
    daemon.ip('link', 'set', 'v0', 'name', 'lan0');
    await daemon.event('interface.configured', { interface: 'lan0' });
    assert.deepEqual(addresses(daemon, 'lan0'), ['192.0.2.1']);
  });

  it('is looked up in the sources together with others that come then', async () => {
    const netns = `nch${process.pid}`;
    execFileSync('ip', ['netns', 'add', netns]);
    try {
      const links = Array.from({ length: 40 }, (_, at) => `link add v${at} type veth peer name w${at}\n`);
      execFileSync('ip', ['-n', netns, '-batch', '-'], { input: links.join('') });
      const counter = `let looks = 0;
        export default { name: 'counter', apply({ hooks, emit }) {
          hooks.declared.tap('counter', () => { looks++; });
          hooks.explain.tap('counter', () => ['looks: ' + looks]);
        } };`;
      const { plugins, configuration } = setup([]) as {
        plugins: Record<string, string>;
        configuration: string;
      };
      await using daemon = await startDaemon({
        netns,
        plugins: { ...plugins, 'counter.mjs': counter },
        configuration,
      });
      const found = () => daemon.events.filter(({ name }) => name === 'interface.found').length;
      await until('all', () => found() === 80);
      const looks = Number(/looks: (\d+)/.exec(daemon.netconf('explain', 'x'))?.[1]);
      assert.ok(looks > 0 && looks < 10, String(looks));
    } finally {
      execFileSync('ip', ['netns', 'del', netns]);
    }
  });

  it('is let go of when it is removed, and configured again when it comes back', async () => {
    await using daemon = await startDaemon(setup([{ interface: 'v0', classes: ['hotplug'] }]));
    add(daemon, 'v0');
    const first = await daemon.event('interface.configured', { interface: 'v0' });
    daemon.ip('link', 'del', 'v0');
    const gone = await daemon.event('interface.deconfigured', { interface: 'v0', after: first.id });
    add(daemon, 'v0');
    await daemon.event('interface.configured', { interface: 'v0', after: gone.id });
    assert.deepEqual(addresses(daemon, 'v0'), ['192.0.2.1']);
  });

  it('is another one by its name: what was configured is taken back, and done again', async () => {
    await using daemon = await startDaemon(setup([{ interface: 'v0', classes: ['hotplug'] }]));
    add(daemon, 'v0');
    const first = await daemon.event('interface.configured', { interface: 'v0' });
    const batch = 'link del v0\nlink add v0 type veth peer v0-far\n';
    execFileSync('ip', ['-n', daemon.netns!, '-batch', '-'], { input: batch });
    const gone = await daemon.event('interface.deconfigured', { interface: 'v0', after: first.id });
    await daemon.event('interface.configured', { interface: 'v0', after: gone.id });
    assert.deepEqual(addresses(daemon, 'v0'), ['192.0.2.1']);
  });

  it('is not said to be taken down while it has another name, and is taken down by its own again', async () => {
    await using daemon = await startDaemon(setup([{ interface: 'v0', classes: ['hotplug'] }]));
    add(daemon, 'v0');
    await daemon.event('interface.configured', { interface: 'v0' });
    const rename = (old: string, name: string) => {
      daemon.ip('link', 'set', old, 'down');
      daemon.ip('link', 'set', old, 'name', name);
    };
    rename('v0', 'lan0');
    await daemon.event('link.renamed', { interface: 'lan0' });
    const down = async () => (await daemon.client.call('Down', { interface: 'v0' })).results![0]!;
    const { state, message } = await down();
    assert.deepEqual(
      { state, message },
      { state: 'failed', message: 'its link is called lan0 now: give it the name v0 again, or use --force' },
    );
    assert.deepEqual(addresses(daemon, 'lan0'), ['192.0.2.1']);
    rename('lan0', 'v0');
    assert.equal((await down()).state, 'deconfigured');
    assert.deepEqual(addresses(daemon, 'v0'), []);
  });

  it('is configured in the end, once, however often it comes and goes', async () => {
    await using daemon = await startDaemon(setup([{ interface: 'v0', classes: ['hotplug'] }]));
    for (let times = 0; times < 20; times++) {
      add(daemon, 'v0');
      daemon.ip('link', 'del', 'v0');
    }
    add(daemon, 'v0');
    await until('the last one', async () => {
      const { interfaces = [] } = await daemon.client.call('Status', { parts: ['interfaces'] });
      const busy = interfaces.some(({ phase, waiting }) => phase !== undefined || waiting !== undefined);
      return !busy && interfaces[0]?.state === 'configured' && addresses(daemon, 'v0').length === 1;
    });
  });

  it('is left alone by a daemon that observes: it is only told of', async () => {
    const declared = [{ interface: 'v0', classes: ['auto'] }];
    await using daemon = await startDaemon(setup(declared, { args: ['--observe'] }));
    add(daemon, 'v0');
    await daemon.event('interface.found', { interface: 'v0' });
    assert.deepEqual(addresses(daemon, 'v0'), []);
    assert.equal(daemon.events.filter(({ name }) => name === 'request.ifup').length, 0);
  });

  it('is in the status, with its classes, before anybody has asked for it', async () => {
    await using daemon = await startDaemon(
      setup([{ interface: 'v9', classes: ['lan', 'auto'] }], { args: ['--observe'] }),
    );
    const { interfaces } = await daemon.client.call('Status', { parts: ['interfaces'] });
    const own = interfaces?.find(one => one.interface === 'v9');
    assert.deepEqual([own?.state, own?.classes], ['down', ['lan', 'auto']]);
  });
});

describe('everything that is auto', () => {
  before(function () {
    needs(this, { root: true, programs: ['ip'] });
  });

  it('is told of once when it is configured, later than the start where it takes so long', async () => {
    const declared = ['v0', 'v1'].map(name => ({ interface: name, classes: ['auto'] }));
    await using daemon = await startDaemon(setup([...declared, { interface: 'v2', classes: ['hotplug'] }]));
    add(daemon, 'v0');
    await daemon.event('interface.configured', { interface: 'v0' });
    add(daemon, 'v1');
    const last = await daemon.event('interface.configured', { interface: 'v1' });
    const all = await daemon.event('interface.all-configured');
    assert.deepEqual(all.data, { interfaces: ['v0', 'v1'] });
    assert.equal(all.cause, last.id);
    add(daemon, 'v2');
    await daemon.event('interface.configured', { interface: 'v2' });
    await daemon.client.call('Down', { interface: 'v0' });
    await daemon.client.call('Up', { interface: 'v0' });
    await daemon.event('interface.configured', { interface: 'v0', after: all.id });
    assert.equal(daemon.events.filter(({ name }) => name === 'interface.all-configured').length, 1);
  });
});
