import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { read, root } from './imports.ts';

/** Why it does not compile, in a project of its own that has netconf installed as built. */
function compile(files: Readonly<Record<string, string>>, options: Record<string, unknown> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'netconf-'));
  try {
    const modules = join(folder, 'node_modules');
    mkdirSync(join(modules, '@types'), { recursive: true });
    // As npm would unpack it: what the package's `files` names, and nothing else.
    mkdirSync(join(modules, 'netconf'));
    cpSync(join(root, 'package.json'), join(modules, 'netconf/package.json'));
    cpSync(join(root, 'dist/types'), join(modules, 'netconf/dist/types'), { recursive: true });
    for (const library of ['client.mjs', 'plugin.mjs']) {
      cpSync(join(root, 'dist', library), join(modules, 'netconf/dist', library));
    }
    symlinkSync(join(root, 'node_modules/@types/node'), join(modules, '@types/node'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const compilerOptions = {
      target: 'es2022',
      lib: ['es2022', 'esnext.disposable'],
      module: 'nodenext',
      strict: true,
      noEmit: true,
      types: ['node'],
      ...options,
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    writeFileSync(join(folder, 'package.json'), '{"name":"theirs","type":"module"}');
    const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], {
      encoding: 'utf8',
    });
    return status === 0 ? '' : stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const plugin = `
import { definePlugin, type Hold } from 'netconf/plugin';

declare module 'netconf/plugin' {
  interface Events { 'theirs.happened': { count: number } }
}

export default definePlugin({
  name: 'theirs',
  events: ['theirs'],
  apply(netconf) {
    netconf.on('link.carrier', event => {
      netconf.emit('theirs.happened', { count: event.data.new.mtu });
    });
    netconf.on('theirs.happened', event => netconf.log.notice(event.data.count.toFixed()));
    netconf.hooks.reaction.tap('hold', (): Hold => ({ reason: 'because', ms: 1 }));
  },
});
`;

const client = `
import { connect, NetconfError, type EventJson } from 'netconf/client';

await using daemon = await connect();
const { entry } = await daemon.call('Emit', { event: 'x', wait: true });
const names: string[] = [];
for await (const { event } of daemon.stream('Monitor', {})) {
  if (event) names.push((event satisfies EventJson).name);
}
export { entry, names, NetconfError };
`;

describe('the published types', () => {
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ]) {
    it(`let a third party's plugin and client compile, with events of its own (${moduleResolution})`, () => {
      const files = { 'plugin.ts': plugin, 'client.ts': client };
      assert.equal(compile(files, { module, moduleResolution }), '');
    });
  }

  it('let the example in TypeScript compile there', () => {
    assert.equal(compile({ 'index.ts': read('examples/plugins/uplink/index.ts') }), '');
  });

  it('find a mistake there', () => {
    const wrong = plugin.replace('count: event.data.new.mtu', 'count: event.data.new.ifname');
    assert.match(compile({ 'plugin.ts': wrong }), /plugin\.ts\(13,\d+\): error TS2322/);
  });
});
