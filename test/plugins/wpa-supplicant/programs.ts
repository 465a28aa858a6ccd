import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpack, unpacked } from '../../debian-package.ts';
import type { Folder } from '../../folder.ts';

/** Unpacked, never installed: hostapd and wpasupplicant start services. */
export const packages = [
  'hostapd',
  'iw',
  'libnl-3-200',
  'libnl-genl-3-200',
  'libnl-route-3-200',
  'libpcsclite1',
  'wpasupplicant',
];

/** Skips where the packages cannot be had. */
export function needPrograms(context: Mocha.Context): void {
  for (const name of packages) unpacked(context, name);
}

/**
 * Programs of Debian packages that are not installed, each a script in a folder that finds its libraries: `wpa_supplicant`,
 * `wpa_cli`, `hostapd`, `iw`.
 */
export function placePrograms(folder: Folder): void {
  const roots = packages.map(unpack);
  const inAll = (names: string[]) => roots.flatMap(root => names.map(name => join(root, name)));
  const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  const libraries = inAll([`lib/${triplet}`, `usr/lib/${triplet}`]).filter(path => existsSync(path));
  for (const name of ['wpa_supplicant', 'wpa_cli', 'hostapd', 'iw']) {
    const program = inAll(['sbin', 'usr/sbin', 'bin', 'usr/bin'])
      .map(path => join(path, name))
      .find(path => existsSync(path));
    const path = join(folder.path, name);
    writeFileSync(path, `#!/bin/sh\nLD_LIBRARY_PATH=${libraries.join(':')} exec ${program} "$@"\n`);
    chmodSync(path, 0o755);
  }
}
