import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from 'test-support';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';
import { startAuthority } from '../support/start-authority.js';

/** An authority and the record of an agent that may read and write a repository. */
async function scene() {
  const authority = await startAuthority();
  const folder = await temporaryFolder();
  const record = join(folder, 'record.json');
  const run = (words: readonly string[], input = '') =>
    runProgram(words, { environment: authority.environment, input });
  const token = await authority.enrollmentToken({ capabilities: ['repository:read', 'repository:write'] });
  const enroll = ['enroll', '--token-file', '-', '--capability', 'repository:read', 'repository:write'];
  expect((await run([...enroll, '--out', record], token)).code).toBe(0);
  const parentId: string = JSON.parse(await readFile(record, 'utf8')).agent_runtime_id;
  return { ...authority, folder, record, run, parentId };
}

describe('child', () => {
  it('registers a sub-agent whose record signs', async () => {
    const { folder, record, run, parentId, show } = await scene();
    const out = join(folder, 'child.json');
    const words = ['child', '--record-file', record, '--out', out, '--name', 'reviewer', '--ttl', '60'];
    const { code, stdout } = await run([...words, '--capability', 'repository:read', 'admin', '--json']);
    expect(code).toBe(0);
    const { agent_runtime_id, expires_at, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({ parent_id: parentId, capabilities: ['repository:read'], file: out });
    expect(Date.parse(expires_at)).toBeGreaterThan(Date.now());
    expect(await show(`/v1/admin/agents/${agent_runtime_id}`)).toMatchObject({
      lineage: [parentId],
      name: 'reviewer',
      capabilities: ['repository:read'],
    });
    expect((await run(['header', '--record-file', out])).stdout).toMatch(/^Authorization: AgentAssertion /);
  });

  it('registers nothing for a record that cannot be kept, and for bad options', async () => {
    const { folder, record, run, show } = await scene();
    await writeFile(join(folder, 'mine.json'), 'mine');
    const outs = [join(folder, 'mine.json'), join(folder, 'nowhere', 'child.json')];
    for (const out of outs) {
      const { code, stderr } = await run(['child', '--record-file', record, '--out', out]);
      expect([code, stderr]).toEqual([7, expect.stringContaining('unwritable_file')]);
    }
    const out = join(folder, 'child.json');
    expect((await run(['child', '--record-file', record, '--out', out, '--ttl', '1.5'])).code).toBe(2);
    expect((await run(['child', '--record-file', record, '--out', out, '--name', ''])).code).toBe(2);
    const { agents } = (await show('/v1/admin/agents')) as { agents: unknown[] };
    expect(agents).toHaveLength(1);
    expect((await readdir(folder)).sort()).toEqual(['mine.json', 'record.json']);
  });
});
