import type { Undo } from '../../base/undo.ts';
import type { DataOf } from '../../bus/catalogue.ts';
import type { Event } from '../../bus/event.ts';
import type { Link } from '../../bus/objects.ts';

type LinkEvent = 'link.added' | 'link.removed' | 'link.changed' | 'link.renamed';

/** The part of what a plugin gets that this needs. */
interface Listening {
  on<Name extends LinkEvent>(name: Name, listener: (event: Event<DataOf<Name>>) => unknown): Undo;
}

/** What is told of masters of one kind and of their members. */
export interface Follower {
  /** A link is a member now; `replayed`: it was one when the daemon started. */
  added(member: Link, master: string, replayed: boolean): void;
  removed(member: Link, master: string): void;
  /** Something else about a member has changed. */
  member(old: Link, next: Link, master: string): void;
  master?(old: Link, next: Link): void;
  /** A master or a member has another name. */
  renamed?(old: string, next: string): void;
  gone?(master: string): void;
}

/**
 * Follows links of a kind (`bond`, `bridge`: IFLA_INFO_KIND) and their members by the events of links. Where there is no
 * link of the kind changes of links are not looked at.
 */
export function followMembers(netconf: Listening, kind: string, follower: Follower): void {
  /** Indices: a name may be another's by now. */
  const masters = new Set<number>();
  let stop: Undo | undefined;

  const changed = ({ data: { old, new: next } }: Event<DataOf<'link.changed'>>) => {
    const [before, after] = [masterIn(old, kind), masterIn(next, kind)];
    if (before !== after) {
      if (before !== undefined) follower.removed(old, before);
      if (after !== undefined) follower.added(next, after, false);
    } else if (after !== undefined) {
      follower.member(old, next, after);
    }
    if (next.linkinfo?.info_kind === kind) follower.master?.(old, next);
  };
  netconf.on('link.added', ({ data: { new: link }, replayed }) => {
    if (link.linkinfo?.info_kind === kind) {
      masters.add(link.ifindex);
      stop ??= netconf.on('link.changed', changed);
    }
    const master = masterIn(link, kind);
    if (master !== undefined) follower.added(link, master, replayed);
  });
  netconf.on('link.removed', ({ data: { old: link } }) => {
    const master = masters.size > 0 ? masterIn(link, kind) : undefined;
    if (master !== undefined) follower.removed(link, master);
    if (!masters.delete(link.ifindex)) return;
    follower.gone?.(link.ifname);
    if (masters.size > 0) return;
    stop?.();
    stop = undefined;
  });
  if (follower.renamed === undefined) return;
  netconf.on('link.renamed', ({ data: { old, new: next } }) => {
    if (masters.size > 0) follower.renamed?.(old.ifname, next.ifname);
  });
}

function masterIn({ master, linkinfo }: Link, kind: string): string | undefined {
  return linkinfo?.info_slave_kind === kind ? master : undefined;
}
