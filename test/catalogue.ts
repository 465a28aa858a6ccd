import { read, sourcesIn } from './imports.ts';

/** The names of all events: of the core's catalogue, and those that shipped plugins merge into it. */
export function cataloguedEvents(): string[] {
  const catalogues = ['core/bus/catalogue.ts', ...sourcesIn('plugins')].map(
    file => /^ *(?:export )?interface Events \{(.*?)\n *\}/ms.exec(read(file))?.[1] ?? '',
  );
  return catalogues.flatMap(text => [...text.matchAll(/^ +'([a-z.-]+)':/gm)].map(found => found[1]!));
}
