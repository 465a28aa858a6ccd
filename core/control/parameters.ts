import * as v from 'valibot';
import { interfaceName as interfaceNameGrammar } from '../bus/catalogue.ts';
import { mostData } from '../bus/event.ts';
import { invalidParameter } from './varlink/error.ts';
import { isObject } from './varlink/message.ts';

/** What each method takes, in the shapes of `api.ts` and with bounds. An unknown parameter is a mistake that is named. */
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(255));
/**
 * Of an interface, which need not exist. Scripts make paths of it, so it is what the kernel takes as one (dev_valid_name
 * in net/core/dev.c), as long as an alternative name may be (ALTIFNAMSIZ), with the colon of Debian's `eth0:1`.
 */
const interfaceName = v.pipe(v.string(), v.regex(interfaceNameGrammar, 'Expected the name of an interface'));
const names = v.pipe(v.array(name), v.maxLength(256));
const data = v.pipe(
  v.custom<Record<string, unknown>>(isObject, 'Expected an object'),
  v.check(
    given => JSON.stringify(given).length <= mostData,
    `Expected at most ${mostData} characters of JSON`,
  ),
);
const part = v.picklist(['links', 'addresses', 'routes', 'rules', 'neighbours', 'interfaces', 'daemon']);
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const printable = v.regex(/^[^\x00-\x1f\x7f]*$/, 'Expected no control characters');
const word = v.pipe(v.string(), v.minLength(1), v.maxLength(255), printable);
const operation = v.pipe(
  v.strictObject({
    interface: v.exactOptional(interfaceName),
    logical: v.exactOptional(word),
    all: v.exactOptional(word),
    exclude: v.exactOptional(names),
    class: v.exactOptional(v.pipe(v.string(), v.maxLength(255), printable)),
    force: v.exactOptional(v.boolean()),
    ignoreErrors: v.exactOptional(v.boolean()),
    noScripts: v.exactOptional(word),
    noMappings: v.exactOptional(v.boolean()),
    verbose: v.exactOptional(v.boolean()),
    file: v.exactOptional(v.pipe(v.string(), v.regex(/^\/[^\0]{0,4095}$/, 'Expected an absolute path'))),
    set: v.exactOptional(
      v.pipe(
        v.array(v.strictObject({ name: word, value: v.pipe(v.string(), v.maxLength(65_536)) })),
        v.maxLength(256),
      ),
    ),
  }),
  v.check(
    given => (given.interface === undefined) !== (given.all === undefined),
    'Expected either interface or all',
  ),
);
const id = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(2 ** 32 - 1));

export const parameters = {
  Status: v.strictObject({ parts: v.exactOptional(v.pipe(v.array(part), v.maxLength(16))) }),
  Up: operation,
  Down: operation,
  Emit: v.strictObject({
    event: v.string(),
    interface: v.exactOptional(interfaceName),
    data: v.exactOptional(data),
    wait: v.exactOptional(v.boolean()),
  }),
  Monitor: v.strictObject({
    names: v.exactOptional(names),
    interfaces: v.exactOptional(names),
    replay: v.exactOptional(v.boolean()),
  }),
  History: v.strictObject({
    names: v.exactOptional(names),
    interfaces: v.exactOptional(names),
    failed: v.exactOptional(v.boolean()),
    id: v.exactOptional(count),
    limit: v.exactOptional(count),
    storm: v.exactOptional(v.boolean()),
  }),
  Explain: v.pipe(
    v.strictObject({
      event: v.exactOptional(v.string()),
      interface: v.exactOptional(interfaceName),
      data: v.exactOptional(data),
      operation: v.exactOptional(v.picklist(['ifup', 'ifdown'])),
      as: v.exactOptional(
        v.strictObject({ uid: id, gid: id, groups: v.pipe(v.array(id), v.maxLength(65_536)) }),
      ),
    }),
    v.check(
      given =>
        (given.event === undefined) !== (given.operation === undefined || given.interface === undefined),
      'Expected either event, or operation and interface',
    ),
  ),
  Plugins: v.strictObject({}),
  LoadPlugin: v.strictObject({ name }),
  UnloadPlugin: v.strictObject({ name }),
  Reload: v.strictObject({}),
  Ask: v.strictObject({ question: name, parameters: v.exactOptional(data) }),
} as const;

/** Checks a call's parameters. Null is absent, as Varlink has it. Throws `InvalidParameter` with the parameter's name. */
export function checkParameters<Method extends keyof typeof parameters>(
  method: Method,
  given: Record<string, unknown>,
): v.InferOutput<(typeof parameters)[Method]> {
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  const result = v.safeParse(parameters[method], present, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw invalidParameter(
    String(issue.path?.[0]?.key ?? 'parameters').slice(0, 255),
    issue.message.slice(0, 500),
  );
}
