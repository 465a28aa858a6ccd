import type { Choice } from '../../core/base/choice.ts';
import { visible } from '../../core/base/terminal.ts';
import { withDaemon } from '../daemon.ts';
import { complain, status, UsageError } from '../failure.ts';
import { onTerminal, paintOutput, writeErrors, writeJson, writeLine } from '../output.ts';

/** What the plugin answers. */
interface Answer {
  state: string;
  results?: { interface: string; state: string; message?: string }[];
  undone?: { interface: string; state: string; message?: string }[];
  problems?: { severity: string; place: string; message: string; hint?: string }[];
  interface?: string;
  message?: string;
  confirm?: number;
}

/** Seconds to confirm, where only `--confirm` stands. */
const longest = 86_400;

/** Brings the network file into force. Status 1 where it is refused, or undone because something failed. */
export async function apply(choice: Choice): Promise<number> {
  const confirm = secondsOf(choice.value('confirm'));
  const answer = await ask(choice, 'network apply', confirm === undefined ? {} : { confirm });
  const ok = answer.state === 'applied' || answer.state === 'unchanged';
  if (choice.flag('json')) await writeJson(answer);
  else await tell(answer);
  return ok ? status.success : status.failed;
}

/** Keeps what `apply --confirm` has brought into force. */
export async function confirm(choice: Choice): Promise<number> {
  const answer = await ask(choice, 'network confirm', {});
  if (choice.flag('json')) await writeJson(answer);
  else if (answer.state === 'confirmed') await writeLine('it stays');
  else
    complain(
      answer.state === 'busy'
        ? 'it is being applied, or taken back, at the moment'
        : 'nothing waits to be confirmed',
    );
  return answer.state === 'confirmed' ? status.success : status.failed;
}

async function ask(choice: Choice, question: string, parameters: Record<string, unknown>): Promise<Answer> {
  return withDaemon(choice, async client => {
    let answer: Answer = { state: 'refused' };
    await client.callInParts('Ask', { question, parameters }, reply => {
      if (reply.progress !== undefined && onTerminal() && !choice.flag('json'))
        writeErrors([visible(reply.progress)]);
      if (reply.answer !== undefined) answer = reply.answer as unknown as Answer;
    });
    return answer;
  });
}

async function tell(answer: Answer): Promise<void> {
  const { state, results = [], problems = [], undone = [], confirm: seconds } = answer;
  const paint = paintOutput();
  for (const { severity, place, message, hint } of problems) {
    await writeLine(
      `${visible(place)}: ${paint(severity === 'error' ? 'red' : 'yellow', severity)}: ${visible(message)}`,
    );
    if (hint !== undefined) await writeLine(`  ${visible(hint)}`);
  }
  for (const one of results)
    await writeLine(
      visible(`${one.interface}: ${one.state}${one.message === undefined ? '' : `: ${one.message}`}`),
    );
  if (state === 'undone') {
    for (const one of undone) await writeLine(visible(`${one.interface}: ${one.state} as before`));
    complain(`${answer.interface} failed, so all is as it was before: ${answer.message}`);
  } else if (state === 'refused') complain('nothing is applied');
  else if (state === 'busy') complain('another apply is at work');
  else if (state === 'observing') complain('netconfd observes: it changes nothing on this machine');
  else if (state === 'unchanged') await writeLine('everything is as the network file has it');
  if (seconds !== undefined && (state === 'applied' || state === 'unchanged'))
    await writeLine(`goes back in ${seconds} s, unless you say: netconf network confirm`);
}

function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (/^\d{1,5}$/.test(text) && seconds >= 1 && seconds <= longest) return seconds;
  throw new UsageError(`--confirm ${text}: a number of seconds from 1 to ${longest} was expected`);
}
