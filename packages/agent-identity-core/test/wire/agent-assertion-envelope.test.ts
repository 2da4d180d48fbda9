import { agentAssertionEnvelopeSchema } from 'agent-identity-core/wire';
import { describe, expect, it } from 'vitest';
import { fixedAssertion } from '../support/fixed-agent.js';

const envelope = {
  agent_runtime_id: 'agent-123',
  signature: fixedAssertion.signature,
  task_id: 'task-123',
  timestamp: fixedAssertion.timestamp,
};
const accepts = (changes: object) =>
  agentAssertionEnvelopeSchema.safeParse({ ...envelope, ...changes }).success;

describe('agentAssertionEnvelopeSchema', () => {
  it('accepts the four members', () => {
    expect(agentAssertionEnvelopeSchema.parse(envelope)).toEqual(envelope);
  });

  it('refuses a fifth member and members that are missing, empty or of another type', () => {
    expect(accepts({ aud: 'x' })).toBe(false);
    for (const name of Object.keys(envelope)) {
      for (const value of [undefined, null, '', 7, []]) expect(accepts({ [name]: value })).toBe(false);
    }
  });

  it('refuses a timestamp without whole seconds in UTC or of a day that does not exist', () => {
    for (const timestamp of [
      '2026-04-23T00:00Z',
      '2026-04-23T00:00:00.000Z',
      '2026-04-23T00:00:00z',
      '2026-04-23T00:00:00+00:00',
      '2026-02-30T00:00:00Z',
    ]) {
      expect(accepts({ timestamp })).toBe(false);
    }
  });

  it('refuses a signature that is not base64 of 64 bytes', () => {
    for (const bytes of [63, 65, 66]) {
      expect(accepts({ signature: Buffer.alloc(bytes, 1).toString('base64') })).toBe(false);
    }
    expect(accepts({ signature: envelope.signature.replaceAll('+', '-') })).toBe(false);
  });
});
