import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultSocket } from '../../core/control/path.ts';
import { startDaemon, until } from '../daemon.ts';
import { needs } from '../setup.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const unit = readFileSync(join(root, 'packaging/systemd/netconfd.service'), 'utf8');
const settings = new Map(
  unit.split('\n').flatMap(line => {
    const found = /^([A-Za-z]+)=(.*)$/.exec(line);
    return found === null ? [] : [[found[1]!, found[2]!] as const];
  }),
);

describe('the systemd unit', () => {
  it('starts a program that the build makes, from where it is installed', () => {
    const program = settings.get('ExecStart') ?? '';
    assert.equal(dirname(program), '/usr/lib/netconf');
    accessSync(join(root, 'dist', basename(program)), constants.X_OK);
    const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      bin: Record<string, string>;
    };
    assert.equal(bin.netconfd, `dist/${basename(program)}`);
  });

  it('keeps the directory of the control socket, across restarts too', () => {
    assert.equal(`/run/${settings.get('RuntimeDirectory')}`, dirname(defaultSocket({}, 0)));
    assert.equal(settings.get('RuntimeDirectoryPreserve'), 'yes');
  });

  it('restarts without end, ends the daemon alone, and watches it', () => {
    const wanted = { Type: 'notify', Restart: 'always', StartLimitIntervalSec: '0', KillMode: 'process' };
    for (const [name, value] of Object.entries(wanted)) assert.equal(settings.get(name), value, name);
    assert.ok(Number(settings.get('WatchdogSec')) > 0);
    assert.ok(Number(settings.get('TimeoutStopSec')) > 26, 'the runner takes up to 26 s to end scripts');
  });

  it('comes after the firewall and before the network', () => {
    assert.match(settings.get('After') ?? '', /\bnetwork-pre\.target\b/);
    assert.match(settings.get('Before') ?? '', /\bnetwork\.target\b/);
  });

  it('restricts nothing that hook scripts need', () => {
    const harmful =
      /^(NoNewPrivileges|Protect\w+|Private\w+|ReadOnlyPaths|CapabilityBoundingSet|Restrict\w+|SystemCall\w+|MemoryDenyWriteExecute|DynamicUser|User|OOMScoreAdjust)$/;
    assert.deepEqual(
      [...settings.keys()].filter(name => harmful.test(name)),
      [],
    );
    assert.equal(settings.get('UnsetEnvironment'), 'NODE_EXTRA_CA_CERTS');
  });

  it('is a unit that systemd finds no fault with', function () {
    needs(this, { programs: ['systemd-analyze'] });
    const folder = mkdtempSync(join(tmpdir(), 'netconf-'));
    try {
      const file = join(folder, 'netconfd.service');
      writeFileSync(file, unit.replace('/usr/lib/netconf/netconfd.cjs', process.execPath));
      const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], {
        encoding: 'utf8',
      });
      const about = `${stdout}${stderr}`.split('\n').filter(line => line.includes('netconfd.service'));
      assert.deepEqual({ status, about }, { status: 0, about: [] });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('the daemon under a service manager', () => {
  it('says when it is ready, reloads and stops, and that it lives', async function () {
    needs(this, { programs: ['python3'] });
    const folder = mkdtempSync(join(tmpdir(), 'netconf-'));
    const path = join(folder, 'notify');
    const manager = spawn('python3', ['-u', '-c', listener, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      let told = '';
      manager.stdout.setEncoding('utf8').on('data', text => {
        told += text;
      });
      await until('the service manager', () => told.includes('listening'));
      const daemon = await startDaemon({
        netns: false,
        env: { NOTIFY_SOCKET: path, WATCHDOG_USEC: '200000' },
      });
      await until('READY=1', () => told.includes('READY=1'));
      await until('WATCHDOG=1', () => told.split('WATCHDOG=1').length > 3);
      process.kill(daemon.pid, 'SIGHUP');
      await until('the end of the reload', () => /RELOADING=1.*READY=1/s.test(told));
      assert.deepEqual(await daemon.stop(), { status: 0, signal: null });
      await until('STOPPING=1', () => told.includes('STOPPING=1'));
    } finally {
      manager.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

const listener = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("listening")
while True:
    print(s.recv(4096).decode())
`;

describe('the OpenRC script', () => {
  const script = join(root, 'packaging/openrc/netconfd');

  it('has nothing that shellcheck minds', function () {
    needs(this, { programs: ['shellcheck'] });
    execFileSync('shellcheck', ['-s', 'sh', script]);
  });

  it('starts the same program as systemd', () => {
    assert.match(readFileSync(script, 'utf8'), new RegExp(`^command=${settings.get('ExecStart')}$`, 'm'));
  });
});
