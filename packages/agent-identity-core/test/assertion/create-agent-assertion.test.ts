import { createAgentAssertion, verifyAgentAssertion } from 'agent-identity-core';
import { fixedAgent, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { fixedAssertion, fixedKey, subject } from '../support/fixed-agent.js';

const { signedAt } = fixedAgent;

const at = (milliseconds: number) => ({ clock: () => milliseconds });

describe('createAgentAssertion', () => {
  it('signs runtime id, task id and second byte for byte as OpenSSL does', () => {
    expect(createAgentAssertion(subject, at(signedAt))).toEqual(fixedAssertion);
  });

  it('rounds the time down to the whole second', () => {
    expect(createAgentAssertion(subject, at(signedAt + 999))).toEqual(fixedAssertion);
    expect(createAgentAssertion(subject, at(signedAt + 999.9))).toEqual(fixedAssertion);
    expect(createAgentAssertion(subject, at(signedAt + 1000)).timestamp).toBe('2026-04-23T00:00:01Z');
  });

  it('uses the system clock by default', () => {
    const before = Math.floor(Date.now() / 1000) * 1000;
    const { timestamp } = createAgentAssertion(subject);
    expect(Date.parse(timestamp)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(timestamp)).toBeLessThanOrEqual(Date.now());
  });

  it('accepts every second from 1970 to the end of 9999', () => {
    expect(createAgentAssertion(subject, at(0)).timestamp).toBe('1970-01-01T00:00:00Z');
    const last = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
    expect(createAgentAssertion(subject, at(last)).timestamp).toBe('9999-12-31T23:59:59Z');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1000, Date.UTC(10000, 0), 8.64e15 + 1])(
    'refuses a clock that says %s with invalid_argument',
    (now) => {
      expect(thrownBy(() => createAgentAssertion(subject, at(now))).code).toBe('invalid_argument');
    },
  );

  it('signs ids of any Unicode text unchanged and untrimmed', () => {
    for (const id of [
      'é漢字',
      '🤖',
      ' padded ',
      'a:b',
      '"quoted\\',
      'tab\there',
      '\u0000',
      '\u2028x',
      '\ufeffx',
    ]) {
      const assertion = createAgentAssertion({ ...subject, agentRuntimeId: id, taskId: id }, at(signedAt));
      expect(assertion).toMatchObject({ agentRuntimeId: id, taskId: id });
      verifyAgentAssertion(assertion, { publicKey: fixedKey.publicKey }, at(signedAt));
    }
  });

  it.each([
    ['empty', ''],
    ['blank', ' \t\n'],
    ['a lone surrogate', 'task-\ud800'],
    ['undefined', undefined],
    ['null', null],
    ['a number', 7],
    ['an array', ['task']],
  ])('refuses an id that is %s with invalid_argument, naming which', (_form, id) => {
    for (const name of ['agentRuntimeId', 'taskId']) {
      const error = thrownBy(() => createAgentAssertion({ ...subject, [name]: id as string }, at(signedAt)));
      expect(error.code).toBe('invalid_argument');
      expect(error.message).toMatch(new RegExp(`^${name}: expected a non-blank Unicode string, got `));
    }
  });
});
