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
