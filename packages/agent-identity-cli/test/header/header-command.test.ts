import { parseAgentAssertion } from 'agent-identity-core';
import { decodeUnverifiedAgentIdentityJwt, recordFromClaims } from 'agent-identity-jwt';
import { temporaryFile, temporaryFolder } from 'test-support';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';
import { startAuthority } from '../support/start-authority.js';

describe('header', () => {
  it('registers a task with a JWT file, and prints headers that curl reads', async () => {
    const { environment, issue } = await startAuthority();
    const { agent_runtime_id, jwt } = await issue();
    const words = ['header', '--jwt-file', await temporaryFile(jwt)];
    const { code, stdout, stderr } = await runProgram(words, { environment });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [authorization = '', account] = stdout.trim().split('\n');
    expect(account).toBe('ChatGPT-Account-ID: account-1');
    const assertion = parseAgentAssertion(authorization.replace('Authorization: ', ''));
    expect(assertion.agentRuntimeId).toBe(agent_runtime_id);
    expect(assertion.taskId).not.toBe('');
  });

  it('uses the environment of the Codex client, and a record', async () => {
    const { environment, issue } = await startAuthority();
    const { agent_runtime_id, jwt } = await issue();
    const record = recordFromClaims(decodeUnverifiedAgentIdentityJwt(jwt));
    const recordFile = await temporaryFile(JSON.stringify({ ...record, task_id: 'task-1' }));
    const fromRecord = await runProgram(['header', '--record-file', recordFile, '--json'], { environment });
    expect(JSON.parse(fromRecord.stdout)).toMatchObject({ agent_runtime_id, task_id: 'task-1' });
    const CODEX_HOME = await temporaryFolder();
    const fromEnvironment = await runProgram(['header', '--json'], {
      environment: { ...environment, CODEX_HOME, CODEX_ACCESS_TOKEN: jwt },
    });
    expect(JSON.parse(fromEnvironment.stdout)).toMatchObject({
      credential: 'agent_assertion',
      agent_runtime_id,
    });
  });

  it('says that nothing is logged in, and that a revoked agent was refused', async () => {
    const { environment, issue, revoke } = await startAuthority();
    const CODEX_HOME = await temporaryFolder();
    const nothing = await runProgram(['header', '--json'], { environment: { ...environment, CODEX_HOME } });
    expect(nothing.code).toBe(4);
    expect(JSON.parse(nothing.stderr)).toMatchObject({ error: { code: 'no_credentials' } });
    const { agent_runtime_id, jwt } = await issue();
    await revoke(agent_runtime_id);
    const refused = await runProgram(['header', '--jwt-file', await temporaryFile(jwt)], { environment });
    expect(refused).toMatchObject({ code: 5, stdout: '' });
    expect(refused.stderr).not.toContain(jwt);
  });
});
