import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { NetconfError } from '../../core/base/errors.ts';
import { Event } from '../../core/bus/event.ts';
import type { HistoryEntry, PluginReport, Run } from '../../core/control/api.ts';
import { BuiltProgram, type Outcome, outcomeOf } from './program.ts';
import { type Answers, StandIn } from './stand-in.ts';

const evil = '\x1b[2J\r\x9b31m';

function answersAnew(): Answers {
  return {
    links: [
      {
        ifindex: 1,
        ifname: 'lo',
        flags: ['LOOPBACK', 'UP', 'LOWER_UP'],
        mtu: 65536,
        operstate: 'UNKNOWN',
        link_type: 'loopback',
      },
      {
        ifindex: 2,
        ifname: 'eth0',
        flags: ['UP'],
        mtu: 1500,
        operstate: 'DOWN',
        link_type: 'ether',
        master: 'br0',
      },
    ],
    routes: 3,
    emit: { id: 5 },
    history: [],
    explain: {
      event: 'link.carrier',
      interface: 'eth0',
      listeners: [{ plugin: 'flap', on: 'link.*' }],
      taps: [{ hook: 'reaction', plugin: 'flap', stage: -5 }],
      scripts: [
        { script: '/etc/netconf/hooks.d/10-first', run: true, deadline: 30 },
        { script: '/etc/netconf/hooks.d/20-second', run: false, reason: 'not executable' },
      ],
      notes: ['held back for 5 s'],
    },
    plugins: [
      plugin('good', {}),
      plugin('bad', { state: 'failed', reason: 'bad.mjs:3:1: no default export' }),
    ],
    reload: () => ({ file: '/etc/netconf/netconf.yaml' }),
    replay: [new Event(1, 'link.added', { source: 'netlink', interface: 'lo', replayed: true, data: {} })],
  };
}

function plugin(name: string, more: Partial<PluginReport>): PluginReport {
  return {
    name,
    version: '1.0.0',
    file: `/etc/netconf/plugins/${name}.mjs`,
    state: 'loaded',
    needs: [],
    events: [],
    taps: ['preUp'],
    listeners: ['link.carrier'],
    failures: 0,
    ms: 1.25,
    ...more,
  };
}

function entry(state: HistoryEntry['state'], runs: Partial<Run>[]): HistoryEntry {
  const event = {
    id: 5,
    name: 'home',
    time: 0,
    source: 'user:0',
    interface: 'wlan0',
    data: { SSID: 'home' },
  };
  const whole = { script: '/hooks.d/10-a', started: 0, ms: 12, status: 0, signal: null, output: '' };
  return { event, state, runs: runs.map(run => ({ ...whole, ...run })), refused: [] };
}

describe('netconf', function () {
  this.timeout(60_000);
  let directory: string;
  let socket: string;
  let environment: NodeJS.ProcessEnv;
  let program: BuiltProgram;
  let daemon: StandIn;
  const run = (...args: string[]): Promise<Outcome> => program.run(args, { env: environment });

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'netconf-cli-'));
    socket = join(directory, 'control');
    environment = { ...process.env, NETCONF_SOCKET: socket };
    program = new BuiltProgram();
  });
  after(() => {
    program?.remove();
    rmSync(directory, { recursive: true });
  });
  beforeEach(async () => {
    daemon = new StandIn(socket, answersAnew());
    await daemon.listen();
  });
  afterEach(() => daemon.close());

  describe('status', () => {
    it('draws links with state and addresses, the default route and the daemon', async () => {
      const { status, stdout } = await run('status');
      assert.equal(status, 0);
      const [lo, eth0, route, count, last] = stdout.split('\n');
      assert.match(lo ?? '', /^lo +carrier +loopback +192\.0\.2\.1\/24$/);
      assert.match(eth0 ?? '', /^eth0 +no-carrier +ether +in br0 +192\.0\.2\.2\/24$/);
      assert.equal(route, 'default inet via 192.0.2.1 dev eth0');
      assert.equal(count, '3 routes in all');
      assert.match(last ?? '', /^netconfd 9\.9\.9, pid 42, .*observing only/);
    });

    it('says what netconf has configured, tried to, and works at', async () => {
      const known = { since: 0, explicit: true, prerequisites: [], neededBy: [] };
      const stanzas = [{ family: 'inet', method: 'static', step: 'Static' }];
      daemon.answers.interfaces = [
        { ...known, interface: 'eth0', logical: 'home', state: 'configured', stanzas, neededBy: ['tun0'] },
        {
          ...known,
          interface: 'tun0',
          logical: 'tun0',
          state: 'configuring',
          stanzas: [],
          phase: 'step',
          step: 'VPN',
        },
        {
          ...known,
          interface: 'wlan0',
          logical: 'wlan0',
          state: 'failed',
          stanzas: [],
          step: 'DHCP',
          outcome: 'TIMEOUT',
          message: 'no server',
        },
      ];
      const { stdout } = await run('status');
      daemon.answers.interfaces = [];
      const lines = stdout.split('\n').map(line => line.replace(/ +/g, ' '));
      assert.ok(lines.includes('eth0=home configured inet static needed by tun0'), stdout);
      assert.ok(lines.includes('tun0 configuring at work: step VPN'), stdout);
      assert.ok(lines.includes('wlan0 failed DHCP TIMEOUT: no server'), stdout);
    });

    it('prints one JSON object, also of 100,000 routes that come in pieces', async () => {
      daemon.answers.routes = 100_000;
      const { status, stdout } = await run('status', '--json');
      assert.equal(status, 0);
      const whole = JSON.parse(stdout) as Record<string, unknown[]>;
      assert.deepEqual(Object.keys(whole), ['links', 'addresses', 'routes', 'rules', 'interfaces', 'daemon']);
      assert.deepEqual([whole.links?.length, whole.routes?.length, whole.rules], [2, 100_000, []]);
      assert.deepEqual((whole.daemon as unknown as { counters: object }).counters, { events: 7 });
    });

    it('says why it ends when what it has to say cannot be written', async () => {
      const line = `"${process.execPath}" "${program.file}" status --json >/dev/full`;
      const { status, stderr } = await outcomeOf(spawn('sh', ['-c', line], { env: environment }));
      assert.equal(status, 5);
      assert.match(stderr, /^netconf: standard output: ENOSPC: no space left on device.*\n$/);
    });

    it('ends in order when the reader of 100,000 routes has had enough', async () => {
      daemon.answers.routes = 100_000;
      const line = `"${process.execPath}" "${program.file}" status --json | head -1; echo "\${PIPESTATUS[0]}"`;
      const { stdout, stderr } = await outcomeOf(spawn('bash', ['-c', line], { env: environment }));
      assert.deepEqual([stdout, stderr], ['{\n0\n', '']);
    });
  });

  describe('monitor', () => {
    it('prints each event as one line, and tells again what exists with --replay', async () => {
      const child = program.start(['monitor', '--replay'], { env: environment });
      const outcome = outcomeOf(child);
      await daemon.subscribed();
      daemon.publish('home', { SSID: 'home', evil }, 'wlan0');
      await new Promise(done => child.stdout?.once('data', () => setTimeout(done, 200)));
      child.kill('SIGINT');
      const { status, stdout, stderr } = await outcome;
      assert.deepEqual([status, stderr], [0, '']);
      const [first, second] = stdout.split('\n').map(line => line.slice(13));
      assert.equal(first, 'link.added lo (replayed)');
      assert.equal(second, 'home wlan0 SSID=home evil="\\u001b[2J\\r\\x9b31m"');
    });

    it('prints lines of JSON, of the names and the interface that were asked for', async () => {
      const child = program.start(['monitor', 'home*', '--interface', 'wlan0', '--json'], {
        env: environment,
      });
      const outcome = outcomeOf(child);
      await daemon.subscribed();
      daemon.publish('other', {}, 'wlan0');
      daemon.publish('home-1', {}, 'eth0');
      daemon.publish('home-2', { a: 1 }, 'wlan0');
      await new Promise(done => child.stdout?.once('data', done));
      child.kill('SIGTERM');
      const { status, stdout } = await outcome;
      assert.equal(status, 0);
      const event = JSON.parse(stdout) as { name: string; data: object };
      assert.deepEqual([event.name, event.data], ['home-2', { a: 1 }]);
    });

    it('says how many events were lost to a reader that was too slow', async () => {
      const child = program.start(['monitor', '--json'], { env: environment });
      await daemon.subscribed();
      child.kill('SIGSTOP');
      const padding = 'x'.repeat(1000);
      for (let i = 0; i < 20_000; i++) daemon.publish('flood', { padding });
      await new Promise(resolve => setTimeout(resolve, 100));
      let seen = 0;
      let lost = 0;
      child.kill('SIGCONT');
      for await (const line of createInterface({ input: child.stdout as Readable })) {
        const reply = JSON.parse(line) as { name?: string; lost?: number };
        if (reply.lost === undefined) seen++;
        lost += reply.lost ?? 0;
        if (seen + lost >= 20_000) child.kill('SIGINT');
      }
      assert.equal(seen + lost, 20_000);
      assert.ok(lost > 0);
    });

    it('ends with status 0 when its reader closes the pipe', async () => {
      const line = `"${process.execPath}" "${program.file}" monitor | head -1; echo "\${PIPESTATUS[0]}"`;
      const outcome = outcomeOf(spawn('bash', ['-c', line], { env: environment }));
      await daemon.subscribed();
      let ended = false;
      void outcome.then(() => {
        ended = true;
      });
      while (!ended) {
        daemon.publish('tick', {});
        await new Promise(resolve => setTimeout(resolve, 20));
      }
      const { stdout, stderr } = await outcome;
      assert.match(stdout, /^\S+ tick -\n0\n$/);
      assert.equal(stderr, '');
    });

    it('says so, with status 3, when the daemon goes away', async () => {
      const child = program.start(['monitor'], { env: environment });
      const outcome = outcomeOf(child);
      await daemon.subscribed();
      await daemon.close();
      const { status, stderr } = await outcome;
      assert.equal(status, 3);
      assert.match(stderr, /^netconf: the connection ended/);
    });
  });

  describe('emit', () => {
    it('sends text and typed values, and prints the id', async () => {
      const args = ['home', 'SSID=a=b', 'n:=3', 'deep:={"x":[1]}', '__proto__=x', '--interface', 'wlan0'];
      const { status, stdout } = await run('emit', ...args);
      assert.deepEqual([status, stdout], [0, 'event 5\n']);
      const data = Object.fromEntries([
        ['SSID', 'a=b'],
        ['n', 3],
        ['deep', { x: [1] }],
        ['__proto__', 'x'],
      ]);
      assert.deepEqual(daemon.asked, [{ Emit: { event: 'home', interface: 'wlan0', data } }]);
    });

    it('with --wait shows what each script came to and says it in the status', async () => {
      daemon.answers.emit = {
        id: 5,
        entry: entry('done', [
          { output: 'fine\n' },
          { script: '/hooks.d/20-b', status: 3, output: `${evil}\nsecond line` },
          { script: '/hooks.d/30-c', status: null, signal: 'SIGKILL', timedOut: true },
        ]),
      };
      const { status, stdout } = await run('emit', 'home', '--wait');
      assert.equal(status, 1);
      assert.deepEqual(
        stdout.split('\n').map(line => line.replace(/ +/g, ' ')),
        [
          'event 5',
          ' ok 12 ms /hooks.d/10-a',
          ' | fine',
          ' exit 3 12 ms /hooks.d/20-b',
          ' | \\e[2J\\r\\x9b31m',
          ' | second line',
          ' timed out 12 ms /hooks.d/30-c',
          '',
        ],
      );
      daemon.answers.emit = { id: 6, entry: entry('none', []) };
      assert.deepEqual(await run('emit', 'home', '--wait'), {
        status: 0,
        stdout: 'event 6: no script wants it\n',
        stderr: '',
      });
    });

    it('refuses a bad name and bad pairs before it asks anybody, with status 2', async () => {
      for (const args of [['Bad Name'], ['home', 'novalue'], ['home', 'x:={'], ['home', '=x'], []]) {
        const { status, stdout, stderr } = await run('emit', ...args);
        assert.deepEqual([status, stdout], [2, ''], args.join(' '));
        assert.match(stderr, /^netconf: /);
      }
      assert.deepEqual(daemon.asked, []);
    });
  });

  describe('history', () => {
    it('shows events with their scripts, the output of those that failed, and asks for what was wanted', async () => {
      daemon.answers.history = [entry('done', [{ output: 'quiet' }, { status: 1, output: 'trouble' }])];
      const { status, stdout } = await run(
        'history',
        'ho*',
        '--failed',
        '--storm',
        '--limit',
        '7',
        '--interface',
        'w',
      );
      assert.equal(status, 0);
      assert.match(
        stdout,
        /^5 1970-01-01 \S+ home wlan0 SSID=home\n {2}ok .*\n {2}exit 1 .*\n {4}\| trouble\n$/,
      );
      assert.deepEqual(daemon.asked, [
        { History: { names: ['ho*'], interfaces: ['w'], failed: true, storm: true, limit: 7 } },
      ]);
    });

    it('prints JSON, an entry a line, and refuses a limit that is no number', async () => {
      daemon.answers.history = [entry('done', []), entry('none', [])];
      const { stdout } = await run('history', '--json');
      assert.equal((JSON.parse(stdout) as unknown[]).length, 2);
      assert.equal(stdout.split('\n').length, 5);
      assert.equal((await run('history', '--limit', 'many')).status, 2);
    });
  });

  it('explains who would react, in order, and why others would not', async () => {
    const { status, stdout } = await run('explain', 'link.carrier', '--interface', 'eth0', 'n:=1');
    assert.equal(status, 0);
    assert.deepEqual(
      stdout.split('\n').map(line => line.replace(/ +/g, ' ')),
      [
        'link.carrier eth0',
        'Listeners:',
        ' 1 flap on link.*',
        'Taps:',
        ' 1 reaction flap, stage -5',
        'Scripts:',
        ' 1 /etc/netconf/hooks.d/10-first runs, at most 30 s',
        ' - /etc/netconf/hooks.d/20-second does not run: not executable',
        'Note: held back for 5 s',
        '',
      ],
    );
    const json = await run('explain', 'link.carrier', '--json');
    assert.deepEqual(JSON.parse(json.stdout), daemon.answers.explain);
  });

  it('shows plugins in a table, with the reason of one that failed below it', async () => {
    const { status, stdout } = await run('plugins');
    assert.equal(status, 0);
    const [head, good, bad, reason] = stdout.split('\n');
    assert.match(head ?? '', /^NAME +VERSION +STATE +TAPS +LISTENERS +FAILURES +MS +FILE$/);
    assert.match(good ?? '', /^good +1\.0\.0 +loaded +preUp +link\.carrier +0 +1\.3 +\S+good\.mjs$/);
    assert.match(bad ?? '', /^bad +1\.0\.0 +failed/);
    assert.equal(reason, '  bad.mjs:3:1: no default export');
    assert.deepEqual(JSON.parse((await run('plugins', '--json')).stdout), daemon.answers.plugins);
  });

  it('loads and unloads plugins, and says which one there is not', async () => {
    assert.equal((await run('plugin', 'load', 'good')).status, 0);
    assert.equal((await run('plugin', 'load', 'bad')).status, 1);
    assert.deepEqual(await run('plugin', 'unload', 'good'), { status: 0, stdout: '', stderr: '' });
    assert.deepEqual(daemon.asked, [{ UnloadPlugin: 'good' }]);
    assert.deepEqual(await run('plugin', 'load', 'missing'), {
      status: 5,
      stdout: '',
      stderr: 'netconf: no plugin missing\n  look there\n',
    });
  });

  it('reloads, and shows every line of what is wrong with a new configuration, and which one is in force', async () => {
    assert.equal((await run('reload')).stdout, '/etc/netconf/netconf.yaml\n');
    daemon.answers.reload = () => {
      throw new NetconfError('BadConfiguration', `/a.yaml:1:1: ${evil}\n/a.yaml:2:1: more`);
    };
    const { status, stderr } = await run('reload', '--json');
    assert.equal(status, 5);
    assert.equal(
      stderr,
      'netconf: /a.yaml:1:1: \\e[2J\\r\\x9b31m\nnetconf: /a.yaml:2:1: more\n  the older configuration stays in force\n',
    );
  });

  describe('exit statuses', () => {
    it('is 3 with one clear line when no daemon answers', async () => {
      const { status, stdout, stderr } = await run('status', '--socket', join(directory, 'nobody'));
      assert.deepEqual([status, stdout], [3, '']);
      assert.match(stderr, /^netconf: no netconfd answers on \S+nobody\n {2}\S.*\n$/);
    });

    it('is 4 for what the daemon does not permit', async () => {
      const { status, stderr } = await run('plugin', 'load', 'forbidden');
      assert.deepEqual([status, stderr.split('\n')[0]], [4, 'netconf: forbidden: you may not']);
    });

    it('is 2 for a command line that is wrong, with the nearest command', async () => {
      const { status, stdout, stderr } = await run('statsu');
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, /^netconf: unknown command 'statsu'\n\(Did you mean status\?\)/);
      for (const args of [[], ['status', '--nonsense'], ['plugin'], ['reload', 'extra'], ['--socket']]) {
        assert.equal((await run(...args)).status, 2, args.join(' '));
      }
      assert.doesNotMatch((await run(`\x1b[31m`)).stderr, /\x1b/);
      assert.match(
        (await run('plugin', 'load')).stderr,
        /argument 'NAME'\nTry 'netconf plugin load --help'\.\n/,
      );
    });

    it('is 0 after --help and --version', async () => {
      assert.equal((await run('--version')).stdout, '0.1.0\n');
      const { status, stdout } = await run('emit', '--help');
      assert.equal(status, 0);
      assert.match(stdout, /--wait/);
    });
  });
});
