import type { FirewallAction } from 'netconf/plugin';
import { addressText, parseAddress } from './addresses.ts';
import type { EndReader } from './ends.ts';
import type { Problems } from './problem.ts';
import { type Option, plainText } from './syntax.ts';

/** What decides about a packet: of each rule one at most. */
export const actions: ReadonlySet<string> = new Set([
  'forward',
  'masquerade',
  'deny',
  'reject',
  'accept',
  'redirect',
  'transproxy',
]);

/**
 * The action of an option. With `not` its opposite: `not accept incoming` denies, `not deny` accepts, `not masquerade`
 * lets through under the own address. Undefined, and told, where it is none.
 */
export function readAction(
  option: Option,
  protocol: string | undefined,
  ends: EndReader,
  problems: Problems,
): FirewallAction | undefined {
  const action = actionOf(option, protocol, ends, problems);
  if (option.not === undefined || action === undefined) return action;
  switch (action.kind) {
    case 'forward':
      return { kind: 'deny' };
    case 'masquerade':
      return { kind: 'forward' };
    case 'accept':
      return { ...action, kind: 'deny' };
    case 'deny':
    case 'reject':
      return { ...action, kind: 'accept' };
    default:
      problems.error(
        option.not,
        `not before ${option.keyword}: what would happen instead?`,
        'a rule before it with accept takes packets out',
      );
      return undefined;
  }
}

function actionOf(
  { keyword, values: [value] }: Option,
  protocol: string | undefined,
  ends: EndReader,
  problems: Problems,
): FirewallAction | undefined {
  switch (keyword) {
    case 'forward':
    case 'masquerade':
      return { kind: keyword };
    case 'deny':
    case 'reject':
    case 'accept':
      if (value === undefined) return { kind: keyword };
      return { kind: keyword, direction: value.text === 'incoming' ? 'incoming' : 'outgoing' };
    default:
      break;
  }
  // That it is missing has been told.
  if (value === undefined) return undefined;
  const words = plainText(value).split('/');
  const [host = '', word = host, ...more] = words;
  const port = keyword === 'transproxy' || words.length > 1 ? ends.port(word, protocol ?? 'tcp') : undefined;
  const isPort = port !== undefined && port[0] === port[1];
  if (keyword === 'transproxy') {
    if (isPort && words.length === 1) return { kind: 'transproxy', port: port[0] };
    problems.error(value, `transproxy ${words.join('/')}: expected a port`);
    return undefined;
  }
  const address = parseAddress(host);
  if (address !== undefined && more.length === 0 && (words.length === 1 || isPort))
    return { kind: 'redirect', address: addressText(address), ...(isPort && { port: port[0] }) };
  problems.error(value, `redirect ${words.join('/')}: expected the address of a host, perhaps with /PORT`);
  return undefined;
}
