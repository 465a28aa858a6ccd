import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../cli/ifupdown/programs.ts';
import { unpacked } from '../debian-package.ts';
import { Folder } from '../folder.ts';
import { linksOf } from '../plugins/debian-scripts.ts';
import { declare, type Machine, machineFor } from '../plugins/links.ts';
import { needs } from '../setup.ts';
import { until } from '../until.ts';
import { attachAdapter, openSocket } from './can-adapter.ts';
import { Ground, shells } from './ground.ts';

const stanza = (...options: string[]) =>
  `iface can0 can static\n${options.map(option => `\t${option}\n`).join('')}`;

function timing(machine: Machine) {
  const { bittiming_bitrate: bitrate, ctrlmode = [] } = machine.link('can0')!.linkinfo!.info_data as {
    bittiming_bitrate: number;
    ctrlmode?: string[];
  };
  return { bitrate, modes: ctrlmode, up: machine.isUp('can0') };
}

describe('an interface of CAN', function () {
  this.timeout(300_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'perl'], modules: ['can-dev', 'can-raw', 'slcan', 'vcan'] });
  });

  /** ifup or ifdown of can0 through netconfd; must work, and say nothing. */
  const must = (machine: Machine, program: 'ifup' | 'ifdown', ...words: string[]) => {
    const { status, stdout, stderr } = run(machine.daemon, program, ...words, 'can0');
    assert.deepEqual([status, stdout, stderr], [0, '', '']);
  };

  it('opens its controller with the bit rate, carries frames both ways, and closes it', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, stanza('bitrate 125000'));
    const netns = machine.daemon.netns!;
    await using adapter = await attachAdapter(netns);
    must(machine, 'ifup');
    await adapter.hears('C', 'S4', 'O');
    assert.deepEqual(timing(machine), { bitrate: 125_000, modes: [], up: true });
    {
      await using socket = await openSocket(netns, machine.link('can0')!.ifindex);
      adapter.say('t1232AABB');
      await socket.hears('123#AABB');
      socket.say('456#0102');
      await adapter.hears('t45620102');
    }

    const before = adapter.heard;
    assert.equal(run(machine.daemon, 'ifup', 'can0').stderr, 'ifup: interface can0 already configured\n');
    must(machine, 'ifup', '--force');
    assert.deepEqual(adapter.heard, before);

    must(machine, 'ifdown');
    await adapter.hears('t45620102', 'C');
    assert.equal(machine.isUp('can0'), false);
  });

  it('takes another bit rate with --force, and the first one again', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, stanza('bitrate 125000'));
    await using adapter = await attachAdapter(machine.daemon.netns!);
    must(machine, 'ifup');
    await adapter.hears('S4', 'O');
    for (const [bitrate, command] of [
      [500_000, 'S6'],
      [125_000, 'S4'],
    ] as const) {
      declare(folder, stanza(`bitrate ${bitrate}`));
      must(machine, 'ifup', '--force');
      await adapter.hears('C', 'C', command, 'O');
      assert.deepEqual(timing(machine), { bitrate, modes: [], up: true });
    }
  });

  it('only listens while that is declared', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, stanza('bitrate 125000', 'listenonly on'));
    await using adapter = await attachAdapter(machine.daemon.netns!);
    must(machine, 'ifup');
    await adapter.hears('S4', 'L');
    assert.deepEqual(timing(machine).modes, ['LISTEN-ONLY']);
    declare(folder, stanza('bitrate 125000'));
    must(machine, 'ifup', '--force');
    await adapter.hears('S4', 'O');
    assert.deepEqual(timing(machine), { bitrate: 125_000, modes: [], up: true });

    declare(folder, stanza('bitrate 125000', 'listenonly on'));
    must(machine, 'ifup', '--force');
    await adapter.hears('S4', 'L');
    must(machine, 'ifdown');
    assert.deepEqual(timing(machine), { bitrate: 125_000, modes: [], up: false });
  });

  it('is set again where somebody else has set it otherwise', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, stanza('bitrate 125000', 'listenonly off'));
    await using adapter = await attachAdapter(machine.daemon.netns!);
    must(machine, 'ifup');
    await adapter.hears('S4', 'O');
    machine.daemon.ip('link', 'set', 'can0', 'down');
    const words = ['type', 'can', 'bitrate', '500000', 'listen-only', 'on'];
    machine.daemon.ip('link', 'set', 'can0', 'up', ...words);
    await adapter.hears('S6', 'L');
    must(machine, 'ifup', '--force');
    await adapter.hears('S4', 'O');
    assert.deepEqual(timing(machine), { bitrate: 125_000, modes: [], up: true });
  });

  it('that refuses what is declared is left down, as it was, with the reason told', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, '');
    await using adapter = await attachAdapter(machine.daemon.netns!);
    const refusals: [string[], RegExp][] = [
      [['bitrate 123456'], /bitrate 123456: Invalid argument \(has this controller such a bit rate\?\)/],
      [
        ['bitrate 125000', 'listenonly on', 'triple on'],
        /triple-sampling on: Operation not supported \(this controller does not have it\)/,
      ],
      [
        ['bitrate 125000', 'berr on'],
        /berr-reporting on: Operation not supported \(this controller does not have it\)/,
      ],
      [['bitrate 125000', 'restart-ms 100'], /restart-ms 100: Device doesn't support restart from Bus Off/],
    ];
    for (const [options, reason] of refusals) {
      declare(folder, stanza(...options));
      const { status, stderr } = run(machine.daemon, 'ifup', 'can0');
      assert.equal(status, 1);
      assert.match(stderr, reason);
      const { modes, up } = timing(machine);
      assert.deepEqual({ modes, up }, { modes: [], up: false });
      assert.equal(run(machine.daemon, 'ifquery', '--state', 'can0').stdout, '');
    }
    assert.deepEqual(adapter.heard, []);
    declare(folder, stanza('bitrate 125000'));
    must(machine, 'ifup');
    await adapter.hears('C', 'S4', 'O');

    declare(folder, stanza('bitrate 500000', 'listenonly on', 'oneshot on'));
    const { status, stderr } = run(machine.daemon, 'ifup', '--force', 'can0');
    assert.equal(status, 1);
    assert.match(stderr, /one-shot on: Operation not supported/);
    const { modes, up } = timing(machine);
    assert.deepEqual({ modes, up }, { modes: [], up: false });
  });

  for (const shell of shells)
    it(`is asked what it has, under ${shell}`, async () => {
      using ground = new Ground(shell);
      await using adapter = await attachAdapter(ground.name);
      const on = { interface: 'can0', family: 'can' };
      const options = { bitrate: '125000', listenonly: 'on', restart_ms: '0' };
      const all = ['link up', 'can bitrate 125000', 'can listen-only on', 'can restart-ms 0'];
      const query = () => ground.query('can', options, on).trimEnd().split('\n');
      assert.deepEqual(query(), [
        'missing link up',
        'different can bitrate 125000: it is bitrate 0',
        'different can listen-only on: it is off',
        'present can restart-ms 0',
      ]);
      ground.up('can', options, on);
      assert.deepEqual(
        query(),
        all.map(line => `present ${line}`),
      );
      await until('the link’s state to be told', () => ground.ip('link show can0').includes('state UP'));
      assert.deepEqual(await ground.monitor(() => ground.up('can', options, on)), []);
      assert.match(ground.handleText()!, /^\+ note can listen-only on was off$/m);
      ground.down('can', on);
      assert.equal(query()[2], 'different can listen-only on: it is off');
      assert.equal(ground.handleText(), undefined);
      await adapter.hears('C', 'S4', 'L', 'C');
    });

  it('that is not there yet is named', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, stanza('bitrate 125000'));
    const { status, stderr } = run(machine.daemon, 'ifup', 'can0');
    assert.equal(status, 1);
    assert.match(stderr, /there is no such interface/);
    await using _adapter = await attachAdapter(machine.daemon.netns!);
    must(machine, 'ifup');
  });

  it('that is a virtual one has no bit timing, and is brought up as any other link', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, stanza('bitrate 125000'));
    machine.daemon.ip('link', 'add', 'can0', 'type', 'vcan');
    const { status, stderr } = run(machine.daemon, 'ifup', 'can0');
    assert.equal(status, 1);
    assert.match(stderr, /bitrate 125000: Operation not supported \(is this a CAN controller/);
    assert.equal(machine.isUp('can0'), false);
    declare(folder, 'iface can0 inet manual\n');
    must(machine, 'ifup');
    assert.equal(machine.isUp('can0'), true);
    must(machine, 'ifdown');
    assert.equal(machine.isUp('can0'), false);
  });

  it("equals what Debian's ifup makes of the same stanza", async function () {
    const debian = unpacked(this, 'ifupdown');
    using folder = new Folder({ 'etc/passwd': 'root:x:0:0::/root:/bin/sh\n' });
    mkdirSync(join(folder.path, 'state'));
    for (const phase of ['pre-up', 'up', 'down', 'post-down'])
      mkdirSync(join(folder.path, `etc/network/if-${phase}.d`), { recursive: true });
    for (const options of [['bitrate 125000'], ['bitrate 1000000', 'listenonly on', 'triple off']]) {
      await using machine = await machineFor(folder, stanza(...options));
      const netns = machine.daemon.netns!;
      const seen: unknown[] = [];
      for (const whose of ['ours', 'theirs']) {
        await using adapter = await attachAdapter(netns);
        const change = (program: 'ifup' | 'ifdown') => {
          if (whose === 'ours') return must(machine, program);
          const file = ['-i', join(folder.path, 'interfaces'), `--state-dir=${folder.path}/state`, 'can0'];
          const inside = ['unshare', '-m', 'sh', '-c', 'mount --bind "$0" /etc && exec "$@"'];
          const line = [...inside, join(folder.path, 'etc'), join(debian, 'sbin', program), ...file];
          const { status, stderr } = spawnSync('ip', ['netns', 'exec', netns, ...line], { encoding: 'utf8' });
          assert.equal(status, 0, stderr);
        };
        change('ifup');
        const [link] = linksOf(netns);
        change('ifdown');
        await adapter.hears('C');
        seen.push({ link, heard: adapter.heard, up: machine.isUp('can0') });
      }
      assert.deepEqual(seen[0], seen[1]);
    }
  });
});
