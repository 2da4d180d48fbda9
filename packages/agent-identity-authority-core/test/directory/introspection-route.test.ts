import { describe, expect, it } from 'vitest';
import { breakableStore } from '../support/breakable-store.js';
import { adminToken, bearer, verifierToken } from '../support/start-authority.js';
import { startWithAgent } from '../support/start-with-agent.js';

describe('introspection', () => {
  it('returns the verified agent', async () => {
    const { post, header, agentRuntimeId, taskId } = await startWithAgent();
    const request = { assertion: header(), account_id: 'account-1' };
    expect(await post('/v1/directory/introspect', request, bearer(verifierToken))).toMatchObject({
      status: 200,
      body: {
        active: true,
        agent_runtime_id: agentRuntimeId,
        task_id: taskId,
        account_id: 'account-1',
        iat: Date.parse('2026-04-23T00:00:00Z') / 1000,
      },
    });
  });

  it('returns the refusal to respond with', async () => {
    const { post, header, authority, agentRuntimeId, advance } = await startWithAgent();
    const introspect = async (assertion: string, accountId = 'account-1') =>
      (await post('/v1/directory/introspect', { assertion, account_id: accountId }, bearer(verifierToken)))
        .body;
    const old = header();
    expect(await introspect(header(), 'account-2')).toMatchObject({
      active: false,
      refusal: { status: 403, code: 'account_mismatch' },
    });
    expect(await introspect('AgentAssertion x')).toMatchObject({
      refusal: { status: 401, code: 'malformed_assertion' },
    });
    advance(1000);
    expect(await introspect(old)).toMatchObject({ active: false, refusal: { code: 'assertion_expired' } });
    await authority.revokeAgentRuntime(agentRuntimeId);
    expect(await introspect(header())).toEqual({
      active: false,
      refusal: { status: 403, code: 'agent_runtime_deleted', message: 'Agent runtime has been deleted.' },
    });
  });

  it('responds with 503 while the store fails', async () => {
    const { store, breakDown } = breakableStore();
    const { post, header } = await startWithAgent({ store });
    breakDown();
    const request = { assertion: header(), account_id: 'account-1' };
    expect(await post('/v1/directory/introspect', request, bearer(verifierToken))).toMatchObject({
      status: 503,
    });
  });

  it('only verifiers may call it, and it refuses unknown members', async () => {
    const { post, header } = await startWithAgent();
    const request = { assertion: header() };
    expect(await post('/v1/directory/introspect', request, bearer(adminToken))).toMatchObject({
      status: 401,
    });
    expect(await post('/v1/directory/introspect', { token: 'x' }, bearer(verifierToken))).toMatchObject({
      status: 400,
    });
  });
});
