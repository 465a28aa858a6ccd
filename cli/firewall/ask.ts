import type { Choice } from '../../core/base/choice.ts';
import { NetconfError } from '../../core/base/errors.ts';
import { withDaemon } from '../daemon.ts';
import { UsageError } from '../failure.ts';

/**
 * Asks the plugin `firewall` of the daemon, or, where none runs or a configuration is named, that of this process.
 * `observe`: whoever asks there changes nothing; who does change something changes nothing beside a daemon.
 */
export async function ask<Answer>(
  choice: Choice,
  question: string,
  parameters: Record<string, unknown> = {},
  observe = true,
): Promise<Answer> {
  const socket = choice.value('socket') ?? process.env.NETCONF_SOCKET;
  const config = choice.value('config');
  const alone = async () => {
    const { askAlone } = await import('./alone.ts');
    return (await askAlone({ socket, config, question, parameters, observe })) as Answer;
  };
  if (config !== undefined && observe) return alone();
  try {
    return await withDaemon(choice, async client => {
      if (config !== undefined) throw new UsageError('--config: netconfd reads its own configuration');
      return (await client.call('Ask', { question, parameters })).answer as Answer;
    });
  } catch (error) {
    if (!(error instanceof NetconfError) || error.code !== 'NotRunning') throw error;
    return alone();
  }
}
