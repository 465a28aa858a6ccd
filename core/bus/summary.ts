import type { EventJson } from './event.ts';
import { familyOf } from './event.ts';
import { summaryOfReport } from './lease-summary.ts';

/** Data as it comes over the wire: nothing about its shape is certain. */
type Fields = Readonly<Record<string, unknown>>;

/** What an event says, without its name, in the words of ip(8) where it is about a kernel object. May be empty. */
export function summaryOf(event: EventJson): string {
  const data = fieldsOf(event.data) ?? {};
  // Names come from anyone: `constructor` is one, so own keys only.
  if (Object.hasOwn(byName, event.name)) return byName[event.name]?.(data) ?? '';
  const family = familyOf(event.name);
  if (family === 'dhcp') return summaryOfReport(data);
  const describe = Object.hasOwn(objects, family) ? objects[family] : undefined;
  const older = fieldsOf(data.old);
  const newer = fieldsOf(data.new);
  if (describe === undefined || (older === undefined && newer === undefined)) return pairs(data);
  if (older && newer) {
    const named = family === 'link' ? '' : identity(event.name, newer, event.interface);
    return join(named, differences(older, newer) || 'unchanged');
  }
  return describe((newer ?? older) as Fields, event.interface);
}

const byName: Record<string, ((data: Fields) => string) | undefined> = {
  'link.up': () => 'down → up',
  'link.down': () => 'up → down',
  'link.carrier': () => 'no-carrier → carrier',
  'link.no-carrier': () => 'carrier → no-carrier',
  'link.renamed': data => `${text(fieldsOf(data.old)?.ifname)} → ${text(fieldsOf(data.new)?.ifname)}`,
  'address.ready': data => address(fieldsOf(data.new) ?? {}),
  'address.duplicate': data => address(fieldsOf(data.new) ?? {}),
  'route.default': data =>
    join(
      `${text(data.family)} ${text(data.table)}:`,
      `${data.old === undefined ? 'none' : hop(fieldsOf(data.old) ?? {})} →`,
      data.new === undefined ? 'none' : hop(fieldsOf(data.new) ?? {}),
    ),
  'ra.option': data =>
    join(text(data.kind), list(data.servers), list(data.domains), labelled('lifetime', data.lifetime, 's')),
  'daemon.ready': data => `netconfd ${text(data.version)}, pid ${text(data.pid)}`,
  'daemon.reloaded': data => (data.file === null ? 'defaults' : text(data.file)),
  'daemon.stopping': data => text(data.reason),
  'plugin.loaded': data =>
    join(text(data.plugin), text(data.version), text(data.file), `${text(data.ms)} ms`),
  'plugin.failed': data =>
    join(
      `${text(data.plugin)} ${text(data.where)}:`,
      text(data.message),
      data.place === undefined ? '' : `(${text(data.place)})`,
      data.disabled === true ? '(disabled)' : '',
    ),
  'plugin.unloaded': data => text(data.plugin),
  'hook.failed': hook,
  'hook.timed-out': hook,
  'netlink.overrun': data => text(data.reason),
  'netlink.resynced': data =>
    `${text(data.added)} added, ${text(data.changed)} changed, ${text(data.removed)} removed, ${text(data.ms)} ms`,
};

function hook(data: Fields): string {
  return join(text(data.script), text(data.event), text(data.message) && `: ${text(data.message)}`);
}

/** How a whole object of each kernel family reads. */
const objects: Record<string, ((object: Fields, on?: string) => string) | undefined> = {
  link: object =>
    join(
      text(fieldsOf(object.linkinfo)?.info_kind ?? object.link_type),
      labelled('state', object.operstate),
      labelled('mtu', object.mtu),
      text(object.address),
      labelled('master', object.master),
      labelled('link', object.link),
    ),
  address,
  route,
  neighbour: object => join(text(object.dst), text(object.lladdr), list(object.state)),
  rule: object =>
    join(
      `${text(object.priority)}:`,
      object.not === true ? 'not' : '',
      'from',
      prefix(object.src, object.srclen),
      object.dst === undefined ? '' : `to ${prefix(object.dst, object.dstlen)}`,
      labelled('fwmark', object.fwmark),
      labelled('iif', object.iif),
      labelled('oif', object.oif),
      labelled('lookup', object.table),
      text(object.action),
    ),
};

function address(object: Fields): string {
  const flags = ['tentative', 'dadfailed', 'deprecated', 'dynamic', 'temporary'];
  return join(
    prefix(object.local, object.prefixlen),
    labelled('peer', object.address),
    object.scope === 'global' ? '' : labelled('scope', object.scope),
    ...flags.filter(flag => object[flag] === true),
  );
}

function route(object: Fields, on?: string): string {
  return join(
    object.type === undefined || object.type === 'unicast' ? '' : text(object.type),
    text(object.dst),
    hop(object, on),
    labelled('src', object.prefsrc),
    object.table === 'main' ? '' : labelled('table', object.table),
    labelled('proto', object.protocol),
  );
}

function hop(object: Fields, on?: string): string {
  const nexthops = Array.isArray(object.nexthops) ? object.nexthops : [];
  return join(
    labelled('via', object.gateway ?? fieldsOf(object.via)?.host),
    object.dev === on ? '' : labelled('dev', object.dev),
    labelled('metric', object.metric),
    ...nexthops.map(next => `nexthop ${hop(fieldsOf(next) ?? {})}`),
  );
}

/** What names the object that changed: an event about a change says what changed in it. */
function identity(name: string, object: Fields, on?: string): string {
  if (name.startsWith('address.')) return prefix(object.local, object.prefixlen);
  if (name.startsWith('neighbour.')) return text(object.dst);
  return join(text(object.dst), hop(object, on));
}

/** `mtu 1500 → 1400, +UP, -RUNNING`: every field that is not the same. */
function differences(older: Fields, newer: Fields): string {
  const changes: string[] = [];
  for (const key of new Set([...Object.keys(older), ...Object.keys(newer)])) {
    const [before, after] = [older[key], newer[key]];
    if (JSON.stringify(before) === JSON.stringify(after)) continue;
    if (Array.isArray(before) && Array.isArray(after)) {
      const gone = before.filter(one => !after.includes(one)).map(one => `-${text(one)}`);
      const come = after.filter(one => !before.includes(one)).map(one => `+${text(one)}`);
      changes.push([key, ...come, ...gone].join(' '));
    } else {
      changes.push(`${key} ${text(before) || 'none'} → ${text(after) || 'none'}`);
    }
  }
  return changes.join(', ');
}

/** Events of plugins and third parties: `SSID=home retries=3`, in a form that a shell would read. */
function pairs(data: Fields): string {
  return Object.entries(data)
    .map(([key, value]) => {
      const shown = text(isWords(value) ? value.join(' ') : value);
      return `${key}=${/^[^\s"'\\$`]+$/.test(shown) ? shown : JSON.stringify(shown)}`;
    })
    .join(' ');
}

/** A list of scalars: shown as scripts see it. */
function isWords(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.every(one => typeof one !== 'object' || one === null);
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
}

const longestValue = 200;

function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  const whole = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return whole.length > longestValue ? `${whole.slice(0, longestValue)}…` : whole;
}

function labelled(label: string, value: unknown, unit = ''): string {
  return value === undefined || value === null ? '' : `${label} ${text(value)}${unit}`;
}

function list(value: unknown): string {
  return Array.isArray(value) ? value.map(text).join(' ') : '';
}

function prefix(value: unknown, length: unknown): string {
  return length === undefined ? text(value) : `${text(value)}/${text(length)}`;
}

function join(...parts: string[]): string {
  return parts.filter(part => part !== '').join(' ');
}
