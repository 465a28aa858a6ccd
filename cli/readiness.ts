import type { AddressedLink, InterfaceStatus } from '../core/control/api.ts';

/** The parts of `Status` that it depends on. */
export interface NetworkState {
  interfaces: readonly InterfaceStatus[];
  addresses: readonly AddressedLink[];
}

export interface Readiness {
  interface: string;
  /** What is still missing, in a few words; absent when the interface is ready. */
  missing?: string;
}

/**
 * What is missing of each interface that is waited for: those named, else all that are declared `auto`, but for the
 * loopback. Ready is an interface that is configured, and, where a stanza of it gives it addresses, has a carrier and
 * for each such family an address that is past duplicate address detection. One that netconf has nothing to do with
 * needs a carrier and a ready address that reaches further than its link.
 */
export function readinessOf(
  { interfaces, addresses }: NetworkState,
  named: readonly string[] = [],
): Readiness[] {
  const known = new Map(interfaces.map(one => [one.interface, one]));
  const links = new Map(addresses.map(link => [link.ifname, link]));
  const auto = interfaces.filter(({ classes }) => classes?.includes('auto')).map(one => one.interface);
  const wanted = named.length > 0 ? named : auto.filter(name => !isLoopback(links.get(linkOf(name))));
  return [...new Set(wanted)].map(name => {
    const missing = missingOf(known.get(name), links.get(linkOf(name)));
    return { interface: name, ...(missing !== undefined && { missing }) };
  });
}

function missingOf(known: InterfaceStatus | undefined, link: AddressedLink | undefined): string | undefined {
  const isOurs = known !== undefined && (known.state !== 'down' || known.classes !== undefined);
  if (isOurs && known.state !== 'configured') return stateOf(known, link !== undefined);
  const families = isOurs ? familiesOf(known) : undefined;
  if (families?.length === 0) return undefined;
  if (link === undefined) return 'no such link';
  if (!link.flags.includes('UP')) return 'the link is down';
  if (!link.flags.includes('LOWER_UP')) return 'no carrier';
  if (families === undefined) return link.addr_info.some(reachesFurther) ? undefined : 'no address';
  for (const family of families) {
    const own = link.addr_info.filter(address => address.family === family);
    const name = family === 'inet6' ? 'IPv6' : 'IPv4';
    if (own.some(({ tentative }) => tentative)) return `an ${name} address is checked for duplicates`;
    if (!own.some(isReady)) return `no ${name} address`;
  }
  return undefined;
}

function stateOf({ state, phase, step, message }: InterfaceStatus, exists: boolean): string {
  if (phase !== undefined || state === 'configuring')
    return `being configured${step === undefined ? '' : ` (${step})`}`;
  if (state === 'failed') return `failed${message === undefined ? '' : `: ${message}`}`;
  return exists ? 'not configured' : 'no such link';
}

/** Methods that give no address. */
const addressless: ReadonlySet<string> = new Set(['manual', 'none', 'loopback']);

/** Families of which its stanzas give it addresses. */
function familiesOf({ stanzas }: InterfaceStatus): string[] {
  const giving = stanzas.filter(({ family, method }) => /^inet6?$/.test(family) && !addressless.has(method));
  return [...new Set(giving.map(({ family }) => family))];
}

type AddressInfo = AddressedLink['addr_info'][number];

function isReady({ tentative, dadfailed }: AddressInfo): boolean {
  return !tentative && !dadfailed;
}

function reachesFurther(address: AddressInfo): boolean {
  return isReady(address) && address.scope === 'global';
}

function isLoopback(link: AddressedLink | undefined): boolean {
  return link?.flags.includes('LOOPBACK') === true;
}

/** Of an alias as Debian writes them: `eth0` of `eth0:1`. */
function linkOf(name: string): string {
  return name.replace(/:.*$/, '');
}
