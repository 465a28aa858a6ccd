import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StatusParameters, StatusReply } from './api.ts';
import type { StatusSource } from './backend.ts';
import type { Replies } from './varlink/service.ts';

type Part = NonNullable<StatusParameters['parts']>[number];
type ListPart = Exclude<Part, 'daemon'>;

/** Objects of one reply. Some 0.5 ms to collect and serialise, so that nobody else waits. */
export const chunk = 500;

/** Objects that are told in a single reply to who has not said `more`. */
export const single = 2000;

/** Replies that wait for a slow peer, in bytes, before the next is made. */
const unsent = 256 * 1024;

const lists: readonly ListPart[] = ['links', 'addresses', 'routes', 'rules', 'neighbours', 'interfaces'];

/** How many objects an answer has. */
export function countStatus(source: StatusSource, parts: StatusParameters['parts']): number {
  return lists.reduce((sum, part) => sum + (wants(parts, part) ? (source[part]()?.size ?? 0) : 0), 0);
}

/** The answer in replies of at most `objects` objects. A part that was asked for is there, empty or not. */
export function* statusReplies(
  source: StatusSource,
  parts: StatusParameters['parts'],
  objects = chunk,
): Generator<StatusReply, void> {
  let reply: Record<string, unknown> = {};
  let count = 0;
  for (const part of lists) {
    const listing = wants(parts, part) ? source[part]() : undefined;
    if (listing === undefined) continue;
    let items: unknown[] = [];
    reply[part] = items;
    // A live view in which entries come as fast as they are told would never end.
    let left = listing.size * 2 + chunk;
    for (const item of listing.items) {
      if (left-- === 0) break;
      if (count === objects) {
        yield reply;
        items = [];
        reply = { [part]: items };
        count = 0;
      }
      items.push(item);
      count++;
    }
  }
  if (wants(parts, 'daemon')) reply.daemon = source.daemon();
  yield reply;
}

/**
 * Sends all replies but the last, which is returned; between them the loop has its turn, and a peer that reads slowly
 * is waited for. Memory is bounded by one reply and what the peer has not taken.
 */
export async function streamReplies<Reply extends object>(
  made: Iterable<Reply>,
  replies: Replies,
): Promise<Reply | undefined> {
  let last: Reply | undefined;
  for (const reply of made) {
    if (last !== undefined) {
      replies.write(JSON.stringify(last));
      if (replies.unsent > unsent) await replies.drained();
      await nextTurn();
      if (replies.signal.aborted) return undefined;
    }
    last = reply;
  }
  return last;
}

function wants(parts: StatusParameters['parts'], part: Part): boolean {
  return parts === undefined || parts.includes(part);
}
