import type { Choice } from '../core/base/choice.ts';
import { check } from './commands/check.ts';
import { completion } from './commands/completion.ts';
import { hookTest } from './commands/hook-test.ts';
import { report } from './failure.ts';
import * as firewall from './firewall/commands.ts';
import { check as checkNetwork } from './network/check.ts';
import { diff } from './network/diff.ts';
import { format } from './network/format.ts';
import { importNetwork } from './network/import.ts';
import { show } from './network/show.ts';
import { runParts } from './run-parts.ts';

export { netconf } from './table.ts';

/**
 * The commands that need no daemon, but parts of it, and the table with all its words. In the built program this module is a bundle of its own that is
 * compiled when one of them is called, so that the others start without it; errors are therefore reported in here.
 */
export const offline: Record<string, (choice: Choice) => Promise<number>> = {
  check: reporting(check),
  completion: reporting(completion),
  'firewall apply': reporting(firewall.apply),
  'firewall check': reporting(firewall.check),
  'firewall show': reporting(firewall.show),
  'firewall trace': reporting(firewall.trace),
  'hook test': reporting(hookTest),
  'network check': reporting(checkNetwork),
  'network diff': reporting(diff),
  'network format': reporting(format),
  'network import': reporting(importNetwork),
  'network show': reporting(show),
};

export const runPartsReporting: (argv: string[]) => Promise<number> = reporting(runParts);

function reporting<Input>(command: (input: Input) => Promise<number>): (input: Input) => Promise<number> {
  return async input => {
    try {
      return await command(input);
    } catch (error) {
      return report(error);
    }
  };
}
