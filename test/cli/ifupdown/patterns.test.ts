import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { unpacked } from '../../debian-package.ts';
import { Folder } from '../../folder.ts';
import { needs, skip } from '../../setup.ts';
import { programOf } from './programs.ts';

const netns = `ncp${process.pid}`;

const file = `auto /e?h*=eth /nothing*
allow-mac mac/02:00:00:00:00:02=two
allow-second /v?/2
allow-attribute mtu/1[34]00 mtu/*
allow-groups /@(v0|v1)
allow-exact v0 v0=home
iface eth inet dhcp
iface two inet manual
iface home inet manual
iface v0 inet manual
iface v1 inet manual
iface v2 inet manual
iface eth0 inet manual
mapping wlan*
	script /bin/echo
no-auto-down v[01]
`;

const calls: [string, ...string[]][] = [
  ['ifquery', '-l'],
  ['ifquery', '-l', '-v'],
  ...['mac', 'second', 'attribute', 'groups', 'exact', 'none'].map((name): [string, ...string[]] => [
    'ifquery',
    '-l',
    `--allow=${name}`,
  ]),
  ['ifquery', '-l', '/v*'],
  ['ifquery', '-l', '/v*', 'v0', 'nobody', 'wlan7', 'eth0=home'],
  ['ifquery', '-l', '-X', 'v[12]', '/v*'],
  ['ifquery', '-l', '--exclude=v1', '-X', 'v2', '/v*/1', '/v*/2', '/v*/3', '/v*/4'],
  ['ifquery', '/v*=two'],
  ['ifquery', '--allow=mac', 'v0', 'v1', 'v2'],
  ['ifquery', '-l', '-l'],
  ['ifquery', '-n', 'v0'],
  ['ifquery', '-a'],
  ['ifquery'],
  ['ifquery', '--force', 'v0'],
  ['ifquery', '--state', '-l'],
  ['ifup', '-l'],
  ['ifup', '-n', '-v', '-a'],
  ['ifup', '-n', '/v*', '/l*'],
  ['ifup', '-n', '--read-environment', '-a'],
  ['ifup', '--no-act-commands', '-v', '/v*', 'eth0=home'],
  ['ifquery', '--state'],
  ['ifquery', '--state', 'v2', 'nobody', 'v0'],
  ['ifquery', '--state', 'eth0'],
  ['ifdown', '-n', '-a'],
  ['ifdown', '-n', '-v', '-a', '--read-environment'],
  ['ifdown', '--no-act-commands', '-a', '-X', 'v2'],
  ['ifquery', '--state'],
];

describe('ifquery and patterns, beside Debian and among real links', function () {
  this.timeout(60_000);
  let debian: string;

  before(function () {
    needs(this, { root: true, programs: ['ip'] });
    debian = unpacked(this, 'ifupdown');
    if (!existsSync(programOf('ifquery'))) skip(this, 'needs the built programs: npm run build');
    execFileSync('ip', ['netns', 'add', netns]);
    const ip = (...words: string[]) => execFileSync('ip', ['-n', netns, ...words]);
    ip('link', 'set', 'lo', 'up');
    ip('link', 'add', 'v0', 'type', 'veth', 'peer', 'v1');
    ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'v2');
    ip('link', 'set', 'v0', 'address', '02:00:00:00:00:02', 'mtu', '1400');
    ip('link', 'set', 'v1', 'mtu', '1300');
    for (const link of ['v0', 'v1', 'v2', 'eth0']) ip('link', 'set', link, 'up');
    // A name's place in the list is that of its last address.
    ip('addr', 'add', '192.0.2.1/24', 'dev', 'v0');
  });

  after(() => {
    spawnSync('ip', ['netns', 'del', netns]);
  });

  it('say the same, line by line', () => {
    using theirs = new Folder({ interfaces: file });
    using ours = new Folder({ interfaces: file });
    const env = { PATH: process.env.PATH, EXCLUDE_INTERFACES: 'v0 e*', VERBOSE: 'yes' };
    for (const [name, ...options] of calls) {
      const words = [...options, '-i', 'interfaces', '--state-dir=state'];
      const inside = ['netns', 'exec', netns];
      const expected = spawnSync('ip', [...inside, join(debian, 'sbin', name), ...words], {
        cwd: theirs.path,
        env,
        encoding: 'utf8',
      });
      const program = programOf(name as 'ifup');
      const found = spawnSync('ip', [...inside, process.execPath, program, ...words], {
        cwd: ours.path,
        env,
        encoding: 'utf8',
      });
      const told = ({ status, stdout, stderr }: typeof found) => ({
        status,
        stdout,
        stderr: stderr.replaceAll(`${debian}/sbin/`, ''),
      });
      assert.deepEqual(told(found), told(expected), [name, ...options].join(' '));
    }
  });

  it('say who they are, and what they can do', () => {
    for (const name of ['ifup', 'ifdown', 'ifquery'] as const) {
      const ours = spawnSync(process.execPath, [programOf(name), '--help'], { encoding: 'utf8' });
      const theirs = spawnSync(join(debian, 'sbin', name), ['--help'], { encoding: 'utf8' });
      assert.equal(ours.status, 0);
      assert.ok(ours.stdout.startsWith(theirs.stdout), `${ours.stdout}\n${theirs.stdout}`);
      assert.match(
        spawnSync(process.execPath, [programOf(name), '-V'], { encoding: 'utf8' }).stdout,
        new RegExp(`^${name} version `),
      );
    }
  });
});
