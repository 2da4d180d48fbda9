import { readFile } from 'node:fs/promises';
import { describeReadme } from 'test-support';
import { expect, it } from 'vitest';

const root = new URL('../', import.meta.url);

describeReadme(root);

it('the README names every error code', async () => {
  const readme = await readFile(new URL('README.md', root), 'utf8');
  const errors = await readFile(new URL('src/errors.ts', root), 'utf8');
  const codes = [...errors.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(10);
  for (const code of codes) expect(readme).toContain(`\`${code}\``);
});
