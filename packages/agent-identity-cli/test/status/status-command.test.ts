import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeUnverifiedAgentIdentityJwt, recordFromClaims } from 'agent-identity-jwt';
import { temporaryFolder } from 'test-support';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';
import { startAuthority } from '../support/start-authority.js';

async function status(environment: Record<string, string>) {
  const { code, stdout, stderr } = await runProgram(['status', '--json'], { environment });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('status', () => {
  it('says that nothing is logged in', async () => {
    const CODEX_HOME = await temporaryFolder();
    expect(await status({ CODEX_HOME })).toEqual({
      credential: 'none',
      origin: null,
      location: join(CODEX_HOME, 'auth.json'),
      agent_identity_opt_in: false,
      runtime_agent_instances: 'off',
    });
  });

  it('shows the agent of the environment, which wins, and of auth.json, without secrets', async () => {
    const { issue } = await startAuthority();
    const [inFile, inEnvironment] = [await issue(), await issue()];
    const CODEX_HOME = await temporaryFolder();
    await writeFile(
      join(CODEX_HOME, 'auth.json'),
      JSON.stringify({ auth_mode: 'agentIdentity', agent_identity: inFile.jwt }),
    );
    await writeFile(join(CODEX_HOME, 'config.toml'), '[features]\nuse_agent_identity = true\n');
    expect(await status({ CODEX_HOME })).toMatchObject({
      credential: 'agentIdentityJwt',
      origin: 'store',
      agent_runtime_id: inFile.agent_runtime_id,
      account_id: 'account-1',
      expires_at: expect.stringMatching(/^20\d\d-/),
      agent_identity_opt_in: true,
    });
    const shown = await status({ CODEX_HOME, CODEX_ACCESS_TOKEN: inEnvironment.jwt });
    expect(shown).toMatchObject({
      origin: 'environment',
      location: 'CODEX_ACCESS_TOKEN',
      agent_runtime_id: inEnvironment.agent_runtime_id,
    });
    expect(JSON.stringify(shown)).not.toContain(inEnvironment.jwt);
  });

  it('shows a record with its task, for people', async () => {
    const { issue } = await startAuthority();
    const CODEX_HOME = await temporaryFolder();
    const record = recordFromClaims(decodeUnverifiedAgentIdentityJwt((await issue()).jwt));
    const agent_identity = { ...record, task_id: 'task-1' };
    await writeFile(
      join(CODEX_HOME, 'auth.json'),
      JSON.stringify({ auth_mode: 'agentIdentity', agent_identity }),
    );
    const { stdout } = await runProgram(['status'], { environment: { CODEX_HOME } });
    expect(stdout).toContain(`agent runtime id        ${record.agent_runtime_id}\n`);
    expect(stdout).toContain('task id                 task-1\n');
    expect(stdout).not.toContain(record.agent_private_key);
  });
});
