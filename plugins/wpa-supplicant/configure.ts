import { type Control, ControlError } from './control.ts';
import type { Kind } from './files.ts';
import { readNetworks } from './message.ts';
import type { Settings } from './settings.ts';

/** What was added to a supplicant. */
export interface Added {
  network?: number;
  /** Networks of others that were enabled before ours was chosen. */
  others: readonly number[];
}

/**
 * Tells a supplicant what the options say: its own networks are left alone, but not used while ours is wanted. Throws an
 * Error that names the option that it refuses, and never a value.
 */
export async function configure(
  control: Control,
  { commands, network }: Settings,
  kind: Kind,
  warn: (text: string) => void,
): Promise<Added> {
  for (const command of commands) {
    await control.ask(command).catch((error: Error) => {
      if (!isRefused(error)) throw error;
      warn(error.message);
    });
  }
  if (network === undefined) return { others: [] };
  const before = kind === 'own' ? [] : readNetworks(await control.request('LIST_NETWORKS'));
  const others = before.filter(({ disabled }) => !disabled).map(({ id }) => id);
  const answer = await control.request('ADD_NETWORK');
  if (!/^\d{1,9}$/.test(answer)) throw new Error('the supplicant takes no further network');
  const id = Number(answer);
  try {
    for (const { option, variable, value, old } of network.set) {
      await control.ask(`SET_NETWORK ${id} ${variable} ${value}`).catch((error: Error) => {
        if (!isRefused(error)) throw error;
        const message = `wpa_supplicant does not take the value of ${option}`;
        if (old !== true) throw new Error(message);
        warn(message);
      });
    }
    await control.ask(`${kind === 'own' ? 'ENABLE_NETWORK' : 'SELECT_NETWORK'} ${id}`);
  } catch (error) {
    await control.request(`REMOVE_NETWORK ${id}`).catch(() => undefined);
    throw error;
  }
  return { network: id, others };
}

/** Takes back what was added to the supplicant of somebody else. */
export async function unconfigure(control: Control, { network, others }: Added): Promise<void> {
  if (network === undefined) return;
  await control.request(`REMOVE_NETWORK ${network}`);
  for (const id of others) await control.request(`ENABLE_NETWORK ${id}`);
}

function isRefused(error: Error): boolean {
  return error instanceof ControlError && error.kind === 'refused';
}
