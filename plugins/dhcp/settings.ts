import type { LeaseFamily, Operation, StanzaOption } from 'netconf/plugin';

/** What an operation says of DHCP on its interface; kept beside the client, for when this process is gone. */
export interface Settings {
  interface: string;
  family: LeaseFamily;
  method: string;
  logical: string;
  /** Seconds to wait for a lease. */
  timeout: number;
  /** The client that is to be used; without it, the first that is installed. */
  client?: string;
  hostname?: string;
  /** Client identifier and vendor class, as text. */
  identifier?: string;
  vendor?: string;
  /** Seconds of a lease to ask for. */
  leasetime?: number;
  metric?: number;
  /** False where the default route of a lease is not taken: another interface has it. */
  defaultRoute?: boolean;
  /** Of `inet6`: ask for a prefix, too. */
  prefix: boolean;
  /** The stanza's options as methods see them (`IF_HWADDRESS`). */
  options: Record<string, string>;
}

const usualTimeout = 60;
/** What the lease says, or what concerns the client alone: no method is to take it from the stanza. */
const notForMethods = new Set([
  'IF_FAMILY',
  'IF_TIMEOUT',
  'IF_CLIENT',
  'IF_HOSTNAME',
  'IF_VENDOR',
  'IF_DHCP_CLIENT',
  'IF_DEFAULTROUTE',
]);

/** Throws a TypeError, for the user to read, where a parameter is not what it should be. */
export function settingsOf(operation: Operation): Settings {
  const { stanza, parameters, logical, interface: on } = operation;
  // What stands first goes before what comes later: the request, the stanza, the [cfg] section of the step.
  const all = [...(operation.options.set ?? []), ...stanza.options, ...Object.entries(parameters)];
  const find = (...names: string[]) => all.find(([name]) => names.includes(name))?.[1];
  const text = (...names: string[]) => {
    const value = find(...names);
    if (value !== undefined && !/^[^\x00-\x1f\x7f]{1,255}$/.test(value))
      throw new TypeError(`${names[0]}: 1 to 255 characters without control characters`);
    return value;
  };
  const number = (highest: number, ...names: string[]) => {
    const value = find(...names);
    if (value !== undefined && (!/^\d{1,10}$/.test(value) || Number(value) > highest))
      throw new TypeError(`${names[0]}: a number from 0 to ${highest}`);
    return value === undefined ? undefined : Number(value);
  };
  const hours = number(1_000_000, 'leasehours');
  const given = {
    client: text('dhcp-client'),
    hostname: text('hostname'),
    identifier: text('client'),
    vendor: text('vendor'),
    leasetime: number(0xffff_ffff, 'leasetime') ?? (hours === undefined ? undefined : hours * 3600),
    metric: number(0xffff_ffff, 'metric'),
  };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return {
    interface: on,
    // Without a source, the policy itself says which.
    family:
      (stanza.place === undefined ? parameters.family : undefined) === 'inet6' ? 'inet6' : family(stanza),
    method: stanza.method,
    logical: stanza.logical ?? logical,
    timeout: Math.max(1, number(86_400, 'timeout') ?? usualTimeout),
    ...(find('defaultroute') === 'no' && { defaultRoute: false }),
    prefix: find('request_prefix', 'request-prefix') === '1',
    ...Object.fromEntries(known),
    options: variables(all),
  };
}

function family({ family }: Operation['stanza']): LeaseFamily {
  return family === 'inet6' ? 'inet6' : 'inet';
}

function variables(all: readonly StanzaOption[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of all) {
    const variable = `IF_${name.replaceAll('-', '_').toUpperCase()}`;
    if (/^[A-Z0-9_]+$/.test(variable) && !notForMethods.has(variable)) found[variable] ??= value;
  }
  return found;
}
