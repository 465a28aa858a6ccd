import type { Stanza } from 'netconf/plugin';

/** The name of a stanza's handle file: the same for the same stanza of a file that has changed elsewhere. */
export function handleOf({ family, method, step }: Stanza): string {
  const name = method === step.toLowerCase() ? `${family}-${method}` : `${family}-${method}-${step}`;
  return name.replaceAll(/[^A-Za-z0-9_.:-]/g, '_').slice(0, 96);
}
