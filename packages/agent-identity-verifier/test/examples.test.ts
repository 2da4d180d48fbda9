import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const printed = `the agent: 200 {"agentRuntimeId":"agent-1","taskId":"task-1"}
a stranger: 401 {"error":{"code":"missing_assertion","message":"An agent assertion is required."}}
after revocation: 401 {"error":{"code":"invalid_task_id","message":"The task is no longer valid."}}
`;

describe.each(['hono', 'express', 'fastify', 'node'])('the example for %s', (name) => {
  const example = new URL(`../examples/${name}.mjs`, import.meta.url);

  it('accepts the agent and refuses everyone else', async () => {
    const run = promisify(execFile)(process.execPath, [fileURLToPath(example)], { timeout: 20_000 });
    expect((await run).stdout).toBe(printed);
  });

  it('is the one that docs/verifier.md shows', async () => {
    const page = await readFile(new URL('../../../docs/verifier.md', import.meta.url), 'utf8');
    const code = await readFile(example, 'utf8');
    const [, service = ''] =
      /(const (?:app|server) = .*?)\n\n(?:server|const server|await)/s.exec(code) ?? [];
    expect(service).toContain('requireAgent');
    expect(page).toContain(`\n${service}\n`);
    expect(page).toContain(code.match(/^import .* from 'agent-identity-verifier\/.*$/m)?.[0]);
  });
});
