import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDaemon, until } from '../daemon.ts';
import { needs } from '../setup.ts';
import { addVeth, carrier } from '../veth.ts';

const examples = fileURLToPath(new URL('../../examples/hooks.d', import.meta.url));
const shipped = fileURLToPath(new URL('../../hooks.d', import.meta.url));
const scripts = [examples, shipped].flatMap(directory =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name)),
);

describe('the example hook scripts', () => {
  before(function () {
    needs(this, { root: true, programs: ['ip'] });
  });

  it('find out at carrier which network a link is in, and say it with an event that runs a script', async () => {
    await using daemon = await startDaemon({ hooks: examples });
    addVeth(daemon);
    carrier(daemon, 'off');
    daemon.ip('address', 'add', '192.168.7.2/24', 'dev', 'near');
    const quiet = await daemon.event('address.ready', { interface: 'near' });
    carrier(daemon, 'on');
    const at = await daemon.event('link.carrier', { interface: 'near', after: quiet.id });
    // The script of the address may be just looking, and say it as well.
    const source = `script:${daemon.hooks}/link.carrier.d/50-check-lan`;
    const connected = await daemon.event('home-lan-connected', {
      after: at.id,
      where: event => event.source === source,
    });
    assert.equal(connected.cause, at.id);
    assert.equal(connected.interface, 'near');
    assert.deepEqual(connected.data, { ADDRESS: '192.168.7.2' });
    const outputs = await until('the greeting', async () => {
      const { entries } = await daemon.client.call('History', { id: connected.id });
      return entries[0]?.state === 'done' && entries[0].runs.map(({ output }) => output);
    });
    assert.equal(
      outputs[0],
      `home-lan-connected on near from script:${daemon.hooks}/link.carrier.d/50-check-lan\n`,
    );
    const [greeting, json] = outputs[1]!.split('\n');
    assert.equal(greeting, `welcome home: near has 192.168.7.2, because of event ${at.id}`);
    assert.deepEqual(JSON.parse(json!), connected);
  });

  it('find it out too when the address comes after the carrier', async () => {
    await using daemon = await startDaemon({ hooks: examples });
    addVeth(daemon);
    await daemon.event('link.carrier', { interface: 'near' });
    daemon.ip('address', 'add', '10.20.3.4/16', 'dev', 'near');
    // The script of the carrier may be just looking, and see it as well.
    const source = `script:${daemon.hooks}/address.ready.d/50-check-lan`;
    const connected = await daemon.event('office-lan-connected', { where: event => event.source === source });
    assert.equal(connected.interface, 'near');
    assert.deepEqual(connected.data, { ADDRESS: '10.20.3.4' });
  });
});

describe('the shipped hook scripts', () => {
  before(function () {
    needs(this, { root: true, programs: ['ip'] });
  });

  it('warn of an address that another machine uses', async () => {
    await using daemon = await startDaemon();
    addVeth(daemon);
    // The peer in the same namespace answers duplicate detection for the same address (RFC 4862).
    daemon.ip('address', 'add', '2001:db8::1/64', 'dev', 'far', 'nodad');
    daemon.ip('address', 'add', '2001:db8::1/64', 'dev', 'near');
    const duplicate = await daemon.event('address.duplicate', { interface: 'near' });
    const run = await until('the warning', async () => {
      const { entries } = await daemon.client.call('History', { id: duplicate.id });
      return entries[0]?.state === 'done' && entries[0].runs[0];
    });
    assert.match(run.script, /hooks\.d\/address\.duplicate\.d\/warn$/);
    assert.equal(run.status, 0);
    assert.match(run.output, /^2001:db8::1 on near is in use by another machine/);
  });
});

describe('every script', () => {
  before(function () {
    needs(this, { programs: ['shellcheck', 'dash', 'busybox'] });
  });

  it('is executable and named as run-parts wants it', () => {
    for (const script of scripts) {
      assert.match(script, /\/[A-Za-z0-9_-]+$/);
      assert.ok((statSync(script).mode & 0o111) === 0o111, script);
    }
  });

  it('has nothing that shellcheck minds', () => {
    const emitter = fileURLToPath(new URL('../../examples/emitters/emit.sh', import.meta.url));
    execFileSync('shellcheck', ['--shell=sh', '--severity=style', ...scripts, emitter], { encoding: 'utf8' });
  });

  for (const shell of [['dash'], ['busybox', 'sh']]) {
    it(`runs under ${shell.join(' ')} with no more than the promised environment`, () => {
      const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', IFACE: 'lo', NETCONF_SOURCE: 'netlink' };
      const [program, ...words] = shell;
      for (const script of scripts) {
        const { status, stderr } = spawnSync(program!, [...words, script, 'link.carrier'], {
          env: { ...env, NETCONF_EVENT: 'link.carrier', NETCONF_CAUSE: '', NETCONF_NEW_LOCAL: '192.168.7.2' },
          input: '{}\n',
          stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
          encoding: 'utf8',
        });
        assert.deepEqual({ script, status, stderr }, { script, status: 0, stderr: '' });
      }
    });
  }
});
