import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Folder } from '../folder.ts';
import { needs } from '../setup.ts';
import { pluginsOn, tick } from './fixture.ts';

/** What a test plugin saw, through the one thing it shares with the test: the process. */
const seen: string[] = [];
(globalThis as { pluginTestSeen?: string[] }).pluginTestSeen = seen;

const recorder = (name: string, body: string, head = '') =>
  `export default { name: '${name}', ${head} apply(netconf) { const seen = globalThis.pluginTestSeen; ${body} } };`;

describe('plugins', () => {
  beforeEach(() => {
    seen.length = 0;
  });

  it('loads .mjs and .js files and folders with a package.json, and shows each in the report', async () => {
    using folder = new Folder({
      'one.mjs': recorder('one', "netconf.on('x', () => seen.push('one'));", "version: '1.2.3',"),
      'two.js': recorder('two', "netconf.on('*', event => seen.push('two ' + event.name));"),
      'three/package.json': '{"version": "3.0.0", "type": "module", "exports": {".": "./lib/main.js"}}',
      'three/lib/main.js': recorder('three', "netconf.hooks.preUp.tapPromise('check', async () => {});"),
      'notes.txt': 'not a plugin',
      'no-manifest/index.js': 'nothing',
    });
    const { bus, plugins, events } = pluginsOn([folder.path]);
    await plugins.loadAll();
    bus.publish('x', { source: 'daemon' });
    assert.deepEqual(
      seen.filter(line => !line.includes('plugin.loaded')),
      ['one', 'two x'],
    );
    const reports = plugins.reports();
    assert.deepEqual(
      reports.map(({ name, version, state, taps, listeners }) => ({ name, version, state, taps, listeners })),
      [
        { name: 'one', version: '1.2.3', state: 'loaded', taps: [], listeners: ['x'] },
        { name: 'three', version: '3.0.0', state: 'loaded', taps: ['preUp (check)'], listeners: [] },
        { name: 'two', version: null, state: 'loaded', taps: [], listeners: ['*'] },
      ],
    );
    assert.equal(reports[0]?.file, join(folder.path, 'one.mjs'));
    assert.equal(events.filter(event => event.name === 'plugin.loaded').length, 3);
  });

  it('lets the earlier directory win, in which a plugin of the same name lies', async () => {
    using first = new Folder({ 'same.mjs': recorder('same', "seen.push('first');") });
    using second = new Folder({ 'same.mjs': recorder('same', "seen.push('second');") });
    const { plugins } = pluginsOn([first.path, '/nonexistent/plugins', second.path]);
    await plugins.loadAll();
    assert.deepEqual(seen, ['first']);
  });

  it('says file and mistake of every plugin that cannot be loaded, and loads the rest', async () => {
    const bad: Record<string, [content: string, message: RegExp]> = {
      'syntax.mjs': ['export default {\n  name: "syntax",\n  apply( { }\n};\n', /syntax\.mjs:[34].*: /],
      'throws.mjs': ['const a = 1;\nthrow new Error("on purpose");\n', /throws\.mjs:2:7: on purpose/],
      'nothing.mjs': ['export const name = 1;', /nothing\.mjs: no default export/],
      'number.mjs': ['export default 42;', /the default export is a number/],
      'unnamed.mjs': ['export default { apply() {} };', /`name` must be/],
      'other.mjs': [
        'export default { name: "another", apply() {} };',
        /`name` is another, but the file is called other/,
      ],
      'noapply.mjs': ['export default { name: "noapply" };', /`apply` must be a function/],
      'future.mjs': [
        'export default { name: "future", api: 2, apply() {} };',
        /plugin contract 2; this netconf speaks 1/,
      ],
      'typo.mjs': ['export default { name: "typo", nedes: [], apply() {} };', /unknown property `nedes`/],
      'needy.mjs': [
        'export default { name: "needy", needs: ["absent"], apply() {} };',
        /needs the plugin absent, which is not there/,
      ],
      'ring-a.mjs': [
        'export default { name: "ring-a", needs: ["ring-b"], apply() {} };',
        /ring-a → ring-b → ring-a/,
      ],
      'ring-b.mjs': [
        'export default { name: "ring-b", needs: ["ring-a"], apply() {} };',
        /needs form a cycle/,
      ],
      'thief.mjs': [
        'export default { name: "thief", events: ["link"], apply() {} };',
        /the family link belongs to the core/,
      ],
      'apply.mjs': [
        'export default { name: "apply",\n apply() { throw new TypeError("in apply"); } };',
        /in apply/,
      ],
      'rejects.mjs': [
        'export default { name: "rejects", async apply() { throw new Error("rejected"); } };',
        /rejected/,
      ],
    };
    using folder = new Folder(
      Object.fromEntries(Object.entries(bad).map(([name, [content]]) => [name, content])),
    );
    folder.write('good.mjs', recorder('good', "seen.push('good');"));
    folder.write('broken/package.json', '{"main": ');
    const { plugins, events } = pluginsOn([folder.path]);
    await plugins.loadAll();
    assert.deepEqual(seen, ['good']);
    const reports = new Map(plugins.reports().map(report => [report.name, report]));
    for (const [file, [, message]] of Object.entries(bad)) {
      const report = reports.get(file.replace('.mjs', ''));
      assert.equal(report?.state, 'failed', file);
      assert.match(report?.reason ?? '', message, file);
    }
    assert.match(reports.get('broken')?.reason ?? '', /broken\/package\.json: .*JSON/);
    assert.equal(events.filter(event => event.name === 'plugin.failed').length, Object.keys(bad).length + 1);
  });

  it('applies plugins after those that they need, and taps in order of stage', async () => {
    const tap = (stage: number) =>
      `netconf.hooks.create.tap({ stage: ${stage} }, () => { seen.push(netconf.name); });`;
    using folder = new Folder({
      'a.mjs': recorder('a', `seen.push('apply a'); ${tap(10)}`, "needs: ['z'],"),
      'm.mjs': recorder('m', `seen.push('apply m'); ${tap(0)}`),
      'z.mjs': recorder('z', `seen.push('apply z'); ${tap(-5)}`),
      'y.mjs': recorder(
        'y',
        `seen.push('apply y'); netconf.hooks.create.tap({ before: 'z' }, () => { seen.push('y'); });`,
      ),
    });
    const { plugins, host } = pluginsOn([folder.path]);
    await plugins.loadAll();
    assert.deepEqual(seen.splice(0), ['apply z', 'apply a', 'apply m', 'apply y']);
    await host.hooks.call('create', {} as never);
    assert.deepEqual(seen, ['y', 'z', 'm', 'a']);
  });

  it('checks options by the plugin schema and says where in the configuration the mistake stands', async () => {
    const schema = `options: { '~standard': { version: 1, vendor: 'test', validate: value =>
      typeof value.port === 'number' ? { value } : { issues: [{ message: 'a number was expected', path: ['port'] }] } } },`;
    using folder = new Folder({
      'strict.mjs': recorder('strict', 'seen.push(netconf.options.port);', schema),
    });
    const good = pluginsOn([folder.path], { options: { strict: { port: 7 } } });
    await good.plugins.loadAll();
    assert.deepEqual(seen, [7]);
    const bad = pluginsOn([folder.path], { options: { strict: { port: 'seven' } } });
    await bad.plugins.loadAll();
    assert.match(
      bad.plugins.reports()[0]?.reason ?? '',
      /^test\.yaml:1:1 \(strict\.port\): plugins\.strict\.port: a number was expected$/,
    );
  });

  it('keeps out a plugin that the configuration switches off', async () => {
    using folder = new Folder({ 'off.mjs': recorder('off', "seen.push('applied');") });
    const { plugins } = pluginsOn([folder.path], { options: { off: false } });
    await plugins.loadAll();
    assert.deepEqual(seen, []);
    assert.equal(plugins.reports()[0]?.reason, 'switched off in the configuration');
  });

  it('takes back everything when a plugin is unloaded, and loads a changed file anew', async () => {
    const body = (mark: string) => `
      netconf.on('x', () => seen.push('${mark} x'));
      netconf.hooks.reaction.tap('hold', () => { seen.push('${mark} reaction'); });
      netconf.onUnload(() => seen.push('${mark} closed'));
      setTimeout(() => { netconf.on('x', () => seen.push('after death')); netconf.emit('zombie'); }, 20);`;
    using folder = new Folder({ 'come-and-go.mjs': recorder('come-and-go', body('old')) });
    const { bus, host, plugins, events } = pluginsOn([folder.path]);
    await plugins.loadAll();
    await plugins.unload('come-and-go');
    bus.publish('x', { source: 'daemon' });
    host.hooks.callSync('reaction', {} as never);
    assert.deepEqual(seen.splice(0), ['old closed']);
    assert.equal(plugins.reports()[0]?.state, 'unloaded');
    await tick(40);
    bus.publish('x', { source: 'daemon' });
    assert.deepEqual(seen, []);
    assert.ok(!events.some(event => event.name === 'zombie'));

    folder.write('come-and-go.mjs', `${recorder('come-and-go', body('new'))}\n`);
    await plugins.load('come-and-go');
    bus.publish('x', { source: 'daemon' });
    assert.deepEqual(seen, ['new x']);
  });

  it('leaves nothing behind after a thousand loads and unloads', async () => {
    using folder = new Folder({
      'cycle.mjs': recorder(
        'cycle',
        "netconf.on('x', () => {}); netconf.hooks.preUp.tap('t', () => {}); netconf.hooks.step.for('S').tap('t', () => undefined);",
      ),
    });
    const { bus, host, plugins } = pluginsOn([folder.path]);
    await plugins.loadAll();
    for (let i = 0; i < 1000; i++) await plugins.load('cycle');
    assert.equal(bus.listening.get('x'), 1);
    assert.equal(host.hooks.taps().length, 2);
    await plugins.unload('cycle');
    assert.equal(bus.listening.get('x'), 0);
    assert.equal(host.hooks.taps().length, 0);
  });

  it('replays what exists to a plugin loaded late, and to it alone', async () => {
    using folder = new Folder({
      'early.mjs': recorder('early', "netconf.on('link.added', () => seen.push('early'));"),
    });
    const made = pluginsOn([folder.path], {
      existing: () => [
        made.bus.create('link.added', { source: 'netlink', interface: 'eth0', replayed: true }),
      ],
    });
    await made.plugins.loadAll();
    folder.write(
      'late.mjs',
      recorder(
        'late',
        `netconf.on('link.added', event => seen.push('late ' + event.interface + ' ' + event.replayed));
        netconf.hooks.ready.tap('r', () => { seen.push('ready'); });`,
      ),
    );
    await made.plugins.load('late');
    assert.deepEqual(seen, ['ready', 'late eth0 true']);
  });

  it('refuses to unload what another plugin needs, and disables both when it keeps failing', async () => {
    using folder = new Folder({
      'base.mjs': recorder('base', "netconf.on('x', () => { throw new Error('broken'); });"),
      'upper.mjs': recorder('upper', "netconf.on('x', () => seen.push('upper'));", "needs: ['base'],"),
    });
    const { bus, plugins } = pluginsOn([folder.path]);
    await plugins.loadAll();
    await assert.rejects(plugins.unload('base'), /upper needs it/);
    for (let i = 0; i < 20; i++) bus.publish('x', { source: 'daemon' });
    const [base, upper] = plugins.reports();
    assert.equal(base?.state, 'disabled');
    assert.match(base?.reason ?? '', /10 failures within 300 s, the last: listener x: broken/);
    assert.equal(base?.failures, 10);
    assert.match(upper?.reason ?? '', /needs base/);
    assert.equal(seen.length, 9);
    await plugins.load('base');
    assert.equal(plugins.reports()[0]?.state, 'loaded');
  });

  it('disables a plugin that keeps failing while it is loaded late, says so, and can load it again', async () => {
    const broken = "netconf.on('link.added', () => { throw new Error('broken'); });";
    using folder = new Folder();
    const made = pluginsOn([folder.path], {
      existing: () =>
        Array.from({ length: 20 }, () =>
          made.bus.create('link.added', { source: 'netlink', interface: 'eth0', replayed: true }),
        ),
    });
    const { plugins, settings } = made;
    await plugins.loadAll();
    const file = folder.write('late.mjs', recorder('late', broken));
    await assert.rejects(plugins.load('late'), /disabled while it was loading: listener link.added: broken/);
    assert.equal(plugins.reports()[0]?.state, 'disabled');
    await assert.rejects(plugins.load('late'), /disabled while it was loading/);
    rmSync(file);
    folder.write('late.mjs', recorder('late', "seen.push('mended');"));
    await plugins.reconcile(settings);
    assert.equal(plugins.reports()[0]?.state, 'loaded');
    assert.deepEqual(seen, ['mended']);
  });

  it('tries an import that failed again, though the file is the same', async () => {
    using folder = new Folder({
      'needy.mjs': `import { readFileSync } from 'node:fs';
        readFileSync(new URL('./data', import.meta.url));
        export default { name: 'needy', apply() {} };`,
    });
    const { plugins, settings } = pluginsOn([folder.path]);
    await plugins.loadAll();
    await assert.rejects(plugins.load('needy'), /needy\.mjs:2:9: ENOENT/);
    folder.write('data', '');
    await plugins.reconcile(settings);
    assert.equal(plugins.reports()[0]?.state, 'loaded');
  });

  it('gives a plugin no options but those of the configuration, whatever its name', async () => {
    using folder = new Folder({
      'constructor.mjs': recorder('constructor', 'seen.push(String(netconf.options));'),
    });
    await pluginsOn([folder.path]).plugins.loadAll();
    assert.deepEqual(seen, ['undefined']);
  });

  it('bounds listeners and taps that never answer, and goes on', async () => {
    const deadlines = { authorise: 20, tap: 30, step: 30 };
    using folder = new Folder({
      'never.mjs': recorder(
        'never',
        `
        netconf.on('x', () => new Promise(() => {}));
        netconf.hooks.authorise.tapPromise('never', () => new Promise(() => {}));
        netconf.hooks.preUp.tapPromise('never', () => new Promise(() => {}));`,
      ),
      'other.mjs': recorder(
        'other',
        `
        netconf.hooks.authorise.tapPromise('yes', async () => ({ allow: true }));`,
      ),
    });
    const { bus, host, plugins, events } = pluginsOn([folder.path], { deadlines });
    await plugins.loadAll();
    bus.publish('x', { source: 'daemon' });
    assert.deepEqual(await host.hooks.call('authorise', {} as never), { allow: true });
    await assert.rejects(host.hooks.call('preUp', {} as never), /never: its promise is still pending/);
    await tick(50);
    const failures = events
      .filter(event => event.name === 'plugin.failed')
      .map(event => (event.data as { where: string }).where);
    assert.deepEqual(failures.sort(), ['listener x', 'tap authorise', 'tap preUp']);
  });

  it('takes no answer that cannot be read for an end: the taps after it still answer', async () => {
    const odd = {
      circle: 'const circle = {}; circle.circle = circle; return circle;',
      bigint: 'return { allow: 1n };',
      getter: "return { get allow() { throw new Error('unreadable'); } };",
      json: "return { toJSON() { throw new Error('no JSON'); } };",
      later: "return { get then() { throw new Error('no then'); } };",
      never: "return { then() { throw new Error('then fails'); } };",
    };
    for (const [name, body] of Object.entries(odd)) {
      using folder = new Folder({
        [`${name}.mjs`]: recorder(
          name,
          `netconf.hooks.authorise.tapPromise('slow', async () => {});
          netconf.hooks.authorise.tapPromise('at-once', () => { ${body} });
          netconf.hooks.authorise.tapPromise('awaited', async () => { await null; ${body} });
          netconf.hooks.authorise.tapPromise('good', async () => ({ allow: true }));`,
        ),
      });
      const { host, plugins, events } = pluginsOn([folder.path]);
      await plugins.loadAll();
      const answer = await Promise.race([host.hooks.call('authorise', {} as never), tick(1000)]);
      assert.deepEqual(answer, { allow: true }, name);
      const failed = events.filter(event => event.name === 'plugin.failed');
      assert.equal(failed.length, 2, name);
    }
  });

  it('gathers what plugins add for others, and tells who watches once for all that changed', async () => {
    using folder = new Folder({
      'asks.mjs': recorder(
        'asks',
        `netconf.watch('firewall', () => {
          seen.push(netconf.gather('firewall', []).map(({ plugin }) => plugin).join(' '));
        });`,
      ),
      'nonsense.mjs': recorder(
        'nonsense',
        "netconf.hooks.firewall.tap('n', parts => [...parts, { plugin: 1 }]);",
      ),
      'tells.mjs': recorder(
        'tells',
        `netconf.hooks.firewall.tap('t', parts => [...parts, { plugin: 'tells', networks: [], rules: [] }]);
        netconf.on('again', () => { netconf.touch('firewall'); netconf.touch('firewall'); });`,
      ),
    });
    const { bus, plugins } = pluginsOn([folder.path]);
    await plugins.loadAll();
    await tick();
    assert.deepEqual(seen.splice(0), ['tells']);
    bus.publish('again', { source: 'user:0', data: {} });
    await tick();
    assert.deepEqual(seen.splice(0), ['tells']);
    plugins.unload('tells');
    await tick();
    assert.deepEqual(seen.splice(0), ['']);
    plugins.unload('asks');
    plugins.unload('nonsense');
    await tick();
    assert.deepEqual(seen.splice(0), []);
  });

  it('gathers stanzas of sources, and what plugins say that they make of them, once for each list', async () => {
    using folder = new Folder({
      'source.mjs': recorder(
        'source',
        `const known = ['bond0', 'eth0'].map(logical => ({ logical, classes: [], stanza: { family: 'inet', method: 'manual', step: 'Manual', options: [] } }));
        netconf.hooks.stanzas.tap('s', before => before.length === 0 ? known : [...before, ...known]);`,
      ),
      'maker.mjs': recorder(
        'maker',
        `let last, marked;
        netconf.hooks.stanzas.tap({ name: 'm', stage: 10 }, known => {
          if (known !== last) marked = known.map(one => one.logical === 'bond0' ? { ...one, makes: { members: ['eth0'] } } : one);
          last = known;
          return marked;
        });`,
      ),
      'nonsense.mjs': recorder(
        'nonsense',
        "netconf.hooks.stanzas.tap('n', known => [...known, { stanza: 1 }]);",
      ),
      'asks.mjs': recorder(
        'asks',
        "netconf.on('x', () => { seen.push(netconf.gather('stanzas', [], undefined)); });",
      ),
    });
    const { bus, plugins } = pluginsOn([folder.path]);
    await plugins.loadAll();
    for (let i = 0; i < 2; i++) bus.publish('x', { source: 'daemon' });
    const [first, second] = seen as unknown as { logical: string; makes?: object }[][];
    assert.deepEqual(
      first?.map(({ logical, makes }) => [logical, makes]),
      [
        ['bond0', { members: ['eth0'] }],
        ['eth0', undefined],
      ],
    );
    assert.equal(first, second);
  });

  it('passes over a failing synchronous tap, gathers failures on the way down, stops at the first on the way up', async () => {
    using folder = new Folder({
      'a.mjs': recorder(
        'a',
        `
        netconf.hooks.environment.tap('e', () => { throw new Error('env'); });
        netconf.hooks.reaction.tap('r', async () => ({ ms: 1, reason: 'too late' }));
        netconf.hooks.preUp.tap('u', () => { throw new Error('a up'); });
        netconf.hooks.preDown.tap('d', () => { throw new Error('a down'); });`,
      ),
      'b.mjs': recorder(
        'b',
        `
        netconf.hooks.environment.tap('e', variables => ({ ...variables, B: '2' }));
        netconf.hooks.preUp.tap('u', () => { seen.push('b up'); });
        netconf.hooks.preDown.tapPromise('d', async () => { seen.push('b down'); throw new Error('b down'); });`,
      ),
    });
    const { host, plugins } = pluginsOn([folder.path]);
    await plugins.loadAll();
    assert.deepEqual(host.hooks.callSync('environment', { A: '1' }, {} as never), { A: '1', B: '2' });
    assert.equal(host.hooks.callSync('reaction', {} as never), undefined);
    await assert.rejects(host.hooks.call('preUp', {} as never), /a up/);
    await assert.rejects(host.hooks.call('preDown', {} as never), (error: AggregateError) => {
      assert.deepEqual(error.errors.map(String), ['Error: a down', 'Error: b down']);
      return true;
    });
    assert.deepEqual(seen, ['b down']);
    await tick();
    assert.match(plugins.reports()[0]?.lastFailure ?? '', /must answer at once/);
  });

  it('lets a plugin emit its own families and custom names only, and not hear of its own failure', async () => {
    using folder = new Folder({
      'radio.mjs': recorder(
        'radio',
        `
        const attempt = name => { try { netconf.emit(name, { ssid: 'x' }, { interface: 'wlan0' }); seen.push('ok ' + name); } catch (error) { seen.push(error.code + ' ' + name); } };
        netconf.on('plugin.failed', () => seen.push('heard'));
        netconf.on('go', () => { for (const name of ['wifi.connected', 'home-lan', 'link.up', 'vpn.up', 'Bad Name', 'wifi./../x']) attempt(name); throw new Error('x'); });`,
        "events: ['wifi'],",
      ),
      'spy.mjs': recorder(
        'spy',
        "netconf.on('plugin.failed', event => seen.push('spy heard ' + event.data.plugin)); netconf.on('wifi.connected', event => seen.push(event.source + ' ' + event.interface));",
      ),
    });
    const { bus, plugins, host } = pluginsOn([folder.path]);
    await plugins.loadAll();
    assert.deepEqual([...host.families], ['wifi']);
    bus.publish('go', { source: 'daemon' });
    assert.deepEqual(seen, [
      'ok wifi.connected',
      'ok home-lan',
      'ReservedName link.up',
      'ReservedName vpn.up',
      'BadEventName Bad Name',
      'BadEventName wifi./../x',
      'plugin:radio wlan0',
      'spy heard radio',
    ]);
  });

  it('makes what is loaded agree with new settings and changed files on reload', async () => {
    using folder = new Folder({
      'keep.mjs': recorder('keep', "seen.push('keep');"),
      'change.mjs': recorder('change', "seen.push('change ' + netconf.options.a);"),
      'off.mjs': recorder('off', "seen.push('off'); netconf.onUnload(() => seen.push('off gone'));"),
    });
    const { plugins, settings } = pluginsOn([folder.path], { options: { change: { a: 1 } } });
    await plugins.loadAll();
    assert.deepEqual(seen.splice(0), ['change 1', 'keep', 'off']);
    folder.write('new.mjs', recorder('new', "seen.push('new');"));
    await plugins.reconcile({ ...settings, options: { change: { a: 2 }, off: false } });
    assert.deepEqual(seen, ['off gone', 'change 2', 'new']);
  });

  it('loads plugins from a file of several that theirs pass on, each anew when it is loaded again', async () => {
    const plugin = (name: string) =>
      `get '${name}'() { let loads = globalThis.pluginTestSeen.push('made ${name}'); return { default: ${recorder(name, `seen.push('${name} ' + loads++);`).slice('export default '.length).replace(/;$/, '')} }; }`;
    using folder = new Folder({
      'several/all.cjs': `module.exports = {${plugin('one')}, ${plugin('two')}, ${plugin('three')}};`,
      'plugins/one.cjs': "module.exports = require('../several/all.cjs')['one'];\n",
      'plugins/two.cjs': "module.exports = require('../several/all.cjs')['two'];\n",
      'plugins/four.cjs': "module.exports = require('../several/all.cjs')['four'];\n",
      'own/two.mjs': recorder('two', "seen.push('the administrator’s two');"),
    });
    const { plugins } = pluginsOn([join(folder.path, 'own'), join(folder.path, 'plugins')]);
    await plugins.loadAll();
    assert.deepEqual(
      seen.splice(0),
      ['made one', 'one 1', 'the administrator’s two'],
      'only what is wanted is made',
    );
    assert.match(plugins.reports().find(({ name }) => name === 'four')?.reason ?? '', /all\.cjs has no four/);
    await plugins.load('one');
    assert.deepEqual(seen.splice(0), ['made one', 'one 1']);
    if (process.getuid?.() !== 0) return;
    chmodSync(join(folder.path, 'several/all.cjs'), 0o666);
    await assert.rejects(plugins.load('one'), /all\.cjs is writable/);
  });

  it('refuses plugins that somebody else than root could change', async function () {
    needs(this, { root: true });
    using folder = new Folder({ 'open.mjs': recorder('open', "seen.push('open');") });
    folder.write('pack/package.json', '{"type": "module"}');
    folder.write('pack/index.js', recorder('pack', "seen.push('pack');"));
    chmodSync(folder.write('pack/lib/helper.js', ''), 0o666);
    chmodSync(join(folder.path, 'open.mjs'), 0o666);
    // Reading it would never end.
    folder.write('pipe/index.js', '');
    execFileSync('mkfifo', ['-m', '666', join(folder.path, 'pipe/package.json')]);
    const elsewhere = folder.write('elsewhere', recorder('out', "seen.push('out');"));
    chmodSync(elsewhere, 0o666);
    folder.write('out/package.json', '{"type": "module", "main": "../elsewhere"}');
    const { plugins } = pluginsOn([folder.path]);
    await plugins.loadAll();
    assert.deepEqual(seen, []);
    for (const report of plugins.reports()) assert.match(report.reason ?? '', /writable/);
    assert.equal(plugins.reports().length, 4);
    await assert.rejects(plugins.load('open'), /open\.mjs.*writable/);
  });
});
