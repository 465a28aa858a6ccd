import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestDaemon } from '../../daemon.ts';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { daemonFor, logOf, machine, phases } from './machine.ts';
import { programOf, run, runAsync } from './programs.ts';

const addresses = (daemon: TestDaemon) => daemon.ip('-o', 'addr', 'show', 'dev', 'v0');

describe('ifup and ifdown', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'unshare'] });
  });

  it('say which options count for dry runs only, and do what was asked for', async () => {
    using folder = machine('iface v0 inet manual\n');
    await using daemon = await daemonFor(folder);
    const state = join(folder.path, 'state');
    const { status, stderr } = run(daemon, 'ifup', '--dialect=debian', '--state-dir', state, 'v0');
    assert.equal(status, 0);
    assert.match(
      stderr,
      /^ifup: --dialect counts for dry runs .*\nifup: --state-dir counts for dry runs .*\n$/,
    );
    assert.ok(!existsSync(state));
    assert.equal(run(daemon, 'ifquery', '--state').stdout, 'v0=v0\n');
  });

  it('put an address on the wire and take it away, say what is so already, and end with 0', async () => {
    using folder = machine(
      'iface v0 inet static\n\taddress 192.0.2.1/24\niface v0 inet6 static\n\taddress 2001:db8::1/64\n',
    );
    await using daemon = await daemonFor(folder);
    const up = run(daemon, 'ifup', 'v0');
    assert.deepEqual([up.status, up.stdout, up.stderr], [0, '', '']);
    assert.match(addresses(daemon), /192\.0\.2\.1\/24 brd 192\.0\.2\.255/);
    assert.match(addresses(daemon), /2001:db8::1\/64/);
    const again = run(daemon, 'ifup', 'v0');
    assert.deepEqual([again.status, again.stderr], [0, 'ifup: interface v0 already configured\n']);
    assert.equal(run(daemon, 'ifquery', '--state').stdout, 'v0=v0\n');
    assert.equal(run(daemon, 'ifquery', '--state', 'v0').status, 0);
    const down = run(daemon, 'ifdown', 'v0');
    assert.deepEqual([down.status, down.stderr], [0, '']);
    assert.doesNotMatch(addresses(daemon), /192\.0\.2\.1/);
    const twice = run(daemon, 'ifdown', 'v0');
    assert.deepEqual([twice.status, twice.stderr], [0, 'ifdown: interface v0 not configured\n']);
    assert.deepEqual(
      [run(daemon, 'ifquery', '--state', 'v0').status, run(daemon, 'ifquery', '--state').stdout],
      [1, ''],
    );
  });

  it('run the scripts of each stanza in their order, the last stanza down first', async () => {
    using folder = machine('iface v0 inet static\n\taddress 192.0.2.1/24\niface v0 inet6 manual\n');
    await using daemon = await daemonFor(folder);
    assert.equal(run(daemon, 'ifup', 'v0').status, 0);
    assert.equal(run(daemon, 'ifdown', 'v0').status, 0);
    assert.deepEqual(logOf(folder), [
      'v0 v0 inet static start pre-up',
      'v0 v0 inet static start post-up',
      'v0 v0 inet6 manual start pre-up',
      'v0 v0 inet6 manual start post-up',
      'v0 v0 inet6 manual stop pre-down',
      'v0 v0 inet6 manual stop post-down',
      'v0 v0 inet static stop pre-down',
      'v0 v0 inet static stop post-down',
    ]);
  });

  it('run options before scripts on the way up, and after them on the way down', async () => {
    const options = phases.map(phase => `\t${phase} echo option ${phase} >>@/log\n`).join('');
    using folder = machine(`iface v0 inet manual\n${options}`);
    await using daemon = await daemonFor(folder);
    run(daemon, 'ifup', 'v0');
    run(daemon, 'ifdown', 'v0');
    assert.deepEqual(
      logOf(folder)
        .map(line => line.replace(/.* (\S+)$/, '$1'))
        .map((word, i) => (logOf(folder)[i]?.startsWith('option') ? `option ${word}` : word)),
      [
        'option pre-up',
        'pre-up',
        'option up',
        'post-up',
        'pre-down',
        'option down',
        'post-down',
        'option post-down',
      ],
    );
  });

  it('say why it failed: step, command, and the last lines of what it printed; nothing is left behind', async () => {
    using folder = machine(
      'iface v0 inet static\n\taddress 192.0.2.1/24\n\tup echo first; echo that is broken >&2; exit 3\n',
    );
    await using daemon = await daemonFor(folder);
    const up = run(daemon, 'ifup', 'v0');
    assert.equal(up.status, 1);
    assert.match(up.stderr, /^ifup: v0: Static: postUp: up echo first; .*: ended with status 3$/m);
    assert.match(up.stderr, /^ifup: {3}that is broken$/m);
    assert.match(up.stderr, /^ifup: failed to bring up v0$/m);
    assert.doesNotMatch(addresses(daemon), /192\.0\.2\.1/);
    assert.equal(run(daemon, 'ifquery', '--state').stdout, '');
  });

  it('go on past failures with --ignore-errors, and run no scripts with --no-scripts', async () => {
    using folder = machine(
      'iface v0 inet static\n\taddress 192.0.2.1/24\n\tpre-up false\n\tup echo here >>@/log\n',
    );
    await using daemon = await daemonFor(folder);
    const up = run(daemon, 'ifup', '--ignore-errors', '--no-scripts', 'v0');
    assert.equal(up.status, 0, up.stderr);
    assert.match(up.stderr, /pre-up false: ended with status 1/);
    assert.match(addresses(daemon), /192\.0\.2\.1/);
    assert.deepEqual(logOf(folder), ['here']);
  });

  it('go on past a script that fails with --force, and set options with -o, for that once', async () => {
    using folder = machine('iface v0 inet static\n\taddress 192.0.2.1/24\n\tup exit 3\n');
    await using daemon = await daemonFor(folder);
    assert.equal(run(daemon, 'ifup', 'v0').status, 1);
    assert.doesNotMatch(addresses(daemon), /192\.0\.2\.1/);
    const forced = run(daemon, 'ifup', '--force', '-o', 'address=192.0.2.9/24', '-o', 'mtu=1400', 'v0');
    assert.equal(forced.status, 0);
    assert.match(forced.stderr, /v0: postUp: up exit 3: ended with status 3/);
    assert.match(addresses(daemon), /192\.0\.2\.9\/24/);
    assert.match(daemon.ip('link', 'show', 'v0'), /mtu 1400/);
    assert.equal(run(daemon, 'ifdown', 'v0').status, 0);
    assert.match(daemon.ip('link', 'show', 'v0'), /mtu 1500/);
  });

  it('run no scripts where the file says no-scripts, and no mappings with --no-mappings', async () => {
    using folder = machine(
      'no-scripts v0\nmapping v0\n\tscript @/map\niface v0 inet manual\niface home inet manual\n',
    );
    chmodSync(folder.write('map', '#!/bin/sh\necho home\n'), 0o755);
    await using daemon = await daemonFor(folder);
    assert.equal(run(daemon, 'ifup', '--no-mappings', 'v0').status, 0);
    assert.equal(run(daemon, 'ifquery', '--state').stdout, 'v0=v0\n');
    assert.deepEqual(logOf(folder), ['']);
    assert.equal(run(daemon, 'ifdown', 'v0').status, 0);
    assert.equal(run(daemon, 'ifup', 'v0').status, 0);
    assert.deepEqual(
      logOf(folder).map(line => line.split(' ').slice(0, 2).join(' ')),
      ['v0 home', 'v0 home'],
    );
  });

  it('name an interface that nobody knows, and a mistake in the file with its place', async () => {
    using folder = machine('iface v0 inet manual\n');
    await using daemon = await daemonFor(folder);
    const file = join(folder.path, 'interfaces');
    const unknown = run(daemon, 'ifup', 'nobody');
    assert.deepEqual([unknown.status, unknown.stderr], [1, 'ifup: unknown interface nobody\n']);
    const down = run(daemon, 'ifdown', '-i', file, 'nobody');
    assert.deepEqual([down.status, down.stderr], [1, 'ifdown: unknown interface nobody\n']);
    writeFileSync(file, 'iface v0 inet manual\niface v1 inet nothing\n');
    const broken = run(daemon, 'ifup', 'v0');
    assert.equal(broken.status, 1);
    const lines = broken.stderr.split('\n');
    assert.equal(lines[0], `ifup: ${file}:2: unknown or no method and no inherits keyword specified`);
    assert.equal(lines[1], `ifup: couldn't read interfaces file "${file}"`);
  });

  it('use a logical interface that is named, or that a mapping script prints', async () => {
    using folder = machine(
      'mapping v0\n\tscript @/map\n\tmap one\n\tmap home\niface home inet static\n\taddress 192.0.2.7/24\niface work inet static\n\taddress 192.0.2.8/24\n',
    );
    chmodSync(folder.write('map', '#!/bin/sh\necho "asked about $1" >&2\ntail -n 1\n'), 0o755);
    await using daemon = await daemonFor(folder);
    assert.equal(run(daemon, 'ifup', 'v0').status, 0);
    assert.match(addresses(daemon), /192\.0\.2\.7/);
    assert.equal(run(daemon, 'ifquery', '--state').stdout, 'v0=home\n');
    assert.equal(run(daemon, 'ifdown', 'v0').status, 0);
    assert.equal(run(daemon, 'ifup', 'v0=work').status, 0);
    assert.match(addresses(daemon), /192\.0\.2\.8/);
    assert.deepEqual([...new Set(logOf(folder).map(line => line.split(' ')[1]))], ['home', 'work']);
  });

  it('do all of a class with scripts around it, and take all down but what no-auto-down and -X leave', async () => {
    using folder = machine(
      'iface v0 inet manual\niface v1 inet manual\niface w0 inet manual\nno-auto-down w[0-9]\n',
    );
    await using daemon = await daemonFor(folder);
    daemon.ip('link', 'add', 'w0', 'type', 'veth', 'peer', 'w1');
    writeFileSync(
      join(folder.path, 'interfaces'),
      `allow-some v0 v1 w0\n${readFileSync(join(folder.path, 'interfaces'), 'utf8')}`,
    );
    assert.equal(run(daemon, 'ifup', '-a', '--allow=some', '-X', 'v1').status, 0);
    const up = logOf(folder);
    assert.equal(up[0], '--all some meta none start pre-up some');
    assert.equal(up.at(-1), '--all some meta none start post-up some');
    assert.equal(run(daemon, 'ifquery', '--state', 'v0', 'w0').status, 0);
    assert.equal(run(daemon, 'ifquery', '--state', 'v1').status, 1);
    const file = join(folder.path, 'interfaces');
    assert.equal(run(daemon, 'ifdown', '-a', '-i', file).status, 0);
    assert.equal(run(daemon, 'ifquery', '--state').stdout, 'w0=w0\n');
    assert.equal(logOf(folder).at(-1), '--all auto meta none stop post-down auto');
  });

  it('do all of a file that is named, with the scripts around it, and leave out what -X says', async () => {
    using folder = machine('auto w0\niface w0 inet manual\n');
    await using daemon = await daemonFor(folder);
    for (const name of ['a1', 'a2', 'a3'])
      daemon.ip('link', 'add', name, 'type', 'veth', 'peer', `${name}-far`);
    const stanzas = [1, 2, 3].map(at => `iface a${at} inet manual\n`).join('');
    const file = folder.write('named', `auto a1\nauto /a[23]\n${stanzas}`);
    const { status, stderr } = run(daemon, 'ifup', '-a', '-i', file, '-X', '[xy]2', '-X', 'a[2]', '-X', 'lo');
    assert.deepEqual([status, stderr], [0, '']);
    assert.deepEqual(run(daemon, 'ifquery', '--state').stdout.split('\n').sort(), ['', 'a1=a1', 'a3=a3']);
    const log = logOf(folder);
    assert.deepEqual(
      [log[0], log.at(-1)],
      ['--all auto meta none start pre-up auto', '--all auto meta none start post-up auto'],
    );
    const broken = folder.write('broken', 'nonsense\n');
    const failed = run(daemon, 'ifup', '-a', '-i', broken);
    assert.equal(failed.status, 1);
    assert.match(failed.stderr, /broken:1: /);
    assert.deepEqual(logOf(folder), log);
  });

  it('leave nothing behind when interrupted', async () => {
    using folder = machine('iface v0 inet static\n\taddress 192.0.2.1/24\n\tup touch @/begun; sleep 60\n');
    await using daemon = await daemonFor(folder);
    const child = spawn(process.execPath, [programOf('ifup'), 'v0'], {
      env: { PATH: process.env.PATH, NETCONF_SOCKET: daemon.socket },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', text => {
      said += text;
    });
    const ended = new Promise<number | null>(resolve => child.once('close', resolve));
    await until('the script to begin', () => existsSync(join(folder.path, 'begun')));
    child.kill('SIGINT');
    assert.equal(await ended, 1);
    assert.match(said, /^Got signal Interrupt, terminating\.\.\.$/m);
    await until('the address to go', () => !addresses(daemon).includes('192.0.2.1'));
  });

  it('say so when a script asks for the interface that waits for it', async () => {
    using folder = machine(
      `iface v0 inet manual\n\tup ${process.execPath} ${programOf('ifup')} v0 || true\n`,
    );
    await using daemon = await daemonFor(folder);
    const up = await runAsync(daemon, 'ifup', '-v', 'v0');
    assert.equal(up.status, 0, up.stderr);
    const history = await daemon.client.call('History', { names: ['request.ifup'] });
    const output = history.entries.flatMap(({ runs }) => runs.map(each => each.output)).join('');
    assert.match(output, /^ifup: recursion detected for interface v0 in post-up phase$/m);
  });

  it('do it in their own process where no daemon runs, with the same records', async () => {
    using folder = machine(
      'iface v0 inet static\n\taddress 192.0.2.1/24\niface v1 inet manual\n\tup @/again\n',
    );
    const netns = `nca${process.pid}`;
    const env = { PATH: process.env.PATH, NETCONF_SOCKET: join(folder.path, 'run', 'control') };
    const ip = (...words: string[]) => spawnSync('ip', words, { encoding: 'utf8', env }).stdout;
    const config = join(folder.path, 'netconf.yaml');
    const again = `#!/bin/sh\nNETCONF_SOCKET=${env.NETCONF_SOCKET} ${process.execPath} ${programOf('ifup')} --config ${config} v1 2>>${folder.path}/log || true\n`;
    chmodSync(folder.write('again', again), 0o755);
    const alone = (name: 'ifup' | 'ifdown' | 'ifquery', ...words: string[]) =>
      spawnSync('ip', ['netns', 'exec', netns, process.execPath, programOf(name), ...words], {
        encoding: 'utf8',
        env,
      });
    ip('netns', 'add', netns);
    try {
      ip('-n', netns, 'link', 'add', 'v0', 'type', 'veth', 'peer', 'v1');
      const up = alone('ifup', '--config', config, 'v0');
      assert.deepEqual([up.status, up.stderr], [0, '']);
      assert.match(ip('-n', netns, 'addr', 'show', 'dev', 'v0'), /192\.0\.2\.1\/24/);
      assert.equal(alone('ifquery', '--state').stdout, 'v0=v0\n');
      assert.equal(alone('ifup', '--config', config, 'v1').status, 0);
      assert.ok(logOf(folder).includes('ifup: recursion detected for interface v1 in post-up phase'));
      assert.equal(alone('ifdown', '--config', config, 'v0').status, 0);
      assert.doesNotMatch(ip('-n', netns, 'addr', 'show', 'dev', 'v0'), /192\.0\.2\.1/);
    } finally {
      ip('netns', 'del', netns);
    }
  });

  it('tell somebody else who may not what is missing', async () => {
    using folder = machine('iface v0 inet manual\n');
    await using daemon = await daemonFor(folder);
    chmodSync(daemon.folder, 0o755);
    const line = [
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      process.execPath,
      programOf('ifup'),
      'v0',
    ];
    const { status, stderr } = spawnSync('setpriv', line, {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, NETCONF_SOCKET: daemon.socket },
    });
    assert.equal(status, 1);
    assert.match(stderr, /^ifup: /);
    assert.match(stderr, /policy can permit it|may not/);
  });
});
