import * as v from 'valibot';
import { writers } from './owner.ts';

const path = v.pipe(
  v.string(),
  v.regex(/^\/[^\x00-\x1f\x7f]+$/, 'an absolute path without control characters was expected'),
);
const interfaces = v.array(
  v.pipe(v.string(), v.regex(/^[^\s/]{1,127}$/, 'a name or pattern of interfaces was expected')),
);

/** Options of the plugin: `plugins.resolv-conf` of the configuration. */
export const options = v.strictObject({
  /** What resolvers read. @default /etc/resolv.conf */
  file: v.optional(path),
  /** Who writes it. `auto`: whoever it belongs to. */
  writer: v.optional(v.picklist(writers), 'auto'),
  /** Interfaces whose servers and domains go first, in this order. */
  order: v.optional(interfaces, []),
  /** Interfaces of which nothing is taken. */
  ignore: v.optional(interfaces, []),
  /** What becomes of it when the daemon ends: interfaces stay configured, so name service does. */
  stop: v.optional(v.picklist(['keep', 'restore']), 'keep'),
  /** A local dnsmasq that splits names among servers. */
  dnsmasq: v.optional(
    v.strictObject({
      /** Its `--servers-file`. @default dns/dnsmasq.servers among the runtime files */
      servers: v.optional(path),
      pid: v.optional(path, '/run/dnsmasq/dnsmasq.pid'),
      address: v.optional(v.pipe(v.string(), v.ip('an address was expected')), '127.0.0.1'),
    }),
  ),
});

export type Options = v.InferOutput<typeof options>;
