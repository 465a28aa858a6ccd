import { resolve } from 'node:path';
import { NetconfError } from '../../core/base/errors.ts';
import { standalone } from '../../core/standalone.ts';

export interface Alone {
  socket: string | undefined;
  config: string | undefined;
  question: string;
  parameters: Record<string, unknown>;
  observe: boolean;
}

/** Loads the plugins as a daemon would, and asks them. */
export async function askAlone({ socket, config, question, parameters, observe }: Alone): Promise<object> {
  await using netconf = await standalone({
    socket,
    config: config === undefined ? undefined : resolve(config),
    observe,
  });
  const answer = await netconf.ask(question, parameters);
  if (answer !== undefined) return answer;
  throw new NetconfError('NoSuchPlugin', 'the plugin firewall is not loaded', {
    hint: "'netconf check' says why a plugin cannot be loaded",
  });
}
