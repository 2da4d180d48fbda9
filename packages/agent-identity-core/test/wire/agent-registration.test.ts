import { agentRegistrationRequestSchema, agentRegistrationResponseSchema } from 'agent-identity-core/wire';
import { fixedAgent } from 'test-support';
import { describe, expect, it } from 'vitest';

const request = {
  abom: { agent_version: '1.2.3', agent_harness_id: 'codex-cli', running_location: 'cli-linux' },
  agent_public_key: fixedAgent.sshLine,
  capabilities: ['responsesapi'],
  ttl: null,
};
const accepts = (changes: object) =>
  agentRegistrationRequestSchema.safeParse({ ...request, ...changes }).success;

describe('agentRegistrationRequestSchema', () => {
  it('accepts the four members, with ttl in whole seconds or null', () => {
    expect(agentRegistrationRequestSchema.parse(request)).toEqual(request);
    expect(accepts({ ttl: 3600 })).toBe(true);
  });

  it('refuses a ttl that is not a positive integer', () => {
    for (const ttl of [0, -1, 1.5, '3600', undefined]) expect(accepts({ ttl })).toBe(false);
  });

  it('refuses missing members and members of another type, also in the bill of materials', () => {
    for (const name of ['abom', 'agent_public_key', 'capabilities']) {
      for (const value of [undefined, null, 7]) expect(accepts({ [name]: value })).toBe(false);
    }
    for (const name of Object.keys(request.abom)) {
      for (const value of [undefined, null, 7]) {
        expect(accepts({ abom: { ...request.abom, [name]: value } })).toBe(false);
      }
    }
    expect(accepts({ capabilities: [7] })).toBe(false);
  });
});

describe('agentRegistrationResponseSchema', () => {
  it('reads the runtime id and ignores other members', () => {
    const response = { agent_runtime_id: 'agent-123', account_id: 'x' };
    expect(agentRegistrationResponseSchema.parse(response)).toEqual({ agent_runtime_id: 'agent-123' });
  });

  it('refuses a runtime id that is missing, empty or of another type', () => {
    for (const id of [undefined, null, '', 7, ['agent-123']]) {
      expect(agentRegistrationResponseSchema.safeParse({ agent_runtime_id: id }).success).toBe(false);
    }
  });
});
