import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { startDaemon, type TestDaemon } from '../../daemon.ts';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';

const interfaces = 'allow-hotplug near\niface near inet static\n  address 192.0.2.1/24\n';

describe('an interface that NetworkManager manages', () => {
  let folder: Folder;
  let daemon: TestDaemon;

  before(async function () {
    needs(this, { root: true, programs: ['ip'] });
    folder = new Folder({ interfaces });
    mkdirSync(`${folder.path}/NetworkManager/devices`, { recursive: true });
    const plugins = {
      interfaces: { file: `${folder.path}/interfaces`, scripts: folder.path },
      managed: { runtime: folder.path },
    };
    daemon = await startDaemon({ configuration: `plugins: ${JSON.stringify(plugins)}\n` });
    manage(true);
    daemon.ip('link', 'add', 'near', 'index', '77', 'type', 'veth', 'peer', 'far');
  });
  after(async () => {
    await daemon?.stop();
    folder?.[Symbol.dispose]();
  });

  const manage = (yes: boolean) =>
    writeFileSync(`${folder.path}/NetworkManager/devices/77`, `[device]\nmanaged=${yes}\n`);
  const up = async (more: object = {}) => {
    const { results = [] } = await daemon.client.call('Up', { interface: 'near', ...more });
    return results[0]!;
  };

  it('is only told of when it comes, whatever is declared', async () => {
    await daemon.event('interface.found', { interface: 'near' });
    assert.ok(!daemon.ip('address', 'show', 'near').includes('192.0.2.1'));
  });

  it('is left out of ifup -a', async () => {
    const { results } = await daemon.client.call('Up', { all: 'hotplug' });
    assert.deepEqual(results, []);
  });

  it('is refused to whoever names it, with who manages it and what to do, before anything begins', async () => {
    await assert.rejects(up(), {
      code: 'Denied',
      message: /near is managed by NetworkManager.*nmcli device set near managed no.*--force/,
    });
    assert.ok(!daemon.ip('address', 'show', 'near').includes('192.0.2.1'));
    await daemon.event('request.ifup', { interface: 'near' });
    const begun = daemon.events.filter(
      ({ name, interface: on }) => on === 'near' && /^interface\.(configuring|failed)$/.test(name),
    );
    assert.deepEqual(begun, []);
    const { interfaces = [] } = await daemon.client.callStatus({ parts: ['interfaces'] });
    assert.equal(interfaces.find(one => one.interface === 'near')?.state ?? 'down', 'down');
  });

  it('is configured by force, and can be taken down again', async () => {
    assert.equal((await up({ force: true })).state, 'configured');
    assert.ok(daemon.ip('address', 'show', 'near').includes('192.0.2.1'));
    const { results } = await daemon.client.call('Down', { interface: 'near' });
    assert.equal(results?.[0]?.state, 'deconfigured');
  });

  it('is configured when NetworkManager lets go of it', async () => {
    manage(false);
    assert.equal((await up()).state, 'configured');
  });
});
