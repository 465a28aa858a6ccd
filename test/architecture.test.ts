import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { importsOf, read, root, sourcesIn } from './imports.ts';

/** The parts of the core, from the one that knows all to the one that knows none: each may import what comes after it. */
const order = [
  'main',
  'interface',
  'plugin',
  'runner',
  'control',
  'dhcp',
  'netlink',
  'bus',
  'config',
  'base',
];

const longest = 250;
const plugins = readdirSync(join(root, 'plugins'));
const core = sourcesIn('core');
const sources = [...core, ...sourcesIn('cli'), ...sourcesIn('plugins')];
const isFile = (target: string) => target.endsWith('.ts');

/** `core/main.ts` and its siblings are `main`; else the folder's name. */
function partOf(file: string): string {
  const [, folder = '', below] = file.split('/');
  return below === undefined ? 'main' : folder;
}

/** Sentences about the imports that a rule does not allow. */
function offences(files: readonly string[], allows: (from: string, to: string) => boolean): string[] {
  return files.flatMap(from =>
    importsOf(from)
      .filter(({ target }) => !allows(from, target))
      .map(({ target }) => `${from} imports ${target}`),
  );
}

describe('the architecture', () => {
  it('is read whole: no import that the bundler follows is missed', async () => {
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: ['core/main.ts', 'cli/netconf.ts', ...plugins.map(name => `plugins/${name}/index.ts`)],
      bundle: true,
      platform: 'node',
      packages: 'external',
      metafile: true,
      write: false,
      outdir: 'out',
      logLevel: 'silent',
    });
    for (const [file, { imports }] of Object.entries(metafile.inputs)) {
      if (!isFile(file)) continue;
      const known = new Set(importsOf(file).map(({ target }) => target));
      for (const { path, kind, external } of imports) {
        if (!external && kind !== 'require-call') assert.ok(known.has(path), `${file}: ${path}`);
      }
    }
  });

  it('has no part of the core but those of the order', () => {
    for (const file of core) assert.ok(order.includes(partOf(file)), file);
  });

  it('has arrows that point down, those of types too', () => {
    const rank = (file: string) => order.indexOf(partOf(file));
    const down = (from: string, to: string) => !to.startsWith('core/') || rank(to) >= rank(from);
    assert.deepEqual(offences(core, down), []);
  });

  it('has a core that knows nothing of what stands on it, and names no plugin', () => {
    const own = (_: string, to: string) => !/^(cli|plugins|examples|test|bench|scripts)\//.test(to);
    assert.deepEqual(offences(core, own), []);
    // Words of the design and of the kernel beside: parts, sources, hook points and attributes are called so, too.
    const words = new Set(['dhcp', 'firewall', 'guard', 'interfaces', 'methods', 'policy', 'vlan']);
    const named = core.flatMap(file =>
      plugins
        .filter(name => !words.has(name))
        .filter(name => new RegExp(`['"\`/]${name}['"\`/]`).test(read(file)))
        .map(name => `${file} names ${name}`),
    );
    assert.deepEqual(named, []);
  });

  it('lets only the door to libc import koffi', () => {
    const door = (from: string, to: string) => to !== 'koffi' || from.startsWith('core/base/libc/');
    assert.deepEqual(offences(sources, door), []);
  });

  it('keeps the daemon to itself: no client, plugin or part of the core imports it', () => {
    const closed = new Set(['core/main.ts', 'core/daemon.ts', 'core/answers.ts']);
    const apart = (from: string, to: string) => closed.has(from) || !closed.has(to);
    assert.deepEqual(offences(sources, apart), []);
  });

  it('lets plugins import the contract, the base and themselves, and no other plugin', () => {
    const allowed = (from: string, to: string) =>
      !isFile(to) ||
      to.startsWith('core/plugin/') ||
      to.startsWith('core/base/') ||
      to.startsWith(`${from.split('/').slice(0, 2).join('/')}/`);
    assert.deepEqual(offences(sourcesIn('plugins'), allowed), []);
  });

  it('lets examples import what a third party has, and nothing else', () => {
    const published = new Set(['core/plugin/contract.ts', 'core/control/client.ts']);
    const inside = (from: string, to: string) =>
      !isFile(to) || published.has(to) || to.startsWith(`${from.split('/').slice(0, 3).join('/')}/`);
    assert.deepEqual(offences(sourcesIn('examples'), inside), []);
  });

  it('has no circle of imports', () => {
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]) => {
      const at = path.indexOf(file);
      if (at >= 0) circles.push([...path.slice(at), file].join(' → '));
      if (at >= 0 || done.has(file)) return;
      for (const { target } of importsOf(file)) if (isFile(target)) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of sources) visit(file, []);
    assert.deepEqual(circles, []);
  });

  it('imports files that exist', () => {
    const exists = new Set(sources);
    assert.deepEqual(
      offences(sources, (_, to) => !isFile(to) || exists.has(to)),
      [],
    );
  });

  it('has no long file whose first comment does not say why', () => {
    const silent = [...sources, ...sourcesIn('bench')].filter(file => {
      const text = read(file);
      return text.split('\n').length - 1 > longest && !/^(#!.*\n)?(\/\/|\/\*)/.test(text);
    });
    assert.deepEqual(silent, []);
  });
});
