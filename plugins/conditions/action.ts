import { checkThirdPartyName, interfaceName } from 'netconf/plugin';
import { messageOf } from '../../core/base/errors.ts';
import { didYouMean } from '../../core/base/text/near.ts';
import { errorAt, type Report } from '../../core/base/text/problem.ts';
import { type Action, deeds, type Word } from './model.ts';

/** What follows `do` or `end`. */
export function readAction(keyword: Word, words: readonly Word[], report: Report): Action | undefined {
  const [deed, what, ...more] = words;
  const place = { line: keyword.line, column: keyword.column };
  if (deed === undefined) {
    report(errorAt(keyword, `${keyword.text} what?`, `one of ${deeds.join(', ')}`));
    return undefined;
  }
  if (!isDeed(deed.text)) {
    const hint = didYouMean(deed.text, deeds) ?? `one of ${deeds.join(', ')}`;
    report(errorAt(deed, `${deed.text.slice(0, 60)} is nothing that can be done`, hint));
    return undefined;
  }
  const fault = what === undefined ? missing[deed.text] : faultOf(deed.text, what.text);
  if (fault !== undefined) {
    report(errorAt(what ?? deed, fault));
    return undefined;
  }
  const data: Record<string, string> = {};
  for (const word of more) {
    const [, key, value] = /^(?!__proto__=)([A-Za-z_][A-Za-z0-9_]{0,63})=(.*)$/s.exec(word.text) ?? [];
    if (deed.text !== 'emit' || key === undefined) {
      const hint = deed.text === 'emit' ? 'KEY=VALUE' : undefined;
      report(errorAt(word, `${word.text.slice(0, 60)} is too much`, hint));
      return undefined;
    }
    if (key === 'IFACE' && !interfaceName.test(value!)) {
      report(errorAt(word, `${value!.slice(0, 60)} is not an interface name`));
      return undefined;
    }
    data[key] = value!;
  }
  return {
    ...place,
    deed: deed.text,
    ...(what !== undefined && { what: what.text }),
    ...(more.length > 0 && { data }),
  };
}

/** What must not be left out. */
const missing: Readonly<Record<Action['deed'], string | undefined>> = {
  ifup: undefined,
  ifdown: undefined,
  run: 'run: which program? An absolute path',
  emit: 'emit: which event?',
};

function faultOf(deed: Action['deed'], what: string): string | undefined {
  if (deed === 'run')
    return what.startsWith('/') ? undefined : `${what.slice(0, 60)} is not an absolute path`;
  if (deed !== 'emit')
    return interfaceName.test(what) ? undefined : `${what.slice(0, 60)} is not an interface name`;
  try {
    checkThirdPartyName(what, new Set());
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function isDeed(word: string): word is Action['deed'] {
  return (deeds as readonly string[]).includes(word);
}
