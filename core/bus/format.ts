import { type Colour, painter, visible } from '../base/terminal.ts';
import type { EventJson } from './event.ts';
import { summaryOf } from './summary.ts';

/** Most characters of a summary: a line stays a line that can be read. */
const longestSummary = 1000;

/**
 * An event as one line for people: time of day, name, interface (`-` without one), what changed.
 *
 *     12:00:01.123 link.carrier eth0 no-carrier → carrier
 *
 * Whatever the event carries, the line moves no cursor and stays one line.
 */
export function formatEvent(event: EventJson, options: { colour?: boolean; date?: boolean } = {}): string {
  const paint = painter(options.colour === true);
  const parts = [
    paint('dim', clock(event.time, options.date === true)),
    paint(colourOf(String(event.name)), visible(String(event.name))),
    paint('bold', visible(String(event.interface ?? '-'))),
  ];
  const summary = summarise(event);
  if (summary !== '') {
    parts.push(summary.length > longestSummary ? `${summary.slice(0, longestSummary)}…` : summary);
  }
  if (event.replayed) parts.push(paint('dim', '(replayed)'));
  return parts.join(' ');
}

/** In the daemon, data are a plugin's own objects: a getter that throws or a cycle must not end the printing. */
function summarise(event: EventJson): string {
  try {
    return visible(summaryOf(event));
  } catch {
    return '(its data cannot be shown)';
  }
}

/** Local time of day with milliseconds, and the date before it where asked for. */
function clock(time: number, date: boolean): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return '--:--:--.---';
  const two = (value: number) => String(value).padStart(2, '0');
  const day = date ? `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ` : '';
  const milliseconds = String(at.getMilliseconds()).padStart(3, '0');
  return `${day}${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${milliseconds}`;
}

/** Red for what failed or went away, green for what came, else cyan: by the name's last word. */
function colourOf(name: string): Colour {
  const word = name.slice(name.indexOf('.') + 1);
  if (/^(failed|timed-out|duplicate|overrun|expired)$/.test(word)) return 'red';
  if (/^(removed|down|no-carrier|unloaded|stopping|deconfigured)$/.test(word)) return 'yellow';
  if (/^(added|up|carrier|ready|loaded|bound|configured)$/.test(word)) return 'green';
  return 'cyan';
}
