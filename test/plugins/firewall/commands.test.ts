import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { programs, startDaemon, type TestDaemon } from '../../daemon.ts';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';
import { configurationOf, homeNetwork } from './examples.ts';
import { Lab } from './lab.ts';

interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** `netconf firewall` in a namespace, with the daemon of a socket, or without one. */
function firewall(netns: string, socket: string, ...words: string[]): Ran {
  const line = [
    'netns',
    'exec',
    netns,
    process.execPath,
    programs.netconf,
    '--socket',
    socket,
    'firewall',
    ...words,
  ];
  const { status, stdout, stderr } = spawnSync('ip', line, {
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
  return { status, stdout, stderr };
}

/** A plugin that says something when an interface is up, at the very end of what ifup does. */
const late = `let rules = [];
export default {
  name: 'late',
  apply(netconf) {
    netconf.hooks.firewall.tap('late', parts => [...parts, { plugin: 'late', networks: [], rules }]);
    netconf.hooks.postUp.tap({ name: 'late', stage: 1000 }, () => {
      rules = [{ from: [], to: [], action: { kind: 'deny', direction: 'outgoing' } }];
      netconf.touch('firewall');
    });
  },
};`;

const place = (at: number) => `netconf.yaml plugins.firewall.rules[${at}]`;

describe('netconf firewall', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'nft'] });
  });

  it('shows networks and rules in words, with their places', async () => {
    await using daemon = await startDaemon({ configuration: configurationOf(homeNetwork(4)) });
    const { status, stdout } = ask(daemon, 'show');
    assert.equal(status, 0);
    assert.match(stdout, /^network "dialin" +ppp0 ppp1 +10\.0\.2\.0\/28$/m);
    const line = `${place(0)}  from "internal" to "internet"/80 protocol tcp transproxy 8080`;
    assert.ok(stdout.includes(`${line}\n`), stdout);
    assert.match(stdout, /^in force: 7 rules$/m);
    const { rules } = JSON.parse(ask(daemon, 'show', '--json').stdout) as { rules: { stages: string[] }[] };
    assert.deepEqual(rules[4]?.stages, ['incoming']);
  });

  it('shows all of many rules, though an answer has no room for them', async () => {
    using folder = new Folder();
    const rules = Array.from({ length: 2500 }, (_, at) => ({
      from: [{ addresses: [`10.0.${at >> 8}.${at & 255}`] }],
      to: [],
      action: { kind: 'deny' },
      place: `/etc/there:${at}:1`,
    }));
    const plugin = `import { readFileSync } from 'node:fs';
export default { name: 'many', apply(netconf) {
  netconf.hooks.firewall.tap('t', parts => [...parts, { plugin: 'many', networks: [], ...JSON.parse(readFileSync('${folder.write('many.json', JSON.stringify({ rules }))}', 'utf8')) }]);
} };`;
    await using daemon = await startDaemon({ plugins: { 'many.mjs': plugin }, configuration: '' });
    const { stdout } = ask(daemon, 'show');
    assert.match(stdout, /^\/etc\/there:2499:1 +from 10\.0\.9\.195 deny$/m);
    assert.match(stdout, /^in force: 2500 rules$/m);
  });

  it('tells in words which rule decides, stage by stage', async () => {
    await using lab = new Lab();
    lab.cable(['router', 'eth0', '10.0.0.4/24'], ['client', 'e0']);
    lab.cable(['router', 'isdn0', '193.170.191.36/28'], ['provider', 'e0']);
    lab.cable(['router', 'ppp0', '10.0.2.1/28'], ['dialer', 'e0']);
    lab.ip('router', 'route add default via 193.170.191.33');
    await using daemon = await startDaemon({
      netns: lab.ns('router'),
      configuration: configurationOf(homeNetwork(4)),
    });
    const proxied = ask(daemon, 'trace', 'internal', '198.51.100.80', '80');
    assert.equal(proxied.status, 0);
    assert.deepEqual(proxied.stdout.trim().split('\n'), [
      'from 10.0.0.2 ("internal", "internet", by eth0) to 198.51.100.80 ("internet", by isdn0), tcp port 80, the first packet',
      'coming in: no rule decides: it goes on',
      `translation: ${place(0)}: from "internal" to "internet"/80 protocol tcp transproxy 8080`,
      'it goes to port 8080 of this host instead',
      'it is let through',
    ]);
    const masqueraded = ask(daemon, 'trace', '10.0.0.7', '198.51.100.80', '443');
    assert.match(
      masqueraded.stdout,
      /forwarding: .*rules\[1\].*\n.*\nit leaves under the address of isdn0\nit is let through/,
    );
    const rejected = ask(daemon, 'trace', 'dialin', 'internal', '22');
    assert.equal(rejected.status, 1);
    assert.match(rejected.stdout, /coming in: .*rules\[4\].*\nit is dropped, and its sender told\n$/);
    const dropped = ask(daemon, 'trace', 'vmnet', '198.51.100.80', '53', '--protocol', 'udp');
    assert.match(
      dropped.stdout,
      /forwarding: no rule decides: what no rule forwards is dropped\nit is dropped\n$/,
    );
    const ping = ask(daemon, 'trace', 'internal', 'self', '--protocol', 'icmp');
    assert.match(ping.stdout, /to 10\.0\.0\.4 \("internal", "internet", this host\), icmp/);
    for (const [words, complaint] of [
      [
        ['nowhere', 'internal', '1'],
        /"nowhere" is neither an address nor a network\n {2}'netconf firewall show'/,
      ],
      [['internal', 'Internt', '1'], /"Internt" is neither .*\n {2}did you mean "internet"\?/],
      [['internal', '999.1.1.1', '1'], /"999\.1\.1\.1" is neither an address nor a network/],
      [['internal', 'internet'], /tcp has ports: which one\?/],
      [['internal', 'internet', 'no-such-service'], /"no-such-service" is no port\n {2}a number up to 65535/],
      [['internal', 'internet', '65536'], /"65536" is no port/],
      [['internal', 'internet', '1', '--protocol', 'x'], /"x" is no protocol\n {2}tcp, udp/],
      [['internal', 'internet', '1', '--protocol', 'icmp'], /icmp has no ports/],
      [['internal', 'fd00::1', '1'], /10\.0\.0\.2 and fd00::1 are of two families/],
      [['self', 'self', '1'], /from here to here/],
    ] as const) {
      const { status, stderr } = ask(daemon, 'trace', ...words);
      assert.equal(status, 2);
      assert.match(stderr, complaint);
    }
    lab.ip('router', 'route del default');
    assert.match(
      ask(daemon, 'trace', '10.0.0.7', '198.51.100.80', '443').stdout,
      /nobody knows by which link.*\n.*\n.*\n.*\nit leaves under the address of its link\nit is let through/,
    );
    // Of a prefix one of its hosts, as of a network.
    assert.match(ask(daemon, 'trace', '10.0.0.0/24', 'self', '1').stdout, /^from 10\.0\.0\.2 /);
  });

  it('checks, shows and applies where no daemon runs, and checking changes nothing', async () => {
    await using lab = new Lab();
    using folder = new Folder({ 'netconf.yaml': configurationOf(homeNetwork(4)) });
    const netns = lab.ns('router');
    const config = ['--config', join(folder.path, 'netconf.yaml')];
    mkdirSync(join(folder.path, 'run'));
    const socket = join(folder.path, 'run', 'control');
    const tables = () => lab.exec('router', 'nft', 'list', 'tables').trim();
    const checked = firewall(netns, socket, 'check', ...config);
    assert.match(checked.stdout, /^0 errors in 6 networks and 7 rules: \d+ rules of nftables$/m);
    assert.match(firewall(netns, socket, 'show', ...config).stdout, /^not in force: 7 rules$/m);
    assert.equal(tables(), '');
    const applied = firewall(netns, socket, 'apply', ...config);
    assert.deepEqual([applied.status, applied.stdout], [0, 'in force\n']);
    assert.equal(tables(), 'table inet netconf');
  });

  it('has rules in force before ifup without a daemon configures anything, and those of its end when it ends', async () => {
    await using lab = new Lab();
    lab.ip('router', 'link add eth9 type veth peer name far');
    using folder = new Folder();
    mkdirSync(join(folder.path, 'run'));
    // At the time of its pre-up command the table is there.
    folder.write(
      'interfaces',
      'iface eth9 inet static\n address 192.0.2.2/24\n pre-up nft list table inet netconf\n',
    );
    const { networks, rules } = homeNetwork(4);
    const plugins = {
      firewall: { networks, rules },
      interfaces: { file: join(folder.path, 'interfaces'), scripts: folder.path },
    };
    const config = folder.write(
      'netconf.yaml',
      JSON.stringify({ plugins, paths: { plugins: [join(folder.path, 'plugins')] } }),
    );
    mkdirSync(join(folder.path, 'plugins'));
    folder.write('plugins/late.mjs', late);
    const ifup = join(dirname(programs.netconf), 'ifup.cjs');
    const socket = join(folder.path, 'run', 'control');
    const line = [
      'netns',
      'exec',
      lab.ns('router'),
      process.execPath,
      ifup,
      '--standalone',
      '--socket',
      socket,
      '--config',
      config,
      'eth9',
    ];
    const { status, stderr, stdout } = spawnSync('ip', line, {
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
    assert.equal(status, 0, `${stdout}${stderr}`);
    assert.match(lab.ip('router', '-4 address show dev eth9'), /192\.0\.2\.2/);
    assert.equal(lab.exec('router', 'nft', 'list', 'tables').trim(), 'table inet netconf');
    assert.match(lab.exec('router', 'nft', 'list', 'chain', 'inet', 'netconf', 'own'), /"plugin late"/);
  });

  it('shows what it would do in a daemon that observes, which changes nothing', async () => {
    await using daemon = await startDaemon({
      configuration: configurationOf(homeNetwork(4)),
      args: ['--observe'],
    });
    assert.match(ask(daemon, 'show').stdout, /^not in force: 7 rules$/m);
    assert.match(ask(daemon, 'check').stdout, /^0 errors/m);
    assert.match(
      ask(daemon, 'trace', 'dialin', 'internal', '22').stdout,
      /it is dropped, and its sender told/,
    );
    assert.match(ask(daemon, 'apply').stdout + ask(daemon, 'apply').stderr, /the rules are not in force/);
    const tables = spawnSync('ip', ['netns', 'exec', daemon.netns!, 'nft', 'list', 'tables'], {
      encoding: 'utf8',
    });
    assert.equal(tables.stdout, '');
  });

  it('names all that is wrong, where it stands, and ends with 1', async () => {
    const { networks, rules } = homeNetwork(4);
    const wrong = { networks: networks.slice(1), rules };
    await using lab = new Lab();
    using folder = new Folder({ 'netconf.yaml': configurationOf(wrong) });
    mkdirSync(join(folder.path, 'run'));
    const socket = join(folder.path, 'run', 'control');
    const words = ['--config', join(folder.path, 'netconf.yaml')];
    const { status, stdout } = firewall(lab.ns('router'), socket, 'check', ...words);
    assert.equal(status, 1);
    assert.deepEqual(
      stdout.trim().split('\n'),
      [0, 1, 4, 5, 6]
        .map(at => `${place(at)}: error: there is no network "internal"`)
        .concat('5 errors in 5 networks and 7 rules'),
    );
    assert.equal(firewall(lab.ns('router'), socket, 'apply', ...words).status, 1);
  });

  it('checks the configuration that is named before a daemon with another one reads it', async () => {
    await using daemon = await startDaemon({ configuration: configurationOf(homeNetwork(4)) });
    const { rules } = homeNetwork(4);
    using folder = new Folder({ 'netconf.yaml': configurationOf({ networks: [], rules }) });
    const config = ['--config', join(folder.path, 'netconf.yaml')];
    const { status, stdout } = ask(daemon, 'check', ...config);
    assert.equal(status, 1);
    assert.match(stdout, /error: there is no network "internal"\n/);
    assert.match(ask(daemon, 'apply', ...config).stderr, /netconfd reads its own configuration/);
    assert.equal(ask(daemon, 'check').status, 0);
  });
});

function ask(daemon: TestDaemon, ...words: string[]): Ran {
  return firewall(daemon.netns!, daemon.socket, ...words);
}
