// The netlink source in a process of its own, to be run inside a network namespace. Events go to standard output as
// lines of JSON; each line on standard input is a question: `status`, `counters`, `configure JSON`, `fds`, `cycle N`.
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from '../../core/base/libc/readable.ts';
import { Bus } from '../../core/bus/bus.ts';
import { NetlinkSource } from '../../core/netlink/source.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as Record<string, unknown>;
const { quiet, deaf, ...rest } = options;
// As under a Node that does not wake for it.
if (deaf) Readable.prototype.resume = () => undefined;
const bus = new Bus((owner, event, error) => print({ failure: `${owner} ${event.name} ${String(error)}` }));
const count: Record<string, number> = {};
bus.observe(event => {
  count[event.name] = (count[event.name] ?? 0) + 1;
  if (!quiet || !event.name.startsWith('route.')) print({ event: JSON.parse(event.line) as unknown });
});
const source = new NetlinkSource({ bus, ...rest });

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

async function answer(question: string): Promise<unknown> {
  const [verb, rest = ''] = question.split(/ (.*)/s);
  switch (verb) {
    case 'status': {
      const { status } = source;
      return {
        links: [...status.links()],
        addresses: [...status.addresses()],
        routes: [...status.routes()],
        rules: [...status.rules()],
        neighbours: [...status.neighbours()],
      };
    }
    case 'counters':
      return { ...source.status.counters, count };
    case 'replay':
      return Array.from(source.replay(), ({ name, fields }) => [name, fields.interface]);
    case 'configure':
      return (
        (await source.configure(JSON.parse(rest) as { neighbours: boolean; routerOptions: boolean })) ?? null
      );
    case 'fds':
      return readdirSync('/proc/self/fd').length;
    case 'sleep': {
      // Holds the loop, so that notifications pile up.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(rest));
      return null;
    }
    case 'cycle': {
      const sources = [];
      for (let i = 0; i < Number(rest); i++) {
        const other = new NetlinkSource({ bus: new Bus(() => {}) });
        await other.start();
        other.stop();
        sources.push(other.status.counters.links);
      }
      return sources.length;
    }
    default:
      return { error: `what is ${question}?` };
  }
}

await source.start();
print({ started: true });
for await (const line of createInterface(process.stdin)) print({ answer: await answer(line) });
source.stop();
