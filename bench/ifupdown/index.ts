/**
 * ifup, ifdown and ifquery beside Debian's own: one call of ifquery as a whole process, the parsing of 10,000 stanzas,
 * a static address up and down in the daemon against Debian's whole ifup and ifdown, and all of 100 interfaces.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../core/control/client.ts';
import { parseInterfaces } from '../../plugins/interfaces/parse/parse.ts';
import { median } from '../compile.ts';
import type { Row } from '../row.ts';

const dist = join(import.meta.dirname, '../../dist');
/** linux/magic.h. */
const tmpfsMagic = 0x01021994;
const rounds = 15;
const manyStanzas = 10_000;
const manyLinks = 100;
/**
 * State lies in memory, ours and Debian's, as in /run where that is a tmpfs: on a disk with ext4 each renaming onto a file
 * waits for its blocks (auto_da_alloc, ext4(5)), and that is what would be measured.
 */
const memory = existsSync('/dev/shm') && statfsSync('/dev/shm').type === tmpfsMagic ? '/dev/shm' : tmpdir();

export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(memory, 'netconf-bench-'));
  try {
    const debian = unpackDebian(folder);
    return [...queries(folder, debian), ...(await operations(folder, debian))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Debian's programs, in a folder; without them there are only our own figures. */
function unpackDebian(folder: string): string | undefined {
  const target = join(folder, 'debian');
  mkdirSync(target);
  spawnSync('apt-get', ['download', '-q', 'ifupdown'], { cwd: target, stdio: 'ignore' });
  const file = readdirSync(target).find(name => name.endsWith('.deb'));
  if (file === undefined) return undefined;
  execFileSync('dpkg', ['-x', file, '.'], { cwd: target });
  return join(target, 'sbin');
}

function queries(folder: string, debian: string | undefined): Row[] {
  const small = join(folder, 'small');
  const large = join(folder, 'large');
  writeFileSync(small, 'auto eth0\niface eth0 inet dhcp\n');
  const stanza = (i: number) =>
    `auto e${i}\niface e${i} inet static\n\taddress 10.${i >> 8}.${i & 255}.1/24\n\tup true\n`;
  writeFileSync(large, Array.from({ length: manyStanzas }, (_, i) => stanza(i)).join(''));
  const ours = [process.execPath, join(dist, 'ifquery.cjs')];
  const theirs = debian === undefined ? undefined : [join(debian, 'ifquery')];
  const floor = time([process.execPath, '-e', '0']);
  const rows: Row[] = [{ case: 'ifquery -l', who: 'node -e 0', value: floor, unit: 'ms' }];
  const one = time([...ours, '-l', '-i', small]);
  rows.push({
    case: 'ifquery -l',
    who: 'ours',
    value: one,
    unit: 'ms',
    ratio: one / floor,
    reach: 'at most 1.4',
  });
  if (theirs)
    rows.push({ case: 'ifquery -l', who: 'Debian', value: time([...theirs, '-l', '-i', small]), unit: 'ms' });
  const name = `ifquery -l, ${manyStanzas} stanzas`;
  const peer = theirs && time([...theirs, '-l', '-i', large]);
  if (peer) rows.push({ case: name, who: 'Debian', value: peer, unit: 'ms', ratio: 1 });
  const many = time([...ours, '-l', '-i', large]);
  rows.push({ case: name, who: 'ours', value: many, unit: 'ms', ...(peer && { ratio: many / peer }) });
  const parses = Array.from({ length: rounds }, () => clock(() => parseInterfaces(large)));
  rows.push({ case: name, who: 'parsing alone, in a warm process', value: median(parses), unit: 'ms' });
  return rows;
}

async function operations(folder: string, debian: string | undefined): Promise<Row[]> {
  const netns = `ncb${process.pid}`;
  execFileSync('ip', ['netns', 'add', netns]);
  const links = Array.from({ length: manyLinks }, (_, i) => `link add b${i} type veth peer name p${i}\n`);
  execFileSync('ip', ['-n', netns, '-batch', '-'], { input: links.join('') });
  for (const name of ['pre-up', 'up', 'down', 'post-down']) {
    mkdirSync(join(folder, 'etc/network', `if-${name}.d`), { recursive: true });
  }
  const file = join(folder, 'interfaces');
  const stanza = (i: number) => `allow-bench b${i}\niface b${i} inet static\n\taddress 10.99.${i}.1/24\n`;
  writeFileSync(file, Array.from({ length: manyLinks }, (_, i) => stanza(i)).join(''));
  try {
    const theirs = debian === undefined ? undefined : debianOperations(folder, debian, netns, file);
    const ours = await ourOperations(folder, netns, file);
    return [
      ...compare('ifup, a static address', ours.up, theirs?.up, 'at most 1'),
      ...compare('ifdown, a static address', ours.down, theirs?.down, 'at most 1'),
      ...compare(`ifup -a, ${manyLinks} interfaces`, ours.all, theirs?.all, 'below 1'),
      ...compare(`ifdown -a, ${manyLinks} interfaces`, ours.none, theirs?.none, 'below 1'),
    ];
  } finally {
    execFileSync('ip', ['netns', 'del', netns]);
  }
}

interface Times {
  up: number;
  down: number;
  all: number;
  none: number;
}

function compare(name: string, ours: number, theirs: number | undefined, reach: string): Row[] {
  return [
    ...(theirs === undefined ? [] : [{ case: name, who: 'Debian', value: theirs, unit: 'ms', ratio: 1 }]),
    {
      case: name,
      who: 'ours, in the daemon',
      value: ours,
      unit: 'ms',
      ...(theirs !== undefined && { ratio: ours / theirs }),
      reach,
    },
  ];
}

/** As the whole program takes, without what entering the namespaces takes; the directories of scripts are empty. */
function debianOperations(folder: string, debian: string, netns: string, file: string): Times {
  const state = join(folder, 'state');
  mkdirSync(state);
  const inside = 'mount --bind "$0" /etc && exec "$@"';
  const etc = join(folder, 'etc');
  const enter = ['ip', 'netns', 'exec', netns, 'unshare', '-m', 'sh', '-c', inside, etc];
  const floor = time([...enter, '/bin/true']);
  const call = (name: string, ...words: string[]) => [
    ...enter,
    join(debian, name),
    '-i',
    file,
    `--state-dir=${state}`,
    ...words,
  ];
  const ups: number[] = [];
  const downs: number[] = [];
  for (let i = 0; i < rounds; i++) {
    ups.push(timeOnce(call('ifup', 'b0')) - floor);
    downs.push(timeOnce(call('ifdown', 'b0')) - floor);
  }
  const all = timeOnce(call('ifup', '-a', '--allow=bench')) - floor;
  const none = timeOnce(call('ifdown', '-a')) - floor;
  return { up: median(ups), down: median(downs), all, none };
}

async function ourOperations(folder: string, netns: string, file: string): Promise<Times> {
  const socket = join(folder, 'run', 'control');
  const config = join(folder, 'netconf.yaml');
  const scripts = join(folder, 'etc/network');
  writeFileSync(config, `plugins: {interfaces: {file: ${file}, scripts: ${scripts}}}\n`);
  const line = [join(dist, 'netconfd.cjs'), '--socket', socket, '--config', config, '--netns', netns];
  const daemon = spawn(process.execPath, line, { stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    await new Promise(resolve =>
      daemon.stderr.on('data', data => String(data).includes('Control socket') && resolve(0)),
    );
    const client = await connect({ socket });
    const ups: number[] = [];
    const downs: number[] = [];
    const call = async (name: 'Up' | 'Down', parameters: { interface?: string; all?: string }) => {
      const begin = performance.now();
      const { results = [] } = await client.call(name, parameters);
      const bad = results.find(({ state }) => state === 'failed' || state === 'unknown');
      if (bad !== undefined) throw new Error(JSON.stringify(bad));
      return performance.now() - begin;
    };
    for (let i = 0; i < rounds; i++) {
      ups.push(await call('Up', { interface: 'b0' }));
      downs.push(await call('Down', { interface: 'b0' }));
    }
    const all = await call('Up', { all: 'bench' });
    const none = await call('Down', { all: 'auto' });
    client.close();
    return { up: median(ups), down: median(downs), all, none };
  } finally {
    daemon.kill();
    await new Promise(resolve => daemon.once('exit', resolve));
  }
}

function time(line: readonly string[]): number {
  return median(Array.from({ length: rounds }, () => timeOnce(line)));
}

function timeOnce([program = '', ...words]: readonly string[]): number {
  return clock(() => {
    const { status, stderr } = spawnSync(program, words, {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${program} ${words.join(' ')}: status ${status}\n${stderr}`);
  });
}

function clock(work: () => void): number {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}
