import type { Event } from 'netconf/plugin';

/** Characters that the name of a unit may have, NUL excluded: UNIT_NAME_MAX of systemd. */
const longestUnit = 255;

/**
 * The target that stands for an event: `netconf-link.up@eth0.target`, and `netconf-tea.target` for one that is about no
 * interface. Undefined where the name would be too long.
 */
export function targetOf(event: string, on: string | undefined): string | undefined {
  const unit = on === undefined ? `netconf-${event}.target` : `netconf-${event}@${escapeUnit(on)}.target`;
  return unit.length > longestUnit ? undefined : unit;
}

/** As systemd-escape(1): letters, digits, `:`, `_` and `.` stand for themselves, but for a dot at the beginning. */
function escapeUnit(text: string): string {
  return [...Buffer.from(text)]
    .map((byte, at) => {
      const character = String.fromCharCode(byte);
      if (character === '/') return '-';
      if (/[A-Za-z0-9:_]/.test(character) || (character === '.' && at > 0)) return character;
      return `\\x${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

/** Words at the end of an event's name that end each other. */
const pairs: Readonly<Record<string, string>> = {
  added: 'removed',
  carrier: 'no-carrier',
  configured: 'deconfigured',
  connected: 'disconnected',
  up: 'down',
};
const opposites = new Map(
  Object.entries(pairs).flatMap(([one, other]) => [[one, other] as const, [other, one] as const]),
);

/**
 * The events that an event ends: a target is a state, and `link.down` is the end of `link.up`. An event that nothing ends
 * ends itself before it happens again, or else it would happen once only.
 */
export function endedBy({ name }: Pick<Event, 'name'>): string[] {
  if (name === 'interface.failed') return ['interface.configured', 'interface.deconfigured'];
  const [, before = '', last = ''] = /^(.*?[.-]|)(no-carrier|[a-z0-9]+)$/.exec(name) ?? [];
  const opposite = opposites.get(last);
  const found = opposite === undefined ? [name] : [before + opposite];
  return name.startsWith('interface.') && opposite !== undefined ? [...found, 'interface.failed'] : found;
}

/** A file for `EnvironmentFile=` (systemd.exec(5)). Values that no such file can hold are left out. */
export function environmentFile(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .filter(([, value]) => !/[\x00-\x08\x0b-\x1f\x7f]/.test(value))
    .map(([name, value]) => `${name}="${value.replaceAll(/["\\$`]/g, '\\$&')}"\n`)
    .join('');
}
