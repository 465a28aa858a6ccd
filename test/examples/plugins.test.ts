import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { startDaemon, type TestDaemon, until } from '../daemon.ts';
import { needs } from '../setup.ts';
import { addVeth, carrier } from '../veth.ts';

const examples = fileURLToPath(new URL('../../examples/plugins/', import.meta.url));

describe('the example plugin in plain JavaScript', () => {
  before(function () {
    needs(this, { root: true, programs: ['ip'] });
  });

  const plugins = { 'carrier-log.mjs': readFileSync(join(examples, 'carrier-log.mjs'), 'utf8') };

  it('counts carrier losses, tells scripts the number, and emits an event for an uplink', async () => {
    await using daemon = await startDaemon({
      plugins,
      configuration: 'plugins:\n  carrier-log:\n    uplinks: [near]\n',
      hooks: { 'uplink-lost.d/10-say': '#!/bin/sh\necho "$CARRIER_LOSSES losses on $IFACE"\n' },
    });
    addVeth(daemon);
    await daemon.event('link.carrier', { interface: 'near' });
    carrier(daemon, 'off');
    const first = await daemon.event('uplink-lost', { interface: 'near' });
    assert.deepEqual(first.data, { losses: 1 });
    assert.equal(first.source, 'plugin:carrier-log');
    assert.equal(daemon.events.find(({ id }) => id === first.cause)?.name, 'link.no-carrier');
    carrier(daemon, 'on');
    await daemon.event('link.carrier', { interface: 'near', after: first.id });
    carrier(daemon, 'off');
    const second = await daemon.event('uplink-lost', { after: first.id });
    const output = await until('the script of the second loss', async () => {
      const { entries } = await daemon.client.call('History', { id: second.id });
      return entries[0]?.state === 'done' && entries[0].runs[0]?.output;
    });
    assert.equal(output, '2 losses on near\n');
    assert.match(daemon.output(), /carrier-log: near lost its carrier \(2 so far\)/);
  });

  it('says file, line and column of an option that it does not know', async () => {
    await using daemon = await startDaemon({
      netns: false,
      plugins,
      configuration: 'plugins:\n  carrier-log:\n    uplink: [near]\n',
    });
    const { plugins: reports } = await daemon.client.call('Plugins', {});
    const report = reports.find(({ name }) => name === 'carrier-log');
    assert.equal(report?.state, 'failed');
    assert.match(report?.reason ?? '', /netconf\.yaml:3:\d+: plugins\.carrier-log\.uplink: no such option/);
  });
});

describe('the example plugin in TypeScript', () => {
  let folder: string;

  before(async function () {
    needs(this, { root: true, programs: ['ip', 'setpriv', 'perl'] });
    folder = mkdtempSync(join(tmpdir(), 'netconf-'));
    cpSync(join(examples, 'uplink', 'package.json'), join(folder, 'uplink', 'package.json'));
    await build({
      entryPoints: [join(examples, 'uplink', 'index.ts')],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: join(folder, 'uplink', 'index.js'),
      logLevel: 'warning',
    });
  });
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  it('says when the default route comes and goes, and holds back the scripts of its going', async () => {
    await using daemon = await startDaemon({
      plugins: folder,
      hooks: {
        'uplink.d/10-say': '#!/bin/sh\necho "$1 $NETCONF_FAMILY $NETCONF_GATEWAY"\n',
      },
    });
    addVeth(daemon);
    daemon.ip('address', 'add', '192.0.2.2/24', 'dev', 'near');
    daemon.ip('route', 'add', 'default', 'via', '192.0.2.1');
    const found = await daemon.event('uplink.found');
    assert.deepEqual(found.data, { family: 'inet', gateway: '192.0.2.1' });
    daemon.ip('route', 'del', 'default');
    const lost = await daemon.event('uplink.lost', { after: found.id });
    const entry = await until('the script of uplink.lost', async () => {
      const { entries } = await daemon.client.call('History', { id: lost.id });
      return entries[0]?.state === 'done' && entries[0];
    });
    assert.equal(entry.runs[0]?.output, 'uplink.lost inet \n');
    assert.equal(entry.reason, 'held back: the route may be on its way back');
    assert.ok(entry.runs[0].started >= lost.time + 490, 'it started before the time was up');
  });

  it('keeps its family of events to itself', async () => {
    await using daemon = await startDaemon({ netns: false, plugins: folder });
    await assert.rejects(daemon.client.call('Emit', { event: 'uplink.lost' }), { code: 'ReservedName' });
  });

  it('lets the members of a group emit events, and nobody else', async () => {
    await using daemon = await startDaemon({
      netns: false,
      plugins: folder,
      configuration: 'plugins:\n  uplink:\n    emitters: 4242\n',
    });
    assert.equal(emitAs(daemon, 4242), 0);
    assert.notEqual(emitAs(daemon, 4243), 0);
    await daemon.event('tea-is-ready', { where: ({ source }) => source === 'user:65534' });
    assert.equal(daemon.events.filter(({ name }) => name === 'tea-is-ready').length, 1);
  });
});

/** Exit status of the example emitter in shell, run by nobody in this group. */
function emitAs({ socket, folder }: TestDaemon, group: number): number | null {
  chmodSync(folder, 0o755);
  const emitter = join(folder, 'emit.sh');
  cpSync(fileURLToPath(new URL('../../examples/emitters/emit.sh', import.meta.url)), emitter);
  const who = ['--reuid=65534', `--regid=${group}`, '--clear-groups'];
  const env = { PATH: process.env.PATH, NETCONF_SOCKET: socket };
  return spawnSync('setpriv', [...who, 'sh', emitter, 'tea-is-ready'], { env }).status;
}
