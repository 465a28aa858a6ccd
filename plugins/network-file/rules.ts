import type { Netconf } from 'netconf/plugin';

/** Milliseconds that the rules may take to come into force. */
const deadline = 10_000;

/**
 * Has the rules carried out that a version has: `enforce` makes it the one in force. Resolves with the sentence why the
 * rules of before stay; undefined when they have changed, need not, or when nobody carries out any.
 */
export async function enforceRules(netconf: Netconf, enforce: () => void): Promise<string | undefined> {
  let told: (sentence: string | undefined) => void = () => undefined;
  const verdict = new Promise<string | undefined>(resolve => {
    told = resolve;
  });
  const undos = [
    netconf.on('firewall.applied', () => told(undefined)),
    netconf.on('firewall.failed', event => {
      const { place, message } = event.data as { place?: unknown; message?: unknown };
      told(`${typeof place === 'string' ? `${place}: ` : ''}${String(message)}`);
    }),
  ];
  const timer = setTimeout(() => told(undefined), deadline);
  try {
    enforce();
    return netconf.touch('firewall') ? await verdict : undefined;
  } finally {
    clearTimeout(timer);
    for (const undo of undos) undo();
  }
}
