import { generateAgentKey, verifyTaskRegistration } from 'agent-identity-core';
import { fixedAgent, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { fixedAssertion, fixedKey, fixedRegistration } from '../support/fixed-agent.js';

const { publicKey } = fixedKey;
const secondsLater = (seconds: number) => ({ clock: () => fixedAgent.signedAt + seconds * 1000 });

function codeFor(registration: object, seconds = 0, window: object = {}): string {
  const whole = { ...fixedRegistration, ...registration };
  return thrownBy(() => verifyTaskRegistration(whole, { publicKey, ...window }, secondsLater(seconds))).code;
}

describe('verifyTaskRegistration', () => {
  it('accepts a genuine registration within 300 s in both directions, repeatedly', () => {
    for (const seconds of [0, 0, 300, 300.999, -300]) {
      expect(verifyTaskRegistration(fixedRegistration, { publicKey }, secondsLater(seconds))).toBeUndefined();
    }
  });

  it('refuses an older registration with task_registration_expired and a later one with task_registration_in_future', () => {
    expect(codeFor({}, 301)).toBe('task_registration_expired');
    expect(codeFor({}, -301)).toBe('task_registration_in_future');
    expect(codeFor({}, 2, { maxAgeSeconds: 1 })).toBe('task_registration_expired');
    expect(codeFor({}, -2, { leewaySeconds: 1 })).toBe('task_registration_in_future');
  });

  it('says by how much the clocks differ', () => {
    const error = thrownBy(() =>
      verifyTaskRegistration(fixedRegistration, { publicKey }, secondsLater(-7200)),
    );
    expect(error.message).toContain('signed 7200 s ahead');
  });

  it('refuses another runtime, second, signature or key with invalid_signature at any age', () => {
    expect(codeFor({ agentRuntimeId: 'agent-124' })).toBe('invalid_signature');
    expect(codeFor({ timestamp: '2026-04-23T00:00:01Z' }, 1e6)).toBe('invalid_signature');
    expect(codeFor({ signature: fixedAssertion.signature })).toBe('invalid_signature');
    expect(codeFor({ signature: undefined })).toBe('invalid_signature');
    expect(codeFor({}, 0, { publicKey: generateAgentKey().publicKey })).toBe('invalid_signature');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses a clock that says %d with invalid_argument',
    (now) => {
      const error = thrownBy(() =>
        verifyTaskRegistration(fixedRegistration, { publicKey }, { clock: () => now }),
      );
      expect(error.code).toBe('invalid_argument');
    },
  );

  it('refuses a signed timestamp of another form and an id that is not a string with malformed_task_registration', () => {
    const signed = (agentRuntimeId: unknown, timestamp: string) => {
      const signature = fixedKey.sign(new TextEncoder().encode(`${agentRuntimeId}:${timestamp}`));
      return { agentRuntimeId, timestamp, signature: Buffer.from(signature).toString('base64') };
    };
    expect(codeFor(signed('agent-123', '2026-04-23T00:00:00.000Z'))).toBe('malformed_task_registration');
    expect(codeFor(signed('agent-123', '2026-04-23T00:00:00+00:00'))).toBe('malformed_task_registration');
    for (const id of [' ', '\ud800', undefined]) {
      expect(codeFor(signed(id, fixedRegistration.timestamp))).toBe('malformed_task_registration');
    }
  });
});
