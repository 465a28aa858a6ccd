import { execFile } from 'node:child_process';
import { chmodSync } from 'node:fs';
import type { EventJson } from '../../../core/bus/event.ts';
import type { TestDaemon } from '../../daemon.ts';
import { programs, until } from '../../daemon.ts';

/** What steps come to, and what the source has, by logical interface. */
export interface World {
  /** By step; else OK. */
  outcomes?: Record<string, string>;
  /** By interface: the steps of its stanzas. Without it, the source is the one that ships. */
  stanzas?: Record<string, string[]>;
  /** Steps to do instead of the plugins that ship. */
  steps: string[];
  /** Milliseconds that each takes. @default 0 */
  takes?: number;
}

/**
 * A plugin that does the steps of a test before any other does: it says each as an event, `did`, and changes nothing. The
 * source is `ENI`.
 */
export const worldPlugin = `export default {
  name: 'world',
  apply(netconf) {
    const { outcomes = {}, stanzas, steps, takes = 0 } = netconf.options;
    const first = { name: 'world', stage: -10 };
    const { source, step } = netconf.hooks;
    const found = ({ logical, parameters, interface: on }) => {
      netconf.emit('asked', { parameters }, { interface: on });
      return (stanzas[logical] ?? []).map(step => ({ family: 'inet', method: step.toLowerCase(), step, options: [] }));
    };
    if (stanzas !== undefined) source.for('ENI').tap(first, found);
    for (const name of steps)
      step.for(name).tapPromise(first, async ({ interface: on, request, parameters, event }) => {
        if (takes > 0) await new Promise(resolve => setTimeout(resolve, takes));
        netconf.emit('did', { step: name, request, parameters }, { interface: on, cause: event });
        return { outcome: request === 'ifup' ? (outcomes[name] ?? 'OK') : 'OK' };
      });
  },
};
`;

/** Options of a daemon with that plugin. */
export function worldOf(world: World) {
  return {
    plugins: { 'world.mjs': worldPlugin },
    configuration: `plugins: { world: ${JSON.stringify(world)} }\n`,
  };
}

/** `ifup DHCP`, in the order in which it was done for an interface. */
export function done(daemon: TestDaemon, on: string): string[] {
  return daemon.events
    .filter(({ name, interface: link }) => name === 'did' && link === on)
    .map(({ data }) => {
      const { request, step } = data as { request: string; step: string };
      return `${request} ${step}`;
    });
}

/** Waits until so many steps have been done for an interface; resolves with the last one's parameters. */
export async function step(daemon: TestDaemon, on: string, count: number): Promise<object> {
  const fits = ({ name, interface: link }: EventJson) => name === 'did' && link === on;
  await until(`step ${count} of ${on}`, () => daemon.events.filter(fits).length >= count);
  return (daemon.events.filter(fits)[count - 1]!.data as { parameters: object }).parameters;
}

/** A call of the control socket and what it came to. */
export type Reply = { result: Record<string, unknown> } | { code: string; message: string };

/** Makes calls as another user (and groups), all at once on one connection each; replies in their order. */
export async function callsAs(
  daemon: TestDaemon,
  user: { uid: number; groups?: number[] },
  calls: [method: string, parameters: object][],
): Promise<Reply[]> {
  chmodSync(daemon.folder, 0o755);
  const code = `
    const { connect } = await import(${JSON.stringify(programs.netconf.replace(/netconf\.cjs$/, 'client.mjs'))});
    const replies = await Promise.all(JSON.parse(process.argv[1]).map(async ([method, parameters]) => {
      try {
        const client = await connect({ socket: ${JSON.stringify(daemon.socket)} });
        try {
          return { result: await client.call(method, parameters) };
        } finally {
          client.close();
        }
      } catch ({ code, message }) {
        return { code, message };
      }
    }));
    console.log(JSON.stringify(replies));`;
  const groups = user.groups === undefined ? ['--clear-groups'] : [`--groups=${user.groups.join(',')}`];
  const as = [`--reuid=${user.uid}`, `--regid=${user.uid}`, ...groups];
  const line = [...as, process.execPath, '--input-type=module', '--eval', code, JSON.stringify(calls)];
  return new Promise((resolve, reject) => {
    execFile('setpriv', line, { cwd: '/', env: { PATH: process.env.PATH } }, (error, stdout, stderr) => {
      if (error) reject(new Error(stderr));
      else resolve(JSON.parse(stdout) as Reply[]);
    });
  });
}
