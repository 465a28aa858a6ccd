import { type Event, type Stanza, variablesOf } from 'netconf/plugin';

/** An event in the words of upstart: `NAME KEY=VALUE…`. */
export interface Message {
  name: string;
  variables: readonly string[];
}

/** Of a configured interface, for whom each of its stanzas is an event. */
export type Up = Pick<Stanza, 'family' | 'method' | 'logical'>;

/**
 * What upstart is told of an event. Names and variables that jobs know from ifupdown and udev come first; any other event
 * keeps its name, with `-` for the dots and `netconf-` before it where it is none of a third party, and its variables are
 * those that scripts see, without `NETCONF_`.
 */
export function messagesFor(event: Event, stanzas: readonly Up[]): Message[] {
  const own = { name: nameOf(event), variables: variables(event) };
  const on = event.interface ?? '';
  switch (event.name) {
    case 'link.added':
      return [{ name: 'net-device-added', variables: [`INTERFACE=${on}`] }, own];
    case 'link.removed':
      return [{ name: 'net-device-removed', variables: [`INTERFACE=${on}`] }, own];
    case 'interface.configured':
      return [...stanzas.map(stanza => device('net-device-up', event, stanza)), own];
    case 'interface.deconfigured':
      return [...stanzas.map(stanza => device('net-device-down', event, stanza)), own];
    case 'interface.all-configured':
      return [{ name: 'static-network-up', variables: [] }, own];
    default:
      return [own];
  }
}

function device(name: string, event: Event, { family, method, logical }: Up): Message {
  const on = event.interface ?? '';
  const said = (event.data as { logical?: string }).logical ?? on;
  const variables = [`IFACE=${on}`, `LOGICAL=${logical ?? said}`, `ADDRFAM=${family}`, `METHOD=${method}`];
  return { name, variables };
}

function nameOf({ name }: Event): string {
  return name.includes('.') ? `netconf-${name.replaceAll('.', '-')}` : name;
}

/** Scalars of the data, and the interface; no value with what an entry of an environment cannot hold. */
function variables(event: Event): string[] {
  return Object.entries(variablesOf(event)).flatMap(([name, value]) => {
    if (name === 'IFACE') return value === '' ? [] : [`IFACE=${value}`];
    if (!name.startsWith('NETCONF_') || own.has(name)) return [];
    return [`${name.slice('NETCONF_'.length)}=${value}`];
  });
}

/** What the runner of scripts says of itself. */
const own: ReadonlySet<string> = new Set([
  'NETCONF_EVENT',
  'NETCONF_EVENT_ID',
  'NETCONF_CAUSE',
  'NETCONF_SOURCE',
  'NETCONF_SOCKET',
  'NETCONF_REPLAYED',
]);
