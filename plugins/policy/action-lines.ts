import type { Line, Word } from '../../core/base/text/lines.ts';
import { didYouMean } from '../../core/base/text/near.ts';
import { errorAt, type Position, type Report } from '../../core/base/text/problem.ts';
import { type Action, deeds, type EventSection } from './policy.ts';
import { emittedFault } from './words.ts';

/** Reads the `do` lines of an event's section. */
export function actionLines(at: Position, report: Report) {
  const actions: Action[] = [];
  const seen = new Map<string, Action>();
  const section: EventSection = { ...at, actions };

  const read = ({ words: [keyword, deed, name, extra] }: Line) => {
    if (keyword.text !== 'do') {
      const hint =
        didYouMean(keyword.text, ['do']) ??
        `write: do ${deeds.includes(keyword.text as Action['deed']) ? keyword.text : 'ifup'}`;
      report(
        errorAt(keyword, `unknown keyword in the section of an event: ${keyword.text.slice(0, 60)}`, hint),
      );
    } else if (deed === undefined) {
      report(errorAt(keyword, 'do what?', `one of ${deeds.join(', ')} NAME`));
    } else if (!isDeed(deed)) {
      const hint = didYouMean(deed.text, deeds) ?? `one of ${deeds.join(', ')} NAME`;
      report(errorAt(deed, `${deed.text.slice(0, 60)} is nothing that can be done`, hint));
    } else if (deed.text !== 'emit') {
      if (name === undefined) add({ ...positionOf(keyword), deed: deed.text });
      else report(errorAt(name, `do ${deed.text} is about the interface of the event: no name follows`));
    } else if (name === undefined) {
      report(errorAt(deed, 'do emit: which event?', 'do emit home-lan-connected'));
    } else {
      const fault = emittedFault(name.text);
      if (extra !== undefined) report(errorAt(extra, 'do emit names one event'));
      else if (fault !== undefined) report(errorAt(name, fault.message, fault.hint));
      else add({ ...positionOf(keyword), deed: 'emit', event: name.text });
    }
  };

  const add = (action: Action) => {
    const key = `${action.deed} ${action.event ?? ''}`;
    const twice = seen.get(key);
    seen.set(key, twice ?? action);
    if (twice === undefined) actions.push(action);
    else report(errorAt(action, `the same stands already on line ${twice.line}`));
  };

  return { section, read };
}

function isDeed(word: Word): word is Word & { text: Action['deed'] } {
  return (deeds as readonly string[]).includes(word.text);
}

function positionOf({ line, column }: Position): Position {
  return { line, column };
}
