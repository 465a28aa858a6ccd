import { NetconfError } from '../base/errors.ts';
import { launch } from '../runner/launch.ts';
import type { Programs, RunsFor } from '../runner/programs.ts';
import type { ForOperation, Netconf } from './contract.ts';
import type { Guard } from './guard.ts';

/** The part of a plugin's view that runs programs. After unloading nothing starts any more. */
export function programsFor(
  guard: Guard,
  { programs, observe }: { programs: Programs; observe: boolean },
): Pick<Netconf, 'run' | 'runParts' | 'runMethod' | 'launch'> {
  const dead = (script: string) => programs.refuse(script, `the plugin ${guard.owner} is unloaded`);
  return {
    run: async ({ operation, ...program }) =>
      guard.live ? programs.run(program, about(operation)) : dead(program.path),
    runParts: async (directory, { operation, ...options }) => {
      if (guard.live) return programs.runParts(directory, options, about(operation));
      const failed = dead(directory);
      return { runs: [failed], failed };
    },
    runMethod: async (name, { operation, ...method }) => {
      if (!guard.live) return dead(name);
      const harmless = method.mode === 'query' || method.environment.NETCONF_DRY_RUN === '1';
      if (observe && !harmless)
        return programs.refuse(name, 'netconfd observes: it changes nothing', about(operation));
      return programs.runMethod(name, method, about(operation));
    },
    launch: program => {
      if (!guard.live) throw new NetconfError('Disabled', `the plugin ${guard.owner} is unloaded`);
      if (observe) throw new NetconfError('Denied', `netconfd observes: it does not start ${program.path}`);
      return launch(program);
    },
  };
}

function about(operation: ForOperation['operation']): RunsFor | undefined {
  if (operation === undefined) return undefined;
  const { interface: on, event, signal } = operation;
  return { interface: on, event, signal };
}
