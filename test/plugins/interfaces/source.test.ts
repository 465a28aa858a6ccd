import assert from 'node:assert/strict';
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

describe('the source ENI', function () {
  this.timeout(30_000);
  let folder: Folder;
  let daemon: TestDaemon;

  before(async function () {
    needs(this, { root: true, programs: ['ip'] });
    folder = new Folder({ interfaces: 'iface here inet manual\n' });
    const file = join(folder.path, 'interfaces');
    daemon = await startDaemon({
      configuration: `plugins: {interfaces: {file: ${file}, scripts: ${folder.path}}}\n`,
      plugins: { 'other.mjs': other },
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

  it('is NOTFOUND where nobody knows the interface', async () => {
    const { state, outcome } = await up('nowhere');
    assert.deepEqual([state, outcome], ['unknown', 'NOTFOUND']);
  });
});
