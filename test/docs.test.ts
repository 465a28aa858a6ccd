import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCodes } from '../core/base/errors.ts';
import { jsonSchema } from '../core/config/json-schema.ts';
import { cataloguedEvents } from './catalogue.ts';
import { startDaemon, until } from './daemon.ts';
import { needs } from './setup.ts';
import { addVeth } from './veth.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (name: string) => readFileSync(join(root, name), 'utf8');

const plugins = readdirSync(join(root, 'plugins'));

/** The rows of a Markdown table, whose first cell is code: that, and the other cells. */
function rows(text: string): [string, string[]][] {
  return text.split('\n').flatMap(line => {
    const [, first, ...others] = line.split('|').map(cell => cell.trim());
    const name = /^`([^`]+)`$/.exec(first ?? '')?.[1];
    return name === undefined ? [] : [[name, others.slice(0, -1)] as [string, string[]]];
  });
}

describe('docs/errors.md', () => {
  it('lists every code with its sentence, alphabetically, and no other', () => {
    const listed = rows(read('docs/errors.md')).map(([code, [when]]) => [code, when]);
    assert.deepEqual(listed, Object.entries(errorCodes));
    assert.deepEqual(Object.keys(errorCodes), Object.keys(errorCodes).toSorted());
  });
});

describe('docs/configuration.md', () => {
  type Section = { description: string; default?: unknown; properties?: Record<string, Section> };
  const { properties } = jsonSchema() as unknown as { properties: Record<string, Section> };
  const text = read('docs/configuration.md');

  it('lists every key with its sentence and its default, and no other', () => {
    const expected = Object.entries(properties).flatMap(([section, { properties: keys = {} }]) =>
      Object.entries(keys).map(([key, value]) => ({ key: `${section}.${key}`, ...value })),
    );
    const listed = new Map(rows(text).filter(([key]) => !key.startsWith('plugins.')));
    assert.deepEqual(
      [...listed.keys()],
      expected.map(({ key }) => key),
    );
    for (const { key, description, default: value } of expected) {
      const [, shown, sentence] = listed.get(key)!;
      assert.equal(sentence, description, key);
      if (value !== undefined) assert.equal(shown, `\`${JSON.stringify(value)}\``, key);
    }
  });

  it('lists every option of the plugins that ship, and no other', async () => {
    const options = await Promise.all(
      plugins.map(async name => {
        const { default: plugin } = await import(`../plugins/${name}/index.ts`);
        return Object.keys(plugin.options?.entries ?? {}).map(key => `plugins.${name}.${key}`);
      }),
    );
    const listed = rows(text).flatMap(([key]) => (key.startsWith('plugins.') ? [key] : []));
    assert.deepEqual(listed.toSorted(), options.flat().toSorted());
  });

  it('has every section, with its sentence', () => {
    for (const [name, { description }] of Object.entries(properties)) {
      assert.ok(text.includes(`\n## ${name}\n\n${description}\n`), name);
    }
  });
});

describe('docs/events.md', () => {
  it('lists every event of the catalogue and of plugins below its family, and no other', () => {
    const names = cataloguedEvents();
    assert.ok(names.length > 20);
    const listed = read('docs/events.md')
      .split('\n## ')
      .slice(1)
      .flatMap(section => {
        const family = section.slice(0, section.indexOf('\n'));
        const events = rows(section).map(([name]) => name);
        for (const name of events) assert.equal(name.split('.')[0], family);
        return events;
      });
    assert.deepEqual(listed.toSorted(), names.toSorted());
  });
});

describe('the manual pages', () => {
  const pages = readdirSync(join(root, 'docs/man')).map(name => join(root, 'docs/man', name));

  it('are roff that groff has nothing to say against', function () {
    needs(this, { programs: ['groff'] });
    for (const page of pages) {
      const { status, stderr } = spawnSync('groff', ['-t', '-man', '-ww', '-z', '-Tutf8', page], {
        encoding: 'utf8',
      });
      assert.deepEqual({ page, status, stderr }, { page, status: 0, stderr: '' });
    }
  });

  it('name every variable that a script gets, and every hook point', () => {
    const hooks = read('docs/man/netconf-hooks.7').replaceAll('\\-', '-');
    const environment = read('core/runner/environment.ts');
    const fixed = /const fixed[^[]*\[(.*?)\n\]/s.exec(environment)?.[1] ?? '';
    const variables = [...fixed.matchAll(/'([A-Z_]+)'/g)].map(found => found[1]!);
    assert.ok(variables.length > 5);
    for (const variable of variables) assert.match(hooks, new RegExp(`^\\.B ${variable}$`, 'm'), variable);

    const plugins = read('docs/man/netconf-plugins.7');
    const points = /export interface HookPoints \{(.*?)\n\}/s.exec(read('core/plugin/hooks.ts'))?.[1] ?? '';
    const names = [...points.matchAll(/^ {2}([a-zA-Z]+):/gm)].map(found => found[1]!);
    assert.ok(names.length > 10);
    for (const name of names) assert.match(plugins, new RegExp(`\\b${name}\\b`), name);
  });
});

describe('every document', () => {
  const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].concat(
    readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.md'))
      .map(name => join('docs', name)),
  );

  it('links to files that exist', () => {
    for (const document of documents) {
      for (const [, target] of read(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
        assert.ok(existsSync(join(root, dirname(document), target!)), `${document}: ${target}`);
      }
    }
  });

  it('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const document of documents) {
      for (const [, script] of read(document).matchAll(/npm run ([a-z]+)/g)) {
        assert.ok(script! in scripts, `${document}: npm run ${script}`);
      }
      assert.ok('start' in scripts && 'test' in scripts);
    }
  });
});

describe('the picture of the flow', () => {
  it('is well-formed XML', function () {
    needs(this, { programs: ['python3'] });
    const parse = 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])';
    execFileSync('python3', ['-c', parse, join(root, 'docs/flow.svg')]);
  });
});

describe('README', () => {
  before(function () {
    needs(this, { root: true, programs: ['ip'] });
  });

  /** What the README puts into a file below /etc/netconf. */
  const fileOf = (path: string): string => {
    const found = read('README.md').split(`\`/etc/netconf/${path}\`:\n\n`)[1];
    const code = /^```\w+\n(.*?)^```$/ms.exec(found ?? '')?.[1];
    assert.ok(code !== undefined, path);
    assert.ok(code.split('\n').length <= 11, 'ten lines');
    return code;
  };

  it('names every plugin that ships, and no other', () => {
    const [, table = ''] = read('README.md').split('\n## Plugins that ship\n');
    const cells = [...table.split('\n## ')[0]!.matchAll(/^\| (`[^|]+)\|/gm)].map(([, cell]) => cell!);
    const named = cells.flatMap(cell => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
    assert.deepEqual(named.toSorted(), plugins.toSorted());
  });

  it('has a first hook script that runs, and emits an event', async () => {
    const name = 'link.carrier.d/50-hello';
    await using daemon = await startDaemon({ hooks: { [name]: fileOf(`hooks.d/${name}`) } });
    addVeth(daemon);
    const event = await daemon.event('cable-plugged', { interface: 'near' });
    assert.deepEqual(event.data, { MTU: '1500' });
    const output = await until('the run', async () => {
      const { entries } = await daemon.client.call('History', { id: event.cause! });
      return entries[0]?.state === 'done' && entries[0].runs[0]?.output;
    });
    assert.equal(output, 'near has a carrier, MTU 1500\n');
  });

  it('has a first plugin that loads while the daemon runs, and emits an event', async () => {
    await using daemon = await startDaemon();
    writeFileSync(join(daemon.plugins, 'roaming.mjs'), fileOf('plugins/roaming.mjs'), { mode: 0o644 });
    daemon.netconf('plugin', 'load', 'roaming');
    addVeth(daemon);
    daemon.ip('address', 'add', '192.0.2.2/24', 'dev', 'near');
    daemon.ip('route', 'add', 'default', 'via', '192.0.2.1');
    const event = await daemon.event('way-out-changed');
    assert.deepEqual(event.data, { family: 'inet', dev: 'near' });
    assert.equal(event.source, 'plugin:roaming');
  });

  it('has an emit line that waits for the scripts', async () => {
    const line = /^netconf (emit .*)$/m.exec(read('README.md'))?.[1] ?? '';
    await using daemon = await startDaemon({
      hooks: { 'home-lan-connected.d/10-say': '#!/bin/sh\necho "at $NETCONF_SSID"\nexit 1\n' },
    });
    assert.throws(() => daemon.netconf(...line.split(' ')), { status: 1 });
    const { entries } = await daemon.client.call('History', { names: ['home-lan-connected'] });
    assert.equal(entries[0]?.event.interface, 'wlan0');
    assert.equal(entries[0]?.runs[0]?.output, 'at home\n');
  });
});
