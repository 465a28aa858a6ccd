import { type Line, restOf, type Word } from '../../core/base/text/lines.ts';
import { didYouMean } from '../../core/base/text/near.ts';
import { errorAt, type Position, type Report } from '../../core/base/text/problem.ts';
import type { RequestName, RequestSection } from './policy.ts';
import { type Fault, interfaceFault, principalFault, stepFault } from './words.ts';

/** The keywords of `[IFUP]` and its like: of the others only `allow`. */
const keywords = ['allow', 'prereq', 'startat'];

/** Reads the lines of a section that says who may. */
export const requestLines = (name: RequestName) => (at: Position, report: Report) => {
  const allow: Word[] = [];
  const prerequisites: Word[] = [];
  const section: RequestSection = { ...at, allow, prerequisites };

  /** So that a long list takes no longer for it. */
  const seen = new Map<string, Word>();

  /** Adds words that are sound and not there yet. */
  const add = (list: Word[], words: readonly Word[], faultOf: (word: string) => Fault) => {
    for (const word of words) {
      const fault = faultOf(word.text);
      const key = list === allow ? word.text : `prereq ${word.text}`;
      const twice = seen.get(key);
      if (fault !== undefined) report(errorAt(word, fault.message, fault.hint));
      else if (twice !== undefined)
        report(errorAt(word, `${word.text} stands already on line ${twice.line}`));
      else list.push(word);
      seen.set(key, twice ?? word);
    }
  };

  const read = (line: Line) => {
    const [keyword, ...values] = line.words;
    const known = keywords.includes(keyword.text);
    if (!known || (name !== 'IFUP' && keyword.text !== 'allow')) {
      const hint = known ? 'it belongs into [IFUP]' : didYouMean(keyword.text, keywords);
      report(errorAt(keyword, `unknown keyword in [${name}]: ${keyword.text.slice(0, 60)}`, hint));
      return;
    }
    const value = restOf(line);
    if (value === undefined) {
      report(errorAt(keyword, `${keyword.text}: its value is missing`, examples[keyword.text]));
    } else if (keyword.text === 'allow') {
      add(allow, values, principalFault);
    } else if (keyword.text === 'prereq') {
      readPrerequisites(value, values.slice(1));
    } else {
      readStart(keyword, values);
    }
  };

  const readPrerequisites = (verb: Word, links: readonly Word[]) => {
    const [word] = verb.text.split(/[ \t]/, 1);
    if (word !== 'ifup') {
      report(errorAt(verb, `prereq: ${word!.slice(0, 60)} is no operation that can be one`, examples.prereq));
    } else if (links.length === 0) {
      report(errorAt(verb, 'prereq ifup: which interface?', examples.prereq));
    } else {
      add(prerequisites, links, interfaceFault);
    }
  };

  const readStart = (keyword: Word, [step, extra]: readonly Word[]) => {
    const fault = stepFault(step!.text);
    if (section.start !== undefined)
      report(errorAt(keyword, `startat stands already on line ${section.start.line}`));
    else if (extra !== undefined) report(errorAt(extra, 'startat names one step'));
    else if (fault !== undefined) report(errorAt(step!, fault.message, fault.hint));
    else section.start = step!;
  };

  return { section, read };
};

const examples: Record<string, string> = {
  allow: 'allow @netdev alice',
  prereq: 'prereq ifup eth0',
  startat: 'startat ENI',
};
