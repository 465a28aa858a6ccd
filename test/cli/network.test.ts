import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { programs } from '../daemon.ts';
import { Folder } from '../folder.ts';
import { World } from '../plugins/network-file/world.ts';
import { needs } from '../setup.ts';

interface Run {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** `netconf network …`, without a daemon; in a network namespace where one is named. */
function network(
  words: readonly string[],
  { netns, input, socket }: { netns?: string; input?: string; socket?: string } = {},
): Run {
  const line = [process.execPath, programs.netconf, 'network', ...words];
  const [program, ...rest] = netns === undefined ? line : ['ip', 'netns', 'exec', netns, ...line];
  const env = { PATH: process.env.PATH, ...(socket !== undefined && { NETCONF_SOCKET: socket }) };
  return spawnSync(program!, rest, { encoding: 'utf8', env, input: input ?? '' });
}

const good =
  'network "a" { interface "near" { address 192.0.2.2/24 } }\nroute default { gatewayv4 192.0.2.1 }\n';

describe('netconf network', () => {
  it('check tells each mistake with its line, a caret and what was meant', () => {
    using folder = new Folder({ 'n.conf': 'route default {\n  gatweayv4 10.0.0.1;\n}\n' });
    const file = join(folder.path, 'n.conf');
    const { status, stdout } = network(['check', file]);
    assert.equal(status, 1);
    assert.equal(
      stdout,
      `${file}:2:3: error: unknown option of route: gatweayv4
      gatweayv4 10.0.0.1;
      ^^^^^^^^^
  did you mean gatewayv4?
1 error, 0 warnings in ${file}
`,
    );
    const { findings, ok } = JSON.parse(network(['check', file, '--json']).stdout) as {
      ok: boolean;
      findings: object[];
    };
    assert.deepEqual(
      [ok, findings],
      [
        false,
        [
          {
            severity: 'error',
            place: `${file}:2:3`,
            message: 'unknown option of route: gatweayv4',
            hint: 'did you mean gatewayv4?',
          },
        ],
      ],
    );
    assert.equal(network(['check', join(folder.path, 'none')]).status, 1);
  });

  it('check, show and format take each example', () => {
    for (const name of ['home', 'dialout', 'modern']) {
      const file = join(import.meta.dirname, '../../examples/network', `${name}.conf`);
      assert.deepEqual(network(['check', file]).stdout, `0 errors, 0 warnings in ${file}\n`);
      assert.equal(network(['show', file]).status, 0);
      const { stdout } = network(['format', file]);
      assert.equal(network(['format', '-', '--check'], { input: stdout }).status, 0);
    }
  });

  it('format writes a file in its usual form, and leaves a bad one alone', () => {
    using folder = new Folder({ 'n.conf': good, 'bad.conf': 'network {' });
    const file = join(folder.path, 'n.conf');
    assert.equal(network(['format', file, '--check']).status, 1);
    assert.equal(network(['format', file, '--write']).status, 0);
    assert.equal(network(['format', file, '--check']).status, 0);
    assert.match(
      readFileSync(file, 'utf8'),
      /^network "a" \{\n {2}interface "near" \{ address 192\.0\.2\.2\/24; \}\n\}\n/,
    );
    assert.equal(network(['format', join(folder.path, 'bad.conf'), '--write']).status, 1);
    assert.equal(readFileSync(join(folder.path, 'bad.conf'), 'utf8'), 'network {');
  });

  it('show says what a file comes to', () => {
    using folder = new Folder({
      'n.conf': `${good}rule { from "a" to everywhere/www protocol tcp; reject incoming }\n`,
    });
    const { stdout } = network(['show', join(folder.path, 'n.conf')]);
    assert.deepEqual(
      stdout.split('\n').map(line => line.replace(/ +/g, ' ').trim()),
      [
        'network a 192.0.2.0/24',
        'near 192.0.2.2/24',
        'route default via 192.0.2.1 dev near',
        'rule from a to everywhere/80 protocol tcp → reject incoming',
        '',
      ],
    );
    const { routes, interfaces } = JSON.parse(
      network(['show', join(folder.path, 'n.conf'), '--json']).stdout,
    ) as {
      routes: object[];
      interfaces: { name: string }[];
    };
    assert.deepEqual(routes, [
      { destination: 'default', family: 'inet', gateway: '192.0.2.1', interface: 'near' },
    ]);
    assert.deepEqual(
      interfaces.map(({ name }) => name),
      ['near'],
    );
  });

  it('import says what interfaces(5) says: read again it gives the same stanzas', () => {
    const text = `auto lo
iface lo inet loopback
auto eth0
iface eth0 inet static
  address 192.0.2.2
  netmask 255.255.255.0
  gateway 192.0.2.1
  metric 5
  mtu 1400
  dns-nameservers 192.0.2.53 192.0.2.54
  up echo "hello $IFACE" > /tmp/x
iface eth0 inet6 static
  address 2001:db8::2/64
  gateway fe80::1
allow-hotplug eth1
iface eth1 inet dhcp
  hostname me
iface eth1 inet6 auto
iface ppp0 inet ppp
  provider isp
iface tun0 inet tunnel
  mode gre
  address 10.9.0.1/24
  endpoint 192.0.2.9
`;
    using folder = new Folder({ interfaces: text });
    const target = join(folder.path, 'n.conf');
    const { status, stderr } = network([
      'import',
      target,
      '--write',
      '--file',
      join(folder.path, 'interfaces'),
    ]);
    assert.deepEqual([status, stderr], [0, '']);
    const { interfaces } = JSON.parse(network(['show', target, '--json']).stdout) as {
      interfaces: {
        name: string;
        enabled: unknown;
        stanzas: { family: string; method: string; options: string[][] }[];
      }[];
    };
    const said = interfaces.map(({ name, enabled, stanzas }) => [
      `${name} ${enabled}`,
      ...stanzas.map(
        ({ family, method, options }) =>
          `${family} ${method} ${options
            .map(pair => pair.join(' '))
            .toSorted()
            .join('; ')}`,
      ),
    ]);
    assert.deepEqual(said, [
      [
        'eth0 true',
        'inet static address 192.0.2.2/24; dns-nameservers 192.0.2.53 192.0.2.54; mtu 1400; routes default via 192.0.2.1 metric 5; up echo "hello $IFACE" > /tmp/x',
        'inet6 static address 2001:db8::2/64; routes default via fe80::1',
      ],
      ['eth1 hotplug', 'inet dhcp hostname me', 'inet6 auto '],
      ['ppp0 false', 'inet ppp provider isp'],
      ['tun0 false', 'inet tunnel address 10.9.0.1/24; endpoint 192.0.2.9; mode gre'],
    ]);
    // What is there is not written over, and what is not there is said.
    assert.equal(network(['import', target, '--write', '--file', join(folder.path, 'interfaces')]).status, 2);
    const missing = join(folder.path, 'missing');
    const { status: failed, stdout, stderr: why } = network(['import', '--file', missing]);
    assert.deepEqual([failed, stdout, why], [1, '', `netconf: ${missing}: there is no such file\n`]);
  });
});

describe('netconf network beside the kernel', () => {
  before(function () {
    needs(this, { root: true, programs: ['ip', 'tc'] });
  });

  it('diff says what is missing, different and too much', async () => {
    await using world = await World.start(
      'network "a" { interface "near" { address 192.0.2.2/24; mtu 1400; bandwidth 1mbit } }\nroute default { gatewayv4 192.0.2.1 }\n',
      ['near'],
    );
    await world.daemon.event('interface.configured', { interface: 'near' });
    const diff = () => network(['diff', world.file], { netns: world.netns });
    assert.deepEqual([diff().stdout, diff().status], ['the kernel is as the network file has it\n', 0]);
    world.ip('address', 'add', '192.0.2.77/24', 'dev', 'near');
    world.ip('link', 'set', 'near', 'mtu', '1300');
    world.in('tc', 'qdisc', 'del', 'dev', 'near', 'root');
    world.ip('route', 'del', 'default');
    const { stdout, status } = diff();
    assert.equal(status, 1);
    assert.deepEqual(stdout.replaceAll(`  (${world.file}:1)`, '').trimEnd().split('\n').toSorted(), [
      '+ near: extra address 192.0.2.77/24',
      '- near: missing route default via 192.0.2.1',
      '~ near: different bandwidth 1000000: it is unlimited',
      '~ near: different mtu 1400: it is 1300',
    ]);
  });

  it('import from the kernel says what is there: diff finds nothing, applied it changes nothing', async () => {
    await using world = await World.start(undefined, ['near', 'other']);
    for (const name of ['near', 'other', 'other-peer']) world.ip('link', 'set', name, 'up');
    world.ip('address', 'add', '192.0.2.2/24', 'brd', '+', 'dev', 'near');
    world.ip('address', 'add', '198.51.100.2', 'peer', '198.51.100.1', 'dev', 'other');
    world.ip('address', 'add', '2001:db8::2/64', 'dev', 'near', 'nodad');
    world.ip('link', 'set', 'near', 'mtu', '1400');
    world.ip('route', 'add', 'default', 'via', '192.0.2.1', 'metric', '7');
    world.ip('-6', 'route', 'add', 'fd00::/16', 'via', '2001:db8::1');
    world.ip('link', 'add', 'br0', 'type', 'bridge');
    world.ip('link', 'set', 'near-peer', 'master', 'br0');
    world.ip('link', 'set', 'br0', 'up');
    const { status, stdout, stderr } = network(['import', world.file, '--from', 'kernel', '--write'], {
      netns: world.netns,
    });
    assert.deepEqual([status, stderr], [0, ''], stdout + readFileSync(world.file, 'utf8'));
    const { stdout: difference } = network(['diff', world.file], { netns: world.netns });
    assert.equal(difference, 'the kernel is as the network file has it\n', readFileSync(world.file, 'utf8'));
  });

  it('apply and confirm say what has been done, and what to do', async () => {
    await using world = await World.start(good, ['near']);
    await world.daemon.event('interface.configured', { interface: 'near' });
    const { socket } = world.daemon;
    world.write(good.replace('192.0.2.2/24', '192.0.2.3/24'));
    const applied = network(['apply', '--confirm', '30'], { socket });
    assert.deepEqual(
      [applied.status, applied.stdout],
      [0, 'near: configured\ngoes back in 30 s, unless you say: netconf network confirm\n'],
    );
    assert.deepEqual(
      [network(['confirm'], { socket }).stdout, network(['confirm'], { socket }).status],
      ['it stays\n', 1],
    );
    assert.ok(!existsSync(`${world.file}.trial`));
    world.write('network "a" { intreface "near" { } }');
    const refused = network(['apply'], { socket });
    assert.equal(refused.status, 1);
    assert.match(
      refused.stdout,
      /network\.conf:1:15: error: unknown option of network: intreface\n {2}did you mean interface\?/,
    );
    assert.match(refused.stderr, /nothing is applied/);
    assert.equal(network(['apply', '--confirm', 'soon'], { socket }).status, 2);
  });
});
