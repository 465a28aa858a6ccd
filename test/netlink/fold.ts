import assert from 'node:assert/strict';
import type { EventJson } from '../../core/bus/event.ts';
import type { ObservedStatus } from './namespace.ts';
import { type Fields, stripped } from './same.ts';

type Sides = { old?: Fields; new?: Fields };

/** The state that a listener arrives at who begins with a status and believes every event. */
export class Fold {
  readonly #links = new Map<unknown, Fields>();
  readonly #addresses = new Map<string, Fields>();
  #routes: Fields[] = [];
  #rules: Fields[] = [];

  constructor(status: ObservedStatus) {
    for (const link of status.links) this.#links.set(link.ifindex, { ...link });
    for (const link of status.addresses) {
      for (const address of link.addr_info) {
        const entry = { ...address, ifindex: link.ifindex, ifname: link.ifname };
        this.#addresses.set(addressKey(entry), entry);
      }
    }
    this.#routes = status.routes.map(route => ({ ...route }));
    this.#rules = status.rules.map(rule => ({ ...rule }));
  }

  /** Takes in an event. Throws where its `old` is not what was known, or something comes or goes twice. */
  take(event: EventJson): void {
    const data = event.data as Sides;
    const { name } = event;
    if (name === 'link.renamed') this.#rename(String(data.old!.ifname), String(data.new!.ifname));
    if (name.startsWith('link.')) this.#keyed(this.#links, event, link => link.ifindex, linkText);
    else if (name.startsWith('address.')) this.#keyed(this.#addresses, event, addressKey, text);
    else if (name === 'route.default') return;
    else if (name.startsWith('route.')) this.#routes = listed(this.#routes, event, text);
    else if (name.startsWith('rule.')) this.#rules = listed(this.#rules, event, ruleText);
  }

  /** Compares with a status. */
  check(status: ObservedStatus): void {
    const other = new Fold(status);
    const sorted = (entries: Iterable<Fields>, text: (entry: Fields) => string) =>
      Array.from(entries, text).sort();
    assert.deepEqual(sorted(this.#links.values(), linkText), sorted(other.#links.values(), linkText));
    assert.deepEqual(sorted(this.#addresses.values(), text), sorted(other.#addresses.values(), text));
    assert.deepEqual(sorted(this.#routes, text), sorted(other.#routes, text));
    assert.deepEqual(sorted(this.#rules, ruleText), sorted(other.#rules, ruleText));
  }

  #keyed<Key>(
    held: Map<Key, Fields>,
    event: EventJson,
    keyOf: (entry: Fields) => Key,
    text: (entry: Fields) => string,
  ) {
    const { old, new: next } = event.data as Sides;
    const known = held.get(keyOf((next ?? old)!));
    const what = `${event.name} ${event.interface}`;
    if (event.name.endsWith('.added')) {
      assert.equal(known, undefined, `${what}: comes twice`);
    } else if (known === undefined) {
      assert.fail(`${what}: is not known`);
    } else if (next === undefined ? event.name.startsWith('link.') : text(known) !== text(next)) {
      // One message can be several events: the second finds its own state. The last state of an address comes with its end.
      assert.equal(text(old!), text(known), what);
    }
    if (next === undefined) held.delete(keyOf(old!));
    else held.set(keyOf(next), next);
  }

  /** Events name links as they are called now. */
  #rename(from: string, to: string): void {
    const rename = (entry: Fields) => {
      for (const key of ['dev', 'master', 'link']) if (entry[key] === from) entry[key] = to;
    };
    for (const link of this.#links.values()) rename(link);
    for (const address of this.#addresses.values()) if (address.ifname === from) address.ifname = to;
    for (const route of this.#routes) {
      rename(route);
      for (const hop of (route.nexthops ?? []) as Fields[]) rename(hop);
    }
  }
}

function listed(held: Fields[], { name, data }: EventJson, text: (entry: Fields) => string): Fields[] {
  const { old, new: next } = data as Sides;
  const left = [...held];
  if (old !== undefined) {
    const at = left.findIndex(entry => text(entry) === text(old));
    assert.ok(at >= 0, `${name}: not known: ${text(old)}`);
    left.splice(at, 1);
  }
  return next === undefined ? left : [...left, next];
}

function addressKey(address: Fields): string {
  const peer = address.family === 'inet' ? (address.address ?? '') : '';
  return `${address.ifindex} ${address.local}/${address.prefixlen} ${peer}`;
}

function text(entry: Fields): string {
  return JSON.stringify(stripped({ ...entry }));
}

/** Whether the link below is up is not this link's to tell. */
function linkText(link: Fields): string {
  const flags = (link.flags as string[]).filter(flag => flag !== 'M-DOWN');
  const { link: _, master: __, ...rest } = link;
  return text({ ...rest, flags });
}

/** Rules have no event for what the kernel notes about them: whether the link or the target is there. */
function ruleText(rule: Fields): string {
  const { iif_detached: _, oif_detached: __, unresolved: ___, ...rest } = rule;
  return JSON.stringify(rest);
}
