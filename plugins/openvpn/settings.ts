import type { Operation } from 'netconf/plugin';
import type { Trust } from '../../core/base/trust.ts';
import { type Configuration, isDevice, readConfiguration } from './configuration.ts';

/** One VPN, as an operation or an option wants it; kept beside its process, for when this one is gone. */
export interface Settings {
  /** Of the configuration file, without directory and ending. */
  name: string;
  dev: string;
  kind: 'tun' | 'tap';
  /** Its configuration file; none for an OpenVPN that others have started. */
  config?: string;
  /** The management socket of an OpenVPN that others have started. */
  foreign?: string;
  /** Seconds until it must stand. */
  timeout: number;
  redirect: boolean;
  keepsGateway: boolean;
  /** The interface whose option `openvpn` wants it. */
  wantedBy?: string;
}

const usualTimeout = 60;
const known = new Set(['config', 'management', 'timeout', 'require', 'default-route', 'unless']);

/** Parameters of `[cfg OpenVPN]`. Throws a sentence for the user to read. */
export function settingsOf(operation: Operation, trust: (path: string) => Trust): Settings {
  const { parameters, interface: dev } = operation;
  const stranger = Object.keys(parameters).find(name => !known.has(name));
  if (stranger !== undefined) throw new Error(`${stranger}: known are ${[...known].join(', ')}`);
  if (!isDevice(dev)) throw new Error(`${dev} is no name that a tun device can have`);
  const { config, management, timeout = String(usualTimeout) } = parameters;
  if (!/^\d{1,5}$/.test(timeout) || timeout === '0')
    throw new Error(`timeout ${timeout}: a number of seconds from 1 to 99999`);
  if ((config === undefined) === (management === undefined))
    throw new Error('config FILE, or management SOCKET of an OpenVPN that others have started, is needed');
  if (management !== undefined) {
    if (!/^\/[^\x00-\x1f\x7f]{1,106}$/.test(management))
      throw new Error(`management ${management.slice(0, 120)}: no absolute path of a socket`);
    const own = { redirect: false, keepsGateway: true };
    return { name: dev, dev, kind: 'tun', foreign: management, timeout: Number(timeout), ...own };
  }
  if (!config?.startsWith('/')) throw new Error(`config ${config}: no absolute path`);
  return settingsFor(readConfiguration(config, trust), dev, Number(timeout));
}

export function settingsFor(
  { path, name, kind, redirect, keepsGateway }: Configuration,
  dev: string,
  timeout = usualTimeout,
): Settings {
  return { name, dev, kind, config: path, timeout, redirect, keepsGateway };
}
