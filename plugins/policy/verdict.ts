import type { Peer, Request, Verdict } from 'netconf/plugin';
import type { Word } from '../../core/base/text/lines.ts';
import type { Accounts } from './accounts.ts';
import type { InForce } from './policies.ts';
import type { RequestName } from './policy.ts';

/** The interface whose policy says whether; undefined for what is about none. */
export function interfaceOf({ action, subject, interface: on }: Request): string | undefined {
  if (action === 'IFUP' || action === 'IFDOWN') return on ?? subject;
  return action === 'EMIT' ? on : undefined;
}

/**
 * What a policy says of a request, with the line that says so. Undefined where it has nothing to say: reading is
 * everybody's, and root and the daemon's own user could do it all without asking.
 */
export function verdictOn(
  request: Request & { action: RequestName },
  file: InForce | undefined,
  accounts: Accounts,
): Verdict | undefined {
  const { action, peer } = request;
  if (file === undefined) return undefined;
  const { path, policy } = file;
  const section = policy?.requests.get(action);
  const allowed = section?.allow.find(word => isOneOf(word, peer, accounts));
  if (allowed !== undefined) return { allow: true, by: `${path}:${allowed.line}: allow ${allowed.text}` };
  const who = accounts.describe(peer.uid);
  const deny = (why: string): Verdict => ({
    allow: false,
    reason: `${who} may not ${wordsFor(request)}: ${why}`,
  });
  if (policy === undefined) return deny(`${path} has errors, so only root may`);
  if (section === undefined) return deny(`${path} has no [${action}] section, so only root may`);
  const [first] = section.allow;
  if (first === undefined) return deny(`${path}:${section.line} allows nobody but root`);
  return deny(`${path}:${first.line} allows others`);
}

function isOneOf({ text }: Word, { uid, gid, groups }: Peer, accounts: Accounts): boolean {
  if (!text.startsWith('@')) return accounts.uidOf(text) === uid;
  const group = accounts.gidOf(text.slice(1));
  return group !== undefined && (group === gid || groups.includes(group));
}

function wordsFor(request: Request): string {
  const { action, subject = '' } = request;
  const on = interfaceOf(request);
  switch (action) {
    case 'IFUP':
      return `bring up ${on}`;
    case 'IFDOWN':
      return `take down ${on}`;
    case 'EMIT':
      return `emit ${subject}${on === undefined ? '' : ` for ${on}`}`;
    default:
      return 'manage netconfd';
  }
}
