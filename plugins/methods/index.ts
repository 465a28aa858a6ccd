import { definePlugin, failureOf, type Netconf, type Operation, type StepResult } from 'netconf/plugin';
import { environmentOf } from './environment.ts';
import { handleOf } from './handle.ts';
import { type Method, methods } from './table.ts';

/**
 * Steps that are one method: each runs it up or down, as the operation asks. The method says itself what it added, and
 * takes back that and nothing else.
 */
export default definePlugin({
  name: 'methods',
  version: '1.0.0',
  apply(netconf) {
    for (const [step, method] of Object.entries(methods))
      netconf.hooks.step
        .for(step)
        .tapPromise(`methods/linux/${method.name}`, operation => run(netconf, method, operation));
  },
});

async function run(netconf: Netconf, method: Method, operation: Operation): Promise<StepResult> {
  const mode = operation.request === 'ifup' ? 'up' : 'down';
  const { observe } = netconf;
  const environment = environmentOf(operation, method.family);
  const result = await netconf.runMethod(method.name, {
    mode,
    interface: operation.interface,
    handle: handleOf(operation.stanza),
    environment: observe ? { ...environment, NETCONF_DRY_RUN: '1' } : environment,
    operation,
  });
  const lines = result.output.split('\n').filter(line => line.trim() !== '');
  const failure = failureOf(result);
  // A method that fails says why in its last line, unless it was ended.
  if (failure !== undefined)
    return { outcome: 'FAIL', message: (result.status !== null && lines.at(-1)) || failure };
  for (const line of lines) operation.progress(observe ? `would run: ${line}` : line);
  return lines.length > 0 && !observe ? { outcome: 'OK', message: lines.join('; ') } : { outcome: 'OK' };
}
