import type { FirewallRule } from 'netconf/plugin';
import { nearest } from '../../../core/base/text/near.ts';
import { actions, readAction } from './actions.ts';
import { EndReader } from './ends.ts';
import type { Network } from './model.ts';
import { Options } from './options.ts';
import type { Problems } from './problem.ts';
import type { Names } from './services.ts';
import { placeText } from './source.ts';
import { type Block, type Option, plainText } from './syntax.ts';
import { readNumber, readTos, readWideNumber } from './values.ts';

const most = 50_000;

/** Protocols by the names that rules and nft(8) have for them. */
const protocols = ['tcp', 'udp', 'icmp', 'icmpv6', 'sctp', 'dccp', 'udplite', 'esp', 'ah', 'gre', 'ipip'];
/** Those that have ports. */
const withPorts = new Set(['tcp', 'udp', 'sctp', 'dccp', 'udplite']);

const readMark = readWideNumber(0xffff_ffff);
const readGroup = readNumber(0, 65_535);
const aMark = 'a number from 0 to 0xffffffff';
const aTos = 'a type of service: lowdelay, throughput, a class such as af41, or a byte';

/** The rules of all `rule` blocks, in their order. */
export function readRules(
  all: readonly Block[],
  networks: ReadonlyMap<string, Network>,
  names: Names,
  problems: Problems,
): FirewallRule[] {
  const ends = new EndReader(networks, names, problems);
  const [first] = all.slice(most);
  if (first !== undefined) problems.error(first, `more than ${most} rules: the rest is not read`);
  const rules: FirewallRule[] = [];
  for (const block of all.slice(0, most)) {
    const rule = new RuleReader(new Options(block, problems), ends).read();
    if (rule !== undefined) rules.push(rule);
  }
  return rules;
}

class RuleReader {
  readonly #options: Options;
  readonly #problems: Problems;
  readonly #ends: EndReader;
  readonly #rule: { -readonly [Key in keyof FirewallRule]: FirewallRule[Key] };
  readonly #from: FirewallRule['from'][number][] = [];
  readonly #to: FirewallRule['to'][number][] = [];
  /** The option that decides. */
  #decides: Option | undefined;
  #good = true;

  constructor(options: Options, ends: EndReader) {
    this.#options = options;
    this.#problems = options.problems;
    this.#ends = ends;
    this.#rule = {
      from: this.#from,
      to: this.#to,
      action: { kind: 'none' },
      place: placeText(options.block),
    };
  }

  /** Undefined where what it decides is wrong, which has been told. */
  read(): FirewallRule | undefined {
    this.#protocol(this.#options.get('protocol'));
    for (const option of this.#options.list) this.#take(option);
    const { action, log, monitor, setMark, setTos } = this.#rule;
    const silent =
      log === undefined && monitor === undefined && setMark === undefined && setTos === undefined;
    if (this.#good && action.kind === 'none' && silent && !this.#options.block.flawed) {
      const hint = `expected one of ${[...actions].join(', ')}, log, monitor, mark or tos`;
      this.#problems.error(this.#options.block, 'this rule does nothing', hint);
    }
    return this.#good ? this.#rule : undefined;
  }

  #take(option: Option): void {
    const rule = this.#rule;
    const { keyword } = option;
    const reversed = option.not === undefined ? {} : { not: true as const };
    switch (keyword) {
      case 'from':
      case 'to':
        this.#end(option, keyword === 'from' ? this.#from : this.#to);
        break;
      case 'firstpacket':
        rule.firstPacket = { value: true, ...reversed };
        this.#checkFirstPacket(option);
        break;
      case 'fragment':
        rule.fragment = { value: true, ...reversed };
        break;
      case 'bidirectional':
        if (option.not === undefined) rule.bidirectional = true;
        break;
      case 'log':
        if (option.not === undefined) rule.log = this.#prefix(option);
        break;
      case 'monitor':
        if (option.not === undefined) rule.monitor = this.#group(option);
        break;
      case 'marked':
      case 'mark': {
        const value = this.#options.read(option, aMark, readMark);
        if (value === undefined) break;
        if (keyword === 'marked') rule.mark = { value, ...reversed };
        else if (this.#sets(option, 'marked')) rule.setMark = value;
        break;
      }
      case 'withtos':
      case 'tos': {
        const value = this.#options.read(option, aTos, readTos);
        if (value === undefined) break;
        if (keyword === 'withtos') rule.tos = { value, ...reversed };
        else if (this.#sets(option, 'withtos')) rule.setTos = value;
        break;
      }
      default:
        if (actions.has(keyword)) this.#decide(option);
    }
  }

  #end(option: Option, ends: FirewallRule['from'][number][]): void {
    const protocol = this.#known;
    const end = this.#ends.read(option, protocol);
    if (end === undefined) return;
    ends.push(end);
    if (end.ports !== undefined && protocol !== undefined && !withPorts.has(protocol))
      this.#problems.error(option.values[0]!, `${protocol} has no ports`);
  }

  #decide(option: Option): void {
    const before = this.#decides;
    this.#decides ??= option;
    if (before !== undefined) {
      const message = `${option.keyword} after ${before.keyword}: a rule does one of them`;
      this.#problems.error(option, message, 'a rule of its own does the other');
      return;
    }
    const action = readAction(option, this.#known, this.#ends, this.#problems);
    if (action === undefined) this.#good = false;
    else this.#rule.action = action;
  }

  /** That the rule is for, if it is one. */
  get #known(): string | undefined {
    const { protocol } = this.#rule;
    return protocol?.not === true ? undefined : protocol?.value;
  }

  #protocol(option: Option | undefined): void {
    const [value] = option?.values ?? [];
    if (option === undefined || value === undefined) return;
    const text = plainText(value).toLowerCase();
    if (protocols.includes(text) || readNumber(0, 255)(text) !== undefined) {
      this.#rule.protocol = { value: text, ...(option.not !== undefined && { not: true }) };
      return;
    }
    const near = nearest(text, protocols);
    const hint =
      near === undefined ? `expected ${protocols.join(', ')} or a number` : `did you mean ${near}?`;
    this.#problems.error(value, `there is no protocol ${text}`, hint);
  }

  #prefix({ values: [value] }: Option): string | true {
    if (value === undefined) return true;
    // NF_LOG_PREFIXLEN of linux/netfilter/nf_log.h.
    if (!/^[\x20-\x7e]{0,127}$/.test(value.text))
      this.#problems.error(value, 'no prefix of a line in the log', 'up to 127 printable characters');
    return value.text;
  }

  #group(option: Option): number {
    if (option.values.length === 0) return 0;
    return this.#options.read(option, 'a group of nflog, from 0 to 65535', readGroup) ?? 0;
  }

  #sets({ not, keyword }: Option, match: string): boolean {
    if (not !== undefined)
      this.#problems.error(not, `not before ${keyword}: it sets, and does not match`, `not ${match} matches`);
    return not === undefined;
  }

  #checkFirstPacket(option: Option): void {
    const known = this.#known;
    if (known !== undefined && known !== 'tcp')
      this.#problems.error(option, `firstpacket is of tcp, not of ${known}`);
  }
}
