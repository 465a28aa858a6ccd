import { readdirSync, readFileSync } from 'node:fs';

/**
 * The names of iproute2 for table, protocol, scope and group numbers: built in, then as far as they exist from
 * /usr/share/iproute2 or /usr/lib/iproute2, then from /etc/iproute2 (ip-route(8), "files"). Each is read once, at
 * the first look.
 */
export const names = {
  table: lazy('rt_tables', { 255: 'local', 254: 'main', 253: 'default' }),
  protocol: lazy('rt_protos', {
    0: 'unspec',
    1: 'redirect',
    2: 'kernel',
    3: 'boot',
    4: 'static',
    8: 'gated',
    9: 'ra',
    10: 'mrt',
    11: 'zebra',
    12: 'bird',
    13: 'dnrouted',
    14: 'xorp',
    15: 'ntk',
    16: 'dhcp',
    18: 'keepalived',
    42: 'babel',
    186: 'bgp',
    187: 'isis',
    188: 'ospf',
    189: 'rip',
    192: 'eigrp',
  }),
  scope: lazy('rt_scopes', { 0: 'global', 255: 'nowhere', 254: 'host', 253: 'link', 200: 'site' }),
  group: lazy('group', { 0: 'default' }),
  realm: lazy('rt_realms', { 0: 'unknown' }),
  addressProtocol: lazy('rt_addrprotos', { 1: 'kernel_lo', 2: 'kernel_ra', 3: 'kernel_ll' }),
  dsfield: lazy('rt_dsfield', {}),
};

const folders = ['/usr/share/iproute2', '/usr/lib/iproute2', '/etc/iproute2'];

/** Number to name; a number without a name is its decimal text, or what `otherwise` makes of it. */
type Name = (value: number, otherwise?: (value: number) => string) => string;

function lazy(file: string, builtIn: Record<number, string>): Name {
  let table: Map<number, string> | undefined;
  return (value, otherwise = String) => {
    table ??= read(file, builtIn);
    return table.get(value) ?? otherwise(value);
  };
}

function read(file: string, builtIn: Record<number, string>): Map<number, string> {
  const table = new Map(Object.entries(builtIn).map(([value, name]) => [Number(value), name]));
  for (const folder of folders) {
    addFile(table, `${folder}/${file}`);
    for (const name of list(`${folder}/${file}.d`)) addFile(table, `${folder}/${file}.d/${name}`);
  }
  return table;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter(name => name.endsWith('.conf'))
      .sort();
  } catch {
    return [];
  }
}

function addFile(table: Map<number, string>, path: string): void {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch {
    return;
  }
  for (const [, value, name] of content.matchAll(/^\s*(0x[0-9a-f]+|\d+)\s+([^\s#]+)/gim)) {
    table.set(Number(value), name!);
  }
}
