import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDaemon, type TestDaemon } from '../../daemon.ts';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { configurationOf, type Example } from './examples.ts';
import { Lab } from './lab.ts';

const internal = { name: 'internal', links: ['eth0'], prefixes: ['10.0.0.0/24'] };
const masquerade: Example = {
  networks: [internal],
  rules: [{ from: [{ network: 'internal' }], action: { kind: 'masquerade' } }],
};

/** A plugin that says what stands in a file, and says it anew when it is told to. */
const speaker = (file: string, name = 'speaker') => `import { readFileSync } from 'node:fs';
export default {
  name: '${name}',
  apply(netconf) {
    netconf.hooks.firewall.tap('t', parts => [...parts, { plugin: '${name}', ...JSON.parse(readFileSync('${file}', 'utf8')) }]);
    netconf.on('speak', () => netconf.touch('firewall'));
    netconf.on('fail', () => { throw new Error('as told'); });
  },
};`;

const nft = (daemon: TestDaemon, ...words: string[]) =>
  execFileSync('ip', ['netns', 'exec', daemon.netns!, 'nft', ...words], {
    encoding: 'utf8',
    stdio: 'pipe',
    maxBuffer: 1 << 26,
  });
const tables = (daemon: TestDaemon) => nft(daemon, 'list', 'tables').trim();
const setting = (daemon: TestDaemon, name: string, value?: string) =>
  execFileSync(
    'ip',
    [
      'netns',
      'exec',
      daemon.netns!,
      'sh',
      '-c',
      value ? `echo ${value} >/proc/sys/${name}` : `cat /proc/sys/${name}`,
    ],
    { encoding: 'utf8' },
  ).trim();

async function configure(daemon: TestDaemon, example: Example): Promise<number> {
  const after = daemon.events.at(-1)?.id ?? 0;
  writeFileSync(daemon.configuration, configurationOf(example));
  await daemon.client.call('Reload', {});
  return after;
}

describe('the plugin firewall', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'nft'] });
  });

  it('rests where nobody wants a firewall: no table, no file, no event, no change of a setting', async () => {
    await using daemon = await startDaemon({ configuration: '' });
    assert.equal(tables(daemon), '');
    assert.ok(!daemon.events.some(({ name }) => name.startsWith('firewall.')));
    assert.equal(setting(daemon, 'net/ipv4/ip_forward'), '0');
    assert.throws(() => readFileSync(join(daemon.folder, 'firewall', 'table.json')));
  });

  it('touches no other table, and changes nothing where the rules are the same', async () => {
    await using daemon = await startDaemon({ configuration: configurationOf(masquerade) });
    nft(daemon, 'add table inet other');
    nft(daemon, 'add set inet other s { type ipv4_addr; elements = { 192.0.2.1 }; }');
    nft(daemon, 'add table ip netconf');
    const before = nft(daemon, '-a', 'list', 'ruleset');
    const after = await configure(daemon, masquerade);
    await daemon.event('daemon.reloaded', { after });
    // Handles are numbers that a rule made anew would not have.
    assert.equal(nft(daemon, '-a', 'list', 'ruleset'), before);
    const changed = await configure(daemon, {
      ...masquerade,
      rules: [...masquerade.rules, ...masquerade.rules],
    });
    await daemon.event('firewall.applied', { after: changed });
    const others = ['inet other', 'ip netconf'].map(name =>
      nft(daemon, '-a', 'list', 'table', ...name.split(' ')),
    );
    for (const text of others) assert.ok(before.includes(text.trim()), text);
  });

  it('puts back what somebody has changed in its table, when it is told to look', async () => {
    await using daemon = await startDaemon({ configuration: configurationOf(masquerade) });
    const before = nft(daemon, '-s', 'list', 'table', 'inet', 'netconf');
    nft(daemon, 'flush', 'chain', 'inet', 'netconf', 'forwarding');
    const after = await configure(daemon, masquerade);
    await daemon.event('firewall.applied', { after });
    assert.equal(nft(daemon, '-s', 'list', 'table', 'inet', 'netconf'), before);
  });

  it('forwards while it must, and puts settings and table back when nobody wants a firewall any more', async () => {
    await using daemon = await startDaemon({ configuration: '' });
    setting(daemon, 'net/ipv4/conf/all/accept_redirects', '0');
    const settings = () =>
      [
        'net/ipv4/ip_forward',
        'net/ipv4/conf/all/accept_redirects',
        'net/ipv6/conf/all/forwarding',
        'net/ipv6/conf/default/accept_ra',
        'net/ipv4/conf/all/src_valid_mark',
      ].map(name => setting(daemon, name));
    const before = settings();
    const both = {
      networks: [{ ...internal, prefixes: ['10.0.0.0/24', 'fd00::/64'] }],
      rules: [{ ...masquerade.rules[0], setMark: 5 }],
    };
    const after = await configure(daemon, both);
    await daemon.event('firewall.applied', { after });
    // A router that listens to other routers still.
    assert.deepEqual(settings(), ['1', '0', '1', '2', '1']);
    const gone = await configure(daemon, { networks: [], rules: [] });
    const { data } = await daemon.event('firewall.applied', {
      after: gone,
      where: ({ data }) => (data as { rules?: number }).rules === 0,
    });
    assert.deepEqual(data, { networks: 0, rules: 0, plugins: [], changed: true });
    assert.deepEqual(settings(), before);
    assert.equal(tables(daemon), '');
  });

  it('leaves the older rules in force when new ones are wrong, and says where they stand', async () => {
    await using daemon = await startDaemon({ configuration: configurationOf(masquerade) });
    const before = nft(daemon, '-a', 'list', 'ruleset');
    const after = await configure(daemon, {
      networks: [internal],
      rules: [
        { from: [{ network: 'internal' }], action: { kind: 'forward' } },
        { from: [{ network: 'intrenal' }], action: { kind: 'forward' } },
        { protocol: { value: 'icmp' }, action: { kind: 'transproxy', port: 80 } },
      ],
    });
    const { data } = await daemon.event('firewall.failed', { after });
    assert.deepEqual(data, {
      place: 'netconf.yaml plugins.firewall.rules[1]',
      message: 'there is no network "intrenal"',
      more: 1,
    });
    assert.equal(nft(daemon, '-a', 'list', 'ruleset'), before);
    await configure(daemon, masquerade);
    await daemon.event('firewall.applied', { after: after + 1 });
  });

  it('stays in force when the daemon ends, and when it is killed', async () => {
    const lab = new Lab();
    await using _ = lab;
    const netns = lab.ns('router');
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const daemon = await startDaemon({ netns, configuration: configurationOf(masquerade) });
      process.kill(daemon.pid, signal);
      await daemon.stop();
      assert.match(lab.exec('router', 'nft', 'list', 'tables'), /table inet netconf/, signal);
    }
  });

  it('puts rules of other plugins in force, and keeps those of one that failed', async () => {
    using folder = new Folder({ 'said.json': JSON.stringify(masquerade) });
    await using daemon = await startDaemon({
      plugins: { 'speaker.mjs': speaker(join(folder.path, 'said.json')) },
      configuration: '',
    });
    const { data } = await daemon.event('firewall.applied');
    assert.deepEqual((data as { plugins: string[] }).plugins, ['speaker']);
    const before = nft(daemon, '-a', 'list', 'ruleset');
    for (let times = 0; times < 10; times++) await daemon.client.call('Emit', { event: 'fail' });
    await daemon.event('plugin.unloaded');
    await new Promise(resolve => setTimeout(resolve, 1500));
    assert.equal(nft(daemon, '-a', 'list', 'ruleset'), before);
    // Who unloads a plugin wants nothing of it.
    const { plugin } = await daemon.client.call('LoadPlugin', { name: 'speaker' });
    assert.equal(plugin.state, 'loaded');
    await daemon.client.call('UnloadPlugin', { name: 'speaker' });
    await until('no table', () => tables(daemon) === '');
  });

  it('names the plugin that says something of no use, and keeps the older rules in force', async () => {
    using folder = new Folder({ 'said.json': JSON.stringify(masquerade) });
    const said = join(folder.path, 'said.json');
    await using daemon = await startDaemon({ plugins: { 'speaker.mjs': speaker(said) }, configuration: '' });
    await daemon.event('firewall.applied');
    const before = nft(daemon, '-a', 'list', 'ruleset');
    writeFileSync(said, JSON.stringify({ networks: [], rules: [{ action: { kind: 'explode' } }] }));
    await daemon.client.call('Emit', { event: 'speak' });
    const { data } = await daemon.event('firewall.failed');
    assert.equal((data as { place: string }).place, 'plugin speaker');
    assert.match((data as { message: string }).message, /wrong at rules\.0\.action\.kind/);
    assert.equal(nft(daemon, '-a', 'list', 'ruleset'), before);
  });

  it('lets an established connection go on while the rules change', async () => {
    await using lab = new Lab();
    lab.cable(['router', 'eth0', '10.0.0.1/24'], ['client', 'e0', '10.0.0.7/24']);
    lab.cable(['router', 'eth1', '192.0.2.1/24'], ['server', 'e0', '192.0.2.9/24']);
    lab.ip('client', 'route add default via 10.0.0.1');
    await using daemon = await startDaemon({
      netns: lab.ns('router'),
      configuration: configurationOf(masquerade),
    });
    await lab.host('server').listen(7);
    const client = lab.host('client');
    assert.equal((await client.connect({ host: '192.0.2.9', port: 7, keep: 'one' })).from, '192.0.2.1');
    assert.deepEqual(await client.say('one', 'before'), { text: 'before' });
    const after = await configure(daemon, {
      networks: [internal],
      rules: [
        { from: [{ network: 'internal' }], action: { kind: 'deny', direction: 'incoming' } },
        { to: [{ network: 'internal' }], action: { kind: 'forward' } },
      ],
    });
    await daemon.event('firewall.applied', { after });
    assert.deepEqual(await client.say('one', 'after'), { text: 'after' });
    assert.equal((await client.connect({ host: '192.0.2.9', port: 7 })).error, 'timeout');
  });

  it('fills in the addresses of links that come and go, without touching the table', async () => {
    await using daemon = await startDaemon({
      configuration: configurationOf({
        networks: [{ name: 'wan', links: ['wan0', 'ppp0'], dynamic: true, prefixes: ['192.0.2.0/25'] }],
        rules: [{ from: [{ network: 'wan' }], action: { kind: 'deny', direction: 'incoming' } }],
      }),
    });
    const elements = () => {
      const lines = nft(daemon, 'list', 'table', 'inet', 'netconf').replace(/\s+/g, ' ');
      return [...lines.matchAll(/elements = \{ ([^}]*) \}/g)].map(([, text]) => text!.trim());
    };
    const stable = () => nft(daemon, '-a', '-t', 'list', 'table', 'inet', 'netconf');
    const before = stable();
    assert.deepEqual(elements(), ['192.0.2.0/25']);
    daemon.ip('link', 'add', 'wan0', 'type', 'veth', 'peer', 'far');
    daemon.ip('address', 'add', '198.51.100.7/24', 'dev', 'wan0');
    daemon.ip('address', 'add', '10.0.2.1', 'peer', '10.0.2.2', 'dev', 'wan0');
    daemon.ip('address', 'add', '2001:db8::7/64', 'dev', 'wan0');
    const all = ['10.0.2.1, 10.0.2.2, 192.0.2.0/25, 198.51.100.0/24', '2001:db8::/64'];
    const plain = () => elements().map(text => text.replace('10.0.2.1-10.0.2.2', '10.0.2.1, 10.0.2.2'));
    await until('all addresses', () => JSON.stringify(plain()) === JSON.stringify(all));
    // One within a prefix that is there, and a link that flaps.
    daemon.ip('address', 'add', '192.0.2.9/32', 'dev', 'wan0');
    for (let times = 0; times < 30; times++) {
      daemon.ip('address', 'del', '198.51.100.7/24', 'dev', 'wan0');
      daemon.ip('address', 'add', '198.51.100.7/24', 'dev', 'wan0');
    }
    daemon.ip('link', 'set', 'wan0', 'name', 'ppp0');
    await new Promise(resolve => setTimeout(resolve, 300));
    await until('all addresses', () => JSON.stringify(plain()) === JSON.stringify(all));
    daemon.ip('link', 'del', 'ppp0');
    await until('none but what is declared', () => elements().join() === '192.0.2.0/25');
    assert.equal(stable(), before);
    assert.equal(daemon.events.filter(({ name }) => name === 'firewall.applied').length, 1);
  });

  it('says which package has nft where it is missing', async () => {
    using folder = new Folder();
    // All that the method and the daemon run, but nft.
    for (const program of ['sh', 'ip', 'cat', 'cksum', 'printf', 'grep', 'mv', 'rm', 'modprobe', 'node'])
      execFileSync('ln', ['-s', execFileSync('which', [program], { encoding: 'utf8' }).trim(), folder.path]);
    const method = readFileSync('methods/linux/firewall', 'utf8').replace(
      'LC_ALL=C\n',
      `LC_ALL=C\nPATH=${folder.path}\n`,
    );
    const own = folder.write('methods/linux/firewall', method);
    chmodSync(own, 0o755);
    await using daemon = await startDaemon({
      configuration: configurationOf(masquerade),
      args: ['--methods', join(folder.path, 'methods')],
    });
    const { data } = await daemon.event('firewall.failed');
    assert.deepEqual(data, {
      place: null,
      message: 'firewall: the program nft is missing: install the package nftables',
      more: 0,
    });
    assert.equal(setting(daemon, 'net/ipv4/ip_forward'), '0');
  });

  it('asks a kernel that is of no use once at the start, so that nothing waits for it twice', async () => {
    using folder = new Folder();
    const runs = folder.write('runs', '');
    const own = folder.write('methods/linux/firewall', `#!/bin/sh\necho "$MODE" >>${runs}\nexit 1\n`);
    chmodSync(own, 0o755);
    await using daemon = await startDaemon({
      configuration: configurationOf(masquerade),
      args: ['--methods', join(folder.path, 'methods')],
    });
    // What is asked afterwards comes after all that the start has asked.
    await daemon.client.call('Ask', { question: 'firewall check', parameters: {} });
    const ups = readFileSync(runs, 'utf8')
      .split('\n')
      .filter(mode => mode === 'up');
    assert.deepEqual(ups, ['up']);
    const failures = daemon.events.filter(({ name }) => name === 'firewall.failed');
    assert.equal(failures.length, 1);
  });

  it('says what a kernel cannot do, by module and place, and does without what only helps FTP', async () => {
    using folder = new Folder();
    // As a kernel says it that has no nft_log, and no nf_conntrack_ftp.
    folder.write(
      'nft',
      `#!/bin/sh
for file; do :; done
if [ -f "$file" ] && grep -q -e '"log":' -e '"ct helper":' "$file"; then
  echo 'internal:0:0-0: Error: Could not process rule: No such file or directory' >&2
  exit 1
fi
exec ${execFileSync('which', ['nft'], { encoding: 'utf8' }).trim()} "$@"
`,
    );
    chmodSync(join(folder.path, 'nft'), 0o755);
    const method = readFileSync('methods/linux/firewall', 'utf8').replace(
      'LC_ALL=C\n',
      `LC_ALL=C\nPATH=${folder.path}:$PATH\n`,
    );
    chmodSync(folder.write('methods/linux/firewall', method), 0o755);
    await using daemon = await startDaemon({
      configuration: configurationOf(masquerade),
      args: ['--methods', join(folder.path, 'methods')],
    });
    await daemon.event('firewall.applied');
    assert.match(
      daemon.output(),
      /'ct helper': is the module nf_conntrack_ftp there\?.*FTP are not followed/,
    );
    const before = nft(daemon, '-a', 'list', 'ruleset');
    const rules: Example['rules'] = Array.from({ length: 40 }, (_, at) => ({
      to: [{ ports: [[at, at]] }],
      action: { kind: 'accept', direction: 'incoming' },
    }));
    const after = await configure(daemon, {
      networks: [],
      rules: [...rules.slice(0, 17), { ...rules[17]!, log: true }, ...rules.slice(18)],
    });
    const { data } = await daemon.event('firewall.failed', { after });
    const { place, message } = data as { place: string; message: string };
    assert.equal(place, 'netconf.yaml plugins.firewall.rules[17]');
    assert.match(message, /the kernel does not know 'log': is the module nft_log and nf_log_syslog there\?/);
    assert.equal(nft(daemon, '-a', 'list', 'ruleset'), before);
  });

  it('takes any text for a name: none of it reaches nft but letters, digits and what is printable', async () => {
    const names = [
      '"; flush ruleset; "',
      'a\nb',
      'Größe',
      '',
      '\u202e\u0007',
      'x'.repeat(500),
      '$(reboot)',
      "'",
    ];
    const example = {
      networks: names.map((name, at) => ({ name, prefixes: [`10.${at}.0.0/24`, `10.${at}.2.0/24`] })),
      rules: names.map(name => ({
        from: [{ network: name }],
        action: { kind: 'deny' as const },
        log: name,
      })),
    };
    await using daemon = await startDaemon({ configuration: configurationOf(example) });
    await daemon.event('firewall.applied');
    const text = nft(daemon, 'list', 'table', 'inet', 'netconf');
    assert.match(text, /^[\t\n -~]*$/);
    // What nft prints it reads again.
    using folder = new Folder({ 'table.nft': text });
    nft(daemon, '-c', '-f', join(folder.path, 'table.nft'));
  });

  it('puts ten thousand rules in force, and finds the one that is wrong among them', async () => {
    const networks = Array.from({ length: 100 }, (_, at) => ({
      name: `net ${at}`,
      links: [`eth${at}`],
      prefixes: [`10.${at}.0.0/16`],
    }));
    // Not in the configuration: to read so much YAML takes longer than all the rest.
    const rules: Example['rules'] = Array.from({ length: 10_000 }, (_, at) => ({
      from: [{ network: `net ${at % 100}` }],
      to: [{ addresses: [`192.0.${at % 250}.${(at >> 5) % 250}`], ports: [[at, at]] }],
      protocol: { value: at % 2 === 0 ? 'tcp' : 'udp' },
      action: { kind: 'deny' as const, direction: 'incoming' as const },
    }));
    using folder = new Folder({ 'said.json': JSON.stringify({ networks, rules }) });
    const said = join(folder.path, 'said.json');
    await using daemon = await startDaemon({ plugins: { 'speaker.mjs': speaker(said) }, configuration: '' });
    const { data } = await daemon.event('firewall.applied');
    assert.equal((data as { rules: number }).rules, 10_000);
    const before = nft(daemon, '-a', 'list', 'table', 'inet', 'netconf');
    assert.equal(before.match(/ drop comment "plugin/g)?.length, 10_000);
    rules[7777] = { to: [{ network: 'nowhere' }], action: { kind: 'forward' }, place: '/etc/there:7777:1' };
    writeFileSync(said, JSON.stringify({ networks, rules }));
    await daemon.client.call('Emit', { event: 'speak' });
    const failed = await daemon.event('firewall.failed');
    assert.equal((failed.data as { place: string }).place, '/etc/there:7777:1');
    assert.equal(nft(daemon, '-a', 'list', 'table', 'inet', 'netconf'), before);
  });
});
