import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { skip } from './setup.ts';

const cache = join(tmpdir(), `netconf-packages-${process.getuid?.()}`);

/** Packages that tests of test/lab need: a guest has no network, so that they are there before it starts. */
export const packagesOfLab = ['ifenslave', 'ifupdown', 'ppp', 'vlan'];

/**
 * A Debian package's files in a folder: downloaded and unpacked once, never installed, for what would start services,
 * divert programs or change the machine's network. Skips, with the reason printed, where it cannot be had.
 */
export function unpacked(context: Mocha.Context, name: string): string {
  try {
    return unpack(name);
  } catch (error) {
    if (process.env.CI === 'true') throw error;
    return skip(context, `needs Debian's ${name}, which cannot be downloaded here`);
  }
}

/** Throws where it cannot be had. */
export function unpack(name: string): string {
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const work = mkdtempSync(join(cache, 'new-'));
  try {
    execFileSync('apt-get', ['download', '-q', name], { cwd: work, stdio: 'ignore', timeout: 120_000 });
    const file = readdirSync(work).find(entry => entry.endsWith('.deb')) ?? '';
    execFileSync('dpkg', ['-x', file, 'files'], { cwd: work, stdio: 'ignore' });
    // Two tests may have been at it at once.
    if (!existsSync(folder)) renameSync(join(work, 'files'), folder);
    return folder;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Puts the files of an unpacked package into a tree where /bin, /lib and /sbin are in /usr, as on every Debian since 12. */
export function merge(root: string, target: string): void {
  for (const [from, to] of [
    ['usr', 'usr'],
    ['etc', 'etc'],
    ['bin', 'usr/bin'],
    ['sbin', 'usr/sbin'],
    ['lib', 'usr/lib'],
  ] as const) {
    if (!existsSync(join(root, from))) continue;
    mkdirSync(join(target, to), { recursive: true });
    execFileSync('cp', ['-a', `${join(root, from)}/.`, join(target, to)]);
  }
}
