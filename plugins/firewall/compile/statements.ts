import { parsePrefix } from '../rules/prefix.ts';
import { hasEffects, placeOf, type Rule } from '../rules/resolved.ts';
import { type Alternative, familyOf } from './literal.ts';
import { printable } from './names.ts';
import type { Statement } from './nft.ts';

/** What a rule does to every packet that matches, in the words of nft. */
export function effectsOf(rule: Rule, alternative: Alternative): Statement[] {
  if (!hasEffects(rule)) return [];
  const { log, monitor, setMark, setTos } = rule.said;
  const statements: Statement[] = [];
  if (log !== undefined)
    statements.push({ log: { prefix: log === true ? usualPrefix(rule) : printable(log, 127) } });
  if (monitor !== undefined) statements.push({ log: { group: monitor } });
  if (setMark !== undefined) statements.push({ mangle: { key: { meta: { key: 'mark' } }, value: setMark } });
  const family = familyOf(alternative);
  if (setTos !== undefined && family !== undefined) {
    const set = (field: string, value: number): Statement => ({
      mangle: { key: { payload: { protocol: family === 4 ? 'ip' : 'ip6', field } }, value },
    });
    statements.push(set('dscp', setTos >> 2), ...((setTos & 3) === 0 ? [] : [set('ecn', setTos & 3)]));
  }
  return statements;
}

/** `netconf network.conf:12:1 deny: ` */
function usualPrefix(rule: Rule): string {
  const place = placeOf(rule).replace(/^.*\//, '');
  return `${printable(`netconf ${place} ${rule.action.kind}`, 100)}: `;
}

/** To another destination. */
export function translationOf({ action }: Rule): Statement {
  if (action.kind === 'transproxy') return { redirect: { port: action.port } };
  if (action.kind !== 'redirect') throw new TypeError(`${action.kind} translates nothing`);
  const { address, port } = action;
  const family = parsePrefix(address)?.family === 6 ? 'ip6' : 'ip';
  return { dnat: { family, addr: address, ...(port !== undefined && { port }) } };
}
