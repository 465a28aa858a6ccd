import { resolve } from 'node:path';
import type { Choice } from '../../core/base/choice.ts';
import { visible } from '../../core/base/terminal.ts';
import { type Report, check as runChecks } from '../check.ts';
import { count } from '../count.ts';
import { status } from '../failure.ts';
import { paintOutput, writeJson, writeLine } from '../output.ts';

/** Checks what a daemon would read at its start. Status 1 if there is an error; warnings alone are no failure. */
export async function check(choice: Choice): Promise<number> {
  // Absolute before anything changes the working directory.
  const config = choice.value('config');
  const report = await runChecks({
    config: config === undefined ? undefined : resolve(config),
    hooks: choice.values('hooks').map(directory => resolve(directory)),
    plugins: choice.values('plugins').map(directory => resolve(directory)),
    policies: choice.values('policy').map(directory => resolve(directory)),
  });
  const ok = !report.findings.some(({ severity }) => severity === 'error');
  if (choice.flag('json')) await writeJson({ ok, ...report });
  else await writeReport(report);
  return ok ? status.success : status.failed;
}

async function writeReport(report: Report): Promise<void> {
  const { configuration, hooks, plugins, policies, interfaces, files, conditions, network, findings } =
    report;
  const paint = paintOutput();
  for (const { severity, place, message, hint } of findings) {
    const word = severity === 'error' ? paint('red', severity) : paint('yellow', severity);
    await writeLine(`${visible(place)}: ${word}: ${visible(message)}`);
    if (hint !== undefined) await writeLine(`  ${visible(hint)}`);
  }
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const looked = [
    configuration ?? 'no configuration file',
    ...hooks,
    ...plugins,
    ...policies,
    ...[interfaces, ...files, conditions, network].filter(file => file !== null),
  ]
    .map(visible)
    .join(', ');
  await writeLine(`${count(errors, 'error')}, ${count(findings.length - errors, 'warning')} in ${looked}`);
}
