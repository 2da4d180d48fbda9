import {
  createAgentAssertion,
  generateAgentKey,
  parseAgentAssertion,
  verifyAgentAssertion,
} from 'agent-identity-core';
import { fixedAgent, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { fixedAssertion, fixedKey, subject } from '../support/fixed-agent.js';

const { assertionHeader, signedAt } = fixedAgent;

const { publicKey } = fixedKey;
const at = (milliseconds: number) => ({ clock: () => milliseconds });
const secondsLater = (seconds: number) => at(signedAt + seconds * 1000);

describe('verifyAgentAssertion', () => {
  it('accepts a genuine assertion within its window and returns nothing', () => {
    const assertion = parseAgentAssertion(assertionHeader);
    expect(verifyAgentAssertion(assertion, { publicKey }, at(signedAt))).toBeUndefined();
  });

  it('accepts the same assertion repeatedly, because real clients repeat it', () => {
    for (let second = 0; second <= 300; second += 50) {
      verifyAgentAssertion(fixedAssertion, { publicKey }, secondsLater(second));
    }
  });

  it('uses the system clock by default', () => {
    verifyAgentAssertion(createAgentAssertion(subject), { publicKey });
    expect(thrownBy(() => verifyAgentAssertion(fixedAssertion, { publicKey })).code).toBe(
      'assertion_expired',
    );
  });
});

describe('the window of an assertion', () => {
  it('is 300 seconds in both directions by default, bounds included', () => {
    for (const seconds of [300, 300.999, 0, -300]) {
      verifyAgentAssertion(fixedAssertion, { publicKey }, secondsLater(seconds));
    }
  });

  it.each([
    [301, 'assertion_expired', 'signed 301 s ago, limit 300 s'],
    [3600, 'assertion_expired', 'signed 3600 s ago, limit 300 s'],
    [-300.001, 'assertion_in_future', 'signed 301 s ahead, limit 300 s'],
    [-301, 'assertion_in_future', 'signed 301 s ahead, limit 300 s'],
    [-3600, 'assertion_in_future', 'signed 3600 s ahead, limit 300 s'],
  ])('is over at %d s with %s, the difference in the message', (seconds, code, message) => {
    const error = thrownBy(() => verifyAgentAssertion(fixedAssertion, { publicKey }, secondsLater(seconds)));
    expect(error.code).toBe(code);
    expect(error.message).toBe(
      `${message}; if it was just signed, the clocks of signer and verifier differ by that much`,
    );
  });

  it('is set by maxAgeSeconds for the past and leewaySeconds for the future', () => {
    const strict = { publicKey, maxAgeSeconds: 0, leewaySeconds: 0 };
    verifyAgentAssertion(fixedAssertion, strict, secondsLater(0.999));
    expect(thrownBy(() => verifyAgentAssertion(fixedAssertion, strict, secondsLater(1))).code).toBe(
      'assertion_expired',
    );
    expect(thrownBy(() => verifyAgentAssertion(fixedAssertion, strict, secondsLater(-0.001))).code).toBe(
      'assertion_in_future',
    );
    verifyAgentAssertion(fixedAssertion, { publicKey, maxAgeSeconds: 3600 }, secondsLater(3600));
    verifyAgentAssertion(fixedAssertion, { publicKey, leewaySeconds: 3600 }, secondsLater(-3600));
    const oneSided = { publicKey, maxAgeSeconds: 3600 };
    expect(thrownBy(() => verifyAgentAssertion(fixedAssertion, oneSided, secondsLater(-301))).code).toBe(
      'assertion_in_future',
    );
  });

  it('is the default if an option is undefined', () => {
    const options = { publicKey, maxAgeSeconds: undefined, leewaySeconds: undefined };
    verifyAgentAssertion(fixedAssertion, options, secondsLater(300));
    expect(thrownBy(() => verifyAgentAssertion(fixedAssertion, options, secondsLater(301))).code).toBe(
      'assertion_expired',
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('cannot be %d seconds: invalid_argument', (seconds) => {
    for (const name of ['maxAgeSeconds', 'leewaySeconds']) {
      const error = thrownBy(() =>
        verifyAgentAssertion(fixedAssertion, { publicKey, [name]: seconds }, at(signedAt)),
      );
      expect(error.code).toBe('invalid_argument');
      expect(error.message).toBe(`${name}: expected seconds, 0 or more, got ${seconds}`);
    }
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, undefined])(
    'is not open to a clock that says %s: invalid_argument',
    (now) => {
      const error = thrownBy(() => verifyAgentAssertion(fixedAssertion, { publicKey }, at(now as number)));
      expect(error.code).toBe('invalid_argument');
    },
  );
});

describe('verifyAgentAssertion refuses a signature with invalid_signature', () => {
  const refuse = (changes: object) => {
    const assertion = { ...fixedAssertion, ...changes };
    const error = thrownBy(() => verifyAgentAssertion(assertion, { publicKey }, at(signedAt)));
    expect(error.code).toBe('invalid_signature');
    expect(error.message).toBe(
      "the signature does not match the agent runtime's public key and the signed members",
    );
  };

  it('if it is for another runtime, task or second', () => {
    refuse({ agentRuntimeId: 'agent-124' });
    refuse({ taskId: 'task-124' });
    refuse({ timestamp: '2026-04-23T00:00:01Z' });
  });

  it('if the ids differ in case, Unicode form or white space', () => {
    refuse({ agentRuntimeId: 'Agent-123' });
    refuse({ taskId: 'task-123 ' });
    refuse({ taskId: 'task-１23' });
  });

  it('if it is from another key', () => {
    const other = generateAgentKey().publicKey;
    const error = thrownBy(() => verifyAgentAssertion(fixedAssertion, { publicKey: other }, at(signedAt)));
    expect(error.code).toBe('invalid_signature');
  });

  it('if it has another encoding or length or is not a string', () => {
    const { signature } = fixedAssertion;
    for (const other of [
      '',
      signature.slice(0, -2),
      `${signature} `,
      signature.replaceAll('+', '-').replaceAll('/', '_'),
      Buffer.from(signature, 'base64').toString('hex'),
      Buffer.from(signature, 'base64').subarray(1).toString('base64'),
      undefined,
      null,
      7,
      [signature],
      Buffer.from(signature, 'base64'),
    ]) {
      refuse({ signature: other });
    }
  });

  it('before it checks the age, so only a genuine assertion learns its age', () => {
    const forged = { ...fixedAssertion, taskId: 'other' };
    const error = thrownBy(() => verifyAgentAssertion(forged, { publicKey }, secondsLater(1e6)));
    expect(error.code).toBe('invalid_signature');
  });
});

describe('verifyAgentAssertion refuses members that parseAgentAssertion refuses, even if they are signed', () => {
  const signed = (agentRuntimeId: string, taskId: string, timestamp: string) => {
    const message = new TextEncoder().encode(`${agentRuntimeId}:${taskId}:${timestamp}`);
    const signature = Buffer.from(fixedKey.sign(message)).toString('base64');
    return { agentRuntimeId, taskId, timestamp, signature };
  };

  it.each(['2026-04-23T00:00:00.000Z', '2026-04-23T00:00:00z', '2026-02-30T00:00:00Z', ''])(
    'the timestamp %j',
    (timestamp) => {
      const assertion = signed('agent-123', 'task-123', timestamp);
      expect(thrownBy(() => verifyAgentAssertion(assertion, { publicKey }, at(signedAt))).code).toBe(
        'malformed_assertion',
      );
    },
  );

  it.each<[string, unknown]>([
    ['blank', ' '],
    ['a lone surrogate, which encodes like U+FFFD', '\ud800'],
    ['undefined', undefined],
    ['a number', 7],
  ])('an id that is %s', (_form, id) => {
    const { timestamp } = fixedAssertion;
    for (const assertion of [
      signed(id as string, 'task-123', timestamp),
      signed('agent-123', id as string, timestamp),
    ]) {
      expect(thrownBy(() => verifyAgentAssertion(assertion, { publicKey }, at(signedAt))).code).toBe(
        'malformed_assertion',
      );
    }
  });
});
