import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OperationResult } from '../../../core/control/api.ts';
import { startDaemon, type TestDaemon } from '../../daemon.ts';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';

/** A daemon whose interfaces(5) is in the folder's file `interfaces`, with the link `near`, down, and its peer. */
async function daemonFor(folder: Folder, text: string): Promise<TestDaemon> {
  declare(folder, text);
  const configuration = `plugins: {interfaces: {file: ${folder.path}/interfaces, scripts: ${folder.path}/scripts}}\n`;
  const daemon = await startDaemon({ configuration });
  daemon.ip('link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far');
  daemon.ip('link', 'set', 'far', 'up');
  return daemon;
}

function declare(folder: Folder, text: string): void {
  writeFileSync(join(folder.path, 'interfaces'), text);
}

async function operate(
  daemon: TestDaemon,
  request: 'Up' | 'Down',
  on: string,
  options: Record<string, unknown> = {},
): Promise<OperationResult> {
  const { results } = await daemon.client.call(request, { interface: on, ...options });
  assert.equal(results?.length, 1);
  return results![0]!;
}

const addresses = (daemon: TestDaemon) =>
  [...daemon.ip('-4', '-o', 'address', 'show', 'dev', 'near').matchAll(/inet (\S+)/g)].map(found => found[1]);
const handles = (daemon: TestDaemon) => {
  const directory = join(daemon.folder, 'interfaces/near.d');
  return existsSync(directory) ? readdirSync(directory).sort() : [];
};

describe('the plugin methods', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip'] });
  });

  it('keeps what several stanzas of one kind add apart, up and down', async () => {
    using folder = new Folder();
    await using daemon = await daemonFor(
      folder,
      'iface near inet static\n address 192.0.2.2/24\niface near inet static\n address 198.51.100.2/24\n',
    );
    assert.equal((await operate(daemon, 'Up', 'near')).state, 'configured');
    assert.deepEqual(addresses(daemon), ['192.0.2.2/24', '198.51.100.2/24']);
    assert.deepEqual(handles(daemon), ['inet-static', 'inet-static-2']);
    await operate(daemon, 'Down', 'near');
    assert.deepEqual(addresses(daemon), []);
    assert.deepEqual(handles(daemon), []);
    assert.doesNotMatch(daemon.ip('link', 'show', 'near'), /[<,]UP[,>]/);
  });

  it('makes the least change when a stanza was changed, wherever it stands in the file now', async () => {
    using folder = new Folder();
    await using daemon = await daemonFor(
      folder,
      'iface near inet static\n address 192.0.2.2/24\n gateway 192.0.2.1\n',
    );
    await operate(daemon, 'Up', 'near');
    declare(
      folder,
      '# A comment more\n\niface near inet static\n address 192.0.2.3/24\n gateway 192.0.2.1\n mtu 1400\n',
    );
    const { state } = await operate(daemon, 'Up', 'near', { force: true });
    assert.equal(state, 'configured');
    assert.deepEqual(addresses(daemon), ['192.0.2.3/24']);
    assert.match(daemon.ip('link', 'show', 'near'), /mtu 1400/);
    const removed = daemon.events.filter(
      ({ name, interface: on }) => name === 'route.removed' && on === 'near',
    );
    assert.deepEqual(
      removed.filter(({ data }) => (data as { default?: boolean }).default),
      [],
    );
    await operate(daemon, 'Down', 'near');
    assert.match(daemon.ip('link', 'show', 'near'), /mtu 1500/);
  });

  it('says which option is wrong with which value, and leaves nothing behind', async () => {
    using folder = new Folder();
    await using daemon = await daemonFor(
      folder,
      'iface near inet static\n address 192.0.2.2/24\n mtu 9$(reboot)\n',
    );
    const result = await operate(daemon, 'Up', 'near');
    assert.equal(result.state, 'failed');
    assert.match(result.message ?? '', /option mtu: '9\$\(reboot\)' is no number from 68/);
    assert.deepEqual(addresses(daemon), []);
    assert.deepEqual(handles(daemon), []);
  });

  it('sees options of the request instead of those of the stanza', async () => {
    using folder = new Folder();
    await using daemon = await daemonFor(
      folder,
      'iface near inet static\n address 192.0.2.2/24\n mtu 1400\n',
    );
    await operate(daemon, 'Up', 'near', { set: [{ name: 'mtu', value: '1300' }] });
    assert.match(daemon.ip('link', 'show', 'near'), /mtu 1300/);
    await operate(daemon, 'Down', 'near');
    assert.match(daemon.ip('link', 'show', 'near'), /mtu 1500/);
  });

  it('takes options from the section of a policy where no source has a stanza', async () => {
    const policies = { near: '[IFUP]\nstartat Static\n[cfg Static]\naddress 192.0.2.7/24\nmtu 1400\n' };
    await using daemon = await startDaemon({ policies });
    daemon.ip('link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far');
    assert.equal((await operate(daemon, 'Up', 'near')).state, 'configured');
    assert.deepEqual(addresses(daemon), ['192.0.2.7/24']);
    await operate(daemon, 'Down', 'near');
    assert.deepEqual(addresses(daemon), []);
  });

  it('changes nothing in a daemon that observes', async () => {
    using folder = new Folder();
    declare(folder, 'iface near inet static\n address 192.0.2.2/24\n');
    const configuration = `plugins: {interfaces: {file: ${folder.path}/interfaces, scripts: ${folder.path}/scripts}}\n`;
    await using daemon = await startDaemon({ configuration, args: ['--observe'] });
    daemon.ip('link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far');
    await assert.rejects(operate(daemon, 'Up', 'near'), { code: 'Denied' });
    assert.deepEqual(addresses(daemon), []);
  });
});
