import { manualClock } from 'test-support';
import { describe, expect, it } from 'vitest';
import { actors, apiKey, instanceRegistration, withKey } from '../support/instance-registration.js';
import { now, startAuthority } from '../support/start-authority.js';

/** Starts an authority with an instance of a ChatGPT user, and one of an API key. */
async function startWithInstances() {
  const { clock, advance } = manualClock(now);
  const started = await startAuthority({ actors, instanceIdleTtlSeconds: 3600 }, { clock });
  const register = async (changes: Record<string, unknown> = {}): Promise<string> => {
    const { body } = await started.post('/agent/register', instanceRegistration(changes), withKey());
    return body.runtime_agent_instance_id;
  };
  const id = await register();
  advance(1);
  const platformId = await register({
    actor_auth: { type: 'platform_api_key', credential: apiKey },
  });
  const list = async (query: string): Promise<string[]> => {
    const { body } = await started.admin(`/v1/admin/instances${query}`);
    return body.instances.map((one: { runtime_agent_instance_id: string }) => one.runtime_agent_instance_id);
  };
  return { ...started, register, list, id, platformId, advance };
}

describe('/v1/admin/instances', () => {
  it('shows an instance, without digests and credentials', async () => {
    const { admin, id } = await startWithInstances();
    const { status, body } = await admin(`/v1/admin/instances/${id}`);
    expect(status).toBe(200);
    expect(body).toEqual({
      runtime_agent_instance_id: id,
      agent_host_id: expect.stringMatching(/^host-/),
      installation_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      public_key: expect.stringMatching(/^ssh-ed25519 /),
      actor: { kind: 'chatgpt', user_id: 'user-1', account_id: 'account-1' },
      credential_type: 'oauth',
      harness: 'codex',
      harness_version: '0.169.0',
      role: 'orchestrator',
      status: 'active',
      created_at: new Date(now).toISOString(),
      last_seen_at: new Date(now).toISOString(),
      suspended_at: null,
      revoked_at: null,
    });
  });

  it('lists by user, account, organization, host, installation and status, by page', async () => {
    const { list, admin, id, platformId, advance } = await startWithInstances();
    const { body } = await admin(`/v1/admin/instances/${id}`);
    expect(await list('')).toEqual([platformId, id]);
    expect(await list('?user_id=user-1')).toEqual([platformId, id]);
    expect(await list('?account_id=account-1')).toEqual([id]);
    expect(await list('?organization_id=org-1')).toEqual([platformId]);
    expect(await list(`?agent_host_id=${body.agent_host_id}`)).toEqual([id]);
    expect(await list(`?installation_id=${body.installation_id}&user_id=user-1`)).toEqual([id]);
    expect(await list('?user_id=user-2')).toEqual([]);
    const first = (await admin('/v1/admin/instances?limit=1')).body;
    expect(await list(`?limit=1&cursor=${first.next_cursor}`)).toEqual([id]);
    expect(await list('?status=expired')).toEqual([]);
    advance(3599);
    expect(await list('?status=expired')).toEqual([id]);
    expect(await list('?status=active')).toEqual([platformId]);
  });

  it.each(['suspend', 'resume', 'revoke'])('%s refuses an unknown instance', async (change) => {
    const { admin } = await startWithInstances();
    expect(await admin(`/v1/admin/instances/rai-unknown/${change}`, {})).toMatchObject({
      status: 404,
      body: { error: { code: 'runtime_agent_instance_not_found' } },
    });
  });

  it('suspends, resumes and revokes one instance, and repeats have no effect', async () => {
    const { admin, id } = await startWithInstances();
    const statusAfter = async (change: string) => {
      const answers = [
        await admin(`/v1/admin/instances/${id}/${change}`, {}),
        await admin(`/v1/admin/instances/${id}/${change}`, {}),
      ];
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect(answers[1]?.body).toEqual(answers[0]?.body);
      return answers[0]?.body.status;
    };
    expect(await statusAfter('suspend')).toBe('suspended');
    expect(await statusAfter('resume')).toBe('active');
    expect(await statusAfter('revoke')).toBe('revoked');
    expect(await statusAfter('resume')).toBe('revoked');
  });

  it('revokes all instances of a user, and names the administrator in the audit log', async () => {
    const { admin, list, id, platformId } = await startWithInstances();
    const { body } = await admin('/v1/admin/instances/revoke', { user_id: 'user-1' });
    expect(body).toEqual({ changed: 2 });
    expect(await list('?status=revoked')).toEqual([platformId, id]);
    const audit = await admin('/v1/admin/audit?action=runtime_agent_instances_revoked');
    expect(audit.body.entries).toMatchObject([
      { actor: 'administrator:alice', details: { user_id: 'user-1', count: 2 } },
    ]);
    expect((await admin('/v1/admin/instances/revoke', { user_id: 'user-1' })).body).toEqual({ changed: 0 });
  });

  it.each([[{}], [{ user: 'user-1' }], [{ user_id: '' }], [{ runtime_agent_instance_id: 'rai-1' }]])(
    'changes nothing for the body %j',
    async (selector) => {
      const { admin, list, id, platformId } = await startWithInstances();
      expect(await admin('/v1/admin/instances/revoke', selector)).toMatchObject({
        status: 400,
        body: { error: { code: 'invalid_request' } },
      });
      expect(await list('?status=active')).toEqual([platformId, id]);
    },
  );
});

describe('/v1/directory/instances', () => {
  it('answers verifiers with the wire of their remote directory, and revalidates', async () => {
    const { lookUp, admin, id } = await startWithInstances();
    const path = `/v1/directory/instances/${id}`;
    const { agent_host_id, public_key, actor } = (await admin(`/v1/admin/instances/${id}`)).body;
    const { status, body, headers } = await lookUp(path);
    expect(status).toBe(200);
    expect(body).toEqual({
      runtime_agent_instance_id: id,
      agent_host_id,
      public_key,
      actor,
      status: 'active',
    });
    expect(headers.get('cache-control')).toBe('private, max-age=2');
    const etag = headers.get('etag') ?? expect.fail();
    expect((await lookUp(path, { 'if-none-match': etag })).status).toBe(304);
    await admin(`/v1/admin/instances/${id}/suspend`, {});
    expect((await lookUp(path, { 'if-none-match': etag })).body).toMatchObject({ status: 'suspended' });
  });

  it('answers an unknown instance with the code that means so', async () => {
    const { lookUp } = await startWithInstances();
    expect(await lookUp('/v1/directory/instances/rai-unknown')).toMatchObject({
      status: 404,
      body: { error: { code: 'runtime_agent_instance_not_found' } },
    });
  });

  it('keeps an instance in use from expiring', async () => {
    const { lookUp, list, id, platformId, advance } = await startWithInstances();
    advance(3000);
    await lookUp(`/v1/directory/instances/${id}`);
    advance(3000);
    expect(await list('?status=active')).toEqual([id]);
    expect((await lookUp(`/v1/directory/instances/${platformId}`)).body.status).toBe('expired');
    expect((await lookUp(`/v1/directory/instances/${platformId}`)).body.status).toBe('expired');
  });

  it('shows a revocation at once also with a cache', async () => {
    const { post, authority } = await startAuthority({ lookupCacheSeconds: 5 });
    const { body } = await post('/agent/register', instanceRegistration(), withKey());
    const find = async () =>
      (await authority.directory.findRuntimeAgentInstance?.(body.runtime_agent_instance_id))?.status;
    expect(await find()).toBe('active');
    await authority.changeRuntimeAgentInstances({ accountId: 'account-1' }, 'revoke');
    expect(await find()).toBe('revoked');
  });
});
