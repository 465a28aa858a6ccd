import { Bus } from '../../core/bus/bus.ts';
import type { Event } from '../../core/bus/event.ts';
import type { TapDeadlines } from '../../core/plugin/hook-points.ts';
import { Host } from '../../core/plugin/host.ts';
import { offRecord } from '../../core/plugin/on-record.ts';
import { Plugins } from '../../core/plugin/plugins.ts';
import { Programs } from '../../core/runner/programs.ts';

/** Bus, host and plugins on a plugin directory, as the daemon puts them together. */
export function pluginsOn(
  directories: string[],
  given: {
    options?: Record<string, unknown>;
    deadlines?: TapDeadlines;
    existing?: () => Iterable<Event>;
  } = {},
) {
  const events: Event[] = [];
  const bus: Bus = new Bus((owner, event, error) => host.fail(owner, `listener ${event.name}`, error, event));
  const host: Host = new Host({
    bus,
    record: offRecord,
    observe: false,
    paths: () => ({ policy: [], methods: [], run: '/nonexistent', socket: '/nonexistent/control' }),
    programs: new Programs({ methods: [], handles: '/nonexistent' }),
    stateOf: plugin => plugins.reports().find(({ name }) => name === plugin)?.state,
    operate: async () => Promise.reject(new Error('no operations here')),
    indexOf: () => undefined,
    replay: given.existing ?? (() => []),
    onDisable: (name, reason) => plugins.disable(name, reason),
    ...(given.deadlines && { deadlines: given.deadlines }),
  });
  const settings = {
    directories,
    options: given.options ?? {},
    locate: (plugin: string, path: readonly PropertyKey[]) =>
      `test.yaml:1:1 (${[plugin, ...path].map(String).join('.')})`,
  };
  const plugins: Plugins = new Plugins(bus, host, settings);
  bus.observe(event => events.push(event));
  return { bus, host, plugins, events, settings };
}

export const tick = (ms = 5) => new Promise<void>(resolve => setTimeout(resolve, ms));
