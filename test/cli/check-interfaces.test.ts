import assert from 'node:assert/strict';
import { checkInterfaces } from '../../cli/check-interfaces.ts';
import { loadConfiguration } from '../../core/config/load.ts';
import { Folder } from '../folder.ts';

/** What the check says where the configuration of the plugin is this. */
async function sentences(folder: Folder, options: unknown): Promise<string[]> {
  const config = folder.write('netconf.yaml', `plugins:\n  interfaces: ${JSON.stringify(options)}\n`);
  const { findings } = checkInterfaces(await loadConfiguration(config), `${folder.path}/usual`);
  return findings.map(({ severity, place, message }) =>
    `${severity}: ${place}: ${message}`.replaceAll(`${folder.path}/`, ''),
  );
}

describe('the check of interfaces(5)', () => {
  it('has nothing to say of what is sound, of nothing, and of what a plugin that is off would read', async () => {
    using folder = new Folder({ sound: 'auto eth0\niface eth0 inet dhcp\n', bad: 'nonsense\n' });
    assert.deepEqual(await sentences(folder, { file: `${folder.path}/sound` }), []);
    assert.deepEqual(await sentences(folder, {}), []);
    folder.write('usual', 'nonsense\n');
    assert.deepEqual(await sentences(folder, false), []);
  });

  it('finds the mistake of the usual file, of the named one and of what it includes, with their lines', async () => {
    using folder = new Folder({
      usual: '# nothing\nnonsense\n',
      named: 'auto eth0\niface eth0 inet dhpc\n',
      includes: 'iface eth0 inet dhcp\nsource more\n',
      more: '\n\niface eth1 inet\n',
    });
    assert.match((await sentences(folder, {})).join('\n'), /^error: usual:2: /);
    const file = (name: string) => ({ file: `${folder.path}/${name}` });
    assert.match((await sentences(folder, file('named'))).join('\n'), /^error: named:2: .*method/);
    assert.match((await sentences(folder, file('includes'))).join('\n'), /^error: more:3: /);
  });

  it('reads the dialect that the plugin reads', async () => {
    using folder = new Folder({ ng: 'auto eth0\niface eth0\n  address 192.0.2.1/24\n' });
    const file = `${folder.path}/ng`;
    assert.notDeepEqual(await sentences(folder, { file }), []);
    assert.deepEqual(await sentences(folder, { file, dialect: 'ng' }), []);
  });

  it('tells where the configuration names a file that does not exist', async () => {
    using folder = new Folder();
    const [told] = await sentences(folder, { file: `${folder.path}/none` });
    assert.match(told ?? '', /^warning: netconf\.yaml:2:\d+: couldn't open interfaces file "none"/);
  });
});
