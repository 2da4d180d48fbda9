import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { publishedPackages } from 'test-support/published-packages';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('import-with-traps.mjs', import.meta.url));

describe.each(publishedPackages)('the import of $name', ({ folder, entryPoints }) => {
  it('starts no timer or request, and takes no time or random value', () => {
    const paths = new Set(entryPoints.flatMap(({ targets }) => Object.values(targets)));
    const modules = [...paths].filter((path) => path.endsWith('.js'));
    const urls = modules.map((path) => new URL(path, folder).href);
    expect(JSON.parse(execFileSync(process.execPath, [script, ...urls], { encoding: 'utf8' }))).toEqual([]);
  });
});
