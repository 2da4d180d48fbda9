import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

test("the README's example runs and prints what the README says", async () => {
  const readme = await readFile(`${root}/README.md`, 'utf8');
  const [, example = ''] = /```js\n(.*?)```/s.exec(readme) ?? [];
  const [, output] = /```text\n(.*?)```/s.exec(readme) ?? [];
  const node = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', example], {
    cwd: root,
  });
  expect((await node).stdout).toBe(output);
});

test('the README names every error code', async () => {
  const readme = await readFile(`${root}/README.md`, 'utf8');
  const errors = await readFile(`${root}/src/errors.ts`, 'utf8');
  const codes = [...errors.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(10);
  for (const code of codes) expect(readme).toContain(`\`${code}\``);
});
