/**
 * What OpenVPN says on its management interface, as far as it matters here: management-notes.txt of its source. Lines
 * that are none of these are undefined: other notices, and what carries secrets (`>PASSWORD:Auth-Token:`).
 */
export type Message =
  | { kind: 'greeting' }
  | { kind: 'hold' }
  | { kind: 'pid'; pid: number }
  | State
  /** It wants a secret that nobody here has. */
  | { kind: 'asks'; what: string }
  /** The server, or the key, did not take a secret. */
  | { kind: 'refused'; what: string }
  | { kind: 'fatal'; text: string }
  /** A line of its log; `flags` are letters, F of a fatal error, N of another one. `told`: of before, told when asked. */
  | { kind: 'log'; flags: string; text: string; told: boolean }
  | { kind: 'reply' };

export interface State {
  kind: 'state';
  /** `CONNECTING`, `WAIT`, `AUTH`, `CONNECTED`, `RECONNECTING`, `EXITING`… */
  name: string;
  /** Why, for RECONNECTING and EXITING: `ping-restart`, `tls-error`, `auth-failure`, `SIGTERM`. */
  detail: string;
  /** Address within the tunnel. */
  local: string;
  /** The peer's address and port, as far as known. */
  remote: string;
  port: string;
  /** A reply to `state`: what is so already. */
  told: boolean;
}

export function messageIn(line: string): Message | undefined {
  const notice = /^>([A-Z-]+):(.*)$/.exec(line);
  if (notice === null) return replyIn(line);
  const [, kind = '', text = ''] = notice;
  return notices[kind]?.(text);
}

const notices: Readonly<Record<string, (text: string) => Message | undefined>> = {
  INFO: () => ({ kind: 'greeting' }),
  HOLD: () => ({ kind: 'hold' }),
  FATAL: text => ({ kind: 'fatal', text: text.slice(0, 300) }),
  STATE: text => stateIn(text, false),
  PASSWORD: passwordIn,
  'NEED-OK': text => ({ kind: 'asks', what: text.slice(0, 100) }),
  'NEED-STR': text => ({ kind: 'asks', what: text.slice(0, 100) }),
  LOG: text => logIn(text, false),
};

function replyIn(line: string): Message | undefined {
  const pid = /^SUCCESS: pid=(\d{1,9})$/.exec(line)?.[1];
  if (pid !== undefined) return { kind: 'pid', pid: Number(pid) };
  if (/^(SUCCESS|ERROR): |^END$/.test(line)) return { kind: 'reply' };
  return stateIn(line, true) ?? logIn(line, true);
}

/** TIME,FLAGS,TEXT */
function logIn(line: string, told: boolean): Message | undefined {
  const [, flags, text] = /^\d+,([A-Z]*),(.*)$/.exec(line) ?? [];
  return flags === undefined || text === undefined ? undefined : { kind: 'log', flags, text, told };
}

const states = new Set(
  'CONNECTING RESOLVE TCP_CONNECT WAIT AUTH AUTH_PENDING GET_CONFIG ASSIGN_IP ADD_ROUTES CONNECTED RECONNECTING EXITING'.split(
    ' ',
  ),
);

/** TIME,NAME,DETAIL,LOCAL,REMOTE,PORT,… */
function stateIn(text: string, told: boolean): State | undefined {
  const [time = '', name = '', detail = '', local = '', remote = '', port = ''] = text.split(',');
  if (!/^\d+$/.test(time) || !states.has(name)) return undefined;
  return { kind: 'state', name, detail: detail.slice(0, 100), local, remote, port, told };
}

function passwordIn(text: string): Message | undefined {
  const need = /^Need '([^']{1,60})'/.exec(text)?.[1];
  if (need !== undefined) return { kind: 'asks', what: need };
  const failed = /^Verification Failed: '([^']{1,60})'/.exec(text)?.[1];
  return failed === undefined ? { kind: 'reply' } : { kind: 'refused', what: failed };
}
