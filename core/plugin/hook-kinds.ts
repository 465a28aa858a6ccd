import {
  AsyncParallelHook,
  AsyncSeriesBailHook,
  AsyncSeriesHook,
  AsyncSeriesWaterfallHook,
  SyncBailHook,
  SyncWaterfallHook,
} from 'tapable';
import type { HookPoints } from './hooks.ts';

/** What a failing tap does: end the hook point, be passed over, or be gathered while the rest goes on. */
type OnFailure = 'ends' | 'passed over' | 'gathered';

export interface Kind {
  create: () => Tapable;
  /** Asynchronous kinds wait for promises. */
  waits: boolean;
  /** How many values a tap gets. */
  values: number;
  /** What a tap may answer beside undefined. */
  answer: Answer;
  onFailure: OnFailure;
}

/** A test of what taps answer, and its words. */
interface Answer {
  fits: (answer: unknown) => boolean;
  expected: string;
}

const isObject = (answer: unknown): answer is Record<string, unknown> =>
  typeof answer === 'object' && answer !== null && !Array.isArray(answer);

const nothing: Answer = { fits: () => true, expected: '' };
const verdict: Answer = {
  fits: answer =>
    isObject(answer) &&
    (answer.allow === true || (answer.allow === false && typeof answer.reason === 'string')),
  expected: '{ allow: true } or { allow: false, reason }',
};
const stepResult: Answer = {
  fits: answer =>
    isObject(answer) && typeof answer.outcome === 'string' && /^[A-Z][A-Z0-9_]*$/.test(answer.outcome),
  expected: '{ outcome: WORD }',
};
const texts: Answer = {
  fits: answer => Array.isArray(answer) && answer.every(text => typeof text === 'string'),
  expected: 'a list of strings',
};
const plan: Answer = {
  fits: answer =>
    isObject(answer) &&
    typeof answer.file === 'string' &&
    typeof answer.start === 'string' &&
    isObject(answer.steps) &&
    texts.fits(answer.prerequisites),
  expected: '{ file, prerequisites, start, steps }',
};
const object: Answer = { fits: isObject, expected: 'an object' };
/** A list of objects whose `words` are strings and whose `lists` are lists. */
const listOf = (words: readonly string[], ...lists: readonly string[]): Answer => ({
  fits: answer =>
    Array.isArray(answer) &&
    answer.every(
      one =>
        isObject(one) &&
        words.every(word => typeof one[word] === 'string') &&
        lists.every(list => Array.isArray(one[list])),
    ),
  expected: `a list of { ${[...words, ...lists].join(', ')} }`,
});
const stanzas = listOf(['family', 'method', 'step'], 'options');
const declarations = listOf(['interface', 'logical'], 'classes');
const replaced = listOf(['script', 'plugin']);
const known: Answer = {
  fits: answer =>
    Array.isArray(answer) && answer.every(one => isObject(one) && typeof one.logical === 'string'),
  expected: 'a list of { logical, classes, stanza }',
};
const firewallParts = listOf(['plugin'], 'networks', 'rules');
const variables: Answer = {
  fits: answer => isObject(answer) && Object.values(answer).every(value => typeof value === 'string'),
  expected: 'an object of strings',
};
const hold: Answer = {
  fits: answer => isObject(answer) && typeof answer.reason === 'string' && Number.isFinite(answer.ms),
  expected: '{ reason, ms }',
};

/** A kind by tapable's class. Asynchronous hooks get one argument more, where gathered errors go: no tap sees it. */
function kind(Hook: unknown, parameters: string[], onFailure: OnFailure, answer = nothing): Kind {
  const waits = parameters.includes('errors');
  const values = waits ? parameters.length - 1 : parameters.length;
  const create = () => new (Hook as new (parameters: string[]) => Tapable)(parameters);
  return { create, waits, values, onFailure, answer };
}

/** The table of hook points: the kind is order and stop rule. The comments of `HookPoints` say what each is for. */
export const kinds: { readonly [N in keyof HookPoints]: Kind } = {
  authorise: kind(AsyncSeriesBailHook, ['request', 'errors'], 'passed over', verdict),
  plan: kind(AsyncSeriesBailHook, ['request', 'errors'], 'ends', plan),
  source: kind(AsyncSeriesBailHook, ['operation', 'errors'], 'ends', stanzas),
  declared: kind(AsyncSeriesWaterfallHook, ['interfaces', 'asked', 'errors'], 'passed over', declarations),
  renamed: kind(AsyncSeriesWaterfallHook, ['names', 'asked', 'errors'], 'ends', texts),
  step: kind(AsyncSeriesBailHook, ['operation', 'errors'], 'ends', stepResult),
  answer: kind(AsyncSeriesBailHook, ['question', 'errors'], 'ends', object),
  prerequisites: kind(AsyncSeriesWaterfallHook, ['interfaces', 'operation', 'errors'], 'ends', texts),
  create: kind(AsyncSeriesHook, ['operation', 'errors'], 'ends'),
  preUp: kind(AsyncSeriesHook, ['operation', 'errors'], 'ends'),
  postUp: kind(AsyncSeriesHook, ['operation', 'errors'], 'ends'),
  preDown: kind(AsyncSeriesHook, ['operation', 'errors'], 'gathered'),
  postDown: kind(AsyncSeriesHook, ['operation', 'errors'], 'gathered'),
  destroy: kind(AsyncSeriesHook, ['operation', 'errors'], 'gathered'),
  environment: kind(SyncWaterfallHook, ['variables', 'event'], 'passed over', variables),
  reaction: kind(SyncBailHook, ['event'], 'passed over', hold),
  explain: kind(SyncWaterfallHook, ['sentences', 'event'], 'passed over', texts),
  replaced: kind(SyncWaterfallHook, ['scripts', 'operation'], 'passed over', replaced),
  stanzas: kind(SyncWaterfallHook, ['known', 'operation'], 'passed over', known),
  firewall: kind(SyncWaterfallHook, ['parts'], 'passed over', firewallParts),
  ready: kind(AsyncParallelHook, ['errors'], 'passed over'),
  stop: kind(AsyncParallelHook, ['errors'], 'passed over'),
};

/** What is used of tapable's hooks, whatever their kind. */
export interface Tapable {
  readonly taps: readonly { name: string; label: string; stage: number }[];
  tap(options: object, tap: (...values: never[]) => unknown): void;
  tapAsync(options: object, tap: (...values: never[]) => void): void;
  /** Synchronous kinds only. */
  call?(...values: unknown[]): unknown;
  promise(...values: unknown[]): Promise<unknown>;
}
