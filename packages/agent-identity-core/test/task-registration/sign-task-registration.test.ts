import { signTaskRegistration } from 'agent-identity-core';
import { fixedAgent, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { fixedKey, fixedRegistration } from '../support/fixed-agent.js';

const subject = { agentKey: fixedKey, agentRuntimeId: 'agent-123' };

describe('signTaskRegistration', () => {
  it('signs runtime id and second byte for byte as OpenSSL does and returns only these two members', () => {
    const { timestamp, signature } = fixedRegistration;
    expect(signTaskRegistration(subject, { clock: () => fixedAgent.signedAt + 999 })).toEqual({
      timestamp,
      signature,
    });
  });

  it('uses the system clock by default', () => {
    const before = Math.floor(Date.now() / 1000) * 1000;
    expect(Date.parse(signTaskRegistration(subject).timestamp)).toBeGreaterThanOrEqual(before);
  });

  it.each([undefined, '', ' ', '\ud800', 7])('refuses the runtime id %j with invalid_argument', (id) => {
    const error = thrownBy(() => signTaskRegistration({ ...subject, agentRuntimeId: id as string }));
    expect(error.code).toBe('invalid_argument');
  });

  it('refuses a clock that does not return a finite number with invalid_argument', () => {
    const error = thrownBy(() => signTaskRegistration(subject, { clock: () => Number.NaN }));
    expect(error.code).toBe('invalid_argument');
  });
});
