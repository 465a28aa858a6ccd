import { prefixText } from '../rules/prefix.ts';
import type { End, Rule } from '../rules/resolved.ts';

/** A rule in the words of the network file, in one line: `from "internal" to "internet" port 80 protocol tcp transproxy 8080`. */
export function ruleText(rule: Rule): string {
  const { from, to, action, said } = rule;
  const not = (match: { not?: boolean }) => (match.not ? 'not ' : '');
  const { protocol, firstPacket, fragment, mark, tos, log, monitor, setMark, setTos } = said;
  const words = [
    ...(from === undefined ? [] : [`${not(from)}from ${endText(from)}`]),
    ...(to === undefined ? [] : [`${not(to)}to ${endText(to)}`]),
    ...(protocol === undefined ? [] : [`${not(protocol)}protocol ${protocol.value}`]),
    ...(firstPacket === undefined ? [] : [`${not(firstPacket)}firstpacket`]),
    ...(fragment === undefined ? [] : [`${not(fragment)}fragment`]),
    ...(mark === undefined ? [] : [`${not(mark)}mark ${mark.value}`]),
    ...(tos === undefined ? [] : [`${not(tos)}tos ${tos.value}`]),
    actionText(action),
    ...(log === undefined ? [] : ['log']),
    ...(monitor === undefined ? [] : [`monitor ${monitor}`]),
    ...(setMark === undefined ? [] : [`set mark ${setMark}`]),
    ...(setTos === undefined ? [] : [`set tos ${setTos}`]),
  ];
  return words.filter(word => word !== '').join(' ');
}

/** `"internal"`, `10.0.0.24`, `everywhere`, each with its ports. */
export function endText({ network, addresses, ports }: End): string {
  const names = [
    ...(network === undefined ? [] : [JSON.stringify(network.name)]),
    ...(addresses ?? []).map(prefixText),
  ];
  const who = names.length === 0 ? 'everywhere' : names.join(' ');
  if (ports === undefined) return who;
  return `${who}/${ports.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(',')}`;
}

function actionText(action: Rule['action']): string {
  switch (action.kind) {
    case 'none':
      return '';
    case 'redirect': {
      const { address, port } = action;
      if (port === undefined) return `redirect ${address}`;
      return `redirect ${address.includes(':') ? `[${address}]` : address}:${port}`;
    }
    case 'transproxy':
      return `transproxy ${action.port}`;
    default:
      return 'direction' in action && action.direction !== undefined
        ? `${action.kind} ${action.direction}`
        : action.kind;
  }
}
