/**
 * The catalogue of errors: every code that a user, a plugin or a client of the control socket can meet.
 * Codes are stable and never reused; on the control socket a code travels as `io.netconf.CODE`.
 * `docs/errors.md` lists the same set (a test compares them).
 */
export const errorCodes = {
  AlreadyRunning: 'another netconfd answers on the control socket',
  BadConfiguration: 'a configuration file, or a value in it, is not what its schema wants',
  BadEventName:
    'an event name must be lower-case words with dots between and dashes inside, 64 characters at most',
  BadPlugin: 'a plugin file does not export what the plugin contract asks for',
  BadReply: 'the peer on the control socket did not speak Varlink',
  BadSocket: 'the path of the control socket cannot be used',
  Denied: 'the caller may not do this',
  Disabled: 'the plugin was disabled after repeated failure',
  Internal: 'netconfd made a mistake: its log says more',
  Loop: 'the chain of causes of an event is too long',
  Netlink: 'the kernel refused a netlink request',
  NoSuchPlugin: 'no plugin of this name in the plugin directories',
  NotRunning: 'no netconfd answers on the control socket',
  Overloaded: 'a bound was reached (connections, queue)',
  Reentrant: 'the request comes from inside the script or operation that it would wait for',
  ReservedName: 'the event name belongs to a family that only the daemon or a plugin may emit',
  SystemCall: 'a system call failed',
  TimedOut: 'the deadline passed',
  Untrusted: 'a file that would run as root could be changed by somebody else',
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** A failure with a stable code. `message` says operation, subject and cause; `hint` what to do next. */
export class NetconfError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'NetconfError';
    this.code = code;
    this.hint = options.hint;
  }
}

/** The human sentence of whatever was thrown: never throws itself, never longer than 4 KiB. */
export function messageOf(error: unknown): string {
  try {
    const text = error instanceof Error ? error.message || error.name : String(error);
    return text.slice(0, 4096);
  } catch {
    return 'something that cannot be printed was thrown';
  }
}

/**
 * `FILE:LINE:COLUMN` of what was thrown: of an error that knows its place, that; of a foreign one, the first frame of
 * its stack that is a file. Undefined for netconf's own errors: their message says what is wrong where.
 */
export function placeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('place' in error && typeof error.place === 'string') return error.place;
  if (error instanceof NetconfError || typeof error.stack !== 'string') return undefined;
  const frame = /(?:file:\/\/|\()(\/[^()\n?]+?)(?:\?[^:\n)]*)?(:\d+:\d+)/.exec(error.stack);
  return frame?.slice(1, 3).join('');
}
