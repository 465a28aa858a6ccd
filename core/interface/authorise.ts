import type { Request, Verdict } from '../control/api.ts';
import type { HookPoints } from '../plugin/hook-points.ts';

/**
 * What the taps of `authorise` say; where none answers, root and the daemon's own user may do everything and others may
 * read.
 */
export async function authorise(hooks: HookPoints, request: Request): Promise<Verdict> {
  const verdict = await hooks.call('authorise', request);
  if (verdict !== undefined) return verdict;
  const { peer, action } = request;
  if (action === 'READ' || isOwner(peer.uid)) return { allow: true };
  return { allow: false, reason: `uid ${peer.uid} may not do this (${action})` };
}

/** Root, and the user that this process runs as: they could do it all without asking. */
export function isOwner(uid: number): boolean {
  return uid === 0 || uid === process.getuid?.();
}
