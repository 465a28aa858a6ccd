import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Link } from '../../core/bus/objects.ts';
import { unpacked } from '../debian-package.ts';
import { Folder } from '../folder.ts';

/**
 * A Debian package's scripts of /etc/network/if-*.d, run as ifupdown does in a network namespace, with a copy of the
 * package in which paths of the package lead to the copy; what they ask ifupdown is answered with no.
 */
export class DebianScripts implements Disposable {
  readonly #folder = new Folder();
  readonly #root: string;
  readonly #path: string;

  constructor(context: Mocha.Context, name: string) {
    this.#root = join(this.#folder.path, name);
    cpSync(unpacked(context, name), this.#root, { recursive: true, verbatimSymlinks: true });
    for (const file of this.#files(this.#root)) {
      const text = readFileSync(file, 'latin1');
      if (!text.startsWith('#!/bin/sh')) continue;
      const moved = text.replaceAll(
        /(?<=[\s"])\/(sbin\/brctl|lib\/bridge-utils|etc\/default)/g,
        `${this.#root}/$1`,
      );
      writeFileSync(file, moved, 'latin1');
    }
    for (const program of ['ifquery', 'ifup', 'ifdown'])
      chmodSync(this.#folder.write(`bin/${program}`, '#!/bin/sh\nexit 1\n'), 0o755);
    this.#path = `${this.#folder.path}/bin:${this.#root}/sbin:${process.env.PATH}`;
  }

  /** The scripts of this name in if-pre-up.d, with the options as ifupdown passes them. */
  preUp(netns: string, iface: string, options: Readonly<Record<string, string>>, script: string): void {
    const variables = Object.entries(options).map(([name, value]) => [
      `IF_${name.replaceAll('-', '_').toUpperCase()}`,
      value,
    ]);
    const file = join(this.#root, 'etc/network/if-pre-up.d', script);
    // A link leads out of the copy: to the script that does all phases.
    const path = statSync(file, { throwIfNoEntry: false })
      ? file
      : join(this.#root, 'lib/bridge-utils/ifupdown.sh');
    execFileSync('ip', ['netns', 'exec', netns, 'sh', path], {
      stdio: 'pipe',
      env: {
        ...(Object.fromEntries(variables) as Record<string, string>),
        PATH: this.#path,
        IFACE: iface,
        LOGICAL: iface,
        ADDRFAM: 'inet',
        METHOD: 'manual',
        MODE: 'start',
        PHASE: 'pre-up',
        VERBOSITY: '0',
      },
    });
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }

  #files(directory: string): string[] {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name));
  }
}

const comesByItself =
  /_timer$|_oper_port_state|^(designated|root|bridge)_|_id$|^no$|^ad_info$|^active_slave$|^(config_pending|topology_change)/;

/** `ip -d -j link` of all links of a namespace, without what differs from one making to the next. */
export function linksOf(netns: string): Record<string, unknown>[] {
  const links = JSON.parse(
    execFileSync('ip', ['-n', netns, '-d', '-j', 'link'], { encoding: 'utf8' }),
  ) as Link[];
  return links
    .filter(({ ifname }) => ifname !== 'lo')
    .map(({ ifname, link, flags, mtu, master, address, linkinfo, inet6_addr_gen_mode }) => ({
      ifname,
      link: link ?? null,
      flags: flags.filter(flag => flag !== 'NO-CARRIER' && flag !== 'LOWER_UP').toSorted(),
      mtu,
      master,
      // Of links that are made the kernel rolls the dice.
      address: address?.startsWith('02:00') ? address : 'random',
      kind: linkinfo?.info_kind,
      slaveKind: linkinfo?.info_slave_kind,
      data: without(linkinfo?.info_data),
      slaveData: without(linkinfo?.info_slave_data),
      inet6_addr_gen_mode,
    }))
    .toSorted((a, b) => (a.ifname < b.ifname ? -1 : 1));
}

function without(data: Record<string, unknown> | undefined): Record<string, unknown> {
  const kept = Object.entries(data ?? {}).filter(
    ([name]) =>
      !comesByItself.test(name) && !/^(state|mii_status|link_failure_count|perm_hwaddr)$/.test(name),
  );
  return Object.fromEntries(kept);
}
