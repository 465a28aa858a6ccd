import { checkThirdPartyName, interfaceName } from 'netconf/plugin';

/** The shapes of single words: each answers with the sentence that says what is wrong, and what may have been meant. */
export type Fault = { message: string; hint?: string } | undefined;

const step = /^[A-Z][A-Za-z0-9-]{0,63}$/;
const outcome = /^[A-Z][A-Z0-9_]{0,63}$/;
const parameter = /^[a-z0-9][A-Za-z0-9_.:-]{0,127}$/;
/** A user or group as useradd(8) lets it be called, or as directories of users do (`alice@example.org`). */
const principal = /^@?[A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,255}\$?$/;
/** User and group ids are 32 bits; the last one means none (chown(2)). */
const greatestId = 4_294_967_294;

export function isOutcomes(word: string): boolean {
  return word.split(',').every(one => outcome.test(one));
}

export function stepFault(word: string): Fault {
  if (step.test(word)) return undefined;
  const hint = /^[a-z]/.test(word) ? 'steps begin with a capital letter' : undefined;
  return { message: `${quoted(word)} is not the name of a step`, ...(hint !== undefined && { hint }) };
}

export function parameterFault(word: string): Fault {
  if (parameter.test(word)) return undefined;
  if (/^[A-Z0-9_,]+$/.test(word)) {
    const message = `${quoted(word)} is neither a parameter nor a list of outcomes`;
    return { message, hint: 'outcomes are written FAIL,TIMEOUT with no blank and nothing empty between' };
  }
  return {
    message: `${quoted(word)} is not the name of a parameter`,
    hint: 'parameters begin with a lower-case letter or a digit',
  };
}

export function interfaceFault(word: string): Fault {
  return interfaceName.test(word) ? undefined : { message: `${quoted(word)} is not an interface name` };
}

export function principalFault(word: string): Fault {
  const id = word.replace(/^@/, '');
  if (/^\d+$/.test(id) && Number(id) > greatestId) return { message: `${quoted(word)}: no such number` };
  if (principal.test(word)) return undefined;
  if (word.includes(',')) return { message: `${quoted(word)}: put blanks between users, not commas` };
  const group = /^[%:+&]([A-Za-z_].*)$/.exec(word)?.[1];
  return {
    message: `${quoted(word)} is not a user or @group`,
    ...(group !== undefined && { hint: `a group is written @${group}` }),
  };
}

/** An event that a policy may emit: none of the families of netconf and its plugins. */
export function emittedFault(word: string): Fault {
  try {
    checkThirdPartyName(word, new Set());
    return undefined;
  } catch (error) {
    return { message: (error as Error).message };
  }
}

/** As little of it as an error needs, and nothing in it that moves a cursor. */
export function quoted(word: string): string {
  return JSON.stringify(word.length > 60 ? `${word.slice(0, 60)}…` : word);
}
