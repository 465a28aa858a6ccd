import { NetconfError } from '../base/errors.ts';
import { familyOf } from './event.ts';
import type { DhcpReport } from './lease.ts';
import type { Address, Link, Neighbour, Route, RouterOption, Rule } from './objects.ts';

export interface Change<T> {
  old: T;
  new: T;
}

/** What an event that stands for a new thing carries; a removal carries the last known state. */
export interface Added<T> {
  new: T;
}
export interface Removed<T> {
  old: T;
}

/**
 * Every event with the shape of its data. Plugins add theirs by declaration merging:
 *
 *     declare module 'netconf/plugin' {
 *       interface Events { 'wifi.connected': { ssid: string; bssid: string } }
 *     }
 */
export interface Events {
  'link.added': Added<Link>;
  'link.removed': Removed<Link>;
  'link.renamed': Change<Link>;
  'link.up': Change<Link>;
  'link.down': Change<Link>;
  'link.carrier': Change<Link>;
  'link.no-carrier': Change<Link>;
  /** Anything else about a link: master, mtu, address, kind, operational state. */
  'link.changed': Change<Link>;
  'address.added': Added<Address>;
  /** Past duplicate address detection (RFC 4862), or free of it. */
  'address.ready': { old?: Address; new: Address };
  'address.duplicate': { old?: Address; new: Address };
  'address.changed': Change<Address>;
  'address.removed': Removed<Address>;
  'route.added': Added<Route>;
  'route.changed': Change<Route>;
  'route.removed': Removed<Route>;
  /** The default route of a family and table: the one with the lowest metric. */
  'route.default': { family: string; table: string; old?: Route; new?: Route };
  'neighbour.added': Added<Neighbour>;
  'neighbour.changed': Change<Neighbour>;
  'neighbour.removed': Removed<Neighbour>;
  'rule.added': Added<Rule>;
  'rule.removed': Removed<Rule>;
  'ra.option': RouterOption;
  /** A DHCP client begins. */
  'dhcp.preinit': DhcpReport;
  /** It has a lease: a new one; the same one longer, of the same server or of any; the one of before the last start. */
  'dhcp.bound': DhcpReport;
  'dhcp.renewed': DhcpReport;
  'dhcp.rebound': DhcpReport;
  'dhcp.rebooted': DhcpReport;
  /** The lease is over: it ran out, no server gives one, none confirms the old one, the client ended, it gave it back. */
  'dhcp.expired': DhcpReport;
  'dhcp.failed': DhcpReport;
  'dhcp.timed-out': DhcpReport;
  'dhcp.stopped': DhcpReport;
  'dhcp.released': DhcpReport;
  'request.ifup': OperationRequest;
  'request.ifdown': OperationRequest;
  /** A link that nothing configures: published, so that somebody may. */
  'interface.found': { reason: string };
  'interface.configuring': { logical: string };
  'interface.configured': { logical: string; step: string; ms: number };
  'interface.failed': { logical: string; step: string; outcome: string; message: string };
  'interface.deconfigured': { logical: string; ms: number };
  /** Everything that is declared `auto` is configured: told once for each start of the machine. */
  'interface.all-configured': { interfaces: string[] };
  'daemon.ready': { version: string; pid: number };
  'daemon.reloaded': { file: string | null };
  'daemon.stopping': { reason: string };
  'plugin.loaded': { plugin: string; version: string | null; file: string; ms: number };
  'plugin.failed': PluginFailure;
  'plugin.unloaded': { plugin: string; file: string };
  'hook.failed': HookFailure;
  'hook.timed-out': HookFailure;
  /** The kernel dropped notifications; what follows up to `netlink.resynced` are the differences. */
  'netlink.overrun': { reason: 'ENOBUFS' | 'truncated' | 'interrupted' };
  'netlink.resynced': { added: number; changed: number; removed: number; ms: number };
}

/** Somebody asks for an interface to be configured, or taken down. */
export interface OperationRequest {
  logical: string;
  /** User id of who asks; of the daemon itself when policy or `auto` does. */
  uid: number;
  class?: string;
  /** Why it was refused; runs no scripts then. */
  refused?: string;
}

export interface PluginFailure {
  plugin: string;
  /** What failed: `load`, `listener link.carrier`, `tap preUp`… */
  where: string;
  message: string;
  /** FILE:LINE:COLUMN where known. */
  place?: string | undefined;
  /** Set on the failure that disabled the plugin. */
  disabled?: true;
}

export interface HookFailure {
  script: string;
  event: string;
  status: number | null;
  signal: string | null;
  /** Milliseconds. */
  ms: number;
  message: string;
  /** The last 1,024 characters of its output. */
  output: string;
}

/** A catalogued name, or any other string for third-party events. */
export type EventName = keyof Events | (string & Record<never, never>);

export type DataOf<Name extends string> = Name extends keyof Events
  ? Events[Name] extends object
    ? Events[Name]
    : never
  : Record<string, unknown>;

/** The families that are set aside for plugins: one that declares such a family may emit it. */
export const pluginFamilies: ReadonlySet<string> = new Set([
  'wifi',
  'bond',
  'bridge',
  'vpn',
  'dns',
  'firewall',
  'pvd',
  'netns',
]);

/** The families that no third party may emit; plugins reserve theirs on top. */
export const reservedFamilies: ReadonlySet<string> = new Set([
  'link',
  'address',
  'route',
  'neighbour',
  'rule',
  'ra',
  'dhcp',
  'request',
  'interface',
  'daemon',
  'plugin',
  'hook',
  'netlink',
  ...pluginFamilies,
]);

const grammar = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/;

export function isEventName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= 64 && grammar.test(name);
}

/** Throws `BadEventName` unless the name follows the grammar. */
export function checkEventName(name: unknown): asserts name is string {
  if (isEventName(name)) return;
  const shown = typeof name === 'string' ? JSON.stringify(name.slice(0, 80)) : typeof name;
  throw new NetconfError('BadEventName', `not an event name: ${shown}`, {
    hint: 'lower-case letters and digits, dots between parts, dashes inside them, at most 64 characters',
  });
}

/** Throws unless a third party may emit `name`: `BadEventName`, `ReservedName`. */
export function checkThirdPartyName(
  name: unknown,
  reservedByPlugins: ReadonlySet<string>,
): asserts name is string {
  checkEventName(name);
  const family = familyOf(name);
  if (!reservedFamilies.has(family) && !reservedByPlugins.has(family)) return;
  throw new NetconfError('ReservedName', `${name}: the family ${family} is reserved`, {
    hint: 'choose a name of your own, such as home-lan-connected',
  });
}

/**
 * What the kernel takes as the name of a link (dev_valid_name of net/core/dev.c: no `/`, no blank, not `.` or `..`), as
 * long as an alternative name may be (ALTIFNAMSIZ, 127 bytes). Scripts make paths of it.
 */
export const interfaceName = /^(?!\.{1,2}$)[^/\s\x00-\x1f\x7f]{1,127}$/u;

/** Throws `BadEventName` unless an event may be about an interface of this name. */
export function checkInterfaceName(event: string, name: unknown): asserts name is string {
  if (typeof name === 'string' && interfaceName.test(name)) return;
  throw new NetconfError(
    'BadEventName',
    `${event}: ${JSON.stringify(name)?.slice(0, 80)} is not an interface name`,
  );
}
