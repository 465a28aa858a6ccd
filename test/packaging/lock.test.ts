import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

interface Locked {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

describe('the lock file', () => {
  it('holds every package that another one names, other platforms too: npm ci installs nothing otherwise', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Record<string, Locked>;
    };
    const missing = Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies }).filter(
        name => !placesOf(path, name).some(place => place in packages),
      ),
    );
    assert.deepEqual(missing, []);
  });
});

/** Where a package below `path` finds `name`: in its own node_modules, and in those above it. */
function placesOf(path: string, name: string): string[] {
  const place = `${path === '' ? '' : `${path}/`}node_modules/${name}`;
  const above = path.lastIndexOf('node_modules/');
  return above < 0 ? [place] : [place, ...placesOf(path.slice(0, above).replace(/\/$/, ''), name)];
}
