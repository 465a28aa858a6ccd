import type { FirewallRule } from 'netconf/plugin';
import { parsePrefix, widthOf } from './prefix.ts';
import { protocolNumbers, usualWithPorts, withPorts } from './protocol.ts';

/** What contradicts itself in a rule, one sentence each. */
export function checkRule(rule: FirewallRule): string[] {
  const { action, fragment, monitor, setMark, mark, setTos, tos } = rule;
  const ports = [...rule.from, ...rule.to].some(end => end.ports !== undefined);
  const numbers = rule.protocol?.not ? undefined : protocolNumbers(rule.protocol?.value ?? '');
  const without = numbers?.every(number => !withPorts.includes(number)) === true;
  const notProxied = numbers?.every(number => !usualWithPorts.includes(number)) === true;
  const problems: string[] = [];
  const tell = (wrong: boolean, message: string) => wrong && problems.push(message);
  tell(ports && without, `${rule.protocol?.value} has no ports`);
  if (fragment !== undefined && fragment.not !== true) {
    const outgoing = 'direction' in action && action.direction === 'outgoing';
    tell(
      outgoing || !['accept', 'deny', 'reject', 'return', 'none'].includes(action.kind),
      'fragments are put together before they go on: a rule for them denies, rejects, accepts or logs what comes in',
    );
    tell(ports || rule.firstPacket !== undefined, 'a fragment that is not the first has no ports and flags');
  }
  if (action.kind === 'redirect') {
    const target = parsePrefix(action.address);
    tell(
      target === undefined || target.length !== widthOf(target.family),
      `redirect: ${JSON.stringify(action.address)} is no address of a host`,
    );
    tell(action.port !== undefined && without, `redirect to a port: ${rule.protocol?.value} has no ports`);
  }
  if (action.kind === 'transproxy') {
    tell(notProxied, `transproxy: only tcp and udp can be, not ${rule.protocol?.value}`);
    tell(rule.protocol?.not === true, 'transproxy: tcp, udp, or neither of them is to be named, not others');
  }
  if ('port' in action && action.port !== undefined)
    tell(!isWithin(action.port, 1, 65_535), `${action.port} is no port from 1 to 65535`);
  tell(monitor !== undefined && !isWithin(monitor, 0, 65_535), `${monitor} is no group of nflog: 0 to 65535`);
  for (const value of [setMark, mark?.value])
    tell(value !== undefined && !isWithin(value, 0, 0xffffffff), `${value} is no mark of 32 bits`);
  for (const value of [setTos, tos?.value])
    tell(value !== undefined && !isWithin(value, 0, 255), `${value} is no TOS byte: 0 to 255`);
  return problems;
}

function isWithin(number: number, lowest: number, highest: number): boolean {
  return Number.isInteger(number) && number >= lowest && number <= highest;
}
