import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from 'test-support';
import { expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const script = join(repository, '.changeset/copy-core-version.mjs');
const sourcePath = 'packages/agent-identity-core/src/http/client-identification.ts';
const source = readFileSync(join(repository, sourcePath), 'utf8');

async function copyOf(text: string): Promise<string> {
  const copy = await temporaryFolder();
  mkdirSync(join(copy, 'packages/agent-identity-core/src/http'), { recursive: true });
  writeFileSync(join(copy, 'packages/agent-identity-core/package.json'), '{"version":"12.3.4-next.5"}');
  writeFileSync(join(copy, sourcePath), text);
  return copy;
}

it("the version of agent-identity-core's package.json is copied into its source, and nothing else changes", async () => {
  const copy = await copyOf(source);
  expect(spawnSync(process.execPath, [script, copy], { encoding: 'utf8' })).toMatchObject({
    status: 0,
    stderr: '',
  });
  const changed = readFileSync(join(copy, sourcePath), 'utf8');
  expect(changed).toContain("const version = '12.3.4-next.5';");
  expect(changed.replace('12.3.4-next.5', '0.0.0')).toBe(source.replace(/'\d+\.\d+\.\d+'/, "'0.0.0'"));
});

it('a source without the version is refused', async () => {
  const copy = await copyOf('export {};\n');
  expect(spawnSync(process.execPath, [script, copy]).status).toBe(1);
});
