import type { Operation, Stanza } from '../plugin/hooks.ts';
import type { Work } from './parts.ts';

/** The operation as taps see it, at one stanza (or, while a source is asked, at a step). */
export function operationOf(
  work: Work,
  stanza: Stanza,
  parameters: Readonly<Record<string, string>>,
  phase: string,
): Operation {
  const { interface: on, request, options, event, signal } = work;
  return {
    interface: on,
    logical: stanza.logical ?? work.logical,
    request,
    step: stanza.step,
    parameters,
    stanza,
    options,
    event,
    signal,
    progress: message =>
      work.progress({
        phase,
        step: stanza.step,
        stanza: nameOf(stanza),
        message: String(message).slice(0, 1024),
      }),
  };
}

/** The stanza that a step makes by itself, where no source has one. */
export function ownStanza(step: string): Stanza {
  return { family: 'inet', method: step.toLowerCase(), step, options: [] };
}

/** `inet static`. */
export function nameOf({ family, method }: Stanza): string {
  return `${family} ${method}`;
}
