import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { startAuthority } from '../support/start-authority.js';

describe('/openapi.json', () => {
  it('is a valid OpenAPI 3.1 document', async () => {
    const { get } = await startAuthority({ authapiBasePath: '/api/accounts' });
    const { status, body, headers } = await get('/api/accounts/openapi.json');
    expect(status).toBe(200);
    expect(headers.get('etag')).toBeTruthy();
    const validator = new Validator();
    expect(await validator.validate(body)).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    expect(body.servers).toEqual([{ url: '/api/accounts' }]);
  });

  it('lists every operation, who may call it, and its responses', async () => {
    const { get } = await startAuthority();
    const { paths } = (await get('/openapi.json')).body;
    const operations = Object.entries<
      Record<string, { operationId: string; security: object[]; responses: object }>
    >(paths)
      .flatMap(([path, methods]) =>
        Object.entries(methods).map(
          ([method, { security }]) => `${method} ${path} ${Object.keys(security[0] ?? {})[0] ?? 'public'}`,
        ),
      )
      .sort();
    expect(operations).toEqual([
      'get /agent-identities/jwks public',
      'get /openapi.json public',
      'get /v1/admin/agents administrator',
      'get /v1/admin/agents/{agent_runtime_id} administrator',
      'get /v1/admin/agents/{agent_runtime_id}/tasks administrator',
      'get /v1/admin/audit administrator',
      'get /v1/admin/enrollment-tokens administrator',
      'get /v1/admin/instances administrator',
      'get /v1/admin/instances/{runtime_agent_instance_id} administrator',
      'get /v1/admin/me administrator',
      'get /v1/admin/signing-keys administrator',
      'get /v1/audit/log/checkpoint public',
      'get /v1/audit/log/tile/{level}/{tile} administrator',
      'get /v1/directory/agents/{agent_runtime_id} verifier',
      'get /v1/directory/agents/{agent_runtime_id}/tasks/{task_id} verifier',
      'get /v1/directory/changes verifier',
      'get /v1/directory/instances/{runtime_agent_instance_id} verifier',
      'post /agent/register public',
      'post /v1/admin/agents administrator',
      'post /v1/admin/agents/revoke administrator',
      'post /v1/admin/agents/{agent_runtime_id}/resume administrator',
      'post /v1/admin/agents/{agent_runtime_id}/revoke administrator',
      'post /v1/admin/agents/{agent_runtime_id}/suspend administrator',
      'post /v1/admin/agents/{agent_runtime_id}/tasks/{task_id}/revoke administrator',
      'post /v1/admin/audit/prune administrator',
      'post /v1/admin/audit/verify administrator',
      'post /v1/admin/enrollment-tokens administrator',
      'post /v1/admin/enrollment-tokens/{enrollment_token_id}/revoke administrator',
      'post /v1/admin/instances/resume administrator',
      'post /v1/admin/instances/revoke administrator',
      'post /v1/admin/instances/suspend administrator',
      'post /v1/admin/instances/{runtime_agent_instance_id}/resume administrator',
      'post /v1/admin/instances/{runtime_agent_instance_id}/revoke administrator',
      'post /v1/admin/instances/{runtime_agent_instance_id}/suspend administrator',
      'post /v1/admin/signing-keys/rotate administrator',
      'post /v1/admin/signing-keys/{kid}/retire administrator',
      'post /v1/agent/register account',
      'post /v1/agent/{agent_runtime_id}/child/register public',
      'post /v1/agent/{agent_runtime_id}/key public',
      'post /v1/agent/{agent_runtime_id}/task/register public',
      'post /v1/directory/introspect verifier',
    ]);
    expect(Object.keys(paths['/v1/agent/{agent_runtime_id}/task/register'].post.responses)).toEqual(
      expect.arrayContaining(['200', '400', '401', '403', '413', '429', '500', '503']),
    );
  });

  it('contains the schemas that the code uses', async () => {
    const { get } = await startAuthority();
    const { paths } = (await get('/openapi.json')).body;
    const { schema } = paths['/v1/agent/register'].post.requestBody.content['application/json'];
    expect(Object.keys(schema.properties)).toEqual(['abom', 'agent_public_key', 'capabilities', 'ttl']);
    expect(schema.required).toEqual(['abom', 'agent_public_key', 'capabilities', 'ttl']);
  });

  it('does not list operations that do not exist', async () => {
    const { get } = await startAuthority({ administrators: undefined, verifiers: undefined });
    const { paths } = (await get('/openapi.json')).body;
    expect(Object.keys(paths).filter((path) => /admin|directory/.test(path))).toEqual([]);
  });
});
