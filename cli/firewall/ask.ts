import type { Choice } from '../../core/base/choice.ts';
import { NetconfError } from '../../core/base/errors.ts';
import { withDaemon } from '../daemon.ts';

/**
 * Asks the plugin `firewall` of the daemon, or, where none runs, that of this process. `observe`: whoever asks there
 * changes nothing.
 */
export async function ask<Answer>(
  choice: Choice,
  question: string,
  parameters: Record<string, unknown> = {},
  observe = true,
): Promise<Answer> {
  const socket = choice.value('socket') ?? process.env.NETCONF_SOCKET;
  try {
    const { answer } = await withDaemon(choice, client => client.call('Ask', { question, parameters }));
    return answer as Answer;
  } catch (error) {
    if (!(error instanceof NetconfError) || error.code !== 'NotRunning') throw error;
    const { askAlone } = await import('./alone.ts');
    return (await askAlone({
      socket,
      config: choice.value('config'),
      question,
      parameters,
      observe,
    })) as Answer;
  }
}
