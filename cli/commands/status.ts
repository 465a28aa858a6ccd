import type { Choice } from '../../core/base/choice.ts';
import { type Painter, visible } from '../../core/base/terminal.ts';
import type { Link, Route } from '../../core/bus/objects.ts';
import type { AddressedLink, DaemonStatus, InterfaceStatus } from '../../core/control/api.ts';
import type { Client } from '../../core/control/client.ts';
import { columns } from '../columns.ts';
import { withDaemon } from '../daemon.ts';
import { interfaceLines } from '../interface-lines.ts';
import { ListWriter } from '../list-writer.ts';
import { paintOutput, writeLine } from '../output.ts';

/** What the kernel has, as the daemon mirrors it. */
export async function status(choice: Choice): Promise<number> {
  await withDaemon(choice, choice.flag('json') ? writeAll : writePicture);
  return 0;
}

/** The parts of the answer, in the order in which the daemon tells them. */
const parts = ['links', 'addresses', 'routes', 'rules', 'neighbours', 'interfaces', 'daemon'] as const;

/**
 * One JSON object with an entry a line, written as it comes: 100,000 routes are never held at once. Neighbours are
 * there only where the configuration asks for them; the other lists always are.
 */
async function writeAll(client: Client): Promise<void> {
  const lists = new ListWriter();
  for await (const reply of client.stream('Status', {})) {
    for (const part of parts) {
      const value = reply[part];
      if (part === 'daemon') {
        if (value !== undefined) await lists.scalar(part, value);
      } else if (Array.isArray(value)) {
        await lists.add(part, value);
      }
    }
  }
  for (const part of ['links', 'addresses', 'routes', 'rules', 'interfaces']) await lists.add(part, []);
  await lists.end();
}

const pictured = ['links', 'addresses', 'routes', 'interfaces', 'daemon'] as const;

async function writePicture(client: Client): Promise<void> {
  const links: Link[] = [];
  const addresses = new Map<number, AddressedLink['addr_info']>();
  const defaults: Route[] = [];
  const interfaces: InterfaceStatus[] = [];
  let routes = 0;
  let daemon: DaemonStatus | undefined;
  await client.callInParts('Status', { parts: [...pictured] }, reply => {
    links.push(...(reply.links ?? []));
    for (const link of reply.addresses ?? []) addresses.set(link.ifindex, link.addr_info);
    for (const route of reply.routes ?? []) if (isDefault(route)) defaults.push(route);
    routes += reply.routes?.length ?? 0;
    interfaces.push(...(reply.interfaces ?? []));
    daemon = reply.daemon ?? daemon;
  });
  const paint = paintOutput();
  for (const line of columns(links.map(link => linkRow(link, addresses.get(link.ifindex) ?? [], paint)))) {
    await writeLine(line);
  }
  for (const route of defaults) await writeLine(visible(defaultLine(route)));
  await writeLine(`${routes} routes in all`);
  for (const line of interfaceLines(interfaces, paint)) await writeLine(line);
  if (daemon) await writeLine(visible(daemonLine(daemon)));
}

function linkRow(link: Link, addresses: AddressedLink['addr_info'], paint: Painter): string[] {
  const up = link.flags.includes('UP');
  const state = !up ? 'down' : link.flags.includes('LOWER_UP') ? 'carrier' : 'no-carrier';
  return [
    paint('bold', visible(link.ifname)),
    paint(state === 'carrier' ? 'green' : 'yellow', state),
    visible(link.linkinfo?.info_kind ?? link.link_type),
    visible(link.master === undefined ? '' : `in ${link.master}`),
    visible(addresses.map(address => `${address.local}/${address.prefixlen}`).join(' ')),
  ];
}

function isDefault(route: Route): boolean {
  return route.dst === 'default' && (route.table === undefined || route.table === 'main') && !route.type;
}

function defaultLine(route: Route): string {
  const hops = (route.nexthops ?? [route]).map(hop => {
    const gateway = hop.gateway ?? hop.via?.host;
    return `${gateway === undefined ? '' : ` via ${gateway}`}${hop.dev === undefined ? '' : ` dev ${hop.dev}`}`;
  });
  const metric = route.metric === undefined ? '' : ` metric ${route.metric}`;
  return `default ${route.family}${hops.join(',')}${metric}`;
}

function daemonLine(daemon: DaemonStatus): string {
  const since = new Date(daemon.started).toISOString();
  const parts = [
    `netconfd ${daemon.version}`,
    `pid ${daemon.pid}`,
    `since ${since}`,
    ...(daemon.observe ? ['observing only'] : []),
    daemon.configuration ?? 'default configuration',
    ...(daemon.rejected === undefined ? [] : [`newer configuration rejected: ${daemon.rejected}`]),
  ];
  return parts.join(', ');
}
