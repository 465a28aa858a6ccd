import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { failureOf, type Netconf, type Operation, type ProgramRun, type StepResult } from 'netconf/plugin';
import { programPath } from '../../core/base/program-path.ts';
import { linkEnvironment } from './apply.ts';
import { allClaimed, claimedOn, keepClaimed } from './claimed.ts';
import { type Claimed, Defence } from './defence.ts';
import { settingsOf } from './settings.ts';

/** RFC 3927, section 9: probes, announcements, conflicts that are enough. */
const probes = 3;
const announcements = 2;
const mostConflicts = 10;
/** Seconds: each of arping's packets is a second after the one before. */
const patience = 10;

/**
 * The step LinkLocal: an IPv4 address of the link's own (RFC 3927), probed and announced by arping of iputils or busybox,
 * and defended for as long as the interface has it. One that is lost is taken away at once, and the interface configured
 * anew, with another.
 */
export class LinkLocal {
  readonly #netconf: Netconf<unknown>;
  readonly #defence: Defence;

  /** @param lost has the interface configured anew */
  constructor(netconf: Netconf<unknown>, lost: (claimed: Claimed) => void) {
    this.#netconf = netconf;
    this.#defence = new Defence({
      netconf,
      announce: claimed => void this.#announce(claimed, 1),
      lost: claimed => {
        const { interface: on, logical } = claimed;
        const environment = { FAMILY: 'inet', METHOD: 'ipv4ll', LOGICAL: logical };
        this.#method(on, 'static', 'down', environment).then(failure => {
          if (failure !== undefined) netconf.log.error(`${on}: ${failure}`);
          lost(claimed);
        });
      },
    });
  }

  async step(operation: Operation): Promise<StepResult> {
    const { interface: on, stanza, logical } = operation;
    const environment = {
      ...linkEnvironment({ ...settingsOf(operation), family: 'inet' }),
      METHOD: 'ipv4ll',
    };
    const method = (name: 'link' | 'static', mode: 'up' | 'down', more: Record<string, string> = {}) =>
      this.#method(on, name, mode, { ...environment, ...more }, operation);
    if (operation.request === 'ifdown') {
      this.#defence.forget(on);
      const failures = [await method('static', 'down'), await method('link', 'down')];
      const message = failures.find(each => each !== undefined);
      return message === undefined ? { outcome: 'OK' } : { outcome: 'FAIL', message };
    }
    const down = await method('link', 'up');
    if (down !== undefined) return { outcome: 'FAIL', message: down };
    const found = await this.#claim(operation);
    if ('outcome' in found) return found;
    const { address } = found;
    const claimed = { interface: on, logical: stanza.logical ?? logical, address };
    const failure = await method('static', 'up', {
      IF_ADDRESS: `${address}/16`,
      IF_BROADCAST: '169.254.255.255',
      IF_SCOPE: 'link',
    });
    if (failure !== undefined) return { outcome: 'FAIL', message: failure };
    keepClaimed(this.#netconf.paths.run, claimed);
    this.#defence.watch(claimed);
    if (found.isNew) await this.#announce(claimed, announcements, operation);
    return { outcome: 'OK', message: address };
  }

  /** Goes on with what an earlier process has claimed. */
  adopt(): void {
    for (const claimed of allClaimed(this.#netconf.paths.run)) {
      const own = networkInterfaces()[claimed.interface] ?? [];
      if (own.some(({ address }) => address === claimed.address)) this.#defence.watch(claimed);
    }
  }

  forget(on: string | undefined): void {
    this.#defence.forget(on);
  }

  release(): void {
    this.#defence.release();
  }

  /** An address that nobody else on the link has, or that is ours already. */
  async #claim(operation: Operation): Promise<{ address: string; isNew: boolean } | StepResult> {
    const { interface: on, signal } = operation;
    const isLost = (address: string) => this.#defence.isLost(on, address);
    const { address: last } = claimedOn(this.#netconf.paths.run, on) ?? {};
    const own = networkInterfaces()[on] ?? [];
    if (last !== undefined && !isLost(last) && own.some(({ address }) => address === last))
      return { address: last, isNew: false };
    if ((await this.#arping()) === undefined)
      return {
        outcome: 'FAIL',
        message: 'arping of iputils or busybox is needed to probe an address (RFC 3927)',
      };
    const hardware = own[0]?.mac ?? hardwareAddress(on);
    for (let attempt = 0, conflicts = 0; conflicts < mostConflicts; attempt++) {
      if (signal.aborted) return { outcome: 'FAIL', message: 'interrupted' };
      const address = attempt === 0 && last !== undefined ? last : candidate(hardware, attempt);
      if (isLost(address)) continue;
      operation.progress(`probes ${address}`);
      const words = ['-D', '-q', '-c', String(probes), '-w', String(probes + 1), '-I', on, address];
      const run = await this.#runArping(words, operation);
      if (run.status === 0) return { address, isNew: true };
      if (run.status !== 1 || run.output.trim() !== '')
        return { outcome: 'FAIL', message: `arping: ${sentence(run) ?? 'failed'}` };
      conflicts++;
    }
    return { outcome: 'FAIL', message: `${mostConflicts} addresses in a row belong to others` };
  }

  async #announce({ interface: on, address }: Claimed, times: number, operation?: Operation): Promise<void> {
    await this.#runArping(['-A', '-q', '-c', String(times), '-I', on, address], operation);
  }

  /** Another program of this name has other options. */
  async #arping(): Promise<string | undefined> {
    const path = programPath('arping');
    if (path === undefined) return undefined;
    const { output } = await this.#netconf.run({ path, argv: ['-V'], environment: {}, deadline: patience });
    return /iputils|BusyBox/i.test(output) ? path : undefined;
  }

  #runArping(argv: string[], operation: Operation | undefined): Promise<ProgramRun> {
    const path = programPath('arping') ?? 'arping';
    const about = operation === undefined ? {} : { operation };
    return this.#netconf.run({ path, argv, environment: {}, deadline: patience, ...about });
  }

  /** The sentence why it failed. */
  async #method(
    on: string,
    name: 'link' | 'static',
    mode: 'up' | 'down',
    environment: Record<string, string>,
    operation?: Operation,
  ): Promise<string | undefined> {
    const handle = `inet-linklocal-${name}`;
    const about = operation === undefined ? {} : { operation };
    return sentence(
      await this.#netconf.runMethod(name, { mode, interface: on, handle, environment, ...about }),
    );
  }
}

/** RFC 3927, section 2.1: the same machine tries the same addresses in the same order, and others other ones. */
function candidate(hardware: string, attempt: number): string {
  // Loaded when it is needed: it would cost each start of the daemon 3 ms.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const hash = createHash('sha256').update(`${hardware} ${attempt}`).digest();
  // 169.254.1.0 to 169.254.254.255: the first and the last 256 are not to be used.
  const number = 256 + (hash.readUInt32BE() % (65_536 - 512));
  return `169.254.${number >> 8}.${number & 255}`;
}

function hardwareAddress(on: string): string {
  try {
    return readFileSync(`/sys/class/net/${on}/address`, 'utf8').trim();
  } catch {
    return on;
  }
}

function sentence(run: ProgramRun): string | undefined {
  const failure = failureOf(run);
  const lines = run.output.split('\n').filter(line => line.trim() !== '');
  return failure === undefined ? undefined : (run.status !== null && lines.at(-1)) || failure;
}
