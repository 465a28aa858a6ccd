import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryFile } from '../../plugins/conditions/memory.ts';
import { allClaimed, keepClaimed } from '../../plugins/dhcp/claimed.ts';
import { ClientFiles, keptIn as clientsIn } from '../../plugins/dhcp/files.ts';
import { Memory as GuardMemory } from '../../plugins/guard/memory.ts';
import { readInForce, writeKept } from '../../plugins/network-file/kept.ts';
import { VpnFiles, keptIn as vpnsIn } from '../../plugins/openvpn/files.ts';
import { Book } from '../../plugins/resolv-conf/book.ts';
import { Memory as WireGuardMemory } from '../../plugins/wireguard/memory.ts';
import { SupplicantFiles, keptIn as supplicantsIn } from '../../plugins/wpa-supplicant/files.ts';
import { needs } from '../setup.ts';

interface Keeper {
  keep(run: string): void;
  /** How much is believed. */
  read(run: string): number;
}

const on = 'lo';
const keepers: Readonly<Record<string, Keeper>> = {
  conditions: {
    keep: run => new MemoryFile(run).write(new Map([['a', { leaves: [true], held: true }]])),
    read: run => new MemoryFile(run).read().size,
  },
  'dhcp, clients': {
    keep: run =>
      new ClientFiles(run, on, 'inet').keep({
        settings: { interface: on, family: 'inet' } as never,
        client: 'dhclient',
        command: ['dhclient'],
      }),
    read: run => clientsIn(run).length,
  },
  'dhcp, link-local addresses': {
    keep: run => keepClaimed(run, { interface: on, logical: on, address: '169.254.1.1' }),
    read: run => allClaimed(run).length,
  },
  guard: {
    keep: run => new GuardMemory(run).write({ links: ['lo'], broughtUp: true }),
    read: run => new GuardMemory(run).read().links.length,
  },
  'network-file': {
    keep: run => writeKept(join(run, 'network.json'), { version: 1, start: 'now', texts: [] }),
    read: run => (readInForce(join(run, 'network.json')) === undefined ? 0 : 1),
  },
  openvpn: {
    keep: run =>
      new VpnFiles(run, on).keep({
        settings: { dev: on } as never,
        command: ['openvpn'],
        applied: {} as never,
      }),
    read: run => vpnsIn(run).length,
  },
  'resolv-conf': {
    keep: run =>
      void new Book(run).put(
        { interface: on, kind: 'dhcp', name: 'inet' },
        { servers: ['192.0.2.1'], search: [], options: [], sortlist: [] },
      ),
    read: run => new Book(run).read().length,
  },
  wireguard: {
    keep: run => new WireGuardMemory(run).write(on, { dev: on } as never),
    read: run => new WireGuardMemory(run).all().length,
  },
  'wpa-supplicant': {
    keep: run =>
      new SupplicantFiles(run, on).keep({
        settings: { interface: on } as never,
        kind: 'own',
        argv: ['wpa_supplicant'],
        owners: [],
        state: 'up',
      }),
    read: run => supplicantsIn(run).length,
  },
};

/** As beside a socket in /tmp: anybody may make what is not there yet. */
describe('what plugins keep over a restart', () => {
  let run: string;
  before(function () {
    needs(this, { root: true });
  });
  beforeEach(() => {
    run = mkdtempSync(join(tmpdir(), 'kept-'));
    chmodSync(run, 0o1777);
  });
  afterEach(() => rmSync(run, { recursive: true, force: true }));

  /** Lies in the directory of the socket itself. */
  const isDirect = (name: string) => ['conditions', 'guard', 'network-file'].includes(name);
  const everything = () => readdirSync(run, { recursive: true }).map(name => join(run, String(name)));

  for (const [name, { keep, read }] of Object.entries(keepers)) {
    it(`is believed of root alone: ${name}`, () => {
      keep(run);
      assert.equal(read(run), 1);
      for (const path of everything()) chownSync(path, 65534, 65534);
      assert.equal(read(run), 0);
    });

    if (isDirect(name))
      it(`is no file that somebody else has begun: ${name}`, () => {
        keep(run);
        const [path] = everything();
        writeFileSync(`${path}.new`, '');
        chownSync(`${path}.new`, 65534, 65534);
        keep(run);
        assert.equal(lstatSync(path!).uid, 0);
        assert.deepEqual(everything(), [path]);
      });
    else
      it(`is not put where somebody else could change it: ${name}`, () => {
        keep(run);
        const directories = everything().filter(path => lstatSync(path).isDirectory());
        rmSync(run, { recursive: true });
        mkdirSync(run);
        chmodSync(run, 0o1777);
        for (const path of directories) {
          mkdirSync(path);
          chownSync(path, 65534, 65534);
        }
        assert.throws(() => keep(run), /belongs to user 65534, not to root/);
        assert.deepEqual(everything(), directories);
      });
  }
});
