import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { quietDaemon, run } from '../../cli/ifupdown/programs.ts';
import { unpacked } from '../../debian-package.ts';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';
import { scriptsAlone } from './debian-scripts.ts';

const phases = ['pre-up', 'up', 'down', 'post-down'];

/** Stanzas whose scripts are to see the same from both; each of one interface, v0. */
const samples: Record<string, { file: string; words?: string[] }> = {
  'an address and what else a stanza says': {
    file: `iface v0 inet static
	address 192.0.2.1/24
	dns-nameservers 192.0.2.53 192.0.2.54
	dns-nameservers 192.0.2.55
	wpa-ssid a name with blanks
	odd.name=x it is
	UPPER-case 1
	up true
`,
  },
  'both families': {
    file: `iface v0 inet static
	address 192.0.2.1
	netmask 255.255.255.128
	broadcast -
iface v0 inet6 static
	address 2001:db8::1/64
	dad-attempts 0
`,
  },
  'nothing but itself': { file: 'iface v0 inet manual\n' },
  'the command line': {
    file: 'iface v0 inet manual\n\tmtu 1400\n\tnew? 1\n',
    words: ['-v', '-o', 'mtu=1300', '-o', 'new=2', '-o', 'other?=3'],
  },
  'a logical interface': { file: 'iface home inet manual\n\tkey value\n', words: ['v0=home'] },
  'a class': { file: 'allow-lan v0\niface v0 inet manual\n', words: ['--allow=lan'] },
  'a hardware address with its class': {
    file: 'iface v0 inet manual\n\thwaddress ether 02:00:00:00:00:09\n',
  },
};

/** What is of netconf, or of the shell that runs the script. */
const notCompared = /^(NETCONF_|PWD=|OLDPWD=|SHLVL=|_=)/;

describe('commands and scripts of /etc/network/if-*.d', function () {
  this.timeout(60_000);
  let debian: string;

  before(function () {
    needs(this, { root: true, programs: ['ip', 'unshare'] });
    debian = unpacked(this, 'ifupdown');
  });

  for (const [title, { file, words = [] }] of Object.entries(samples)) {
    it(`see the same as from Debian's ifup: ${title}`, async () => {
      using folder = new Folder({ interfaces: file });
      const named = words.some(word => word.startsWith('v0')) ? words : [...words, 'v0'];
      const theirs = askDebian(debian, folder, named);
      assert.ok(theirs.length >= 4, 'Debian ran no scripts');

      const scripts = writeScripts(folder, 'ours');
      await using daemon = await quietDaemon(scriptsAlone({ file: `${folder.path}/interfaces`, scripts }));
      rmSync(join(folder.path, 'ours.log'), { force: true });
      daemon.ip('link', 'add', 'v0', 'type', 'veth', 'peer', 'v1');
      const options = ['-i', join(folder.path, 'interfaces'), ...named];
      const up = run(daemon, 'ifup', ...options);
      assert.equal(up.status, 0, up.stderr);
      const down = run(daemon, 'ifdown', ...options);
      assert.equal(down.status, 0, down.stderr);
      const ours = readDumps(folder, 'ours');
      // netconf takes the last stanza down first, Debian the first.
      assert.deepEqual(ours.toSorted(), theirs.toSorted());
      const isUp = (dump: string) => dump.includes('MODE=start');
      assert.deepEqual(ours.filter(isUp), theirs.filter(isUp));
    });
  }
});

/** Each script writes what it sees into one file, so that the order is seen too. */
function writeScripts(folder: Folder, who: string): string {
  for (const phase of phases) {
    const text = `#!/bin/sh\n{ echo "== if-${phase}.d"; env | sort; } >>${folder.path}/${who}.log\n`;
    chmodSync(folder.write(`${who}/if-${phase}.d/dump`, text), 0o755);
  }
  return join(folder.path, who);
}

function readDumps(folder: Folder, who: string): string[] {
  const log = join(folder.path, `${who}.log`);
  const text = existsSync(log) ? readFileSync(log, 'utf8') : '';
  return text
    .split(/^(?=== )/m)
    .filter(dump => dump !== '')
    .map(dump =>
      dump
        .split('\n')
        .filter(line => !notCompared.test(line))
        .join('\n'),
    );
}

/** Debian's own programs, on links of a namespace of their own, with an /etc that is nobody else's. */
function askDebian(debian: string, folder: Folder, words: readonly string[]): string[] {
  writeScripts(folder, 'etc/network');
  folder.write('etc/passwd', 'root:x:0:0::/root:/bin/sh\n');
  mkdirSync(join(folder.path, 'state'));
  const netns = `nce${process.pid}`;
  execFileSync('ip', ['netns', 'add', netns]);
  try {
    execFileSync('ip', ['-n', netns, 'link', 'add', 'v0', 'type', 'veth', 'peer', 'v1']);
    const common = ['-i', join(folder.path, 'interfaces'), `--state-dir=${folder.path}/state`, ...words];
    for (const program of ['ifup', 'ifdown']) {
      const inside = `mount --bind "$0" /etc && exec "$@"`;
      const line = ['netns', 'exec', netns, 'unshare', '-m', 'sh', '-c', inside, `${folder.path}/etc`];
      const { status, stderr } = spawnSync('ip', [...line, `${debian}/sbin/${program}`, ...common], {
        encoding: 'utf8',
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      });
      assert.equal(status, 0, stderr);
    }
  } finally {
    execFileSync('ip', ['netns', 'del', netns]);
  }
  return readDumps(folder, 'etc/network');
}
