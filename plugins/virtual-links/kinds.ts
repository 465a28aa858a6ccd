import { checkedOption, type OptionValues, oneOf, wholeNumber } from 'netconf/plugin';

/** A link that a stanza makes: the method that does, what it sees, and on which link it stands, if any. */
export interface MadeLink {
  method: 'macvlan' | 'vrf' | 'dummy';
  environment: Readonly<Record<string, string>>;
  on?: string;
}

const modes = oneOf('private', 'vepa', 'bridge', 'passthru', 'source');
const tables = wholeNumber(1, 4_294_967_295);

/**
 * `link-type dummy`, `vrf-table NUMBER`, `macvlan-raw-device LINK` with `macvlan-mode`, and the same of macvtap. Throws an
 * Error with place and what was expected.
 */
export function readLink(options: OptionValues): MadeLink | undefined {
  const made = [...macvlansIn(options), ...vrfsIn(options), ...dummiesIn(options)];
  if (made.length < 2) return made[0];
  const [first, second] = made.map(({ method }) => method);
  const { place } = [...options.values()].find(option => option.place !== '') ?? {};
  throw new Error(`${place}: expected one kind of link: options say ${first} and ${second}`);
}

/** The VRF that a link is to be a member of: `vrf NAME`, or `vrf-member NAME` as ifupdown-ng has it. */
export function vrfIn(options: OptionValues): string | undefined {
  return (options.get('vrf') ?? options.get('vrf-member'))?.value.trim() || undefined;
}

function macvlansIn(options: OptionValues): MadeLink[] {
  return ['macvlan', 'macvtap'].flatMap(type => {
    const on = options.get(`${type}-raw-device`)?.value.trim();
    const mode = checkedOption(options, `${type}-mode`, modes);
    const { place } = options.get(`${type}-mode`) ?? {};
    if (!on && mode !== undefined)
      throw new Error(`${place}: ${type}-mode: expected ${type}-raw-device beside it`);
    if (!on) return [];
    return [{ method: 'macvlan', environment: { PARENT: on, TYPE: type, KIND_MODE: mode ?? 'bridge' }, on }];
  });
}

function vrfsIn(options: OptionValues): MadeLink[] {
  const table = checkedOption(options, 'vrf-table', tables);
  return table === undefined ? [] : [{ method: 'vrf', environment: { TABLE: table } }];
}

function dummiesIn(options: OptionValues): MadeLink[] {
  const type = checkedOption(options, 'link-type', oneOf('dummy'));
  return type === undefined ? [] : [{ method: 'dummy', environment: {} }];
}
