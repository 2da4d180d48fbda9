import { readFileSync } from 'node:fs';
import {
  instanceRegistrationRequestSchema,
  instanceRegistrationResponseSchema,
  runtimeErrorCodeSchema,
} from 'agent-identity-core/wire';
import { fixedAgent } from 'test-support';
import { describe, expect, it } from 'vitest';

const request = {
  actor_auth: { type: 'oauth', credential: 'eyJ.eyJ.c2ln' },
  agent_host_auth: { type: 'installation_id', installation_id: 'c77b29af-1f5f-4e5c-a007-978c11d359e1' },
  public_key: fixedAgent.sshLine,
  metadata: { harness: 'codex', harness_version: '0.169.0', role: 'orchestrator' },
};
const response = {
  runtime_agent_instance_id: 'rai-1',
  agent_host_id: 'host-1',
  actor: { kind: 'chatgpt', user_id: 'user-1', account_id: 'account-1' },
};

/** What the published client sent, and what it was answered. */
const runs: readonly {
  registrations: readonly { body: string; response_status: number; response_body: string }[];
}[] = JSON.parse(
  readFileSync(new URL('../../../../tests/vectors/runtime-agent-instances.json', import.meta.url), 'utf8'),
).runs;
const registrations = runs.flatMap((run) => run.registrations);

const acceptsRequest = (changes: object) =>
  instanceRegistrationRequestSchema.safeParse({ ...request, ...changes }).success;
const acceptsResponse = (changes: object) =>
  instanceRegistrationResponseSchema.safeParse({ ...response, ...changes }).success;

describe('instanceRegistrationRequestSchema', () => {
  it('reads the bodies of the published client, and their members keep the order byte for byte', () => {
    expect(registrations.length).toBeGreaterThan(0);
    for (const { body } of registrations) {
      expect(JSON.stringify(instanceRegistrationRequestSchema.parse(JSON.parse(body)))).toBe(body);
    }
  });

  it.each([
    { type: 'oauth', credential: 'x' },
    { type: 'personal_access_token', credential: 'at-x' },
    { type: 'platform_api_key', credential: 'sk-x' },
    { type: 'platform_api_key', credential: 'sk-x', organization_id: 'org-1' },
    { type: 'platform_api_key', credential: 'sk-x', project_id: 'proj-1' },
    { type: 'platform_api_key', credential: 'sk-x', organization_id: 'org-1', project_id: 'proj-1' },
  ])('accepts the credential %j', (actorAuth) => {
    expect(acceptsRequest({ actor_auth: actorAuth })).toBe(true);
  });

  it.each([
    { type: 'oauth' },
    { type: 'oauth', credential: '' },
    { type: 'oauth', credential: 7 },
    { type: 'OAuth', credential: 'x' },
    { type: 'agent_identity', credential: 'x' },
    { credential: 'x' },
    { type: 'platform_api_key', credential: 'sk-x', organization_id: null },
    { type: 'platform_api_key', credential: 'sk-x', project_id: '' },
    null,
    'oauth',
  ])('refuses the credential %j', (actorAuth) => {
    expect(acceptsRequest({ actor_auth: actorAuth })).toBe(false);
  });

  it('drops organization and project where the credential is no API key, and every unknown member', () => {
    const parsed = instanceRegistrationRequestSchema.parse({
      ...request,
      actor_auth: { ...request.actor_auth, organization_id: 'org-1' },
      extra: 1,
    });
    expect(parsed).toEqual(request);
  });

  it.each(['00000000-0000-0000-0000-000000000000', 'c77b29af-1f5f-1e5c-a007-978c11d359e1'])(
    'accepts the installation id %s, a UUID of another version',
    (installationId) => {
      const hostAuth = { type: 'installation_id', installation_id: installationId };
      expect(acceptsRequest({ agent_host_auth: hostAuth })).toBe(true);
    },
  );

  it.each(['C77B29AF-1F5F-4E5C-A007-978C11D359E1', 'c77b29af1f5f4e5ca007978c11d359e1', '', 'x', 7, null])(
    'refuses the installation id %j',
    (installationId) => {
      const hostAuth = { type: 'installation_id', installation_id: installationId };
      expect(acceptsRequest({ agent_host_auth: hostAuth })).toBe(false);
    },
  );

  it('refuses missing members and members of another type', () => {
    for (const name of Object.keys(request)) {
      for (const value of [undefined, null, 7]) expect(acceptsRequest({ [name]: value })).toBe(false);
    }
    for (const name of Object.keys(request.metadata)) {
      for (const value of [undefined, null, 7, '']) {
        expect(acceptsRequest({ metadata: { ...request.metadata, [name]: value } })).toBe(false);
      }
    }
  });

  it('never names a value in its errors', () => {
    const actorAuth = { type: 'secretsecret', credential: 'secretsecret', organization_id: 'secretsecret' };
    const { error } = instanceRegistrationRequestSchema.safeParse({ ...request, actor_auth: actorAuth });
    expect(String(error)).not.toContain('secretsecret');
  });
});

describe('instanceRegistrationResponseSchema', () => {
  it('reads the answers that the published client accepted', () => {
    for (const { response_status: status, response_body: body } of registrations) {
      const parsed = instanceRegistrationResponseSchema.safeParse(JSON.parse(body));
      expect(parsed.success).toBe(status === 200);
    }
  });

  it('ignores unknown members and reads a missing project as null', () => {
    const actor = { kind: 'platform', user_id: 'user-1', organization_id: 'org-1', extra: 1 };
    const parsed = instanceRegistrationResponseSchema.parse({ ...response, actor, extra: 1 });
    expect(parsed).toEqual({
      ...response,
      actor: { kind: 'platform', user_id: 'user-1', organization_id: 'org-1', project_id: null },
    });
  });

  it.each([
    { kind: 'chatgpt', user_id: '', account_id: 'account-1' },
    { kind: 'platform', user_id: '', organization_id: '', project_id: null },
    { kind: 'platform', user_id: 'user-1', organization_id: 'org-1', project_id: 'proj-1' },
  ])('accepts the actor %j', (actor) => {
    expect(acceptsResponse({ actor })).toBe(true);
  });

  it.each([
    undefined,
    null,
    { user_id: 'user-1', account_id: 'account-1' },
    { kind: 'service', user_id: 'user-1', account_id: 'account-1' },
    { kind: 'chatgpt', user_id: 'user-1' },
    { kind: 'chatgpt', user_id: null, account_id: 'account-1' },
    { kind: 'platform', user_id: 'user-1' },
    { kind: 'platform', user_id: 'user-1', organization_id: 'org-1', project_id: 7 },
    { chatgpt: { user_id: 'user-1', account_id: 'account-1' } },
  ])('refuses the actor %j', (actor) => {
    expect(acceptsResponse({ actor })).toBe(false);
  });

  it('refuses a missing or empty agent_host_id, although nothing uses it', () => {
    for (const value of [undefined, null, '', 7])
      expect(acceptsResponse({ agent_host_id: value })).toBe(false);
  });

  it.each([undefined, null, '', 7, '\ud800', ['rai-1']])('refuses the instance id %j', (value) => {
    expect(acceptsResponse({ runtime_agent_instance_id: value })).toBe(false);
  });

  it.each([
    ['plain', 'x', 5924],
    ['of two bytes', 'é', 2962],
    ['escaped', '"', 2962],
    ['of four bytes', '🤖', 1481],
  ])('accepts an instance id while its assertions fit: %s characters', (_form, character, count) => {
    expect(acceptsResponse({ runtime_agent_instance_id: character.repeat(count) })).toBe(true);
    expect(acceptsResponse({ runtime_agent_instance_id: character.repeat(count + 1) })).toBe(false);
  });
});

describe('runtimeErrorCodeSchema', () => {
  it('accepts the codes of the page and no other', () => {
    const page = readFileSync(new URL('../../../../docs/protocol-instances.md', import.meta.url), 'utf8');
    const section = page.slice(page.indexOf('\n## 6.'), page.indexOf('\n## 7.'));
    const codes = [...section.matchAll(/`(runtime_[a-z_]+)`/g)].map(([, code]) => code);
    expect(new Set(codes).size).toBe(12);
    for (const code of codes) expect(runtimeErrorCodeSchema.parse(code)).toBe(code);
    for (const code of ['assertion_invalid', 'runtime_', '', null]) {
      expect(runtimeErrorCodeSchema.safeParse(code).success).toBe(false);
    }
  });
});
