import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installPublishedClient } from './published-client/install-published-client.mjs';
import { runInLoopbackNamespace } from './published-client/run-in-loopback-namespace.mjs';

const script = fileURLToPath(new URL('codex-against-demo/scenarios.mjs', import.meta.url));
let folder = '';

interface Run {
  readonly code: number | null;
  readonly output: string;
}
let seen: { readonly first: Run; readonly second: Run; readonly exitCode: number };

beforeAll(async () => {
  const binary = installPublishedClient();
  folder = await mkdtemp(join(tmpdir(), 'codex-against-demo-'));
  seen = JSON.parse(await runInLoopbackNamespace(script, [binary, folder], 140));
}, 180_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the published client with the identity and the commands that the demo prints', () => {
  it('runs a turn: the provider reads its zstd body', () => {
    expect(seen.first.code).toBe(0);
    expect(seen.first.output).toMatch(/Under task-[\w-]+ you said: say hello/);
  });

  it('compacts the conversation and continues', () => {
    expect(seen.second.code).toBe(0);
    expect(seen.second.output).toContain('context compacted');
    expect(seen.second.output).toMatch(/Under task-[\w-]+ you said: and again/);
  });

  it('leaves a demo that exits with 0', () => {
    expect(seen.exitCode).toBe(0);
  });
});
