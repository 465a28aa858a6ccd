import { hasHandle, type Netconf, type Operation, perform } from 'netconf/plugin';
import type { MemberKind } from '../../core/plugin/members/members.ts';

/** As bridge-utils has it: a port `eth0.5` that nobody else declares is made as a VLAN, and goes with the bridge. */
export function vlanPorts(
  netconf: Netconf<unknown>,
  linkLocalOfParents: boolean,
): NonNullable<MemberKind['made']> {
  const run = (
    mode: 'up' | 'down',
    port: string,
    environment: Record<string, string>,
    operation?: Operation,
  ) =>
    perform(netconf, 'vlan', {
      mode,
      interface: port,
      handle: 'bridge-vlan',
      environment: { ...environment, STANZA: 'bridge' },
      ...(operation && { operation }),
    });
  return {
    parentOf: port => partsOf(port)?.parent,
    up: async (port, operation) => {
      const { parent = '', id = '' } = partsOf(port) ?? {};
      await run('up', port, { PARENT: parent, ID: id, QUIET: linkLocalOfParents ? '' : '1' }, operation);
    },
    down: async (port, operation) => {
      if (hasHandle(netconf, port, 'bridge-vlan')) await run('down', port, {}, operation);
    },
  };
}

function partsOf(port: string): { parent: string; id: string } | undefined {
  const [, parent, id] = /^(.+)\.0*([1-9]\d{0,3})$/.exec(port) ?? [];
  return parent === undefined || Number(id) > 4094 ? undefined : { parent, id: id! };
}
