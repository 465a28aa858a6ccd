import type { Stanza } from 'netconf/plugin';

/**
 * The name of a stanza's handle file: `inet-static`, and `inet-static-2` for the second of its kind. It is the same for
 * the same stanza whatever its options are, so that what a former version of it added is found again.
 */
export function handleOf({ family, method, step, nth }: Stanza): string {
  const kind = method === step.toLowerCase() ? `${family}-${method}` : `${family}-${method}-${step}`;
  const name = kind.replaceAll(/[^A-Za-z0-9_.:-]/g, '_').slice(0, 90);
  return nth === undefined ? name : `${name}-${nth}`;
}
