import type { HistoryEntry, HistoryParameters } from '../control/api.ts';

const usualLimit = 100;

/**
 * Answers a query from the histories of hook scripts and of operations' programs: the latest events of both, what ran
 * for one of them put together. Oldest first.
 */
export function joinHistories(
  ask: (query: HistoryParameters) => [hooks: HistoryEntry[], programs: HistoryEntry[]],
  parameters: HistoryParameters = {},
): HistoryEntry[] {
  const entries = new Map<number, HistoryEntry>();
  for (const entry of ask(parameters).flat()) {
    const { id } = entry.event;
    const other = entries.get(id);
    entries.set(id, other === undefined ? entry : joined(other, entry));
  }
  const all = [...entries.values()].sort((a, b) => a.event.id - b.event.id);
  return all.slice(Math.max(0, all.length - (parameters.limit ?? usualLimit)));
}

/** The programs stand first: what hook scripts do follows them. */
function joined(hooks: HistoryEntry, programs: HistoryEntry): HistoryEntry {
  return {
    ...hooks,
    state: hooks.state === 'none' ? programs.state : hooks.state,
    runs: [...programs.runs, ...hooks.runs],
    refused: [...programs.refused, ...hooks.refused],
  };
}
