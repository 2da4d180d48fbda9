import {
  createInstanceAssertion,
  createInstanceAssertionSigner,
  parseInstanceAssertion,
  verifyInstanceAssertion,
} from 'agent-identity-core';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { assertion, effects, fixedKey, id, issuedAtSeconds, subject } from '../support/fixed-instance.js';

const { publicKey } = fixedKey;

describe.each([
  ['createInstanceAssertion', createInstanceAssertion],
  [
    'createInstanceAssertionSigner',
    (...args: Parameters<typeof createInstanceAssertionSigner>) =>
      createInstanceAssertionSigner(...args).assertion(),
  ],
] as const)('%s', (_name, create) => {
  it('creates the assertion of the signing vector byte for byte', () => {
    expect(create(subject, effects)).toBe(assertion);
  });

  it('uses the system clock and a random UUID v4 by default, and the result verifies', () => {
    const [one, other] = [create(subject), create(subject)].map(parseInstanceAssertion);
    expect(one?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(other?.id).not.toBe(one?.id);
    if (one !== undefined) verifyInstanceAssertion(one, { publicKey });
  });

  it('rounds iat down to the whole second', () => {
    const clock = () => issuedAtSeconds * 1000 + 999;
    expect(create(subject, { ...effects, clock })).toBe(assertion);
  });

  it.each([0, 999, 1e12, Date.UTC(9999, 11, 31)])('signs for the clock %d', (now) => {
    const parsed = parseInstanceAssertion(create(subject, { clock: () => now }));
    expect(parsed.issuedAtSeconds).toBe(Math.floor(now / 1000));
    verifyInstanceAssertion(parsed, { publicKey }, { clock: () => now });
  });

  it.each(['é漢字', '🤖', ' ', 'a"b\\c', '\n\u0000\u007f\u2028\ufeff', 'x', 'xy', 'xyz'])(
    'puts the instance id %j into the claim verbatim, and it verifies',
    (runtimeAgentInstanceId) => {
      const parsed = parseInstanceAssertion(create({ ...subject, runtimeAgentInstanceId }, effects));
      expect(parsed.runtimeAgentInstanceId).toBe(runtimeAgentInstanceId);
      verifyInstanceAssertion(parsed, { publicKey }, effects);
    },
  );

  it('creates an assertion of 8192 characters and refuses one of 8193', () => {
    const longest = { ...subject, runtimeAgentInstanceId: 'x'.repeat(5924) };
    expect(create(longest, effects)).toHaveLength(8192);
    const error = thrownBy(() => create({ ...subject, runtimeAgentInstanceId: 'x'.repeat(5925) }, effects));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toBe(
      'runtimeAgentInstanceId is too long: the assertion would be longer than 8192 characters',
    );
  });

  it.each(['', '\ud800', undefined, null, 7])('refuses the instance id %j with invalid_argument', (value) => {
    const error = thrownBy(() => create({ ...subject, runtimeAgentInstanceId: value as string }));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toMatch(/^runtimeAgentInstanceId: expected a non-empty Unicode string, got /);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 1e18, undefined, '0'])(
    'refuses a clock that returns %s with invalid_argument',
    (now) => {
      expect(thrownBy(() => create(subject, { clock: () => now as number })).code).toBe('invalid_argument');
    },
  );

  it.each(['', 'x', id.toUpperCase(), `{${id}}`, id.replace('-4', '-1'), `${id}\n`, undefined, 7])(
    'refuses a randomUuid that returns %j with invalid_argument',
    (value) => {
      const error = thrownBy(() => create(subject, { randomUuid: () => value as string }));
      expect(error.code).toBe('invalid_argument');
      expect(error.message).toMatch(/^randomUuid: expected a UUID v4 in lower case, got /);
    },
  );

  it.each<[string, unknown]>([
    ['too few bytes', new Uint8Array(63)],
    ['a promise of them', Promise.resolve(new Uint8Array(64))],
    ['nothing', undefined],
  ])('refuses a key whose sign() returns %s with invalid_argument', (_form, bytes) => {
    const agentKey = { sign: () => bytes as Uint8Array };
    expect(thrownBy(() => create({ ...subject, agentKey })).code).toBe('invalid_argument');
  });

  it.each([undefined, null, 'MC4CAQAwBQYDK2VwBCIEIA', {}])(
    'refuses the key %j with invalid_argument',
    (agentKey) => {
      const error = thrownBy(() => create({ ...subject, agentKey: agentKey as never }));
      expect(error.code).toBe('invalid_argument');
      expect(error.message).toMatch(/^agentKey: expected an AgentKey, got /);
      expect(error.message).not.toContain('MC4CAQAw');
    },
  );

  it('refuses an unknown effect and names the nearest one', () => {
    const error = thrownBy(() => create(subject, { randomUUID: () => id } as object));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toContain('did you mean "randomUuid"?');
  });
});

describe('an instance assertion signer', () => {
  it('signs a new assertion with a new id at each call, within one second too', () => {
    const signer = createInstanceAssertionSigner(subject, { clock: effects.clock });
    const all = Array.from({ length: 1000 }, () => signer.assertion());
    expect(new Set(all).size).toBe(1000);
    expect(new Set(all.map((one) => parseInstanceAssertion(one).id)).size).toBe(1000);
  });

  it('writes the Authorization header of the mode assertion_only', () => {
    expect(createInstanceAssertionSigner(subject, effects).authorizationHeader()).toBe(
      `AgentAssertion ${assertion}`,
    );
  });

  it('refuses an id that is too long at construction, before anything is signed', () => {
    const agentKey = {
      sign() {
        throw new Error('signed');
      },
    };
    const tooLong = { agentKey, runtimeAgentInstanceId: 'x'.repeat(5925) };
    expect(thrownBy(() => createInstanceAssertionSigner(tooLong)).code).toBe('invalid_argument');
  });

  it('refuses an assertion that only a clock of eleven digits makes too long', () => {
    const longest = { ...subject, runtimeAgentInstanceId: 'x'.repeat(5924) };
    const signer = createInstanceAssertionSigner(longest, { clock: () => 1e13 });
    expect(thrownBy(() => signer.assertion()).code).toBe('invalid_argument');
  });

  it('signs again after a failed signature', () => {
    let failing = true;
    const agentKey = {
      sign(message: Uint8Array) {
        if (failing) throw new Error('the key is not there');
        return fixedKey.sign(message);
      },
    };
    const signer = createInstanceAssertionSigner({ ...subject, agentKey }, effects);
    expect(() => signer.assertion()).toThrow('the key is not there');
    failing = false;
    expect(signer.assertion()).toBe(assertion);
  });

  it('does not show its key or an assertion', () => {
    const signer = createInstanceAssertionSigner(subject, effects);
    signer.assertion();
    expect(JSON.stringify(signer)).toBe('{}');
  });
});
