import { failureOf, type Netconf, type Operation } from 'netconf/plugin';
import { programPath } from '../../core/base/program-path.ts';

/** What the kernel says of the peers of a link: never their keys. */
export interface Shown {
  /** Addresses and ports of the peers, outside, as far as known. */
  endpoints: readonly { address: string; port: number }[];
  /** Seconds since the epoch: the latest handshake of any peer; 0 for none. */
  handshake: number;
}

/** Asks wg(8). Answers with nothing where that fails. */
export async function show(netconf: Pick<Netconf, 'run'>, on: string, operation?: Operation): Promise<Shown> {
  const [endpoints, handshakes] = await Promise.all(
    ['endpoints', 'latest-handshakes'].map(async what => {
      const argv = ['show', on, what];
      const common = { path: programPath('wg') ?? '/usr/bin/wg', argv, environment: {}, deadline: 5 };
      const run = await netconf.run({ ...common, ...(operation !== undefined && { operation }) });
      // KEY, a tab, and what was asked for.
      return failureOf(run) === undefined
        ? run.output.split('\n').map(line => line.split('\t')[1] ?? '')
        : [];
    }),
  );
  return {
    endpoints: (endpoints ?? []).flatMap(text => {
      const [, six, four, port] = /^(?:\[([0-9a-fA-F:.]+)(?:%[^\]]*)?\]|([0-9.]+)):(\d+)$/.exec(text) ?? [];
      const address = six ?? four;
      return address === undefined ? [] : [{ address, port: Number(port) }];
    }),
    handshake: Math.max(0, ...(handshakes ?? []).map(text => (/^\d+$/.test(text) ? Number(text) : 0))),
  };
}

/** Runs a method on a link; the sentence why it failed. */
export async function method(
  netconf: Pick<Netconf, 'runMethod'>,
  name: string,
  on: string,
  mode: 'up' | 'down',
  handle: string,
  environment: Readonly<Record<string, string>>,
  operation?: Operation,
): Promise<string | undefined> {
  const run = await netconf.runMethod(name, {
    mode,
    interface: on,
    handle,
    // A tap's own deadline is 30 s; names of peers are looked up meanwhile.
    deadline: 25,
    environment: { METHOD: 'wireguard', LOGICAL: on, FAMILY: 'inet', ...environment },
    ...(operation !== undefined && { operation }),
  });
  const failure = failureOf(run);
  const lines = run.output.split('\n').filter(line => line.trim() !== '');
  return failure === undefined ? undefined : (run.status !== null && lines.at(-1)) || failure;
}
