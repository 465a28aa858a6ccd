import assert from 'node:assert/strict';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDaemon, type TestDaemon } from '../../daemon.ts';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';

/** A second source, which runs after the file's: it answers for `elsewhere` alone. */
const other = `
export default {
  name: 'other',
  apply(netconf) {
    netconf.hooks.source.for('ENI').tap({ name: 'another file', stage: 100 }, ({ logical }) =>
      logical === 'elsewhere'
        ? [{ family: 'inet', method: 'manual', step: 'Manual', options: [], place: 'other:1' }]
        : undefined);
  },
};
`;

/** Does the work of a script itself, for stanzas that have its option. */
const standIn = `
export default {
  name: 'stand-in',
  apply(netconf) {
    netconf.hooks.replaced.tap('x-options', (scripts, { stanza }) =>
      stanza.options.some(([name]) => name === 'x-option')
        ? [...scripts, { script: 'if-up.d/x', plugin: netconf.name }]
        : undefined);
  },
};
`;

describe('the source ENI', function () {
  this.timeout(30_000);
  let folder: Folder;
  let daemon: TestDaemon;

  before(async function () {
    needs(this, { root: true, programs: ['ip'] });
    folder = new Folder({
      interfaces: 'iface here inet manual\niface there inet manual\n\tx-option 1\n',
    });
    for (const name of ['x', 'y'])
      chmodSync(folder.write(`if-up.d/${name}`, `#!/bin/sh\necho "$0 $IFACE" >>${folder.path}/ran\n`), 0o755);
    const file = join(folder.path, 'interfaces');
    daemon = await startDaemon({
      configuration: `plugins: {interfaces: {file: ${file}, scripts: ${folder.path}}}\n`,
      plugins: { 'other.mjs': other, 'stand-in.mjs': standIn },
    });
  });
  after(async () => {
    await daemon?.stop();
    folder?.[Symbol.dispose]();
  });

  const up = async (name: string) => {
    const { results = [] } = await daemon.client.call('Up', { interface: name });
    return results[0]!;
  };

  it('leaves an interface that the file does not know to other taps', async () => {
    assert.equal((await up('elsewhere')).state, 'configured');
    const { interfaces = [] } = await daemon.client.callStatus({ parts: ['interfaces'] });
    const { stanzas } = interfaces.find(one => one.interface === 'elsewhere')!;
    assert.deepEqual(
      stanzas.map(({ place }) => place),
      ['other:1'],
    );
  });

  it('leaves out the scripts whose work a plugin does, and explains which', async () => {
    for (const name of ['here', 'there']) assert.equal((await up(name)).state, 'configured');
    const ran = readFileSync(join(folder.path, 'ran'), 'utf8').replaceAll(`${folder.path}/if-up.d/`, '');
    assert.match(ran, /x here\ny here\ny there\n$/);
    assert.match(
      daemon.netconf('explain', 'ifup', 'there'),
      /^Left out: if-up\.d\/x: stand-in does its work$/m,
    );
    assert.doesNotMatch(daemon.netconf('explain', 'ifup', 'here'), /Left out/);
  });

  it('is NOTFOUND where nobody knows the interface', async () => {
    const { state, outcome } = await up('nowhere');
    assert.deepEqual([state, outcome], ['unknown', 'NOTFOUND']);
  });
});
