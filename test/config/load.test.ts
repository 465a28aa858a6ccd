import assert from 'node:assert/strict';
import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { interfaceOptions } from '../../core/config/interfaces.ts';
import { jsonSchema } from '../../core/config/json-schema.ts';
import { loadConfiguration } from '../../core/config/load.ts';
import { defaults } from '../../core/config/schema.ts';
import { Folder } from '../folder.ts';
import { needs } from '../setup.ts';

async function mistakesIn(name: string, text: string): Promise<string[]> {
  using folder = new Folder({ [name]: text });
  const file = join(folder.path, name);
  let message = '';
  await assert.rejects(loadConfiguration(file), (error: Error & { code: string }) => {
    assert.equal(error.code, 'BadConfiguration');
    message = error.message;
    return true;
  });
  return message.replaceAll(file, name).split('\n');
}

describe('the configuration', () => {
  it('is the defaults where there is no file', async () => {
    const { configuration, file } = await loadConfiguration(undefined, '/nonexistent/netconf');
    assert.equal(file, null);
    assert.deepEqual(configuration, defaults());
    assert.equal(configuration.hooks.deadline, 30);
    assert.equal(configuration.hooks.parallel, 64);
  });

  it('is read from netconf.yaml before netconf.json, defaults filled in', async () => {
    using folder = new Folder({
      'netconf.json': '{"hooks": {"deadline": 7}}',
      'netconf.yaml': 'hooks:\n  deadline: 5\nplugins:\n  damping: {changes: 3}\n  other: false\n',
    });
    const { configuration, file, locate } = await loadConfiguration(undefined, folder.path);
    assert.equal(file, join(folder.path, 'netconf.yaml'));
    assert.equal(configuration.hooks.deadline, 5);
    assert.equal(configuration.hooks.replay, false);
    assert.deepEqual(configuration.plugins, { damping: { changes: 3 }, other: false });
    assert.equal(locate(['plugins', 'damping', 'changes']), `${file}:4:13`);
    assert.equal(locate(['plugins', 'damping', 'absent']), `${file}:4:3`);
  });

  it('is read from JSON, and an empty file is the defaults', async () => {
    using folder = new Folder({
      'netconf.json': '{"netlink": {"neighbours": true}}',
      'empty.yaml': '# nothing\n',
    });
    const json = await loadConfiguration(undefined, folder.path);
    assert.equal(json.configuration.netlink.neighbours, true);
    const empty = await loadConfiguration(join(folder.path, 'empty.yaml'));
    assert.deepEqual(empty.configuration, defaults());
  });

  it('says file, line and column of every mistake at once', async () => {
    const text = 'hooks:\n  deadline: soon\n  parallle: 3\nnetlink: [1]\npaths:\n  hooks: [relative/path]\n';
    assert.deepEqual(await mistakesIn('bad.yaml', text), [
      'bad.yaml:6:11: paths.hooks.0: an absolute path was expected',
      'bad.yaml:2:3: hooks.deadline: Invalid type: Expected number but received "soon"',
      'bad.yaml:3:3: hooks.parallle: unknown key "parallle"',
      'bad.yaml:4:11: netlink.0: unknown key "0"',
    ]);
  });

  it('has options of interfaces as they are written, each with its place', async () => {
    const text = `interfaces:
  bond0:
    bond-slaves: [e0, e1]
    bond_miimon: 0100
    wpa-psk: 00123456
    stp: no
    post-up: true
    pre_up: true
    pre-down: true
  vlan5: {}
`;
    using folder = new Folder({ 'netconf.yaml': text });
    const loaded = await loadConfiguration(undefined, folder.path);
    const at = (place: string) => `${loaded.file}:${place}`;
    assert.deepEqual(
      [...interfaceOptions(loaded)],
      [
        [
          'bond0',
          [
            ['bond-slaves', 'e0', at('3:19')],
            ['bond-slaves', 'e1', at('3:23')],
            ['bond_miimon', '0100', at('4:5')],
            ['wpa-psk', '00123456', at('5:5')],
            ['stp', 'no', at('6:5')],
            // One name for each command, as in interfaces(5).
            ['up', 'true', at('7:5')],
            ['pre-up', 'true', at('8:5')],
            ['down', 'true', at('9:5')],
          ],
        ],
        ['vlan5', []],
      ],
    );
  });

  it('refuses what is no option of an interface', async () => {
    const text = `interfaces:
  a b: {mtu: 1400}
  e0: {Mtu: 1400, up: [], address: }
  e1: {post-up: "a\\nb", up: [{}]}
  e2: static
`;
    const value = 'a value of one line was expected, or a list of them';
    assert.deepEqual(await mistakesIn('bad.yaml', text), [
      'bad.yaml:2:3: interfaces.a b: the name of an interface was expected',
      'bad.yaml:3:8: interfaces.e0.Mtu: an option of interfaces(5), such as bond-mode, was expected',
      'bad.yaml:3:19: interfaces.e0.up: at least one value was expected',
      `bad.yaml:3:27: interfaces.e0.address: ${value}`,
      `bad.yaml:4:8: interfaces.e1.post-up: ${value}`,
      `bad.yaml:4:25: interfaces.e1.up: ${value}`,
      'bad.yaml:5:3: interfaces.e2: Invalid type: Expected Object but received "static"',
    ]);
  });

  it('says where a file is not YAML or JSON', async () => {
    assert.match((await mistakesIn('tabs.yaml', 'hooks:\n\tdeadline: 5\n'))[0] ?? '', /^tabs\.yaml:2:1: /);
    assert.match(
      (await mistakesIn('twice.yaml', 'hooks: {}\nhooks: {}\n'))[0] ?? '',
      /^twice\.yaml:2:1: .*unique/,
    );
    assert.match((await mistakesIn('cut.json', '{"hooks": '))[0] ?? '', /^cut\.json:1:\d+: /);
    assert.match((await mistakesIn('binary.yaml', '\x00\x01\x02'))[0] ?? '', /^binary\.yaml:/);
    assert.match((await mistakesIn('list.yaml', '- a\n'))[0] ?? '', /^list\.yaml:1:3: 0: unknown key/);
  });

  it('grows under no aliases, and takes no code for a configuration', async () => {
    const levels = Array.from(
      { length: 9 },
      (_, i) => `a${i + 1}: &a${i + 1} [${'*aX,'.replace('X', String(i)).repeat(9)}]`,
    );
    const bomb = `a0: &a0 [x,x,x,x,x,x,x,x,x]\n${levels.join('\n')}\n`;
    assert.match((await mistakesIn('bomb.yaml', bomb))[0] ?? '', /bomb\.yaml: .*alias/i);
    assert.match((await mistakesIn('code.js', 'process.exit(9)'))[0] ?? '', /data, not code/);
    using folder = new Folder();
    await assert.rejects(loadConfiguration(join(folder.path, 'absent.yaml')), /no such file/);
  });

  it('is refused where somebody else than root could change it', async function () {
    needs(this, { root: true });
    using folder = new Folder({ 'netconf.yaml': 'hooks: {}\n' });
    chmodSync(join(folder.path, 'netconf.yaml'), 0o666);
    symlinkSync('netconf.yaml', join(folder.path, 'link.yaml'));
    await assert.rejects(loadConfiguration(undefined, folder.path), { code: 'Untrusted' });
    await assert.rejects(loadConfiguration(join(folder.path, 'link.yaml')), /netconf\.yaml.*writable/);
  });

  it('has a JSON Schema for editors that describes every section', () => {
    const { properties } = jsonSchema() as { properties: Record<string, { description?: string }> };
    assert.deepEqual(Object.keys(properties), [
      'paths',
      'hooks',
      'netlink',
      'history',
      'interfaces',
      'plugins',
    ]);
    for (const [name, { description }] of Object.entries(properties)) assert.ok(description, name);
  });
});
