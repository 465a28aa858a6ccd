import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { startId } from '../../../core/base/start-id.ts';
import { ClientFiles, keptIn } from '../../../plugins/dhcp/files.ts';
import { Folder } from '../../folder.ts';

describe('what is kept of a DHCP client', () => {
  it('holds for this start of the machine and this network namespace alone', () => {
    using folder = new Folder();
    const files = new ClientFiles(folder.path, 'e0', 'inet');
    const settings = { interface: 'e0', family: 'inet', method: 'dhcp', logical: 'e0' } as const;
    const more = { timeout: 60, prefix: false, options: {} };
    files.keep({ settings: { ...settings, ...more }, client: 'dhclient', command: ['dhclient', 'e0'] });
    assert.equal(keptIn(folder.path).length, 1);
    const text = readFileSync(files.path('json'), 'utf8');
    for (const other of [startId().replace(/\d+$/, '1'), startId().replace(/^\S+/, 'another'), '']) {
      writeFileSync(files.path('json'), text.replace(startId(), other));
      assert.deepEqual(keptIn(folder.path), []);
    }
  });
});
