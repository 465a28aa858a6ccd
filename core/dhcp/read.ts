import { interfaceName } from '../bus/catalogue.ts';
import type { DhcpClient, Lease, LeaseFamily } from '../bus/lease.ts';
import type { ClientTable, Fact } from './clients/client.ts';
import { dhclient } from './clients/dhclient.ts';
import { dhcpcd } from './clients/dhcpcd.ts';
import { udhcpc } from './clients/udhcpc.ts';
import { attempt, type Draft, type Refused } from './draft.ts';
import type { Record } from './record.ts';
import { harmless } from './values.ts';

/** What one record tells, before it is known what the client held until then. */
export interface Told {
  fact: Fact;
  interface: string;
  family: LeaseFamily;
  client: DhcpClient;
  reason: string;
  pid: number | undefined;
  /** What the client says that it holds, and held. Of dhclient for `inet6`: one address or prefix of several. */
  now?: Lease;
  before?: Lease;
  refused: Refused;
}

/** Further options of one lease; names refused in one event. */
const mostOthers = 64;
const mostRefused = 32;

/**
 * Reads a record in the words of the client that it comes from. Undefined when it tells nothing of a lease (dhcpcd's
 * CARRIER); a sentence when it is none of a client that netconf knows. Never throws, whatever a server sent.
 *
 * @param since when it was written: milliseconds since the epoch
 */
export function readRecord(record: Record, since: number): Told | string | undefined {
  const { variables } = record;
  const on = variables.get('interface');
  if (typeof on !== 'string' || !interfaceName.test(on)) return 'it names no interface';
  const client = clientOf(record);
  if (client === undefined) return 'it comes from no DHCP client that netconf knows';
  const reason = client.reasonOf(record);
  const meaning = Object.hasOwn(client.reasons, reason) ? client.reasons[reason] : undefined;
  if (meaning === undefined)
    return /^[A-Za-z0-9-]{1,32}$/.test(reason) ? undefined : 'it does not say what happened';
  const { family, fact } = meaning;
  const refused: Refused = [];
  const pid = pidOf(variables.get('pid')) ?? record.parent;
  const leaseOf = (prefix: string): Lease | undefined => {
    const draft = draftOf(client, family, variables, prefix, refused);
    const holds =
      family === 'inet' ? draft.address !== undefined : (draft.addresses ?? draft.prefixes) !== undefined;
    if (!holds) return undefined;
    if (family === 'inet') complete(draft);
    return { family, client: client.client, ...(pid !== undefined && { pid }), since, ...draft };
  };
  const first = (prefixes: readonly string[]) => {
    for (const prefix of prefixes) {
      const lease = leaseOf(prefix);
      if (lease !== undefined) return lease;
    }
    return undefined;
  };
  const now = first(client.prefixes.now);
  const before = first(client.prefixes.before);
  return {
    fact,
    interface: on,
    family,
    client: client.client,
    reason,
    pid,
    ...(now !== undefined && { now }),
    ...(before !== undefined && { before }),
    refused: refused.slice(0, mostRefused),
  };
}

function clientOf({ variables, argument }: Record): ClientTable | undefined {
  if (variables.has('reason'))
    return variables.has('ifcarrier') || variables.has('protocol') || variables.has('if_up')
      ? dhcpcd
      : dhclient;
  return argument === '' ? undefined : udhcpc;
}

function draftOf(
  client: ClientTable,
  family: LeaseFamily,
  variables: Record['variables'],
  prefix: string,
  refused: Refused,
): Draft {
  const draft: Draft = {};
  const known = client.options[family];
  const taken = client.gather?.(variables, prefix, draft, refused) ?? new Set();
  for (const [name, take] of known) {
    const option = `${prefix}${name}`;
    const text = variables.get(option);
    if (text === null) refused.push({ option, reason: notText });
    else if (text !== undefined && text !== '') attempt(option, refused, () => take(draft, text));
  }
  const others: { [name: string]: string } = {};
  let left = mostOthers;
  for (const [variable, text] of variables) {
    const name = variable.slice(prefix.length);
    if (!variable.startsWith(prefix) || known.has(name) || taken.has(name) || !client.others.test(name))
      continue;
    if (text === null) refused.push({ option: variable, reason: notText });
    else if (text !== '' && left-- > 0)
      attempt(variable, refused, () => {
        others[name] = harmless(text);
      });
  }
  if (Object.keys(others).length > 0) draft.other = others;
  return draft;
}

const notText = 'it is no UTF-8, or has control characters';

/** What a lease needs and does not say: an address without a netmask stands for itself alone. */
function complete(draft: Draft): void {
  draft.prefixlen ??= 32;
  // Classless routes take the place of routers (RFC 3442), and of all others.
  if (draft.routes?.length === 0) delete draft.routes;
}

function pidOf(text: string | null | undefined): number | undefined {
  const number = Number(text);
  return typeof text === 'string' && /^\d{1,10}$/.test(text) && number > 0 ? number : undefined;
}
