import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { failureOf, type Netconf, type Operation, type ProgramRun, type StepResult } from 'netconf/plugin';
import { linkEnvironment } from './apply.ts';
import { programPath } from './clients/client.ts';
import { settingsOf } from './settings.ts';

/** RFC 3927, section 9: probes, announcements, conflicts that are enough. */
const probes = 3;
const announcements = 2;
const mostConflicts = 10;
/** Seconds: each of arping's packets is a second after the one before. */
const patience = 10;

/**
 * The step LinkLocal: an IPv4 address of the link's own (RFC 3927), probed and announced by arping of iputils or busybox.
 * The claim is as the RFC has it; a conflict that comes later is not noticed, since only a program that listens to every
 * ARP packet could.
 */
export async function linkLocal(netconf: Netconf<unknown>, operation: Operation): Promise<StepResult> {
  const { interface: on } = operation;
  const environment = { ...linkEnvironment({ ...settingsOf(operation), family: 'inet' }), METHOD: 'ipv4ll' };
  const method = async (name: 'link' | 'static', mode: 'up' | 'down', more: Record<string, string> = {}) => {
    const handle = `inet-linklocal-${name}`;
    const values = { ...environment, ...more };
    const run = await netconf.runMethod(name, {
      mode,
      interface: on,
      handle,
      environment: values,
      operation,
    });
    return sentence(run);
  };
  if (operation.request === 'ifdown') {
    const failures = [await method('static', 'down'), await method('link', 'down')];
    const message = failures.find(each => each !== undefined);
    return message === undefined ? { outcome: 'OK' } : { outcome: 'FAIL', message };
  }
  const down = await method('link', 'up');
  if (down !== undefined) return { outcome: 'FAIL', message: down };
  const claimed = await claim(netconf, operation);
  if ('outcome' in claimed) return claimed;
  const { address, arping } = claimed;
  const failure = await method('static', 'up', {
    IF_ADDRESS: `${address}/16`,
    IF_BROADCAST: '169.254.255.255',
    IF_SCOPE: 'link',
  });
  if (failure !== undefined) return { outcome: 'FAIL', message: failure };
  remember(netconf, on, address);
  if (arping !== undefined)
    await runArping(netconf, operation, arping, ['-A', '-c', String(announcements), '-I', on, address]);
  return { outcome: 'OK', message: address };
}

/** An address that nobody else on the link has; without `arping` where it is ours already. */
async function claim(
  netconf: Netconf<unknown>,
  operation: Operation,
): Promise<{ address: string; arping?: string } | StepResult> {
  const { interface: on, signal } = operation;
  const last = remembered(netconf, on);
  const own = networkInterfaces()[on] ?? [];
  if (last !== undefined && own.some(({ address }) => address === last)) return { address: last };
  const arping = programPath('arping');
  if (arping === undefined || !(await isKnown(netconf, arping)))
    return {
      outcome: 'FAIL',
      message: 'arping of iputils or busybox is needed to probe an address (RFC 3927)',
    };
  const hardware = own[0]?.mac ?? hardwareAddress(on);
  for (let conflicts = 0; conflicts < mostConflicts; conflicts++) {
    if (signal.aborted) return { outcome: 'FAIL', message: 'interrupted' };
    const address = conflicts === 0 && last !== undefined ? last : candidate(hardware, conflicts);
    operation.progress(`probes ${address}`);
    const words = ['-D', '-q', '-c', String(probes), '-w', String(probes + 1), '-I', on, address];
    const run = await runArping(netconf, operation, arping, words);
    if (run.status === 0) return { address, arping };
    if (run.status !== 1 || run.output.trim() !== '')
      return { outcome: 'FAIL', message: `arping: ${sentence(run) ?? 'failed'}` };
  }
  return { outcome: 'FAIL', message: `${mostConflicts} addresses in a row belong to others` };
}

/** Another program of this name has other options. */
async function isKnown(netconf: Netconf<unknown>, arping: string): Promise<boolean> {
  const { output } = await netconf.run({ path: arping, argv: ['-V'], environment: {}, deadline: patience });
  return /iputils|BusyBox/i.test(output);
}

function runArping(netconf: Netconf<unknown>, operation: Operation, path: string, argv: string[]) {
  return netconf.run({ path, argv, environment: {}, deadline: patience, operation });
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

const fileOf = (netconf: Netconf<unknown>, on: string) =>
  join(netconf.paths.run, 'dhcp-clients', `${on}.linklocal`);

function remembered(netconf: Netconf<unknown>, on: string): string | undefined {
  try {
    const text = readFileSync(fileOf(netconf, on), 'utf8');
    return /^169\.254\.\d{1,3}\.\d{1,3}$/.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

function remember(netconf: Netconf<unknown>, on: string, address: string): void {
  mkdirSync(join(netconf.paths.run, 'dhcp-clients'), { recursive: true, mode: 0o700 });
  writeFileSync(fileOf(netconf, on), address, { mode: 0o600 });
}

function sentence(run: ProgramRun): string | undefined {
  const failure = failureOf(run);
  const lines = run.output.split('\n').filter(line => line.trim() !== '');
  return failure === undefined ? undefined : (run.status !== null && lines.at(-1)) || failure;
}
