import type { FirewallPart } from 'netconf/plugin';
import * as v from 'valibot';
import { network, rule, text } from '../options.ts';
import type { Problem } from './problem.ts';

const place = v.exactOptional(text);
const part = v.object({
  plugin: text,
  networks: v.array(v.strictObject({ ...network.entries, place })),
  rules: v.array(v.strictObject({ ...rule.entries, place })),
  spoofProtection: v.exactOptional(v.literal(false)),
});

/** What another plugin said, or what is wrong with it: it may be anybody's. */
export function checkPart(said: FirewallPart): FirewallPart | Problem {
  const result = v.safeParse(part, said, { abortEarly: true });
  if (result.success) return result.output;
  const [{ message, path = [] }] = result.issues;
  const at = path.map(({ key }) => String(key)).join('.');
  return {
    place: `plugin ${said.plugin}`,
    message: `what it wants of the firewall is wrong at ${at}: ${message}`,
  };
}
