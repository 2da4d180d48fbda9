import {
  createAgentAssertion,
  createAssertionSigner,
  formatAgentAssertion,
  parseAgentAssertion,
  signTaskRegistration,
  verifyAgentAssertion,
} from 'agent-identity-core';
import { fixedAgent, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { fixedKey, subject } from '../support/fixed-agent.js';

const { assertionHeader, signedAt } = fixedAgent;

/** A signer by a key that counts, and a clock that is set by hand. */
function countingSigner() {
  const counted = { now: signedAt, signatures: 0 };
  const agentKey = {
    sign(message: Uint8Array) {
      counted.signatures += 1;
      return fixedKey.sign(message);
    },
  };
  const signer = createAssertionSigner({ ...subject, agentKey }, { clock: () => counted.now });
  return { signer, counted };
}

describe('createAssertionSigner', () => {
  it('signs nothing before a header is requested', () => {
    expect(countingSigner().counted.signatures).toBe(0);
  });

  it('returns identical headers within one second from one signature', () => {
    const { signer, counted } = countingSigner();
    const headers = new Set<string>();
    for (let millisecond = 0; millisecond < 1000; millisecond += 1) {
      counted.now = signedAt + millisecond;
      headers.add(signer.authorizationHeader());
    }
    expect(headers).toEqual(new Set([assertionHeader]));
    expect(counted.signatures).toBe(1);
  });

  it('signs once for each second in which a header is requested', () => {
    const { signer, counted } = countingSigner();
    const headers = new Set<string>();
    for (const second of [0, 1, 2, 60]) {
      counted.now = signedAt + second * 1000;
      headers.add(signer.authorizationHeader());
      counted.now += 999;
      headers.add(signer.authorizationHeader());
    }
    expect(counted.signatures).toBe(4);
    expect(headers.size).toBe(4);
  });

  it('returns the header of the current second even after the clock was set back', () => {
    const { signer, counted } = countingSigner();
    counted.now = signedAt + 5000;
    signer.authorizationHeader();
    counted.now = signedAt;
    expect(signer.authorizationHeader()).toBe(assertionHeader);
  });

  it('returns the same as createAgentAssertion and formatAgentAssertion, and it verifies', () => {
    for (const second of [0, 1, 86_400 * 365]) {
      const clock = () => signedAt + second * 1000;
      const header = createAssertionSigner(subject, { clock }).authorizationHeader();
      expect(header).toBe(formatAgentAssertion(createAgentAssertion(subject, { clock })));
      verifyAgentAssertion(parseAgentAssertion(header), { publicKey: fixedKey.publicKey }, { clock });
    }
  });

  it('uses the system clock by default', () => {
    const header = createAssertionSigner(subject).authorizationHeader();
    verifyAgentAssertion(parseAgentAssertion(header), { publicKey: fixedKey.publicKey });
  });

  it('signs again after a failed signature', () => {
    let failing = true;
    const agentKey = {
      sign(message: Uint8Array) {
        if (failing) throw new Error('the key is not there');
        return fixedKey.sign(message);
      },
    };
    const signer = createAssertionSigner({ ...subject, agentKey }, { clock: () => signedAt });
    expect(() => signer.authorizationHeader()).toThrow('the key is not there');
    failing = false;
    expect(signer.authorizationHeader()).toBe(assertionHeader);
  });

  it.each(['', ' ', '\ud800'])('refuses the id %j with invalid_argument at construction', (id) => {
    for (const name of ['agentRuntimeId', 'taskId']) {
      expect(thrownBy(() => createAssertionSigner({ ...subject, [name]: id })).code).toBe('invalid_argument');
    }
  });

  it('refuses ids that are too long for a header with invalid_argument at construction', () => {
    const error = thrownBy(() => createAssertionSigner({ ...subject, taskId: 't'.repeat(4096) }));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).not.toContain('ttt');
  });

  it.each<[string, unknown]>([
    ['too few bytes', new Uint8Array(63)],
    ['too many bytes', new Uint8Array(65)],
    ['a promise of them', Promise.resolve(new Uint8Array(64))],
    ['text', 'A'.repeat(64)],
    ['nothing', undefined],
  ])('refuses a key whose sign() returns %s with invalid_argument each time', (_form, signature) => {
    const agentKey = { sign: () => signature as Uint8Array };
    const signer = createAssertionSigner({ ...subject, agentKey }, { clock: () => signedAt });
    for (const sign of [
      () => signer.authorizationHeader(),
      () => signer.authorizationHeader(),
      () => createAgentAssertion({ ...subject, agentKey }),
      () => signTaskRegistration({ ...subject, agentKey }),
    ]) {
      expect(thrownBy(sign).code).toBe('invalid_argument');
    }
  });

  it('refuses a clock that does not return a finite number with invalid_argument each time', () => {
    const signer = createAssertionSigner(subject, { clock: () => Number.NaN });
    expect(thrownBy(() => signer.authorizationHeader()).code).toBe('invalid_argument');
    expect(thrownBy(() => signer.authorizationHeader()).code).toBe('invalid_argument');
  });

  it('does not show its key or its header', () => {
    const signer = createAssertionSigner(subject, { clock: () => signedAt });
    signer.authorizationHeader();
    expect(JSON.stringify(signer)).toBe('{}');
  });
});
