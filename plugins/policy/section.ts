import { isEventName } from 'netconf/plugin';
import type { Line } from '../../core/base/text/lines.ts';
import { didYouMean } from '../../core/base/text/near.ts';
import { errorAt, type Position, type Report } from '../../core/base/text/problem.ts';
import { actionLines } from './action-lines.ts';
import {
  type EventSection,
  type RequestName,
  type RequestSection,
  requestNames,
  type StepSection,
} from './policy.ts';
import { requestLines } from './request-lines.ts';
import { stepLines } from './step-lines.ts';
import { quoted, stepFault } from './words.ts';

/** A section whose lines are being read. */
export interface OpenSection {
  read(line: Line): void;
}

/** What has been read so far: sections are added to it. */
export interface Sections {
  requests: Map<RequestName, RequestSection>;
  steps: Map<string, StepSection>;
  events: Map<string, EventSection>;
}

/** Reads `[IFUP]`, `[cfg STEP]` or `[event.name]`; undefined, and told why, when it is none of them. */
export function openSection(line: Line, sections: Sections, report: Report): OpenSection | undefined {
  const fault = (message: string, hint?: string) => {
    report(errorAt(line, message, hint));
    return undefined;
  };
  if (!line.text.endsWith(']')) return fault('the section has no ] at its end');
  const inner = line.text.slice(1, -1).trim();
  const [name = '', step, ...more] = inner.split(/[ \t]+/);
  if (name === 'cfg') {
    if (step === undefined || more.length > 0)
      return fault('a section [cfg STEP] names one step', 'write [cfg DHCP]');
    const wrong = stepFault(step);
    if (wrong !== undefined) return fault(wrong.message, wrong.hint);
    return begin(line, `cfg ${step}`, sections.steps, step, stepLines, report);
  }
  if (isRequest(name) && step === undefined)
    return begin(line, name, sections.requests, name, requestLines(name), report);
  const looksLike = didYouMean(name, ['cfg', ...requestNames]);
  if (step === undefined && isEventName(name) && (looksLike === undefined || name.includes('.')))
    return begin(line, name, sections.events, name, actionLines, report);
  return fault(`there is no section [${quoted(inner).slice(1, -1)}]`, looksLike ?? hintOf(name, step));
}

/** Puts the section where it belongs. One that comes twice is read all the same, for its mistakes, and left out. */
function begin<Name extends string, Section>(
  at: Position,
  title: string,
  sections: Map<Name, Section>,
  name: Name,
  make: (at: Position, report: Report) => { section: Section; read(line: Line): void },
  report: Report,
): OpenSection {
  const { line, column } = at;
  const { section, read } = make({ line, column }, report);
  const earlier = sections.get(name) as Position | undefined;
  if (earlier === undefined) sections.set(name, section);
  else report(errorAt(at, `the section [${title}] stands already on line ${earlier.line}`));
  return { read };
}

function isRequest(name: string): name is RequestName {
  return (requestNames as readonly string[]).includes(name);
}

function hintOf(name: string, second: string | undefined): string {
  if (second !== undefined) return `only [cfg STEP] has a second word`;
  if (isEventName(name.toLowerCase())) return `events are written in lower case: [${name.toLowerCase()}]`;
  return `there are ${requestNames.map(one => `[${one}]`).join(', ')}, [cfg STEP] and events such as [link.carrier]`;
}
