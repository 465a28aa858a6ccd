import assert from 'node:assert/strict';
import { join } from 'node:path';
import { startDaemon } from '../../daemon.ts';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';

describe('what interfaces(5) declares', function () {
  this.timeout(30_000);

  it('is in the status with its classes, patterns replaced by the links that match', async function () {
    needs(this, { root: true, programs: ['ip'] });
    using folder = new Folder({
      interfaces:
        'auto v0\nallow-hotplug /v*=any\nallow-lan v0 wlan0\niface v0 inet manual\niface any inet manual\n',
    });
    const file = join(folder.path, 'interfaces');
    await using daemon = await startDaemon({
      args: ['--observe'],
      configuration: `plugins: {interfaces: {file: ${file}, scripts: ${folder.path}}}\n`,
    });
    daemon.ip('link', 'add', 'v0', 'type', 'veth', 'peer', 'v1');
    const { interfaces = [] } = await daemon.client.callStatus({ parts: ['interfaces'] });
    const told = interfaces.map(({ interface: on, classes }) => `${on}: ${classes?.toSorted().join(' ')}`);
    assert.deepEqual(told.toSorted(), ['lo: auto', 'v0: auto hotplug lan', 'v1: hotplug', 'wlan0: lan']);
  });
});
