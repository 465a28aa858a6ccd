import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from '../core/control/client.ts';
import { programs } from './daemon.ts';
import { needs } from './setup.ts';
import { until } from './until.ts';

describe('netconfd in another network namespace', function () {
  this.timeout(60_000);
  const name = `main-${process.pid}`;
  const socket = `/run/netconf/netns/${name}/control`;
  let daemon: ChildProcess | undefined;
  let said = '';

  before(function () {
    needs(this, { root: true, programs: ['ip', 'ss'] });
  });
  beforeEach(async () => {
    execFileSync('ip', ['netns', 'add', name]);
    const { NETCONF_SOCKET: _, ...environment } = process.env;
    const options = ['--netns', name, '--observe', '--receive-buffer', '1234944'];
    daemon = spawn(process.execPath, [programs.netconfd, ...options], {
      env: { ...environment, NODE_DEBUG: 'netconf:netlink' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    said = '';
    for (const stream of [daemon.stdout!, daemon.stderr!])
      stream.setEncoding('utf8').on('data', text => {
        said += text;
      });
    await until('the daemon', () => /daemon\.ready/.test(said) || undefined);
  });
  afterEach(async () => {
    if (daemon !== undefined && daemon.exitCode === null && daemon.kill()) await once(daemon, 'close');
    execFileSync('ip', ['netns', 'del', name]);
    execFileSync('rm', ['-rf', `/run/netconf/netns/${name}`]);
  });

  it('has a socket of its own, names it where it says how to see more, and sees that namespace alone', async () => {
    assert.match(said, new RegExp(`netconf\\.cjs --socket ${socket} monitor\\n`));
    await using client = await connect({ socket });
    const { links } = await client.callStatus();
    assert.deepEqual(
      links?.map(({ ifname }) => ifname),
      ['lo'],
    );
  });

  it('has the receive buffer that was asked for, which the kernel doubles', () => {
    const sockets = execFileSync('ip', ['netns', 'exec', name, 'ss', '-f', 'netlink', '-m', '-H'], {
      encoding: 'utf8',
    });
    assert.match(sockets, /rb2469888\b/);
  });

  it('prints each message of the kernel with NODE_DEBUG=netconf:netlink', async () => {
    execFileSync('ip', ['-n', name, 'link', 'set', 'lo', 'mtu', '4321']);
    await until('the message', () => /NETCONF:NETLINK \d+: .*lo\b.*\n/i.test(said) || undefined);
  });
});
