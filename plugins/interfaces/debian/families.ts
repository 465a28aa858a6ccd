import { inet } from './inet.ts';
import { inet6 } from './inet6.ts';
import type { DebianMethod } from './method.ts';

const can: Readonly<Record<string, DebianMethod>> = {
  static: {
    up: [
      'ip link set %iface% type can bitrate %bitrate%',
      '[[ ip link set %iface% type can loopback %loopback% ]]',
      '[[ ip link set %iface% type can listen-only %listenonly% ]]',
      '[[ ip link set %iface% type can triple-sampling %triple% ]]',
      '[[ ip link set %iface% type can one-shot %oneshot% ]]',
      '[[ ip link set %iface% type can berr-reporting %berr% ]]',
      '[[ ip link set %iface% type can restart-ms %restart-ms% ]]',
      'ip link set %iface% up',
    ],
    down: ['ip link set %iface% down'],
  },
};

const ipx: Readonly<Record<string, DebianMethod>> = {
  static: {
    up: ['ipx_interface add %iface% %frame% %netnum%'],
    down: ['ipx_interface del %iface% %frame%'],
  },
  dynamic: { up: ['ipx_interface add %iface% %frame%'], down: ['ipx_interface del %iface% %frame%'] },
};

/** What runs around all with `-a`: no commands, only scripts. */
const meta: Readonly<Record<string, DebianMethod>> = { none: { up: [], down: [] } };

const families: Readonly<Record<string, Readonly<Record<string, DebianMethod>>>> = {
  inet,
  inet6,
  ipx,
  can,
  meta,
};

export function methodOf(family: string, method: string): DebianMethod {
  const found = families[family]?.[method];
  if (found === undefined) throw new Error(`no method ${family} ${method}`);
  return found;
}
