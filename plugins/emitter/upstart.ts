import { existsSync } from 'node:fs';
import { failureOf, type Netconf } from 'netconf/plugin';
import type { Answer, Bus, Method } from './bus.ts';
import type { Message } from './words.ts';

export const upstartName = 'com.ubuntu.Upstart';

const emitEvent: Method = {
  destination: upstartName,
  path: '/com/ubuntu/Upstart',
  interface: 'com.ubuntu.Upstart0_6',
  member: 'EmitEvent',
};

/** Tells upstart, and does not wait for what jobs do about it. */
export function emitOnBus(bus: Bus, { name, variables }: Message): Promise<Answer> {
  return bus.call(emitEvent, 'sasb', name, variables, false);
}

/** Where upstart's own program lies: it has a way to upstart without the bus. */
const places = ['/sbin/initctl', '/usr/sbin/initctl'];

export function initctl(candidates: readonly string[] = places): string | undefined {
  return candidates.find(path => existsSync(path));
}

export async function emitByProgram(
  run: Netconf['run'],
  path: string,
  { name, variables }: Message,
): Promise<Answer> {
  const result = await run({
    path,
    argv: ['emit', '--no-wait', name, ...variables],
    environment: {},
    deadline: 7,
  });
  const failure = failureOf(result);
  return failure === undefined
    ? { ok: true, text: '' }
    : { ok: false, kind: 'refused', text: result.output.trim().split('\n').at(-1) || failure };
}
