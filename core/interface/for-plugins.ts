import type { OperationResult } from '../control/api.ts';
import type { OperateOptions } from '../plugin/contract.ts';
import type { Operations } from './operations.ts';

/** `netconf.operate` of a plugin: the request is the plugin's, and nobody is asked whether it may. */
export function operateFor(
  operations: Operations,
  plugin: string,
  request: 'ifup' | 'ifdown',
  on: string,
  { logical, class: word, force, again, cause, inside, last }: OperateOptions,
): Promise<OperationResult> {
  return operations.operate(request, {
    interface: on,
    logical,
    source: `plugin:${plugin}`,
    cause: cause ?? inside?.event,
    inside: inside?.interface,
    signal: inside?.signal,
    last,
    ...(again === true && { again }),
    options: { ...(word !== undefined && { class: word }), ...(force === true && { force }) },
  });
}
