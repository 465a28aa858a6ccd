// Runs in a guest of another architecture: starts the built netconfd, and holds what it says against the kernel.
const assert = require('node:assert/strict');
const { execFileSync, spawn } = require('node:child_process');
const { mkdirSync, writeFileSync, chmodSync, readFileSync, existsSync } = require('node:fs');

const netconf = '/opt/netconf/netconf.cjs';
const socket = '/run/netconf/control';
const ip = (...words) => execFileSync('ip', words, { encoding: 'utf8' });
const call = (...words) =>
  execFileSync(process.execPath, [netconf, ...words, '--socket', socket], { encoding: 'utf8' });

let seen = () => '';

async function until(what, look) {
  for (let tries = 0; tries < 600; tries++) {
    if (look()) return;
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  throw new Error(`waited in vain: ${what}; ${seen()}`);
}

async function main() {
  mkdirSync('/etc/netconf/hooks.d/link.carrier.d', { recursive: true });
  mkdirSync('/run/netconf', { recursive: true, mode: 0o755 });
  const hook = '/etc/netconf/hooks.d/link.carrier.d/50-say';
  writeFileSync(
    hook,
    '#!/bin/sh\nread -r json\necho "$IFACE $NETCONF_NEW_MTU" >>/said\necho "plugged MTU=$NETCONF_NEW_MTU" >&3\n',
  );
  chmodSync(hook, 0o755);
  const events = [];
  const daemon = spawn(
    process.execPath,
    ['/opt/netconf/netconfd.cjs', '--json', '--socket', socket, '--receive-buffer', '65536'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let ended;
  daemon.once('exit', (...how) => {
    ended = how;
  });
  seen = () =>
    `${events.length} events, the last ${JSON.stringify(events.at(-1))}, netconfd ${ended ? `ended: ${ended}` : 'runs'}`;
  let rest = '';
  daemon.stdout.setEncoding('utf8').on('data', text => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (line.startsWith('{')) events.push(JSON.parse(line));
      else console.log(line);
    }
  });
  const saw = (name, on) =>
    events.find(one => one.name === name && (on === undefined || one.interface === on));
  await until('daemon.ready', () => saw('daemon.ready'));

  ip('link', 'add', 'v0', 'mtu', '1400', 'type', 'veth', 'peer', 'name', 'v1');
  ip('link', 'set', 'v0', 'up');
  ip('link', 'set', 'v1', 'up');
  ip('address', 'add', '192.0.2.1/24', 'dev', 'v0');
  ip('-6', 'address', 'add', '2001:db8::1/64', 'dev', 'v0', 'nodad');
  ip(
    'route',
    'add',
    '198.51.100.0/24',
    'metric',
    '5',
    'nexthop',
    'via',
    '192.0.2.7',
    'nexthop',
    'via',
    '192.0.2.8',
    'weight',
    '3',
  );
  ip('rule', 'add', 'from', '192.0.2.0/24', 'lookup', '77');
  await until(
    'the route',
    () => saw('route.added') && events.some(({ data }) => data.new?.dst === '198.51.100.0/24'),
  );
  await until('the hook', () => existsSync('/said') && /^v0 1400$/m.test(readFileSync('/said', 'utf8')));
  await until('its event', () => saw('plugged', 'v0'));
  assert.equal(saw('plugged', 'v0').data.MTU, '1400');
  console.log('events, hook and way back: ok');

  const status = JSON.parse(call('status', '--json'));
  const routes = table => JSON.parse(ip('-j', ...table));
  const key = one =>
    JSON.stringify([
      one.dst,
      one.dev,
      one.gateway,
      one.metric,
      one.protocol,
      one.nexthops?.map(hop => [hop.gateway, hop.weight]),
    ]);
  const ours = table =>
    status.routes.filter(one => (table === 4) !== one.dst.includes(':') || one.dst === 'default').map(key);
  for (const one of routes(['route', 'show', 'table', 'main']))
    assert.ok(ours(4).includes(key(one)), key(one));
  assert.deepEqual(
    status.links.map(({ ifname, mtu, operstate, address }) => ({ ifname, mtu, operstate, address })),
    routes(['link', 'show']).map(({ ifname, mtu, operstate, address }) => ({
      ifname,
      mtu,
      operstate,
      address,
    })),
  );
  const flat = links =>
    links
      .flatMap(({ ifname, addr_info }) =>
        addr_info.map(({ local, prefixlen, scope }) => `${ifname} ${local}/${prefixlen} ${scope}`),
      )
      .sort();
  assert.deepEqual(flat(status.addresses), flat(routes(['address', 'show'])));
  assert.ok(status.rules.some(({ src, table }) => src === '192.0.2.0' && String(table) === '77'));
  console.log('status equals ip -j: ok');

  // A storm that overruns the small buffer.
  const batch = Array.from(
    { length: 3000 },
    (_, at) => `route add 10.${at >> 8}.${at & 255}.0/24 dev v0`,
  ).join('\n');
  execFileSync('ip', ['-batch', '-'], { input: batch });
  const count = () =>
    JSON.parse(call('status', '--json')).routes.filter(({ dst }) => dst.startsWith('10.')).length;
  await until('all routes', () => count() === 3000);
  console.log(
    `storm of 3000 routes: ok, ${events.filter(({ name }) => name === 'netlink.overrun').length} overruns`,
  );

  call('emit', 'tea', 'KIND=green', '--wait');
  await until('tea', () => saw('tea'));
  assert.equal(saw('tea').source, 'user:0');
  console.log('control socket, peer credentials: ok');

  daemon.kill('SIGTERM');
  const status2 = await new Promise(resolve => daemon.once('exit', resolve));
  assert.equal(status2, 0);
  console.log(`netconf on ${process.arch}: ok`);
}

main().catch(error => {
  console.log(error);
  process.exitCode = 1;
});
