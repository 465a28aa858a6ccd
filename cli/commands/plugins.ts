import type { Choice } from '../../core/base/choice.ts';
import { type Painter, visible } from '../../core/base/terminal.ts';
import type { PluginReport } from '../../core/control/api.ts';
import { columns } from '../columns.ts';
import { withDaemon } from '../daemon.ts';
import { paintOutput, writeJson, writeLine } from '../output.ts';

/** The plugins that the daemon knows, and why one of them is not at work. */
export async function plugins(choice: Choice): Promise<number> {
  const { plugins } = await withDaemon(choice, client => client.call('Plugins', {}));
  if (choice.flag('json')) await writeJson(plugins);
  else for (const line of pluginLines(plugins, paintOutput())) await writeLine(line);
  return 0;
}

const head = ['NAME', 'VERSION', 'STATE', 'TAPS', 'LISTENERS', 'FAILURES', 'MS', 'FILE'];

/** A table; below a plugin that failed, its reason. */
export function pluginLines(reports: readonly PluginReport[], paint: Painter): string[] {
  // Paths are not broken: one that is copied must work.
  const [title, ...lines] = columns([head, ...reports.map(report => row(report, paint))]);
  const reasons = reports.map(report => {
    const reason = report.reason ?? report.lastFailure;
    return reason === undefined ? [] : [`  ${paint('red', visible(reason))}`];
  });
  return [paint('bold', title ?? ''), ...lines.flatMap((line, at) => [line, ...(reasons[at] ?? [])])];
}

function row(report: PluginReport, paint: Painter): string[] {
  return [
    visible(report.name),
    visible(report.version ?? '-'),
    report.state === 'loaded' ? paint('green', report.state) : paint('red', visible(report.state)),
    visible([...new Set(report.taps)].join(',') || '-'),
    visible([...new Set(report.listeners)].join(',') || '-'),
    String(report.failures),
    report.ms.toFixed(1),
    visible(report.file),
  ];
}
