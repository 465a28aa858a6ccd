import { checkedOption, type OptionValues, oneOf, wholeNumber } from 'netconf/plugin';

/** What names and options say of a VLAN. */
export interface Vlan {
  parent: string;
  id: number;
  protocol: '802.1Q' | '802.1ad';
  /** Only the name says so: it may be another link's. */
  isLenient: boolean;
  /** What is said and does not count. */
  note?: string;
}

/** Parents whose VLANs are known by their names, whatever vlan-raw-device says: if-pre-up.d/vlan. */
const knownParents = /^(eth|bond|wlan|em|p\d)/;
const ids = wholeNumber(1, 4094);

/**
 * The VLAN that an interface is: `eth0.5` and `eth0.0005` by name, `vlan5` and `vlan0005` with `vlan-raw-device`, any
 * other name with `vlan-raw-device` and `vlan-id`. Undefined for what is none. Throws an Error with place and what was
 * expected.
 */
export function readVlan(name: string, options: OptionValues): Vlan | undefined {
  const raw = options.get('vlan-raw-device');
  const device = raw?.value.trim() ?? '';
  const byName = /^(.+)\.(\d+)$/.exec(name);
  const number = checkedOption(options, 'vlan-id', ids);
  const protocol = checkedOption(options, 'vlan-protocol', oneOf('802.1q', '802.1ad')) ?? '802.1q';
  const common = { protocol: protocol === '802.1q' ? '802.1Q' : '802.1ad' } as const;
  if (byName !== null && (device === '' || knownParents.test(name) || device === byName[1])) {
    const [, parent = '', digits = ''] = byName;
    const id = Number(number ?? idIn(digits, name, options));
    const counts = device === '' || device === parent;
    const note = `vlan-raw-device ${device} does not count: the name says ${parent}`;
    return {
      ...common,
      parent,
      id,
      isLenient: device === '' && number === undefined,
      ...(!counts && { note }),
    };
  }
  if (device === '') {
    const { place } = options.get('vlan-id') ?? {};
    if (number !== undefined) throw new Error(`${place}: vlan-id: expected vlan-raw-device beside it`);
    return undefined;
  }
  const digits = byName?.[2] ?? /^vlan(\d+)$/.exec(name)?.[1];
  if (digits === undefined && number === undefined)
    throw new Error(`${raw?.place}: ${name}: expected vlan-id, or a name that says it, such as vlan5`);
  return { ...common, parent: device, id: Number(number ?? idIn(digits!, name, options)), isLenient: false };
}

/** The link that a VLAN of this name and these options stands on; nothing is checked. */
export function parentOf(name: string, options: OptionValues): string | undefined {
  try {
    return readVlan(name, options)?.parent;
  } catch {
    return options.get('vlan-raw-device')?.value.trim() || undefined;
  }
}

function idIn(digits: string, name: string, options: OptionValues): string {
  const id = ids.read(String(Number(digits)));
  if (id !== undefined) return id;
  const { place } = options.get('vlan-raw-device') ?? {};
  throw new Error(`${place === undefined ? '' : `${place}: `}${name}: a VLAN has a number from 1 to 4094`);
}
