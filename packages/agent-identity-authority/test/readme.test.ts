import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('the example of the README runs, and prints what the README says', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const [, example = ''] = /```js\n(.*?)```/s.exec(readme) ?? [];
  const [, printed] = /```text\n(.*?)```/s.exec(readme) ?? [];
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', example], {
    cwd: new URL('..', import.meta.url),
  });
  expect((await run).stdout).toBe(printed);
});
