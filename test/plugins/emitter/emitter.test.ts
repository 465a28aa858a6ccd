import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { ProgramRun } from '../../../core/plugin/contract.ts';
import { Bus } from '../../../plugins/emitter/bus.ts';
import { emitOnBus } from '../../../plugins/emitter/upstart.ts';
import { startDaemon, until } from '../../daemon.ts';
import { has, needs, skip } from '../../setup.ts';
import { PrivateBus } from './bus.ts';

/** Debian's own, which has the modules that the stand-in needs. */
const modules = '/usr/lib/python3/dist-packages';
const python = ['/usr/bin/python3', `${modules}/dbus`, `${modules}/gi`];
const configurationFor = (address: string, ...events: string[]) =>
  `plugins: ${JSON.stringify({ emitter: { bus: address, events }, interfaces: false })}\n`;
const policy = '[IFUP]\nstartat Static\n[cfg Static]\naddress 192.0.2.1/24\n';

describe('the emitter', function () {
  this.timeout(30_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'dbus-daemon', 'gdbus', ...python] });
  });

  it('tells upstart of links and interfaces in the words of ifupdown and udev, in order', async () => {
    await using bus = new PrivateBus();
    await bus.start();
    const { told } = await bus.standIn('upstart');
    await using daemon = await startDaemon({
      configuration: configurationFor(bus.address, 'link.added', 'link.removed', 'interface.*', 'home-*'),
      policies: { v0: policy },
    });
    daemon.ip('link', 'add', 'v0', 'type', 'veth', 'peer', 'v1');
    await daemon.event('link.added', { interface: 'v0' });
    daemon.netconf('emit', 'home-lan-connected', 'SSID=a b, "c"', 'n:=1', '--interface', 'v0');
    await daemon.client.call('Up', { interface: 'v0' });
    await daemon.client.call('Down', { interface: 'v0' });
    daemon.ip('link', 'del', 'v0');
    await until('the removal', () => told.find(([name]) => name === 'net-device-removed'));
    const of = (name: string) => told.filter(([first]) => first === name).map(([, env, wait]) => [env, wait]);
    assert.deepEqual(
      of('net-device-added')
        .map(([env]) => env)
        .sort(),
      [['INTERFACE=v0'], ['INTERFACE=v1']],
    );
    assert.deepEqual(of('home-lan-connected'), [[['IFACE=v0', 'SSID=a b, "c"', 'N=1'], false]]);
    const device = ['IFACE=v0', 'LOGICAL=v0', 'ADDRFAM=inet', 'METHOD=static'];
    assert.deepEqual(of('net-device-up'), [[device, false]]);
    assert.deepEqual(of('net-device-down'), [[device, false]]);
    const order = told.map(([name]) => name);
    const expected = [
      'home-lan-connected',
      'net-device-up',
      'netconf-interface-configured',
      'net-device-down',
      'net-device-removed',
    ];
    assert.deepEqual(order.filter(name => expected.includes(String(name))).slice(0, 5), expected);
    assert.equal(
      told.some(([name]) => String(name).startsWith('netconf-link-up')),
      false,
      'not selected',
    );
  });

  it('goes on past what upstart refuses, and past an answer that takes long, and says which event it was', async () => {
    await using bus = new PrivateBus();
    await bus.start();
    const { told } = await bus.standIn('upstart');
    await using daemon = await startDaemon({ configuration: configurationFor(bus.address, '*') });
    for (const name of ['refused', 'slow', 'after']) daemon.netconf('emit', name);
    await until('the last', () => told.find(([name]) => name === 'after'));
    assert.deepEqual(
      told.map(([name]) => name).filter(name => !String(name).startsWith('net')),
      ['slow', 'after'],
    );
    assert.match(daemon.output(), /emitter: refused is not passed on: .*Name may not be/);
  });

  it('says once that an event is refused however often it happens, and how often in the end', async () => {
    await using bus = new PrivateBus();
    await bus.start();
    const { told } = await bus.standIn('upstart');
    await using daemon = await startDaemon({ configuration: configurationFor(bus.address, '*') });
    for (let n = 0; n < 40; n++) {
      await daemon.client.call('Emit', { event: 'refused' });
      await daemon.client.call('Emit', { event: 'taken' });
    }
    await until('the last', () => told.filter(([name]) => name === 'taken').length === 40);
    const lines = () =>
      daemon
        .output()
        .split('\n')
        .filter(line => line.includes('emitter: '));
    assert.equal(lines().length, 1, lines().join('\n'));
    await daemon.stop();
    assert.match(lines()[1]!, /emitter: refused was not passed on 39 more times/);
  });

  it('says when more happens than can be passed on', async () => {
    await using bus = new PrivateBus();
    await bus.start();
    await bus.standIn('upstart');
    await using daemon = await startDaemon({ configuration: configurationFor(bus.address, 'slow') });
    for (let n = 0; n < 300; n++) await daemon.client.call('Emit', { event: 'slow' });
    await until('the warning', () => /emitter: slow is not passed on: more than 256/.test(daemon.output()));
  });

  it('starts targets of systemd and stops those that the event ends, with a file of variables', async () => {
    await using bus = new PrivateBus();
    await bus.start();
    const { told } = await bus.standIn('systemd');
    await using daemon = await startDaemon({
      configuration: configurationFor(bus.address, 'link.up', 'link.down', 'tea', 'nobody', 'vpn-connected'),
    });
    daemon.ip('link', 'add', 'br-lan', 'type', 'bridge');
    daemon.ip('link', 'set', 'br-lan', 'up');
    await until('up', () => told.length === 2);
    daemon.ip('link', 'set', 'br-lan', 'down');
    await until('down', () => told.length === 4);
    daemon.netconf('emit', 'nobody');
    daemon.netconf('emit', 'tea', 'KIND=green "$x"');
    daemon.netconf('emit', 'vpn-connected', '--interface', 'lo');
    await until('all', () => told.length === 8);
    const up = 'netconf-link.up@br\\x2dlan.target';
    const down = 'netconf-link.down@br\\x2dlan.target';
    assert.deepEqual(told, [
      ['stop', down, 'replace'],
      ['start', up, 'replace'],
      ['stop', up, 'replace'],
      ['start', down, 'replace'],
      ['stop', 'netconf-tea.target', 'replace'],
      ['start', 'netconf-tea.target', 'replace'],
      ['stop', 'netconf-vpn-disconnected@lo.target', 'replace'],
      ['start', 'netconf-vpn-connected@lo.target', 'replace'],
    ]);
    const file = (name: string) => readFileSync(join(daemon.folder, 'events', name), 'utf8');
    assert.match(file('netconf-link.up@br\\x2dlan.env'), /^IFACE="br-lan"$/m);
    rmSync(join(daemon.folder, 'events'), { recursive: true });
    daemon.netconf('emit', 'tea', 'KIND=green "$x"');
    await until('the directory again', () => told.length === 10);
    assert.match(file('netconf-tea.env'), /^NETCONF_KIND="green \\"\\\$x\\""$/m);
    assert.doesNotMatch(daemon.output(), /tea is not passed on/);
    assert.doesNotMatch(file('netconf-tea.env'), /^PATH=/m);
    assert.doesNotMatch(daemon.output(), /nobody is not passed on/);
  });

  it('keeps what happens before the bus is there, and finds whoever takes its place', async () => {
    await using bus = new PrivateBus();
    await using daemon = await startDaemon({ configuration: configurationFor(bus.address, 'a', 'b', 'c') });
    daemon.netconf('emit', 'a');
    daemon.netconf('emit', 'b');
    await until('the warning', () => daemon.output().includes('events are not passed on'));
    await bus.start();
    const first = await bus.standIn('upstart');
    await until('both', () => first.told.length === 2);
    first.kill();
    await until(
      'it is gone',
      () =>
        spawnSync('gdbus', [
          'introspect',
          '--address',
          bus.address,
          '--dest',
          'com.ubuntu.Upstart',
          '--object-path',
          '/',
        ]).status !== 0,
    );
    daemon.netconf('emit', 'c');
    const second = await bus.standIn('upstart');
    await until('the third', () => second.told.length === 1);
    assert.deepEqual(
      [...first.told, ...second.told].map(([name]) => name),
      ['a', 'b', 'c'],
    );
    assert.ok(daemon.output().split('events are not passed on').length <= 3, 'says so once each time');
  });

  it('takes garbage from a bus as an answer like others, and stays alive', async () => {
    await using bus = new PrivateBus();
    const garbage = createServer(socket => {
      socket.on('error', () => undefined);
      socket.on('data', text => {
        if (text.includes('AUTH')) socket.write('OK 1234deadbeef1234deadbeef12345678\r\n');
        else socket.write(Buffer.from(`6c020001${'ff'.repeat(28)}`, 'hex'));
      });
    });
    await new Promise<void>(resolve => garbage.listen(`${bus.folder.path}/bus`, resolve));
    await using daemon = await startDaemon({ configuration: configurationFor(bus.address, 'a') });
    daemon.netconf('emit', 'a');
    await until('the warning', () => daemon.output().includes('events are not passed on'));
    daemon.netconf('emit', 'b', '--wait');
    garbage.close();
  });

  it('tells upstart by initctl where there is no bus', async function () {
    needs(this, { programs: ['unshare'] });
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      ['-m', process.execPath, '--import', 'tsx/esm', join(import.meta.dirname, 'initctl.ts')],
      { encoding: 'utf8', timeout: 25_000 },
    );
    assert.equal(status, 0, stderr);
    assert.equal(stdout, 'emit\n--no-wait\ntea\nKIND=green tea\n');
  });

  it('rests without events to pass on, and in a daemon that observes', async () => {
    await using bus = new PrivateBus();
    await bus.start();
    const { told } = await bus.standIn('systemd');
    await using observes = await startDaemon({
      configuration: configurationFor(bus.address, '*'),
      args: ['--observe'],
    });
    await using rests = await startDaemon({ configuration: configurationFor(bus.address) });
    for (const daemon of [observes, rests]) daemon.netconf('emit', 'a', '--wait');
    assert.deepEqual(told, []);
    assert.equal(existsSync(join(rests.folder, 'events')), false);
  });

  for (const client of ['/usr/bin/busctl', '/usr/bin/gdbus'] as const) {
    it(`says any value by ${client}, and tells who is not there from who refuses`, async function () {
      if (!has(client)) skip(this, `needs ${client}`);
      await using bus = new PrivateBus();
      const run = (async ({ path, argv }: { path: string; argv: string[] }) => {
        const { status, stdout, stderr } = spawnSync(path, argv, { encoding: 'utf8' });
        return { status, output: stdout + stderr } as ProgramRun;
      }) as never;
      const calls = new Bus(run, bus.address, client);
      const emit = (name: string, ...variables: string[]) => emitOnBus(calls, { name, variables });
      assert.equal(await calls.hasOwner('com.ubuntu.Upstart'), undefined);
      await bus.start();
      assert.equal(await calls.hasOwner('com.ubuntu.Upstart'), false);
      const nobody = await emit('x');
      assert.equal(nobody.ok === false && nobody.kind, 'gone');
      const { told } = await bus.standIn('upstart');
      assert.equal(await calls.hasOwner('com.ubuntu.Upstart'), true);
      const values = ['A=', 'B=é "quoted" \\ \'x\', y', 'C=two\nlines', '-D=--version'];
      assert.deepEqual([(await emit('x', ...values)).ok, (await emit('y')).ok], [true, true]);
      await until('both', () => told.length === 2);
      assert.deepEqual(told, [
        ['x', values, false],
        ['y', [], false],
      ]);
      const refused = await emit('x', 'no sign');
      assert.equal(refused.ok === false && refused.kind, 'refused');
      assert.match(refused.text, /Env must be KEY=VALUE/);
      const late = await emit('hangs');
      assert.equal(late.ok === false && late.kind, 'refused');
    });
  }
});
